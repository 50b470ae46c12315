//! The purposes of a request, all of them at once.

use enumset::EnumSet;

use crate::model::PurposeKind;

/// Every purpose that the declaration, the menu and the text give; rules on any of them apply.
///
/// Working on the whole set is what makes the classifier unable to widen: a purpose can only be
/// added, and each one brings its own denials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purposes {
    pub(crate) all: EnumSet<PurposeKind>,
    /// Those that somebody chose: declared, from the menu, or inherited from a hotlist entry.
    pub(crate) chosen: EnumSet<PurposeKind>,
}

/// The purposes of which one request is called by the first, from strict to mild; then the others.
const STRICTNESS: [PurposeKind; 8] = [
    PurposeKind::CivilImmigration,
    PurposeKind::LawfulHealthCare,
    PurposeKind::ProtectedActivity,
    PurposeKind::Personal,
    PurposeKind::CivilProcess,
    PurposeKind::CriminalImmigration,
    PurposeKind::Other,
    PurposeKind::AuditOrTraining,
];

impl Purposes {
    /// The strictest of them.
    pub(crate) fn strictest(self) -> Option<PurposeKind> {
        let strict = STRICTNESS.into_iter().find(|kind| self.all.contains(*kind));
        strict.or_else(|| self.all.iter().next())
    }
}
