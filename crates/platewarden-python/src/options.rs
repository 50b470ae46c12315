//! Options as Python gives them: JSON objects with the names of the library's own, of which those left out keep their defaults.

use std::{path::PathBuf, time::Duration};

use platewarden::{
    Backend, EngineOptions, Point, Precision, RegionOfInterest, TilingOptions, syntax::Region,
};
use platewarden_video::{
    MotionOptions,
    redact::{RedactOptions, RedactStyle},
    tracking::{Line, TrackerOptions, Zone},
};
use serde::Deserialize;

use crate::{
    error::{Fault, Result},
    json,
};

/// Sets the fields of the options that were given.
macro_rules! set {
    ($target:ident, $given:ident: $($field:ident)*) => {
        $(if let Some(value) = $given.$field {
            $target.$field = value;
        })*
    };
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EngineGiven {
    models: Option<PathBuf>,
    backend: Option<Backend>,
    precision: Option<Precision>,
    onnxruntime_library: Option<PathBuf>,
    min_detection_score: Option<f32>,
    min_confidence: Option<f32>,
    min_plate_size: Option<(f32, f32)>,
    keep_unread: Option<bool>,
    max_plates: Option<usize>,
    /// Polygons to look in, in shares of width and height.
    region_of_interest: Option<Vec<Vec<(f32, f32)>>>,
    max_candidates: Option<usize>,
    syntax: Option<bool>,
    expected_regions: Option<Vec<String>>,
    strict_regions: Option<bool>,
    threads: Option<usize>,
    /// Width in pixels of the smallest plate to find.
    tiling: Option<f32>,
    auto_tiling: Option<bool>,
    is_crop: Option<bool>,
    close_ups: Option<bool>,
    deskew: Option<bool>,
    second_look: Option<bool>,
    subdivisions: Option<bool>,
    turned: Option<bool>,
}

/// The options of an engine.
pub(crate) fn engine(text: &str) -> Result<EngineOptions> {
    let given: EngineGiven = json::options("the engine", text)?;
    let mut options = EngineOptions::default();
    set!(options, given: backend precision min_confidence min_plate_size keep_unread max_plates max_candidates syntax
        strict_regions auto_tiling is_crop close_ups deskew second_look subdivisions turned);
    options.models = given.models;
    options.onnxruntime_library = given.onnxruntime_library;
    options.min_detection_score = given.min_detection_score;
    options.threads = given.threads;
    options.tiling = given.tiling.map(TilingOptions::for_plates_of);
    for code in given.expected_regions.unwrap_or_default() {
        options.expected_regions.push(region(&code)?);
    }
    let mut interest = RegionOfInterest::everywhere();
    for polygon in given.region_of_interest.unwrap_or_default() {
        interest = interest.include(&points(&polygon))?;
    }
    options.region_of_interest = interest;
    Ok(options)
}

fn region(code: &str) -> Result<Region> {
    code.parse().map_err(|error| {
        Fault::new(
            "invalid_option",
            format!("option `expected_regions`: {error}"),
            "give codes of ISO 3166, such as \"DE\" or \"US-CA\"",
        )
    })
}

fn points(polygon: &[(f32, f32)]) -> Vec<Point> {
    polygon.iter().map(|&(x, y)| Point::new(x, y)).collect()
}

/// A place in pixels: x and y.
type Place = (f32, f32);
/// A line's name and its two ends.
type LineGiven = (String, Place, Place);
/// A zone's name and its corners.
type ZoneGiven = (String, Vec<Place>);

/// Times are seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrackerGiven {
    memory_half_life: Option<f64>,
    merge_window: Option<f64>,
    lost_after: Option<f64>,
    parked_lost_after: Option<f64>,
    min_agreeing_reads: Option<u32>,
    settled_confidence: Option<f32>,
    skip_settled: Option<bool>,
    recheck_interval: Option<f64>,
    most_reads: Option<u32>,
    min_reads: Option<u32>,
    min_confidence: Option<f32>,
    reach: Option<f32>,
    first_reach: Option<f32>,
    parked_after: Option<f64>,
    parked_interval: Option<f64>,
    /// Whether parked vehicles are told once alone.
    parked_once: Option<bool>,
    read_correlation: Option<f32>,
    lines: Option<Vec<LineGiven>>,
    zones: Option<Vec<ZoneGiven>>,
    evidence_margin: Option<(f32, f32)>,
    /// Whether evidence is kept.
    evidence: Option<bool>,
    /// Whether frames are left unsearched in which nothing moved.
    motion: Option<bool>,
    max_candidates: Option<usize>,
}

/// The options of a tracker.
pub(crate) fn tracker(text: &str) -> Result<TrackerOptions> {
    let given: TrackerGiven = json::options("the tracker", text)?;
    let mut options = TrackerOptions::default();
    set!(options, given: min_agreeing_reads settled_confidence skip_settled most_reads min_reads min_confidence reach
        first_reach read_correlation max_candidates);
    let times = [
        (
            "memory_half_life",
            given.memory_half_life,
            &mut options.memory_half_life,
        ),
        (
            "merge_window",
            given.merge_window,
            &mut options.merge_window,
        ),
        ("lost_after", given.lost_after, &mut options.lost_after),
        (
            "parked_lost_after",
            given.parked_lost_after,
            &mut options.parked_lost_after,
        ),
        (
            "recheck_interval",
            given.recheck_interval,
            &mut options.recheck_interval,
        ),
        (
            "parked_after",
            given.parked_after,
            &mut options.parked_after,
        ),
    ];
    for (name, given, option) in times {
        if let Some(given) = given {
            *option = seconds(name, given)?;
        }
    }
    if let Some(interval) = given.parked_interval {
        options.parked_interval = Some(seconds("parked_interval", interval)?);
    }
    if given.parked_once == Some(true) {
        options.parked_interval = None;
    }
    for (name, (x, y), (to_x, to_y)) in given.lines.unwrap_or_default() {
        let line = Line::new(name, Point::new(x, y), Point::new(to_x, to_y))?;
        options.lines.push(line);
    }
    for (name, corners) in given.zones.unwrap_or_default() {
        options.zones.push(Zone::new(name, points(&corners))?);
    }
    if given.evidence_margin.is_some() {
        options.evidence_margin = given.evidence_margin;
    }
    if given.evidence == Some(false) {
        options.evidence_margin = None;
    }
    options.motion = (given.motion == Some(true)).then(MotionOptions::default);
    Ok(options)
}

/// A time in seconds.
pub(crate) fn seconds(option: &str, value: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(value).map_err(|_| {
        Fault::new(
            "invalid_option",
            format!("option `{option}` is {value}; expected seconds from 0 on"),
            "choose such a value",
        )
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Style {
    Fill,
    Pixelate,
    Blur,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedactGiven {
    style: Option<Style>,
    /// Red, green, blue.
    fill: Option<[u8; 3]>,
    min_score: Option<f32>,
    parts: Option<bool>,
    widen_x: Option<f32>,
    widen_y: Option<f32>,
    margin: Option<f32>,
}

/// The options of a redaction.
pub(crate) fn redact(text: &str) -> Result<RedactOptions> {
    let given: RedactGiven = json::options("the redaction", text)?;
    let mut options = RedactOptions::default();
    set!(options, given: min_score parts widen_x widen_y margin);
    options.style = match (given.style.unwrap_or(Style::Fill), given.fill) {
        (Style::Fill, Some(color)) => RedactStyle::Fill(color),
        (Style::Fill, None) => RedactStyle::default(),
        (Style::Pixelate, _) => RedactStyle::Pixelate,
        (Style::Blur, _) => RedactStyle::Blur,
    };
    Ok(options)
}
