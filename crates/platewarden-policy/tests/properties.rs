//! Properties of decisions over random requests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::sync::OnceLock;

use platewarden_policy::engine::{Policy, RequestField, Unknowns};
use platewarden_policy::model::*;
use platewarden_policy::packs::{Pack, PackSet, Unverified};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn policy() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    POLICY.get_or_init(|| Policy::bundled(Unverified::Allow).expect("the bundled packs load"))
}

/// States with a pack of their own and one without, so that random pairs meet often.
fn state() -> impl Strategy<Value = State> {
    use State::*;
    select(vec![
        Il, Ca, Va, Md, Wa, Nm, Nj, Or, Ct, Nh, Me, Mn, Ne, Vt, Mt, Nc, Ut, Ga, Id, Ky, Ar, Tn, Ia,
        Fl, Co, Tx, Ny,
    ])
}

fn place() -> impl Strategy<Value = Jurisdiction> {
    prop_oneof![
        8 => state().prop_map(Jurisdiction::State),
        1 => select(vec![Jurisdiction::Country(Country::GERMANY), Jurisdiction::Country(Country::UNITED_KINGDOM)]),
    ]
}

fn fact<T: Clone + std::fmt::Debug + 'static>(
    inner: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Fact<T>> {
    prop_oneof![6 => inner.prop_map(Fact::Known), 1 => Just(Fact::Unknown)]
}

fn agency() -> impl Strategy<Value = Agency> {
    let declaration = (
        state(),
        select(vec![
            "625 ILCS 5/2-130",
            "SB 40",
            "PA 26-14",
            "P.L.2026, c.4",
        ]),
    )
        .prop_map(|(state, statute)| Declaration {
            id: "decl".into(),
            jurisdiction: state.into(),
            statute: statute.to_owned(),
            text_sha256: None,
            signed_by: None,
            signed_at: Fact::Known(parse_instant("2024-06-01").unwrap()),
            expires: None,
            scope: Vec::new(),
        });
    (
        fact(select(AgencyKind::ALL.to_vec())),
        fact(place()),
        option::weighted(0.1, select(FederalComponent::ALL.to_vec())),
        vec(declaration, 0..2),
        0..4_u8,
    )
        .prop_map(
            |(kind, jurisdiction, federal_component, declarations, id)| Agency {
                id: format!("agency-{id}").into(),
                kind,
                jurisdiction,
                federal_component,
                declarations,
                ..Agency::default()
            },
        )
}

fn read() -> impl Strategy<Value = ReadMeta> {
    let hold = (select(HoldKind::ALL.to_vec())).prop_map(|kind| HoldRef::new("hold", kind));
    (
        option::weighted(0.9, 0..1200_u32),
        option::weighted(0.2, select(HitOutcome::ALL.to_vec())),
        option::weighted(0.3, hold),
    )
        .prop_map(|(age_days, matched, hold)| ReadMeta {
            age_days,
            matched,
            hold,
            ..ReadMeta::default()
        })
}

fn dataset() -> impl Strategy<Value = Dataset> {
    let share = prop_oneof![5 => Just(ShareGrant::Network), 1 => Just(ShareGrant::Statewide), 1 => Just(ShareGrant::None)];
    let owner =
        (0..4_u8, fact(select(AgencyKind::ALL.to_vec()))).prop_map(|(id, kind)| AgencyRef {
            id: format!("agency-{id}").into(),
            kind,
            ..AgencyRef::default()
        });
    (
        owner,
        fact(place()),
        fact(share),
        vec(read(), 0..3),
        vec(select(PurposeKind::ALL.to_vec()), 0..2),
    )
        .prop_map(
            |(owner, captured_in, share, reads, policy_admits)| Dataset {
                id: "data".into(),
                owner,
                captured_in,
                share,
                reads,
                policy_admits,
                ..Dataset::default()
            },
        )
}

prop_compose! {
    fn request()(
        agency in agency(),
        known in (fact(Just(true)), fact(Just(true)), any::<bool>()),
        purpose in fact(select(PurposeKind::ALL.to_vec())),
        mode in select(AccessMode::ALL.to_vec()),
        detail in option::of(select(vec!["burglary on Oak Street", "stolen Kia", "homicide follow-up"])),
        case in option::of(Just(CaseRef::case("26-1"))),
        process in option::weighted(0.3, select(vec![
            LegalProcess::JudicialWarrant { court: Fact::Known(Court::Federal), id: "w".into() },
            LegalProcess::AdministrativeWarrant { form: "I-200".into() },
        ])),
        certifications in vec(select(CertificationKind::ALL.to_vec()), 0..3),
        offence in option::of((fact(select(OffenceLevel::ALL.to_vec())), fact(select(OffenceJurisdiction::ALL.to_vec())))),
        suspicion in any::<bool>(),
        behalf in option::weighted(0.2, select(vec!["DEA", "ICE", "HSI", "ERO", "somebody"])),
        datasets in vec(dataset(), 1..4),
        day in select(vec!["2023-06-01", "2025-09-01", "2026-04-15", "2026-11-22"]),
    ) -> SearchRequest {
        let mut actor = Actor::verified("officer", agency);
        actor.person_proofed = known.0;
        actor.mfa = known.1;
        if known.2 {
            let text = "x".to_owned();
            actor.contact = Some(Contact { name: text.clone(), telephone: text.clone(), email: text.clone(), address: text });
        }
        let mut built = SearchRequest::builder(actor, parse_instant(day).unwrap()).plate("AB12345").mode(mode).build();
        built.purpose = match purpose { Fact::Known(kind) => Fact::Known(Purpose::from(kind)), Fact::Unknown => Fact::Unknown };
        built.purpose_detail = detail.map(str::to_owned);
        built.case_ref = case;
        built.legal_process = process;
        built.certifications = certifications.into_iter().map(|kind| CertificationRef::new(kind).by("J. Doe")).collect();
        built.offence = offence.map(|(level, jurisdiction)| Offence { code: "100".into(), level, jurisdiction, accident_related: false });
        if suspicion { built.suspicion = Suspicion::ReasonableSuspicion { facts: "seen".into() } }
        built.on_behalf_of = behalf.map(AgencyRef::named);
        built.datasets = datasets;
        built
    }
}

fn strictness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Permit | Outcome::PermitWithObligations => 0,
        Outcome::Partial => 1,
        Outcome::DenyCurable => 2,
        Outcome::Deny => 3,
    }
}

fn assert_no_wider(before: &Decision, after: &Decision) -> Result<(), TestCaseError> {
    for (before, after) in before.per_dataset.iter().zip(&after.per_dataset) {
        prop_assert!(
            strictness(after.outcome) >= strictness(before.outcome),
            "{before:#?}\n{after:#?}"
        );
        if before.permits() && after.permits() {
            for obligation in &before.obligations {
                let kept = after.obligations.contains(obligation)
                    || matches!(
                        obligation,
                        Obligation::Log { .. } | Obligation::KeepAuditTrail { .. }
                    );
                prop_assert!(kept, "{obligation:?} was lost");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_overlay_never_widens(request in request()) {
        let mut tightened = request.clone();
        for data in &mut tightened.datasets {
            data.overlays.push("agency-default".into());
        }
        assert_no_wider(&policy().decide(&request), &policy().decide(&tightened))?;
    }

    #[test]
    fn a_suspicious_text_never_widens(
        request in request(),
        text in select(vec![
            "ICE detainer", "assist CBP", "HSI", "i c e", "immigration", "had an abortion", "2025 protest", "8 USC 1326",
            "child custody", "my ex wife", "training demo", "DOB 01/02/1980", "HSI narcotics", "not immigration",
        ]),
    ) {
        let mut suspicious = request.clone();
        // A text where none was can rightly cure a missing reason; what is tested is what it says.
        let mut plain = request.clone();
        let base = request.purpose_detail.clone().unwrap_or_else(|| "burglary on Oak Street".to_owned());
        suspicious.purpose_detail = Some(format!("{base} {text}"));
        plain.purpose_detail = Some(base);
        assert_no_wider(&policy().decide(&plain), &policy().decide(&suspicious))?;
    }

    #[test]
    fn a_sensitive_menu_value_never_widens(
        request in request(),
        menu in select(vec!["Immigration (civil/administrative)", "Immigration (criminal)", "Traffic Infraction"]),
    ) {
        prop_assume!(!request.purpose.is_unknown());
        let mut tightened = request.clone();
        tightened.purpose_menu = Some(menu.to_owned());
        assert_no_wider(&policy().decide(&request), &policy().decide(&tightened))?;
    }

    #[test]
    fn forgetting_a_fact_never_permits(request in request(), which in 0..6_u8) {
        let before = policy().decide(&request);
        let mut forgotten = request.clone();
        match which {
            0 => forgotten.actor.person_proofed = Fact::Unknown,
            1 => forgotten.actor.mfa = Fact::Unknown,
            2 => forgotten.actor.agency.kind = Fact::Unknown,
            3 => forgotten.actor.agency.jurisdiction = Fact::Unknown,
            4 => forgotten.datasets.iter_mut().for_each(|d| d.captured_in = Fact::Unknown),
            _ => forgotten.purpose = Fact::Unknown,
        }
        let after = policy().decide(&forgotten);
        for (before, after) in before.per_dataset.iter().zip(&after.per_dataset) {
            prop_assert!(!after.permits() || (before.permits() && which == 2), "{before:#?}\n{after:#?}");
        }
    }

    #[test]
    fn an_emergency_waives_no_statute(request in request()) {
        let mut urgent = request.clone();
        urgent.exigency = Some(Exigency { facts: "child abducted".into(), approved_by: Some("Sgt. Roe".into()) });
        let before = policy().decide(&request);
        let after = policy().decide(&urgent);
        for (before, after) in before.per_dataset.iter().zip(&after.per_dataset) {
            let law = before.reasons.iter().any(|r| {
                // Minnesota's statute itself names exigent circumstances.
                r.effect.denies() && r.authority.kind != AuthorityKind::AgencyPolicy && &*r.rule != "mn-track"
            });
            prop_assert!(!law || !after.permits(), "{before:#?}\n{after:#?}");
        }
    }

    #[test]
    fn decisions_are_deterministic_and_explained(request in request()) {
        let first = policy().decide(&request);
        // A policy built anew: nothing may hang on the order in which a map was filled.
        static SECOND: OnceLock<Policy> = OnceLock::new();
        let again = SECOND.get_or_init(|| Policy::bundled(Unverified::Allow).unwrap()).decide(&request.clone());
        let json = serde_json::to_string(&first).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&again).unwrap());
        prop_assert_eq!(&serde_json::from_str::<Decision>(&json).unwrap(), &first);
        for one in &first.per_dataset {
            prop_assert!(!one.reasons.is_empty());
            prop_assert!(one.reasons.iter().all(|r| !r.authority.citation.is_empty()));
            prop_assert_eq!(one.permits(), one.cures.is_empty());
            prop_assert!(one.permits() || one.obligations.is_empty());
            prop_assert!(one.outcome != Outcome::Partial);
        }
        prop_assert!(!first.explain().to_string().is_empty());
    }

    #[test]
    fn datasets_are_decided_one_by_one(request in request()) {
        let together = policy().decide(&request);
        for (index, data) in request.datasets.iter().enumerate() {
            let mut alone = request.clone();
            alone.datasets = vec![data.clone()];
            prop_assert_eq!(&policy().decide(&alone).per_dataset[0], &together.per_dataset[index]);
        }
    }

    #[test]
    fn requests_survive_json(request in request()) {
        // Reading fills in what a federal kind implies, once.
        let json = serde_json::to_string(&request).unwrap();
        let read: SearchRequest = serde_json::from_str(&json).unwrap();
        let again = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(&serde_json::from_str::<SearchRequest>(&again).unwrap(), &read);
        prop_assert_eq!(read.datasets.len(), request.datasets.len());
        prop_assert_eq!(&read.purpose, &request.purpose);
    }

    #[test]
    fn civil_immigration_is_never_permitted_on_illinois_data(request in request()) {
        let mut barred = request;
        barred.as_of = parse_instant("2026-11-22").unwrap();
        barred.purpose = Fact::Known(Purpose::CivilImmigration);
        for data in &mut barred.datasets {
            data.captured_in = Fact::Known(State::Il.into());
        }
        prop_assert_eq!(policy().decide(&barred).outcome, Outcome::Deny);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,200}", bytes in vec(any::<u8>(), 0..200)) {
        let _ = SearchRequest::from_json(&text, None);
        let _ = SearchRequest::from_json(&String::from_utf8_lossy(&bytes), Some(parse_instant("2026-11-22").unwrap()));
        let _ = Pack::parse("x.toml", &text);
        let _ = Pack::parse("x.toml", &format!("[pack]\nid = \"us-il\"\n{text}"));
        let _ = parse_instant(&text);
        let _ = text.parse::<Jurisdiction>();
    }
}

/// The bundled packs with the rules of each file in another order.
fn shuffled(seed: u64) -> Policy {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("packs");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.retain(|path| !path.ends_with("not-enacted.toml"));
    let packs = files.iter().map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let (head, rules) = text.split_once("[[").unwrap();
        let mut blocks: Vec<&str> = rules.split("\n[[").collect();
        // A fixed sequence of numbers is random enough to deal the blocks out anew.
        let mut state = seed;
        for last in (1..blocks.len()).rev() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            blocks.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
        }
        let text = format!("{head}[[{}\n", blocks.join("\n[["));
        Pack::parse(&path.display().to_string(), &text).unwrap()
    });
    Policy::new(PackSet::new(packs.collect(), Unverified::Allow).unwrap())
}

/// The request with some of its parts taken away, and which those are.
fn veiled(mut request: SearchRequest, which: u16) -> (SearchRequest, Unknowns) {
    use RequestField as F;
    let mut fields = Vec::new();
    let mut hide = |bit: u16, field: F| {
        let hidden = which & (1 << bit) != 0;
        if hidden {
            fields.push(field);
        }
        hidden
    };
    if hide(0, F::User) {
        request.actor.user = "".into();
    }
    if hide(1, F::Declarations) {
        request.actor.agency.declarations.clear();
    }
    if hide(2, F::OnBehalfOf) {
        request.on_behalf_of = None;
    }
    if hide(3, F::Purpose) {
        request.purpose = Fact::Unknown;
    }
    if hide(4, F::PurposeDetail) {
        request.purpose_detail = None;
    }
    if hide(5, F::Offence) {
        request.offence = None;
    }
    if hide(6, F::CaseRef) {
        request.case_ref = None;
    }
    if hide(7, F::Suspicion) {
        request.suspicion = Suspicion::None;
    }
    if hide(8, F::LegalProcess) {
        request.legal_process = None;
    }
    if hide(9, F::Certifications) {
        request.certifications.clear();
    }
    if hide(10, F::Reads) {
        request
            .datasets
            .iter_mut()
            .for_each(|data| data.reads.clear());
    }
    (request, Unknowns::of(fields))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_of_rules_does_not_matter(request in request()) {
        static OTHERS: OnceLock<[Policy; 2]> = OnceLock::new();
        let expected = policy().decide(&request);
        for other in OTHERS.get_or_init(|| [shuffled(1), shuffled(2)]) {
            let mut found = other.decide(&request);
            // The digest of a file whose rules stand in another order is another one.
            found.packs.clone_from(&expected.packs);
            prop_assert_eq!(serde_json::to_string(&found).unwrap(), serde_json::to_string(&expected).unwrap());
        }
    }

    #[test]
    fn what_is_said_of_a_veiled_request_holds_of_the_whole(request in request(), which in any::<u16>()) {
        let whole = policy().decide(&request);
        let (veiled, unknowns) = veiled(request, which);
        let partial = policy().decide_partial(&veiled, &unknowns);
        for (said, decided) in partial.per_dataset.iter().zip(&whole.per_dataset) {
            let denies = |rule: &str| decided.reasons.iter().any(|r| r.effect.denies() && &*r.rule == rule);
            let open = |rule: &str| said.residual.iter().any(|r| &*r.reason.rule == rule);
            // The default gives way to a law that was told as open and denies for good.
            let overtaken = decided.reasons.iter().any(|r| r.effect == Effect::Deny && open(&r.rule));
            for denial in &said.denials {
                let gives_way = &*denial.rule == "engine-sensitive-default" && overtaken;
                prop_assert!(denies(&denial.rule) || gives_way, "{} does not hold of the whole", denial.rule);
            }
            for reason in decided.reasons.iter().filter(|r| r.effect.denies()) {
                let told = open(&reason.rule) || said.denials.iter().any(|r| r.rule == reason.rule);
                prop_assert!(told, "{} comes as a surprise", reason.rule);
            }
            match said.outcome() {
                Some(Outcome::Permit | Outcome::PermitWithObligations) => prop_assert!(decided.permits()),
                Some(outcome) => prop_assert_eq!(outcome, decided.outcome),
                None => {}
            }
        }
    }
}
