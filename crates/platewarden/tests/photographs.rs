//! Decoding of real photographs, where they are at hand beside the project.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::path::Path;

use platewarden::{Limits, decode};

#[test]
#[ignore = "needs ../shared"]
fn every_labelled_photograph_decodes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/scenes");
    let mut refused = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        count += 1;
        if let Err(error) = decode(&std::fs::read(&path).unwrap(), &Limits::default()) {
            refused.push(format!("{}: {error}", path.display()));
        }
    }
    assert!(count > 1_000, "{count} photographs");
    assert!(refused.is_empty(), "{refused:#?}");
}
