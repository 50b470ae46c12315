//! Whether an entry may produce a hit.

use jiff::Timestamp;

use super::entry::HotlistEntry;

/// What the law and the agency's rules say of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// A hit may be told.
    Permit,
    /// A hit may be told with these duties, which stand in it.
    PermitWith {
        /// The duties, in words.
        obligations: Vec<String>,
    },
    /// No hit may be told.
    Withhold {
        /// Why, such as the rule's name.
        reason: String,
    },
}

/// Says of an entry whether it may produce a hit where the plate was read.
///
/// It is asked before anything of a match leaves the list. The crate `platewarden-policy` implements it with its rule
/// packs; an implementation that cannot decide withholds.
///
/// ```
/// use jiff::Timestamp;
/// use platewarden_video::hotlist::{HotlistEntry, PolicyCheck, Verdict};
///
/// /// Virginia's closed list of hotlist notifications (Code 2.2-5517) knows no civil debts.
/// struct NoCivilDebts;
/// impl PolicyCheck for NoCivilDebts {
///     fn check(&self, entry: &HotlistEntry, _at: Timestamp) -> Verdict {
///         if entry.reason().contains("repossession") {
///             Verdict::Withhold { reason: "not on the list of permitted notifications".to_owned() }
///         } else {
///             Verdict::Permit
///         }
///     }
/// }
/// ```
pub trait PolicyCheck: Send + Sync {
    /// The verdict on an entry at a time.
    fn check(&self, entry: &HotlistEntry, at: Timestamp) -> Verdict;
}

impl<P: PolicyCheck + ?Sized> PolicyCheck for &P {
    fn check(&self, entry: &HotlistEntry, at: Timestamp) -> Verdict {
        (**self).check(entry, at)
    }
}

/// Permits everything: for lists whose use somebody has cleared by other means.
#[derive(Clone, Copy, Debug, Default)]
pub struct PermitAll;

impl PolicyCheck for PermitAll {
    fn check(&self, _entry: &HotlistEntry, _at: Timestamp) -> Verdict {
        Verdict::Permit
    }
}
