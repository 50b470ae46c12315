//! Short words for the parts of requests.

use std::sync::OnceLock;

use platewarden_policy::engine::Policy;
use platewarden_policy::model::*;
use platewarden_policy::packs::Unverified;

/// The policy under test, built once.
pub(crate) fn policy() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    POLICY.get_or_init(|| Policy::bundled(Unverified::Allow).expect("the bundled packs load"))
}

/// The instant of a date.
pub(crate) fn on(date: &str) -> jiff::Timestamp {
    parse_instant(date).unwrap()
}

/// The police of a state; one agency for each state.
pub(crate) fn police(state: State) -> Agency {
    Agency::new(
        format!("{}-pd", state.as_str().to_lowercase()),
        AgencyKind::Local,
        state,
    )
}

/// A federal agency.
pub(crate) fn federal(component: FederalComponent) -> Agency {
    Agency::federal(component.as_str(), component)
}

/// Reads of the state's own police, shared with the whole network.
pub(crate) fn data(state: State) -> Dataset {
    Dataset::new(format!("{state}-reads"), police(state).to_ref(), state)
        .with_share(ShareGrant::Network)
}

/// A verified officer asks on 2026-11-22 for a plate, in a case, of three-day-old reads.
pub(crate) fn ask(agency: Agency, purpose: Purpose) -> SearchRequestBuilder {
    ask_on("2026-11-22", agency, purpose)
}

/// The same on another day.
pub(crate) fn ask_on(date: &str, agency: Agency, purpose: Purpose) -> SearchRequestBuilder {
    SearchRequest::builder(Actor::verified("officer-7", agency), on(date))
        .plate("AB12345")
        .purpose(purpose)
        .case("26-1")
}

/// A declaration in force.
pub(crate) fn declaration(state: State, statute: &str) -> Declaration {
    Declaration {
        id: "decl-1".into(),
        jurisdiction: state.into(),
        statute: statute.to_owned(),
        text_sha256: None,
        signed_by: Some("Chief".to_owned()),
        signed_at: Fact::Known(on("2024-02-01")),
        expires: None,
        scope: Vec::new(),
    }
}

/// Stated reasonable suspicion.
pub(crate) fn suspicion() -> Suspicion {
    Suspicion::ReasonableSuspicion {
        facts: "seen leaving the scene".to_owned(),
    }
}

/// Stated facts.
pub(crate) fn facts() -> Suspicion {
    Suspicion::ArticulableFacts {
        facts: "plate given by a witness".to_owned(),
    }
}

/// A felony under state law.
pub(crate) fn felony() -> Offence {
    Offence::new("18.2-91", OffenceLevel::Felony, OffenceJurisdiction::State)
}

/// An offence of another gravity under state law.
pub(crate) fn offence(level: OffenceLevel) -> Offence {
    Offence::new("100", level, OffenceJurisdiction::State)
}

/// A certification.
pub(crate) fn certified(kind: CertificationKind) -> CertificationRef {
    CertificationRef::new(kind).by("J. Doe")
}

/// Full contact data.
pub(crate) fn contact() -> Contact {
    Contact {
        name: "J. Doe".to_owned(),
        telephone: "555 0100".to_owned(),
        email: "j.doe@example.org".to_owned(),
        address: "1 Main Street".to_owned(),
    }
}

/// Decides, checks the outcome and that each citation stands behind a reason that had a say.
#[track_caller]
pub(crate) fn expect(
    id: &str,
    request: &SearchRequest,
    outcome: Outcome,
    citations: &[&str],
) -> Decision {
    let decision = policy().decide(request);
    let text = serde_json::to_string_pretty(&decision).unwrap();
    assert_eq!(decision.outcome, outcome, "{id}: {text}");
    for citation in citations {
        assert!(
            decision
                .reasons
                .iter()
                .any(|r| r.authority.citation.contains(citation)),
            "{id}: no {citation} in {text}"
        );
    }
    for one in &decision.per_dataset {
        assert!(!one.reasons.is_empty(), "{id}: a decision without a reason");
        assert_eq!(
            one.cures.is_empty(),
            one.permits(),
            "{id}: every denial names cures or `no_cure`"
        );
        assert!(
            one.permits() || one.reasons.iter().all(|r| r.effect.denies()),
            "{id}: a denial with other reasons"
        );
    }
    decision
}

/// Whether a duty of this kind is owed.
pub(crate) fn owes(decision: &Decision, kind: &str) -> bool {
    let kinds = serde_json::to_value(&decision.obligations).unwrap();
    kinds.as_array().unwrap().iter().any(|o| o["kind"] == kind)
}
