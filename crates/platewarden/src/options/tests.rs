#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::ErrorKind;

#[test]
fn the_defaults_are_valid() {
    EngineOptions::default().validate().unwrap();
    EngineOptions::default()
        .with_tiling(TilingOptions::default())
        .with_threads(1)
        .validate()
        .unwrap();
}

#[test]
fn values_out_of_range_are_named() {
    for (options, name) in [
        (
            EngineOptions::default().with_min_detection_score(1.5),
            "min_detection_score",
        ),
        (
            EngineOptions::default().with_min_confidence(f32::NAN),
            "min_confidence",
        ),
        (
            EngineOptions::default().with_min_plate_size((-1.0, 2.0)),
            "min_plate_size",
        ),
        (
            EngineOptions::default().with_max_candidates(0),
            "max_candidates",
        ),
        (EngineOptions::default().with_threads(0), "threads"),
        (
            EngineOptions::default().with_tiling(TilingOptions::for_plates_of(0.0)),
            "tiling",
        ),
    ] {
        let error = options.validate().unwrap_err();
        assert!(
            error.kind() == ErrorKind::InvalidOption
                && error.context().contains(&format!("`{name}`")),
            "{error}"
        );
    }
}
