//! The gates that stand before a release.

use jiff::SignedDuration;
use platewarden_policy::model::{
    AccessMode, Actor, CaseRef, CertificationKind, CertificationRef, Cure, Fact, PurposeKind, State,
};
use platewarden_store::{DatasetSettings, Error, ErrorKind, Search};

use crate::support::{Bench, days, noon, police, read, settings};

fn rules(error: &Error) -> Vec<String> {
    let denial = error.denial().expect("a denial");
    denial
        .reasons
        .iter()
        .map(|reason| reason.rule.to_string())
        .collect()
}

#[test]
fn sixty_nine_searches_of_one_plate_by_one_user_are_stopped_by_the_fifth() {
    let mut bench = Bench::new(State::Il);
    bench.ingest([read("ABC1234", 5)]);
    let mut permitted = Vec::new();
    for number in 1..=69 {
        // In other spellings, too, and from one process to the next.
        let spelling = ["ABC1234", "abc-1234", "A8C1Z34"][number % 3];
        match bench.store().search(&bench.plate(spelling)) {
            Ok(_) => permitted.push(number),
            Err(error) => {
                assert_eq!(rules(&error), ["store-repeat"]);
                let cures = &error.denial().unwrap().cures;
                let wanted = Cure::AttachCertification {
                    certification: CertificationKind::SecondApproval,
                };
                assert!(cures.contains(&wanted), "{cures:?}");
            }
        }
        bench.advance(SignedDuration::from_mins(10));
        if number % 10 == 3 {
            bench.reopen();
        }
    }
    assert_eq!(permitted, [1, 2, 3, 4]);
    // Another plate, another person, and the time do not count against one.
    assert!(bench.store().search(&bench.plate("XYZ9876")).is_ok());
    let other = bench.request().plate("ABC1234").build();
    let other = platewarden_policy::model::SearchRequest {
        actor: bench.officer("officer-8"),
        ..other
    };
    assert!(
        bench
            .store()
            .search(&Search::new(other).in_dataset("reads"))
            .is_ok()
    );
    bench.advance(days(31));
    assert!(bench.store().search(&bench.plate("ABC1234")).is_ok());
}

#[test]
fn the_second_approver_is_another_verified_person() {
    let bench = Bench::new(State::Il);
    for _ in 0..4 {
        bench.store().search(&bench.plate("ABC1234")).unwrap();
    }
    let approved = |approver: Actor| {
        bench
            .store()
            .search(&bench.plate("ABC1234").approved_by(approver))
    };
    let refused = [
        bench.officer("officer-7"),
        bench.officer("Officer-7 "),
        bench.officer(""),
        Actor {
            person_proofed: Fact::Unknown,
            ..bench.officer("sergeant-1")
        },
        Actor {
            mfa: Fact::Known(false),
            ..bench.officer("sergeant-1")
        },
    ];
    for approver in refused {
        assert_eq!(
            rules(&approved(approver.clone()).unwrap_err()),
            ["store-repeat"],
            "{approver:?}"
        );
    }
    // Nor does it help to claim one.
    let claim = CertificationRef::new(CertificationKind::SecondApproval).by("sergeant-1");
    let request = bench
        .request()
        .plate("ABC1234")
        .certification(claim)
        .build();
    assert!(
        bench
            .store()
            .search(&Search::new(request).in_dataset("reads"))
            .is_err()
    );
    approved(bench.officer("sergeant-1")).unwrap();
}

#[test]
fn a_search_without_a_plate_is_never_an_ordinary_one() {
    let bench = Bench::new(State::Il);
    bench.ingest([read("ABC1234", 5)]);
    let ask = |target: Option<&str>, mode: AccessMode| {
        let request = bench.request().mode(mode);
        let request = match target {
            Some(text) => request.plate(text),
            None => request,
        };
        bench
            .store()
            .search(&Search::new(request.build()).in_dataset("reads"))
    };
    for (target, mode) in [
        (None, AccessMode::HistoricalPlate),
        (Some("**"), AccessMode::HistoricalPlate),
        (Some("?B*"), AccessMode::HistoricalPartial),
        (Some("ABC1234"), AccessMode::Convoy),
        (None, AccessMode::BulkExport),
    ] {
        let rules = rules(&ask(target, mode).unwrap_err());
        assert!(
            rules.iter().any(|rule| rule == "store-plateless-release"),
            "{target:?} {mode}: {rules:?}"
        );
    }
    let many = bench.plate("ABC1234").limit(5_000);
    assert!(
        rules(&bench.store().search(&many).unwrap_err())
            .contains(&"store-plateless-release".to_owned())
    );
    assert_eq!(
        bench
            .store()
            .search(&bench.everything())
            .unwrap()
            .rows
            .len(),
        1
    );
}

#[test]
fn a_reason_has_parts() {
    let bench = Bench::with(
        State::Il,
        settings(State::Il).with_case_pattern("26-999999"),
    );
    let search = |case: Option<&str>, reason: &str| {
        let mut request = bench.request().plate("ABC1234").reason(reason).build();
        request.case_ref = case.map(CaseRef::case);
        bench
            .store()
            .search(&Search::new(request).in_dataset("reads"))
    };
    assert!(search(Some("26-001234"), "stolen Kia").is_ok());
    let denied = |case, reason| rules(&search(case, reason).unwrap_err());
    assert!(denied(None, "stolen Kia, he drove off").contains(&"store-structured-case".to_owned()));
    assert!(denied(Some("theft"), "stolen Kia").contains(&"store-structured-pattern".to_owned()));
    assert!(
        denied(Some("26-001234"), "investigation").contains(&"store-structured-vague".to_owned())
    );
}

#[test]
fn an_alert_opens_a_search_only_while_its_entry_and_list_live() {
    let bench = Bench::new(State::Il);
    let search = |expires: Option<i64>, list_age: Option<i64>| {
        let after = |count| noon().checked_add(days(count)).unwrap();
        let entry = CaseRef::HotlistEntry {
            id: "h-1".into(),
            purpose: Fact::Known(PurposeKind::StolenVehicleOrPlate),
            case: Some("26-001234".into()),
            expires: expires.map(after),
        };
        let request = bench
            .request()
            .plate("ABC1234")
            .mode(AccessMode::HotlistMatch)
            .case_ref(entry)
            .build();
        let search = Search::new(request).in_dataset("reads");
        let search = match list_age {
            Some(hours) => search.list_updated(
                noon()
                    .checked_sub(SignedDuration::from_hours(hours))
                    .unwrap(),
            ),
            None => search,
        };
        bench.store().search(&search)
    };
    assert!(search(Some(3), Some(2)).is_ok());
    assert!(
        rules(&search(None, Some(2)).unwrap_err()).contains(&"store-hotlist-look-up".to_owned())
    );
    assert!(
        rules(&search(Some(3), Some(48)).unwrap_err()).contains(&"store-hotlist-stale".to_owned())
    );
    assert!(rules(&search(Some(3), None).unwrap_err()).contains(&"store-hotlist-stale".to_owned()));
    assert!(search(Some(-1), Some(2)).is_err(), "a lapsed entry");
}

#[test]
fn older_reads_ask_for_more_where_the_tiers_are_on() {
    let bench = Bench::with(State::Il, settings(State::Il).with_gate("store-age"));
    bench.ingest([read("ABC1234", 60 * 24 * 120)]);
    let search = |back: i64, certified: bool| {
        let from = noon().checked_sub(days(back)).unwrap();
        let mut request = bench
            .request()
            .plate("ABC1234")
            .window(from, noon())
            .build();
        if certified {
            let senior =
                CertificationRef::new(CertificationKind::SeniorAuthorization).by("Inspector Low");
            request.certifications.push(senior);
        }
        bench
            .store()
            .search(&Search::new(request).in_dataset("reads"))
    };
    assert!(search(80, false).is_ok());
    assert_eq!(rules(&search(130, false).unwrap_err()), ["store-age-90"]);
    assert_eq!(search(130, true).unwrap().rows.len(), 1);
    assert!(rules(&search(400, true).unwrap_err()).contains(&"store-age-year".to_owned()));
}

#[test]
fn gates_are_off_where_the_owner_says_so() {
    let bench = Bench::with(State::Il, settings(State::Il).without_gate("store-repeat"));
    for _ in 0..8 {
        assert!(bench.store().search(&bench.plate("ABC1234")).is_ok());
    }
    let mut unknown: DatasetSettings = settings(State::Il);
    unknown.dataset.overlays.push("no-such-gate".into());
    assert_eq!(
        bench.store().put_dataset(unknown).unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

#[test]
fn denials_look_alike_whether_reads_exist_or_not() {
    let bench = Bench::new(State::Il);
    bench.ingest([read("ABC1234", 5)]);
    let denied = |plate: &str, dataset: &str| {
        let mut request = bench.request().plate(plate).build();
        request.case_ref = None;
        bench
            .store()
            .search(&Search::new(request).in_dataset(dataset))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(denied("ABC1234", "reads"), denied("XYZ9876", "reads"));
    // A dataset that does not exist is denied for the facts that nobody knows of it, and nothing is said of it.
    assert!(!denied("ABC1234", "no-such-dataset").contains("no such"));
    // What a request claims about a dataset is not believed.
    let mut request = bench.request().plate("ABC1234").build();
    request.actor.agency = police(State::Tx);
    request.actor.agency.id = "houston-pd".into();
    let claim =
        platewarden_policy::model::Dataset::new("reads", request.actor.agency.to_ref(), State::Tx);
    request.datasets.push(claim);
    assert_eq!(
        bench
            .store()
            .search(&Search::new(request))
            .unwrap_err()
            .kind(),
        ErrorKind::Denied
    );
}
