//! The network that tells a country's states apart: when it is asked, and every way in which its file can be wrong.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod fails;
mod support;

use std::fs;

use fails::assert_fails;
use platewarden::{Engine, EngineOptions, ErrorKind, Frame, RegionGuess, Result};
use support::{
    Networks,
    onnx::{Constant, Dim},
    spelled,
};
use tempfile::TempDir;

/// Networks that find one plate; the recogniser gives these probabilities for Mexico, Arizona and Utah, the second network 0.1 for
/// Arizona and 0.9 for Utah.
fn networks(recognizer: [f32; 3]) -> (TempDir, Networks) {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let file = Constant {
        input: "plate",
        input_shape: [1, 1, 64, 128].map(Dim::Fixed).to_vec(),
        bytes: false,
        outputs: vec![
            ("probs", vec![1, 8, 37], spelled("_K_7_QQ_")),
            ("region", vec![1, 3], recognizer.to_vec()),
        ],
    };
    fs::write(folder.path().join("recognizer.onnx"), file.to_bytes()).unwrap();
    write(&networks, vec![0.1, 0.9], [1, 3, 96, 192]);
    networks.edit(
        "blank = \"_\"",
        r#"blank = "_"
output = "probs"
region_output = "region"
regions = ["MX", "US-AZ", "US-UT"]

[subdivision]
file = "states.onnx"
shape = [96, 192]
regions = ["US-AZ", "US-UT"]"#,
    );
    (folder, networks)
}

fn write(networks: &Networks, probabilities: Vec<f32>, shape: [usize; 4]) {
    let file = Constant {
        input: "plate",
        input_shape: shape.map(Dim::Fixed).to_vec(),
        bytes: false,
        outputs: vec![("region", vec![1, probabilities.len()], probabilities)],
    };
    fs::write(networks.folder.join("states.onnx"), file.to_bytes()).unwrap();
}

fn region(networks: &Networks, subdivisions: bool) -> Result<RegionGuess> {
    let options = EngineOptions::default()
        .with_models(networks.manifest())
        .with_syntax(false)
        .with_subdivisions(subdivisions);
    let engine = Engine::with_options(options)?;
    engine.warm_up()?;
    let pixels = vec![90; 128 * 64];
    let reads = engine.read(&Frame::gray8(&pixels, 128, 64, 128)?)?;
    assert_eq!(reads.len(), 1);
    Ok(reads[0].region.clone().unwrap())
}

#[test]
fn it_decides_where_the_recogniser_sees_the_country() {
    let (_folder, networks) = networks([0.1, 0.5, 0.4]);
    let with = region(&networks, true).unwrap();
    assert_eq!(with.code, "US-UT");
    assert!((0.7..0.9).contains(&with.confidence), "{with:?}");
    assert_eq!(region(&networks, false).unwrap().code, "US-AZ");
}

#[test]
fn it_is_not_asked_where_the_plate_is_of_another_country() {
    let (_folder, networks) = networks([0.7, 0.2, 0.1]);
    // It could not answer.
    write(&networks, vec![0.1, 0.9, 0.0], [1, 3, 96, 192]);
    let told = region(&networks, true).unwrap();
    assert_eq!((told.code.as_str(), told.confidence), ("MX", 0.7));
}

#[test]
fn a_wrong_file_is_named_with_what_is_wrong() {
    let (_folder, networks) = networks([0.1, 0.5, 0.4]);
    write(&networks, vec![0.1, 0.9], [1, 3, 64, 128]);
    let words = ["states.onnx", "1x3x96x192", "1x3x64x128"];
    assert_fails(region(&networks, true), ErrorKind::ModelShape, &words);
    // Without it, its file is of no interest.
    assert_eq!(region(&networks, false).unwrap().code, "US-AZ");
    write(&networks, vec![0.1, 0.9, 0.0], [1, 3, 96, 192]);
    let words = ["[1, 3]", "rows of 2"];
    assert_fails(region(&networks, true), ErrorKind::Inference, &words);
    fs::remove_file(networks.folder.join("states.onnx")).unwrap();
    assert_fails(
        region(&networks, true),
        ErrorKind::ModelLoad,
        &["states.onnx"],
    );
}

#[test]
fn states_of_two_countries_are_refused() {
    let (_folder, networks) = networks([0.1, 0.5, 0.4]);
    networks.edit("[\"US-AZ\", \"US-UT\"]", "[\"US-AZ\", \"CA-ON\"]");
    assert_fails(
        region(&networks, true),
        ErrorKind::Manifest,
        &["one country"],
    );
}
