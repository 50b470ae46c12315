//! How far the law of a place was read.

use super::law_state::LawState;
use super::{Pack, PackKind, PackSet, Side};
use crate::model::Jurisdiction;

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
