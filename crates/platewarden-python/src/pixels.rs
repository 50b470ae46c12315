//! Pixels of a Python array, borrowed as a frame.

use platewarden::{Frame, Limits, PixelFormat, ToFrame};
use pyo3::{buffer::PyBuffer, prelude::*};

use crate::error::{Fault, Result};

/// A numpy array of uint8 with shape (height, width, 3) or (height, width), held for as long as it is read.
///
/// Python cannot free or resize the array while this lives. Rows that are contiguous are read where they lie, whatever the
/// distance between them; anything else (mirrored, every other column, channels swapped by a view) is copied once.
pub(crate) struct Pixels {
    bytes: Bytes,
    width: u32,
    height: u32,
    stride: usize,
    format: PixelFormat,
}

enum Bytes {
    /// The caller's, with their length from the first byte of the first row to the last of the last.
    Borrowed(PyBuffer<u8>, usize),
    /// Ours, rows without padding.
    Copied(Vec<u8>),
}

impl Pixels {
    /// The pixels of `array`; `color` is `bgr` or `rgb`, and must be said for three channels.
    pub(crate) fn of(
        array: &Bound<'_, PyAny>,
        color: Option<&str>,
        limits: &Limits,
    ) -> Result<Self> {
        let buffer = PyBuffer::<u8>::get(array).map_err(|_| wrong_type(array))?;
        let (height, width, channels) = match *buffer.shape() {
            [height, width] => (height, width, 1),
            [height, width, channels @ (1 | 3)] => (height, width, channels),
            _ => return Err(wrong_shape(buffer.shape())),
        };
        let format = format(channels, color)?;
        let too_large = |_| wrong_shape(buffer.shape());
        let (columns, rows) = (
            u32::try_from(width).map_err(too_large)?,
            u32::try_from(height).map_err(too_large)?,
        );
        // Before a copy of that size is made.
        limits.check_size(columns, rows)?;
        let row = width.saturating_mul(channels);
        let (bytes, stride) = match stride(&buffer, channels, row) {
            Some(stride) => {
                let length = (height - 1).saturating_mul(stride).saturating_add(row);
                (Bytes::Borrowed(buffer, length), stride)
            }
            None => {
                let copy = buffer.to_vec(array.py()).map_err(|_| wrong_type(array))?;
                (Bytes::Copied(copy), row)
            }
        };
        Ok(Self {
            bytes,
            width: columns,
            height: rows,
            stride,
            format,
        })
    }

    /// The pixels as the engine takes them.
    pub(crate) fn frame(&self) -> platewarden::Result<Frame<'_>> {
        let bytes = self.bytes();
        match self.format {
            PixelFormat::Gray8 => Frame::gray8(bytes, self.width, self.height, self.stride),
            PixelFormat::Bgr8 => Frame::bgr8(bytes, self.width, self.height, self.stride),
            _ => Frame::rgb8(bytes, self.width, self.height, self.stride),
        }
    }

    /// Width and height in pixels.
    pub(crate) const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// How the pixels lie in memory.
    pub(crate) const fn format(&self) -> PixelFormat {
        self.format
    }

    /// A copy of the pixels, rows without padding.
    pub(crate) fn packed(&self) -> Vec<u8> {
        let row = self.width as usize * channels_of(self.format);
        let rows = self.bytes().chunks(self.stride.max(1));
        rows.take(self.height as usize)
            .flat_map(|line| line.get(..row).unwrap_or(line))
            .copied()
            .collect()
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Copied(bytes) => bytes,
            Bytes::Borrowed(buffer, length) => {
                // SAFETY: the buffer keeps the array's memory where it is until it is dropped with `self`. `stride` made
                // sure that rows lie one after the other at `self.stride`, each `row` bytes long, so that `length` ends
                // with the last byte of the last row (`tests/test_frames.py` reads views up to an array's last byte). That
                // nobody writes meanwhile is asked of the caller, as by every library that reads arrays without the lock;
                // the bytes have no invalid values, and nothing here trusts one to stay.
                #[allow(
                    unsafe_code,
                    reason = "pixels of another language cannot be borrowed otherwise"
                )]
                unsafe {
                    std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), *length)
                }
            }
        }
    }
}

impl ToFrame for Pixels {
    fn to_frame(&self) -> platewarden::Result<Frame<'_>> {
        self.frame()
    }
}

const fn channels_of(format: PixelFormat) -> usize {
    match format {
        PixelFormat::Gray8 => 1,
        _ => 3,
    }
}

/// The distance between rows of `row` bytes where each of them is contiguous and comes after the one before.
fn stride(buffer: &PyBuffer<u8>, channels: usize, row: usize) -> Option<usize> {
    if buffer.suboffsets().is_some() || buffer.buf_ptr().is_null() {
        return None;
    }
    let (rows, pixels) = match *buffer.strides() {
        [rows, pixels] => (rows, pixels),
        [rows, pixels, 1] => (rows, pixels),
        _ => return None,
    };
    let rows = usize::try_from(rows).ok()?;
    let is_packed = usize::try_from(pixels).ok()? == channels;
    (is_packed && rows >= row).then_some(rows)
}

fn format(channels: usize, color: Option<&str>) -> Result<PixelFormat> {
    let remedy = "say `color=\"bgr\"` for pictures of OpenCV, `color=\"rgb\"` for those of Pillow, imageio or torchvision";
    match (channels, color) {
        (1, None | Some("bgr" | "rgb")) => Ok(PixelFormat::Gray8),
        (3, Some("bgr")) => Ok(PixelFormat::Bgr8),
        (3, Some("rgb")) => Ok(PixelFormat::Rgb8),
        (_, Some(other)) => Err(Fault::new(
            "color_order",
            format!("`color` is {other:?}; expected \"bgr\" or \"rgb\""),
            remedy,
        )),
        (_, None) => Err(Fault::new(
            "color_order",
            "the frame has three channels, and nothing says in which order",
            remedy,
        )),
    }
}

fn wrong_type(array: &Bound<'_, PyAny>) -> Fault {
    let text = |value: PyResult<Bound<'_, PyAny>>| value.map(|value| value.to_string());
    let kind = array
        .get_type()
        .name()
        .map_or_else(|_| "something else".to_owned(), |name| name.to_string());
    let found = match text(array.getattr("dtype")) {
        Ok(dtype) => format!("{kind} of {dtype}"),
        Err(_) => kind,
    };
    Fault::new(
        "frame_type",
        format!("the frame is a {found}; expected a numpy array of uint8"),
        "convert it first, such as by `numpy.asarray(frame, dtype=numpy.uint8)` where its values lie from 0 to 255",
    )
}

fn wrong_shape(shape: &[usize]) -> Fault {
    let remedy = match shape {
        [_, _, 4] => "leave out the transparency: `frame[:, :, :3]`",
        [3, _, _] => "put the channels last: `frame.transpose(1, 2, 0)`",
        [_, _, _, _] => "read the frames one by one, or with `read_batch`",
        _ => "give one picture, its rows first",
    };
    Fault::new(
        "frame_shape",
        format!(
            "the frame has the shape {shape:?}; expected (height, width, 3) or (height, width)"
        ),
        remedy,
    )
}
