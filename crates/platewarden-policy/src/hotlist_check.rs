//! Hotlist matches under the same law as any other search.
//!
//! The hotlists of `platewarden-video` ask a `PolicyCheck` before a match may become a hit. [`HotlistCheck`] answers from the rule packs:
//! each entry is put as an automated match ([`AccessMode::HotlistMatch`]) by the list's user against the dataset that the
//! camera feeds, for the purpose that the entry's reason names. A reason that names no purpose of the closed list is
//! [`Purpose::Other`], which is never permitted, so that an entry without a lawful ground is silent.
//!
//! It stands behind the Cargo feature `hotlist-check`, which brings in that crate; the rest of this one does without it,
//! and it knows nothing of this one.

use jiff::Timestamp;
use platewarden_video::hotlist::{HotlistEntry, PolicyCheck, Verdict};

use crate::engine::Policy;
use crate::model::{AccessMode, Actor, Dataset, MatchList, Outcome, Purpose, SearchRequest};

/// Answers for hotlist entries from the rule packs.
///
/// ```
/// use platewarden_video::hotlist::{HotlistEntry, PolicyCheck, Verdict};
/// use platewarden_policy::{engine::Policy, hotlist_check::HotlistCheck, model::*, packs::Unverified};
///
/// let police = Agency::new("anytown-pd", AgencyKind::Local, State::Va);
/// let reads = Dataset::new("anytown", police.to_ref(), State::Va);
/// let check = HotlistCheck::new(
///     Policy::bundled(Unverified::Allow)?,
///     Actor::verified("alpr-system", police),
///     reads,
///     MatchList::LawEnforcement,
/// );
/// let now = parse_instant("2026-11-22")?;
/// let debt = HotlistEntry::new("AB12345", "repossession")?;
/// assert!(matches!(check.check(&debt, now), Verdict::Withhold { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct HotlistCheck {
    policy: Policy,
    actor: Actor,
    dataset: Dataset,
    list: MatchList,
}

impl HotlistCheck {
    /// A check of entries of `list` matched by `actor` against the reads of `dataset`.
    #[must_use]
    pub const fn new(policy: Policy, actor: Actor, dataset: Dataset, list: MatchList) -> Self {
        Self {
            policy,
            actor,
            dataset,
            list,
        }
    }

    /// The request that an entry is decided as.
    #[must_use]
    pub fn request(&self, entry: &HotlistEntry, at: Timestamp) -> SearchRequest {
        let mut request = SearchRequest::builder(self.actor.clone(), at)
            .plate(entry.plate())
            .mode(AccessMode::HotlistMatch)
            .match_list(self.list)
            .purpose(Purpose::from_word(entry.reason()))
            .reason(entry.reason())
            .dataset(self.dataset.clone());
        if let Some(number) = entry.case_number() {
            request = request.case(number);
        }
        request.build()
    }
}

impl PolicyCheck for HotlistCheck {
    fn check(&self, entry: &HotlistEntry, at: Timestamp) -> Verdict {
        let decision = self.policy.decide(&self.request(entry, at));
        match decision.outcome {
            Outcome::Permit => Verdict::Permit,
            Outcome::PermitWithObligations => Verdict::PermitWith {
                // The names that decisions have in JSON.
                obligations: decision
                    .obligations
                    .iter()
                    .map(|obligation| {
                        serde_json::to_string(obligation)
                            .unwrap_or_else(|_| format!("{obligation:?}"))
                    })
                    .collect(),
            },
            // Only one dataset was asked for, so that a partial permit cannot be.
            Outcome::Partial | Outcome::DenyCurable | Outcome::Deny => Verdict::Withhold {
                reason: decision.reasons.first().map_or_else(
                    || "no ground was found".to_owned(),
                    |reason| reason.rule_id().to_string(),
                ),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use platewarden_video::hotlist::{Hotlist, Tolerance};
    use platewarden_video::tracking::TrackRead;

    use super::*;
    use crate::model::{Agency, AgencyKind, State, parse_instant};
    use crate::packs::Unverified;

    fn check(state: State) -> HotlistCheck {
        let police = Agency::new("anytown-pd", AgencyKind::Local, state);
        let reads = Dataset::new("anytown", police.to_ref(), state);
        let policy = Policy::bundled(Unverified::Allow).unwrap();
        HotlistCheck::new(
            policy,
            Actor::verified("alpr-system", police),
            reads,
            MatchList::LawEnforcement,
        )
    }

    #[test]
    fn forbidden_purposes_never_produce_a_hit() {
        let now = parse_instant("2026-11-22").unwrap();
        let mut list = Hotlist::new("mixed");
        for (plate, reason) in [
            ("AB12345", "stolen vehicle"),
            ("CD12345", "immigration enforcement"),
            ("EF12345", "repossession"),
            ("GH12345", "because"),
        ] {
            let entry = HotlistEntry::new(plate, reason)
                .unwrap()
                .with_case_number("26-001234");
            list.add(entry);
        }
        for state in [State::Va, State::Il, State::Ca, State::Wa] {
            let check = check(state);
            let hits = |plate: &str| {
                let read = TrackRead::from_text(plate, 0.99);
                let checked = list.check(&read, now, &Tolerance::strict(), &check);
                assert_eq!(checked.hits.len() + checked.withheld.len(), 1, "{plate}");
                checked.hits.len()
            };
            let found = ["AB12345", "CD12345", "EF12345", "GH12345"].map(hits);
            assert_eq!(found, [1, 0, 0, 0], "{state:?}");
        }
    }
}
