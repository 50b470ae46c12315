//! `respond` and `evidence`: a request from its certificate to the package that was opened.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use super::{platewarden, project};

/// A street with an agency and one resident, in a folder of its own.
struct Street(tempfile::TempDir);

impl Street {
    fn new() -> Self {
        let street = Self(tempfile::tempdir().unwrap());
        let porch = street.path("footage/porch");
        std::fs::create_dir_all(&porch).unwrap();
        std::fs::create_dir(street.path("temporary")).unwrap();
        // Three in the afternoon in Springfield: within the window.
        std::fs::copy(
            project("fixtures/data/clip/0008.jpg"),
            porch.join("2026-11-21_15-00-00.jpg"),
        )
        .unwrap();
        street.does(street.evidence("keys").arg("keys"));
        let mut certify = street.evidence("certify");
        certify.arg(project("examples/footage/agency.json"));
        let certify = certify.args(["--verified-by", "onboarding-2", "--account", "evidence-17"]);
        let certify = certify.args([
            "--verifier",
            "keys/verifier.key",
            "--agency-key",
            "keys/agency.pub",
        ]);
        street.does(certify.args(["--trust", "trust.json", "--out", "certificate.json"]));
        street
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, name: &str) -> Command {
        let mut command = platewarden(name);
        command
            .current_dir(self.0.path())
            .env("TMPDIR", self.path("temporary"));
        command
    }

    fn evidence(&self, action: &str) -> Command {
        let mut command = self.command("evidence");
        command.arg(action);
        command
    }

    fn does(&self, command: &mut Command) -> String {
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn publish(&self, plate: &str) -> String {
        let mut publish = self.evidence("publish");
        publish.arg(project("examples/footage/form.json")).args([
            "--plate",
            plate,
            "--describe",
            "a blue van",
        ]);
        publish.args([
            "--certificate",
            "certificate.json",
            "--key",
            "keys/agency.key",
        ]);
        publish.args([
            "--evidence-key",
            "keys/evidence.pub",
            "--officer",
            "det-4",
            "--moderator",
            "mod-1",
        ]);
        self.does(publish.args(["--out", "request.json"]))
    }

    fn respond(&self, answer: &str) -> Output {
        let mut child = self.asked();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(answer.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    /// The program, which asks or soon will.
    fn asked(&self) -> Child {
        let mut respond = self.command("respond");
        respond.args([
            "request.json",
            "--footage",
            "footage",
            "--trust",
            "trust.json",
            "--to",
            "inbox",
        ]);
        respond
            .arg("--cameras")
            .arg(project("examples/footage/cameras.toml"));
        respond
            .arg("--rules")
            .arg(project("examples/footage/rules.toml"));
        respond.args(["--backend", "embedded"]);
        respond
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Whether what would leave lies ready to be looked at.
    fn has_prepared(&self) -> bool {
        let folders = self.files("temporary");
        folders.iter().any(|folder| {
            self.path("temporary")
                .join(folder)
                .join("README.txt")
                .exists()
        })
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let Ok(list) = std::fs::read_dir(self.path(folder)) else {
            return Vec::new();
        };
        list.map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn nothing_leaves_without_a_yes_and_a_package_opens_with_the_agencys_key() {
    let street = Street::new();
    let published = street.publish("WE 2907R");
    assert!(published.contains("investigation code"), "{published}");

    for answer in ["", "no\n", "y\n"] {
        let output = street.respond(answer);
        let said = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        for word in [
            "Springfield Police",
            "verify by eye",
            "your address: no",
            "50 ILCS 205",
            "nothing left this machine",
        ] {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(street.files("inbox").is_empty() && street.files("temporary").is_empty());
        assert_eq!(street.files("footage/porch").len(), 1);
    }

    let output = street.respond("yes\n");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("handed over to inbox"));
    assert!(street.files("temporary").is_empty());
    let package = street.files("inbox").pop().unwrap();

    let mut open = street.evidence("open");
    open.arg(Path::new("inbox").join(&package)).args([
        "--key",
        "keys/evidence.key",
        "--trust",
        "trust.json",
    ]);
    let shown = street.does(open.args(["--out", "opened"]));
    for word in [
        "clip-1.jpg",
        "asked for WE2907R, read WE2907R",
        "address: not disclosed",
        "kept ",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let folder = street.files("opened").pop().unwrap();
    let manifest = street.path("opened").join(&folder).join("manifest.json");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    assert!(
        manifest.contains("detector SHA-256") && !manifest.contains("not stated"),
        "{manifest}"
    );
    let picture = image::open(street.path("opened").join(folder).join("clip-1.jpg"))
        .unwrap()
        .to_rgb8();
    // The other vehicle's corner of the street is one colour.
    let corner = picture.get_pixel(200, 230);
    assert!(
        corner.0.iter().all(|value| value.abs_diff(96) < 4),
        "{corner:?}"
    );
    let log = street.does(street.evidence("log").arg("requests.jsonl"));
    assert!(log.contains("1 springfield-pd"), "{log}");
}

#[test]
fn a_request_without_a_match_ends_as_a_no_does_and_a_revoked_agency_is_refused() {
    let street = Street::new();
    street.publish("ZZ 99999");
    let output = street.respond("yes\n");
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("nothing to decide"));
    assert!(street.files("inbox").is_empty());

    let mut revoke = street.evidence("revoke");
    revoke.args([
        "keys/agency.pub",
        "--reason",
        "searched for others",
        "--verifier",
        "keys/verifier.key",
    ]);
    street.does(revoke.args(["--trust", "trust.json"]));
    let output = street.respond("yes\n");
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("footage-agency-revoked") && said.contains("searched for others"),
        "{said}"
    );
}

/// Without ffmpeg a video cannot be placed in time: that is said, once and with what to do, and nothing is answered.
#[test]
fn without_ffmpeg_a_resident_is_told_what_is_missing() {
    let street = Street::new();
    street.publish("WE 2907R");
    std::fs::write(street.path("footage/porch/evening.mp4"), b"a video").unwrap();
    let mut respond = street.command("respond");
    respond.args([
        "request.json",
        "--footage",
        "footage",
        "--trust",
        "trust.json",
        "--to",
        "inbox",
    ]);
    respond
        .arg("--cameras")
        .arg(project("examples/footage/cameras.toml"));
    let output = respond
        .env("PLATEWARDEN_FFMPEG", "/nowhere/ffmpeg")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("/nowhere/ffprobe") && said.contains("install ffmpeg"),
        "{said}"
    );
    assert!(street.files("inbox").is_empty());
}

/// Ctrl-C at the question is a no, and leaves no trace either.
#[test]
fn a_signal_at_the_question_is_a_no() {
    let street = Street::new();
    street.publish("WE 2907R");
    let mut child = street.asked();
    // Open to the end: its end would be a no of its own.
    let input = child.stdin.take();
    let begun = std::time::Instant::now();
    while !street.has_prepared() {
        assert!(begun.elapsed().as_secs() < 120, "nothing was prepared");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success());
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("nothing left this machine"));
    assert!(street.files("inbox").is_empty() && street.files("temporary").is_empty());
}
