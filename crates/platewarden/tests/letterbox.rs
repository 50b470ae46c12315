//! Scaling into a network's input, against a plain computation and between pixel formats.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;
mod fails;

use common::{FORMATS, Pixels};
use fails::assert_fails;
use platewarden::{
    Channels, ErrorKind, Frame, LetterboxGeometry, LetterboxSpec, Letterboxer, Normalization,
    PixelFormat, Placement, ResizeQuality, YuvColor, YuvMatrix, YuvRange,
};
use proptest::prelude::*;

fn bytes(width: u32, height: u32, channels: Channels) -> LetterboxSpec {
    LetterboxSpec::new(width, height)
        .with_channels(channels)
        .with_normalization(Normalization::NONE)
}

fn fill(frame: &Frame<'_>, spec: &LetterboxSpec) -> (Vec<f32>, LetterboxGeometry) {
    // Something that shows when it is left over.
    let mut input = vec![f32::NAN; spec.elements()];
    let geometry = Letterboxer::default()
        .fill(frame, spec, &mut input)
        .unwrap();
    assert!(
        input.iter().all(|value| value.is_finite()),
        "a number was left unset"
    );
    (input, geometry)
}

fn texture(x: f64, y: f64) -> [f64; 3] {
    let wave = |fx: f64, fy: f64, phase: f64| 127.5 + 127.5 * (x * fx + y * fy + phase).sin();
    [
        wave(0.11, 0.05, 0.0),
        wave(-0.07, 0.13, 1.0),
        wave(0.03, -0.09, 2.0),
    ]
}

fn painted(format: PixelFormat, size: (u32, u32)) -> Pixels {
    Pixels::paint(format, size, 7, YuvColor::default(), texture)
}

/// Mean of a grey picture over a box, by plain sums of whole and partial pixels.
fn mean(pixels: &Pixels, from: (f64, f64), to: (f64, f64)) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    let share =
        |low: f64, high: f64, at: usize| (high.min(at as f64 + 1.0) - low.max(at as f64)).max(0.0);
    for y in 0..pixels.height as usize {
        for x in 0..pixels.width as usize {
            let covered = share(from.0, to.0, x) * share(from.1, to.1, y);
            sum += covered * f64::from(pixels.planes[0][y * pixels.strides[0] + x]);
            weight += covered;
        }
    }
    sum / weight
}

#[test]
fn shrinking_is_the_mean_over_the_area() {
    for (frame, input) in [
        ((320, 180), (64, 36)),
        ((321, 179), (64, 64)),
        ((100, 100), (90, 64)),
        ((97, 300), (40, 40)),
    ] {
        let pixels = painted(PixelFormat::Gray8, frame);
        let (values, geometry) = fill(&pixels.frame(), &bytes(input.0, input.1, Channels::Gray));
        let (w, h) = geometry.scaled_size();
        let (kx, ky) = (
            f64::from(frame.0) / f64::from(w),
            f64::from(frame.1) / f64::from(h),
        );
        for y in 0..h as usize {
            for x in 0..w as usize {
                let (x1, y1) = (x as f64 * kx, y as f64 * ky);
                let expected = mean(&pixels, (x1, y1), (x1 + kx, y1 + ky));
                let found = f64::from(values[y * input.0 as usize + x]);
                // Half a unit of rounding between the passes, and weights of 8 bits.
                assert!(
                    (found - expected).abs() < 2.0,
                    "{frame:?} at {x}, {y}: {found} for {expected}"
                );
            }
        }
    }
}

#[test]
fn enlarging_interpolates_linearly() {
    let pixels = Pixels::paint(
        PixelFormat::Gray8,
        (40, 30),
        3,
        YuvColor::default(),
        |x, y| [x * 4.0 + y * 2.0; 3],
    );
    let (values, geometry) = fill(&pixels.frame(), &bytes(160, 120, Channels::Gray));
    assert_eq!(geometry.scaled_size(), (160, 120));
    for y in 4..116 {
        for x in 4..156 {
            let (source_x, source_y) = ((x as f32 + 0.5) / 4.0, (y as f32 + 0.5) / 4.0);
            let expected = source_x * 4.0 + source_y * 2.0;
            assert!(
                (values[y * 160 + x] - expected).abs() < 1.01,
                "{x}, {y}: {} for {expected}",
                values[y * 160 + x]
            );
        }
    }
}

#[test]
fn same_size_is_a_copy() {
    let pixels = painted(PixelFormat::Rgb8, (33, 21));
    let (values, _) = fill(&pixels.frame(), &bytes(33, 21, Channels::Rgb));
    for (i, value) in values.iter().enumerate() {
        let (channel, y, x) = (i / (33 * 21), i / 33 % 21, i % 33);
        assert_eq!(
            *value,
            f32::from(pixels.planes[0][y * pixels.strides[0] + 3 * x + channel])
        );
    }
}

#[test]
fn bilinear_takes_the_nearest_pixels_only() {
    // One bright column in ten: the mean shows it evenly, interpolation hits or misses it.
    let pixels = Pixels::paint(
        PixelFormat::Gray8,
        (400, 40),
        0,
        YuvColor::default(),
        |x, _| {
            [if (x as u32).is_multiple_of(10) {
                250.0
            } else {
                0.0
            }; 3]
        },
    );
    let spec = bytes(40, 4, Channels::Gray);
    let mut fast = vec![0.0; spec.elements()];
    Letterboxer::new(ResizeQuality::Bilinear)
        .fill(&pixels.frame(), &spec, &mut fast)
        .unwrap();
    let (even, _) = fill(&pixels.frame(), &spec);
    assert!(
        even.iter().all(|value| (value - 25.0).abs() < 2.0),
        "{even:?}"
    );
    assert!(fast.iter().all(|&value| value == 0.0), "{fast:?}");
}

#[test]
fn channel_orders_are_each_others_mirror() {
    let (rgb, bgr) = (
        painted(PixelFormat::Rgb8, (90, 50)),
        painted(PixelFormat::Bgr8, (90, 50)),
    );
    let (a, _) = fill(&rgb.frame(), &bytes(64, 64, Channels::Rgb));
    let (b, _) = fill(&bgr.frame(), &bytes(64, 64, Channels::Rgb));
    assert_eq!(a, b);
    let (swapped, _) = fill(&rgb.frame(), &bytes(64, 64, Channels::Bgr));
    let plane = 64 * 64;
    assert_eq!(a[..plane], swapped[2 * plane..]);
    assert_eq!(a[plane..2 * plane], swapped[plane..2 * plane]);
    assert_eq!(a[2 * plane..], swapped[..plane]);
}

#[test]
fn gray_frames_fill_all_channels_alike() {
    let pixels = painted(PixelFormat::Gray8, (90, 50));
    let (color, _) = fill(&pixels.frame(), &bytes(64, 64, Channels::Rgb));
    let (gray, _) = fill(&pixels.frame(), &bytes(64, 64, Channels::Gray));
    assert!(color.chunks_exact(64 * 64).all(|plane| plane == gray));
}

#[test]
fn every_format_shows_the_same_picture() {
    for size in [(160, 90), (161, 91), (63, 200)] {
        let reference = painted(PixelFormat::Rgb8, size);
        for channels in [Channels::Rgb, Channels::Bgr, Channels::Gray] {
            let spec = bytes(48, 48, channels);
            let (expected, _) = fill(&reference.frame(), &spec);
            for format in FORMATS {
                if format == PixelFormat::Gray8 && channels != Channels::Gray {
                    continue;
                }
                let (found, _) = fill(&painted(format, size).frame(), &spec);
                let worst = found
                    .iter()
                    .zip(&expected)
                    .map(|(a, b)| (a - b).abs())
                    .fold(0.0, f32::max);
                // Chroma at half the resolution and codes of a limited range cost some units.
                let allowed = if matches!(format, PixelFormat::Nv12 | PixelFormat::I420) {
                    9.0
                } else {
                    1.0
                };
                assert!(
                    worst <= allowed,
                    "{format} as {channels:?} of {size:?}: off by {worst}"
                );
            }
        }
    }
}

#[test]
fn nv12_and_i420_agree_to_the_bit() {
    for size in [(160, 90), (161, 91), (1, 1), (2, 3)] {
        let (a, b) = (
            painted(PixelFormat::Nv12, size),
            painted(PixelFormat::I420, size),
        );
        for spec in [bytes(48, 40, Channels::Rgb), bytes(48, 40, Channels::Gray)] {
            assert_eq!(
                fill(&a.frame(), &spec).0,
                fill(&b.frame(), &spec).0,
                "{size:?}"
            );
        }
    }
}

#[test]
fn yuv_follows_its_matrix_and_range() {
    for matrix in [YuvMatrix::Bt601, YuvMatrix::Bt709] {
        for range in [YuvRange::Limited, YuvRange::Full] {
            for color in [
                [255u8, 0, 0],
                [0, 255, 0],
                [0, 0, 255],
                [255, 255, 255],
                [0, 0, 0],
                [200, 120, 40],
                [17, 99, 180],
            ] {
                let yuv = YuvColor::new(matrix, range);
                let pixels = Pixels::paint(PixelFormat::Nv12, (32, 32), 0, yuv, |_, _| {
                    color.map(f64::from)
                });
                let (values, _) = fill(&pixels.frame(), &bytes(16, 16, Channels::Rgb));
                for (channel, expected) in color.into_iter().enumerate() {
                    let found = values[channel * 256 + 100];
                    // The codes themselves are rounded, which costs up to 2.
                    assert!(
                        (found - f32::from(expected)).abs() <= 2.2,
                        "{yuv:?} {color:?}: {found} in channel {channel}"
                    );
                }
            }
        }
    }
}

#[test]
fn padding_of_rows_does_not_show() {
    for format in FORMATS {
        let spec = bytes(48, 40, Channels::Rgb);
        let paint =
            |padding| Pixels::paint(format, (101, 77), padding, YuvColor::default(), texture);
        assert_eq!(
            fill(&paint(0).frame(), &spec).0,
            fill(&paint(13).frame(), &spec).0,
            "{format}"
        );
    }
}

#[test]
fn black_and_white_stay_black_and_white() {
    for format in FORMATS {
        for level in [0u8, 255] {
            let pixels = Pixels::flat(format, (123, 45), [level; 3]);
            let spec = LetterboxSpec::new(64, 64).with_padding(level);
            let (values, _) = fill(&pixels.frame(), &spec);
            let expected = f32::from(level) / 255.0;
            assert!(
                values.iter().all(|value| (value - expected).abs() < 1e-3),
                "{format} {level}: {values:?}"
            );
        }
    }
}

#[test]
fn padding_and_normalisation_are_per_channel() {
    let pixels = Pixels::flat(PixelFormat::Rgb8, (50, 20), [255, 128, 0]);
    let normalization = Normalization {
        scale: [1.0, 2.0, 3.0],
        offset: [-1.0, 0.0, 10.0],
    };
    let spec = LetterboxSpec::new(50, 30)
        .with_placement(Placement::Centered)
        .with_normalization(normalization)
        .with_padding(100);
    let (values, geometry) = fill(&pixels.frame(), &spec);
    assert_eq!(geometry.offset(), (0, 5));
    let rows =
        |channel: usize, y: usize| &values[channel * 1500 + y * 50..channel * 1500 + (y + 1) * 50];
    for (channel, (color, padding)) in [(254.0, 99.0), (256.0, 200.0), (10.0, 310.0)]
        .into_iter()
        .enumerate()
    {
        for y in 0..30 {
            let expected = if (5..25).contains(&y) { color } else { padding };
            assert!(
                rows(channel, y).iter().all(|&value| value == expected),
                "channel {channel} row {y}"
            );
        }
    }
}

#[test]
fn one_letterboxer_serves_frames_of_changing_size() {
    let mut letterboxer = Letterboxer::default();
    let spec = bytes(64, 48, Channels::Rgb);
    for (format, size) in
        FORMATS
            .into_iter()
            .zip([(300, 200), (20, 10), (64, 48), (1, 500), (500, 1)])
    {
        let pixels = painted(format, size);
        let mut input = vec![f32::NAN; spec.elements()];
        letterboxer
            .fill(&pixels.frame(), &spec, &mut input)
            .unwrap();
        assert_eq!(input, fill(&pixels.frame(), &spec).0);
    }
}

#[test]
fn wrong_output_and_empty_sides_are_refused() {
    let pixels = Pixels::flat(PixelFormat::Rgb8, (8, 8), [0; 3]);
    let mut letterboxer = Letterboxer::default();
    let found = letterboxer.fill(&pixels.frame(), &LetterboxSpec::new(8, 8), &mut [0.0; 100]);
    assert_fails(found, ErrorKind::OutputLength, &["192", "100"]);
    let found = letterboxer.fill(&pixels.frame(), &LetterboxSpec::new(0, 8), &mut []);
    assert_fails(found, ErrorKind::Empty, &["network input"]);
    let empty = image::RgbImage::new(0, 9);
    let found = letterboxer.fill(
        &Frame::from(&empty),
        &LetterboxSpec::new(2, 2),
        &mut [0.0; 12],
    );
    assert_fails(found, ErrorKind::Empty, &["frame"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_size_in_any_format_fills_within_range(
        format in 0usize..5, w in 1u32..90, h in 1u32..90, input in (1u32..70, 1u32..70), channels in 0usize..3, fast: bool,
    ) {
        let pixels = painted(FORMATS[format], (w, h));
        let spec = bytes(input.0, input.1, [Channels::Rgb, Channels::Bgr, Channels::Gray][channels]);
        let mut values = vec![f32::NAN; spec.elements()];
        let quality = if fast { ResizeQuality::Bilinear } else { ResizeQuality::Area };
        Letterboxer::new(quality).fill(&pixels.frame(), &spec, &mut values).unwrap();
        prop_assert!(values.iter().all(|value| (0.0..=255.0).contains(value)));
    }
}

/// Bytes of a picture in planes, rearranged pixel by pixel.
fn space_to_depth(planes: &[f32], (width, height): (usize, usize)) -> Vec<u8> {
    let channels = planes.len() / (width * height);
    let mut blocks = vec![0; planes.len()];
    for c in 0..channels {
        for y in 0..height {
            for x in 0..width {
                let plane = (2 * (y % 2) + x % 2) * channels + c;
                let at = (plane * (height / 2) + y / 2) * (width / 2) + x / 2;
                blocks[at] = (planes[(c * height + y) * width + x] + 0.5).floor() as u8;
            }
        }
    }
    blocks
}

proptest! {
    #[test]
    fn blocks_hold_the_bytes_of_the_picture(
        format in 0..FORMATS.len(),
        frame in (1u32..90, 1u32..90),
        (width, height) in (1u32..40, 1u32..40),
        centered in any::<bool>(),
        gray in any::<bool>(),
    ) {
        let pixels = painted(FORMATS[format], frame);
        let spec = bytes(2 * width, 2 * height, if gray { Channels::Gray } else { Channels::Bgr })
            .with_placement(if centered { Placement::Centered } else { Placement::TopLeft });
        let (planes, geometry) = fill(&pixels.frame(), &spec);
        let mut blocks = vec![7; spec.elements()];
        let found = Letterboxer::default()
            .fill_space_to_depth(&pixels.frame(), &spec, &mut blocks)
            .unwrap();
        prop_assert_eq!(found, geometry);
        prop_assert_eq!(blocks, space_to_depth(&planes, (2 * width as usize, 2 * height as usize)));
    }
}

#[test]
fn blocks_want_even_sides_and_a_buffer_of_their_size() {
    let pixels = painted(PixelFormat::Rgb8, (20, 10));
    let mut letterboxer = Letterboxer::default();
    for (spec, length) in [
        (bytes(8, 6, Channels::Rgb), 143),
        (bytes(8, 6, Channels::Rgb), 145),
        (bytes(7, 6, Channels::Rgb), 126),
        (bytes(8, 5, Channels::Rgb), 120),
    ] {
        let mut blocks = vec![0; length];
        let result = letterboxer.fill_space_to_depth(&pixels.frame(), &spec, &mut blocks);
        assert_fails(result, ErrorKind::OutputLength, &["letterbox"]);
    }
}
