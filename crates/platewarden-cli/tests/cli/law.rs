//! `platewarden decide`, `classify`, `audit` and `request`.

use std::{
    fs,
    io::Write,
    process::{Output, Stdio},
};

use super::{err, lines, out, platewarden, project};

/// Runs a subcommand on this standard input.
fn piped(arguments: &[&str], input: &str) -> Output {
    let (name, rest) = arguments.split_first().unwrap();
    let mut child = platewarden(name)
        .args(rest)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn decisions_come_in_order_with_an_error_in_the_place_of_what_is_no_request() {
    let request = fs::read_to_string(project(
        "crates/platewarden-policy/schema/example-request.json",
    ))
    .unwrap()
    .replace('\n', "");
    let input = format!("{request}\nno request\n\n{request}\n");
    let output = piped(&["decide"], &input);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(err(&output).contains("unverified"), "{}", err(&output));
    let decisions = lines(&output);
    assert_eq!(decisions.len(), 3);
    assert!(decisions[0]["outcome"].is_string());
    assert_eq!(decisions[1]["line"], 2);
    assert_eq!(decisions[0], decisions[2]);
    let explained = out(&piped(&["decide", "--explain"], &request));
    assert!(explained.lines().count() > 3, "{explained}");
    let output = piped(&["decide", "--as-of", "someday"], "");
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
}

#[test]
fn reasons_are_graded_a_line_each() {
    let output = piped(&["classify"], "assist I.C.E. with locate\nburglary\n");
    let lines = lines(&output);
    assert_eq!(lines[0]["label"], "immigration");
    assert_eq!(lines[0]["grade"], "high");
    assert_eq!(lines[1]["label"], "none");
    let version = piped(&["classify", "--version"], "");
    assert!(out(&version).starts_with("lexicon "), "{}", out(&version));
    assert_eq!(piped(&["classify", "surplus"], "").status.code(), Some(2));
}

#[test]
fn a_synthetic_log_is_audited_and_its_proposals_carried_out() {
    let folder = tempfile::tempdir().unwrap();
    let audit = |arguments: &[&str]| {
        platewarden("audit")
            .arg(folder.path().join("export.csv"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = audit(&["--generate", "2000"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(audit(&[]).status.code(), Some(2), "a place is asked for");
    let results = folder.path().join("audit");
    let results = results.to_str().unwrap();
    let output = audit(&[
        "--data-in",
        "US-IL",
        "--out",
        results,
        "--revoke-as",
        "Records Officer Doe",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    for words in ["impermissible on their face", "revocations filed"] {
        assert!(out(&output).contains(words), "{}", out(&output));
    }
    for file in ["report.html", "registry.json", "trail"] {
        assert!(folder.path().join("audit").join(file).exists(), "{file}");
    }
    let output = audit(&["--data-in", "US-ZZ", "--out", results]);
    assert_ne!(output.status.code(), Some(0));
}

#[test]
fn files_are_taken_as_they_were_sent_and_a_bad_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let portal = save(
        "portal.csv",
        "Search Time;Offense Type;Reason;Weather\n3/4/2026 10:00;Burglary;ICE detainer;rain\n",
    );
    let bad = save(
        "bad.csv",
        "When Run,Agncy Name,Why\n2026-03-04,Aurora IL PD,burglary\n",
    );
    let sharing = save(
        "sharing.csv",
        "Organization Name,Networks Shared With Me,Networks I'm Sharing\nHouston TX PD,,Springfield IL PD\n",
    );
    let results = folder.path().join("audit");
    let audit = |arguments: &[&str]| {
        platewarden("audit")
            .args([&portal, &bad, &sharing])
            .args([
                "--data-in",
                "US-IL",
                "--owner",
                "Springfield IL PD",
                "--out",
            ])
            .arg(&results)
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = audit(&["--zone", "America/Chicago"]);
    assert_eq!(output.status.code(), Some(1), "one file could not be read");
    for words in ["bad.csv", "`Agncy Name`", "--column"] {
        assert!(err(&output).contains(words), "{words}: {}", err(&output));
    }
    for words in [
        "1 impermissible on their face: 1 by statute",
        "1 times name no zone and were read as America/Chicago",
        "read as one: Reason: Offense Type + Reason",
        "ignored: Weather",
        "1 referrals",
        "1 let in, and a paper is missing",
    ] {
        assert!(out(&output).contains(words), "{words}: {}", out(&output));
    }
    assert!(results.join("sharing.html").exists());
    assert_eq!(audit(&["--zone", "Springfield"]).status.code(), Some(2));
    assert_eq!(audit(&["--column", "raeson=3"]).status.code(), Some(2));
}

#[test]
fn a_closed_pipe_ends_an_audit_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.csv");
    fs::write(&log, "Search Time,Reason\n2026-03-04T10:00:00Z,burglary\n").unwrap();
    let mut child = platewarden("audit")
        .arg(&log)
        .args(["--data-in", "US-IL", "--out"])
        .arg(folder.path().join("audit"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As `| head` does when it has its lines.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!err(&output).contains("panicked"), "{}", err(&output));
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn the_life_of_a_request_ends_with_an_intact_public_copy() {
    let folder = tempfile::tempdir().unwrap();
    let output = platewarden("request")
        .arg("--out")
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("intact: true"), "{}", out(&output));
}
