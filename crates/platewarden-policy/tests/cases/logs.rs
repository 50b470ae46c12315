//! What real logs showed: searches that reach many, unread law, recipients, borrowed logins.

use platewarden_policy::model::*;
use platewarden_policy::packs::{LawState, Side};

use crate::support::*;

use Outcome::{Deny, DenyCurable, Permit, PermitWithObligations as Obliged};
use Purpose as P;
use State::*;

#[test]
fn searches_that_reach_many_need_case_and_supervisor_without_any_overlay() {
    for mode in [
        AccessMode::BulkExport,
        AccessMode::FreeformAi,
        AccessMode::AreaTime,
    ] {
        let name = mode.as_str();
        let search = || {
            let mut request = ask(police(Tx), P::ViolentCrime)
                .reason("homicide")
                .mode(mode);
            if mode == AccessMode::FreeformAi {
                request = request.target(Target::Prompt {
                    text: "red pickup with a ladder rack".into(),
                });
            }
            request.dataset(data(Tx)).build()
        };
        expect(name, &search(), DenyCurable, &["searches that reach many"]);
        let mut without_case = search();
        without_case.case_ref = None;
        without_case
            .certifications
            .push(certified(CertificationKind::SupervisorRelease));
        let decision = expect(
            name,
            &without_case,
            DenyCurable,
            &["searches that reach many"],
        );
        assert!(
            decision.cures.contains(&Cure::StateFact {
                field: "case_ref".into()
            }),
            "{name}"
        );
        let mut released = search();
        released
            .certifications
            .push(certified(CertificationKind::SupervisorRelease));
        assert!(
            policy().decide(&released).per_dataset[0].permits(),
            "{name}"
        );
        let mut emergency = without_case;
        emergency.certifications.clear();
        emergency.exigency = Some(Exigency {
            facts: "child taken".into(),
            approved_by: Some("Lt. Doe".into()),
        });
        expect(name, &emergency, Obliged, &[]);
    }
    let analytics = ask(police(Tx), P::AggregatePlanning)
        .reason("for analytics")
        .mode(AccessMode::BulkExport)
        .dataset(data(Tx));
    expect(
        "a bulk export for analytics",
        &analytics.build(),
        DenyCurable,
        &["searches that reach many"],
    );
}

#[test]
fn unread_law_is_told_and_on_a_sensitive_purpose_denies() {
    let mut admitted = data(Tx);
    admitted.policy_admits = vec![PurposeKind::CivilImmigration];
    let unread = ask(police(Fl), P::CivilImmigration)
        .dataset(admitted.clone())
        .build();
    expect(
        "nobody read the law of the officer",
        &unread,
        DenyCurable,
        &["unread law"],
    );
    for (state, outcome, law) in [
        (Or, Deny, "ORS 181A.820"),
        (Wa, Deny, "RCW 10.93.160"),
        (Nj, Deny, "Directive 2018-6"),
        (Ca, Deny, "7284.6"),
        (Co, DenyCurable, "24-76.6-102"),
        (Ct, DenyCurable, "54-192h"),
        (Md, DenyCurable, "5-104"),
    ] {
        let search = ask(police(state), P::CivilImmigration).dataset(admitted.clone());
        expect(state.as_str(), &search.build(), outcome, &[law]);
    }
    let plain = ask(police(Tx), P::StolenVehicleOrPlate)
        .dataset(data(Tx))
        .build();
    let decision = expect("an ordinary search", &plain, Permit, &[]);
    let basis = decision
        .reasons
        .iter()
        .find(|r| &*r.rule == "engine-basis")
        .unwrap();
    let told: Vec<(&str, &str)> = basis.facts.iter().map(|f| (&*f.field, &*f.value)).collect();
    assert_eq!(
        told,
        [
            ("law of the data", "none_found"),
            ("law of the officer", "not_read")
        ]
    );
    let packs = policy().packs();
    for state in State::ALL {
        let state = Jurisdiction::State(*state);
        if packs.law_state(state, Side::Holder) == LawState::NotRead {
            panic!("{state}: a pack that nobody read anything for");
        }
    }
}

#[test]
fn health_care_in_massachusetts_and_the_central_repository_in_minnesota() {
    let care = ask(police(Ma), P::LawfulHealthCare)
        .dataset(data(Tx))
        .build();
    expect(
        "an officer of Massachusetts",
        &care,
        Deny,
        &["c. 147 s. 63"],
    );
    let asked = ask(police(Tx), P::LawfulHealthCare)
        .dataset(data(Ma))
        .build();
    expect("data of Massachusetts", &asked, Deny, &["c. 147 s. 63"]);
    let state = Agency::new("mn-bureau", AgencyKind::State, Mn);
    let feed = ask(state, P::ViolentCrime)
        .reason("homicide")
        .mode(AccessMode::BulkExport)
        .certification(certified(CertificationKind::SupervisorRelease))
        .dataset(data(Mn));
    expect(
        "a central state repository",
        &feed.build(),
        Deny,
        &["13.824 subd. 2(c)"],
    );
}

#[test]
fn recipients_that_the_text_of_virginia_names() {
    let counsel = Agency::new("counsel", AgencyKind::Private, Va);
    let shared = || {
        data(Va).with_share(ShareGrant::Agencies {
            agencies: vec!["counsel".into()],
        })
    };
    let defence = ask(counsel.clone(), P::DefenceOrDiscovery)
        .dataset(shared())
        .build();
    expect("the defendant's counsel", &defence, Obliged, &["2.2-5517"]);
    let broker = ask(counsel, P::StolenVehicleOrPlate)
        .dataset(shared())
        .build();
    expect(
        "a private body for another purpose",
        &broker,
        Deny,
        &["2.2-5517(F)"],
    );
    let ordered = |court| {
        ask(police(Md), P::ViolentCrime)
            .offence(felony())
            .suspicion(suspicion())
            .legal_process(LegalProcess::CourtOrder {
                court: Fact::Known(court),
                id: "O-1".into(),
            })
            .dataset(data(Va))
            .build()
    };
    expect(
        "an order of a Virginian court",
        &ordered(Court::State { state: Va }),
        Obliged,
        &["2.2-5517(F)"],
    );
    expect(
        "an order of another court",
        &ordered(Court::State { state: Md }),
        DenyCurable,
        &["2.2-5517(F)"],
    );
}

#[test]
fn a_use_code_speaks_of_the_same_use_as_the_purpose() {
    let join = |code: Option<&str>| {
        let mut paper = certified(CertificationKind::UseCode);
        paper.text = code.map(str::to_owned);
        ask(police(Tx), P::StolenVehicleOrPlate)
            .mode(AccessMode::OwnerJoin)
            .certification(paper)
            .dataset(data(Tx))
            .build()
    };
    for code in [Some("(b)(1)"), Some("18 U.S.C. 2721(b)(1)"), None] {
        expect(
            "the agency's own use",
            &join(code),
            Obliged,
            &["2721(b)(1)"],
        );
    }
    let other = expect(
        "another use",
        &join(Some("(b)(12)")),
        DenyCurable,
        &["2721(b)"],
    );
    assert!(
        other
            .reasons
            .iter()
            .all(|r| !r.authority.citation.contains("(b)(1)"))
    );
}

#[test]
fn a_login_is_used_by_the_person_to_whom_it_was_issued() {
    let mut request = ask(police(Tx), P::StolenVehicleOrPlate)
        .dataset(data(Tx))
        .build();
    request.actor.credential_holder = Some(request.actor.user.clone());
    expect("an own login", &request, Permit, &[]);
    request.actor.credential_holder = Some("officer-9".into());
    expect("a borrowed login", &request, Deny, &["identity"]);
}

#[test]
fn a_word_outside_the_list_is_answered_with_the_nearest() {
    let request = ask(police(Tx), P::from_word("stolen vehical"))
        .dataset(data(Tx))
        .build();
    let decision = expect(
        "a misspelt purpose",
        &request,
        DenyCurable,
        &["closed list"],
    );
    let facts = decision.reasons.iter().flat_map(|reason| &reason.facts);
    let nearest = facts.filter(|fact| fact.field == "nearest purposes");
    assert!(
        nearest
            .map(|fact| &*fact.value)
            .any(|value| value.starts_with("stolen_vehicle_or_plate"))
    );
}
