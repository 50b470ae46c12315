//! What a manifest says of each network.

use serde::Deserialize;

use super::{CropShape, DetectorContract, Layout, RecognizerContract, Resize};
use crate::{Channels, Placement, backend::ElementType};

/// A file that holds the same network in 8-bit integers: inputs, outputs and their meaning are those of the first, but for what is said
/// here.
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
    /// See [`DetectorManifest::space_to_depth`]; for detectors alone.
    #[serde(default)]
    pub space_to_depth: bool,
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
    /// Whether the input is the picture's bytes in blocks of 2 x 2 pixels, `1 x 12 x H/2 x W/2`, instead of numbers, `1 x 3 x H x W`:
    /// channel `6y + 3x + c` is channel `c` of the pixels in row `y` and column `x` of their blocks, as ONNX's operator `SpaceToDepth`
    /// has it. A first convolution with a stride of 2 then needs neither floating point nor a change of layout. `scale` and `offset`
    /// are those of the network itself.
    pub space_to_depth: bool,
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
    /// The symbol of [`alphabet`](Self::alphabet) that stands for a character which is none of the others: of another script, or
    /// cut off so far that it cannot be told. Texts are reported without it.
    pub unknown: Option<char>,
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

/// A network that tells the subdivisions of one country apart (ISO 3166-2), and how to run it: on plates that the recogniser takes for
/// that country's.
///
/// Its input is `B x C x H x W` in 32-bit floating point, its output the subdivisions' probabilities, `B x R`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SubdivisionManifest {
    /// File name, relative to the manifest.
    pub file: String,
    /// SHA-256 of the file in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// The same network in 8-bit integers, where there is one.
    pub int8: Option<Int8File>,
    /// Name of the input; the network's only one where not given.
    pub input: Option<String>,
    /// Name of the output; the network's first one where not given.
    pub output: Option<String>,
    /// Height and width of the input, in pixels.
    pub shape: [usize; 2],
    /// Channels of the input.
    pub channels: Channels,
    /// Factor from a byte of a pixel to the input's number; the offset is added after it.
    pub scale: f32,
    /// See [`scale`](Self::scale).
    pub offset: f32,
    /// Share of the plate's width and height that is added on each side.
    pub margin: [f32; 2],
    /// Codes of the output's classes, in their order; all of one country.
    pub regions: Vec<String>,
    /// Probability of the country, by the recogniser, from which on the network is run.
    pub min_share: f32,
    /// Divides the logarithms of the network's probabilities; below 1 where it is too modest, as one that was trained with smoothed
    /// labels is.
    pub temperature: f32,
    /// The power that the recogniser's own probabilities are raised to before the network's are multiplied with them: 0 leaves them
    /// out, 1 takes the two for independent.
    pub recognizer_weight: f32,
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
