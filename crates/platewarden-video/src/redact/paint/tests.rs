#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]
use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::source::VideoFrame;

fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

const AREA: Rect = Rect::new(10.3, 6.2, 30.0, 9.0);

#[test]
fn nothing_but_eight_colors_stays_of_a_plate() {
    let original = RgbImage::from_raw(64, 32, noise(64 * 32 * 3)).unwrap();
    let mut picture = original.clone();
    redact_image(&mut picture, &[AREA], RedactStyle::Pixelate);
    let colors: BTreeSet<[u8; 3]> = (6..16)
        .flat_map(|y| (10..41).map(move |x| (x, y)))
        .map(|(x, y)| picture.get_pixel(x, y).0)
        .collect();
    assert!(colors.len() <= 8, "{}", colors.len());
    // Outside nothing changed.
    assert_eq!(picture.get_pixel(9, 6), original.get_pixel(9, 6));
    assert_eq!(picture.get_pixel(41, 6), original.get_pixel(41, 6));
    assert_eq!(picture.get_pixel(10, 5), original.get_pixel(10, 5));
    assert_eq!(picture.get_pixel(10, 16), original.get_pixel(10, 16));
}

#[test]
fn result_depends_on_the_cells_alone() {
    // Two plates with the same means and different pixels become the same.
    let flat = RgbImage::from_pixel(8, 4, image::Rgb([100; 3]));
    let mut striped = flat.clone();
    for (x, y, pixel) in striped.enumerate_pixels_mut() {
        pixel.0 = if (x + y) % 2 == 0 { [90; 3] } else { [110; 3] };
    }
    for style in [
        RedactStyle::Blur,
        RedactStyle::Pixelate,
        RedactStyle::Fill([1, 2, 3]),
    ] {
        let (mut a, mut b) = (flat.clone(), striped.clone());
        let whole = [Rect::new(0.0, 0.0, 8.0, 4.0)];
        redact_image(&mut a, &whole, style);
        redact_image(&mut b, &whole, style);
        assert_eq!(a, b, "{style:?}");
    }
}

#[test]
fn every_format_is_filled_with_the_color_asked_for() {
    let color = [200, 30, 60];
    for format in [
        PixelFormat::Rgb8,
        PixelFormat::Bgr8,
        PixelFormat::Gray8,
        PixelFormat::Nv12,
        PixelFormat::I420,
    ] {
        let bytes = noise(64 * 32 * 3);
        let mut frame = VideoFrame::new(bytes, format, 63, 31, Duration::ZERO).unwrap();
        redact_frame(&mut frame, &[AREA], RedactStyle::Fill(color));
        let part = platewarden::frame::crop_rgb(&frame.frame().unwrap(), &AREA).unwrap();
        assert_eq!(part.dimensions(), (31, 10));
        for pixel in part.pixels() {
            let expected = if format == PixelFormat::Gray8 {
                [84; 3]
            } else {
                color
            };
            let near = pixel
                .0
                .iter()
                .zip(expected)
                .all(|(a, b)| a.abs_diff(b) <= 3);
            assert!(near, "{format}: {pixel:?}");
        }
    }
}

#[test]
fn areas_beyond_the_edges_are_cut() {
    let mut picture = RgbImage::new(16, 16);
    let areas = [
        Rect::new(-50.0, -50.0, 500.0, 55.0),
        Rect::new(f32::NAN, 0.0, 5.0, 5.0),
        Rect::new(100.0, 100.0, 5.0, 5.0),
    ];
    redact_image(&mut picture, &areas, RedactStyle::Fill([9, 9, 9]));
    assert_eq!(picture.get_pixel(15, 4).0, [9, 9, 9]);
    assert_eq!(picture.get_pixel(15, 5).0, [0, 0, 0]);
}
