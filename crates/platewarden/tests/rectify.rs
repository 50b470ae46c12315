//! Plates stretched flat: against a known pattern, at every scale, from every pixel format.

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
    Channels, ErrorKind, Frame, Homography, Normalization, PixelFormat, Point, Quad, Rect,
    Rectifier, RectifySpec, YuvColor,
};
use proptest::prelude::*;

/// A smooth pattern on the unit square of the plate.
fn pattern(u: f64, v: f64) -> f64 {
    127.5 + 60.0 * (u * 14.0).sin() + 60.0 * (v * 9.0 + 1.0).cos()
}

/// A frame in which `quad` carries the pattern, which goes on beyond it.
fn plate_in_frame(format: PixelFormat, size: (u32, u32), quad: &Quad) -> Pixels {
    let to_plate = Homography::unit_square_to(quad).unwrap().inverse().unwrap();
    Pixels::paint(format, size, 3, YuvColor::default(), |x, y| {
        let at = to_plate.apply(Point::new(x as f32, y as f32));
        [pattern(f64::from(at.x), f64::from(at.y)); 3]
    })
}

fn rectified(frame: &Frame<'_>, quad: &Quad, spec: &RectifySpec) -> Vec<u8> {
    let mut out = vec![0; spec.elements()];
    Rectifier::new().bytes(frame, quad, spec, &mut out).unwrap();
    out
}

/// Mean and greatest deviation from the pattern; `margin` as in the spec.
fn deviation(out: &[u8], width: usize, height: usize, margin: f64) -> (f64, f64) {
    let (mut sum, mut worst) = (0.0, 0.0f64);
    for y in 0..height {
        for x in 0..width {
            let place = |at: usize, length: usize| {
                (at as f64 + 0.5) / length as f64 * (1.0 + 2.0 * margin) - margin
            };
            let expected = pattern(place(x, width), place(y, height)).clamp(0.0, 255.0);
            let off = (f64::from(out[y * width + x]) - expected).abs();
            sum += off;
            worst = worst.max(off);
        }
    }
    (sum / (width * height) as f64, worst)
}

fn tilted(scale: f32) -> Quad {
    let at = |x: f32, y: f32| Point::new(40.0 + x * scale, 50.0 + y * scale);
    Quad::new(
        at(0.0, 10.0),
        at(150.0, 0.0),
        at(160.0, 60.0),
        at(6.0, 90.0),
    )
}

#[test]
fn tilted_plate_comes_out_flat_at_every_scale() {
    for (scale, size) in [
        (0.5, (200, 150)),
        (1.0, (300, 250)),
        (2.0, (450, 350)),
        (4.0, (800, 600)),
        (8.0, (1500, 1000)),
    ] {
        let quad = tilted(scale);
        let pixels = plate_in_frame(PixelFormat::Gray8, size, &quad);
        let out = rectified(&pixels.frame(), &quad, &RectifySpec::new(128, 64));
        let (mean, worst) = deviation(&out, 128, 64, 0.0);
        assert!(
            mean < 1.5 && worst < 8.0,
            "scale {scale}: mean {mean:.2}, worst {worst:.2}"
        );
    }
}

#[test]
fn margin_is_a_share_of_the_plate() {
    let quad = tilted(1.5);
    let pixels = plate_in_frame(PixelFormat::Gray8, (400, 300), &quad);
    let out = rectified(
        &pixels.frame(),
        &quad,
        &RectifySpec::new(128, 64).with_margin(0.1, 0.1),
    );
    let (mean, worst) = deviation(&out, 128, 64, 0.1);
    assert!(
        mean < 1.5 && worst < 8.0,
        "mean {mean:.2}, worst {worst:.2}"
    );
}

#[test]
fn every_format_gives_the_same_plate() {
    let quad = tilted(1.3);
    for format in FORMATS {
        let pixels = plate_in_frame(format, (350, 260), &quad);
        for channels in [Channels::Gray, Channels::Rgb, Channels::Bgr] {
            let out = rectified(
                &pixels.frame(),
                &quad,
                &RectifySpec::new(96, 48).with_channels(channels),
            );
            for channel in 0..channels.count() {
                let plane: Vec<u8> = out
                    .iter()
                    .skip(channel)
                    .step_by(channels.count())
                    .copied()
                    .collect();
                let (mean, worst) = deviation(&plane, 96, 48, 0.0);
                assert!(
                    mean < 2.0 && worst < 9.0,
                    "{format} as {channels:?}: mean {mean:.2}, worst {worst:.2}"
                );
            }
        }
    }
}

#[test]
fn colours_keep_their_order() {
    let color = [200, 100, 50];
    for format in [
        PixelFormat::Rgb8,
        PixelFormat::Bgr8,
        PixelFormat::Nv12,
        PixelFormat::I420,
    ] {
        let pixels = Pixels::flat(format, (80, 40), color);
        let quad = Rect::new(10.0, 10.0, 40.0, 12.0).to_quad();
        let rgb = rectified(
            &pixels.frame(),
            &quad,
            &RectifySpec::new(32, 16).with_channels(Channels::Rgb),
        );
        let bgr = rectified(
            &pixels.frame(),
            &quad,
            &RectifySpec::new(32, 16).with_channels(Channels::Bgr),
        );
        for (a, b) in rgb.chunks_exact(3).zip(bgr.chunks_exact(3)) {
            assert!(
                a.iter()
                    .zip(color)
                    .all(|(&found, expected)| found.abs_diff(expected) <= 2),
                "{format}: {a:?}"
            );
            assert!(a.iter().eq(b.iter().rev()));
        }
    }
}

#[test]
fn fine_stripes_average_to_grey_where_the_plate_shrinks() {
    // Stripes one pixel wide, far finer than the output can show: without averaging they would alias.
    let pixels = Pixels::paint(
        PixelFormat::Gray8,
        (700, 200),
        0,
        YuvColor::default(),
        |x, _| {
            [if (x as u32).is_multiple_of(2) {
                255.0
            } else {
                0.0
            }; 3]
        },
    );
    let quad = Quad::new(
        Point::new(30.3, 20.0),
        Point::new(640.0, 22.0),
        Point::new(641.0, 170.0),
        Point::new(31.0, 168.0),
    );
    let out = rectified(&pixels.frame(), &quad, &RectifySpec::new(128, 32));
    assert!(
        out.iter().all(|&value| value.abs_diff(127) < 28),
        "{:?}",
        out.iter().minmax()
    );
}

trait MinMax {
    fn minmax(self) -> Option<(u8, u8)>;
}

impl<'a, I: Iterator<Item = &'a u8> + Clone> MinMax for I {
    fn minmax(self) -> Option<(u8, u8)> {
        Some((*self.clone().min()?, *self.max()?))
    }
}

#[test]
fn whole_pixels_at_scale_one_are_copied() {
    let pixels = plate_in_frame(PixelFormat::Gray8, (120, 90), &tilted(0.5));
    let out = rectified(
        &pixels.frame(),
        &Rect::new(17.0, 23.0, 64.0, 32.0).to_quad(),
        &RectifySpec::new(64, 32),
    );
    for y in 0..32 {
        for x in 0..64 {
            assert_eq!(
                out[y * 64 + x],
                pixels.planes[0][(y + 23) * pixels.strides[0] + x + 17]
            );
        }
    }
}

#[test]
fn edge_pixels_go_on_beyond_the_frame() {
    let pixels = Pixels::paint(
        PixelFormat::Gray8,
        (40, 20),
        0,
        YuvColor::default(),
        |x, _| [x * 5.0; 3],
    );
    let out = rectified(
        &pixels.frame(),
        &Rect::new(-20.0, -10.0, 80.0, 40.0).to_quad(),
        &RectifySpec::new(80, 40),
    );
    for row in out.chunks_exact(80) {
        assert!(
            row[..20].iter().all(|&value| value == row[0])
                && row[60..].iter().all(|&value| value == row[79])
        );
        assert_eq!(row[20..60], out[20 * 80 + 20..20 * 80 + 60]);
    }
}

#[test]
fn plate_wholly_beyond_the_frame_shows_its_nearest_edge() {
    let pixels = Pixels::paint(
        PixelFormat::Gray8,
        (40, 20),
        0,
        YuvColor::default(),
        |x, _| [x * 5.0; 3],
    );
    for (x, expected) in [(-500.0, 3), (900.0, 198)] {
        let out = rectified(
            &pixels.frame(),
            &Rect::new(x, 5.0, 30.0, 8.0).to_quad(),
            &RectifySpec::new(32, 16),
        );
        assert!(
            out.iter().all(|value| value.abs_diff(expected) <= 1),
            "{out:?}"
        );
    }
}

#[test]
fn degenerate_corners_give_their_box() {
    let pixels = plate_in_frame(PixelFormat::Gray8, (200, 150), &tilted(1.0));
    let [tl, tr, br, bl] = Rect::new(30.0, 40.0, 80.0, 20.0).to_quad().0;
    let spec = RectifySpec::new(64, 32).with_margin(0.1, 0.2);
    let expected = rectified(&pixels.frame(), &Quad([tl, tr, br, bl]), &spec);
    for crossed in [Quad([tl, br, tr, bl]), Quad([tr, tl, bl, br])] {
        assert_eq!(rectified(&pixels.frame(), &crossed, &spec), expected);
    }
}

#[test]
fn corners_without_any_box_are_an_error() {
    let pixels = Pixels::flat(PixelFormat::Gray8, (20, 20), [9; 3]);
    let mut out = [0; 32];
    let spec = RectifySpec::new(8, 4);
    let nan = Quad([Point::new(f32::NAN, f32::NAN); 4]);
    let point = Quad([Point::new(5.0, 5.0); 4]);
    let infinite = Rect::new(0.0, 0.0, f32::INFINITY, 5.0).to_quad();
    for quad in [nan, point, infinite] {
        let found = Rectifier::new().bytes(&pixels.frame(), &quad, &spec, &mut out);
        assert_fails(found, ErrorKind::Corners, &[]);
    }
}

#[test]
fn black_and_white_stay_black_and_white() {
    for format in FORMATS {
        for level in [0u8, 255] {
            let pixels = Pixels::flat(format, (300, 100), [level; 3]);
            for quad in [
                tilted(0.3),
                tilted(2.0),
                Rect::new(-50.0, -50.0, 900.0, 300.0).to_quad(),
            ] {
                let out = rectified(
                    &pixels.frame(),
                    &quad,
                    &RectifySpec::new(128, 64).with_channels(Channels::Rgb),
                );
                assert!(
                    out.iter().all(|&value| value == level),
                    "{format} {level}: {:?}",
                    out.iter().minmax()
                );
            }
        }
    }
}

#[test]
fn numbers_are_the_bytes_in_planes() {
    let pixels = Pixels::paint(
        PixelFormat::Rgb8,
        (90, 60),
        0,
        YuvColor::default(),
        |x, y| [x * 2.0, y * 4.0, 90.0],
    );
    let spec = RectifySpec::new(40, 20).with_channels(Channels::Rgb);
    let quad = Rect::new(10.0, 10.0, 60.0, 30.0).to_quad();
    let bytes = rectified(&pixels.frame(), &quad, &spec);
    let mut numbers = vec![0.0; spec.elements()];
    let mut rectifier = Rectifier::new();
    rectifier
        .numbers(
            &pixels.frame(),
            &quad,
            &spec,
            &Normalization::SIGNED,
            &mut numbers,
        )
        .unwrap();
    for (i, value) in numbers.iter().enumerate() {
        let (channel, pixel) = (i / 800, i % 800);
        assert!((value - (f32::from(bytes[pixel * 3 + channel]) / 127.5 - 1.0)).abs() < 1e-6);
    }
}

#[test]
fn returned_corners_are_those_that_were_cut() {
    let pixels = Pixels::flat(PixelFormat::Gray8, (200, 100), [9; 3]);
    let spec = RectifySpec::new(8, 4).with_margin(0.1, 0.5);
    let quad = Rect::new(50.0, 40.0, 100.0, 20.0).to_quad();
    let cut = Rectifier::new()
        .bytes(&pixels.frame(), &quad, &spec, &mut [0; 32])
        .unwrap();
    let bounds = cut.bounds();
    assert!(
        (bounds.x - 40.0).abs() < 1e-3
            && (bounds.width - 120.0).abs() < 1e-3
            && (bounds.y - 30.0).abs() < 1e-3
    );
}

#[test]
fn wrong_output_and_empty_sides_are_refused() {
    let pixels = Pixels::flat(PixelFormat::Gray8, (20, 20), [9; 3]);
    let quad = Rect::new(2.0, 2.0, 10.0, 5.0).to_quad();
    let mut rectifier = Rectifier::new();
    let found = rectifier.bytes(
        &pixels.frame(),
        &quad,
        &RectifySpec::new(8, 4),
        &mut [0; 31],
    );
    assert_fails(found, ErrorKind::OutputLength, &["32", "31"]);
    let found = rectifier.bytes(&pixels.frame(), &quad, &RectifySpec::new(0, 4), &mut []);
    assert_fails(found, ErrorKind::Empty, &["rectified plate"]);
    let empty = image::RgbImage::new(0, 0);
    let found = rectifier.bytes(
        &Frame::from(&empty),
        &quad,
        &RectifySpec::new(8, 4),
        &mut [0; 32],
    );
    assert_fails(found, ErrorKind::Empty, &["frame"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_corners_give_a_plate_or_a_typed_error(
        values in prop::array::uniform8(prop_oneof![any::<f32>(), -50f32..150.0, -1e6f32..1e6]), format in 0usize..5,
        margin in 0f32..0.5,
    ) {
        let [a, b, c, d, e, f, g, h] = values;
        let quad = Quad([Point::new(a, b), Point::new(c, d), Point::new(e, f), Point::new(g, h)]);
        let pixels = Pixels::flat(FORMATS[format], (61, 43), [255; 3]);
        let spec = RectifySpec::new(24, 12).with_channels(Channels::Rgb).with_margin(margin, margin);
        let mut out = vec![0; spec.elements()];
        match Rectifier::new().bytes(&pixels.frame(), &quad, &spec, &mut out) {
            // Whatever was cut out of a white frame is white.
            Ok(_) => prop_assert!(out.iter().all(|&value| value == 255)),
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Corners),
        }
    }

    #[test]
    fn plausible_corners_never_fail(
        x in -100f32..400.0, y in -100f32..300.0, width in 5f32..600.0, aspect in 0.15f32..1.0,
        jitter in prop::array::uniform8(-0.15f32..0.15),
    ) {
        let mut quad = Rect::new(x, y, width, width * aspect).to_quad();
        for (corner, j) in quad.0.iter_mut().zip(jitter.chunks_exact(2)) {
            corner.x += j[0] * width;
            corner.y += j[1] * width * aspect;
        }
        let pixels = Pixels::flat(PixelFormat::I420, (320, 200), [255; 3]);
        let out = rectified(&pixels.frame(), &quad, &RectifySpec::new(128, 64).with_margin(0.06, 0.1));
        prop_assert!(out.iter().all(|&value| value == 255));
    }
}
