//! FastALPR's published weights give the texts that FastALPR's Python packages give.
//!
//! Both get the same pixels: the pictures are decoded once, by OpenCV. Decoders of JPEG differ by a level here and there,
//! and the dynamically quantised detector answers even that with other boxes, which on plates that can hardly be read
//! become other texts.
//!
//! Needs the weights and pictures under `../shared` and a Python with the packages `fast-plate-ocr`, `open-image-models`,
//! `onnxruntime` and `opencv-python-headless`: the one named by `PLATEWARDEN_PEER_PYTHON`, or the one in
//! `target/ci-venv`. Without such a Python the test says so and compares nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod support;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use platewarden::{Engine, EngineOptions, Frame, Limits, Manifest, Rect, decode};
use serde::Deserialize;
use support::shared;

#[derive(Deserialize)]
struct Picture {
    image: String,
    plates: Vec<Plate>,
}

#[derive(Deserialize)]
struct Plate {
    bbox: [f32; 4],
    text: String,
}

fn python() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = env::var_os("PLATEWARDEN_PEER_PYTHON").map(PathBuf::from);
    [named, Some(workspace.join("target/ci-venv/bin/python"))]
        .into_iter()
        .flatten()
        .find(|python| {
            let imported = Command::new(python)
                .args(["-c", "import fast_plate_ocr, open_image_models, cv2"])
                .output();
            imported.is_ok_and(|output| output.status.success())
        })
}

/// Writes the pictures of the dev split as PNG, under their own names.
const DECODE: &str = "
import csv, cv2, os, sys
data, out = sys.argv[1:]
for row in csv.DictReader(open(os.path.join(data, 'scenes.csv'), encoding='utf-8')):
    if row['split'] == 'dev':
        image = cv2.imread(os.path.join(data, 'scenes', row['file']))
        png = cv2.imencode('.png', image, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
        open(os.path.join(out, row['file']), 'wb').write(png.tobytes())
";

/// Letters and digits alone, as the scoring script compares texts.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[test]
#[ignore = "needs ../shared"]
fn users_of_cct_xs_v2_get_the_same_texts() {
    compare(
        "cct_xs_v2_global",
        include_str!("../../../docs/fastalpr/cct-xs-v2.toml"),
    );
}

/// Reads the dev split with FastALPR's own code and with a manifest of ours over the same weights.
fn compare(recognizer: &str, manifest: &str) {
    let Some(python) = python() else {
        eprintln!(
            "skipped: no Python with fast-plate-ocr and open-image-models; set PLATEWARDEN_PEER_PYTHON"
        );
        return;
    };
    let (shared, folder) = (shared(), tempfile::tempdir().unwrap());
    let predictions = folder.path().join("peer.jsonl");
    let output = Command::new(&python)
        .args([shared.join("eval/peer_fastalpr.py"), predictions.clone()])
        .args(["--ocr", recognizer])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    let output = Command::new(&python)
        .args(["-c", DECODE])
        .args([&shared.join("data"), &pictures])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let manifest = Manifest::parse(manifest, shared.join("peers/manifest.toml")).unwrap();
    let options = EngineOptions::default()
        .with_syntax(false)
        .with_close_ups(false)
        .with_deskew(false)
        .with_second_look(false)
        .with_min_plate_size((0.0, 0.0));
    let engine = Engine::builder()
        .manifest(manifest)
        .options(options)
        .build()
        .unwrap();

    let (mut plates, mut same, mut extra) = (0, 0, 0);
    for line in fs::read_to_string(&predictions).unwrap().lines() {
        let expected: Picture = serde_json::from_str(line).unwrap();
        let bytes = fs::read(pictures.join(&expected.image)).unwrap();
        let image = decode(&bytes, &Limits::default()).unwrap();
        let reads = engine.read(&Frame::from(&image)).unwrap();
        extra += reads.len().saturating_sub(expected.plates.len());
        for plate in &expected.plates {
            let [x, y, width, height] = plate.bbox;
            let area = Rect::new(x, y, width, height);
            let best = reads
                .iter()
                .max_by(|a, b| a.bounds.iou(&area).total_cmp(&b.bounds.iou(&area)));
            plates += 1;
            let ours = best
                .filter(|read| read.bounds.iou(&area) >= 0.5)
                .map(|read| letters(&read.raw_text));
            if ours.as_deref() == Some(letters(&plate.text).as_str()) {
                same += 1;
            } else {
                eprintln!("{}: {} there, {ours:?} here", expected.image, plate.text);
            }
        }
    }
    println!("{same} of {plates} texts are the same; {extra} plates more than there");
    assert!(plates > 400, "{plates}");
    assert!(
        f64::from(same) >= 0.99 * f64::from(plates),
        "{same} of {plates}"
    );
    assert!(extra * 100 <= plates as usize, "{extra}");
}
