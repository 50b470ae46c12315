//! The classifier against the labelled development file and the held-out file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::Path;

use platewarden_policy::classifier::{
    Classifier, Grade, Lexicon, SignalCategory, Spelling, classify,
};

struct Row {
    text: String,
    label: String,
    grade: Option<Grade>,
}

fn rows(file: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/policy")
        .join(file);
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            Row {
                text: record[0].to_owned(),
                label: record[1].to_owned(),
                grade: Grade::from_word(&record[2]),
            }
        })
        .collect()
}

struct Score {
    positives: usize,
    right: usize,
    traps: usize,
    flagged: usize,
}

impl Score {
    fn of(file: &str) -> Self {
        let mut score = Self {
            positives: 0,
            right: 0,
            traps: 0,
            flagged: 0,
        };
        for row in rows(file) {
            let found = classify(&row.text);
            let grade = found.overall();
            let wrong = if row.label == "trap" {
                score.traps += 1;
                let flagged = grade >= Some(Grade::Medium);
                score.flagged += usize::from(flagged);
                flagged
            } else {
                score.positives += 1;
                let right = grade == row.grade
                    && found
                        .signals
                        .iter()
                        .any(|s| s.category.as_str() == row.label);
                score.right += usize::from(right);
                !right
            };
            if wrong {
                println!(
                    "{:?}: wanted {} {:?}, found {grade:?} {:?}",
                    row.text, row.label, row.grade, found.signals
                );
            }
        }
        println!(
            "{file}: {} of {} positives at the right grade, {} of {} traps flagged",
            score.right, score.positives, score.flagged, score.traps
        );
        score
    }
}

/// What a file of reasons must reach, in percent.
struct Bounds {
    file: &'static str,
    /// At least so many positives, and as many traps.
    rows: usize,
    /// At least so many positives at the right grade.
    right: usize,
    /// At most so many traps flagged high or medium.
    flagged: usize,
}

/// All but `reasons.csv` were written before the lexicon was changed to meet them. General misses were mended after the
/// first run of each, so the bounds say what holds today and not what a new text meets: for that, see the first runs.
const BOUNDS: [Bounds; 8] = [
    Bounds {
        file: "reasons.csv",
        rows: 150,
        right: 97,
        flagged: 2,
    },
    // First run: three misses.
    Bounds {
        file: "reasons-held-out.csv",
        rows: 40,
        right: 90,
        flagged: 6,
    },
    // First run: 247 of 265 positives, 3 of 253 traps.
    Bounds {
        file: "reasons_3.csv",
        rows: 200,
        right: 97,
        flagged: 2,
    },
    // First run: 187 of 227 positives, 8 of 247 traps. Rows that an older file holds too were left out unread, so
    // that only what is new counts; five grades were then corrected to those the older files give the same phrase.
    Bounds {
        file: "reasons_4.csv",
        rows: 200,
        right: 97,
        flagged: 2,
    },
    // First run: 143 of 159 positives, 5 of 177 traps; one grade was then corrected. Written after the fourth was
    // mended, with other agencies, jurisdictions and shapes of sentence.
    Bounds {
        file: "reasons_5.csv",
        rows: 150,
        right: 97,
        flagged: 2,
    },
    // First run: 231 of 249 positives, 1 of 233 traps. Obvious phrases and those of older files were kept, as a set made
    // by an outsider would hold them; ten labels were then corrected, two of them from positive to trap.
    Bounds {
        file: "reasons_6.csv",
        rows: 150,
        right: 97,
        flagged: 2,
    },
    // First run: 250 of 268 positives, 5 of 235 traps; eleven labels were then corrected to the grades the older files
    // give, two of them from positive to trap.
    Bounds {
        file: "reasons_7.csv",
        rows: 150,
        right: 97,
        flagged: 2,
    },
    // First run: 39 of 40 positives, 3 of 360 traps. In the proportions of a log: nine rows in ten are ordinary. Written
    // from a description of the grades alone.
    Bounds {
        file: "reasons_8.csv",
        rows: 40,
        right: 97,
        flagged: 1,
    },
];

#[test]
fn every_file_is_met() {
    let mut missed = Vec::new();
    for bounds in &BOUNDS {
        let score = Score::of(bounds.file);
        if score.positives < bounds.rows
            || score.traps < bounds.rows
            || score.right * 100 < score.positives * bounds.right
            || score.flagged * 100 > score.traps * bounds.flagged
        {
            missed.push(bounds.file);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn terms_are_explained_by_their_place_in_the_original() {
    for (text, part, spelling) in [
        ("see І.С.Е. warrant", "І.С.Е. warrant", Spelling::LookAlike),
        (
            "possible immigartion issue",
            "immigartion",
            Spelling::Misspelt,
        ),
        ("x, 1CE", "1CE", Spelling::LookAlike),
        ("1C3", "1C3", Spelling::LookAlike),
        ("lCE", "lCE", Spelling::LookAlike),
        ("lmmigraton hold", "lmmigraton hold", Spelling::LookAlike),
        ("ICEwarrant", "ICEwarrant", Spelling::RunTogether),
        ("i c e", "i c e", Spelling::Spaced),
        ("inmigración", "inmigración", Spelling::Plain),
    ] {
        let found = classify(text);
        let signal = found
            .signals
            .iter()
            .find(|s| s.category == SignalCategory::Immigration)
            .unwrap();
        assert_eq!(&text[signal.span.clone()], part);
        assert_eq!(signal.spelling, spelling, "{text}");
        assert_eq!(found.overall(), Some(Grade::High), "{text}");
    }
}

#[test]
fn a_crime_beside_a_federal_unit_keeps_the_nexus_and_lowers_the_rest() {
    let found = classify("HSI Narcotics Investigation");
    assert_eq!(found.grade(SignalCategory::FederalNexus), Some(Grade::High));
    assert_eq!(found.grade(SignalCategory::Immigration), Some(Grade::Low));
}

#[test]
fn a_denied_crime_does_not_deny_the_term_before_it() {
    assert_eq!(
        classify("abortion - not a homicide").overall(),
        Some(Grade::High)
    );
    assert_eq!(
        classify("immigration - not a factor").overall(),
        Some(Grade::Low)
    );
}

#[test]
fn personal_data_is_found_for_redaction() {
    let text = "plate ABC1234 dob 01/02/1990 ssn 123-45-6789 case 24-001234";
    let parts: Vec<&str> = classify(text)
        .redactions()
        .map(|range| &text[range])
        .collect();
    assert_eq!(parts, ["ABC1234", "01/02/1990", "123-45-6789"]);
}

#[test]
fn the_lexicon_is_versioned_and_refuses_what_it_does_not_know() {
    let lexicon = Lexicon::bundled().unwrap();
    assert!(!lexicon.version().is_empty());
    assert_eq!(lexicon.sha256().len(), 64);
    assert!(Lexicon::from_files([("lexicon.toml", "version = 1")]).is_err());
}

/// The bundled folder with one more file: what loading it says.
fn with_file(text: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicon");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.push(("extra.toml".to_owned(), text.to_owned()));
    let files = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    match Lexicon::from_files(files) {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            files.push((path.to_string_lossy().into_owned(), text));
        }
    }
}

#[test]
fn an_entry_that_stands_twice_is_refused() {
    assert_eq!(with_file(""), "taken");
    for (text, entry) in [
        ("vague = [\"inv\"]", "`inv`"),
        ("known = [\"shrub\", \"shrub\"]", "`shrub`"),
        ("version = \"2\"", "a second one"),
        ("[groups]\ncrime = []", "`crime`"),
        (
            "[[menu]]\ntext = \"drugs AND narcotics\"\npurpose = \"drug\"",
            "`drugs narcotics`",
        ),
        ("[[class]]\nname = \"drugs\"\npatterns = []", "`drugs`"),
        (
            "[[class]]\nname = \"shrubs\"\npatterns = [\"shrub(s)\", \"shrubs\"]",
            "`shrubs`",
        ),
        (
            "[[term]]\nid = \"x\"\ncategory = \"civil\"\ngrade = \"low\"\npatterns = [\"hsi\"]",
            "`hsi`",
        ),
    ] {
        let answer = with_file(text);
        assert!(answer.contains(entry), "{text}: {answer}");
    }
}

#[test]
fn a_rule_that_lowers_a_named_process_is_refused() {
    let answer = with_file(
        "[[term]]\nid = \"x\"\ncategory = \"immigration\"\ngrade = \"high\"\nnames_process = true\npatterns = [\"xyzzy\"]\n\
         rules = [{ class = [\"crime\"], grade = \"low\", because = \"a crime\" }]",
    );
    assert!(answer.contains("names a process"), "{answer}");
}

#[test]
fn every_text_has_valid_spans() {
    let mut classifier = Classifier::new();
    for file in ["reasons.csv", "reasons_7.csv"] {
        for row in rows(file) {
            // Also with a tail of multi-byte letters, cut at every letter.
            let text = format!("{} éіⓘ🇮", row.text);
            for (end, _) in text.char_indices() {
                let part = &text[..end];
                for signal in classifier.classify(part).signals {
                    assert!(
                        part.get(signal.span.clone()).is_some(),
                        "{part:?}: {signal:?}"
                    );
                }
            }
        }
    }
}
