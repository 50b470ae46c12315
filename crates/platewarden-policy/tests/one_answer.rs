//! The decision takes the grade of a text as the classifier gives it: one function, one answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use platewarden_policy::classifier::{Grade, SignalCategory, classify};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{Outcome, SearchRequest};
use platewarden_policy::packs::Unverified;

fn outcome(reason: &str) -> (Outcome, Vec<String>) {
    let request = serde_json::json!({
        "as_of": "2026-11-22",
        "actor": {"user": "officer-7", "person_proofed": true, "mfa": true,
                  "agency": {"id": "springfield-pd", "kind": "local", "state": "IL"}},
        "mode": "historical_plate", "purpose": "stolen_vehicle_or_plate", "case_ref": "26-001234",
        "purpose_detail": reason,
        "datasets": [{"id": "springfield-reads", "owner": "springfield-pd", "captured_in": "US-IL"}],
    });
    let request: SearchRequest = serde_json::from_value(request).unwrap();
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let decision = policy.decide(&request);
    let mut rules: Vec<String> = decision
        .reasons
        .iter()
        .map(|reason| reason.rule.to_string())
        .collect();
    rules.sort();
    (decision.outcome, rules)
}

#[test]
fn a_decision_follows_the_classifier() {
    // Written one way or the other, the classifier grades both alike, and so must the decision.
    for (plain, other) in [("HSI", "H.S.I."), ("DHS", "D.H.S."), ("CBP", "C. B. P.")] {
        assert_eq!(classify(plain).overall(), classify(other).overall());
        assert_eq!(outcome(plain), outcome(other), "{plain} and {other}");
    }
    for text in [
        "H S I",
        "HS1",
        "H\u{200b}SI",
        "I.C.E.",
        "ICE detainer pick up",
        "target of ICE, house",
    ] {
        assert_eq!(
            classify(text).grade(SignalCategory::Immigration),
            Some(Grade::High),
            "{text}"
        );
        assert_eq!(outcome(text).0, Outcome::Deny, "{text}");
    }
    for text in ["Larceny/Theft Offenses - ICE", "Drugs/Narcotics - HSI"] {
        assert_eq!(
            classify(text).grade(SignalCategory::Immigration),
            Some(Grade::Medium),
            "{text}"
        );
        assert_eq!(outcome(text), outcome("HSI"), "{text}");
    }
}

#[test]
fn a_prompt_is_read_like_a_reason() {
    let request = |prompt: &str| -> SearchRequest {
        serde_json::from_value(serde_json::json!({
            "as_of": "2026-11-22",
            "actor": {"user": "officer-7", "person_proofed": true, "mfa": true,
                      "agency": {"id": "austin-pd", "kind": "local", "state": "TX"}},
            "mode": "freeform_ai", "purpose": "other_criminal", "case_ref": "26-001234",
            "target": {"kind": "prompt", "text": prompt},
            "datasets": [{"id": "reads", "owner": "austin-pd", "captured_in": "US-TX"}],
        }))
        .unwrap()
    };
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let denied = |prompt: &str| {
        let decision = policy.decide(&request(prompt));
        decision
            .reasons
            .iter()
            .any(|reason| reason.rule.to_string().contains("sensitive"))
    };
    assert!(denied("everyone at the mosque on Friday"));
    assert!(!denied("red pickup with a ladder rack"));
}
