//! The 82 worked cases, by their ids.

use platewarden_policy::model::*;
use platewarden_policy::packs::{NotEnacted, Pack};

use crate::support::*;

use AccessMode::HotlistMatch;
use Outcome::{Deny, DenyCurable, Permit, PermitWithObligations as Obliged};
use Purpose as P;
use State::*;

#[test]
fn illinois() {
    let il = || police(Il);
    let tx = || police(Tx);
    let declared = || tx().with_declaration(declaration(Il, "625 ILCS 5/2-130"));
    let five = "625 ILCS 5/2-130";
    let audit = "IL SOS audit";

    let own = ask(il(), P::StolenVehicleOrPlate)
        .dataset(data(Il).with_read(ReadMeta::aged(3)))
        .build();
    expect("IL-01", &own, Permit, &["625 ILCS 5/2-130(b),(c)"]);

    let text = ask(il(), P::OtherCriminal)
        .offence(felony())
        .reason("IMMIGRATION VIOLATION")
        .dataset(data(Il))
        .build();
    expect(
        "IL-02",
        &text,
        Deny,
        &["625 ILCS 5/2-130(b)(2)", "5 ILCS 805/15"],
    );

    let with = ask(declared(), P::ViolentCrime).dataset(data(Il)).build();
    let decision = expect("IL-04", &with, Obliged, &["625 ILCS 5/2-130(c)"]);
    assert!(
        decision
            .obligations
            .contains(&Obligation::AttachDeclaration {
                id: "decl-1".to_owned()
            })
    );
    assert!(owes(&decision, "no_onward_transfer"));

    let health = ask(declared(), P::MissingOrEndangered { alert: None })
        .reason("had an abortion, search for female")
        .dataset(data(Il))
        .build();
    expect("IL-05", &health, Deny, &["625 ILCS 5/2-130(b)(1)"]);

    let cbp = ask(federal(FederalComponent::Cbp), P::Drug)
        .dataset(data(Il))
        .build();
    let decision = expect("IL-07", &cbp, Deny, &[audit, five]);
    assert!(
        decision
            .reasons
            .iter()
            .all(|r| r.authority.kind != AuthorityKind::Statute),
        "not the statute's wording"
    );

    let warrant = LegalProcess::JudicialWarrant {
        court: Fact::Known(Court::Federal),
        id: "26-mj-1".to_owned(),
    };
    let hsi = ask(federal(FederalComponent::Hsi), P::ChildExploitation)
        .legal_process(warrant)
        .dataset(data(Il))
        .build();
    expect("IL-08", &hsi, DenyCurable, &[audit]);

    let task_force = ask(il(), P::Drug)
        .on_behalf_of(AgencyRef::federal(FederalComponent::Dea))
        .dataset(data(Il))
        .build();
    let decision = expect("IL-09", &task_force, Obliged, &[five]);
    assert!(owes(&decision, "record_federal_nexus") && owes(&decision, "notify_owner"));
    assert!(owes(&decision, "no_onward_transfer"));

    let assist = ask(il(), P::OtherCriminal)
        .offence(felony())
        .reason("assist ICE with locate")
        .dataset(data(Il))
        .build();
    expect("IL-11", &assist, Deny, &["625 ILCS 5/2-130(b)(2)"]);

    let narcotics = ask(il(), P::Drug)
        .reason("HSI Narcotics Investigation")
        .dataset(data(Il))
        .build();
    let decision = expect("IL-12", &narcotics, Obliged, &[five]);
    assert!(owes(&decision, "record_federal_nexus") && owes(&decision, "supervisor_review"));

    let mut vague = ask(il(), P::PropertyOrFraud)
        .reason("inv")
        .dataset(data(Il).with_overlay("agency-default"))
        .build();
    vague.case_ref = None;
    let decision = expect("IL-14", &vague, DenyCurable, &["Agency policy"]);
    assert!(
        decision
            .reasons
            .iter()
            .all(|r| !r.authority.citation.contains("ILCS")),
        "must not cite the statute"
    );
    assert!(
        decision
            .reasons
            .iter()
            .all(|r| r.authority.kind == AuthorityKind::AgencyPolicy)
    );

    let revoked = Status::Revoked {
        by: Some("il-network".into()),
        network: Some(Il.into()),
        dataset: None,
        reason: Some("audit".to_owned()),
        since: Some(on("2025-06-01")),
    };
    let cut_off = ask(declared().with_status(revoked), P::ViolentCrime)
        .dataset(data(Il))
        .build();
    expect("IL-15", &cut_off, Deny, &["Agency policy"]);

    let other_statute = tx().with_declaration(declaration(Nm, "2026 N.M. Laws ch. 20"));
    expect(
        "IL-16",
        &ask(other_statute, P::ViolentCrime)
            .dataset(data(Il))
            .build(),
        DenyCurable,
        &["625 ILCS 5/2-130(c)"],
    );
    let wrong_statute = tx().with_declaration(declaration(Il, "2026 N.M. Laws ch. 20"));
    expect(
        "IL-16",
        &ask(wrong_statute, P::ViolentCrime)
            .dataset(data(Il))
            .build(),
        DenyCurable,
        &["625 ILCS 5/2-130(c)"],
    );

    let before = ask_on("2023-12-15", tx(), P::ViolentCrime)
        .dataset(data(Il))
        .build();
    let decision = expect("IL-17", &before, Permit, &[]);
    assert!(
        decision
            .reasons
            .iter()
            .all(|r| !r.authority.citation.contains("2-130")),
        "not yet in force"
    );

    let state_police = Agency::new("isp", AgencyKind::State, Il);
    let smuggling = ask(state_police, P::CriminalImmigration)
        .menu("Immigration (criminal)")
        .reason("8 USC 1324 smuggling with deaths")
        .offence(Offence::new(
            "8 USC 1324",
            OffenceLevel::Felony,
            OffenceJurisdiction::Federal,
        ))
        .dataset(data(Il))
        .build();
    expect(
        "IL-18",
        &smuggling,
        DenyCurable,
        &["625 ILCS 5/2-130(b)(2)"],
    );

    let lint = |id: &str, place: &str, bill: &str| {
        let pack = format!(
            "[pack]\nid = \"{id}\"\ntitle = \"t\"\nversion = \"1\"\nkind = \"law\"\njurisdictions = [\"{place}\"]\nverified_on = \"\"\n\
             [[retention]]\nid = \"r\"\ncap = \"30 days\"\nmessage = \"m\"\nauthority = {{ cite = \"{bill}\", kind = \"statute\", confidence = \"text\" }}\n"
        );
        NotEnacted::bundled().lint(&Pack::parse("p.toml", &pack).unwrap())
    };
    for bill in ["SB 3257, 104th GA", "HB 5151", "HB5231"] {
        let findings = lint("us-il", "US-IL", bill);
        assert!(!findings.is_empty(), "IL-20: {bill}");
        assert!(findings.iter().all(|f| f.line == 8), "IL-20: {bill}");
    }
}

#[test]
fn california() {
    let ca = || police(Ca);
    let record = "Cal. Civ. Code 1798.90.52(a)";
    let share = "Cal. Civ. Code 1798.90.55(b)";

    let own = ask(ca(), P::StolenVehicleOrPlate).dataset(data(Ca)).build();
    let decision = expect("CA-01", &own, Obliged, &[record]);
    let fields = decision.obligations.iter().find_map(|o| match o {
        Obligation::Log { fields } => Some(fields.to_vec()),
        _ => None,
    });
    let fields = fields.unwrap();
    for field in [
        LogField::Time,
        LogField::QueryElements,
        LogField::User,
        LogField::Agency,
        LogField::Purpose,
    ] {
        assert!(fields.contains(&field), "CA-01: {field}");
    }

    let blank = ask(ca(), P::StolenVehicleOrPlate)
        .reason("")
        .dataset(data(Ca))
        .build();
    expect(
        "CA-02",
        &blank,
        DenyCurable,
        &["Cal. Civ. Code 1798.90.52(a)(4)"],
    );
    let mut none = ask(ca(), P::StolenVehicleOrPlate)
        .reason("")
        .dataset(data(Ca))
        .build();
    none.purpose = Fact::Unknown;
    expect(
        "CA-02",
        &none,
        DenyCurable,
        &["Cal. Civ. Code 1798.90.52(a)(4)"],
    );

    let fbi = ask(federal(FederalComponent::Fbi), P::TerrorismOrThreat)
        .dataset(data(Ca))
        .build();
    expect("CA-04", &fbi, Deny, &[share, "2023-DLE-06"]);

    let kept = ask(ca(), P::ViolentCrime)
        .on_behalf_of(AgencyRef::federal(FederalComponent::Fbi))
        .transfer_to(Vec::new())
        .dataset(data(Ca))
        .build();
    let decision = expect("CA-06", &kept, Obliged, &[share]);
    assert!(owes(&decision, "no_onward_transfer"));
    let plain = ask(ca(), P::ViolentCrime)
        .transfer_to(Vec::new())
        .dataset(data(Ca))
        .build();
    expect("CA-06", &plain, Obliged, &[share]);

    let patrol = Agency::new("CHP", AgencyKind::State, Ca);
    let chp = |read| {
        let reads = Dataset::new("chp-reads", patrol.to_ref(), Ca).with_read(read);
        ask(patrol.clone(), P::ViolentCrime)
            .offence(felony())
            .dataset(reads)
            .build()
    };
    let preserved = ReadMeta::aged(75).with_hold(HoldRef::new("pres-1", HoldKind::FelonyEvidence));
    let decision = expect(
        "CA-09",
        &chp(preserved),
        Obliged,
        &["Cal. Veh. Code 2413(b)"],
    );
    assert!(
        decision
            .obligations
            .contains(&Obligation::AttachPreservation {
                id: "pres-1".to_owned()
            })
    );

    for bill in ["SB 274", "SB 1013"] {
        let pack = format!(
            "[pack]\nid = \"us-ca\"\ntitle = \"t\"\nversion = \"1\"\nkind = \"law\"\njurisdictions = [\"US-CA\"]\nverified_on = \"\"\n\
             [[retention]]\nid = \"r\"\ncap = \"60 days\"\nmessage = \"m\"\nauthority = {{ cite = \"{bill}\", kind = \"statute\", confidence = \"text\" }}\n"
        );
        let findings = NotEnacted::bundled().lint(&Pack::parse("us-ca.toml", &pack).unwrap());
        assert!(
            findings
                .iter()
                .any(|f| f.problem.contains(bill) && f.line == 8),
            "CA-11: {bill}"
        );
    }

    let texas = ask(ca(), P::OtherCriminal)
        .offence(felony())
        .reason("deportation warrant")
        .dataset(data(Tx))
        .build();
    expect("CA-12", &texas, Deny, &["Cal. Gov. Code 7284.6(a)(1)"]);
}

#[test]
fn virginia() {
    let va = || police(Va);
    let law = "Va. Code 2.2-5517";
    let full = |reads: Dataset| {
        ask(va(), P::PropertyOrFraud)
            .suspicion(suspicion())
            .offence(felony())
            .reason("burglary")
            .dataset(reads)
    };
    let decision = expect(
        "VA-01",
        &full(data(Va).with_read(ReadMeta::aged(10))).build(),
        Obliged,
        &[law],
    );
    assert!(
        owes(&decision, "log")
            && owes(&decision, "count_in_report")
            && owes(&decision, "match_alone_is_not_suspicion")
    );

    let mut bare = full(data(Va).with_read(ReadMeta::aged(10))).build();
    bare.suspicion = Suspicion::None;
    expect("VA-02", &bare, DenyCurable, &[law]);

    let decision = expect(
        "VA-03",
        &full(data(Va).with_read(ReadMeta::aged(25))).build(),
        Deny,
        &[law],
    );
    assert_eq!(
        decision.per_dataset[0].faults.len(),
        1,
        "a retention fault is raised"
    );

    let held = ReadMeta::aged(25).with_hold(HoldRef::new("hold-1", HoldKind::OngoingInvestigation));
    expect(
        "VA-04",
        &full(data(Va).with_read(held)).build(),
        Obliged,
        &[law],
    );

    let maryland = police(Md).with_declaration(declaration(Va, "Va. Code 2.2-5517"));
    let outside = |agency| {
        ask(agency, P::ViolentCrime)
            .suspicion(suspicion())
            .offence(felony())
            .dataset(data(Va))
            .build()
    };
    let decision = expect("VA-05", &outside(maryland), Deny, &["Va. Code 2.2-5517(F)"]);
    assert_eq!(decision.cures, [Cure::NoCure], "a declaration is no cure");
    expect(
        "VA-06",
        &outside(federal(FederalComponent::Fbi)),
        Deny,
        &["Va. Code 2.2-5517(F)"],
    );

    let entry = Offence::new(
        "8 USC 1325",
        OffenceLevel::Misdemeanor,
        OffenceJurisdiction::Federal,
    );
    let federal_only = ask(va(), P::OtherCriminal)
        .suspicion(suspicion())
        .offence(entry)
        .dataset(data(Va))
        .build();
    expect("VA-07", &federal_only, Deny, &[law]);

    let registration = ask(va(), P::RegistrationOrInsurance)
        .dataset(data(Va))
        .build();
    expect("VA-09", &registration, Deny, &[law]);
}

#[test]
fn new_england() {
    let nh = || police(Nh);
    let rsa = "RSA 261:75-b";
    let week = ask(nh(), P::PropertyOrFraud)
        .window(on("2026-11-15"), on("2026-11-22"))
        .dataset(data(Nh))
        .build();
    expect("NH-01", &week, Deny, &[rsa]);
    let unmatched = ask(nh(), P::PropertyOrFraud)
        .dataset(data(Nh).with_read(ReadMeta::aged(2)))
        .build();
    expect("NH-01", &unmatched, Deny, &[rsa]);
    let arrest = ReadMeta::aged(2).with_match(HitOutcome::Arrest);
    let matched = ask(nh(), P::StolenVehicleOrPlate)
        .dataset(data(Nh).with_read(arrest.clone()))
        .build();
    let decision = expect("NH-02", &matched, Obliged, &[rsa]);
    assert!(owes(&decision, "log"));
    let mut pole = data(Nh).with_read(arrest);
    pole.device = Fact::Known(DeviceKind::Fixed);
    let fixed = ask(nh(), P::StolenVehicleOrPlate).dataset(pole).build();
    expect("NH-03", &fixed, Deny, &["RSA 259:68-a"]);

    let me = ask(police(Me), P::PropertyOrFraud)
        .suspicion(facts())
        .dataset(data(Me).with_read(ReadMeta::aged(20)))
        .build();
    let decision = expect("ME-01", &me, Obliged, &["29-A M.R.S. 2117-A"]);
    assert!(owes(&decision, "keep_confidential"));
    let lot = Agency::new("lot-operator", AgencyKind::Private, Me);
    let own = Dataset::new("lot", lot.to_ref(), Me);
    expect(
        "ME-03",
        &ask(lot, P::TrafficOrParking).dataset(own).build(),
        Deny,
        &["29-A M.R.S. 2117-A"],
    );

    let recent = ask(police(Vt), P::PropertyOrFraud)
        .suspicion(facts())
        .dataset(data(Vt).with_read(ReadMeta::aged(20)))
        .build();
    let decision = expect("VT-02", &recent, Obliged, &["23 V.S.A. 1607"]);
    assert!(owes(&decision, "log"));
    let parking = ask(police(Vt), P::TrafficOrParking)
        .dataset(data(Vt).with_read(ReadMeta::aged(20)))
        .build();
    expect("VT-03", &parking, Deny, &["23 V.S.A. 1607(a)(5)"]);

    let early = ask_on("2026-09-30", police(Ny), P::ViolentCrime)
        .dataset(data(Ct))
        .build();
    expect("CT-01", &early, Permit, &[]);
    let attested = ask_on("2026-10-02", police(Ny), P::ViolentCrime)
        .certification(certified(CertificationKind::WrittenCertification))
        .dataset(data(Ct))
        .build();
    let decision = expect("CT-02", &attested, Obliged, &["PA 26-14 s.13"]);
    assert!(owes(&decision, "attach_declaration"));
}

#[test]
fn minnesota_and_nebraska() {
    let mn = || police(Mn);
    let law = "Minn. Stat. 13.824";
    let burglary = |days| {
        ask(mn(), P::PropertyOrFraud)
            .reason("burglary on Oak Street")
            .certification(certified(CertificationKind::WrittenAuthorization))
            .dataset(data(Mn).with_read(ReadMeta::aged(days)))
            .build()
    };
    expect(
        "MN-01",
        &burglary(45),
        Obliged,
        &["Minn. Stat. 13.824 subd. 7"],
    );
    expect(
        "MN-02",
        &burglary(61),
        Deny,
        &["Minn. Stat. 13.824 subd. 3"],
    );
    let track = ask(mn(), P::Drug)
        .mode(AccessMode::HotlistAdd)
        .reason("track suspect")
        .dataset(data(Mn))
        .build();
    expect(
        "MN-03",
        &track,
        DenyCurable,
        &["Minn. Stat. 13.824 subd. 2(d)"],
    );
    let mut commercial = ask(mn(), P::PropertyOrFraud)
        .mode(HotlistMatch)
        .match_list(MatchList::Commercial)
        .reason("owner data")
        .dataset(data(Mn))
        .build();
    commercial.case_ref = None;
    expect(
        "MN-04",
        &commercial,
        Deny,
        &["Minn. Stat. 13.824 subd. 2(c)"],
    );
    let fusion = Agency::new("fusion", AgencyKind::FusionCenter, Mn);
    let immigration = ask(fusion, P::OtherCriminal)
        .offence(felony())
        .reason("Immigration Inv")
        .dataset(data(Mn))
        .build();
    let decision = expect("MN-05", &immigration, Deny, &["Agency policy", law]);
    assert!(
        decision
            .reasons
            .iter()
            .all(|r| r.authority.kind == AuthorityKind::AgencyPolicy)
    );

    let ne = || police(Ne);
    let manual = ask(ne(), P::PropertyOrFraud)
        .reason("burglary, case 26-1")
        .dataset(data(Ne))
        .build();
    let decision = expect("NE-01", &manual, Obliged, &["Neb. Rev. Stat. 60-3204(3)"]);
    assert!(owes(&decision, "purge_manual_entry_at_shift_end"));
    let parking = ask(ne(), P::TrafficOrParking)
        .reason("unpaid parking")
        .dataset(data(Ne))
        .build();
    expect("NE-02", &parking, Deny, &["Neb. Rev. Stat. 60-3204(3)"]);
}

#[test]
fn maryland() {
    let officer = || Actor::verified("officer-7", police(Md)).with_contact(contact());
    let theft = || {
        SearchRequest::builder(officer(), on("2026-11-22"))
            .plate("AB12345")
            .purpose(P::PropertyOrFraud)
            .case("26-1")
            .dataset(data(Md))
    };
    let stated = theft()
        .certification(certified(CertificationKind::PerjuryStatement))
        .build();
    let decision = expect("MD-01", &stated, Obliged, &["Md. Pub. Safety 3-529(b)(2)"]);
    assert!(owes(&decision, "perjury_statement"));
    let paper = LegalProcess::AdministrativeWarrant {
        form: "I-200".to_owned(),
    };
    let ice = ask(federal(FederalComponent::Ero), P::CivilImmigration)
        .legal_process(paper)
        .dataset(data(Md))
        .build();
    expect("MD-02", &ice, Deny, &["Md. Pub. Safety 3-529(b)(1)"]);
    expect(
        "MD-04",
        &theft().build(),
        DenyCurable,
        &["Md. Pub. Safety 3-529(b)(2)(iii)"],
    );
}

#[test]
fn the_laws_of_2026() {
    let wa = || police(Wa);
    let law = "C 239 L 26";
    let petty = ask(wa(), P::PropertyOrFraud)
        .offence(offence(OffenceLevel::Misdemeanor))
        .dataset(data(Wa))
        .build();
    expect("WA-01", &petty, Deny, &[law]);
    let protest = ask(wa(), P::OtherCriminal)
        .offence(felony())
        .reason("2025 PROTEST")
        .dataset(data(Wa))
        .build();
    expect("WA-04", &protest, Deny, &[law]);
    let idaho = ask(police(Id), P::ViolentCrime)
        .offence(felony())
        .dataset(data(Wa))
        .build();
    expect("WA-05", &idaho, Deny, &[law]);

    let colorado = police(Co).with_declaration(Declaration {
        signed_at: Fact::Known(on("2026-08-01")),
        ..declaration(Nm, "2026 N.M. Laws ch. 20 (SB 40)")
    });
    let attendees = ask(colorado, P::ProtectedActivity)
        .reason("protest attendees")
        .dataset(data(Nm))
        .build();
    expect(
        "NM-02",
        &attendees,
        Deny,
        &["2026 N.M. Laws ch. 20 (SB 40)"],
    );

    let standing = ask(wa(), P::ViolentCrime)
        .scope(AccessScope::Ongoing)
        .dataset(data(Or))
        .build();
    expect(
        "OR-02",
        &standing,
        Deny,
        &["2026 Or. Laws ch. 77 (SB 1516)"],
    );

    let pa = ask(police(Pa), P::ViolentCrime).dataset(data(Nj));
    let certificate = certified(CertificationKind::WrittenCertification);
    let decision = expect(
        "NJ-01",
        &pa.clone().certification(certificate).build(),
        Obliged,
        &["P.L.2026, c.4"],
    );
    assert!(owes(&decision, "attach_declaration"));
    let decision = expect("NJ-02", &pa.build(), DenyCurable, &["P.L.2026, c.4"]);
    assert!(decision.cures.contains(&Cure::AttachCertification {
        certification: CertificationKind::WrittenCertification
    }));
}

#[test]
fn traffic_and_written_requests() {
    let id = || police(Id);
    let code = "Idaho Code 49-1432";
    let speeding = ask(id(), P::TrafficOrParking)
        .offence(offence(OffenceLevel::Infraction))
        .dataset(data(Id))
        .build();
    expect("ID-01", &speeding, Deny, &[code]);
    let mut crash = offence(OffenceLevel::Infraction);
    crash.accident_related = true;
    let crash = ask(id(), P::TrafficOrParking)
        .offence(crash)
        .dataset(data(Id))
        .build();
    let decision = expect("ID-02", &crash, Obliged, &[code]);
    assert!(owes(&decision, "log"));

    let nc = || police(Nc);
    expect(
        "NC-01",
        &ask(nc(), P::TrafficOrParking).dataset(data(Nc)).build(),
        Deny,
        &["N.C.G.S. 20-183.31(b)"],
    );
    let other = ask(police(Sc), P::ViolentCrime).dataset(data(Nc)).build();
    expect("NC-02", &other, DenyCurable, &["N.C.G.S. 20-183.32"]);
    let sworn = ReadMeta::aged(95).with_hold(HoldRef::new("pres-2", HoldKind::SwornPreservation));
    let kept = ask(nc(), P::ViolentCrime)
        .dataset(data(Nc).with_read(sworn))
        .build();
    expect("NC-03", &kept, Obliged, &["N.C.G.S. 20-183.32"]);
}

#[test]
fn retention_caps() {
    let old = |state: State, purpose: P, read: ReadMeta| {
        ask(police(state), purpose)
            .dataset(data(state).with_read(read))
            .build()
    };
    let months = |captured: &str| ReadMeta::captured(on(captured));
    let decision = expect(
        "GA-01",
        &ask(federal(FederalComponent::Fbi), P::ViolentCrime)
            .dataset(data(Ga))
            .build(),
        Obliged,
        &["O.C.G.A. 35-1-22(a)(3),(c)"],
    );
    assert!(owes(&decision, "keep_confidential"));
    expect(
        "GA-02",
        &old(Ga, P::PropertyOrFraud, months("2024-04-20")),
        Deny,
        &["O.C.G.A. 35-1-22(b)"],
    );
    expect(
        "TN-01",
        &old(Tn, P::PropertyOrFraud, ReadMeta::aged(91)),
        Deny,
        &["Tenn. Code 55-10-302"],
    );
    expect(
        "UT-01",
        &old(Ut, P::PropertyOrFraud, months("2026-01-20")),
        Deny,
        &["Utah Code 41-6a-2004(1)(c)"],
    );
    expect(
        "IA-01",
        &old(Ia, P::PropertyOrFraud, ReadMeta::aged(31)),
        Deny,
        &["Iowa Code 321P.4"],
    );
    expect(
        "KY-01",
        &old(Ky, P::PropertyOrFraud, ReadMeta::aged(91)),
        Deny,
        &["KRS 189.632"],
    );
    let mut business = data(Ar).with_read(ReadMeta::aged(61));
    business.operator = Fact::Known(OperatorKind::Private);
    let business = ask(police(Ar), P::StolenVehicleOrPlate)
        .dataset(business)
        .build();
    expect("AR-02", &business, Deny, &["Ark. Code 12-12-1804"]);
}

#[test]
fn federal_and_europe() {
    let join = ask(police(Tx), P::StolenVehicleOrPlate)
        .mode(AccessMode::OwnerJoin)
        .dataset(data(Tx))
        .build();
    let decision = expect("DPPA-01", &join, Obliged, &["18 U.S.C. 2721(b)(1)"]);
    assert!(
        decision.obligations.iter().any(
            |o| matches!(o, Obligation::Log { fields } if fields.contains(&LogField::UseCode))
        )
    );

    let france = Jurisdiction::Country(Country::from_code("FR").unwrap());
    let gendarmerie = Agency::new("fr-gn", AgencyKind::State, france);
    let reads = Dataset::new("fr", gendarmerie.to_ref(), france);
    let silent = ask(gendarmerie, P::ViolentCrime).dataset(reads).build();
    expect(
        "EU-01",
        &silent,
        DenyCurable,
        &["Directive (EU) 2016/680 art. 25"],
    );
}

#[test]
fn mixed_queries_and_places() {
    let query = ask(police(Ca), P::StolenVehicleOrPlate)
        .dataset(data(Ca))
        .dataset(data(Il))
        .dataset(data(Va))
        .dataset(data(Tx))
        .build();
    let decision = expect(
        "MIX-01",
        &query,
        Outcome::Partial,
        &[
            "Cal. Civ. Code 1798.90.52",
            "625 ILCS 5/2-130(c)",
            "Va. Code 2.2-5517(F)",
        ],
    );
    let outcomes: Vec<Outcome> = decision.per_dataset.iter().map(|d| d.outcome).collect();
    assert_eq!(outcomes, [Obliged, DenyCurable, Deny, Permit]);
    let withheld: Vec<&str> = decision.withheld().map(DatasetId::as_str).collect();
    assert_eq!(withheld, ["IL-reads", "VA-reads"]);

    let mut nowhere = data(Tx);
    nowhere.captured_in = Fact::Unknown;
    expect(
        "MIX-04",
        &ask(police(Tx), P::ViolentCrime).dataset(nowhere).build(),
        DenyCurable,
        &["Platewarden engine rule"],
    );

    let mut hosted = data(Il);
    hosted.hosted_in = Some(Ga.into());
    expect(
        "MIX-05",
        &ask(police(Il), P::ViolentCrime).dataset(hosted).build(),
        Permit,
        &[],
    );
}

#[test]
fn edges() {
    let tx = || police(Tx);
    let engine = "Platewarden engine rule";
    let negated = ask(police(Il), P::StolenVehicleOrPlate)
        .reason("not immigration - stolen vehicle")
        .dataset(data(Il))
        .build();
    let decision = expect("EDG-01", &negated, Obliged, &[engine]);
    assert!(owes(&decision, "supervisor_review"));

    for text in ["I.C.E.", "i c e", "\u{456}ce"] {
        for state in [Il, Tx] {
            let evasive = ask(police(state), P::PropertyOrFraud)
                .reason(text)
                .dataset(data(state))
                .build();
            expect(&format!("EDG-02 {text:?} {state}"), &evasive, Deny, &[]);
        }
    }

    let personal = ask(tx(), P::ViolentCrime)
        .reason("homicide suspect DOB 01/02/1980 SSN 078-05-1120")
        .dataset(data(Tx))
        .build();
    let decision = expect("EDG-06", &personal, Obliged, &["Agency policy"]);
    assert!(owes(&decision, "redact_reason_on_publish"));

    let entry = |expires: &str| CaseRef::HotlistEntry {
        id: "hl-1".to_owned(),
        purpose: Fact::Known(PurposeKind::StolenVehicleOrPlate),
        case: Some("26-1".to_owned()),
        expires: Some(on(expires)),
    };
    let mut alert = ask(tx(), P::StolenVehicleOrPlate)
        .case_ref(entry("2027-01-01"))
        .dataset(data(Tx))
        .build();
    alert.purpose = Fact::Unknown;
    let decision = expect("EDG-08", &alert, Obliged, &[engine]);
    assert_eq!(
        decision.effective_purpose,
        Some(PurposeKind::StolenVehicleOrPlate),
        "inherited"
    );
    let lapsed = ask(tx(), P::StolenVehicleOrPlate)
        .case_ref(entry("2026-11-01"))
        .dataset(data(Tx))
        .build();
    expect("EDG-08", &lapsed, Deny, &[engine]);

    let closed = tx().with_status(Status::Inactive);
    expect(
        "EDG-09",
        &ask(closed, P::ViolentCrime).dataset(data(Tx)).build(),
        Deny,
        &[engine],
    );

    let demo = ask(tx(), P::AuditOrTraining)
        .reason("training demo")
        .networks_searched(5000)
        .dataset(data(Tx))
        .build();
    expect("EDG-10", &demo, Deny, &["Agency policy"]);

    let declared = tx().with_declaration(declaration(Il, "625 ILCS 5/2-130"));
    let exigency = Exigency {
        facts: "child abducted an hour ago".to_owned(),
        approved_by: Some("Sgt. Roe".to_owned()),
    };
    let mut amber = ask(
        declared,
        P::MissingOrEndangered {
            alert: Some(Alert::Amber),
        },
    )
    .reason("AMBER alert, abducted child")
    .exigency(exigency)
    .dataset(data(Il).with_overlay("agency-default"))
    .build();
    amber.case_ref = None;
    let decision = expect("EDG-11", &amber, Obliged, &[engine]);
    assert!(
        decision
            .obligations
            .contains(&Obligation::CompleteCaseRef { within_hours: 24 })
    );

    let custody = ask(tx(), P::CivilProcess)
        .reason("child custody locate")
        .dataset(data(Tx))
        .build();
    expect("EDG-14", &custody, Deny, &["Agency policy"]);

    for (start, end) in [("2026-11-20", "2026-11-10"), ("2026-11-20", "2026-11-25")] {
        let window = ask(tx(), P::ViolentCrime)
            .window(on(start), on(end))
            .dataset(data(Tx))
            .build();
        expect("EDG-16", &window, DenyCurable, &[engine]);
    }
}
