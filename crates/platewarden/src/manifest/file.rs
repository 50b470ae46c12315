//! A manifest as it is written.

use std::path::Path;

use serde::Deserialize;

use super::{
    CalibrationManifest, CropShape, DetectorContract, DetectorManifest, Int8File, Layout,
    RecognizerContract, RecognizerManifest, Resize, SubdivisionManifest, VerificationManifest,
};
use crate::error::Failure;
use crate::{Channels, Error, Placement, Result, backend::ElementType};

/// The file as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) schema: u32,
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: String,
    /// Licence, authors and the like: for people, not read here.
    #[serde(default)]
    #[allow(dead_code, reason = "accepted so that a manifest can carry it")]
    about: toml::Table,
    pub(super) detector: DetectorFile,
    pub(super) recognizer: RecognizerFile,
    pub(super) subdivision: Option<SubdivisionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetectorFile {
    file: String,
    sha256: Option<String>,
    int8: Option<Int8File>,
    contract: String,
    input: Option<String>,
    output: Option<String>,
    shapes: Vec<[usize; 2]>,
    #[serde(default)]
    color: ColorName,
    #[serde(default)]
    resize: Resize,
    #[serde(default = "unit_range")]
    scale: f32,
    #[serde(default)]
    offset: f32,
    #[serde(default)]
    space_to_depth: bool,
    #[serde(default = "gray")]
    pad: u8,
    #[serde(default)]
    placement: PlacementName,
    #[serde(default = "quarter")]
    min_score: f32,
    #[serde(default = "half")]
    max_iou: f32,
    #[serde(default = "four_fifths")]
    max_contained: f32,
    #[serde(default)]
    classes: Vec<u32>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ColorName {
    #[default]
    Rgb,
    Bgr,
    Gray,
}

impl From<ColorName> for Channels {
    fn from(name: ColorName) -> Self {
        match name {
            ColorName::Rgb => Self::Rgb,
            ColorName::Bgr => Self::Bgr,
            ColorName::Gray => Self::Gray,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PlacementName {
    #[default]
    TopLeft,
    Centered,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecognizerFile {
    file: String,
    sha256: Option<String>,
    int8: Option<Int8File>,
    contract: String,
    input: Option<String>,
    output: Option<String>,
    region_output: Option<String>,
    shape: [usize; 2],
    #[serde(default)]
    layout: Layout,
    #[serde(default)]
    element: ElementType,
    #[serde(default = "gray_color")]
    color: ColorName,
    #[serde(default)]
    resize: Resize,
    scale: Option<f32>,
    offset: Option<f32>,
    alphabet: String,
    blank: char,
    unknown: Option<char>,
    #[serde(default = "one_line")]
    lines: usize,
    #[serde(default)]
    margin: [f32; 2],
    #[serde(default)]
    crop: CropShape,
    #[serde(default)]
    regions: Vec<String>,
    verification: Option<VerificationManifest>,
    #[serde(default)]
    calibration: CalibrationManifest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubdivisionFile {
    file: String,
    sha256: Option<String>,
    int8: Option<Int8File>,
    input: Option<String>,
    output: Option<String>,
    shape: [usize; 2],
    #[serde(default)]
    color: ColorName,
    scale: Option<f32>,
    offset: Option<f32>,
    #[serde(default)]
    margin: [f32; 2],
    regions: Vec<String>,
    #[serde(default = "half")]
    min_share: f32,
    #[serde(default = "one")]
    temperature: f32,
    #[serde(default = "quarter")]
    recognizer_weight: f32,
}

/// A byte that becomes a number is centred on zero unless the manifest says otherwise.
const CENTRED: (f32, f32) = (1.0 / 127.5, -1.0);

fn unit_range() -> f32 {
    1.0 / 255.0
}

fn one() -> f32 {
    1.0
}

fn gray() -> u8 {
    114
}

fn quarter() -> f32 {
    0.25
}

fn half() -> f32 {
    0.5
}

fn four_fifths() -> f32 {
    0.8
}

fn gray_color() -> ColorName {
    ColorName::Gray
}

fn one_line() -> usize {
    1
}

impl DetectorFile {
    /// What is said of the detector, with what is left out filled in.
    pub(super) fn checked(self, origin: &Path) -> Result<DetectorManifest> {
        let d = self;
        let contract = DetectorContract::parse(&d.contract)
            .ok_or_else(|| unknown(origin, "detector", &d.contract, DetectorContract::KNOWN))?;
        Ok(DetectorManifest {
            file: d.file,
            sha256: d.sha256,
            int8: d.int8,
            contract,
            input: d.input,
            output: d.output,
            shapes: d.shapes,
            channels: d.color.into(),
            resize: d.resize,
            scale: d.scale,
            offset: d.offset,
            space_to_depth: d.space_to_depth,
            pad: d.pad,
            placement: match d.placement {
                PlacementName::TopLeft => Placement::TopLeft,
                PlacementName::Centered => Placement::Centered,
            },
            min_score: d.min_score,
            max_iou: d.max_iou,
            max_contained: d.max_contained,
            classes: d.classes,
        })
    }
}

impl RecognizerFile {
    /// What is said of the recogniser, with what is left out filled in.
    pub(super) fn checked(self, origin: &Path) -> Result<RecognizerManifest> {
        let r = self;
        let contract = RecognizerContract::parse(&r.contract)
            .ok_or_else(|| unknown(origin, "recognizer", &r.contract, RecognizerContract::KNOWN))?;
        let (scale, offset) = match r.element {
            ElementType::U8 => (1.0, 0.0),
            ElementType::F32 => CENTRED,
        };
        Ok(RecognizerManifest {
            file: r.file,
            sha256: r.sha256,
            int8: r.int8,
            contract,
            input: r.input,
            output: r.output,
            region_output: r.region_output,
            shape: r.shape,
            layout: r.layout,
            element: r.element,
            channels: r.color.into(),
            resize: r.resize,
            scale: r.scale.unwrap_or(scale),
            offset: r.offset.unwrap_or(offset),
            alphabet: r.alphabet.chars().collect(),
            blank: r.blank,
            unknown: r.unknown,
            lines: r.lines,
            margin: r.margin,
            crop: r.crop,
            regions: r.regions,
            verification: r.verification,
            calibration: r.calibration,
        })
    }
}

impl SubdivisionFile {
    /// What is said of the network, with what is left out filled in.
    pub(super) fn checked(self) -> SubdivisionManifest {
        SubdivisionManifest {
            file: self.file,
            sha256: self.sha256,
            int8: self.int8,
            input: self.input,
            output: self.output,
            shape: self.shape,
            channels: self.color.into(),
            scale: self.scale.unwrap_or(CENTRED.0),
            offset: self.offset.unwrap_or(CENTRED.1),
            margin: self.margin,
            regions: self.regions,
            min_share: self.min_share,
            temperature: self.temperature,
            recognizer_weight: self.recognizer_weight,
        }
    }
}

fn unknown(origin: &Path, kind: &'static str, found: &str, known: &'static str) -> Error {
    Error::from(Failure::UnknownContract {
        path: origin.to_path_buf(),
        kind,
        found: found.into(),
        known,
    })
}
