//! What a network takes and gives.

use serde::Deserialize;

use crate::ResizeQuality;

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
    pub(super) const KNOWN: &str = "grid, quads, boxes, yolo-end2end";

    pub(super) fn parse(name: &str) -> Option<Self> {
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
    pub(super) const KNOWN: &str = "slots, ctc";

    pub(super) fn parse(name: &str) -> Option<Self> {
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
