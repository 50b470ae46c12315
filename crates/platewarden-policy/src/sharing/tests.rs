#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use jiff::Timestamp;

use platewarden_trail::{
    AuditSink, MemoryStore, Receipt, Record, Trail, TrailOptions, TrailWriter,
};

use super::*;
use crate::ErrorKind;
use crate::engine::Policy;
use crate::model::{
    Agency, AgencyKind, Dataset, Declaration, Fact, FederalComponent, Jurisdiction, ShareGrant,
    State, Status, parse_instant,
};
use crate::packs::Unverified;

fn day(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

fn registry() -> Registry {
    let mut registry = Registry::default();
    let owner = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    registry.add_dataset(Dataset::new("springfield", owner.to_ref(), State::Il));
    registry.add_dataset(Dataset::new("springfield-2", owner.to_ref(), State::Il));
    registry.add_agency(owner);
    registry.add_agency(Agency::new("peoria-pd", AgencyKind::Local, State::Il));
    registry.add_agency(Agency::new("dallas-pd", AgencyKind::Local, State::Tx));
    registry.add_agency(Agency::federal("cbp-chicago", FederalComponent::Cbp));
    registry.grant(grant("g-1", ShareGrant::Network)).unwrap();
    registry
}

fn grant(id: &str, to: ShareGrant) -> Grant {
    Grant {
        id: id.into(),
        dataset: "springfield".into(),
        to,
        from: day("2025-01-01"),
        until: None,
        granted_by: "Chief".into(),
    }
}

fn declaration(id: &str) -> Declaration {
    Declaration {
        id: id.into(),
        jurisdiction: Jurisdiction::State(State::Il),
        statute: "625 ILCS 5/2-130".into(),
        text_sha256: Some("ab".repeat(32)),
        signed_by: Some("Chief Roe".into()),
        signed_at: day("2026-02-01").into(),
        expires: Some(day("2027-02-01")),
        scope: Vec::new(),
    }
}

fn trail() -> (MemoryStore, TrailWriter<MemoryStore>) {
    let store = MemoryStore::default();
    (
        store.clone(),
        TrailWriter::open(store, TrailOptions::default()).unwrap(),
    )
}

fn open(registry: &Registry, policy: &Policy, at: &str) -> Vec<String> {
    let access = registry
        .who_may_search(policy, &"springfield".into(), day(at))
        .unwrap();
    access
        .into_iter()
        .filter(Access::is_open)
        .map(|access| access.agency.to_string())
        .collect()
}

#[test]
fn who_may_search_follows_the_law_and_the_file() {
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let mut registry = registry();
    assert_eq!(
        open(&registry, &policy, "2026-03-01"),
        ["peoria-pd", "springfield-pd"]
    );
    registry
        .file_declaration(&"dallas-pd".into(), declaration("d-1"), day("2026-02-10"))
        .unwrap();
    assert_eq!(
        open(&registry, &policy, "2026-03-01"),
        ["dallas-pd", "peoria-pd", "springfield-pd"]
    );
    assert_eq!(
        open(&registry, &policy, "2026-02-05"),
        ["peoria-pd", "springfield-pd"],
        "signed, not yet filed"
    );
    assert_eq!(
        open(&registry, &policy, "2027-03-01"),
        ["peoria-pd", "springfield-pd"],
        "lapsed"
    );
    let access = registry
        .access(
            &policy,
            &"dallas-pd".into(),
            &"springfield".into(),
            day("2026-03-01"),
        )
        .unwrap();
    assert_eq!(access.declarations, ["d-1".into()]);
    assert_eq!(
        access.ground,
        Ground::Grant {
            grant: "g-1".into()
        }
    );
    registry
        .end_declaration(&"d-1".into(), day("2026-06-01"))
        .unwrap();
    assert!(!open(&registry, &policy, "2026-06-01").contains(&"dallas-pd".to_owned()));
    assert!(
        open(&registry, &policy, "2026-05-31").contains(&"dallas-pd".to_owned()),
        "history stays"
    );
    let federal = registry
        .access(
            &policy,
            &"cbp-chicago".into(),
            &"springfield".into(),
            day("2026-03-01"),
        )
        .unwrap();
    assert!(!federal.is_open() && !federal.reasons.is_empty());
}

#[test]
fn grants_have_dates_and_reach() {
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let mut registry = registry();
    registry.end_grant("g-1", day("2026-04-01")).unwrap();
    assert_eq!(
        registry
            .end_grant("g-1", day("2026-05-01"))
            .unwrap_err()
            .kind(),
        ErrorKind::Invalid
    );
    registry
        .grant(Grant {
            from: day("2026-04-01"),
            ..grant(
                "g-2",
                ShareGrant::Agencies {
                    agencies: vec!["dallas-pd".into()],
                },
            )
        })
        .unwrap();
    assert_eq!(
        open(&registry, &policy, "2026-03-01"),
        ["peoria-pd", "springfield-pd"]
    );
    assert_eq!(open(&registry, &policy, "2026-04-02"), ["springfield-pd"]);
    let access = registry
        .access(
            &policy,
            &"peoria-pd".into(),
            &"springfield".into(),
            day("2026-04-02"),
        )
        .unwrap();
    assert_eq!(access.ground, Ground::NoGrant);
    let statewide = grant("x", ShareGrant::Statewide);
    let data = Dataset::new(
        "springfield",
        registry.owner(&"springfield".into()).unwrap().clone(),
        State::Il,
    );
    assert!(statewide.covers(&Agency::new("a", AgencyKind::Local, State::Il), &data));
    assert!(!statewide.covers(&Agency::new("a", AgencyKind::Local, State::Tx), &data));
    assert!(
        !statewide.covers(
            &Agency {
                jurisdiction: Fact::Unknown,
                ..Agency::default()
            },
            &Dataset::default()
        ),
        "unknown equals nothing"
    );
}

#[test]
fn a_revocation_is_written_down_and_bars() {
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let mut registry = registry();
    let (store, mut trail) = trail();
    let why = Revoke::new("rev-1", "Records Officer", "immigration searches")
        .with_evidence(["row 4", "row 9"]);
    let agencies = [
        "peoria-pd".into(),
        "nobody-knows-pd".into(),
        "peoria-pd".into(),
    ];
    let revocation = registry
        .revoke(
            agencies,
            &"springfield".into(),
            why.clone(),
            day("2026-05-01"),
            &mut trail,
        )
        .unwrap();
    assert_eq!(
        revocation.agencies,
        ["nobody-knows-pd".into(), "peoria-pd".into()]
    );
    assert_eq!(open(&registry, &policy, "2026-05-02"), ["springfield-pd"]);
    assert_eq!(
        open(&registry, &policy, "2026-04-30"),
        ["peoria-pd", "springfield-pd"]
    );
    let access = registry
        .access(
            &policy,
            &"peoria-pd".into(),
            &"springfield".into(),
            day("2026-05-02"),
        )
        .unwrap();
    assert_eq!(
        access.ground,
        Ground::Revoked {
            revocation: "rev-1".into()
        }
    );
    let elsewhere = registry
        .agency_for(
            &"peoria-pd".into(),
            &"springfield-2".into(),
            day("2026-05-02"),
        )
        .unwrap();
    assert_eq!(elsewhere.status, Status::Active, "another dataset");

    assert!(
        registry
            .revoke(
                ["peoria-pd".into()],
                &"springfield".into(),
                why,
                day("2026-05-03"),
                &mut trail
            )
            .is_err(),
        "the id is taken"
    );
    registry
        .restore(
            "rev-1",
            "Records Officer",
            "training done",
            day("2026-07-01"),
            &mut trail,
        )
        .unwrap();
    assert!(
        registry
            .restore(
                "rev-1",
                "Records Officer",
                "again",
                day("2026-07-02"),
                &mut trail
            )
            .is_err()
    );
    assert_eq!(
        open(&registry, &policy, "2026-07-01"),
        ["peoria-pd", "springfield-pd"]
    );
    let records: Vec<Record> = Trail::new(store)
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().record().unwrap())
        .collect();
    let Record::Revocation(first) = &records[0] else {
        panic!("{records:?}")
    };
    assert_eq!(first.evidence, ["row 4", "row 9"]);
    assert_eq!(records.len(), 2);
}

#[test]
fn scopes_reach_as_far_as_they_say() {
    let (_, mut trail) = trail();
    for (scope, second) in [
        (RevocationScope::Owner, true),
        (
            RevocationScope::Jurisdiction {
                jurisdiction: Jurisdiction::State(State::Il),
            },
            true,
        ),
        (
            RevocationScope::Jurisdiction {
                jurisdiction: Jurisdiction::State(State::Tx),
            },
            false,
        ),
    ] {
        let mut registry = registry();
        let why = Revoke::new("r", "Doe", "because").with_scope(scope.clone());
        registry
            .revoke(
                ["dallas-pd".into()],
                &"springfield".into(),
                why,
                day("2026-05-01"),
                &mut trail,
            )
            .unwrap();
        let agency = registry
            .agency_for(
                &"dallas-pd".into(),
                &"springfield-2".into(),
                day("2026-06-01"),
            )
            .unwrap();
        assert_eq!(
            matches!(agency.status, Status::Revoked { .. }),
            second,
            "{scope:?}"
        );
    }
}

#[test]
fn what_lacks_its_parts_is_refused() {
    let mut registry = registry();
    let at = day("2026-03-01");
    let dallas = "dallas-pd".into();
    for broken in [
        Declaration {
            id: "".into(),
            ..declaration("d")
        },
        Declaration {
            statute: " ".into(),
            ..declaration("d")
        },
        Declaration {
            signed_by: None,
            ..declaration("d")
        },
        Declaration {
            text_sha256: Some("xyz".into()),
            ..declaration("d")
        },
        Declaration {
            signed_at: Fact::Unknown,
            ..declaration("d")
        },
        Declaration {
            signed_at: day("2026-04-01").into(),
            ..declaration("d")
        },
        Declaration {
            expires: Some(day("2026-01-01")),
            ..declaration("d")
        },
    ] {
        assert_eq!(
            registry
                .file_declaration(&dallas, broken, at)
                .unwrap_err()
                .kind(),
            ErrorKind::Invalid
        );
    }
    assert!(
        registry
            .file_declaration(&"nobody".into(), declaration("d"), at)
            .is_err()
    );
    registry
        .file_declaration(&dallas, declaration("d"), at)
        .unwrap();
    assert!(
        registry
            .file_declaration(&dallas, declaration("d"), at)
            .is_err(),
        "twice"
    );
    assert!(registry.grant(grant("g-1", ShareGrant::Network)).is_err());
    assert!(
        registry
            .grant(Grant {
                granted_by: String::new(),
                ..grant("g", ShareGrant::Network)
            })
            .is_err()
    );
    assert!(
        registry
            .grant(Grant {
                until: Some(day("2024-01-01")),
                ..grant("g", ShareGrant::Network)
            })
            .is_err()
    );
    assert!(
        registry
            .grant(Grant {
                dataset: "nowhere".into(),
                ..grant("g", ShareGrant::Network)
            })
            .is_err()
    );
    let (_, mut trail) = trail();
    let mut revoke = |agencies: Vec<&str>, why| {
        registry
            .revoke(
                agencies.into_iter().map(Into::into),
                &"springfield".into(),
                why,
                at,
                &mut trail,
            )
            .map(|_| ())
    };
    assert!(revoke(vec![], Revoke::new("r", "Doe", "because")).is_err());
    assert!(revoke(vec!["springfield-pd"], Revoke::new("r", "Doe", "because")).is_err());
    assert!(revoke(vec!["dallas-pd"], Revoke::new("r", "", "because")).is_err());
    assert!(revoke(vec!["dallas-pd"], Revoke::new("r", "Doe", "")).is_err());
}

#[test]
fn what_cannot_be_written_down_does_not_happen() {
    struct Full;
    impl AuditSink for Full {
        fn record(&mut self, _: Record, _: Timestamp) -> platewarden_trail::Result<Receipt> {
            Err(platewarden_trail::Error::stream(
                "write the trail",
                std::io::Error::other("full"),
            ))
        }
    }
    let mut registry = registry();
    let before = registry.clone();
    let refused = registry.revoke(
        ["dallas-pd".into()],
        &"springfield".into(),
        Revoke::new("r", "Doe", "because"),
        day("2026-05-01"),
        &mut Full,
    );
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Trail);
    assert_eq!(registry, before);
}

#[test]
fn the_registry_survives_json() {
    let mut registry = registry();
    registry
        .file_declaration(&"dallas-pd".into(), declaration("d-1"), day("2026-02-10"))
        .unwrap();
    let text = serde_json::to_string(&registry).unwrap();
    assert_eq!(serde_json::from_str::<Registry>(&text).unwrap(), registry);
}
