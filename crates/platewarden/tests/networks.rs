//! The engine over networks from files: what works, and every way in which files can be wrong.
//!
//! Runs on ONNX Runtime where `PLATEWARDEN_ORT` names one, else on whatever `Backend::Auto` finds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod fails;
mod support;

use std::fs;

use fails::assert_fails;
use platewarden::{
    Backend, Engine, EngineOptions, Error, ErrorKind, Frame, Manifest, TilingOptions,
    syntax::Region,
};
use support::{
    Networks,
    onnx::{Constant, Dim},
    spelled,
};

/// A grey frame of this size.
fn gray(width: u32, height: u32) -> Vec<u8> {
    vec![90; (width * height) as usize]
}

fn engine(networks: &Networks) -> platewarden::Result<Engine> {
    Engine::with_options(EngineOptions::default().with_models(networks.manifest()))
}

fn error(networks: &Networks) -> Error {
    engine(networks).unwrap_err()
}

#[test]
fn a_plate_is_found_and_read_in_frame_coordinates() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    for backend in [Backend::Auto, Backend::Embedded] {
        let options = EngineOptions::default()
            .with_models(networks.manifest())
            .with_backend(backend)
            .with_syntax(false);
        let engine = Engine::with_options(options).unwrap();
        assert_ne!(
            engine.backend().unwrap().backend,
            Backend::Auto,
            "it says which one runs"
        );
        engine.warm_up().unwrap();
        // Twice the size of the input: every coordinate doubles.
        let pixels = gray(256, 128);
        let frame = Frame::gray8(&pixels, 256, 128, 256).unwrap();
        let reads = engine.read(&frame).unwrap();
        assert_eq!(
            reads.len(),
            1,
            "the overlapping and the weak one are gone: {reads:?}"
        );
        let read = &reads[0];
        assert_eq!(
            (read.text.as_str(), read.raw_text.as_str(), read.lines),
            ("K7Q", "K7Q", 1)
        );
        let b = read.bounds;
        assert_eq!((b.x, b.y, b.width, b.height), (64.0, 32.0, 128.0, 64.0));
        assert_eq!((read.corners[0].x, read.corners[0].y), (64.0, 36.0));
        assert!((read.detection_score - 0.9).abs() < 1e-4);
        assert!(
            read.confidence > 0.6 && read.confidence < 1.0,
            "{}",
            read.confidence
        );
        assert_eq!(
            read.characters.iter().map(|c| c.symbol).collect::<String>(),
            "K7Q"
        );
        assert_eq!(read.candidates[0].text, "K7Q");
        assert!(read.candidates.len() <= 5);
        // The stages give the same.
        let detections = engine.detect(&frame).unwrap();
        let stages = engine.recognize(&frame, &detections).unwrap();
        assert_eq!(stages.into_iter().flatten().collect::<Vec<_>>(), reads);
        let picture = engine.rectify(&frame, &detections[0].quad, 40).unwrap();
        assert_eq!(picture.height(), 40);
        assert!((70..100).contains(&picture.width()), "{}", picture.width());
    }
}

#[test]
fn options_leave_plates_out() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let pixels = gray(128, 64);
    let frame = Frame::gray8(&pixels, 128, 64, 128).unwrap();
    let count = |options: EngineOptions| {
        Engine::with_options(options.with_models(networks.manifest()))
            .unwrap()
            .read(&frame)
            .unwrap()
            .len()
    };
    assert_eq!(count(EngineOptions::default()), 1);
    assert_eq!(
        count(EngineOptions::default().with_min_detection_score(0.05)),
        2
    );
    assert_eq!(
        count(EngineOptions::default().with_min_detection_score(0.95)),
        0
    );
    assert_eq!(
        count(EngineOptions::default().with_min_plate_size((65.0, 0.0))),
        0
    );
    assert_eq!(
        count(EngineOptions::default().with_min_confidence(0.9999)),
        0
    );
    assert_eq!(count(EngineOptions::default().with_max_plates(0)), 0);
    let top = platewarden::RegionOfInterest::everywhere()
        .include(&[(0.0, 0.0), (1.0, 0.0), (1.0, 0.2)].map(|(x, y)| platewarden::Point::new(x, y)))
        .unwrap();
    assert_eq!(
        count(EngineOptions::default().with_region_of_interest(top)),
        0
    );
}

#[test]
fn tiles_find_plates_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let options = EngineOptions::default()
        .with_models(networks.manifest())
        .with_tiling(TilingOptions::for_plates_of(16.0));
    let engine = Engine::with_options(options).unwrap();
    let pixels = gray(512, 256);
    let frame = Frame::gray8(&pixels, 512, 256, 512).unwrap();
    let detections = engine.detect(&frame).unwrap();
    // The network finds the same plate in every picture, so each tile adds one at its own place.
    assert!(detections.len() > 4, "{}", detections.len());
    assert!(
        detections
            .iter()
            .all(|d| d.bounds.right() <= 512.0 && d.bounds.bottom() <= 256.0)
    );
    assert!(
        detections
            .iter()
            .any(|d| d.bounds.x > 256.0 && d.bounds.y > 128.0 && d.bounds.width < 65.0)
    );
}

#[test]
fn an_empty_plate_is_found_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let recognizer = Constant {
        input: "plate",
        input_shape: [1, 1, 64, 128].map(Dim::Fixed).to_vec(),
        bytes: false,
        outputs: vec![("probs", vec![1, 8, 37], spelled("________"))],
    };
    fs::write(folder.path().join("recognizer.onnx"), recognizer.to_bytes()).unwrap();
    let pixels = gray(128, 64);
    let frame = Frame::gray8(&pixels, 128, 64, 128).unwrap();
    let reads = engine(&networks).unwrap().read(&frame).unwrap();
    assert_eq!(
        (reads.len(), reads[0].text.as_str(), reads[0].lines),
        (1, "", 0)
    );
    let options = EngineOptions::default()
        .with_models(networks.manifest())
        .with_keep_unread(false);
    assert!(
        Engine::with_options(options)
            .unwrap()
            .read(&frame)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn bytes_batches_and_regions_go_through_the_slots_contract() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let mut slots = spelled("K7Q_____");
    // The first slot is nearly as good an X.
    slots[33] = 0.4;
    slots[20] = 0.5;
    let recognizer = Constant {
        input: "input",
        input_shape: vec![
            Dim::Fixed(1),
            Dim::Fixed(64),
            Dim::Fixed(128),
            Dim::Fixed(3),
        ],
        bytes: true,
        outputs: vec![
            ("plate", vec![1, 8, 37], slots),
            ("region", vec![1, 3], vec![0.1, 0.7, 0.2]),
        ],
    };
    fs::write(folder.path().join("recognizer.onnx"), recognizer.to_bytes()).unwrap();
    networks.edit(
        "contract = \"ctc\"",
        "contract = \"slots\"\nlayout = \"nhwc\"\nelement = \"u8\"\ncolor = \"rgb\"",
    );
    networks.edit(
        "blank = \"_\"",
        "blank = \"_\"\noutput = \"plate\"\nregion_output = \"region\"\nregions = [\"DE\", \"FR\", \"\"]\ncrop = \"box\"",
    );
    let options = EngineOptions::default()
        .with_models(networks.manifest())
        .with_syntax(false);
    let pixels = gray(128, 64);
    let reads = Engine::with_options(options)
        .unwrap()
        .read(&Frame::gray8(&pixels, 128, 64, 128).unwrap())
        .unwrap();
    assert_eq!(reads[0].text, "K7Q");
    assert_eq!(reads[0].candidates[1].text, "X7Q");
    assert_eq!(reads[0].characters[0].alternatives[0].symbol, 'X');
    assert_eq!(reads[0].region.as_ref().unwrap().code, "FR");
}

#[test]
fn a_detector_may_read_bytes_in_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let row = [
        32.0, 16.0, 96.0, 48.0, 0.9, 32.0, 18.0, 96.0, 16.0, 96.0, 46.0, 32.0, 48.0,
    ];
    let write = |bytes: bool| {
        let detector = Constant {
            input: "images",
            input_shape: [1, 12, 32, 64].map(Dim::Fixed).to_vec(),
            bytes,
            outputs: vec![("quads", vec![1, 1, 13], row.to_vec())],
        };
        fs::write(folder.path().join("detector.onnx"), detector.to_bytes()).unwrap();
    };
    write(true);
    let shapes = "shapes = [[64, 128]]";
    networks.edit(shapes, &format!("{shapes}\nspace_to_depth = true"));
    let engine = engine(&networks).unwrap();
    engine.warm_up().unwrap();
    let pixels = gray(256, 128);
    let frame = Frame::gray8(&pixels, 256, 128, 256).unwrap();
    let found = engine.detect(&frame).unwrap();
    assert_eq!((found[0].bounds.x, found[0].bounds.width), (64.0, 128.0));
    write(false);
    assert_fails(
        self::engine(&networks),
        ErrorKind::ModelShape,
        &["1x12x32x64", "u8"],
    );
}

#[test]
fn what_is_read_counts_for_the_detection() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    networks.edit(
        "blank = \"_\"",
        "blank = \"_\"\n[recognizer.verification]\nmin_score = 0.4\nbias = 0.0\ndetector = 1.0\ntext = 0.0\n\
         length = [-9.0, 0.0, 0.0, 0.0]\ndigits = 0.0\nletters_alone = 0.0\ndigits_alone = 0.0\naspect = 0.0\n\
         aspect_squared = 0.0\nsize = 0.0",
    );
    let pixels = gray(128, 64);
    let frame = Frame::gray8(&pixels, 128, 64, 128).unwrap();
    // With a text of three characters the detector's 0.9 stands; without one the odds fall by e^9.
    for (text, score) in [("_K_7_QQ_", Some(0.9)), ("________", None)] {
        let recognizer = Constant {
            input: "plate",
            input_shape: [1, 1, 64, 128].map(Dim::Fixed).to_vec(),
            bytes: false,
            outputs: vec![("probs", vec![1, 8, 37], spelled(text))],
        };
        fs::write(folder.path().join("recognizer.onnx"), recognizer.to_bytes()).unwrap();
        let reads = engine(&networks).unwrap().read(&frame).unwrap();
        assert_eq!(
            reads
                .first()
                .map(|read| (read.detection_score * 100.0).round() / 100.0),
            score
        );
    }
}

#[test]
fn missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    fs::remove_file(folder.path().join("recognizer.onnx")).unwrap();
    let missing = error(&networks);
    assert!(
        missing.kind() == ErrorKind::ModelLoad
            && missing.path().unwrap().ends_with("recognizer.onnx"),
        "{missing}"
    );
    assert!(
        missing.to_string().contains("beside its manifest"),
        "{missing}"
    );
    let none =
        Engine::with_options(EngineOptions::default().with_models(folder.path().join("none.toml")));
    assert_fails(none, ErrorKind::Io, &[]);
}

#[test]
fn another_file_than_the_manifest_means_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    networks.edit(
        "file = \"detector.onnx\"",
        &format!("file = \"detector.onnx\"\nsha256 = \"{}\"", "0".repeat(64)),
    );
    let wrong = error(&networks);
    assert_eq!(wrong.kind(), ErrorKind::ModelHash, "{wrong}");
    // The digest that the error names is the one to put into the manifest.
    let context = wrong.context();
    let (_, rest) = context.split_once("SHA-256 ").unwrap();
    let (found, _) = rest.split_once(';').unwrap();
    networks.edit(&"0".repeat(64), found);
    engine(&networks).unwrap();
    // One byte cut off is another file too.
    let path = folder.path().join("detector.onnx");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(error(&networks).kind(), ErrorKind::ModelHash);
}

#[test]
fn files_that_are_no_networks_are_refused_by_both_backends() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let whole = fs::read(folder.path().join("detector.onnx")).unwrap();
    let cases: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("text", b"<html>404 not found</html>".to_vec()),
        ("cut in half", whole[..whole.len() / 2].to_vec()),
        ("zeros", vec![0; 4096]),
    ];
    for (what, bytes) in cases {
        fs::write(folder.path().join("detector.onnx"), bytes).unwrap();
        for backend in [Backend::Auto, Backend::Embedded] {
            let options = EngineOptions::default()
                .with_models(networks.manifest())
                .with_backend(backend);
            let error = Engine::with_options(options).expect_err(what);
            assert!(
                error.kind() == ErrorKind::ModelLoad
                    && error.path().unwrap().ends_with("detector.onnx"),
                "{what} on {backend}: {error}"
            );
        }
    }
}

#[test]
fn networks_that_do_not_fit_their_manifest_are_refused() {
    let edits = [
        // The recogniser's input is 64x128.
        (
            "shape = [64, 128]",
            "shape = [32, 128]",
            "recognizer.onnx",
            "1x1x32x128 f32",
        ),
        (
            "blank = \"_\"",
            "blank = \"_\"\ncolor = \"rgb\"",
            "recognizer.onnx",
            "1x3x64x128 f32",
        ),
        (
            "blank = \"_\"",
            "blank = \"_\"\nelement = \"u8\"",
            "recognizer.onnx",
            "u8",
        ),
        ("XYZ_\"", "XYZ-_\"", "recognizer.onnx", "38"),
        (
            "blank = \"_\"",
            "blank = \"_\"\ninput = \"picture\"",
            "recognizer.onnx",
            "picture",
        ),
        (
            "contract = \"quads\"",
            "contract = \"boxes\"",
            "detector.onnx",
            "5",
        ),
        (
            "contract = \"quads\"",
            "contract = \"yolo-end2end\"",
            "detector.onnx",
            "7",
        ),
        (
            "contract = \"quads\"",
            "contract = \"grid\"",
            "detector.onnx",
            "13",
        ),
    ];
    for (from, to, file, expected) in edits {
        let folder = tempfile::tempdir().unwrap();
        let networks = Networks::in_folder(folder.path());
        networks.edit(from, to);
        let error = error(&networks);
        assert!(
            error.kind() == ErrorKind::ModelShape && error.path().unwrap().ends_with(file),
            "{to}: {error}"
        );
        assert!(error.to_string().contains(expected), "{to}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    networks.edit(
        "contract = \"quads\"",
        "contract = \"quads\"\noutput = \"boxes\"",
    );
    let error = error(&networks);
    assert!(
        error.kind() == ErrorKind::ModelLoad && error.to_string().contains("`boxes`"),
        "{error}"
    );
}

#[test]
fn unknown_contracts_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    networks.edit("contract = \"ctc\"", "contract = \"transformer\"");
    let error = error(&networks);
    assert_eq!(error.kind(), ErrorKind::UnknownContract);
    assert!(
        error.context().contains("the recognizer contract"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn folders_need_no_unicode_names() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(&folder.path().join(OsStr::from_bytes(b"caf\xe9 \xff")));
    engine(&networks).unwrap();
    fs::remove_file(networks.folder.join("detector.onnx")).unwrap();
    assert!(error(&networks).to_string().contains("detector.onnx"));
}

#[test]
fn impossible_options_are_refused_before_anything_is_loaded() {
    let options = EngineOptions::default()
        .with_models("/no/such/file")
        .with_min_confidence(2.0);
    assert_fails(
        Engine::with_options(options),
        ErrorKind::InvalidOption,
        &["min_confidence"],
    );
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let options = EngineOptions::default().with_models(networks.manifest());
    assert!("atlantis".parse::<Region>().is_err());
    let nowhere: Region = "XX".parse().unwrap();
    assert_fails(
        Engine::with_options(options.with_expected_regions([nowhere])),
        ErrorKind::InvalidOption,
        &["`expected_regions`"],
    );
    assert!(Manifest::from_file(networks.manifest()).is_ok());
}
