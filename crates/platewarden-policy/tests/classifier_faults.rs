//! Kinds of mistakes that the classifier must not make: weak words over clear phrases, rescued bodies, typography taken
//! for disguise, prompts unread, reasons that say nothing taken for reasons.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::Path;

use platewarden_policy::classifier::SignalCategory::{
    Civil, EthnicTerm, FederalNexus, HealthCare, Immigration, PersonalData, ProtectedActivity,
    Vague,
};
use platewarden_policy::classifier::{
    Classifier, Grade, MenuValue, PersonalDataKind, SignalCategory, Spelling, classify,
};
use platewarden_policy::model::PurposeKind;

const HIGH: Option<Grade> = Some(Grade::High);
const MEDIUM: Option<Grade> = Some(Grade::Medium);
const LOW: Option<Grade> = Some(Grade::Low);

fn check(cases: &[(&str, SignalCategory, Option<Grade>)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, category, grade)| classify(text).grade(*category) != *grade)
        .map(|(text, category, grade)| {
            let found = classify(text);
            format!(
                "{text}: wanted {category} {grade:?}, found {:?}",
                found.signals
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(serde::Deserialize)]
struct File {
    #[serde(default)]
    class: Vec<Class>,
}

#[derive(serde::Deserialize)]
struct Class {
    patterns: Vec<String>,
}

/// Every plain word of the lexicon's classes, negations apart.
fn context_words() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicon/classes");
    let mut words = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("negation.toml") {
            continue;
        }
        let file: File = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for class in file.class {
            let plain = class.patterns.iter().flat_map(|p| p.split('|'));
            words.extend(
                plain
                    .map(|p| p.trim_end_matches("(s)").trim_end_matches('*'))
                    .filter(|p| p.len() > 2 && p.bytes().all(|b| b.is_ascii_lowercase()))
                    .map(str::to_owned),
            );
        }
    }
    words.sort();
    words.dedup();
    assert!(words.len() > 1_500, "{}", words.len());
    words
}

#[test]
fn no_word_lowers_a_named_process() {
    const PROCESSES: [&str; 12] = [
        "ICE detainer",
        "ICE administrative warrant",
        "target of ICE",
        "warrant from ICE",
        "ERO hold",
        "immigration detainer",
        "immigration warrant",
        "removal order",
        "deportation",
        "8 USC 1326",
        "I-200",
        "citizenship status",
    ];
    // With these the words name another thing: a lie about an officer, an order to take a child or a gun away.
    const OTHER_OBJECT: [&str; 6] = ["fake", "bogus", "phony", "false", "impersonat", "zero"];
    const OTHER_ORDER: [&str; 29] = [
        "cps",
        "dcfs",
        "dhr",
        "custody",
        "divorce",
        "dv",
        "dvo",
        "dvpo",
        "firearm",
        "firearms",
        "weapon",
        "gun",
        "guns",
        "graffiti",
        "foster",
        "juvenile",
        "child",
        "children",
        "protective",
        "protection",
        "restraining",
        "tro",
        "vehicle",
        "sign",
        "debris",
        "lead",
        "mine",
        "snow",
        "tattoo",
    ];
    let mut classifier = Classifier::new();
    let mut lowered = Vec::new();
    for word in context_words() {
        if OTHER_OBJECT.contains(&word.as_str()) {
            continue;
        }
        for process in PROCESSES {
            if process == "removal order" && OTHER_ORDER.contains(&word.as_str()) {
                continue;
            }
            for text in [
                format!("{process} {word}"),
                format!("{word} {process}"),
                format!("{word}, {process}, {word}"),
            ] {
                if classifier.classify(&text).grade(Immigration) != HIGH {
                    lowered.push(text);
                }
            }
        }
    }
    assert!(
        lowered.is_empty(),
        "{} lowered: {:?}",
        lowered.len(),
        &lowered[..lowered.len().min(40)]
    );
}

#[test]
fn only_a_negation_or_another_object_changes_a_named_process() {
    check(&[
        ("ICE detainer pick up", Immigration, HIGH),
        ("ICE hold, subject's car at the house", Immigration, HIGH),
        ("detainer for ICE, bag in vehicle", Immigration, HIGH),
        ("ICE warrant - theft suspect", Immigration, HIGH),
        ("immigration hold, missing from work", Immigration, HIGH),
        ("removal order, in custody", Immigration, HIGH),
        ("immigration status of theft suspect", Immigration, HIGH),
        ("not an ICE detainer", Immigration, LOW),
        ("ICE hold - no", Immigration, LOW),
        ("parole detainer", Immigration, LOW),
        ("probation hold, warrant", Immigration, LOW),
        ("unlawful detainer", Immigration, None),
        ("unlawful detainer", Civil, HIGH),
        ("child removal order", Immigration, LOW),
        ("slid on ice, pick up truck in ditch", Immigration, LOW),
        ("on black ice, arrest made for DUI", Immigration, LOW),
        ("pick up ice cream", Immigration, LOW),
        ("robber posed as ICE agent", Immigration, LOW),
        ("ICE agent assaulted", Immigration, LOW),
    ]);
}

#[test]
fn a_menu_value_or_a_category_does_not_rescue_a_body() {
    for menu in [
        "Larceny/Theft Offenses",
        "Drugs/Narcotics",
        "Homicide/Death Investigation",
        "Gambling Crimes",
        "Fraud",
        "Kidnapping or Abduction Cases",
    ] {
        for body in ["ICE", "ERO", "HSI", "CBP", "Border Patrol", "DHS"] {
            let text = format!("{menu} - {body}");
            let found = classify(&text);
            assert_eq!(
                found.grade(Immigration),
                MEDIUM,
                "{text}: {:?}",
                found.signals
            );
            assert_eq!(found.grade(FederalNexus), HIGH, "{text}");
        }
    }
    check(&[
        ("theft ICE", Immigration, MEDIUM),
        ("ICE homicide", Immigration, MEDIUM),
        ("ERO robbery", Immigration, MEDIUM),
        // Criminal investigations are the daily work of these two: the crime stands in one phrase with them.
        ("HSI Narcotics Investigation", Immigration, LOW),
        ("CBP - stolen vehicle export", Immigration, LOW),
    ]);
}

#[test]
fn typography_is_no_disguise_and_disguise_is() {
    for (plain, dotted) in [
        ("HSI", "H.S.I."),
        ("DHS", "D.H.S."),
        ("CBP", "C. B. P."),
        ("assist ICE", "assist I.C.E."),
        ("HSI narcotics", "H.S.I. narcotics"),
        ("USBP", "U.S.B.P."),
    ] {
        let (plain, dotted) = (classify(plain), classify(dotted));
        assert_eq!(plain.overall(), dotted.overall(), "{:?}", dotted.signals);
        assert!(
            dotted.signals.iter().all(|s| !s.obfuscated),
            "{:?}",
            dotted.signals
        );
    }
    for text in [
        "H S I",
        "HS1",
        "НSI",
        "H\u{200b}SI",
        "I\u{200d}CE",
        "I C E",
        "1CE",
        "І.С.Е.",
        "d h s",
        "C-B-P",
    ] {
        let found = classify(text);
        assert_eq!(found.overall(), HIGH, "{text}: {:?}", found.signals);
        assert!(found.signals[0].obfuscated, "{text}");
    }
    // Marks before a text, soft hyphens and accents hide nothing.
    for text in ["\u{feff}HSI", "HSI\u{200b}", "\u{200b}HSI", "H\u{ad}SI"] {
        assert_eq!(classify(text).overall(), MEDIUM, "{text:?}");
    }
    let found = classify("H.S.I. request");
    assert_eq!(found.signals[0].spelling, Spelling::Dotted);
}

#[test]
fn prompts_for_the_visitors_of_a_place_are_found() {
    check(&[
        ("people near the clinic", HealthCare, MEDIUM),
        (
            "all cars parked at the health center last week",
            HealthCare,
            MEDIUM,
        ),
        ("vehicles leaving the abortion clinic", HealthCare, HIGH),
        ("everyone at the mosque on Friday", ProtectedActivity, HIGH),
        ("trucks parked outside the gay bar", ProtectedActivity, HIGH),
        ("cars near the protest", ProtectedActivity, HIGH),
        ("people going into the temple", ProtectedActivity, MEDIUM),
        ("people at the day labor site", Immigration, HIGH),
        ("drivers near the immigration court", Immigration, HIGH),
        ("women wearing hijab", EthnicTerm, MEDIUM),
        ("man in a turban", EthnicTerm, MEDIUM),
        ("red truck with a gadsden flag", ProtectedActivity, MEDIUM),
        ("white van near the church", ProtectedActivity, None),
        ("vehicles near clinic, burglary canvass", HealthCare, LOW),
        ("suspicious vehicles near church", ProtectedActivity, LOW),
    ]);
}

#[test]
fn menu_values_of_2026_are_known_in_their_spellings() {
    for (text, purpose) in [
        ("Missing Person/Runaway", PurposeKind::MissingOrEndangered),
        (
            "missing persons and runaways",
            PurposeKind::MissingOrEndangered,
        ),
        ("Embezzlement/Fraud", PurposeKind::PropertyOrFraud),
        ("Fraud & Embezzlement", PurposeKind::PropertyOrFraud),
        (
            "Curfew/Loitering/Vagrancy Violations",
            PurposeKind::OtherCriminal,
        ),
        ("Illegal Dumping/Littering", PurposeKind::OtherCriminal),
        ("DUMPING", PurposeKind::OtherCriminal),
    ] {
        let value = MenuValue::from_text(text).expect(text);
        assert_eq!(value.purpose, purpose, "{text}");
        let cell = format!("{text} - 26-001234");
        let found = classify(&cell);
        assert_eq!(found.menu_purpose, Some(purpose), "{cell}");
        assert!(!found.is_vague(), "{cell}");
    }
    assert_eq!(MenuValue::from_text("Fishing Licences"), None);
}

#[test]
fn texts_that_say_nothing_are_vague() {
    for text in [
        "invesitgation",
        "investgiation",
        "inestigation 26-00123",
        "Dispatch quick search associated with Alert: Stolen Plate ABC1234",
        "Other image search from alerts page",
        "daytime search for best result",
        "automated search",
        "test",
    ] {
        let found = classify(text);
        assert_eq!(found.grade(Vague), LOW, "{text}: {:?}", found.signals);
        assert_eq!(found.overall(), LOW, "{text}");
    }
    for text in ["theft investgiation", "instigation of a riot"] {
        assert!(!classify(text).is_vague(), "{text}");
    }
}

#[test]
fn a_bare_name_is_vague_and_masked() {
    for (text, name) in [
        ("Gonzalez", "Gonzalez"),
        ("SMITH", "SMITH"),
        ("Smith, John", "Smith, John"),
        ("john q smith 26-00123", "john q smith"),
        ("Kowalczyk", "Kowalczyk"),
        ("inv Rodriguez", "Rodriguez"),
    ] {
        let found = classify(text);
        assert!(found.is_vague(), "{text}: {:?}", found.signals);
        let masked: Vec<&str> = found.redactions().map(|range| &text[range]).collect();
        assert_eq!(masked, [name], "{text}");
        assert!(
            found
                .signals
                .iter()
                .any(|s| s.personal == Some(PersonalDataKind::Name))
        );
    }
    // Beside a menu value the reason is given, and the name is masked all the same.
    let found = classify("Larceny/Theft Offenses - Gonzalez");
    assert!(!found.is_vague());
    assert_eq!(found.grade(PersonalData), LOW);
    for text in [
        "robbery Smith",
        "burglary",
        "CCW",
        "Drugs/Narcotics - tires",
    ] {
        assert_eq!(classify(text).grade(PersonalData), None, "{text}");
    }
}

/// The least processor time of three readings, in seconds: other work on the machine does not count.
fn seconds(classifier: &mut Classifier, text: &str) -> f64 {
    let run = |classifier: &mut Classifier| {
        let start = cpu_time::ThreadTime::now();
        std::hint::black_box(classifier.classify(text));
        start.elapsed().as_secs_f64()
    };
    (0..3).map(|_| run(classifier)).fold(f64::MAX, f64::min)
}

#[test]
fn time_is_linear_in_the_length_of_a_cell() {
    const SHORT: usize = 16_000;
    const TIMES: usize = 8;
    let mut classifier = Classifier::new();
    for phrase in [
        "ICE detainer theft warrant pick up ",
        "a b c i c e ",
        "imm!gration $$ ",
        "immi gration ",
        "bored a a a a ",
        "x@y.z ",
        "not ICE or ",
        "Drugs/Narcotics - ",
        "people near the ",
        "І.С.Е. ",
        "1c3 ",
        "q",
    ] {
        let text = |length: usize| phrase.repeat(length / phrase.len());
        let short = seconds(&mut classifier, &text(SHORT));
        let long = seconds(&mut classifier, &text(SHORT * TIMES));
        // Quadratic work would take 64 times as long. The margin is for machines that are busy with other things.
        let allowed = short * (TIMES * 3) as f64 + 0.02;
        assert!(long < allowed, "{phrase:?}: {short} s, then {long} s");
    }
}
