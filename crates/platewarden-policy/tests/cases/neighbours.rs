//! Neighbouring cases: what stands between and beside the worked ones.

use platewarden_policy::model::*;

use crate::support::*;

use Outcome::{Deny, DenyCurable, Permit, PermitWithObligations as Obliged};
use Purpose as P;
use State::*;

fn warrant(court: Court) -> LegalProcess {
    LegalProcess::JudicialWarrant {
        court: Fact::Known(court),
        id: "26-w-1".to_owned(),
    }
}

#[test]
fn illinois_and_its_neighbours() {
    let law = "625 ILCS 5/2-130(c)";
    let decision = expect(
        "TX without declaration",
        &ask(police(Tx), P::ViolentCrime).dataset(data(Il)).build(),
        DenyCurable,
        &[law],
    );
    assert!(
        decision
            .cures
            .iter()
            .any(|c| matches!(c, Cure::FileDeclaration { .. }))
    );

    let expired = Declaration {
        expires: Some(on("2025-01-01")),
        ..declaration(Il, "625 ILCS 5/2-130")
    };
    expect(
        "declaration lapsed",
        &ask(police(Tx).with_declaration(expired), P::ViolentCrime)
            .dataset(data(Il))
            .build(),
        DenyCurable,
        &[law],
    );
    let unsigned = Declaration {
        signed_at: Fact::Unknown,
        ..declaration(Il, "625 ILCS 5/2-130")
    };
    expect(
        "signature unknown",
        &ask(police(Tx).with_declaration(unsigned), P::ViolentCrime)
            .dataset(data(Il))
            .build(),
        DenyCurable,
        &[law],
    );

    let removal = ask(police(Il), P::Drug)
        .on_behalf_of(AgencyRef::federal(FederalComponent::Ero))
        .dataset(data(Il))
        .build();
    expect("for ERO", &removal, Deny, &["Agency policy"]);
    let unclear = ask(police(Il), P::OtherCriminal)
        .offence(felony())
        .on_behalf_of(AgencyRef::federal(FederalComponent::Ice))
        .dataset(data(Il))
        .build();
    expect(
        "for ICE, purpose open",
        &unclear,
        DenyCurable,
        &["Agency policy"],
    );
    let handed = ask(police(Il), P::Drug)
        .transfer_to(vec![AgencyRef::federal(FederalComponent::Cbp)])
        .dataset(data(Il))
        .build();
    expect("handed to CBP", &handed, Deny, &["IL SOS audit"]);
    let texas = AgencyRef::new("dallas-pd", AgencyKind::Local, Tx);
    let handed = ask(police(Il), P::Drug)
        .transfer_to(vec![texas])
        .dataset(data(Il))
        .build();
    expect("handed to Texas", &handed, DenyCurable, &[law]);
    let somebody = ask(police(Il), P::Drug)
        .on_behalf_of(AgencyRef::named("a friend"))
        .dataset(data(Il))
        .build();
    expect(
        "for somebody unknown",
        &somebody,
        DenyCurable,
        &["unknown fact"],
    );

    for (text, outcome) in [
        ("ICE", DenyCurable),
        ("HSI", DenyCurable),
        ("ICE detainer", Deny),
        ("police report", Permit),
    ] {
        let request = ask(police(Il), P::PropertyOrFraud)
            .reason(text)
            .dataset(data(Il))
            .build();
        expect(text, &request, outcome, &[]);
    }
    let civil = ask(police(Il), P::PropertyOrFraud)
        .menu("Immigration (civil/administrative)")
        .dataset(data(Il))
        .build();
    expect(
        "the menu beats the purpose",
        &civil,
        Deny,
        &["625 ILCS 5/2-130(b)(2)"],
    );
    let combined = ask(police(Il), P::Drug)
        .reason("Immigration (civil/administrative) - ")
        .dataset(data(Il))
        .build();
    expect(
        "menu and empty text in one cell",
        &combined,
        Deny,
        &["625 ILCS 5/2-130(b)(2)"],
    );

    let released = ask(police(Il), P::CriminalImmigration)
        .certification(certified(CertificationKind::CounselRelease));
    expect(
        "released by counsel",
        &released.dataset(data(Il)).build(),
        Obliged,
        &["625 ILCS 5/2-130(b)(2)"],
    );
    let nameless = CertificationRef::new(CertificationKind::CounselRelease);
    let nameless = ask(police(Il), P::CriminalImmigration)
        .certification(nameless)
        .dataset(data(Il))
        .build();
    expect("a release without a name", &nameless, DenyCurable, &[]);

    let lifted = Status::Revoked {
        by: None,
        network: Some(Il.into()),
        dataset: None,
        reason: None,
        since: None,
    };
    let other = ask(police(Tx).with_status(lifted), P::ViolentCrime)
        .dataset(data(Tx))
        .build();
    expect("revoked in Illinois only", &other, Permit, &[]);
    let private = Agency::new("finder", AgencyKind::Private, Il);
    expect(
        "a private searcher",
        &ask(private, P::ViolentCrime).dataset(data(Il)).build(),
        DenyCurable,
        &["Agency policy"],
    );
}

#[test]
fn california_neighbours() {
    let share = "Cal. Civ. Code 1798.90.55(b)";
    expect(
        "AZ asks CA",
        &ask(police(Az), P::StolenVehicleOrPlate)
            .dataset(data(Ca))
            .build(),
        Deny,
        &[share],
    );
    let fbi = AgencyRef::federal(FederalComponent::Fbi);
    let handed = ask(police(Ca), P::TerrorismOrThreat)
        .on_behalf_of(fbi.clone())
        .transfer_to(vec![fbi.clone()])
        .dataset(data(Ca))
        .build();
    expect("handed to the FBI", &handed, Deny, &[share]);
    let silent = ask(police(Ca), P::TerrorismOrThreat)
        .on_behalf_of(fbi)
        .dataset(data(Ca))
        .build();
    expect("for the FBI, transfer unsaid", &silent, Deny, &[share]);
    let ice = ask(police(Ca), P::OtherCriminal)
        .offence(felony())
        .reason("ICE warrant")
        .dataset(data(Ca))
        .build();
    expect(
        "ICE warrant on own data",
        &ice,
        Deny,
        &["Cal. Gov. Code 7284.6(a)(1)"],
    );
    let smuggling = ask(police(Ca), P::CriminalImmigration)
        .dataset(data(Tx))
        .build();
    expect(
        "immigration crime",
        &smuggling,
        Deny,
        &["Cal. Gov. Code 7284.6(a)(1)"],
    );
    let abortion = ask(police(Ca), P::LawfulHealthCare)
        .dataset(data(Ca))
        .build();
    expect("health care", &abortion, Deny, &["Cal. Penal Code 13778.2"]);

    let patrol = Agency::new("CHP", AgencyKind::State, Ca);
    let chp = |days| Dataset::new("chp", patrol.to_ref(), Ca).with_read(ReadMeta::aged(days));
    expect(
        "CHP 61 days",
        &ask(patrol.clone(), P::Drug).dataset(chp(61)).build(),
        Deny,
        &["Cal. Veh. Code 2413(b)"],
    );
    expect(
        "CHP 59 days",
        &ask(patrol.clone(), P::Drug).dataset(chp(59)).build(),
        Obliged,
        &[],
    );
    let own = data(Ca).with_read(ReadMeta::aged(400));
    expect(
        "no statewide cap",
        &ask(police(Ca), P::Drug).dataset(own).build(),
        Obliged,
        &[],
    );
}

#[test]
fn virginia_and_maryland_neighbours() {
    let missing = ask(
        police(Va),
        P::MissingOrEndangered {
            alert: Some(Alert::Silver),
        },
    )
    .dataset(data(Va))
    .build();
    expect(
        "VA missing person",
        &missing,
        Obliged,
        &["Va. Code 2.2-5517"],
    );
    let alert = ask(police(Va), P::StolenVehicleOrPlate)
        .mode(AccessMode::HotlistMatch)
        .dataset(data(Va))
        .build();
    expect(
        "VA hotlist, stolen",
        &alert,
        Obliged,
        &["Va. Code 2.2-5517"],
    );
    let drugs = ask(police(Va), P::Drug)
        .mode(AccessMode::HotlistMatch)
        .dataset(data(Va))
        .build();
    expect("VA hotlist, drugs", &drugs, Deny, &["Va. Code 2.2-5517"]);
    let unsaid = ask(police(Va), P::PropertyOrFraud)
        .suspicion(suspicion())
        .offence(Offence {
            code: "18.2-91".to_owned(),
            ..Offence::default()
        })
        .dataset(data(Va))
        .build();
    let decision = expect(
        "VA, whose law is unsaid",
        &unsaid,
        DenyCurable,
        &["Va. Code 2.2-5517"],
    );
    assert!(decision.cures.contains(&Cure::StateFact {
        field: "offence.jurisdiction".into()
    }));
    let urgent = Exigency {
        facts: "abduction".to_owned(),
        approved_by: Some("Sgt. Roe".to_owned()),
    };
    let urgent = ask(police(Md), P::MissingOrEndangered { alert: None })
        .exigency(urgent)
        .dataset(data(Va))
        .build();
    expect(
        "an emergency waives no statute",
        &urgent,
        Deny,
        &["Va. Code 2.2-5517(F)"],
    );
    expect(
        "before the law",
        &ask_on("2025-06-01", police(Md), P::Drug)
            .dataset(data(Va))
            .build(),
        Permit,
        &[],
    );

    let ero = || {
        let mut actor =
            Actor::verified("agent", federal(FederalComponent::Ero)).with_contact(contact());
        actor.credential = "piv".into();
        SearchRequest::builder(actor, on("2026-11-22"))
            .purpose(P::CivilImmigration)
            .case("1")
            .dataset(data(Md))
    };
    let decision = expect(
        "MD with a federal court's warrant",
        &ero().legal_process(warrant(Court::Federal)).build(),
        Obliged,
        &["3-529(b)(1)"],
    );
    assert!(owes(&decision, "attach_process"));
    expect(
        "MD with a Maryland court's warrant",
        &ero()
            .legal_process(warrant(Court::State { state: Md }))
            .build(),
        Obliged,
        &[],
    );
    expect(
        "MD with a Texas court's warrant",
        &ero()
            .legal_process(warrant(Court::State { state: Tx }))
            .build(),
        DenyCurable,
        &["3-529(b)(1)"],
    );
    expect(
        "MD without paper",
        &ero().build(),
        DenyCurable,
        &["3-529(b)(1)"],
    );
}

#[test]
fn connecticut_new_mexico_new_jersey_oregon() {
    let ct = |agency| ask(agency, P::ViolentCrime);
    expect(
        "CT: NY bare",
        &ct(police(Ny)).dataset(data(Ct)).build(),
        DenyCurable,
        &["PA 26-14 s.13"],
    );
    expect(
        "CT: OH bare",
        &ct(police(Oh)).dataset(data(Ct)).build(),
        DenyCurable,
        &["PA 26-14 s.13"],
    );
    let attested = ct(police(Oh))
        .certification(certified(CertificationKind::WrittenCertification))
        .dataset(data(Ct))
        .build();
    expect(
        "CT: OH attested is not enough",
        &attested,
        DenyCurable,
        &["PA 26-14 s.13"],
    );
    let with = ct(police(Oh))
        .legal_process(warrant(Court::State { state: Oh }))
        .dataset(data(Ct))
        .build();
    expect("CT: OH with a warrant", &with, Obliged, &["PA 26-14 s.13"]);
    expect(
        "CT: FBI bare",
        &ct(federal(FederalComponent::Fbi)).dataset(data(Ct)).build(),
        DenyCurable,
        &["PA 26-14 s.13"],
    );
    let with = ct(federal(FederalComponent::Fbi))
        .legal_process(warrant(Court::Federal))
        .dataset(data(Ct))
        .build();
    expect("CT: FBI with a warrant", &with, Obliged, &[]);
    let watch = ct(federal(FederalComponent::Fbi))
        .mode(AccessMode::HotlistMatch)
        .match_list(MatchList::TerroristScreening);
    expect(
        "CT: watch list",
        &watch.dataset(data(Ct)).build(),
        Obliged,
        &[],
    );
    expect(
        "CT: 22 days",
        &ask(police(Ct), P::Drug)
            .dataset(data(Ct).with_read(ReadMeta::aged(22)))
            .build(),
        Deny,
        &["PA 26-14"],
    );

    expect(
        "NM: CO bare",
        &ask(police(Co), P::ViolentCrime).dataset(data(Nm)).build(),
        DenyCurable,
        &["ch. 20"],
    );
    let colorado = police(Co).with_declaration(declaration(Nm, "2026 N.M. Laws ch. 20"));
    expect(
        "NM: CO declared",
        &ask(colorado, P::ViolentCrime).dataset(data(Nm)).build(),
        Obliged,
        &["ch. 20"],
    );
    expect(
        "NM: before July",
        &ask_on("2026-06-15", police(Co), P::ViolentCrime)
            .dataset(data(Nm))
            .build(),
        Permit,
        &[],
    );

    let civil = ask(police(Pa), P::CivilImmigration)
        .certification(certified(CertificationKind::WrittenCertification));
    expect(
        "NJ: civil immigration",
        &civil.dataset(data(Nj)).build(),
        Deny,
        &["P.L.2026, c.4"],
    );

    let case = ask(police(Wa), P::ViolentCrime)
        .reason("homicide")
        .dataset(data(Or))
        .build();
    let decision = expect("OR: one case", &case, Obliged, &["ch. 77"]);
    assert!(owes(&decision, "case_specific_only"));
    expect(
        "OR: 31 days",
        &ask(police(Or), P::Drug)
            .dataset(data(Or).with_read(ReadMeta::aged(31)))
            .build(),
        Deny,
        &["ch. 77"],
    );
}

#[test]
fn washington_neighbours() {
    let wa = |level| ask(police(Wa), P::PropertyOrFraud).offence(offence(level));
    expect(
        "WA: gross misdemeanour",
        &wa(OffenceLevel::GrossMisdemeanor).dataset(data(Wa)).build(),
        Obliged,
        &["C 239 L 26"],
    );
    expect(
        "WA: parking",
        &ask(police(Wa), P::TrafficOrParking)
            .dataset(data(Wa))
            .build(),
        Obliged,
        &[],
    );
    expect(
        "WA: gravity unsaid",
        &ask(police(Wa), P::Drug).dataset(data(Wa)).build(),
        DenyCurable,
        &[],
    );
    let mut hospital = data(Wa);
    hospital.sensitive_places = vec![Site::HealthCare];
    let decision = expect(
        "WA: hospital camera",
        &wa(OffenceLevel::Felony).dataset(hospital).build(),
        Obliged,
        &[],
    );
    assert!(decision.obligations.contains(&Obligation::SuppressSites {
        sites: vec![Site::HealthCare]
    }));
    let only = data(Wa).with_read(ReadMeta {
        site: vec![Site::School],
        ..ReadMeta::aged(1)
    });
    expect(
        "WA: nothing but a school",
        &wa(OffenceLevel::Felony).dataset(only).build(),
        Deny,
        &[],
    );
    let mut private = Dataset::new("mall", AgencyRef::new("mall", AgencyKind::Private, Wa), Wa)
        .with_share(ShareGrant::Network);
    private.operator = Fact::Known(OperatorKind::Private);
    expect(
        "WA: private data",
        &wa(OffenceLevel::Felony).dataset(private.clone()).build(),
        DenyCurable,
        &["C 239 L 26"],
    );
    let with = wa(OffenceLevel::Felony)
        .legal_process(warrant(Court::State { state: Wa }))
        .dataset(private)
        .build();
    expect("WA: private data on a warrant", &with, Obliged, &[]);
}

#[test]
fn old_data_and_matching() {
    let vt = |read| ask(police(Vt), P::ViolentCrime).dataset(data(Vt).with_read(read));
    expect(
        "VT: seven months",
        &vt(ReadMeta::aged(213)).build(),
        DenyCurable,
        &["23 V.S.A. 1607"],
    );
    let with = vt(ReadMeta::aged(213))
        .legal_process(warrant(Court::State { state: Vt }))
        .build();
    let decision = expect("VT: seven months with a warrant", &with, Obliged, &[]);
    assert!(owes(&decision, "attach_process"));
    expect(
        "VT: nineteen months",
        &vt(ReadMeta::aged(580)).build(),
        Deny,
        &["23 V.S.A. 1607"],
    );

    let match_ = |state, purpose| {
        ask(police(state), purpose)
            .mode(AccessMode::HotlistMatch)
            .dataset(data(state))
            .build()
    };
    expect(
        "NE: automated parking",
        &match_(Ne, P::TrafficOrParking),
        Obliged,
        &["60-3206"],
    );
    expect("NE: automated drugs", &match_(Ne, P::Drug), Obliged, &[]);
    expect(
        "NE: automated planning",
        &match_(Ne, P::AggregatePlanning),
        Deny,
        &["60-3203"],
    );
    expect(
        "NE: 181 days",
        &ask(police(Ne), P::Drug)
            .dataset(data(Ne).with_read(ReadMeta::aged(181)))
            .build(),
        Deny,
        &[],
    );

    let mt = ask(police(Mt), P::Drug);
    expect(
        "MT: 91 days",
        &mt.clone()
            .dataset(data(Mt).with_read(ReadMeta::aged(91)))
            .build(),
        Deny,
        &["46-5-118"],
    );
    let sworn = ReadMeta::aged(91).with_hold(HoldRef::new("p", HoldKind::SwornPreservation));
    expect(
        "MT: sworn",
        &mt.dataset(data(Mt).with_read(sworn)).build(),
        Obliged,
        &["46-5-118"],
    );
    let late = ReadMeta {
        hold: Some(HoldRef {
            requested_at: Some(on("2025-10-01")),
            ..HoldRef::new("p", HoldKind::SwornPreservation)
        }),
        ..ReadMeta::captured(on("2025-09-20"))
    };
    expect(
        "NC: preservation over a year old",
        &ask(police(Nc), P::Drug)
            .dataset(data(Nc).with_read(late))
            .build(),
        Deny,
        &[],
    );

    expect(
        "ME: 22 days",
        &ask(police(Me), P::Drug)
            .suspicion(facts())
            .dataset(data(Me).with_read(ReadMeta::aged(22)))
            .build(),
        Deny,
        &[],
    );
    expect(
        "AR: government, 100 days",
        &ask(police(Ar), P::Drug)
            .dataset(data(Ar).with_read(ReadMeta::aged(100)))
            .build(),
        Obliged,
        &[],
    );
    expect(
        "AR: government, 151 days",
        &ask(police(Ar), P::Drug)
            .dataset(data(Ar).with_read(ReadMeta::aged(151)))
            .build(),
        Deny,
        &[],
    );
    let evidence = ReadMeta::aged(31).with_hold(HoldRef::new("e", HoldKind::Evidence));
    expect(
        "IA: copied to evidence",
        &ask(police(Ia), P::Drug)
            .dataset(data(Ia).with_read(evidence))
            .build(),
        Obliged,
        &[],
    );
    expect(
        "KY: within the cap",
        &ask(police(Ky), P::Drug)
            .dataset(data(Ky).with_read(ReadMeta::aged(80)))
            .build(),
        Obliged,
        &[],
    );
    expect(
        "ID: another agency",
        &ask(Agency::new("other-pd", AgencyKind::Local, Id), P::Drug)
            .dataset(data(Id))
            .build(),
        Deny,
        &["49-1432"],
    );
    let mixed = data(Tn)
        .with_read(ReadMeta::aged(10))
        .with_read(ReadMeta::aged(100));
    let decision = expect(
        "TN: one read past the cap",
        &ask(police(Tn), P::Drug).dataset(mixed).build(),
        Obliged,
        &["55-10-302"],
    );
    assert!(owes(&decision, "clip_window") && decision.per_dataset[0].faults.len() == 1);
    let reach = ask(police(Tn), P::Drug)
        .window(on("2026-01-01"), on("2026-11-22"))
        .dataset(data(Tn))
        .build();
    assert!(owes(
        &expect("TN: a long window", &reach, Obliged, &["55-10-302"]),
        "clip_window"
    ));
    let local = Dataset {
        local_cap_days: Some(14),
        ..data(Tx)
    }
    .with_read(ReadMeta::aged(15));
    expect(
        "a local ordinance",
        &ask(police(Tx), P::Drug).dataset(local).build(),
        Deny,
        &["local ordinance"],
    );

    let add = ask(police(Mn), P::Drug)
        .mode(AccessMode::HotlistAdd)
        .reason("track");
    expect(
        "MN: on a warrant",
        &add.legal_process(warrant(Court::State { state: Mn }))
            .dataset(data(Mn))
            .build(),
        Obliged,
        &[],
    );
    let held = ReadMeta::aged(61).with_hold(HoldRef::new("h", HoldKind::OngoingInvestigation));
    expect(
        "MN: 61 days, under investigation",
        &ask(police(Mn), P::Drug)
            .dataset(data(Mn).with_read(held))
            .build(),
        Obliged,
        &[],
    );
}

#[test]
fn europe() {
    let forces = |code: &str| {
        let place = code.parse::<Jurisdiction>().unwrap();
        let force = Agency::new(code, AgencyKind::State, place);
        (force.clone(), Dataset::new("reads", force.to_ref(), place))
    };
    let (force, reads) = forces("FR");
    let why = ask(force, P::ViolentCrime)
        .reason("meurtre, dossier 12")
        .dataset(reads)
        .build();
    assert!(owes(
        &expect("EU: justified", &why, Obliged, &["2016/680 art. 25"]),
        "log"
    ));

    let (force, reads) = forces("DE");
    let bare = ask(force.clone(), P::Drug)
        .mode(AccessMode::HotlistMatch)
        .reason("Fahndung")
        .dataset(reads.clone());
    expect(
        "DE: no occasion",
        &bare.clone().build(),
        DenyCurable,
        &["1 BvR 142/15"],
    );
    let ordered = bare
        .certification(certified(CertificationKind::TimeAndPlaceOrder))
        .build();
    expect("DE: ordered", &ordered, Obliged, &["2016/680"]);
    let history = ask(force, P::Drug)
        .reason("Fahndung")
        .certification(certified(CertificationKind::TimeAndPlaceOrder))
        .dataset(reads);
    expect("DE: history", &history.build(), Deny, &["163g StPO"]);

    let (force, reads) = forces("GB");
    let gb = |days, purpose| {
        ask(force.clone(), purpose).dataset(reads.clone().with_read(ReadMeta::aged(days)))
    };
    expect(
        "GB: recent",
        &gb(30, P::PropertyOrFraud).build(),
        Obliged,
        &["Data Protection Act 2018"],
    );
    expect(
        "GB: 100 days, serious",
        &gb(100, P::ViolentCrime).build(),
        DenyCurable,
        &["NASPLE"],
    );
    let inspector = gb(100, P::ViolentCrime)
        .certification(certified(CertificationKind::SeniorAuthorization))
        .build();
    expect("GB: 100 days, authorised", &inspector, Obliged, &[]);
    expect(
        "GB: 100 days, burglary",
        &gb(100, P::PropertyOrFraud).build(),
        Deny,
        &["NASPLE"],
    );
    expect(
        "GB: 400 days",
        &gb(400, P::ViolentCrime).build(),
        Deny,
        &["NASPLE"],
    );
}

#[test]
fn people_and_purposes() {
    let tx = || ask(police(Tx), P::ViolentCrime).dataset(data(Tx)).build();
    let with = |change: fn(&mut SearchRequest)| {
        let mut request = tx();
        change(&mut request);
        request
    };
    expect("plain", &tx(), Permit, &[]);
    expect(
        "shared credential",
        &with(|r| r.actor.credential_shared = Fact::Known(true)),
        Deny,
        &["identity"],
    );
    expect(
        "no second factor",
        &with(|r| r.actor.mfa = Fact::Known(false)),
        DenyCurable,
        &["identity"],
    );
    expect(
        "second factor unknown",
        &with(|r| r.actor.mfa = Fact::Unknown),
        DenyCurable,
        &["identity"],
    );
    expect(
        "person unproofed",
        &with(|r| r.actor.person_proofed = Fact::Known(false)),
        DenyCurable,
        &["identity"],
    );
    expect(
        "training lapsed",
        &with(|r| r.actor.training_valid_until = Some("2026-01-01".parse().unwrap())),
        DenyCurable,
        &[],
    );
    expect(
        "no name",
        &with(|r| r.actor.user = UserId::default()),
        DenyCurable,
        &["identity"],
    );
    expect(
        "marked inactive",
        &with(|r| r.actor.agency.name = "Dallas PD [Inactive]".to_owned()),
        Deny,
        &[],
    );
    expect(
        "suspended",
        &with(|r| r.actor.agency.status = Status::Suspended { reason: None }),
        Deny,
        &[],
    );
    expect(
        "no dataset",
        &with(|r| r.datasets.clear()),
        DenyCurable,
        &["form of the request"],
    );
    expect(
        "an overlay not loaded",
        &with(|r| r.datasets[0].overlays.push("mystery".into())),
        DenyCurable,
        &["unknown policy"],
    );
    expect(
        "no grant",
        &with(|r| {
            r.actor.agency.id = "other".into();
            r.datasets[0].share = Fact::Unknown
        }),
        DenyCurable,
        &["grant"],
    );
    expect(
        "own data needs no grant",
        &with(|r| r.datasets[0].share = Fact::Unknown),
        Permit,
        &[],
    );
    expect(
        "purpose unknown",
        &with(|r| r.purpose = Fact::Unknown),
        DenyCurable,
        &["unknown fact"],
    );

    for (purpose, outcome) in [
        (P::Personal, Deny),
        (P::CivilImmigration, Deny),
        (P::ProtectedActivity, Deny),
        (P::LawfulHealthCare, Deny),
        (P::Other("mayor asked".to_owned()), DenyCurable),
        (P::AuditOrTraining, Deny),
        (P::WelfareCheck, Permit),
    ] {
        let name = format!("{purpose:?}");
        expect(
            &name,
            &ask(police(Tx), purpose).dataset(data(Tx)).build(),
            outcome,
            &[],
        );
    }
    let own_plate = ask(police(Tx), P::AuditOrTraining)
        .certification(certified(CertificationKind::TestPlate))
        .dataset(data(Tx));
    expect("training on an own plate", &own_plate.build(), Permit, &[]);
    let mut admitted = data(Tx);
    admitted.policy_admits = vec![PurposeKind::CivilProcess];
    expect(
        "the owner's written policy admits it",
        &ask(police(Tx), P::CivilProcess).dataset(admitted).build(),
        Permit,
        &[],
    );

    let agency = Agency::new("broker", AgencyKind::Private, Tx);
    let join = ask(agency, P::StolenVehicleOrPlate)
        .mode(AccessMode::OwnerJoin)
        .dataset(data(Tx))
        .build();
    expect(
        "a private owner join",
        &join,
        DenyCurable,
        &["18 U.S.C. 2721(b)"],
    );

    let bulk = ask(police(Tx), P::ViolentCrime)
        .reason("homicide")
        .mode(AccessMode::BulkExport);
    expect(
        "bulk under the overlay",
        &bulk
            .dataset(data(Tx).with_overlay("agency-default"))
            .build(),
        DenyCurable,
        &["Agency policy"],
    );
}

#[test]
fn mixed_outcomes() {
    let denied = ask(police(Nv), P::StolenVehicleOrPlate)
        .dataset(data(Ca))
        .dataset(data(Va))
        .build();
    expect("all denied for good", &denied, Deny, &[]);
    let curable = ask(police(Nv), P::StolenVehicleOrPlate)
        .dataset(data(Il))
        .dataset(data(Va))
        .build();
    let decision = expect("one of them curable", &curable, DenyCurable, &[]);
    assert!(!decision.cures.contains(&Cure::NoCure));
    let ice = ask(police(Tx), P::OtherCriminal)
        .offence(felony())
        .reason("ICE detainer")
        .dataset(data(Tx))
        .dataset(data(Il))
        .build();
    expect("immigration everywhere", &ice, Deny, &[]);
}
