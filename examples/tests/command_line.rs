//! The examples as a user runs them: what they print, where they fail, how they end.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "../../crates/platewarden/tests/support/mod.rs"]
mod support;

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Write,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use support::Networks;

/// A folder with networks that read `K7Q` in every picture, and some pictures.
struct Place {
    folder: tempfile::TempDir,
    networks: Networks,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let networks = Networks::in_folder(&folder.path().join("networks"));
        Self { folder, networks }
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    fn picture(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let image = image::RgbImage::from_pixel(256, 128, image::Rgb([90, 90, 90]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        fs::write(&path, bytes.into_inner()).unwrap();
        path
    }

    fn recognize(&self) -> Command {
        let mut command = example("recognize");
        command
            .arg("--model")
            .arg(self.networks.manifest())
            .args(["--backend", "embedded"]);
        command
    }
}

/// An example, which is built before the tests are run and lies beside them.
fn example(name: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    Command::new(
        tests
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .join("examples")
            .join(name),
    )
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    out(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn files_folders_patterns_and_standard_input_are_read_in_order() {
    let place = Place::new();
    let (a, b) = (place.picture("a.png"), place.picture("folder/b.png"));
    place.picture("folder/deeper/c.PNG");
    fs::write(place.path("folder/notes.txt"), "no picture").unwrap();
    let mut child = place
        .recognize()
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
        .recognize()
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
        .recognize()
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
        .recognize()
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
        .recognize()
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
        .recognize()
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
            .recognize()
            .arg(&picture)
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains("standard output"), "{}", err(&output));
    }
    let mut child = place
        .recognize()
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
            .recognize()
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
    assert_eq!(place.recognize().output().unwrap().status.code(), Some(2));
    assert_eq!(
        example("recognize")
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
            .recognize()
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
fn evaluate_writes_a_line_for_every_picture_of_the_split() {
    let place = Place::new();
    place.picture("data/scenes/a.png");
    place.picture("data/scenes/b.png");
    fs::write(place.path("data/scenes/broken.png"), "no picture").unwrap();
    fs::write(
        place.path("data/scenes.csv"),
        "file,source,split\na.png,x,dev\nbroken.png,x,dev\nb.png,x,train\n",
    )
    .unwrap();
    let plates = "file,split,x1,y1,x2,y2,corners,text\na.png,dev,10,20,60,40,,K7Q\na.png,dev,9,9,90,60,9 9 90 10 90 60 9 59,K7Q\n";
    fs::write(place.path("data/plates.csv"), plates).unwrap();
    let predictions = place.path("predictions.jsonl");
    let evaluate = |extra: &[&str], to: &Path| {
        example("evaluate")
            .arg("--data")
            .arg(place.path("data"))
            .arg("--out")
            .arg(to)
            .arg("--manifest")
            .arg(place.networks.manifest())
            .args(["--backend", "embedded"])
            .args(extra)
            .output()
            .unwrap()
    };
    for (extra, count, left) in [
        (&[][..], 1, 64.0),
        (&["--boxes", "truth"], 2, 10.0),
        (&["--threads", "2"], 1, 64.0),
    ] {
        let output = evaluate(extra, &predictions);
        assert_eq!(
            output.status.code(),
            Some(1),
            "the broken picture is told: {}",
            err(&output)
        );
        assert!(err(&output).contains("broken.png"), "{}", err(&output));
        let text = fs::read_to_string(&predictions).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["image"], "a.png");
        assert!(lines[0]["ms"].as_f64().unwrap() > 0.0);
        let plates = lines[0]["plates"].as_array().unwrap();
        assert_eq!(
            (plates.len(), plates[0]["bbox"][0].as_f64().unwrap()),
            (count, left)
        );
        assert_eq!(plates[0]["text"], "K7Q");
        assert_eq!(plates[0]["candidates"][0], "K7Q");
        assert_eq!(lines[1]["plates"].as_array().unwrap().len(), 0);
    }
    let output = evaluate(&["--split", "nothing"], &predictions);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("nothing"), "{}", err(&output));
    if Path::new("/dev/full").exists() {
        let output = evaluate(&[], Path::new("/dev/full"));
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains("/dev/full"), "{}", err(&output));
    }
}
