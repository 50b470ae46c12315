//! `platewarden store` and `platewarden watch --store`.

use std::{fs, path::Path, process::Output};

use super::{err, lines, out, platewarden, project};

/// The exit status of a search that is refused.
const REFUSED: Option<i32> = Some(3);

/// A folder with a store `plates` that has a dataset `springfield`.
struct Stored {
    folder: tempfile::TempDir,
}

impl Stored {
    fn new() -> Self {
        let stored = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let output = stored.run(&[
            "init",
            "plates",
            "--dataset",
            "springfield",
            "--owner",
            "springfield-pd",
            "--in",
            "US-IL",
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        stored
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        platewarden("store")
            .args(arguments)
            .current_dir(self.path())
            .output()
            .unwrap()
    }

    /// Writes JSON lines and imports them.
    fn import(&self, lines: &str, more: &[&str]) -> Output {
        fs::write(self.path().join("reads.jsonl"), lines).unwrap();
        let mut arguments = vec![
            "import",
            "plates",
            "reads.jsonl",
            "--dataset",
            "springfield",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    fn search(&self, more: &[&str]) -> Output {
        let mut arguments = vec!["search", "plates", "--user", "officer-7", "--verified"];
        arguments.extend(more);
        self.run(&arguments)
    }
}

const LAWFUL: [&str; 4] = ["--purpose", "stolen_vehicle", "--case", "26-001234"];

/// A pass as `watch --json` writes it, with no more than must be there.
fn pass(text: &str, at: f64) -> String {
    format!(
        "{{\"type\":\"pass\",\"text\":\"{text}\",\"confidence\":0.98,\"reads\":3,\"agreeing_reads\":3,\
         \"first_seen\":{at},\"last_seen\":{at},\"best_at\":{at}}}\n"
    )
}

#[test]
fn a_search_is_denied_with_its_cure_and_answered_once_it_is_cured() {
    let stored = Stored::new();
    let camera = ["--camera", "elm-4th", "--start", "1 hour ago"];
    let output = stored.import(&(pass("42TKF7", 1.0) + &pass("WE2907R", 2.0)), &camera);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("2 reads written"), "{}", out(&output));

    let wanted = ["--plate", "42TKF7", "--purpose", "stolen_vehicle"];
    let output = stored.search(&wanted);
    assert_eq!(output.status.code(), REFUSED, "{}", err(&output));
    assert_eq!(out(&output), "");
    let told = err(&output);
    assert!(
        told.contains("Agency policy (store-structured gate)"),
        "{told}"
    );
    assert!(told.contains("what would help: state `case_ref`"), "{told}");

    let output = stored.search(&[&["--plate", "42TKF7"], &LAWFUL[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let told = out(&output);
    assert!(told.contains("1 row") && told.contains("42TKF7"), "{told}");
    assert!(told.contains("625 ILCS 5/2-130"), "{told}");
    assert!(!told.contains("WE2907R"), "{told}");

    let output = stored.run(&["verify", "plates"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("intact"), "{}", out(&output));
}

#[test]
fn a_refused_search_says_the_same_whether_the_plate_was_read_or_not() {
    let stored = Stored::new();
    let camera = ["--camera", "elm-4th", "--start", "1 hour ago"];
    stored.import(&pass("42TKF7", 1.0), &camera);
    let denied = |plate| {
        let output = stored.search(&["--plate", plate, "--purpose", "immigration", "--json"]);
        assert_eq!(output.status.code(), REFUSED, "{}", err(&output));
        out(&output)
    };
    assert_eq!(denied("42TKF7"), denied("NOBODY1"));
}

#[test]
fn requests_come_as_a_file_too_and_answers_as_json() {
    let stored = Stored::new();
    stored.import(
        &pass("A8C1234", 1.0),
        &[
            "--camera",
            "elm-4th",
            "--at",
            "39.80,-89.65",
            "--start",
            "1 hour ago",
        ],
    );
    fs::write(
        stored.path().join("request.json"),
        r#"{"actor": {"user": "officer-7", "agency": {"id": "springfield-pd", "kind": "local", "state": "IL"},
            "person_proofed": true, "mfa": true}, "mode": "historical_plate",
            "target": {"kind": "plate", "text": "ABC1234"}, "purpose": "stolen_vehicle_or_plate", "case_ref": "26-001234"}"#,
    )
    .unwrap();
    let asked = ["search", "plates", "--request", "request.json", "--json"];
    let output = stored.run(&asked);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let answer = &lines(&output)[0];
    assert_eq!(answer["rows"][0]["read"]["text"], "A8C1234");
    assert!(
        answer["rows"][0]["why"][0]
            .as_str()
            .unwrap()
            .starts_with("B read as 8")
    );
    let near = stored.run(&[&asked[..], &["--area", "39.80,-89.65,500"]].concat());
    assert_eq!(lines(&near)[0]["rows"].as_array().unwrap().len(), 1);
    let far = stored.run(&[&asked[..], &["--area", "40.80,-89.65,500"]].concat());
    assert_eq!(lines(&far)[0]["rows"].as_array().unwrap().len(), 0);
}

#[test]
fn lines_that_are_no_reads_are_named_and_counted() {
    let stored = Stored::new();
    let camera = ["--camera", "elm-4th", "--start", "1 hour ago"];
    let text = pass("42TKF7", 1.0) + "no read\n{\"type\":\"hit\"}\n" + &pass("42TKF7", 1.0);
    let output = stored.import(&text, &camera);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let told = out(&output);
    for words in [
        "4 lines, 1 reads written",
        "1 there already",
        "1 of another kind",
        "1 refused",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(
        err(&output).contains("reads.jsonl line 2"),
        "{}",
        err(&output)
    );
    // Without a start the times of a pass are no times.
    let output = stored.import(&pass("42TKF7", 1.0), &["--camera", "elm-4th"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("--start"), "{}", err(&output));
}

#[test]
fn csv_exports_of_others_are_imported_by_their_columns() {
    let stored = Stored::new();
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    fs::write(
        stored.path().join("export.csv"),
        format!("Kennzeichen,Timestamp,Device\n42TKF7,{yesterday},elm-4th\n"),
    )
    .unwrap();
    let import = ["import", "plates", "export.csv", "--dataset", "springfield"];
    let output = stored.run(&import);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("Kennzeichen"), "{}", err(&output));
    let output = stored.run(
        &[
            &import[..],
            &["--column", "plate=Kennzeichen", "--column", "camera=Device"],
        ]
        .concat(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("1 reads written"), "{}", out(&output));
}

#[test]
fn holds_keep_reads_for_a_case_and_end_with_their_key() {
    let stored = Stored::new();
    stored.import(
        &pass("42TKF7", 1.0),
        &["--camera", "elm-4th", "--start", "1 hour ago"],
    );
    let output = stored.search(&[&["--plate", "42TKF7", "--json"], &LAWFUL[..]].concat());
    let reference = lines(&output)[0]["rows"][0]["reference"]
        .as_str()
        .unwrap()
        .to_owned();
    let hold = |approver: &str| {
        stored.run(&[
            "hold",
            "add",
            "plates",
            &reference,
            "--dataset",
            "springfield",
            "--user",
            "officer-7",
            "--verified",
            "--approver",
            approver,
            "--kind",
            "court_order",
            "--case",
            "26-001234",
            "--authority",
            "Order of the Circuit Court, 2026-CF-12",
            "--expires",
            "60 days",
            "--review",
            "30 days",
        ])
    };
    let output = hold("officer-7");
    assert_eq!(
        output.status.code(),
        Some(1),
        "nobody approves their own hold"
    );
    let output = hold("sergeant-2");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let id = out(&output).split(':').next().unwrap().to_owned();
    let listed = stored.run(&["hold", "list", "plates"]);
    assert!(out(&listed).contains(&id), "{}", out(&listed));
    let output = stored.run(&["hold", "end", "plates", &id]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&stored.run(&["hold", "list", "plates"])), "");
    let receipts = stored.run(&["receipts", "plates", "--words"]);
    assert!(out(&receipts).contains("receipt 1"), "{}", out(&receipts));
    assert!(
        err(&receipts).contains("key of the receipts"),
        "{}",
        err(&receipts)
    );
}

#[test]
fn settings_can_be_changed_and_the_gates_are_named() {
    let stored = Stored::new();
    let output = stored.run(&["stats", "plates", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let stats = &lines(&output)[0];
    assert_eq!(stats["stats"]["datasets"], 1);
    let mut settings = stats["datasets"][0].clone();
    settings["case_pattern"] = "26-999999".into();
    fs::write(stored.path().join("settings.json"), settings.to_string()).unwrap();
    let output = stored.run(&["init", "plates", "--settings", "settings.json"]);
    assert!(
        out(&output).contains("dataset springfield changed"),
        "{}",
        err(&output)
    );
    let output = stored.search(&[
        "--plate",
        "42TKF7",
        "--purpose",
        "stolen_vehicle",
        "--case",
        "theft",
    ]);
    assert_eq!(
        output.status.code(),
        REFUSED,
        "a case that is none: {}",
        out(&output)
    );
    let swept = stored.run(&["sweep", "plates"]);
    assert_eq!(swept.status.code(), Some(0), "{}", err(&swept));
    assert!(out(&swept).contains("0 keys destroyed"), "{}", out(&swept));
}

#[test]
fn wrong_keys_and_wrong_places_end_with_what_to_do() {
    let stored = Stored::new();
    let output = stored.run(&["stats", "elsewhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("elsewhere"), "{}", err(&output));
    let output = platewarden("store")
        .args(["stats", "plates", "--master-key-env", "THE_KEY"])
        .env("THE_KEY", "0".repeat(64))
        .current_dir(stored.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("master key"), "{}", err(&output));
    let output = stored.run(&[
        "stats",
        "plates",
        "--master-key-command",
        "cat plates.master.key",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let output = stored.search(&["--dataset", "shelbyville", "--plate", "42TKF7"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("`springfield`"), "{}", err(&output));
}

#[test]
fn what_is_watched_can_be_searched() {
    let stored = Stored::new();
    let watch = |more: &[&str]| {
        platewarden("watch")
            .arg(project("fixtures/data/clip"))
            .args([
                "--fps",
                "12.5",
                "--backend",
                "embedded",
                "--store",
                "plates",
                "--dataset",
            ])
            .args(more)
            .current_dir(stored.path())
            .output()
            .unwrap()
    };
    assert_eq!(watch(&["shelbyville"]).status.code(), Some(1));
    let output = watch(&[
        "springfield",
        "--camera-name",
        "elm-4th",
        "--start",
        "1 hour ago",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let output = stored.search(
        &[
            &["--plate", "WE2907R", "--camera", "elm-4th", "--json"],
            &LAWFUL[..],
        ]
        .concat(),
    );
    let answer = &lines(&output)[0];
    assert_eq!(answer["rows"][0]["read"]["text"], "WE2907R", "{answer}");
    assert_eq!(answer["rows"][0]["kind"]["kind"], "sighting");
}
