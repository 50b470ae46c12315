//! What several integration tests need.
#![allow(dead_code, reason = "each test uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test may fail"
)]

pub mod onnx;

use std::{
    fs,
    path::{Path, PathBuf},
};

use onnx::{Constant, Dim};

/// Symbols of the recognisers made here.
pub const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

/// A folder with two networks that find one plate at a fixed place and read one fixed text.
pub struct Networks {
    pub folder: PathBuf,
}

impl Networks {
    /// Writes the networks and their manifest.
    pub fn in_folder(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        // In pixels of a 64x128 input: a plate from (32, 16) to (96, 48), its corners a little tilted, and one too weak.
        let rows = [
            [
                32.0, 16.0, 96.0, 48.0, 0.9, 32.0, 18.0, 96.0, 16.0, 96.0, 46.0, 32.0, 48.0,
            ],
            [
                33.0, 17.0, 95.0, 47.0, 0.6, 33.0, 17.0, 95.0, 17.0, 95.0, 47.0, 33.0, 47.0,
            ],
            [
                2.0, 2.0, 20.0, 10.0, 0.1, 2.0, 2.0, 20.0, 2.0, 20.0, 10.0, 2.0, 10.0,
            ],
        ];
        let detector = Constant {
            input: "images",
            input_shape: vec![
                Dim::Fixed(1),
                Dim::Fixed(3),
                Dim::Named("height"),
                Dim::Named("width"),
            ],
            bytes: false,
            outputs: vec![("quads", vec![1, 3, 13], rows.concat())],
        };
        fs::write(folder.join("detector.onnx"), detector.to_bytes()).unwrap();
        let recognizer = Constant {
            input: "plate",
            input_shape: [1, 1, 64, 128].map(Dim::Fixed).to_vec(),
            bytes: false,
            outputs: vec![("probs", vec![1, 8, 37], spelled("_K_7_QQ_"))],
        };
        fs::write(folder.join("recognizer.onnx"), recognizer.to_bytes()).unwrap();
        let networks = Self {
            folder: folder.to_path_buf(),
        };
        fs::write(networks.manifest(), MANIFEST).unwrap();
        networks
    }

    /// The manifest's path.
    pub fn manifest(&self) -> PathBuf {
        self.folder.join("manifest.toml")
    }

    /// Changes the manifest's text.
    pub fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.manifest()).unwrap();
        assert!(text.contains(from), "the manifest has no {from}");
        fs::write(self.manifest(), text.replacen(from, to, 1)).unwrap();
    }
}

const MANIFEST: &str = r#"
schema = 1
name = "constant"

[detector]
file = "detector.onnx"
contract = "quads"
shapes = [[64, 128]]

[recognizer]
file = "recognizer.onnx"
contract = "ctc"
shape = [64, 128]
alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
blank = "_"
"#;

/// Probabilities that spell a path, one symbol a step.
pub fn spelled(path: &str) -> Vec<f32> {
    path.chars()
        .flat_map(|symbol| {
            ALPHABET
                .chars()
                .map(move |c| if c == symbol { 0.964 } else { 0.001 })
        })
        .collect()
}

/// The folder with data that is not part of the project.
pub fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")
}
