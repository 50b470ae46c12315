//! ONNX Runtime and the embedded backend give the same reads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod support;

use std::fs;

use platewarden::{
    Backend, Engine, EngineOptions, ErrorKind, Frame, Limits, Manifest, PlateRead, Precision,
    decode,
};
use support::shared;

/// Largest difference of a coordinate, in shares of the plate's width.
const PLACE: f32 = 0.01;
/// Largest difference of a score or a confidence.
const CONFIDENCE: f32 = 0.01;

fn engine(manifest: &Manifest, backend: Backend) -> platewarden::Result<Engine> {
    let options = EngineOptions::default()
        .with_backend(backend)
        // Both the same files: by default ONNX Runtime runs those in 8-bit integers.
        .with_precision(Precision::Fp32)
        .with_min_detection_score(0.5);
    Engine::builder()
        .manifest(manifest.clone())
        .options(options)
        .build()
}

#[test]
#[ignore = "needs ../shared"]
fn both_backends_read_alike() {
    for manifest in [Manifest::bundled().unwrap()] {
        let runtime = match engine(&manifest, Backend::OnnxRuntime) {
            Err(error) if error.kind() == ErrorKind::RuntimeMissing => {
                eprintln!("skipped: no ONNX Runtime library was found");
                return;
            }
            engine => engine.unwrap(),
        };
        let embedded = engine(&manifest, Backend::Embedded).unwrap();
        let mut files: Vec<_> = fs::read_dir(shared().join("data/scenes"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let (mut plates, mut texts, mut regions) = (0, 0, 0);
        for file in files.iter().step_by(files.len() / 60) {
            let image = decode(&fs::read(file).unwrap(), &Limits::default()).unwrap();
            let frame = Frame::from(&image);
            let detections = runtime.detect(&frame).unwrap();
            let again = embedded.detect(&frame).unwrap();
            // A plate at the very threshold may be there on one side alone.
            let close = |score: f32| (score - 0.5).abs() < CONFIDENCE;
            let sure =
                |found: &[platewarden::Detection]| found.iter().filter(|d| !close(d.score)).count();
            assert_eq!(sure(&detections), sure(&again), "{}", file.display());
            for (a, b) in detections
                .iter()
                .zip(&again)
                .filter(|(a, b)| !close(a.score) && !close(b.score))
            {
                assert!((a.score - b.score).abs() < CONFIDENCE, "{a:?} {b:?}");
                for (p, q) in a.quad.corners().iter().zip(b.quad.corners()) {
                    let most = PLACE * a.bounds.width.max(20.0);
                    assert!(
                        (p.x - q.x).abs() < most && (p.y - q.y).abs() < most,
                        "{a:?} {b:?}"
                    );
                }
            }
            let here = runtime.recognize(&frame, &detections).unwrap();
            let there = embedded.recognize(&frame, &detections).unwrap();
            for (a, b) in here.iter().flatten().zip(there.iter().flatten()) {
                plates += 1;
                texts += usize::from(a.text == b.text);
                let code = |read: &PlateRead| read.region.as_ref().map(|guess| guess.code.clone());
                regions += usize::from(code(a) == code(b));
                assert!(
                    (a.confidence - b.confidence).abs() < CONFIDENCE,
                    "{} {}",
                    a.text,
                    b.text
                );
            }
        }
        println!("{}: {texts} of {plates} texts are the same", manifest.name);
        assert!(
            plates > 20 && texts * 100 >= plates * 99,
            "{texts} of {plates}"
        );
        assert!(regions * 100 >= plates * 99, "{regions} of {plates}");
    }
}
