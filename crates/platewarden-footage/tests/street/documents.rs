//! Documents that travel: what verifies, and what is refused by which rule.

use platewarden_community::{Area, Position, RequestForm};
use platewarden_footage::*;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{AgencyKind, AgencyRef, Fact};
use platewarden_policy::packs::Unverified;

use crate::world::*;

fn rule_of(result: Result<VerifiedRequest>) -> &'static str {
    let error = result.unwrap_err();
    error.rule().unwrap_or_else(|| panic!("no rule: {error}"))
}

#[test]
fn a_document_verifies_offline_wherever_it_was_copied() {
    let world = World::new();
    let document = world.document(Sought::plate("WE 2907R").described("a blue van"));
    let text = serde_json::to_string_pretty(&document).unwrap();
    let verified = FootageRequest::from_json(&text)
        .unwrap()
        .verify(&world.trust, now())
        .unwrap();
    assert_eq!(verified.sha256(), document.digest().unwrap());
    assert_eq!(verified.body().plates[0].text, "WE 2907R");
}

/// The published schemas are those of the types.
#[test]
fn documents_have_schemas_and_keep_to_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    for (name, schema) in [
        ("footage-request.schema.json", schema::footage_request()),
        ("package-manifest.schema.json", schema::package_manifest()),
    ] {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = folder.join(name);
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap();
        assert!(
            published == text,
            "schema/{name} is stale: run this test with UPDATE_SCHEMA=1"
        );
    }
    let schema = serde_json::to_value(schema::footage_request()).unwrap();
    let world = World::new();
    let document =
        serde_json::to_value(world.document(Sought::plate("WE2907R").described("a blue van")))
            .unwrap();
    let known = |properties: &serde_json::Value, value: &serde_json::Value| {
        for key in value.as_object().unwrap().keys() {
            assert!(properties.as_object().unwrap().contains_key(key), "{key}");
        }
    };
    known(&schema["properties"], &document);
    known(
        &schema["$defs"]["RequestBody"]["properties"],
        &document["request"],
    );
    known(
        &schema["$defs"]["RequestForm"]["properties"],
        &document["request"]["particulars"]["form"],
    );
}

#[test]
fn whatever_is_altered_is_noticed() {
    let world = World::new();
    let text =
        serde_json::to_string(&world.document(Sought::plate("WE2907R").described("a blue van")))
            .unwrap();
    for (from, to) in [
        ("WE2907R", "WE2907P"),
        ("a blue van", "a red van"),
        ("26-001234", "26-001235"),
        ("2026-11-22T06:00:00Z", "2026-11-22T05:00:00Z"),
        ("39.78", "39.77"),
        ("Springfield Police", "Springfield Sheriff"),
        ("mod-1", "mod-2"),
        (
            world.evidence.public(),
            EvidenceKey::new().unwrap().public(),
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let altered = FootageRequest::from_json(&text.replace(from, to))
            .and_then(|document| document.verify(&world.trust, now()));
        let error = altered.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Signature, "{from}: {error}");
    }
    // A window that is too long is refused before anybody asks who signed it.
    let long = text.replace("2026-11-21T18:00:00Z", "2026-11-21T06:00:00Z");
    assert!(
        FootageRequest::from_json(&long)
            .unwrap_err()
            .to_string()
            .contains("community-window")
    );
    let further = text.replacen("\"version\"", "\"extra\":1,\"version\"", 1);
    assert_eq!(
        FootageRequest::from_json(&further).unwrap_err().kind(),
        ErrorKind::Format
    );
}

#[test]
fn who_may_not_ask_is_refused_by_rule() {
    let world = World::new();
    let document = || world.document(Sought::plate("WE2907R"));
    let verify = |trust: &Trust, time: &str| document().verify(trust, at(time));
    assert_eq!(
        rule_of(verify(&Trust::default(), "2026-11-22T16:00:00Z")),
        "footage-verified-only"
    );
    assert_eq!(
        rule_of(verify(&world.trust, "2026-11-22T14:00:00Z")),
        "footage-not-yet"
    );
    assert_eq!(
        rule_of(verify(&world.trust, "2026-11-30T00:00:00Z")),
        "footage-expired"
    );
    // The verifier's list is out of date, or there is none.
    assert_eq!(
        rule_of(verify(&world.trust, "2026-12-25T00:00:00Z")),
        "footage-revocations-unknown"
    );
    let silent = Trust {
        revocations: vec![],
        ..world.trust.clone()
    };
    assert_eq!(
        rule_of(verify(&silent, "2026-11-22T16:00:00Z")),
        "footage-revocations-unknown"
    );
    let revoked = world.trust_without(vec![Revocation {
        key: world.certificate.statement.key.clone(),
        at: at("2026-11-22T15:30:00Z"),
        reason: "searches for others".into(),
    }]);
    assert_eq!(
        rule_of(verify(&revoked, "2026-11-22T16:00:00Z")),
        "footage-agency-revoked"
    );
    assert!(verify(&revoked, "2026-11-22T15:10:00Z").is_ok());
    // A list that somebody else made.
    let mut forged = world.trust.clone();
    forged.revocations[0].list.next_update = at("2027-12-20T00:00:00Z");
    assert_eq!(
        verify(&forged, "2026-11-22T16:00:00Z").unwrap_err().kind(),
        ErrorKind::Signature
    );
    let other = new_signing_key().unwrap();
    let borrowed = FootageRequest::sign(
        &world.published,
        Sought::plate("A1"),
        world.evidence.public(),
        world.certificate.clone(),
        &other,
    );
    assert_eq!(borrowed.unwrap_err().kind(), ErrorKind::Signature);
}

#[test]
fn a_request_is_about_one_case() {
    let world = World::new();
    let sign = |sought| {
        FootageRequest::sign(
            &world.published,
            sought,
            world.evidence.public(),
            world.certificate.clone(),
            &world.agency_key,
        )
        .unwrap_err()
        .rule()
    };
    assert_eq!(sign(Sought::default()), Some("footage-what"));
    let mut many = Sought::plate("A1");
    many.plates = vec![many.plates[0].clone(); MAX_PLATES + 1];
    assert_eq!(sign(many), Some("footage-plates"));
    let refused = |form| {
        let world = World::with(form);
        FootageRequest::sign(
            &world.published,
            Sought::plate("A1"),
            world.evidence.public(),
            world.certificate.clone(),
            &world.agency_key,
        )
        .unwrap_err()
        .rule()
    };
    let corner = |latitude, longitude| Position {
        latitude,
        longitude,
    };
    let town = vec![
        corner(39.7, -89.7),
        corner(39.7, -89.6),
        corner(39.8, -89.6),
        corner(39.8, -89.7),
    ];
    let whole_town = RequestForm {
        area: Area::new("the town", town).unwrap(),
        ..form()
    };
    assert_eq!(refused(whole_town), Some("footage-area"));
    let federal = AgencyRef::named("HSI Chicago");
    let recipients = Fact::Known(vec![AgencyRef {
        kind: Fact::Known(AgencyKind::Federal),
        ..federal
    }]);
    assert_eq!(
        refused(RequestForm {
            transfer_intended_to: recipients,
            ..form()
        }),
        Some("footage-no-federal")
    );
}

#[test]
fn the_residents_rules_are_asked_before_anything_is_read() {
    let world = World::new();
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let request = world.request("WE2907R");
    assert!(Rules::default().admit(&request, &policy, now()).is_ok());
    for (rules, word) in [
        ("paused = true", "nothing is read"),
        ("never = [\"hit_and_run_or_serious_crash\"]", "never admit"),
        (
            "only = [\"stolen_vehicle_or_plate\"]",
            "do not list the purpose",
        ),
        ("agencies = [\"shelbyville-pd\"]", "do not list the agency"),
        ("never_to = [\"springfield-pd\"]", "nothing go to"),
    ] {
        let error = rules
            .parse::<Rules>()
            .unwrap()
            .admit(&request, &policy, now())
            .unwrap_err();
        assert_eq!(error.rule(), Some("footage-own-rules"));
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn everybody_can_see_how_often_an_agency_asks_and_no_plate() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.jsonl");
    let document = world.document(Sought::plate("WE2907R"));
    let (first, opening) = PublicLog::append(&log, &document).unwrap();
    PublicLog::append(&log, &world.document(Sought::plate("42TKF7"))).unwrap();
    let read = PublicLog::read(&log).unwrap();
    assert_eq!(read.by_agency().get("springfield-pd"), Some(&2));
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("2907") && !text.contains("TKF"));
    assert!(opening.opens(&first, &document));
    assert!(!opening.opens(&read.entries()[1], &document));
    // An entry that was altered, and one that was taken out.
    std::fs::write(&log, text.replacen("720", "72", 1)).unwrap();
    assert_eq!(
        PublicLog::read(&log).unwrap_err().kind(),
        ErrorKind::Signature
    );
    std::fs::write(&log, text.lines().nth(1).unwrap()).unwrap();
    assert_eq!(
        PublicLog::read(&log).unwrap_err().kind(),
        ErrorKind::Signature
    );
}
