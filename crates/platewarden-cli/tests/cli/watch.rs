//! `platewarden watch`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use super::{Place, err, lines, platewarden, project};

/// The video of the README.
fn clip() -> PathBuf {
    project("fixtures/data/clip")
}

fn texts(lines: &[serde_json::Value], kind: &str) -> Vec<String> {
    let mut texts: Vec<String> = lines
        .iter()
        .filter(|line| line["type"] == kind)
        .map(|line| {
            let text = if kind == "hit" {
                &line["entry"]["plate"]
            } else {
                &line["text"]
            };
            text.as_str().unwrap().to_owned()
        })
        .collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// `platewarden watch` on the committed clip, with a list that holds both of its vehicles for different reasons.
fn watch(arguments: &[&str], folder: &Path) -> Output {
    let list = folder.join("wanted.csv");
    fs::write(
        &list,
        "plate,reason,case_number\n42-TKF-7,stolen vehicle,26-001234\nWE 2907R,immigration enforcement,26-001235\n",
    )
    .unwrap();
    platewarden("watch")
        .arg(clip())
        .args(["--fps", "12.5", "--backend", "embedded", "--hotlist"])
        .arg(&list)
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn committed_clip_gives_its_two_passes_with_evidence_and_crossings() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence");
    let output = platewarden("watch")
        .arg(clip())
        .args([
            "--fps",
            "12.5",
            "--backend",
            "embedded",
            "--line",
            "gate:0,250,640,250",
        ])
        .arg("--save-evidence")
        .arg(&evidence)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let lines = lines(&output);
    assert_eq!(texts(&lines, "pass"), ["42TKF7", "WE2907R"]);
    for line in &lines {
        assert!(image::open(line["evidence"].as_str().unwrap()).is_ok());
    }
    // One comes nearer and one drives away.
    let directions: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["crossings"][0]["direction"].as_str())
        .collect();
    assert_eq!(directions.len(), 2, "{lines:?}");
    assert_ne!(directions[0], directions[1]);
    assert!(
        err(&output).contains("30 decoded, 30 read"),
        "{}",
        err(&output)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_costs_pictures_and_a_full_output_ends_the_watch() {
    let run = |folder: &Path, stdout: Stdio| {
        platewarden("watch")
            .arg(clip())
            .args(["--fps", "12.5", "--backend", "embedded", "--save-evidence"])
            .arg(folder)
            .stdout(stdout)
            .output()
            .unwrap()
    };
    let (good, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let all_well = run(good.path(), Stdio::piped());
    assert_eq!(all_well.status.code(), Some(0), "{}", err(&all_well));
    // What is written to this device never fits: where the pictures were, none can be written now.
    for picture in fs::read_dir(good.path()).unwrap() {
        let mut part = full
            .path()
            .join(picture.unwrap().file_name())
            .into_os_string();
        part.push(".part");
        std::os::unix::fs::symlink("/dev/full", part).unwrap();
    }
    let output = run(full.path(), Stdio::piped());
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(err(&output).contains("space"), "{}", err(&output));
    let told = lines(&output);
    assert_eq!(texts(&told, "pass"), texts(&lines(&all_well), "pass"));
    assert!(told.iter().all(|line| line["evidence"].is_null()));

    let device = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = run(good.path(), device.into());
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(err(&output).contains("space"), "{}", err(&output));
}

#[test]
fn hotlist_asks_under_which_law() {
    let folder = tempfile::tempdir().unwrap();
    let output = watch(&[], folder.path());
    assert_eq!(output.status.code(), Some(2));
    for option in ["--jurisdiction", "--without-policy"] {
        assert!(err(&output).contains(option), "{}", err(&output));
    }
    // Half of an answer is none.
    for arguments in [
        &["--jurisdiction", "US-IL"][..],
        &[
            "--jurisdiction",
            "US-IL",
            "--agency",
            "x-pd",
            "--agency-kind",
            "abacus",
        ],
        &[
            "--jurisdiction",
            "atlantis",
            "--agency",
            "x-pd",
            "--agency-kind",
            "local",
        ],
        &[
            "--jurisdiction",
            "US-IL",
            "--agency",
            "x-pd",
            "--agency-kind",
            "local",
            "--without-policy",
        ],
    ] {
        let output = watch(arguments, folder.path());
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            err(&output)
        );
    }
}

#[test]
fn unverified_packs_must_be_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let output = watch(
        &[
            "--jurisdiction",
            "US-IL",
            "--agency",
            "x-pd",
            "--agency-kind",
            "local",
        ],
        folder.path(),
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains("--accept-unverified-packs"),
        "{}",
        err(&output)
    );
}

#[test]
fn entry_that_the_law_forbids_is_withheld_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let law = [
        "--jurisdiction",
        "US-IL",
        "--agency",
        "springfield-pd",
        "--agency-kind",
        "local",
        "--accept-unverified-packs",
    ];
    let output = watch(&law, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(texts(&lines(&output), "hit"), ["42TKF7"]);
    assert!(err(&output).contains("withheld by"), "{}", err(&output));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("immigration"));

    let output = watch(&["--without-policy"], folder.path());
    assert_eq!(texts(&lines(&output), "hit"), ["42TKF7", "WE2907R"]);
}

#[test]
fn many_cameras_read_the_same_clip_side_by_side() {
    let output = platewarden("watch")
        .arg(clip())
        .args(["--copies", "3", "--fps", "12.5", "--backend", "embedded"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let mut texts: Vec<String> = lines(&output)
        .iter()
        .map(|line| format!("{} {}", line["camera"], line["text"]))
        .collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 6, "{texts:?}");
}

/// A signal ends the watch in order: what is in view is told, and the statistics follow.
#[test]
fn a_signal_ends_the_watch_in_order() {
    ends_in_order(1, "frames: ");
}

#[test]
fn a_signal_ends_the_watch_of_many_in_order() {
    ends_in_order(2, "2 cameras");
}

/// Watches so many sources at once, signals that it is enough, and looks for a word of the statistics.
fn ends_in_order(sources: usize, word: &str) {
    let place = Place::new();
    let folder = place.path("frames");
    // Far more frames than are read before the signal comes: two thousand take three seconds on a machine at rest.
    let first = place.picture("frames/00000.png");
    for number in 1..20_000 {
        fs::hard_link(&first, folder.join(format!("{number:05}.png"))).unwrap();
    }
    let mut watch = place
        .command("watch")
        .args(vec![&folder; sources])
        .arg("--json")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    let signal = std::process::Command::new("kill")
        .args(["-TERM", &watch.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success());
    let ended = watch.wait().unwrap();
    let output = watch.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(ended.success(), "{ended:?} {said}");
    assert!(said.contains(word) && said.contains("passes"), "{said}");
}

/// A camera that cannot be had is named with its reason each time, and tried again.
#[test]
fn a_camera_that_is_not_there_is_named_each_time_it_is_tried() {
    if !has_ffmpeg() {
        return;
    }
    let mut watch = platewarden("watch")
        .args([
            "rtsp://user:secret@127.0.0.1:1/gate",
            "--backend",
            "embedded",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(4));
    let signal = std::process::Command::new("kill")
        .args(["-INT", &watch.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success());
    watch.wait().unwrap();
    let output = watch.wait_with_output().unwrap();
    let said = err(&output);
    let tried = said
        .lines()
        .filter(|line| line.contains("opening it again in"));
    assert!(tried.clone().count() >= 2, "{said}");
    for line in tried {
        assert!(line.contains("rtsp://127.0.0.1:1/gate"), "{line}");
        assert!(line.contains("refused"), "{line}");
    }
    assert!(!said.contains("secret"), "{said}");
}

/// Whether `ffmpeg` can be run; where it must be there, its lack is a failure.
fn has_ffmpeg() -> bool {
    let found = std::process::Command::new("ffmpeg")
        .arg("-version")
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("PLATEWARDEN_REQUIRE_FFMPEG").is_none(),
        "there is no ffmpeg, and PLATEWARDEN_REQUIRE_FFMPEG is set"
    );
    found
}
