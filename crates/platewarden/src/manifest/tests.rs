#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::{Channels, ErrorKind, Placement};

const MINIMAL: &str = r#"
schema = 1
name = "test"
[detector]
file = "d.onnx"
contract = "quads"
shapes = [[288, 512]]
[recognizer]
file = "r.onnx"
contract = "ctc"
shape = [64, 128]
alphabet = "AB_"
blank = "_"
"#;

#[test]
fn defaults_are_those_of_our_own_networks() {
    let manifest = Manifest::parse(MINIMAL, "m.toml").unwrap();
    let (d, r) = (&manifest.detector, &manifest.recognizer);
    assert_eq!(
        (d.contract, d.channels, d.pad, d.placement),
        (
            DetectorContract::Quads,
            Channels::Rgb,
            114,
            Placement::TopLeft
        )
    );
    assert_eq!(
        (r.contract, r.channels, r.lines),
        (RecognizerContract::Ctc, Channels::Gray, 1)
    );
    assert_eq!((r.scale, r.offset), (1.0 / 127.5, -1.0));
    assert_eq!(r.calibration, CalibrationManifest::default());
}

#[test]
fn contradictions_are_named() {
    for (from, to, expected) in [
        ("schema = 1", "schema = 7", "schema is 7"),
        ("[[288, 512]]", "[]", "shapes is empty"),
        ("[[288, 512]]", "[[0, 512]]", "8..8192"),
        (
            "[[288, 512]]",
            "[[288, 511]]\nspace_to_depth = true",
            "odd height or width",
        ),
        (
            "blank = \"_\"",
            "blank = \"_\"\n[recognizer.int8]\nfile = \"r8.onnx\"\nspace_to_depth = true",
            "for detectors",
        ),
        (
            "blank = \"_\"",
            "blank = \"_\"\n[subdivision]\nfile = \"s.onnx\"\nshape = [96, 192]\nregions = [\"US\"]",
            "one country",
        ),
        (
            "blank = \"_\"",
            "blank = \"_\"\n[subdivision]\nfile = \"s.onnx\"\nshape = [96, 4]\nregions = [\"US-CA\"]",
            "8..8192",
        ),
        ("\"AB_\"", "\"ABB_\"", "twice"),
        ("blank = \"_\"", "blank = \"*\"", "no symbol"),
        (
            "blank = \"_\"",
            "blank = \"_\"\nunknown = \"_\"",
            "unknown is",
        ),
        (
            "shape = [64, 128]",
            "shape = [64, 128]\noutput = \"probs\"\nregion_output = \"region\"",
            "regions is missing",
        ),
        (
            "shape = [64, 128]",
            "shape = [64, 128]\nelement = \"u8\"\nscale = 0.5",
            "for bytes",
        ),
        (
            "shape = [64, 128]",
            "shape = [64, 128]\nsize = 3",
            "unknown field `size`",
        ),
        ("blank = \"_\"", "", "missing field `blank`"),
        (
            "blank = \"_\"",
            "blank = \"_\"\n[recognizer.calibration]\ntemperature = 0.0",
            "temperature",
        ),
    ] {
        assert!(MINIMAL.contains(from), "{from}");
        let error = Manifest::parse(&MINIMAL.replacen(from, to, 1), "m.toml").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Manifest, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("m.toml"), "{error}");
    }
}

#[test]
fn int8_files_take_the_place_of_the_others() {
    let text = format!(
        "{MINIMAL}[detector.int8]\nfile = \"d8.onnx\"\nsha256 = \"00ff\"\nspace_to_depth = true\n"
    );
    let manifest = Manifest::parse(&text, "m.toml").unwrap();
    assert_eq!(manifest.detector.file, "d.onnx");
    assert!(!manifest.detector.space_to_depth);
    let int8 = manifest.into_int8();
    assert!(int8.detector.space_to_depth);
    assert_eq!(
        (
            int8.detector.file.as_str(),
            int8.detector.sha256.as_deref(),
            int8.recognizer.file.as_str()
        ),
        ("d8.onnx", Some("00ff"), "r.onnx")
    );
}

#[test]
fn unknown_contracts_list_the_known_ones() {
    let error = Manifest::parse(&MINIMAL.replace("quads", "anchors"), "m.toml").unwrap_err();
    assert!(
        error.to_string().contains("`anchors`") && error.to_string().contains("grid, quads"),
        "{error}"
    );
    let error =
        Manifest::parse(&MINIMAL.replace("\"ctc\"", "\"attention\""), "m.toml").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownContract);
    assert!(error.context().contains("the recognizer contract"));
}

#[test]
fn files_are_checked_when_they_are_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.toml");
    fs::write(
        &path,
        MINIMAL.replacen("contract", "sha256 = \"00ff\"\ncontract", 1),
    )
    .unwrap();
    let manifest = Manifest::from_file(&path).unwrap();
    let missing = manifest.load_detector().unwrap_err();
    assert!(
        missing.kind() == ErrorKind::ModelLoad && missing.path().unwrap().ends_with("d.onnx"),
        "{missing}"
    );
    fs::write(folder.path().join("d.onnx"), b"abc").unwrap();
    let other = manifest.load_detector().unwrap_err();
    assert_eq!(other.kind(), ErrorKind::ModelHash);
    assert!(other.context().contains("expected 00ff"), "{other}");
    // The test vector of FIPS 180-4.
    let found = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(other.context().contains(found), "{other}");
    fs::write(
        &path,
        MINIMAL.replacen(
            "contract",
            &format!("sha256 = \"{}\"\ncontract", found.to_uppercase()),
            1,
        ),
    )
    .unwrap();
    assert_eq!(
        Manifest::from_file(&path)
            .unwrap()
            .load_detector()
            .unwrap()
            .bytes
            .as_slice(),
        b"abc"
    );
}

#[test]
fn a_file_that_is_no_manifest_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    assert!(
        Manifest::from_file(&path)
            .unwrap_err()
            .to_string()
            .contains("not text")
    );
    let missing = Manifest::from_file(folder.path().join("none")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
}
