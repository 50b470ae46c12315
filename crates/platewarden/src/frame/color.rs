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
        match (self.matrix, self.range) {
            (YuvMatrix::Bt601, YuvRange::Limited) => {
                YuvCoefficients::new(16, 9539, 13075, -3209, -6660, 16525)
            }
            (YuvMatrix::Bt601, YuvRange::Full) => {
                YuvCoefficients::new(0, 8192, 11485, -2819, -5850, 14516)
            }
            (YuvMatrix::Bt709, YuvRange::Limited) => {
                YuvCoefficients::new(16, 9539, 14686, -1747, -4366, 17305)
            }
            (YuvMatrix::Bt709, YuvRange::Full) => {
                YuvCoefficients::new(0, 8192, 12901, -1535, -3835, 15201)
            }
        }
    }
}

/// Fixed-point factors of 13 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct YuvCoefficients {
    black: i32,
    y: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl YuvCoefficients {
    const fn new(black: i32, y: i32, red_v: i32, green_u: i32, green_v: i32, blue_u: i32) -> Self {
        Self {
            black,
            y,
            red_v,
            green_u,
            green_v,
            blue_u,
        }
    }

    /// Red, green and blue, each 0 to 255.
    #[inline]
    pub(crate) fn rgb(self, y: u8, u: u8, v: u8) -> [u8; 3] {
        let luminance = (i32::from(y) - self.black) * self.y + ROUND;
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        [
            to_byte(luminance + v * self.red_v),
            to_byte(luminance + u * self.green_u + v * self.green_v),
            to_byte(luminance + u * self.blue_u),
        ]
    }

    /// Luminance as it is without colour, 0 to 255.
    #[inline]
    pub(crate) fn gray(self, y: u8) -> u8 {
        to_byte((i32::from(y) - self.black) * self.y + ROUND)
    }
}

const ROUND: i32 = 1 << 12;

#[inline]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of a byte"
)]
fn to_byte(fixed: i32) -> u8 {
    (fixed >> 13).clamp(0, 255) as u8
}

/// Luminance of RGB by BT.601 in fixed point, the weights that OpenCV and Pillow use; sums to 2^14.
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "a weighted mean of bytes is a byte"
)]
pub(crate) fn luminance(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 4899 + u32::from(green) * 9617 + u32::from(blue) * 1868 + (1 << 13)) >> 14)
        as u8
}
