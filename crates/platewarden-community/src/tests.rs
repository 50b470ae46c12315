#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeMap;

use jiff::Timestamp;

use platewarden_policy::model::{
    Agency, AgencyKind, AgencyRef, Contact, Fact, FederalComponent, Jurisdiction, PurposeKind,
    State, Status, TimeWindow, parse_instant,
};
use platewarden_trail::{
    AuditSink, CommunityRecord, Digest, MemoryStore, Receipt, Record, Trail, TrailOptions,
    TrailWriter, VerifyOptions,
};

use super::*;
use crate::Error;

type TestService = RequestService<TrailWriter<MemoryStore>>;

fn instant(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

fn now() -> Timestamp {
    instant("2026-11-22T12:00:00Z")
}

fn service() -> (MemoryStore, TestService) {
    let store = MemoryStore::default();
    (
        store.clone(),
        RequestService::new(
            TrailWriter::open(store, TrailOptions::default()).unwrap(),
            [9; 32],
        ),
    )
}

fn police() -> Agency {
    Agency {
        name: "Springfield Police".into(),
        ..Agency::new("springfield-pd", AgencyKind::Local, State::Il)
    }
}

fn proof() -> Proof {
    Proof {
        verified_by: "onboarding".into(),
        evidence_account: "evidence-17".into(),
    }
}

fn area() -> Area {
    let at = |latitude, longitude| Position {
        latitude,
        longitude,
    };
    Area::new(
        "Elm Street",
        vec![
            at(39.78, -89.66),
            at(39.78, -89.64),
            at(39.80, -89.64),
            at(39.80, -89.66),
        ],
    )
    .unwrap()
}

fn form() -> RequestForm {
    RequestForm {
        case_number: "26-001234".into(),
        purpose: PurposeKind::HitAndRunOrSeriousCrash,
        incident: "A grey van struck a cyclist and left.".into(),
        area: area(),
        window: TimeWindow {
            start: instant("2026-11-21T18:00:00Z"),
            end: instant("2026-11-22T06:00:00Z"),
        },
        investigator: Contact {
            name: "Det. Roe".into(),
            telephone: "217-555-0100".into(),
            ..Contact::default()
        },
        on_behalf_of: None,
        transfer_intended_to: Fact::Known(Vec::new()),
        retention_law: RetentionLaw {
            jurisdiction: Jurisdiction::State(State::Il),
            citation: "50 ILCS 205 (Local Records Act)".into(),
            summary: "Records are destroyed only with the leave of the Local Records Commission."
                .into(),
        },
        responses_until: instant("2026-11-29"),
    }
}

fn resident() -> Resident {
    Resident {
        account: "account-1".into(),
        address: "12 Elm Street".into(),
        email: "resident@example.org".into(),
        location: Position {
            latitude: 39.79,
            longitude: -89.65,
        },
    }
}

fn recording() -> Recording {
    Recording::read(
        "porch.mp4",
        instant("2026-11-21T20:00:00Z"),
        instant("2026-11-21T20:02:00Z"),
        &b"video"[..],
    )
    .unwrap()
}

fn files() -> BTreeMap<String, Vec<u8>> {
    [("porch.mp4".to_owned(), b"video".to_vec())].into()
}

fn published(service: &mut TestService, form: RequestForm) -> CommunityRequest<Published> {
    let agency = service.verify(&police(), &proof(), now()).unwrap();
    let draft = service.draft(&agency, form, "det-4", now()).unwrap();
    let submitted = service.submit(draft, "det-4", now()).unwrap();
    service
        .publish(
            submitted,
            Moderation::new("mod-1").acknowledging_flags(),
            now(),
        )
        .unwrap()
}

fn consent(service: &mut TestService, request: &CommunityRequest<Published>) -> Consent<Given> {
    let shown = service
        .invite(request, resident())
        .unwrap()
        .show_notice(vec![recording()], now());
    let digest = shown.notice().sha256;
    service.consent(request, shown, digest, now()).unwrap()
}

fn steps(store: &MemoryStore) -> Vec<CommunityRecord> {
    let trail = Trail::new(store.clone());
    assert!(trail.verify(&VerifyOptions::default()).unwrap().is_intact());
    let records = trail
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().record().unwrap());
    records
        .map(|record| match record {
            Record::Community(record) => record,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn names(store: &MemoryStore) -> Vec<String> {
    steps(store).into_iter().map(|record| record.step).collect()
}

fn rule(error: &Error) -> &'static str {
    match error {
        error if error.kind() == ErrorKind::Refused => error.rule().unwrap(),
        other => panic!("not a refusal: {other}"),
    }
}

#[test]
fn the_whole_life_of_a_request() {
    let (store, mut service) = service();
    let request = published(&mut service, form());
    let given = consent(&mut service, &request);
    let root = tempfile::tempdir().unwrap();
    let mut evidence = FolderEvidence::new(root.path()).unwrap();
    let done = service
        .transfer(&request, given, &mut evidence, &mut files(), now())
        .unwrap();
    service.close(request, "det-4", now()).unwrap();
    assert_eq!(
        names(&store),
        [
            "agency_verified",
            "drafted",
            "submitted",
            "published",
            "consented",
            "transfer_started",
            "transferred",
            "closed"
        ]
    );

    let folder = root.path().join(&done.stage().evidence_id);
    let manifest = FolderEvidence::check(&folder).unwrap();
    assert_eq!(manifest.sha256(), done.stage().manifest_sha256);
    assert_eq!(manifest.manifest().consent.address, "12 Elm Street");
    assert_eq!(
        manifest.manifest().receiving_agency.id.as_str(),
        "springfield-pd"
    );
    let records = steps(&store);
    assert_eq!(records[6].document_sha256, Some(manifest.sha256()));
    // The trail knows a pseudonym, and nothing of who it is.
    let everything = format!("{records:?}");
    for secret in ["12 Elm Street", "resident@example.org", "account-1"] {
        assert!(!everything.contains(secret), "{secret}");
    }
    std::fs::write(folder.join("files/porch.mp4"), "other").unwrap();
    assert!(
        FolderEvidence::check(&folder).is_err_and(|error| error.kind() == ErrorKind::Signature)
    );
}

#[test]
fn the_notice_says_exactly_what_goes_along() {
    let (_, mut service) = service();
    let sheriff = AgencyRef::new("sangamon-so", AgencyKind::Local, State::Il);
    let dea = AgencyRef::federal(FederalComponent::Dea);
    let request = published(
        &mut service,
        RequestForm {
            transfer_intended_to: Fact::Known(vec![sheriff, dea]),
            ..form()
        },
    );
    let shown = service
        .invite(&request, resident())
        .unwrap()
        .show_notice(vec![recording()], now());
    let text = &shown.notice().text;
    for part in [
        "12 Elm Street",
        "resident@example.org",
        "porch.mp4",
        "Springfield Police",
        "evidence-17",
        "sangamon-so (local)",
        "DEA (federal)",
        "50 ILCS 205",
        "Local Records Commission",
        "You need not answer",
        request.code().as_str(),
        "217-555-0100",
    ] {
        assert!(text.contains(part), "`{part}` is missing from:\n{text}");
    }
}

#[test]
fn who_may_not_post() {
    let (store, mut service) = service();
    let federal_name = Agency {
        name: "[Federal] Border Unit".into(),
        ..police()
    };
    for (agency, expected) in [
        (
            Agency::federal("hsi-chicago", FederalComponent::Hsi),
            "community-no-federal",
        ),
        (
            Agency {
                federal_component: Some(FederalComponent::Cbp),
                ..police()
            },
            "community-no-federal",
        ),
        (federal_name, "community-no-federal"),
        (
            Agency {
                kind: Fact::Unknown,
                ..police()
            },
            "community-agency-facts",
        ),
        (
            Agency {
                jurisdiction: Fact::Unknown,
                ..police()
            },
            "community-agency-facts",
        ),
        (
            Agency::new("mall-security", AgencyKind::Private, State::Il),
            "community-local-only",
        ),
        (
            Agency::new("da", AgencyKind::Prosecutor, State::Il),
            "community-local-only",
        ),
        (
            police().with_status(Status::Inactive),
            "community-agency-inactive",
        ),
        (
            police().with_status(Status::Suspended { reason: None }),
            "community-agency-inactive",
        ),
    ] {
        assert_eq!(
            rule(&service.verify(&agency, &proof(), now()).unwrap_err()),
            expected,
            "{agency:?}"
        );
    }
    assert_eq!(
        rule(
            &service
                .verify(
                    &police(),
                    &Proof {
                        verified_by: " ".into(),
                        ..proof()
                    },
                    now()
                )
                .unwrap_err()
        ),
        "community-verified-only"
    );
    assert_eq!(
        rule(
            &service
                .verify(
                    &police(),
                    &Proof {
                        evidence_account: String::new(),
                        ..proof()
                    },
                    now()
                )
                .unwrap_err()
        ),
        "community-agency-facts"
    );
    let records = steps(&store);
    assert_eq!(records.len(), 11);
    assert!(
        records
            .iter()
            .all(|record| record.step == "agency_refused" && record.details.contains_key("rule"))
    );
    assert!(
        service
            .verify(
                &Agency::new("isp", AgencyKind::State, State::Il),
                &proof(),
                now()
            )
            .is_ok()
    );
}

#[test]
fn what_may_not_be_asked() {
    let (store, mut service) = service();
    let agency = service.verify(&police(), &proof(), now()).unwrap();
    let hours = |from: &str, to: &str| TimeWindow {
        start: instant(from),
        end: instant(to),
    };
    let unknown = AgencyRef::named("Task Force 9");
    let cases = [
        (
            RequestForm {
                case_number: " ".into(),
                ..form()
            },
            "community-case-number",
        ),
        (
            RequestForm {
                purpose: PurposeKind::CivilImmigration,
                ..form()
            },
            "community-purpose",
        ),
        (
            RequestForm {
                purpose: PurposeKind::ProtectedActivity,
                ..form()
            },
            "community-purpose",
        ),
        (
            RequestForm {
                purpose: PurposeKind::TrafficOrParking,
                ..form()
            },
            "community-purpose",
        ),
        (
            RequestForm {
                incident: String::new(),
                ..form()
            },
            "community-incident",
        ),
        (
            RequestForm {
                window: hours("2026-11-21T18:00:00Z", "2026-11-22T06:00:01Z"),
                ..form()
            },
            "community-window",
        ),
        (
            RequestForm {
                window: hours("2026-11-21T18:00:00Z", "2026-11-21T18:00:00Z"),
                ..form()
            },
            "community-window",
        ),
        (
            RequestForm {
                window: hours("2026-11-22T10:00:00Z", "2026-11-22T13:00:00Z"),
                ..form()
            },
            "community-window",
        ),
        (
            RequestForm {
                investigator: Contact {
                    name: "Det. Roe".into(),
                    ..Contact::default()
                },
                ..form()
            },
            "community-contact",
        ),
        (
            RequestForm {
                on_behalf_of: Some(AgencyRef::federal(FederalComponent::Ero)),
                ..form()
            },
            "community-no-federal",
        ),
        (
            RequestForm {
                on_behalf_of: Some(unknown.clone()),
                ..form()
            },
            "community-beneficiary",
        ),
        (
            RequestForm {
                transfer_intended_to: Fact::Unknown,
                ..form()
            },
            "community-beneficiary",
        ),
        (
            RequestForm {
                transfer_intended_to: Fact::Known(vec![unknown]),
                ..form()
            },
            "community-beneficiary",
        ),
        (
            RequestForm {
                retention_law: RetentionLaw {
                    citation: String::new(),
                    ..form().retention_law
                },
                ..form()
            },
            "community-retention-law",
        ),
        (
            RequestForm {
                retention_law: RetentionLaw {
                    jurisdiction: Jurisdiction::State(State::Tx),
                    ..form().retention_law
                },
                ..form()
            },
            "community-retention-law",
        ),
        (
            RequestForm {
                responses_until: now(),
                ..form()
            },
            "community-deadline",
        ),
    ];
    let count = cases.len();
    for (form, expected) in cases {
        assert_eq!(
            rule(
                &service
                    .draft(&agency, form.clone(), "det-4", now())
                    .unwrap_err()
            ),
            expected,
            "{form:?}"
        );
    }
    assert_eq!(
        names(&store)
            .iter()
            .filter(|step| *step == "request_refused")
            .count(),
        count
    );
    assert!(
        service.codes().clone() == Codes::default(),
        "no code was given out"
    );
    let exactly = RequestForm {
        window: hours("2026-11-21T18:00:00Z", "2026-11-22T06:00:00Z"),
        ..form()
    };
    service.draft(&agency, exactly, "det-4", now()).unwrap();
}

#[test]
fn moderation_is_by_another_and_sees_the_flags() {
    let (_, mut service) = service();
    let agency = service.verify(&police(), &proof(), now()).unwrap();
    let dea = Fact::Known(vec![AgencyRef::federal(FederalComponent::Dea)]);
    let draft = service
        .draft(
            &agency,
            RequestForm {
                transfer_intended_to: dea,
                ..form()
            },
            "det-4",
            now(),
        )
        .unwrap();
    let submitted = service.submit(draft, "det-4", now()).unwrap();
    assert_eq!(submitted.stage().flags, ["federal recipient: DEA"]);
    let refusal = service
        .publish(
            submitted,
            Moderation::new("det-4").acknowledging_flags(),
            now(),
        )
        .unwrap_err();
    assert_eq!(rule(&refusal.error), "community-moderation");
    let refusal = service
        .publish(refusal.unchanged, Moderation::new("mod-1"), now())
        .unwrap_err();
    assert_eq!(rule(&refusal.error), "community-moderation");
    let refusal = service
        .publish(
            refusal.unchanged,
            Moderation::new("mod-1").acknowledging_flags(),
            instant("2027-01-01"),
        )
        .unwrap_err();
    assert_eq!(rule(&refusal.error), "community-deadline");
    let refusal = service
        .reject(refusal.unchanged, "mod-1", "", now())
        .unwrap_err();
    let rejected = service
        .reject(
            refusal.unchanged,
            "mod-1",
            "the area is the whole town",
            now(),
        )
        .unwrap();
    assert_eq!(rejected.stage().reason, "the area is the whole town");
}

#[test]
fn ignoring_leaves_no_trace() {
    let (store, mut service) = service();
    let request = published(&mut service, form());
    let before = names(&store).len();
    service.invite(&request, resident()).unwrap().decline();
    drop(service.invite(&request, resident()).unwrap());
    service
        .invite(&request, resident())
        .unwrap()
        .show_notice(vec![recording()], now())
        .decline();
    drop(
        service
            .invite(&request, resident())
            .unwrap()
            .show_notice(vec![recording()], now()),
    );
    assert_eq!(names(&store).len(), before);
    let far = Resident {
        location: Position {
            latitude: 40.5,
            longitude: -89.65,
        },
        ..resident()
    };
    assert_eq!(
        rule(&service.invite(&request, far).unwrap_err()),
        "community-area"
    );
}

#[test]
fn pseudonyms_do_not_follow_a_resident() {
    let (_, mut service) = service();
    let (one, two) = (
        published(&mut service, form()),
        published(&mut service, form()),
    );
    assert_ne!(one.code(), two.code());
    let first = consent(&mut service, &one).record().resident.clone();
    assert_eq!(first, consent(&mut service, &one).record().resident);
    assert_ne!(first, consent(&mut service, &two).record().resident);
}

#[test]
fn consent_is_to_one_notice_of_one_request_in_time() {
    let (_, mut service) = service();
    let (request, other) = (
        published(&mut service, form()),
        published(&mut service, form()),
    );
    let show = |service: &TestService, recordings| {
        service
            .invite(&request, resident())
            .unwrap()
            .show_notice(recordings, now())
    };
    let outside = Recording {
        captured_to: instant("2026-11-22T06:00:01Z"),
        ..recording()
    };
    let twin = Recording {
        name: "PORCH.mp4".into(),
        ..recording()
    };
    let backwards = Recording {
        captured_from: recording().captured_to,
        captured_to: recording().captured_from,
        ..recording()
    };
    for recordings in [
        vec![],
        vec![outside],
        vec![recording(), twin],
        vec![backwards],
    ] {
        let shown = show(&service, recordings);
        let digest = shown.notice().sha256;
        assert_eq!(
            rule(
                &service
                    .consent(&request, shown, digest, now())
                    .unwrap_err()
                    .error
            ),
            "community-consent"
        );
    }
    let shown = show(&service, vec![recording()]);
    let digest = shown.notice().sha256;
    let refusal = service
        .consent(&request, shown, Digest::default(), now())
        .unwrap_err();
    let refusal = service
        .consent(&other, refusal.unchanged, digest, now())
        .unwrap_err();
    let refusal = service
        .consent(&request, refusal.unchanged, digest, instant("2026-12-24"))
        .unwrap_err();
    let refusal = service
        .consent(&request, refusal.unchanged, digest, instant("2026-11-01"))
        .unwrap_err();
    let given = service
        .consent(&request, refusal.unchanged, digest, now())
        .unwrap();
    let mut evidence = FolderEvidence::new(tempfile::tempdir().unwrap().path()).unwrap();
    let refusal = service
        .transfer(&other, given, &mut evidence, &mut files(), now())
        .unwrap_err();
    assert_eq!(rule(&refusal.error), "community-consent");
}

#[test]
fn withdrawing_ends_it() {
    let (store, mut service) = service();
    let request = published(&mut service, form());
    let given = consent(&mut service, &request);
    let withdrawn = service.withdraw(given, now()).unwrap();
    assert_eq!(names(&store).last().unwrap(), "withdrawn");
    // As data, a withdrawn consent cannot be carried out either.
    let text = serde_json::to_string(&StoredConsent::Withdrawn(withdrawn)).unwrap();
    let stored: StoredConsent = serde_json::from_str(&text).unwrap();
    let refusal = stored.withdraw(&mut service, now()).unwrap_err();
    assert!(refusal.error.kind() == ErrorKind::State);
    assert!(refusal.unchanged.given().unwrap_err().error.kind() == ErrorKind::State);
}

#[test]
fn a_hand_over_that_fails_leaves_nothing_and_can_be_withdrawn() {
    let (store, mut service) = service();
    let request = published(&mut service, form());
    let given = consent(&mut service, &request);
    let root = tempfile::tempdir().unwrap();
    let mut evidence = FolderEvidence::new(root.path()).unwrap();
    let mut exchanged: BTreeMap<String, Vec<u8>> =
        [("porch.mp4".to_owned(), b"another video".to_vec())].into();
    let refusal = service
        .transfer(&request, given, &mut evidence, &mut exchanged, now())
        .unwrap_err();
    assert!(
        refusal.error.kind() == ErrorKind::Signature,
        "{}",
        refusal.error
    );
    let refusal = service
        .transfer(
            &request,
            refusal.unchanged,
            &mut evidence,
            &mut BTreeMap::new(),
            now(),
        )
        .unwrap_err();
    assert!(refusal.error.kind() == ErrorKind::Io);
    let left: Vec<_> = std::fs::read_dir(root.path())
        .unwrap()
        .flat_map(|code| std::fs::read_dir(code.unwrap().path()).unwrap())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    service.withdraw(refusal.unchanged, now()).unwrap();
    assert_eq!(
        names(&store).iter().rev().take(5).collect::<Vec<_>>(),
        [
            "withdrawn",
            "transfer_failed",
            "transfer_started",
            "transfer_failed",
            "transfer_started"
        ]
    );
}

#[test]
fn the_same_hand_over_is_received_once() {
    let (_, mut service) = service();
    let request = published(&mut service, form());
    let given = consent(&mut service, &request);
    let root = tempfile::tempdir().unwrap();
    let mut evidence = FolderEvidence::new(root.path()).unwrap();
    let one = service
        .transfer(&request, given.clone(), &mut evidence, &mut files(), now())
        .unwrap();
    let two = service
        .transfer(
            &request,
            given,
            &mut evidence,
            &mut FolderFiles(root.path().join("nowhere")),
            now(),
        )
        .unwrap();
    assert_eq!(one.stage(), two.stage());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let at = instant("2026-11-21T20:00:00Z");
    for name in [
        "",
        "..",
        "../x",
        "a/b",
        "a\\b",
        ".hidden",
        "-rf",
        "a:b",
        "a\nb",
        "x ",
        &"x".repeat(121),
    ] {
        assert!(
            Recording::read(name, at, at, &b""[..])
                .is_err_and(|error| error.kind() == ErrorKind::Invalid),
            "{name:?}"
        );
    }
    let mut files = FolderFiles(std::env::temp_dir());
    assert!(FileSource::open(&mut files, "../etc/passwd").is_err());
}

#[test]
fn a_sealed_manifest_is_opened_only_as_it_was_sealed() {
    let (_, mut service) = service();
    let request = published(&mut service, form());
    let given = consent(&mut service, &request);
    let root = tempfile::tempdir().unwrap();
    let done = service
        .transfer(
            &request,
            given,
            &mut FolderEvidence::new(root.path()).unwrap(),
            &mut files(),
            now(),
        )
        .unwrap();
    let sealed = FolderEvidence::check(&root.path().join(&done.stage().evidence_id)).unwrap();
    let changed = sealed.json().replace("springfield-pd", "someone-else");
    assert!(
        SealedManifest::open(changed.clone(), sealed.sha256())
            .is_err_and(|error| error.kind() == ErrorKind::Signature)
    );
    // A notice exchanged for a milder one shows even where the seal was made anew.
    let milder = sealed.json().replace("your address", "nothing of yours");
    let seal = super::hash::sha256(milder.as_bytes());
    assert!(
        SealedManifest::open(milder, seal).is_err_and(|error| error.kind() == ErrorKind::Signature)
    );
    assert_eq!(
        SealedManifest::open(sealed.json(), sealed.sha256()).unwrap(),
        sealed
    );
}

#[test]
fn as_data_a_wrong_order_is_an_error() {
    let (_, mut service) = service();
    let agency = service.verify(&police(), &proof(), now()).unwrap();
    let submit = || RequestStep::Submit { by: "det-4".into() };
    let publish = || RequestStep::Publish {
        moderation: Moderation::new("mod-1"),
    };
    let close = || RequestStep::Close { by: "det-4".into() };
    let reject = || RequestStep::Reject {
        moderator: "mod-1".into(),
        reason: "too wide".into(),
    };
    let draft = StoredRequest::Draft(service.draft(&agency, form(), "det-4", now()).unwrap());
    // Every state and every step: exactly four pairs are legal.
    let under = draft.clone().apply(&mut service, submit(), now()).unwrap();
    let public = under.clone().apply(&mut service, publish(), now()).unwrap();
    let rejected = under.clone().apply(&mut service, reject(), now()).unwrap();
    let closed = public.clone().apply(&mut service, close(), now()).unwrap();
    let mut legal = 0;
    for state in [&draft, &under, &public, &rejected, &closed] {
        let text = serde_json::to_string(state).unwrap();
        assert_eq!(
            &serde_json::from_str::<StoredRequest>(&text).unwrap(),
            state
        );
        for step in [submit(), publish(), reject(), close()] {
            match state.clone().apply(&mut service, step, now()) {
                Ok(_) => legal += 1,
                Err(refusal) => {
                    assert!(
                        refusal.error.kind() == ErrorKind::State,
                        "{}",
                        refusal.error
                    );
                    assert_eq!(&refusal.unchanged, state);
                }
            }
        }
        assert_eq!(state.published().is_ok(), state.stage() == "published");
    }
    assert_eq!(legal, 4);
}

#[test]
fn storage_cannot_smuggle_a_request_in() {
    let (_, mut service) = service();
    let request = StoredRequest::Published(published(&mut service, form()));
    let text = serde_json::to_string(&request).unwrap();
    for (from, to) in [
        ("\"kind\":\"local\"", "\"kind\":\"federal\""),
        (
            "\"purpose\":\"hit_and_run_or_serious_crash\"",
            "\"purpose\":\"civil_immigration\"",
        ),
        ("2026-11-22T06:00:00Z", "2026-11-22T09:00:00Z"),
        (
            "\"transfer_intended_to\":[]",
            "\"transfer_intended_to\":null",
        ),
        ("\"case_number\":\"26-001234\"", "\"case_number\":\"\""),
    ] {
        assert!(text.contains(from), "{from} not in {text}");
        assert!(
            serde_json::from_str::<StoredRequest>(&text.replace(from, to)).is_err(),
            "{to}"
        );
    }
}

#[test]
fn what_cannot_be_written_down_does_not_happen() {
    /// A trail that takes so many records and no more.
    struct Takes(usize);
    impl AuditSink for Takes {
        fn record(&mut self, _: Record, _: Timestamp) -> platewarden_trail::Result<Receipt> {
            self.0 = self.0.checked_sub(1).ok_or_else(|| {
                platewarden_trail::Error::stream("write", std::io::Error::other("full"))
            })?;
            Ok(Receipt {
                sequence: 0,
                hash: Digest::default(),
            })
        }
    }
    let failed = RequestService::new(Takes(0), [0; 32]).verify(&police(), &proof(), now());
    assert!(failed.is_err_and(|error| error.kind() == ErrorKind::Trail));
    let mut service = RequestService::new(Takes(1), [0; 32]);
    let agency = service.verify(&police(), &proof(), now()).unwrap();
    assert!(
        service
            .draft(&agency, form(), "det-4", now())
            .is_err_and(|error| error.kind() == ErrorKind::Trail)
    );
    assert_eq!(service.codes(), &Codes::default());
    service.trail().0 = 4;
    let draft = service.draft(&agency, form(), "det-4", now()).unwrap();
    let submitted = service.submit(draft, "det-4", now()).unwrap();
    let request = service
        .publish(submitted, Moderation::new("mod-1"), now())
        .unwrap();
    let shown = service
        .invite(&request, resident())
        .unwrap()
        .show_notice(vec![recording()], now());
    let digest = shown.notice().sha256;
    let given = service.consent(&request, shown, digest, now()).unwrap();
    let root = tempfile::tempdir().unwrap();
    let mut evidence = FolderEvidence::new(root.path()).unwrap();
    let refusal = service
        .transfer(&request, given, &mut evidence, &mut files(), now())
        .unwrap_err();
    assert!(refusal.error.kind() == ErrorKind::Trail);
    assert_eq!(
        std::fs::read_dir(root.path()).unwrap().count(),
        0,
        "nothing left before it could be written down"
    );
}

#[test]
fn what_the_text_gives_away() {
    let (_, mut service) = service();
    let agency = service.verify(&police(), &proof(), now()).unwrap();
    for (incident, expected) in [
        (
            "Immigration violation, assist with locate.",
            "community-purpose",
        ),
        ("Help us find who had an abortion.", "community-purpose"),
        (
            "Stolen car, for HSI narcotics investigation.",
            "community-undisclosed-beneficiary",
        ),
    ] {
        let form = RequestForm {
            incident: incident.into(),
            ..form()
        };
        assert_eq!(
            rule(&service.draft(&agency, form, "det-4", now()).unwrap_err()),
            expected,
            "{incident}"
        );
    }
    let named = Fact::Known(vec![AgencyRef::federal(FederalComponent::Hsi)]);
    let form = RequestForm {
        incident: "Stolen car, for HSI narcotics investigation.".into(),
        transfer_intended_to: named,
        ..form()
    };
    let draft = service.draft(&agency, form, "det-4", now()).unwrap();
    let submitted = service.submit(draft, "det-4", now()).unwrap();
    assert!(
        submitted
            .stage()
            .flags
            .iter()
            .any(|flag| flag.contains("federal recipient")),
        "{:?}",
        submitted.stage()
    );
}
