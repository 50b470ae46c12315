//! The published schemas are those of the types, and the worked example is a request.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::Path;

use platewarden_policy::ErrorKind;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{Outcome, SearchRequest};
use platewarden_policy::packs::Unverified;
use platewarden_policy::schema;

fn check(name: &str, schema: &schemars::Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(name);
    let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(
        published == text,
        "schema/{name} is stale: run this test with UPDATE_SCHEMA=1"
    );
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    check("search-request.schema.json", &schema::search_request());
    check("decision.schema.json", &schema::decision());
}

#[test]
fn the_worked_example_is_a_request() {
    let text = include_str!("../schema/example-request.json");
    let request = SearchRequest::from_json(text, None).unwrap();
    let decision = Policy::bundled(Unverified::Allow).unwrap().decide(&request);
    assert_eq!(decision.outcome, Outcome::Partial);
    let outcomes: Vec<Outcome> = decision.per_dataset.iter().map(|d| d.outcome).collect();
    assert_eq!(outcomes, [Outcome::PermitWithObligations, Outcome::Deny]);
}

#[test]
fn every_key_of_the_example_is_in_the_schema() {
    let schema = serde_json::to_value(schema::search_request()).unwrap();
    let example: serde_json::Value =
        serde_json::from_str(include_str!("../schema/example-request.json")).unwrap();
    let known = |definition: &serde_json::Value, value: &serde_json::Value, what: &str| {
        let properties = definition["properties"]
            .as_object()
            .unwrap_or_else(|| panic!("{what}: no properties"));
        for key in value.as_object().unwrap().keys() {
            assert!(
                properties.contains_key(key),
                "{what}.{key} is not in the schema"
            );
        }
    };
    known(&schema, &example, "request");
    known(&schema["$defs"]["Actor"], &example["actor"], "actor");
    known(
        &schema["$defs"]["Agency"],
        &example["actor"]["agency"],
        "agency",
    );
    known(
        &schema["$defs"]["Dataset"],
        &example["datasets"][0],
        "dataset",
    );
    known(
        &schema["$defs"]["ReadMeta"],
        &example["datasets"][1]["reads"][0],
        "read",
    );
}

#[test]
fn the_smallest_request_of_the_guide_is_permitted() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let start = guide.find("```json\n").unwrap() + "```json\n".len();
    let json = &guide[start..start + guide[start..].find("```").unwrap()];
    let request = SearchRequest::from_json(json, None).unwrap();
    let decision = Policy::bundled(Unverified::Allow).unwrap().decide(&request);
    assert_eq!(decision.outcome, Outcome::Permit, "{}", decision.explain());
}

#[test]
fn one_spelling_is_read_and_short_forms_mean_the_same() {
    let canonical = r#"{"as_of":"2026-11-22","actor":{"user":"u","person_proofed":true,"mfa":true,
        "agency":{"id":"pd","kind":"local","jurisdiction":"US-MD","status":{"kind":"revoked","network":"US-IL"}}},
        "mode":"historical_plate","purpose":"violent_crime","case_ref":{"kind":"case","id":"1"},
        "suspicion":{"kind":"probable_cause","facts":"seen"},
        "legal_process":{"kind":"judicial_warrant","court":{"kind":"state","state":"MD"},"id":"w"},
        "on_behalf_of":{"id":"DEA","kind":"federal","jurisdiction":"US","federal_component":"DEA"},
        "certifications":[{"kind":"perjury_statement"}],
        "datasets":[{"id":"d","owner":{"id":"pd"},"captured_in":"US-MD","share":{"kind":"network"},
                     "reads":[{"age_days":3,"hold":{"kind":"ongoing_investigation"}}]}]}"#;
    let short = r#"{"as_of":"2026-11-22T12:00:00Z","actor":{"user":"u","person_proofed":true,"mfa":true,"contact":null,
        "agency":{"id":"pd","kind":"local","state":"MD","status":{"kind":"revoked","network":"US-IL"}}},
        "mode":"historical_plate","purpose":"violent_crime","case_ref":"1","window":null,"exigency":null,
        "suspicion":{"kind":"probable_cause","facts":"seen"},
        "legal_process":{"kind":"judicial_warrant","court":{"kind":"state","state":"MD"},"id":"w"},
        "on_behalf_of":"DEA","certifications":["perjury_statement"],
        "datasets":[{"id":"d","owner":"pd","state":"MD","share":"network",
                     "reads":[{"age_days":3,"hold":"ongoing_investigation","matched":null}]}]}"#;
    let read = |text: &str| SearchRequest::from_json(text, None);
    assert_eq!(read(short).unwrap(), read(canonical).unwrap());
    for (ours, theirs) in [
        (r#""kind":"local""#, r#""kind":"Local""#),
        ("historical_plate", "HistoricalPlate"),
        ("case_ref", "case"),
        (r#""captured_in":"US-MD""#, r#""captured_in":"Maryland""#),
        (
            r#"{"kind":"probable_cause","facts":"seen"}"#,
            r#"{"ProbableCause":"seen"}"#,
        ),
        ("judicial_warrant", "JudicialWarrant"),
        ("ongoing_investigation", "ongoing investigation"),
    ] {
        assert!(canonical.contains(ours), "{ours}");
        let error = read(&canonical.replace(ours, theirs)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Json, "{theirs}");
    }
    let error = read(&canonical.replace("historical_plate", "HistoricalPlate")).unwrap_err();
    assert!(error.to_string().contains("`historical_plate`"), "{error}");
    let mistyped = canonical.replace("on_behalf_of", "on_behalf_off");
    assert!(
        SearchRequest::from_json(&mistyped, None).is_err(),
        "a mistyped key must not vanish"
    );
}
