//! Reads past their cap are never returned.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{Cure, Effect, FactRef, Obligation, Reason, RetentionFault};
use crate::packs::{Length, Pack, PackSet, ReadLimit, RetentionClause};

use super::collect::Collector;
use super::context::Context;
use super::truth::Fields;
use super::unknowns::RequestField;

/// The engine pack's clause that stands for the owner's own caps.
const OWNER_CAP: &str = "engine-owner-cap";

/// Applies every clause in force, and the owner's own caps, to the reads or the window asked for.
pub(super) fn apply(packs: &PackSet, c: &Context<'_>, out: &mut Collector) {
    let as_of = c.request.as_of;
    if let Some(place) = c.data.captured_in.known() {
        for (pack, clause) in packs.retention(*place, c.operator, c.data.owner.id.as_str(), as_of) {
            one(pack, clause, clause.cap(), c, out);
        }
    }
    let own = [c.data.unmatched_cap_days, c.data.local_cap_days]
        .into_iter()
        .flatten()
        .min();
    if let Some(days) = own
        && let Some((pack, clause)) = packs.engine_clause(OWNER_CAP)
    {
        one(pack, clause, Some(Length::days(days)), c, out);
    }
}

fn one(
    pack: &Pack,
    clause: &RetentionClause,
    cap: Option<Length>,
    c: &Context<'_>,
    out: &mut Collector,
) {
    let Some(cap) = cap else { return };
    let as_of = c.request.as_of;
    let reason = |effect, facts| Reason {
        rule: Arc::clone(clause.id()),
        pack: Arc::clone(pack.arc_id()),
        effect,
        authority: Arc::clone(clause.authority()),
        message: Arc::clone(clause.message()),
        facts,
    };
    if c.data.reads.is_empty() {
        if c.unknowns.contains(RequestField::Reads) {
            let facts = vec![FactRef::new("retention.cap", cap.to_string())];
            out.leave_open(
                reason(Effect::Deny, facts),
                Vec::new(),
                &Fields::one(RequestField::Reads.as_str()),
            );
        }
        window(cap, c, out, reason);
        return;
    }
    let Counted {
        gone,
        unknown,
        held,
    } = count(clause, cap, c, out);
    if held {
        out.note(reason(
            Effect::Oblige,
            vec![FactRef::new("datasets.reads.hold", "honoured")],
        ));
    }
    if gone == c.data.reads.len() {
        let facts = vec![
            FactRef::new("datasets.reads", "past the cap"),
            FactRef::new("retention.cap", cap.to_string()),
        ];
        out.deny(reason(Effect::Deny, facts), &[]);
    } else if unknown > 0 {
        let facts = vec![FactRef::new("datasets.reads.captured_at", "unknown")];
        let cure = Cure::StateFact {
            field: Arc::from("datasets.reads.captured_at"),
        };
        let reason = reason(Effect::DenyCurable, facts);
        if c.partial {
            out.leave_open(
                reason,
                Vec::new(),
                &Fields::one("datasets.reads.captured_at"),
            );
        } else {
            out.deny(reason, &[cure]);
        }
    } else if gone > 0 {
        out.oblige(Obligation::ClipWindow {
            from: cap.before(as_of),
        });
        out.note(reason(
            Effect::Oblige,
            vec![FactRef::new("datasets.reads", "some are past the cap")],
        ));
    }
}

/// How the reads in question stand to a limit.
#[derive(Default)]
struct Counted {
    gone: usize,
    unknown: usize,
    held: bool,
}

/// Counts the reads by how they stand to a limit; those past it are faults, those held bring their duty.
#[allow(
    clippy::expect_used,
    reason = "a fault that points at another read would be false evidence"
)]
fn count(clause: &RetentionClause, cap: Length, c: &Context<'_>, out: &mut Collector) -> Counted {
    let as_of = c.request.as_of;
    let mut counted = Counted::default();
    for (index, read) in c.data.reads.iter().enumerate() {
        match clause.limit_under(cap, read, as_of) {
            ReadLimit::Unlimited => {}
            ReadLimit::Held => {
                let id = read.hold.as_ref().map(|hold| hold.id.0.clone());
                out.oblige(Obligation::AttachPreservation {
                    id: id.unwrap_or_default(),
                });
                counted.held = true;
            }
            ReadLimit::CaptureUnknown => counted.unknown += 1,
            ReadLimit::DeleteBy(at) if at < as_of => {
                counted.gone += 1;
                out.faults.push(RetentionFault {
                    read: u32::try_from(index)
                        .expect("a request does not hold four thousand million reads"),
                    delete_by: at,
                    rule: Arc::clone(clause.id()),
                });
            }
            ReadLimit::DeleteBy(_) => {}
        }
    }
    counted
}

/// Where only a window is known, it is clipped to what may still exist.
fn window(
    cap: Length,
    c: &Context<'_>,
    out: &mut Collector,
    reason: impl Fn(Effect, Vec<FactRef>) -> Reason,
) {
    if !c.request.mode.is_historical() {
        return;
    }
    let horizon: Timestamp = cap.before(c.request.as_of);
    let facts = |value: &'static str| {
        vec![
            FactRef::new("window", value),
            FactRef::new("retention.cap", cap.to_string()),
        ]
    };
    match c.request.window {
        Some(window) if window.start >= horizon => {}
        Some(window) if window.end <= horizon => {
            out.deny(reason(Effect::Deny, facts("past the cap")), &[])
        }
        Some(_) => {
            out.oblige(Obligation::ClipWindow { from: horizon });
            out.note(reason(Effect::Oblige, facts("reaches past the cap")));
        }
        None => {
            out.oblige(Obligation::ClipWindow { from: horizon });
            out.note(reason(Effect::Oblige, facts("unknown")));
        }
    }
}
