//! Two residents, one match: what leaves is the package and nothing else.

use std::path::Path;

use platewarden::{Engine, EngineOptions};
use platewarden_footage::*;
use platewarden_video::redact::{find_plates, redaction_engine};
use platewarden_video::source::{FfmpegOptions, FfmpegSource, FrameSource};

use crate::server::Server;
use crate::world::*;

fn scan(request: &VerifiedRequest, root: &Path) -> Vec<FootageMatch> {
    let selection = Selection::of(request, &cameras(), root).unwrap();
    assert!(selection.left_out.is_empty(), "{:?}", selection.left_out);
    assert_eq!(selection.within.len(), 1);
    let scanner =
        Scanner::new(Engine::new().unwrap(), request, Rules::DEFAULT_PROBABILITY).unwrap();
    let mut told = 0.0;
    let found = scanner.read(&selection.within[0], &mut |share| {
        assert!(share >= told);
        told = share;
        true
    });
    assert!(told > 0.9);
    found.unwrap()
}

fn prepare(found: FootageMatch, folder: &Path) -> Prepared {
    let options = ObscureOptions::default();
    let engine = redaction_engine(EngineOptions::default(), &options.redact).unwrap();
    let path = folder.join("clip-1.mp4");
    let obscured = obscure(&found, &engine, &options, &path).unwrap();
    Prepared {
        found,
        name: "clip-1.mp4".into(),
        path,
        obscured,
    }
}

#[test]
fn what_leaves_is_the_package_and_nothing_of_the_others() {
    if !has_ffmpeg() {
        return;
    }
    let world = World::new();
    let request = world.request("WE 2907R");
    // The second resident has no match: nothing is written, sent or counted.
    let (other, _) = resident("parked-and-passing");
    let before = files_below(other.path());
    assert!(scan(&request, other.path()).is_empty());
    assert_eq!(files_below(other.path()), before);

    let (home, _) = resident("two-at-once");
    let before = files_below(home.path());
    let found = scan(&request, home.path());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].wanted.as_str(), found[0].read.as_str()),
        ("WE2907R", "WE2907R")
    );
    assert!(found[0].still.is_some() && found[0].path.len() > 8);

    let work = tempfile::tempdir().unwrap();
    let clip = prepare(found[0].clone(), work.path());
    let kept = &clip.obscured.kept;
    assert!(
        kept.iter().all(|share| *share < 0.45) && clip.obscured.mean_kept() > 0.005,
        "{kept:?}"
    );
    eprintln!(
        "{} frames, {:.1} % of the picture kept on average, {} other plates covered within",
        kept.len(),
        100.0 * clip.obscured.mean_kept(),
        clip.obscured.covered_plates
    );
    let notice = ConsentNotice::new(&request, vec![clip], Disclosed::default(), now());
    for word in [
        "Springfield Police",
        "WE2907R",
        "verify by eye",
        "your address: no",
        "50 ILCS 205",
        "nobody learns",
    ] {
        assert!(notice.text().contains(word), "{word}:\n{}", notice.text());
    }
    let consent = notice.consent(now() + minutes(1));
    let out = work.path().join("package.pwseal");
    let package = seal_package(
        &request,
        &consent,
        &world.trust,
        "platewarden 0.1.0",
        now() + minutes(1),
        &out,
    )
    .unwrap();

    let server = Server::start(0);
    PackageServer::new(&server.url())
        .unwrap()
        .receive(&package)
        .unwrap();
    let received = server.stop();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].body, std::fs::read(&out).unwrap());
    // Nothing in the clear but the header, and nothing of the resident in it or in the request.
    let sent = String::from_utf8_lossy(&received[0].everything).into_owned();
    for word in [
        "WE2907R",
        "porch",
        "evening",
        "resident",
        "Springfield Police",
    ] {
        assert!(!sent.contains(word), "{word}");
    }
    assert_eq!(files_below(home.path()), before);

    let opened = open_package(&out, &world.evidence, &work.path().join("opened")).unwrap();
    assert_eq!(opened.manifest, package.manifest);
    assert_eq!(opened.notice, consent_text(&opened));
    assert_eq!(
        opened
            .request
            .clone()
            .verify(&world.trust, now())
            .unwrap()
            .sha256(),
        request.sha256()
    );
    check_clip(&opened.folder.join("clip-1.mp4"));
}

fn consent_text(opened: &OpenedPackage) -> String {
    std::fs::read_to_string(opened.folder.join("notice.txt")).unwrap()
}

/// The engine at its most sensitive finds the plate asked for and no other text; sound, place and words are gone.
fn check_clip(clip: &Path) {
    let options = platewarden_video::redact::RedactOptions::default().with_min_score(0.02);
    let engine = redaction_engine(EngineOptions::default(), &options).unwrap();
    let mut source = FfmpegSource::open(clip, FfmpegOptions::default().with_live(false)).unwrap();
    let (mut texts, mut frames) = (Vec::new(), 0);
    while let Some(frame) = source.next_frame().unwrap() {
        frames += 1;
        let pixels = frame.frame().unwrap();
        let plates = find_plates(&engine, &pixels, &options).unwrap();
        let reads = engine.recognize(&pixels, &plates).unwrap();
        texts.extend(
            reads
                .into_iter()
                .flatten()
                .flat_map(|read| read.candidates)
                .map(|candidate| candidate.text),
        );
    }
    assert!(frames > 8, "{frames}");
    assert!(texts.iter().any(|text| text == "WE2907R"), "{texts:?}");
    assert!(
        !texts
            .iter()
            .any(|text| text.contains("TKF") || text.contains("42T")),
        "{texts:?}"
    );
    let bytes = std::fs::read(clip).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for word in ["own words", "39.79", "mp4a", "2026"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// The request names no plate; the evaluating side answers questions and learns of no match.
#[test]
fn a_request_that_names_no_plate_finds_its_vehicle_all_the_same() {
    use platewarden_footage::blinded::{Evaluator, Limits};

    let world = World::new();
    let until = form().responses_until;
    let mut evaluator = Evaluator::new(&["WE2907R"], until, Limits::default()).unwrap();
    let mut sought = Sought::default();
    sought.blinded = Some(evaluator.targets().clone());
    let document = world.document(sought);
    let text = serde_json::to_string(&document).unwrap();
    assert!(!text.contains("2907"));
    let request = FootageRequest::from_json(&text)
        .unwrap()
        .verify(&world.trust, now())
        .unwrap();

    let home = tempfile::tempdir().unwrap();
    let porch = home.path().join("porch");
    std::fs::create_dir(&porch).unwrap();
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/data/clip/0008.jpg");
    std::fs::copy(clip, porch.join("2026-11-21_15-00-00.jpg")).unwrap();
    let selection = Selection::of(&request, &cameras(), home.path()).unwrap();
    assert_eq!(
        Scanner::new(Engine::new().unwrap(), &request, 0.02)
            .err()
            .unwrap()
            .rule(),
        Some("footage-description")
    );
    let scanner = Scanner::unnamed(Engine::new().unwrap(), &request);
    let read = scanner.read(&selection.within[0], &mut |_| true).unwrap();
    assert_eq!(read.len(), 2);

    let device = evaluator.admit(now(), |_| Ok(())).unwrap();
    let client = client_of(&request, device).unwrap();
    let mut asked = Vec::new();
    let found = reveal(&client, read, &mut |question| {
        asked.extend_from_slice(question);
        evaluator.evaluate(question, now(), |_| Ok(()))
    })
    .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].wanted.as_str(), found[0].read.as_str()),
        ("WE2907R", "WE2907R")
    );
    assert!(
        found[0]
            .revealed
            .as_ref()
            .unwrap()
            .contains("will not be unless you hand")
    );
    assert!(!String::from_utf8_lossy(&asked).contains("2907"));
}
