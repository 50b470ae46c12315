//! From luminance and colour differences to RGB.

/// The matrix that ties luminance and colour differences to red, green and blue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum YuvMatrix {
    /// ITU-R BT.601, for standard definition and most cameras.
    #[default]
    Bt601,
    /// ITU-R BT.709, for high definition video.
    Bt709,
}

/// Which codes stand for black and white.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum YuvRange {
    /// Y from 16 to 235, U and V from 16 to 240: video's usual range.
    #[default]
    Limited,
    /// All from 0 to 255, as JPEG has it.
    Full,
}

/// How the luminance and colour differences of NV12 and I420 frames become RGB.
///
/// ```
/// use platewarden::{YuvColor, YuvMatrix, YuvRange};
/// let color = YuvColor::new(YuvMatrix::Bt709, YuvRange::Full);
/// assert_eq!(color.matrix, YuvMatrix::Bt709);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct YuvColor {
    /// The matrix.
    pub matrix: YuvMatrix,
    /// The range.
    pub range: YuvRange,
}

impl YuvColor {
    /// The two together.
    #[must_use]
    pub const fn new(matrix: YuvMatrix, range: YuvRange) -> Self {
        Self { matrix, range }
    }

    /// The conversion in fixed point of 13 bits.
    pub(crate) const fn coefficients(self) -> YuvCoefficients {
        // From Kr and Kb of ITU-R BT.601-7 and BT.709-6 (0.299, 0.114 and 0.2126, 0.0722):
        // R = Y + 2 (1 - Kr) V, B = Y + 2 (1 - Kb) U, G = Y - 2 Kb (1 - Kb) / Kg U - 2 Kr (1 - Kr) / Kg V,
        // times 255/219 for Y and 255/224 for U and V in the limited range; then times 8192 and rounded.
        let (black, y, red_v, green_u, green_v, blue_u) = match (self.matrix, self.range) {
            (YuvMatrix::Bt601, YuvRange::Limited) => (16, 9539, 13075, -3209, -6660, 16525),
            (YuvMatrix::Bt601, YuvRange::Full) => (0, 8192, 11485, -2819, -5850, 14516),
            (YuvMatrix::Bt709, YuvRange::Limited) => (16, 9539, 14686, -1747, -4366, 17305),
            (YuvMatrix::Bt709, YuvRange::Full) => (0, 8192, 12901, -1535, -3835, 15201),
        };
        YuvCoefficients {
            black,
            y,
            red_v,
            green_u,
            green_v,
            blue_u,
        }
    }
}

/// Factors in fixed point of 13 bits; `black` is the code of black in the luminance plane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct YuvCoefficients {
    pub(crate) black: i16,
    pub(crate) y: i16,
    pub(crate) red_v: i16,
    pub(crate) green_u: i16,
    pub(crate) green_v: i16,
    pub(crate) blue_u: i16,
}
