//! What a pair of networks takes and gives, written down beside their files.
//!
//! A manifest is a TOML file. It names each network's file, its SHA-256, its *contract* (the meaning of its output), and
//! how pixels become its input. Nothing is guessed from a tensor's shape: a network that differs from its manifest is
//! refused when it is loaded.
//!
//! ```toml
//! schema = 1
//! name = "my-networks"
//!
//! [detector]
//! file = "detector.onnx"            # beside the manifest
//! sha256 = "…"                      # optional; checked when given
//! contract = "quads"                # or "grid", "boxes", "yolo-end2end"
//! shapes = [[288, 512], [384, 384]] # height and width the network may be run at
//!
//! [detector.int8]                   # optional: the same network in 8-bit integers
//! file = "detector-int8.onnx"
//!
//! [recognizer]
//! file = "recognizer.onnx"
//! contract = "ctc"                  # or "slots"
//! shape = [64, 128]
//! alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
//! blank = "_"
//! ```

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    Channels, Error, Placement, ResizeQuality, Result,
    backend::{ElementType, ModelBytes, ModelSource},
};

/// The version of the manifest's own format that this crate reads.
const SCHEMA: u32 = 1;
/// Model files above this size are refused before they are read: the networks of this field are a few megabytes.
const MAX_MODEL_BYTES: u64 = 512 << 20;
/// Manifests above this size are refused before they are read.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// A pair of networks and how to run them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Manifest {
    /// Name of the pair, for people.
    pub name: String,
    /// Version of the pair, for people; may be empty.
    pub version: String,
    /// The network that finds plates.
    pub detector: DetectorManifest,
    /// The network that reads them.
    pub recognizer: RecognizerManifest,
    /// Where the manifest came from, for error messages.
    origin: PathBuf,
    store: Store,
}

/// Where the model files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    /// In the manifest's folder.
    Folder,
    /// In the program itself.
    #[cfg_attr(
        not(feature = "bundled-models"),
        allow(dead_code, reason = "made by that feature")
    )]
    Bundled(BundledFile),
}

/// Looks a bundled file up by its name. A type of its own because functions have no address to compare.
#[derive(Clone, Copy)]
struct BundledFile(fn(&str) -> Option<&'static [u8]>);

impl std::fmt::Debug for BundledFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BundledFile")
    }
}

impl PartialEq for BundledFile {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for BundledFile {}

/// The meaning of a detector's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DetectorContract {
    /// One output for each stride, `1 x 13 x H x W`, where the input is `stride * H` high and `stride * W` wide. The
    /// channels of a cell are the logit of the score; the logarithms of the distances, in strides, from the cell's centre
    /// to the left, top, right and bottom side of the box; and the offsets of the corners top left, top right, bottom
    /// right, bottom left as x, y from the box's own corners, in widths and heights of the box. Before suppression.
    /// Platewarden's own.
    Grid,
    /// `1 x N x 13`: x1, y1, x2, y2, score, then the corners top left, top right, bottom right, bottom left as x, y; in
    /// pixels of the input, before suppression.
    Quads,
    /// `1 x N x 5`: x1, y1, x2, y2, score; in pixels of the input, before suppression.
    Boxes,
    /// `N x 7`: image, x1, y1, x2, y2, class, score; in pixels of the input, after suppression. The end-to-end export of
    /// the package open-image-models.
    YoloEnd2End,
}

impl DetectorContract {
    const KNOWN: &str = "grid, quads, boxes, yolo-end2end";

    fn parse(name: &str) -> Option<Self> {
        match name {
            "grid" => Some(Self::Grid),
            "quads" => Some(Self::Quads),
            "boxes" => Some(Self::Boxes),
            "yolo-end2end" => Some(Self::YoloEnd2End),
            _ => None,
        }
    }

    /// Numbers that describe one detection.
    pub fn row_len(self) -> usize {
        match self {
            Self::Grid | Self::Quads => 13,
            Self::Boxes => 5,
            Self::YoloEnd2End => 7,
        }
    }

    /// Dimensions of an output.
    pub fn rank(self) -> usize {
        match self {
            Self::Grid => 4,
            Self::Quads | Self::Boxes => 3,
            Self::YoloEnd2End => 2,
        }
    }
}

/// The meaning of a recogniser's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecognizerContract {
    /// `B x S x A`: for each of S fixed slots, the probability of each symbol of the alphabet; the blank pads the text at
    /// its end. The export of the package fast-plate-ocr, with or without a second output for the region.
    Slots,
    /// `B x T x A`: for each of T steps, the probability of each symbol of the alphabet, for connectionist temporal
    /// classification.
    Ctc,
}

impl RecognizerContract {
    const KNOWN: &str = "slots, ctc";

    fn parse(name: &str) -> Option<Self> {
        match name {
            "slots" => Some(Self::Slots),
            "ctc" => Some(Self::Ctc),
            _ => None,
        }
    }
}

/// Order of an input's dimensions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Layout {
    /// Batch, channels, height, width.
    #[default]
    Nchw,
    /// Batch, height, width, channels.
    Nhwc,
}

/// How pixels are scaled to a network's input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Resize {
    /// [`ResizeQuality::Area`].
    #[default]
    Area,
    /// [`ResizeQuality::Bilinear`].
    Bilinear,
    /// The numbers of OpenCV's `INTER_LINEAR`, rounding included, for networks whose results are to be those of a Python
    /// program. Slower; frames in NV12 and I420, which OpenCV does not scale, are scaled as by `bilinear`.
    OpencvLinear,
}

impl Resize {
    pub(crate) fn quality(self) -> ResizeQuality {
        match self {
            Self::Area => ResizeQuality::Area,
            Self::Bilinear | Self::OpencvLinear => ResizeQuality::Bilinear,
        }
    }
}

/// The part of a frame that the recogniser is given for a plate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CropShape {
    /// The plate's corners, straightened.
    #[default]
    Quad,
    /// The upright box around the plate, cut at whole pixels.
    Box,
}

/// A file that holds the same network in 8-bit integers: inputs, outputs and their meaning are those of the first.
///
/// It is run where that is faster; see [`Precision`](crate::Precision).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Int8File {
    /// File name, relative to the manifest.
    pub file: String,
    /// SHA-256 of the file in lower-case hexadecimal.
    pub sha256: Option<String>,
}

/// A detector and how to run it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DetectorManifest {
    /// File name, relative to the manifest.
    pub file: String,
    /// SHA-256 of the file in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// The same network in 8-bit integers, where there is one.
    pub int8: Option<Int8File>,
    /// The meaning of the output.
    pub contract: DetectorContract,
    /// Name of the input; the network's only one where not given.
    pub input: Option<String>,
    /// Name of the output; the network's first one where not given, and for `grid` all of them.
    pub output: Option<String>,
    /// Height and width that the network may be run at, in pixels. For each frame the engine takes the shape that keeps
    /// most of the frame's resolution, and of equals the smallest.
    pub shapes: Vec<[usize; 2]>,
    /// Channels of the input.
    pub channels: Channels,
    /// How the frame is scaled to the input.
    pub resize: Resize,
    /// Factor from a byte of a pixel to the input's number; the offset is added after it.
    pub scale: f32,
    /// See [`scale`](Self::scale).
    pub offset: f32,
    /// Byte that fills what the frame does not cover.
    pub pad: u8,
    /// Where the frame lies in the input.
    pub placement: Placement,
    /// Smallest score of a detection that is kept, unless the engine's options say otherwise.
    pub min_score: f32,
    /// Largest overlap (intersection over union) of two detections that both stay.
    pub max_iou: f32,
    /// Largest share of the smaller of two detections that lies within the other where both stay: a box around half a
    /// plate goes. 1 keeps them all.
    pub max_contained: f32,
    /// The classes that are plates, for contracts with classes; all of them where empty.
    pub classes: Vec<u32>,
}

/// A recogniser and how to run it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecognizerManifest {
    /// File name, relative to the manifest.
    pub file: String,
    /// SHA-256 of the file in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// The same network in 8-bit integers, where there is one.
    pub int8: Option<Int8File>,
    /// The meaning of the output.
    pub contract: RecognizerContract,
    /// Name of the input; the network's only one where not given.
    pub input: Option<String>,
    /// Name of the output with the text; the network's first one where not given.
    pub output: Option<String>,
    /// Name of the output with the region's probabilities, where there is one: `B x R`.
    pub region_output: Option<String>,
    /// Height and width of the input, in pixels.
    pub shape: [usize; 2],
    /// Order of the input's dimensions.
    pub layout: Layout,
    /// Type of the input's elements.
    pub element: ElementType,
    /// Channels of the input.
    pub channels: Channels,
    /// How the frame is scaled to the input.
    pub resize: Resize,
    /// Factor from a byte of a pixel to the input's number; the offset is added after it. Not for `u8` inputs.
    pub scale: f32,
    /// See [`scale`](Self::scale).
    pub offset: f32,
    /// Symbols of the output's classes, in their order.
    pub alphabet: Vec<char>,
    /// The symbol of [`alphabet`](Self::alphabet) that stands for no character.
    pub blank: char,
    /// Lines of text that the output's steps are divided into, the upper line first; 1 where the network does not tell
    /// lines apart.
    pub lines: usize,
    /// Share of the plate's width and height that is added on each side before it is read.
    pub margin: [f32; 2],
    /// What is cut out of the frame.
    pub crop: CropShape,
    /// Codes of the region output's classes, in their order; an empty code stands for an unknown region.
    pub regions: Vec<String>,
    /// How a read confirms the detector's finds. `None`: the detector alone decides.
    pub verification: Option<VerificationManifest>,
    /// How the network's probabilities become confidences.
    pub calibration: CalibrationManifest,
}

/// How a read confirms or casts doubt on the detection it was made of.
///
/// The numbers are the weights of a logistic regression. Its features: the logarithms of the odds of the detector's score and
/// of the text's confidence (0 where no text was read), the text's length and what it is made of, and shape and size of the
/// plate's bounds. The probability that comes out is the [`detection_score`](crate::PlateRead::detection_score) of the read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VerificationManifest {
    /// Smallest probability of a plate that is reported, unless the engine's options say otherwise.
    pub min_score: f32,
    /// The constant term.
    pub bias: f32,
    /// Weight of the detector's opinion.
    pub detector: f32,
    /// Weight of the text's confidence.
    pub text: f32,
    /// Weight of each length of the text from 0 on; the last holds for all longer texts.
    pub length: Vec<f32>,
    /// Weight of the number of digits: in full from four on, a quarter of it for one.
    pub digits: f32,
    /// Weight of a text without digits.
    pub letters_alone: f32,
    /// Weight of a text of digits only.
    pub digits_alone: f32,
    /// Weight of the logarithm of width over height.
    pub aspect: f32,
    /// Weight of that logarithm's square.
    pub aspect_squared: f32,
    /// Weight of the logarithm of the plate's width over the square root of the frame's area.
    pub size: f32,
}

/// Numbers that make confidences honest, fitted on labelled pictures that the network was not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CalibrationManifest {
    /// Divides the logarithms of the probabilities of every step; above 1 where the network is too sure of itself.
    #[serde(default = "one")]
    pub temperature: f32,
    /// Factor on the logarithm of the odds of a whole text.
    #[serde(default = "one")]
    pub slope: f32,
    /// Added to the logarithm of the odds of a whole text, after the factor.
    #[serde(default)]
    pub intercept: f32,
}

impl Default for CalibrationManifest {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            slope: 1.0,
            intercept: 0.0,
        }
    }
}

fn one() -> f32 {
    1.0
}

/// The file as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    name: String,
    #[serde(default)]
    version: String,
    /// Licence, authors and the like: for people, not read here.
    #[serde(default)]
    #[allow(dead_code, reason = "accepted so that a manifest can carry it")]
    about: toml::Table,
    detector: DetectorFile,
    recognizer: RecognizerFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetectorFile {
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
struct RecognizerFile {
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

fn unit_range() -> f32 {
    1.0 / 255.0
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

impl Manifest {
    /// Reads a manifest from a file. The model files it names are looked for in the same folder, when they are loaded.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file cannot be read, else as [`parse`](Self::parse).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = read_at_most(path, MAX_MANIFEST_BYTES)
            .map_err(Error::io("read", path))?
            .ok_or_else(|| Error::Manifest {
                path: path.to_path_buf(),
                reason: format!("it has more than {MAX_MANIFEST_BYTES} bytes"),
                suggestion: "give the manifest, not the model it names".into(),
            })?;
        let text = String::from_utf8(bytes).map_err(|_| Error::Manifest {
            path: path.to_path_buf(),
            reason: "it is not text".into(),
            suggestion: "give a TOML file; a model file is named inside it".into(),
        })?;
        Self::parse(&text, path)
    }

    /// Reads a manifest from text. `origin` stands for its file: errors name it, and model files are looked for in its
    /// folder.
    ///
    /// # Errors
    ///
    /// [`Error::Manifest`] when it is no such file or contradicts itself, [`Error::UnknownContract`] for a contract this
    /// version does not know.
    ///
    /// ```
    /// use platewarden::{Error, Manifest};
    ///
    /// let error = Manifest::parse("name = 'no networks'", "my.toml").unwrap_err();
    /// assert!(matches!(error, Error::Manifest { .. }));
    /// ```
    pub fn parse(text: &str, origin: impl Into<PathBuf>) -> Result<Self> {
        Self::parse_in(text, origin.into(), Store::Folder)
    }

    /// The manifest of the networks that come with this crate.
    ///
    /// # Errors
    ///
    /// None in a release; the same as [`parse`](Self::parse) while the bundled files are being changed.
    #[cfg(feature = "bundled-models")]
    pub fn bundled() -> Result<Self> {
        Self::parse_in(
            platewarden_models::MANIFEST,
            PathBuf::from("platewarden-models/manifest.toml"),
            Store::Bundled(BundledFile(platewarden_models::file)),
        )
    }

    fn parse_in(text: &str, origin: PathBuf, store: Store) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| Error::Manifest {
            path: origin.clone(),
            reason: error.to_string().trim_end().to_owned(),
            suggestion:
                "correct it after the example in the documentation of `platewarden::manifest`"
                    .into(),
        })?;
        if file.schema != SCHEMA {
            return Err(Error::Manifest {
                path: origin,
                reason: format!("its schema is {}, and this version reads schema {SCHEMA}", file.schema),
                suggestion: "use the manifest that came with this version of platewarden, or update platewarden".into(),
            });
        }
        let unknown = |kind, found: &str, known| Error::UnknownContract {
            path: origin.clone(),
            kind,
            found: found.into(),
            known,
        };
        let d = file.detector;
        let contract = DetectorContract::parse(&d.contract)
            .ok_or_else(|| unknown("detector", &d.contract, DetectorContract::KNOWN))?;
        let detector = DetectorManifest {
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
            pad: d.pad,
            placement: match d.placement {
                PlacementName::TopLeft => Placement::TopLeft,
                PlacementName::Centered => Placement::Centered,
            },
            min_score: d.min_score,
            max_iou: d.max_iou,
            max_contained: d.max_contained,
            classes: d.classes,
        };
        let r = file.recognizer;
        let contract = RecognizerContract::parse(&r.contract)
            .ok_or_else(|| unknown("recognizer", &r.contract, RecognizerContract::KNOWN))?;
        // A byte goes in as it is; a number is centred on zero unless the manifest says otherwise.
        let (scale, offset) = match r.element {
            ElementType::U8 => (1.0, 0.0),
            ElementType::F32 => (1.0 / 127.5, -1.0),
        };
        let recognizer = RecognizerManifest {
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
            lines: r.lines,
            margin: r.margin,
            crop: r.crop,
            regions: r.regions,
            verification: r.verification,
            calibration: r.calibration,
        };
        let manifest = Self {
            name: file.name,
            version: file.version,
            detector,
            recognizer,
            origin,
            store,
        };
        manifest.validate()?;
        Ok(manifest)
    }

    fn validate(&self) -> Result<()> {
        let (d, r) = (&self.detector, &self.recognizer);
        let checks: [(bool, &str, &str); 17] = [
            (
                !d.shapes.is_empty(),
                "detector.shapes is empty",
                "list at least one height and width",
            ),
            (
                d.shapes
                    .iter()
                    .chain([&r.shape])
                    .all(|[h, w]| (8..=8192).contains(h) && (8..=8192).contains(w)),
                "a height or width lies outside 8..8192",
                "give the size of the network's input in pixels",
            ),
            (
                unit(d.min_score) && unit(d.max_iou) && unit(d.max_contained),
                "detector.min_score, max_iou or max_contained lies outside 0..1",
                "give a share",
            ),
            (
                [d.scale, d.offset, r.scale, r.offset]
                    .iter()
                    .all(|v| v.is_finite()),
                "a scale or offset is not finite",
                "give the numbers the network was trained with",
            ),
            (
                d.channels != Channels::Gray,
                "detector.color is gray",
                "detectors take rgb or bgr",
            ),
            (
                r.alphabet.len() >= 2,
                "recognizer.alphabet has fewer than two symbols",
                "list the classes of the output",
            ),
            (
                r.alphabet
                    .iter()
                    .enumerate()
                    .all(|(i, c)| !r.alphabet.iter().skip(i + 1).any(|other| other == c)),
                "recognizer.alphabet has a symbol twice",
                "list every class once, the blank too",
            ),
            (
                r.alphabet.contains(&r.blank),
                "recognizer.blank is no symbol of the alphabet",
                "add it to the alphabet",
            ),
            (
                (1..=4).contains(&r.lines),
                "recognizer.lines lies outside 1..4",
                "give the number of lines of the output",
            ),
            (
                r.margin.iter().all(|m| (-0.5..=1.0).contains(m)),
                "recognizer.margin lies outside -0.5..1",
                "give shares of the plate's width and height",
            ),
            (
                r.output.is_some() || r.region_output.is_none(),
                "recognizer.output is missing beside the name of another output",
                "name the output with the text as well",
            ),
            (
                r.region_output.is_some() != r.regions.is_empty(),
                "one of recognizer.region_output and recognizer.regions is missing",
                "give both or none",
            ),
            (
                r.verification
                    .as_ref()
                    .is_none_or(|v| unit(v.min_score) && !v.length.is_empty()),
                "recognizer.verification.min_score lies outside 0..1, or length is empty",
                "give a probability, and a weight for each length of the text from 0 on",
            ),
            (
                r.calibration.temperature > 0.0,
                "recognizer.calibration.temperature is not above 0",
                "1 changes nothing",
            ),
            (
                r.calibration.slope > 0.0,
                "recognizer.calibration.slope is not above 0",
                "1 changes nothing",
            ),
            (
                r.calibration.intercept.is_finite(),
                "recognizer.calibration.intercept is not finite",
                "0 changes nothing",
            ),
            (
                r.element == ElementType::F32 || (r.scale == 1.0 && r.offset == 0.0),
                "recognizer.scale or offset is given for bytes",
                "leave them out where element is u8",
            ),
        ];
        match checks.iter().find(|(holds, ..)| !holds) {
            None => Ok(()),
            Some((_, reason, suggestion)) => Err(Error::Manifest {
                path: self.origin.clone(),
                reason: (*reason).into(),
                suggestion: (*suggestion).into(),
            }),
        }
    }

    /// The manifest with its networks in 8-bit integers in the place of the others; where there are none, the others stay.
    ///
    /// ```
    /// # #[cfg(feature = "bundled-models")] {
    /// use platewarden::Manifest;
    ///
    /// let manifest = Manifest::bundled()?.into_int8();
    /// assert!(manifest.detector.int8.is_none() && manifest.load_detector().is_ok());
    /// # }
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    #[must_use]
    pub fn into_int8(mut self) -> Self {
        if let Some(int8) = self.detector.int8.take() {
            (self.detector.file, self.detector.sha256) = (int8.file, int8.sha256);
        }
        if let Some(int8) = self.recognizer.int8.take() {
            (self.recognizer.file, self.recognizer.sha256) = (int8.file, int8.sha256);
        }
        self
    }

    /// The file the manifest was read from, or a name that stands for it.
    pub fn origin(&self) -> &Path {
        &self.origin
    }

    /// Loads the detector's file and checks its hash.
    ///
    /// # Errors
    ///
    /// [`Error::ModelLoad`] when the file is missing or cannot be read, [`Error::ModelHash`] when it is another one.
    pub fn load_detector(&self) -> Result<ModelSource> {
        let d = &self.detector;
        let (path, bytes) = self.load(&d.file, d.sha256.as_deref())?;
        Ok(ModelSource {
            path,
            stage: "detector",
            bytes,
            outputs: d.output.iter().cloned().collect(),
        })
    }

    /// Loads the recogniser's file and checks its hash.
    ///
    /// # Errors
    ///
    /// The same as [`load_detector`](Self::load_detector).
    pub fn load_recognizer(&self) -> Result<ModelSource> {
        let r = &self.recognizer;
        let (path, bytes) = self.load(&r.file, r.sha256.as_deref())?;
        let outputs = r.output.iter().chain(&r.region_output).cloned().collect();
        Ok(ModelSource {
            path,
            stage: "recognizer",
            bytes,
            outputs,
        })
    }

    fn load(&self, file: &str, sha256: Option<&str>) -> Result<(PathBuf, ModelBytes)> {
        let path = self.origin.parent().unwrap_or(Path::new("")).join(file);
        let failed = |reason: String, suggestion: String| Error::ModelLoad {
            path: path.clone(),
            reason,
            suggestion,
        };
        let bytes = match self.store {
            Store::Bundled(BundledFile(lookup)) => {
                ModelBytes::Static(lookup(file).ok_or_else(|| {
                    failed(
                        "it is not part of this build".into(),
                        "give the manifest of another pair of networks".into(),
                    )
                })?)
            }
            Store::Folder => {
                let bytes = read_at_most(&path, MAX_MODEL_BYTES).map_err(|error| {
                    failed(
                        format!("it cannot be read: {error}"),
                        format!(
                            "put it beside its manifest {} or correct `file` there",
                            self.origin.display()
                        ),
                    )
                })?;
                ModelBytes::Shared(Arc::from(bytes.ok_or_else(|| {
                    failed(
                        format!("it has more than {MAX_MODEL_BYTES} bytes"),
                        "give the model file".into(),
                    )
                })?))
            }
        };
        if let Some(expected) = sha256 {
            let found = hex(&Sha256::digest(bytes.as_slice()));
            if !expected.eq_ignore_ascii_case(&found) {
                return Err(Error::ModelHash {
                    path,
                    expected: expected.into(),
                    found,
                });
            }
        }
        Ok((path, bytes))
    }
}

fn unit(value: f32) -> bool {
    (0.0..=1.0).contains(&value)
}

/// The content of a file, or `None` when it is longer than `limit`.
fn read_at_most(path: &Path, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    // One byte more than the limit tells a longer file apart, whatever its metadata says.
    fs::File::open(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

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
            ("\"AB_\"", "\"ABB_\"", "twice"),
            ("blank = \"_\"", "blank = \"*\"", "no symbol"),
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
            assert!(matches!(error, Error::Manifest { .. }), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.to_string().contains("m.toml"), "{error}");
        }
    }

    #[test]
    fn int8_files_take_the_place_of_the_others() {
        let text = format!("{MINIMAL}[detector.int8]\nfile = \"d8.onnx\"\nsha256 = \"00ff\"\n");
        let manifest = Manifest::parse(&text, "m.toml").unwrap();
        assert_eq!(manifest.detector.file, "d.onnx");
        let int8 = manifest.into_int8();
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
        assert!(matches!(
            error,
            Error::UnknownContract {
                kind: "recognizer",
                ..
            }
        ));
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
            matches!(&missing, Error::ModelLoad { path, .. } if path.ends_with("d.onnx")),
            "{missing}"
        );
        fs::write(folder.path().join("d.onnx"), b"abc").unwrap();
        let Error::ModelHash {
            expected, found, ..
        } = manifest.load_detector().unwrap_err()
        else {
            unreachable!()
        };
        assert_eq!(expected, "00ff");
        // The test vector of FIPS 180-4.
        assert_eq!(
            found,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
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
        assert!(matches!(
            Manifest::from_file(folder.path().join("none")),
            Err(Error::Io { .. })
        ));
    }
}
