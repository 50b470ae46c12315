//! How far the law of a place was read.

use super::{Pack, PackKind, PackSet, Side};
use crate::model::Jurisdiction;
use crate::model::token::token_enum;

token_enum! {
    /// How far the law of a jurisdiction on one side of a search was read for the packs in use.
    ///
    /// What nobody read is never reported as no law.
    pub enum LawState ("state of the law") {
        /// Every section that bears on searches of reads was read.
        Read = "read",
        /// Some sections were read, or summaries of them.
        ReadInPart = "read_in_part",
        /// Nobody has read it.
        NotRead = "not_read",
        /// It was looked for and not found; that is no proof of absence.
        NoneFound = "none_found",
    }
}

impl Pack {
    /// How far the law of its jurisdictions was read on that side; `Side::Any` gives the lesser of both.
    #[must_use]
    pub fn law_state(&self, side: Side) -> LawState {
        match side {
            Side::Holder => self.holder_law,
            Side::Actor => self.actor_law,
            Side::Any if self.holder_law == LawState::NotRead => LawState::NotRead,
            Side::Any => self.actor_law,
        }
    }
}

impl PackSet {
    /// How far the law of a place was read: that of the data, or that which binds its officers wherever they search.
    ///
    /// ```
    /// use platewarden_policy::model::State;
    /// use platewarden_policy::packs::{LawState, PackSet, Side, Unverified};
    /// let packs = PackSet::bundled(Unverified::Allow)?;
    /// assert_eq!(packs.law_state(State::Tx.into(), Side::Holder), LawState::NoneFound);
    /// assert_eq!(packs.law_state(State::Tx.into(), Side::Actor), LawState::NotRead);
    /// # Ok::<(), platewarden_policy::Error>(())
    /// ```
    #[must_use]
    pub fn law_state(&self, place: Jurisdiction, side: Side) -> LawState {
        let mut laws = self
            .covering(place)
            .filter(|pack| pack.kind() == PackKind::Law);
        laws.next()
            .map_or(LawState::NotRead, |pack| pack.law_state(side))
    }
}
