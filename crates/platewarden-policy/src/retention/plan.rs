//! The limits on one dataset, and what they say of one read.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{Authority, Dataset, Fact, HoldKind, HoldRef, Jurisdiction, ReadMeta};
use crate::packs::{Length, PackSet, ReadLimit, RetentionClause};

/// The engine pack's clause that stands for the owner's own caps.
const OWNER_CAP: &str = "engine-owner-cap";

/// How a read stands on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// Its time is not up, or no limit applies.
    Keep,
    /// Its time would be up; a hold that the law honours keeps it.
    Held {
        /// The hold.
        hold: HoldRef,
    },
    /// Its time is up: it must go, and must not be returned.
    Due,
    /// A fact is missing or duties collide, so nobody may delete it unseen; until a person has settled it, it must not
    /// be returned either.
    Unsettled {
        /// What has to be settled.
        why: String,
    },
}

/// What retention law says of one read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// How the read stands.
    pub standing: Standing,
    /// Instant after which it must be gone; `None` where no limit applies, or a hold without an end keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_by: Option<Timestamp>,
    /// Rule that sets that instant, or that the hold suspends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<str>>,
    /// What stands behind that rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<Arc<Authority>>,
    /// What it says, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Arc<str>>,
}

impl Retention {
    /// Whether a permitted search may return the read.
    #[must_use]
    pub fn may_be_returned(&self) -> bool {
        matches!(self.standing, Standing::Keep | Standing::Held { .. })
    }

    /// Whether the read must be deleted.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.standing == Standing::Due
    }

    fn under(clause: &RetentionClause, standing: Standing, delete_by: Option<Timestamp>) -> Self {
        Self {
            standing,
            delete_by,
            rule: Some(Arc::clone(clause.id())),
            authority: Some(Arc::clone(clause.authority())),
            message: Some(Arc::clone(clause.message())),
        }
    }

    fn unsettled(why: impl Into<String>) -> Self {
        let standing = Standing::Unsettled { why: why.into() };
        Self {
            standing,
            delete_by: None,
            rule: None,
            authority: None,
            message: None,
        }
    }
}

/// The limits on one dataset at one instant, ready to be asked about any number of reads.
///
/// ```
/// use platewarden_policy::model::{AgencyKind, AgencyRef, Dataset, ReadMeta, State, parse_instant};
/// use platewarden_policy::packs::{PackSet, Unverified};
/// use platewarden_policy::retention::RetentionPlan;
/// let packs = PackSet::bundled(Unverified::Allow)?;
/// let owner = AgencyRef::new("richmond-pd", AgencyKind::Local, State::Va);
/// let plan = RetentionPlan::new(&packs, &Dataset::new("richmond", owner, State::Va), parse_instant("2026-11-22")?);
///
/// // Va. Code 2.2-5517: 21 days.
/// assert!(plan.of(&ReadMeta::aged(20)).may_be_returned());
/// assert!(plan.of(&ReadMeta::aged(22)).is_due());
/// # Ok::<(), platewarden_policy::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RetentionPlan<'p> {
    /// In order of rank: law first, then the owner's own caps.
    limits: Vec<(&'p RetentionClause, Length)>,
    place: Fact<Jurisdiction>,
    as_of: Timestamp,
}

impl<'p> RetentionPlan<'p> {
    /// Collects the limits on a dataset that are in force at `as_of`.
    #[must_use]
    pub fn new(packs: &'p PackSet, dataset: &Dataset, as_of: Timestamp) -> Self {
        let mut limits = Vec::new();
        if let Fact::Known(place) = dataset.captured_in {
            let operator = dataset.operator.known().copied();
            let clauses = packs.retention(place, operator, dataset.owner.id.as_str(), as_of);
            // A clause without a number only says that the law has none.
            limits.extend(clauses.filter_map(|(_, clause)| Some((clause, clause.cap()?))));
        }
        let own = [dataset.unmatched_cap_days, dataset.local_cap_days]
            .into_iter()
            .flatten()
            .min();
        if let (Some(days), Some((_, clause))) = (own, packs.engine_clause(OWNER_CAP)) {
            limits.push((clause, Length::days(days)));
        }
        Self {
            limits,
            place: dataset.captured_in,
            as_of,
        }
    }

    /// The limits with their caps: law first, then the owner's own.
    pub fn limits(&self) -> impl Iterator<Item = (&'p RetentionClause, Length)> {
        self.limits.iter().copied()
    }

    /// The instant at which the plan looks at reads.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// What the limits say of one read.
    #[must_use]
    pub fn of(&self, read: &ReadMeta) -> Retention {
        if self.place.is_unknown() {
            return Retention::unsettled(
                "where the read was captured is unknown, so the law that limits it is too: state `captured_in`",
            );
        }
        let mut earliest: Option<(Timestamp, &RetentionClause)> = None;
        let mut held: Option<(&HoldRef, &RetentionClause, Option<Timestamp>)> = None;
        for (clause, cap) in self.limits() {
            match (clause.limit_under(cap, read, self.as_of), &read.hold) {
                (ReadLimit::Unlimited, _) | (ReadLimit::Held, None) => {}
                (ReadLimit::CaptureUnknown, _) => {
                    return Retention::unsettled(
                        "when the read was captured is unknown, so its age is too: state `captured_at`",
                    );
                }
                (ReadLimit::Held, Some(hold)) => {
                    let end = end_of_hold(clause, cap, hold, read, self.as_of);
                    if held.is_none_or(|(_, _, other)| earlier(end, other)) {
                        held = Some((hold, clause, end));
                    }
                }
                // On a tie the first stands: limits are in order of rank.
                (ReadLimit::DeleteBy(at), _) if earliest.is_none_or(|(other, _)| at < other) => {
                    earliest = Some((at, clause));
                }
                (ReadLimit::DeleteBy(_), _) => {}
            }
        }
        match (earliest, held) {
            (Some((at, clause)), _) if at < self.as_of => {
                match forbidding_order(read, self.as_of) {
                    // A statute commands a purge in general; the order was made for this read. A person has to bring the
                    // two together before anything that cannot be undone.
                    Some(order) => {
                        let why = format!(
                            "{} asks for deletion, the court order `{}` forbids it: ask counsel",
                            clause.id(),
                            order.id
                        );
                        Retention::under(clause, Standing::Unsettled { why }, Some(at))
                    }
                    None => Retention::under(clause, Standing::Due, Some(at)),
                }
            }
            (Some((at, clause)), None) => Retention::under(clause, Standing::Keep, Some(at)),
            (Some((at, other)), Some((hold, clause, end))) => {
                let by = if earlier(end, Some(at)) {
                    (clause, end)
                } else {
                    (other, Some(at))
                };
                Retention::under(by.0, self.standing(hold, read), by.1)
            }
            (None, Some((hold, clause, end))) => {
                Retention::under(clause, self.standing(hold, read), end)
            }
            (None, None) => Retention {
                standing: Standing::Keep,
                delete_by: None,
                rule: None,
                authority: None,
                message: None,
            },
        }
    }

    /// A hold that no limit needs yet keeps nothing.
    fn standing(&self, hold: &HoldRef, read: &ReadMeta) -> Standing {
        let bare = ReadMeta {
            hold: None,
            ..read.clone()
        };
        let past = |(clause, cap): (&RetentionClause, Length)| match clause
            .limit_under(cap, &bare, self.as_of)
        {
            ReadLimit::DeleteBy(at) => at < self.as_of,
            ReadLimit::CaptureUnknown => true,
            ReadLimit::Unlimited | ReadLimit::Held => false,
        };
        if self.limits().any(past) {
            Standing::Held { hold: hold.clone() }
        } else {
            Standing::Keep
        }
    }
}

/// When a read of a dataset must be deleted, by which rule, and what keeps it. For many reads of one dataset,
/// [`RetentionPlan`] finds the rules once.
///
/// ```
/// use platewarden_policy::model::{AgencyKind, AgencyRef, Dataset, ReadMeta, State, parse_instant};
/// use platewarden_policy::packs::{PackSet, Unverified};
/// use platewarden_policy::retention::retention;
/// let packs = PackSet::bundled(Unverified::Allow)?;
/// let owner = AgencyRef::new("richmond-pd", AgencyKind::Local, State::Va);
/// let dataset = Dataset::new("richmond", owner, State::Va);
/// let read = ReadMeta::captured(parse_instant("2026-11-01")?);
/// let answer = retention(&packs, &read, &dataset, parse_instant("2026-11-10")?);
/// assert_eq!(answer.delete_by, Some(parse_instant("2026-11-22")?));
/// # Ok::<(), platewarden_policy::Error>(())
/// ```
#[must_use]
pub fn retention(
    packs: &PackSet,
    read: &ReadMeta,
    dataset: &Dataset,
    as_of: Timestamp,
) -> Retention {
    RetentionPlan::new(packs, dataset, as_of).of(read)
}

/// When a hold ends for a clause; `None` for never. Never before the clause's own date.
fn end_of_hold(
    clause: &RetentionClause,
    cap: Length,
    hold: &HoldRef,
    read: &ReadMeta,
    as_of: Timestamp,
) -> Option<Timestamp> {
    let captured: Option<Timestamp> = read.captured_at(as_of).into();
    let longest = match (hold.kind, clause.sworn_preservation_max()) {
        (HoldKind::SwornPreservation, Some(max)) => {
            hold.requested_at.or(captured).map(|from| max.after(from))
        }
        _ => None,
    };
    let end = [hold.until, longest].into_iter().flatten().min()?;
    Some(captured.map_or(end, |captured| end.max(cap.after(captured))))
}

/// Whether one end comes before another; no end comes last.
fn earlier(end: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    end.is_some_and(|end| other.is_none_or(|other| end < other))
}

/// An order of a court that is still in force and that some limit does not honour.
fn forbidding_order(read: &ReadMeta, as_of: Timestamp) -> Option<&HoldRef> {
    read.hold.as_ref().filter(|hold| {
        hold.kind == HoldKind::CourtOrder && hold.until.is_none_or(|end| end >= as_of)
    })
}
