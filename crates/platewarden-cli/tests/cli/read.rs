//! `platewarden read`.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Write,
    os::unix::ffi::OsStrExt,
    process::Stdio,
};

use super::{Place, err, lines, platewarden};

#[test]
fn files_folders_patterns_and_standard_input_are_read_in_order() {
    let place = Place::new();
    let (a, b) = (place.picture("a.png"), place.picture("folder/b.png"));
    place.picture("folder/deeper/c.PNG");
    fs::write(place.path("folder/notes.txt"), "no picture").unwrap();
    let mut child = place
        .command("read")
        .args([
            a.clone(),
            place.path("folder"),
            place.path("fold*/b.png"),
            "-".into(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&fs::read(&b).unwrap())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let lines = lines(&output);
    let sources: Vec<&str> = lines
        .iter()
        .map(|line| line["source"].as_str().unwrap())
        .collect();
    assert_eq!(sources.len(), 5, "{sources:?}");
    assert!(
        sources[0].ends_with("a.png")
            && sources[1].ends_with("b.png")
            && sources[2].ends_with("c.PNG")
    );
    assert_eq!(sources[4], "-");
    for line in &lines {
        assert_eq!(
            (line["width"].as_u64(), line["height"].as_u64()),
            (Some(256), Some(128))
        );
        let plate = &line["plates"][0];
        assert_eq!(plate["text"], "K7Q");
        assert_eq!(plate["bounds"]["x"], 64.0);
        assert_eq!(plate["corners"][0]["y"], 36.0);
        for field in [
            "raw_text",
            "confidence",
            "characters",
            "candidates",
            "lines",
            "region",
            "detection_score",
        ] {
            assert!(plate.get(field).is_some(), "{field}");
        }
    }
}

#[test]
fn pictures_that_fail_are_named_and_the_others_go_on() {
    let place = Place::new();
    let good = place.picture("good.png");
    let text = place.path("text.png");
    fs::write(&text, "no picture").unwrap();
    let output = place
        .command("read")
        .args([
            text,
            place.path("missing.jpg"),
            good,
            place.path("no*thing.png"),
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&output).len(), 1);
    for name in ["text.png", "missing.jpg", "no*thing.png"] {
        assert!(err(&output).contains(name), "{}", err(&output));
    }
}

/// As root every file can be read, so the entry that cannot is one that leads nowhere.
#[cfg(unix)]
#[test]
fn folder_entries_that_cannot_be_read_are_named_and_the_others_go_on() {
    let place = Place::new();
    place.picture("folder/a.png");
    std::os::unix::fs::symlink(place.path("gone.png"), place.path("folder/b.png")).unwrap();
    std::os::unix::fs::symlink(place.path("folder/c"), place.path("folder/c")).unwrap();
    place.picture("folder/d.png");
    let output = place
        .command("read")
        .arg(place.path("folder"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let read = lines(&output);
    assert_eq!(read.len(), 2, "{read:?}");
    assert!(read[1]["source"].as_str().unwrap().ends_with("d.png"));
    assert!(err(&output).contains("b.png"), "{}", err(&output));
}

#[test]
fn names_need_no_unicode() {
    let place = Place::new();
    let picture = place.picture(OsStr::from_bytes(b"caf\xe9.png"));
    let annotated = place.path("annotated");
    let output = place
        .command("read")
        .arg(picture)
        .arg("--annotate")
        .arg(&annotated)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(lines(&output)[0]["plates"][0]["text"], "K7Q");
    assert!(
        annotated
            .join(OsStr::from_bytes(b"caf\xe9-plates.jpg"))
            .exists()
    );
}

#[test]
fn annotated_pictures_show_the_plate_and_never_replace_their_originals() {
    let place = Place::new();
    let (one, two) = (place.picture("x/same.png"), place.picture("y/same.png"));
    let before = fs::read(&one).unwrap();
    let output = place
        .command("read")
        .args([&one, &two])
        .arg("--annotate")
        .arg(place.path("x"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(fs::read(&one).unwrap(), before);
    for name in ["x/same-plates.jpg", "x/same-plates-2.jpg"] {
        let bytes = fs::read(place.path(name)).unwrap();
        let drawn = platewarden::decode(&bytes, &platewarden::Limits::default()).unwrap();
        let green = drawn
            .pixels()
            .filter(|p| p.0[1] > 150 && p.0[0] < 90)
            .count();
        let white = drawn
            .pixels()
            .filter(|p| p.0.iter().all(|&v| v > 220))
            .count();
        assert!(green > 300 && white > 60, "{green} green, {white} white");
    }
    // A folder that cannot be made is the whole command's failure.
    let output = place
        .command("read")
        .arg(&one)
        .args(["--annotate", "/dev/null/folder"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains("/dev/null/folder"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_not() {
    let place = Place::new();
    let picture = place.picture("a.png");
    if let Ok(full) = File::options().write(true).open("/dev/full") {
        let output = place
            .command("read")
            .arg(&picture)
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains("standard output"), "{}", err(&output));
    }
    let mut child = place
        .command("read")
        .args(vec![&picture; 200])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(err(&output), "");
}

#[test]
fn wrong_usage_ends_with_2() {
    let place = Place::new();
    let picture = place.picture("a.png");
    for arguments in [
        &["--min-confidence", "7"][..],
        &["--roi", "0,0 nonsense"],
        &["--roi", "0,0 1,1"],
        &["--region", "atlantis"],
        &["--backend", "abacus"],
        &["--threads", "0"],
        &["--unknown"],
    ] {
        let output = place
            .command("read")
            .arg(&picture)
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            err(&output)
        );
    }
    assert_eq!(
        place.command("read").output().unwrap().status.code(),
        Some(2)
    );
    assert_eq!(
        platewarden("read")
            .arg("--help")
            .output()
            .unwrap()
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn a_region_of_interest_leaves_plates_out() {
    let place = Place::new();
    let picture = place.picture("a.png");
    for (roi, plates) in [("0,0 1,0 1,1 0,1", 1), ("0,0 1,0 1,0.2", 0)] {
        let output = place
            .command("read")
            .arg(&picture)
            .args(["--roi", roi])
            .output()
            .unwrap();
        assert_eq!(
            lines(&output)[0]["plates"].as_array().unwrap().len(),
            plates,
            "{roi}"
        );
    }
}

#[test]
fn files_passed_over_are_counted_and_named() {
    let place = Place::new();
    place.picture("album/one.jfif");
    place.picture("album/two.JPE");
    fs::write(place.path("album/phone.HEIC"), b"no picture here").unwrap();
    fs::write(place.path("album/notes.txt"), b"notes").unwrap();
    let output = place
        .command("read")
        .arg(place.path("album"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("2 files skipped"), "{said}");
    assert!(said.contains("phone.HEIC") && said.contains("notes.txt"));
    assert!(said.contains("HEIC and AVIF are not read"));

    fs::create_dir(place.path("empty")).unwrap();
    let output = place
        .command("read")
        .arg(place.path("empty"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("no picture is in this folder")
    );
}
