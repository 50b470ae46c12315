//! Scaling with the very numbers of OpenCV's `INTER_LINEAR` on bytes.
//!
//! A network that was quantised dynamically turns a difference of one in a pixel into other boxes and, on plates that are
//! hard to read, into other texts. Whoever moves over from Python with weights of their own gets the same pixels, and so
//! the same results, by this module. The arithmetic is that of `resizeLinear` and `VResizeLinear` for `uchar` in OpenCV's
//! `modules/imgproc/src/resize.cpp`: weights in 2048ths, the horizontal pass exact, the vertical one with its shifts.

use crate::{Channels, Frame, LetterboxSpec, PixelFormat, frame::Planes, resample::Crop};

/// What weights sum to.
const ONE: f32 = 2048.0;

/// The two pixels that make one, with their weights.
#[derive(Clone, Copy)]
struct Taps {
    first: usize,
    second: usize,
    weights: [i32; 2],
}

/// The taps along one axis. Beyond the source's edges OpenCV repeats the edge: along rows by a weight of all or nothing,
/// along columns by taking the same row twice, which rounds otherwise.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "as OpenCV computes it; positions are clamped to the source"
)]
fn taps(source: usize, target: usize, vertical: bool) -> Vec<Taps> {
    let scale = 1.0 / (target as f64 / source as f64);
    let last = i64::try_from(source).unwrap_or(i64::MAX) - 1;
    let clamp = |position: i64| usize::try_from(position.clamp(0, last)).unwrap_or(0);
    (0..target)
        .map(|index| {
            let position = ((index as f64 + 0.5) * scale - 0.5) as f32;
            let (floor, mut share) = (position.floor() as i64, position - position.floor());
            if !vertical && (floor < 0 || floor >= last) {
                share = 0.0;
            }
            let weight = |share: f32| (share * ONE).round_ties_even() as i32;
            Taps {
                first: clamp(floor),
                second: clamp(floor + 1),
                weights: [weight(1.0 - share), weight(share)],
            }
        })
        .collect()
}

/// Scales `crop` of `frame` to `size` (width, height) and hands each byte to `put` with its column, row and channel.
///
/// Returns false, and does nothing, where OpenCV has no such scaling: for frames in NV12 or I420, and from colour to grey.
pub(crate) fn resize_linear(
    frame: &Frame<'_>,
    crop: Crop,
    size: (usize, usize),
    channels: Channels,
    mut put: impl FnMut(usize, usize, usize, u8),
) -> bool {
    let Planes::Packed(plane) = *frame.planes() else {
        return false;
    };
    // Which byte of a pixel each channel of the output is.
    let (pixel, order): (usize, &[usize]) = match (frame.format(), channels) {
        (PixelFormat::Gray8, Channels::Gray) => (1, &[0]),
        (PixelFormat::Gray8, _) => (1, &[0, 0, 0]),
        (PixelFormat::Rgb8, Channels::Rgb) | (PixelFormat::Bgr8, Channels::Bgr) => (3, &[0, 1, 2]),
        (PixelFormat::Rgb8, Channels::Bgr) | (PixelFormat::Bgr8, Channels::Rgb) => (3, &[2, 1, 0]),
        _ => return false,
    };
    let (columns, rows) = (
        taps(crop.width, size.0, false),
        taps(crop.height, size.1, true),
    );
    let horizontal = |y: usize, out: &mut Vec<i32>| {
        let row = plane.row(crop.y + y);
        out.clear();
        out.extend(columns.iter().flat_map(|taps| {
            let at = move |column: usize, byte: usize| {
                row.get((crop.x + column) * pixel + byte)
                    .copied()
                    .map_or(0, i32::from)
            };
            let [a, b] = taps.weights;
            order
                .iter()
                .map(move |&byte| at(taps.first, byte) * a + at(taps.second, byte) * b)
        }));
    };
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    for (y, taps) in rows.iter().enumerate() {
        horizontal(taps.first, &mut upper);
        horizontal(taps.second, &mut lower);
        let [a, b] = taps.weights;
        for (index, (&above, &below)) in upper.iter().zip(&lower).enumerate() {
            let value = (((a * (above >> 4)) >> 16) + ((b * (below >> 4)) >> 16) + 2) >> 2;
            let value = u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX);
            put(index / order.len(), y, index % order.len(), value);
        }
    }
    true
}

/// Fills a network's input as [`Letterboxer::fill`](crate::Letterboxer::fill) does, with OpenCV's scaling. `input` holds
/// [`LetterboxSpec::elements`]. Returns false, and does nothing, where [`resize_linear`] does.
pub(crate) fn letterbox(frame: &Frame<'_>, spec: &LetterboxSpec, input: &mut [f32]) -> bool {
    let geometry = spec.geometry(frame.size());
    let ((left, top), (width, height)) = (geometry.offset(), geometry.scaled_size());
    let (left, top) = (left as usize, top as usize);
    let (stride, plane) = (
        spec.width as usize,
        spec.width as usize * spec.height as usize,
    );
    for (channel, plane) in input.chunks_exact_mut(plane).enumerate() {
        plane.fill(spec.normalization.apply(channel, f32::from(spec.padding)));
    }
    resize_linear(
        frame,
        Crop::whole(frame),
        (width as usize, height as usize),
        spec.channels,
        |x, y, channel, value| {
            if let Some(out) = input.get_mut(channel * plane + (top + y) * stride + left + x) {
                *out = spec.normalization.apply(channel, f32::from(value));
            }
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]

    use super::*;

    fn resize(pixels: &[u8], (width, height): (u32, u32), size: (usize, usize)) -> Vec<u8> {
        let frame = Frame::gray8(pixels, width, height, width as usize).unwrap();
        let mut out = vec![0; size.0 * size.1];
        assert!(resize_linear(
            &frame,
            Crop::whole(&frame),
            size,
            Channels::Gray,
            |x, y, _, value| {
                out[y * size.0 + x] = value;
            }
        ));
        out
    }

    #[test]
    fn bytes_are_those_of_opencv() {
        // cv2.resize(np.array([[0, 10, 250], [60, 200, 30]], np.uint8), (5, 3), interpolation=cv2.INTER_LINEAR)
        let found = resize(&[0, 10, 250, 60, 200, 30], (3, 2), (5, 3));
        assert_eq!(
            found,
            [
                0, 4, 10, 154, 250, 30, 60, 105, 126, 140, 60, 116, 200, 98, 30
            ]
        );
        // cv2.resize((np.arange(77) * 53 % 256).astype(np.uint8).reshape(7, 11), (4, 3), interpolation=cv2.INTER_LINEAR)
        let pixels: Vec<u8> = (0..77u32).map(|i| (i * 53 % 256) as u8).collect();
        assert_eq!(
            resize(&pixels, (11, 7), (4, 3)),
            [93, 133, 129, 93, 35, 149, 39, 185, 169, 59, 172, 94]
        );
    }

    #[test]
    fn channels_come_in_the_order_asked_for() {
        let frame = Frame::rgb8(&[10, 20, 30], 1, 1, 3).unwrap();
        for (channels, expected) in [(Channels::Rgb, [10, 20, 30]), (Channels::Bgr, [30, 20, 10])] {
            let mut found = [0; 3];
            assert!(resize_linear(
                &frame,
                Crop::whole(&frame),
                (1, 1),
                channels,
                |_, _, c, v| found[c] = v
            ));
            assert_eq!(found, expected);
        }
        assert!(!resize_linear(
            &frame,
            Crop::whole(&frame),
            (1, 1),
            Channels::Gray,
            |_, _, _, _| ()
        ));
    }
}
