//! What may go wrong: clocks, files, disks, lines, and requests that end while they are read.

use std::fs;
use std::path::Path;
use std::time::Duration;

use platewarden::{Engine, Rect};
use platewarden_footage::*;

use crate::server::Server;
use crate::world::*;

fn selection(request: &VerifiedRequest, cameras: &Cameras, root: &Path) -> Selection {
    Selection::of(request, cameras, root).unwrap()
}

/// A package of a photograph that nobody read: for faults after the consent.
fn consent(request: &VerifiedRequest, folder: &Path) -> Consent {
    let photograph = folder.join("photo.jpg");
    image::RgbImage::from_pixel(64, 48, image::Rgb([90; 3]))
        .save(&photograph)
        .unwrap();
    let footage = Footage {
        path: photograph.clone(),
        camera: "porch".into(),
        from: recorded(),
        to: recorded(),
        is_picture: true,
    };
    let found = FootageMatch {
        footage,
        wanted: "WE2907R".into(),
        read: "WE2907R".into(),
        texts: vec!["WE2907R".into()],
        revealed: None,
        probability: 0.9,
        seen: (recorded(), recorded()),
        path: vec![PlateAt {
            at: Duration::ZERO,
            bounds: Rect::new(10.0, 10.0, 20.0, 5.0),
        }],
        still: None,
    };
    let clip = Prepared {
        found,
        name: "photo-1.jpg".into(),
        path: photograph,
        obscured: Obscured::default(),
    };
    ConsentNotice::new(request, vec![clip], Disclosed::default(), now()).consent(now())
}

fn sealed(world: &World, request: &VerifiedRequest, folder: &Path) -> SealedPackage {
    let out = folder.join("package.pwseal");
    seal_package(
        request,
        &consent(request, folder),
        &world.trust,
        "test",
        now(),
        &out,
    )
    .unwrap()
}

#[test]
fn a_clock_that_is_off_is_set_right_and_a_recording_without_time_is_named() {
    if !has_ffmpeg() {
        return;
    }
    let world = World::new();
    let request = world.request("WE2907R");
    let (home, recording) = resident("crossing");
    let camera = |more: &str| -> Cameras {
        format!("[[camera]]\nname = \"porch\"\nlatitude = 39.79\nlongitude = -89.65\n{more}")
            .parse()
            .unwrap()
    };
    assert_eq!(
        selection(&request, &camera(""), home.path()).within.len(),
        1
    );
    // Nine hours and a half fast: the recording is of before the window.
    let fast = selection(&request, &camera("add_seconds = -34200"), home.path());
    assert!(fast.within.is_empty() && fast.left_out.is_empty());
    let slow = selection(&request, &camera("add_seconds = 3600"), home.path());
    assert_eq!(slow.within[0].from, recorded() + minutes(60));
    // Beyond the area nothing is opened, not even what is no recording.
    let away: Cameras = "[[camera]]\nname = \"nowhere\"\nlatitude = 41.0\nlongitude = -89.65\n"
        .parse()
        .unwrap();
    assert_eq!(
        selection(&request, &away, home.path()),
        Selection::default()
    );

    // Its own time is not asked for; the name tells it in the camera's zone, and without a zone not at all.
    let named = recording.with_file_name("cam_20261121_150000.mp4");
    fs::rename(&recording, &named).unwrap();
    let chicago = selection(
        &request,
        &camera("times = [\"name\"]\ntime_zone = \"America/Chicago\""),
        home.path(),
    );
    assert_eq!(chicago.within[0].from, recorded());
    let berlin = selection(
        &request,
        &camera("times = [\"name\"]\ntime_zone = \"Europe/Berlin\""),
        home.path(),
    );
    assert!(berlin.within.is_empty());
    let none = selection(&request, &camera("times = [\"name\"]"), home.path());
    assert_eq!(none.left_out, [(named, LeftOut::NoTime)]);
}

#[test]
fn a_corrupt_file_is_named_and_the_others_are_read() {
    if !has_ffmpeg() {
        return;
    }
    let world = World::new();
    let request = world.request("KV472TM");
    let (home, recording) = resident("crossing");
    fs::write(recording.with_file_name("broken.mp4"), b"no video at all").unwrap();
    fs::write(recording.with_file_name("notes.txt"), b"nothing to see").unwrap();
    // A recording whose end is missing.
    let bytes = fs::read(&recording).unwrap();
    fs::write(
        recording.with_file_name("half.mp4"),
        &bytes[..bytes.len() / 2],
    )
    .unwrap();
    let selection = selection(&request, &cameras(), home.path());
    assert_eq!(selection.within.len(), 1);
    let names: Vec<_> = selection
        .left_out
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(names, ["broken.mp4", "half.mp4"]);
    assert!(
        selection
            .left_out
            .iter()
            .all(|(_, why)| matches!(why, LeftOut::Unreadable(_)))
    );
    let scanner = Scanner::new(Engine::new().unwrap(), &request, 0.02).unwrap();
    let mut frames = 0;
    // The resident may end it at any time.
    let ended = scanner.read(&selection.within[0], &mut |_| {
        frames += 1;
        frames < 3
    });
    assert!(ended.unwrap().is_empty() && frames == 3);
    // A file that is gone when its turn comes is an error of its own.
    fs::remove_file(&recording).unwrap();
    assert_eq!(
        scanner
            .read(&selection.within[0], &mut |_| true)
            .unwrap_err()
            .kind(),
        ErrorKind::Video
    );
}

#[test]
fn two_requests_at_once_do_not_mix() {
    let world = World::new();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let requests = [world.request("WE2907R"), world.request("42TKF7")];
    std::thread::scope(|scope| {
        for (request, folder) in requests.iter().zip(&folders) {
            let world = &world;
            scope.spawn(move || {
                let package = sealed(world, request, folder.path());
                assert_eq!(package.manifest.request_sha256, request.sha256());
            });
        }
    });
    assert_ne!(requests[0].sha256(), requests[1].sha256());
}

#[test]
fn a_key_revoked_or_a_request_over_after_the_consent_ends_it() {
    let world = World::new();
    let request = world.request("WE2907R");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("package.pwseal");
    let revoked = world.trust_without(vec![Revocation {
        key: world.certificate.statement.key.clone(),
        at: now(),
        reason: "searches for others".into(),
    }]);
    let error = seal_package(
        &request,
        &consent(&request, folder.path()),
        &revoked,
        "test",
        now(),
        &out,
    )
    .unwrap_err();
    assert_eq!(error.rule(), Some("footage-agency-revoked"));
    let late = at("2026-11-29T00:00:01Z");
    let error = seal_package(
        &request,
        &consent(&request, folder.path()),
        &world.trust,
        "test",
        late,
        &out,
    )
    .unwrap_err();
    assert_eq!(error.rule(), Some("footage-expired"));
    assert!(!out.exists() && !out.with_extension("partial").exists());
    consent(&request, folder.path()).withdraw();
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_leaves_no_package() {
    let world = World::new();
    let request = world.request("WE2907R");
    let folder = tempfile::tempdir().unwrap();
    let consent = consent(&request, folder.path());
    // What is written next to the package goes to a device that is always full.
    let out = folder.path().join("package.pwseal");
    std::os::unix::fs::symlink("/dev/full", out.with_extension("partial")).unwrap();
    let error = seal_package(&request, &consent, &world.trust, "test", now(), &out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(!out.exists());
}

#[test]
fn an_upload_that_dies_half_way_is_sent_again_and_stands_there_once() {
    let world = World::new();
    let request = world.request("WE2907R");
    let folder = tempfile::tempdir().unwrap();
    let package = sealed(&world, &request, folder.path());
    let server = Server::start(2);
    let mut to = PackageServer::new(&server.url()).unwrap();
    to.pause = Duration::from_millis(10);
    to.receive(&package).unwrap();
    let received = server.stop();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].body, fs::read(&package.path).unwrap());
    assert!(received[0].path.ends_with(".pwseal"));

    let server = Server::start(usize::MAX);
    let mut to = PackageServer::new(&server.url()).unwrap();
    (to.pause, to.tries) = (Duration::from_millis(10), 3);
    let error = to.receive(&package).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Delivery);
    assert!(server.stop().is_empty());
    assert!(PackageServer::new("http://evidence.example.org").is_err());
    assert_eq!(
        PackageServer::new("https://name:secret@evidence.example.org/in")
            .unwrap()
            .name(),
        "https://evidence.example.org/in"
    );
}

#[test]
fn a_folder_has_a_package_once_and_whole() {
    let world = World::new();
    let request = world.request("WE2907R");
    let folder = tempfile::tempdir().unwrap();
    let package = sealed(&world, &request, folder.path());
    let evidence = folder.path().join("evidence");
    let mut to = PackageFolder(evidence.clone());
    to.receive(&package).unwrap();
    to.receive(&package).unwrap();
    let files = files_below(&evidence);
    assert_eq!(files.len(), 1);
    let opened = open_package(&files[0].0, &world.evidence, &folder.path().join("opened")).unwrap();
    assert_eq!(opened.manifest.files.len(), 1);
    // Another key opens nothing, and leaves nothing.
    let other = folder.path().join("other");
    assert_eq!(
        open_package(&files[0].0, &EvidenceKey::new().unwrap(), &other)
            .unwrap_err()
            .kind(),
        ErrorKind::Signature
    );
    assert!(!other.exists());
    assert_eq!(
        package_header(&files[0].0).unwrap().code,
        request.particulars().code().to_string()
    );
}
