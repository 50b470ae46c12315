//! From a request to a decision.
//!
//! For each dataset the law of the data, the law of the officer, the owner's policy, the overlays
//! and the engine's own rules are all asked. Any denial denies; what is unknown denies, curably;
//! an overlay, a menu value or a reason text can only add denials and duties. Evaluation cannot
//! fail: a problem is a denial.
//!
//! ```
//! use platewarden_policy::engine::Policy;
//! use platewarden_policy::model::*;
//! use platewarden_policy::packs::Unverified;
//!
//! let policy = Policy::bundled(Unverified::Allow)?;
//! let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
//! let reads = Dataset::new("springfield", police.to_ref(), State::Il);
//! let search = |reason: &str| {
//!     SearchRequest::builder(Actor::verified("officer-7", police.clone()), parse_instant("2026-11-22").unwrap())
//!         .plate("AB12345")
//!         .purpose(Purpose::StolenVehicleOrPlate)
//!         .reason(reason)
//!         .case("26-001234")
//!         .dataset(reads.clone())
//!         .build()
//! };
//! assert_eq!(policy.decide(&search("stolen Kia")).outcome, Outcome::Permit);
//! # Ok::<(), platewarden_policy::Error>(())
//! ```

mod collect;
mod condition;
mod context;
mod duty;
mod evaluate;
mod need;
mod partial;
mod predicate;
mod purposes;
mod relation;
mod retention;
mod signals;
mod truth;
mod unknowns;
mod verdict;

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::classifier::{Classification, classify};
use crate::error::Error;
use crate::model::{Dataset, DatasetDecision, Decision, Outcome, PackVersion, SearchRequest};
use crate::packs::{PackSet, Unverified};

use collect::Collector;
use context::{Context, Question};

pub use partial::{PartialDataset, PartialDecision, Residual};
pub use unknowns::{RequestField, Unknowns};

/// Decides searches under a set of packs.
///
/// Cheap to clone and safe to share between threads.
#[derive(Debug, Clone)]
pub struct Policy {
    packs: Arc<PackSet>,
}

impl Policy {
    /// A policy over these packs.
    #[must_use]
    pub fn new(packs: PackSet) -> Self {
        Self {
            packs: Arc::new(packs),
        }
    }

    /// A policy over the bundled packs.
    ///
    /// # Errors
    ///
    /// As [`PackSet::bundled`]: none of them is verified, so `Unverified::Refuse` fails.
    pub fn bundled(unverified: Unverified) -> Result<Self, Error> {
        PackSet::bundled(unverified).map(Self::new)
    }

    /// The packs.
    #[must_use]
    pub fn packs(&self) -> &PackSet {
        &self.packs
    }

    /// Decides a request under the law of its `as_of`.
    #[must_use]
    pub fn decide(&self, request: &SearchRequest) -> Decision {
        self.decide_with(request, classify)
    }

    /// Decides a request with another classifier, such as one that remembers texts it has seen.
    ///
    /// The classifier is called for each text of the request: the menu value, the reason, and a free-form prompt.
    #[must_use]
    pub fn decide_with(
        &self,
        request: &SearchRequest,
        classify: impl FnMut(&str) -> Classification,
    ) -> Decision {
        let (signals, purposes) = signals::read(request, classify);
        let question = Question {
            request,
            signals: &signals,
            purposes,
            unknowns: &Unknowns::default(),
            partial: false,
        };
        let mut packs: Vec<Arc<PackVersion>> = Vec::with_capacity(8);
        let mut per_dataset = Vec::with_capacity(request.datasets.len());
        for data in &request.datasets {
            let found = self.ask(question, data, &mut packs);
            per_dataset.push(found.finish(data.id.clone()));
        }
        packs.sort_unstable();
        packs.dedup();
        let mut decision = Decision {
            request: request.id.clone(),
            outcome: Outcome::Deny,
            effective_purpose: purposes.strictest(),
            per_dataset,
            reasons: Vec::new(),
            cures: Vec::new(),
            obligations: Vec::new(),
            packs,
            as_of: request.as_of,
            input_sha256: input_sha256(request),
        };
        if request.datasets.is_empty() {
            // Judged against an empty dataset, so that the reasons say what is missing.
            let data = Dataset::default();
            let found = self.ask(question, &data, &mut decision.packs);
            let nothing = found.finish(data.id.clone());
            (decision.reasons, decision.cures) = (nothing.reasons, nothing.cures);
            decision.outcome = nothing.outcome;
        } else {
            decision.outcome = overall(&decision.per_dataset);
            collect::merge(&mut decision);
        }
        decision
    }

    fn ask(
        &self,
        question: Question<'_>,
        data: &Dataset,
        packs: &mut Vec<Arc<PackVersion>>,
    ) -> Collector {
        let mut context = Context::new(&self.packs, question, data);
        evaluate::dataset(&self.packs, &mut context, packs)
    }
}

/// What the outcomes of all datasets come to.
fn overall(per_dataset: &[DatasetDecision]) -> Outcome {
    let count = |wanted: Outcome| per_dataset.iter().filter(|d| d.outcome == wanted).count();
    let permitted = count(Outcome::Permit) + count(Outcome::PermitWithObligations);
    if permitted == per_dataset.len() {
        if count(Outcome::PermitWithObligations) > 0 {
            Outcome::PermitWithObligations
        } else {
            Outcome::Permit
        }
    } else if permitted > 0 {
        Outcome::Partial
    } else if count(Outcome::DenyCurable) > 0 {
        Outcome::DenyCurable
    } else {
        Outcome::Deny
    }
}

/// SHA-256 of the request's canonical JSON: keys in the order of the types, defaults left out.
#[must_use]
#[allow(
    clippy::expect_used,
    reason = "a digest of nothing would be evidence of another request"
)]
pub fn input_sha256(request: &SearchRequest) -> [u8; 32] {
    // Most requests fit, and none is copied while it grows.
    let mut json = Vec::with_capacity(2_048);
    serde_json::to_writer(&mut json, request)
        .expect("a request holds texts, numbers and lists under text keys, which JSON can write");
    Sha256::digest(&json).into()
}

/// The day before whose end a date such as a training limit counts, in UTC.
pub(crate) fn day_of(as_of: Timestamp) -> jiff::civil::Date {
    jiff::tz::Offset::UTC.to_datetime(as_of).date()
}
