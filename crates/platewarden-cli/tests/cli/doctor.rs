//! `platewarden doctor`, the log, and the command line as a whole.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use super::{Place, err, out, platewarden};

#[test]
fn doctor_says_what_runs_what_is_there_and_what_to_type() {
    let place = Place::new();
    let bin = place.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let ffmpeg = bin.join("ffmpeg");
    fs::write(
        &ffmpeg,
        "#!/bin/sh\necho 'ffmpeg version 9.9 of the test'\n",
    )
    .unwrap();
    fs::set_permissions(&ffmpeg, fs::Permissions::from_mode(0o755)).unwrap();
    // A library that is there and cannot be used, beside a machine that has nothing else.
    let libraries = place.path("libraries");
    fs::create_dir_all(&libraries).unwrap();
    fs::write(libraries.join("libonnxruntime.so.1.30.0"), "no library").unwrap();
    let doctor = || {
        let mut command = platewarden("doctor");
        command
            .current_dir(place.folder.path())
            .env_clear()
            .env("PATH", &bin)
            .env("HOME", place.folder.path());
        command
    };
    let output = doctor().args(["--backend", "embedded"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = out(&output);
    for words in [
        "backend: the embedded backend",
        "ffmpeg: 9.9",
        "processor: ",
        "uv pip install onnxruntime",
    ] {
        assert!(text.contains(words), "{words} is missing in {text}");
    }
    assert!(
        err(&output).contains("as was asked for"),
        "{}",
        err(&output)
    );

    let output = doctor()
        .env("LD_LIBRARY_PATH", &libraries)
        .output()
        .unwrap();
    let reason = "libonnxruntime.so.1.30.0 (the system's library path): cannot be used";
    assert!(out(&output).contains(reason), "{}", out(&output));

    // Whoever names a library wants that one.
    let output = doctor()
        .env("PLATEWARDEN_ORT", &libraries)
        .env("PLATEWARDEN_FFMPEG", place.path("no-such-program"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(out(&output).contains("backend: none"), "{}", out(&output));
    assert!(out(&output).contains("cannot be run"), "{}", out(&output));
}

#[test]
fn the_log_says_once_what_runs_and_can_be_hushed() {
    let place = Place::new();
    let picture = place.picture("a.png");
    let read = |extra: &[&str], log: Option<&str>| {
        let mut command = platewarden("read");
        command
            .args([&picture, &picture])
            .arg("--model")
            .arg(place.networks.manifest())
            .args(["--backend", "embedded"])
            .args(extra);
        if let Some(log) = log {
            command.env("RUST_LOG", log);
        }
        err(&command.output().unwrap())
    };
    let said = read(&[], None);
    assert_eq!(said.matches("networks run on").count(), 1, "{said}");
    assert!(said.contains("as was asked for"), "{said}");
    assert_eq!(read(&["-q"], None), "");
    assert_eq!(read(&[], Some("off")), "");
    assert!(read(&["-q"], Some("info")).contains("networks run on"));
}

#[test]
fn every_subcommand_explains_itself() {
    let program = || Command::new(env!("CARGO_BIN_EXE_platewarden"));
    let help = out(&program().arg("--help").output().unwrap());
    for name in [
        "read", "watch", "redact", "decide", "classify", "audit", "request", "evaluate", "doctor",
    ] {
        assert!(help.contains(&format!("  {name} ")), "{name}: {help}");
        let output = platewarden(name).arg("--help").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}");
    }
    assert_eq!(program().output().unwrap().status.code(), Some(2));
}
