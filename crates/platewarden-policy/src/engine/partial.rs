//! Decisions on requests of which parts are unknown: what holds whatever those parts are, and what hangs on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Policy;
use super::unknowns::Unknowns;
use crate::classifier::{Classification, classify};
use crate::model::{
    Cure, DatasetId, Effect, Obligation, Outcome, PackVersion, PurposeKind, Reason, SearchRequest,
};

/// A rule that denies for some values of the unknown parts, and not for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residual {
    /// The reason as it would stand in the decision; its effect is that of the denial.
    pub reason: Reason,
    /// What would settle it in the searcher's favour, as far as the rule says.
    pub cures: Vec<Cure>,
    /// The facts on which it hangs, in the request's own words, such as `case_ref`.
    pub depends_on: Vec<&'static str>,
}

/// What can be said of one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialDataset {
    /// The dataset.
    pub dataset: DatasetId,
    /// Denials that hold whatever the unknown parts are; the gravest first. The engine's default for sensitive purposes is one
    /// of them also where a law in [`residual`](Self::residual) may yet deny for good and take its place.
    pub denials: Vec<Reason>,
    /// Denials that hang on unknown parts; in the order of their rules.
    pub residual: Vec<Residual>,
    /// Grounds and duties that hold whatever the unknown parts are.
    pub notes: Vec<Reason>,
    /// Duties of a search that is permitted after all.
    pub obligations: Vec<Obligation>,
}

impl PartialDataset {
    /// The outcome, where it is the same whatever the unknown parts are.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let for_good = |reason: &Reason| reason.effect == Effect::Deny;
        if self.denials.iter().any(for_good) {
            return Some(Outcome::Deny);
        }
        if !self.denials.is_empty() {
            let open = self.residual.iter().any(|rule| for_good(&rule.reason));
            return (!open).then_some(Outcome::DenyCurable);
        }
        self.residual
            .is_empty()
            .then_some(if self.obligations.is_empty() {
                Outcome::Permit
            } else {
                Outcome::PermitWithObligations
            })
    }

    /// Whether the search is denied whatever the unknown parts are, for good or curably.
    #[must_use]
    pub fn denied(&self) -> bool {
        !self.denials.is_empty()
    }

    /// For each unknown fact, the rules whose say hangs on it.
    #[must_use]
    pub fn by_fact(&self) -> BTreeMap<&'static str, Vec<&Reason>> {
        let mut facts: BTreeMap<&'static str, Vec<&Reason>> = BTreeMap::new();
        for rule in &self.residual {
            for field in &rule.depends_on {
                facts.entry(field).or_default().push(&rule.reason);
            }
        }
        facts
    }
}

/// What can be said of a request of which parts are unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialDecision {
    /// The strictest purpose that the request itself gives.
    pub effective_purpose: Option<PurposeKind>,
    /// One entry for each dataset, in the order of the request.
    pub per_dataset: Vec<PartialDataset>,
    /// The packs that were asked.
    pub packs: Vec<Arc<PackVersion>>,
}

impl Policy {
    /// Decides as far as a request with unknown parts can be decided.
    ///
    /// Nothing is filled in: a rule that holds whatever the unknown parts are denies; one that hangs on them is
    /// reported with what it hangs on. The same evaluator as in [`Policy::decide`] is asked once.
    ///
    /// ```
    /// use platewarden_policy::engine::{Policy, RequestField, Unknowns};
    /// use platewarden_policy::model::*;
    /// use platewarden_policy::packs::Unverified;
    ///
    /// let policy = Policy::bundled(Unverified::Allow)?;
    /// let police = Agency::new("houston-pd", AgencyKind::Local, State::Tx);
    /// let owner = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    /// let reads = Dataset::new("springfield", owner.to_ref(), State::Il).with_share(ShareGrant::Network);
    /// let request = SearchRequest::builder(Actor::verified("officer-7", police), parse_instant("2026-11-22")?)
    ///     .plate("AB12345")
    ///     .purpose(Purpose::ViolentCrime)
    ///     .case("26-001234")
    ///     .dataset(reads)
    ///     .build();
    /// // Nobody knows which declarations the agency has signed: whether Illinois lets it in hangs on that alone.
    /// let unknowns = Unknowns::of([RequestField::Declarations]);
    /// let partial = policy.decide_partial(&request, &unknowns);
    /// let data = &partial.per_dataset[0];
    /// assert_eq!(data.outcome(), None);
    /// assert!(data.denials.is_empty());
    /// assert_eq!(data.by_fact().keys().copied().collect::<Vec<_>>(), ["actor.agency.declarations"]);
    /// assert_eq!(data.residual[0].reason.authority.citation, "625 ILCS 5/2-130(c)");
    /// # Ok::<(), platewarden_policy::Error>(())
    /// ```
    #[must_use]
    pub fn decide_partial(&self, request: &SearchRequest, unknowns: &Unknowns) -> PartialDecision {
        self.decide_partial_with(request, unknowns, classify)
    }

    /// The same with another classifier, such as one that remembers texts it has seen.
    #[must_use]
    pub fn decide_partial_with(
        &self,
        request: &SearchRequest,
        unknowns: &Unknowns,
        classify: impl FnMut(&str) -> Classification,
    ) -> PartialDecision {
        let (signals, purposes) = super::signals::read(request, classify);
        let question = super::context::Question {
            request,
            signals: &signals,
            purposes,
            unknowns,
            partial: true,
        };
        let mut packs = Vec::with_capacity(8);
        let mut per_dataset = Vec::with_capacity(request.datasets.len());
        for data in &request.datasets {
            let found = self.ask(question, data, &mut packs);
            per_dataset.push(found.into_partial(data.id.clone()));
        }
        packs.sort_unstable();
        packs.dedup();
        PartialDecision {
            effective_purpose: purposes.strictest(),
            per_dataset,
            packs,
        }
    }
}
