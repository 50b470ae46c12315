//! A compiled rule: dates are instants, texts are shared.

use std::sync::Arc;

use jiff::Timestamp;

use super::condition::Condition;
use super::format::Side;
use crate::model::{
    Authority, CertificationKind, Cure, Fact, HoldKind, HoldRef, Jurisdiction, Obligation,
    OperatorKind, ReadMeta, State,
};
use crate::predicates::Predicate;

/// From when (inclusive) to when (exclusive) something has effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InForce {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl InForce {
    pub(crate) fn contains(self, as_of: Timestamp) -> bool {
        self.from <= as_of && as_of < self.to
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// What a rule does when its conditions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleEffect {
    Deny,
    DenyUnless,
    Oblige,
    Permit,
}

/// Something that must be there.
#[derive(Debug)]
pub(crate) enum Need {
    /// A declaration, or a written certification attached to the request.
    Declaration {
        jurisdiction: Jurisdiction,
        code: Arc<str>,
        statute: Arc<str>,
        keys: Vec<String>,
    },
    Certification(CertificationKind),
    /// `state` courts; an empty list takes any court.
    Process {
        name: Arc<str>,
        warrant_only: bool,
        federal_court: bool,
        state_courts: Vec<State>,
        any_court: bool,
    },
    Suspicion {
        name: Arc<str>,
        level: u8,
    },
    Predicate(Predicate),
    Any(Vec<Need>),
}

/// A duty, or one whose details come from the request.
#[derive(Debug, Clone)]
pub(crate) enum Duty {
    Fixed(Obligation),
    AttachDeclaration,
    AttachProcess,
    RecordFederalNexus,
    SuppressSites,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: Arc<str>,
    pub(crate) side: Side,
    pub(crate) effect: RuleEffect,
    pub(crate) when: Condition,
    /// Its condition asks what the rules of law have said, all of them together.
    pub(crate) asks_the_law: bool,
    pub(crate) needs: Vec<Need>,
    pub(crate) cures: Vec<Cure>,
    pub(crate) duties: Vec<Duty>,
    pub(crate) waivable: bool,
    pub(crate) message: Arc<str>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) in_force: InForce,
    pub(crate) line: usize,
}

/// A limit on how long reads may be kept.
///
/// It binds the owner (a duty to delete) and the searcher (a read past it is never returned).
#[derive(Debug)]
pub struct RetentionClause {
    pub(crate) id: Arc<str>,
    pub(crate) cap: Option<super::Length>,
    pub(crate) operator: Option<OperatorKind>,
    pub(crate) owner: Vec<String>,
    pub(crate) matched_exempt: bool,
    pub(crate) holds: Vec<HoldKind>,
    pub(crate) sworn_preservation_max: Option<super::Length>,
    pub(crate) message: Arc<str>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) in_force: InForce,
    pub(crate) line: usize,
}

impl RetentionClause {
    /// The clause's id, such as `va-retention`.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// How long unmatched reads may be kept; `None` where the law sets no number.
    #[must_use]
    pub const fn cap(&self) -> Option<super::Length> {
        self.cap
    }

    /// Whether a matched read is outside the clause.
    #[must_use]
    pub const fn matched_exempt(&self) -> bool {
        self.matched_exempt
    }

    /// The holds that the law honours past the cap.
    #[must_use]
    pub fn holds(&self) -> &[HoldKind] {
        &self.holds
    }

    /// How long a sworn preservation request keeps a read, counted from the request.
    #[must_use]
    pub const fn sworn_preservation_max(&self) -> Option<super::Length> {
        self.sworn_preservation_max
    }

    /// What stands behind the clause.
    #[must_use]
    pub const fn authority(&self) -> &Arc<Authority> {
        &self.authority
    }

    /// What the clause says, for people.
    #[must_use]
    pub const fn message(&self) -> &Arc<str> {
        &self.message
    }

    /// Whether the clause has effect at `as_of`.
    #[must_use]
    pub fn in_force(&self, as_of: Timestamp) -> bool {
        self.in_force.contains(as_of)
    }
}

/// What a retention clause says of one read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadLimit {
    /// The clause sets no limit for this read.
    Unlimited,
    /// A hold that the clause honours keeps the read.
    Held,
    /// The read must be gone after this instant.
    DeleteBy(Timestamp),
    /// The clause sets a limit, but nobody knows when the read was captured.
    CaptureUnknown,
}

impl RetentionClause {
    /// What the clause says of one read at `as_of`.
    #[must_use]
    pub fn limit(&self, read: &ReadMeta, as_of: Timestamp) -> ReadLimit {
        self.cap.map_or(ReadLimit::Unlimited, |cap| {
            self.limit_under(cap, read, as_of)
        })
    }

    /// The same with another cap, such as the owner's own.
    #[must_use]
    pub fn limit_under(&self, cap: super::Length, read: &ReadMeta, as_of: Timestamp) -> ReadLimit {
        if self.matched_exempt && read.is_match() {
            return ReadLimit::Unlimited;
        }
        let captured = read.captured_at(as_of);
        if read
            .hold
            .as_ref()
            .is_some_and(|hold| self.honours(hold, captured, as_of))
        {
            return ReadLimit::Held;
        }
        match captured {
            Fact::Known(at) => ReadLimit::DeleteBy(cap.after(at)),
            Fact::Unknown => ReadLimit::CaptureUnknown,
        }
    }

    fn honours(&self, hold: &HoldRef, captured: Fact<Timestamp>, as_of: Timestamp) -> bool {
        if !self.holds.contains(&hold.kind) || hold.until.is_some_and(|end| end < as_of) {
            return false;
        }
        match (hold.kind, self.sworn_preservation_max) {
            (HoldKind::SwornPreservation, Some(max)) => {
                // A request cannot be older than the read, so the capture bounds it from below.
                let from = hold.requested_at.or(captured.into());
                from.is_some_and(|from| as_of <= max.after(from))
            }
            _ => true,
        }
    }
}
