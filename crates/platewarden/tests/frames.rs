//! Frames from good and bad input.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod fails;

use std::io::Cursor;

use fails::assert_fails;
use image::{DynamicImage, ImageFormat, RgbImage};
use platewarden::{ErrorKind, Frame, Limits, decode};
use proptest::prelude::*;

const FORMATS: [(ImageFormat, &str); 5] = [
    (ImageFormat::Jpeg, "JPEG"),
    (ImageFormat::Png, "PNG"),
    (ImageFormat::WebP, "WebP"),
    (ImageFormat::Bmp, "BMP"),
    (ImageFormat::Tiff, "TIFF"),
];

/// Smooth enough for JPEG, and different in every corner.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([
            (x * 255 / width) as u8,
            (y * 255 / height) as u8,
            ((x + y) * 127 / (width + height)) as u8,
        ])
    })
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn decoded(bytes: &[u8]) -> platewarden::Result<RgbImage> {
    decode(bytes, &Limits::default())
}

#[test]
fn every_format_comes_back() {
    let original = picture(61, 40);
    for (format, name) in FORMATS {
        let back = decoded(&encoded(&original, format)).unwrap();
        assert_eq!(back.dimensions(), (61, 40), "{name}");
        let worst = back
            .iter()
            .zip(original.iter())
            .map(|(&a, &b)| a.abs_diff(b))
            .max()
            .unwrap();
        assert!(
            worst <= if format == ImageFormat::Jpeg { 16 } else { 0 },
            "{name}: off by {worst}"
        );
    }
}

#[test]
fn every_file_cut_short_is_an_error_that_names_the_format() {
    let original = picture(64, 48);
    for (format, name) in FORMATS {
        let whole = encoded(&original, format);
        for share in [20, 35, 50, 75, 90, 99] {
            let cut = &whole[..whole.len() * share / 100];
            match decoded(cut) {
                Err(error) if error.kind() == ErrorKind::Decode => {
                    assert!(error.context().starts_with(name), "{error}");
                }
                other => panic!("{name} cut to {share} %: {other:?}"),
            }
        }
    }
}

#[test]
fn jpeg_without_its_last_bytes_is_refused_and_with_a_trailer_accepted() {
    let mut bytes = encoded(&picture(64, 48), ImageFormat::Jpeg);
    assert_fails(
        decoded(&bytes[..bytes.len() - 2]),
        ErrorKind::Decode,
        &["JPEG"],
    );
    bytes.extend_from_slice(b"a camera's own data");
    assert_eq!(decoded(&bytes).unwrap().dimensions(), (64, 48));
}

#[test]
fn bytes_that_are_no_picture_are_named() {
    for bytes in [
        &b""[..],
        b"GIF89a\x01\x00\x01\x00",
        b"hello, world",
        &[0; 64],
        b"%PDF-1.7",
    ] {
        match decoded(bytes) {
            Err(error) if error.kind() == ErrorKind::UnknownImageFormat => {
                assert!(
                    error
                        .to_string()
                        .contains("expected JPEG, PNG, WebP, BMP or TIFF"),
                    "{error}"
                );
            }
            other => panic!("{bytes:?}: {other:?}"),
        }
    }
}

/// A PNG with a header of any size and hardly any data.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut header = Vec::from(*b"IHDR");
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut png = Vec::from(*b"\x89PNG\r\n\x1a\n");
    png.extend(13u32.to_be_bytes());
    png.extend(&header);
    png.extend(crc32(&header).to_be_bytes());
    png.extend([0, 0, 0, 4, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x03, 0x00]);
    png.extend(crc32(&[b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x03, 0x00]).to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// The same for BMP: 24 bits a pixel.
fn bmp_claiming(width: i32, height: i32) -> Vec<u8> {
    let mut bmp = Vec::from(*b"BM");
    bmp.extend(58u32.to_le_bytes());
    bmp.extend([0; 4]);
    bmp.extend(54u32.to_le_bytes());
    bmp.extend(40u32.to_le_bytes());
    bmp.extend(width.to_le_bytes());
    bmp.extend(height.to_le_bytes());
    bmp.extend([1, 0, 24, 0]);
    bmp.extend([0; 24]);
    bmp.extend([0; 4]);
    bmp
}

/// A JPEG whose frame header is overwritten with another size.
fn jpeg_claiming(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = encoded(&picture(64, 48), ImageFormat::Jpeg);
    let at = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    jpeg[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn sizes_beyond_the_limits_are_refused_by_their_header() {
    // Were the size allocated, the largest of these would take 12 GB.
    for bytes in [
        png_claiming(60_000, 100),
        png_claiming(100, 60_000),
        png_claiming(60_000, 60_000),
        bmp_claiming(60_000, 100),
        jpeg_claiming(60_000, 100),
        jpeg_claiming(65_000, 65_000),
    ] {
        match decoded(&bytes) {
            Err(error) if error.kind() == ErrorKind::FrameTooLarge => {
                assert!(error.to_string().contains("raise `Limits`"), "{error}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn headers_that_promise_more_than_there_is_are_damage() {
    for (name, bytes) in [
        ("PNG", png_claiming(4_000, 3_000)),
        ("BMP", bmp_claiming(4_000, 3_000)),
        ("JPEG", jpeg_claiming(1_600, 1_200)),
    ] {
        match decoded(&bytes) {
            Err(error) if error.kind() == ErrorKind::Decode => {
                assert!(error.context().starts_with(name), "{error}");
            }
            Err(other) => panic!("{name}: {other}"),
            Ok(picture) => panic!("{name}: a picture of {:?}", picture.dimensions()),
        }
    }
}

#[test]
fn pictures_without_pixels_are_refused() {
    for bytes in [
        png_claiming(0, 10),
        bmp_claiming(0, 10),
        jpeg_claiming(0, 10),
        png_claiming(10, 0),
    ] {
        let kind = decoded(&bytes).unwrap_err().kind();
        assert!(
            matches!(kind, ErrorKind::Decode | ErrorKind::Empty),
            "{kind:?}"
        );
    }
}

#[test]
fn limits_are_the_callers_to_set() {
    let bytes = encoded(&picture(200, 100), ImageFormat::Png);
    let limits = Limits::default().with_max_side(150);
    assert_fails(
        decode(&bytes, &limits),
        ErrorKind::FrameTooLarge,
        &["200", "100", "150"],
    );
    let limits = Limits::default().with_max_pixels(19_999);
    assert_fails(
        decode(&bytes, &limits),
        ErrorKind::FrameTooLarge,
        &["19999"],
    );
    let limits = Limits::default().with_max_encoded_bytes(100);
    assert_fails(decode(&bytes, &limits), ErrorKind::EncodedTooLong, &["100"]);
    assert!(decode(&bytes, &Limits::default().with_max_side(200)).is_ok());
}

/// A little-endian EXIF block that holds the orientation alone.
fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = Vec::from(*b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0");
    tiff.extend(orientation.to_le_bytes());
    tiff.extend([0; 6]);
    tiff
}

fn jpeg_turned(picture: &RgbImage, orientation: u16) -> Vec<u8> {
    let jpeg = encoded(picture, ImageFormat::Jpeg);
    let mut block = Vec::from(*b"Exif\0\0");
    block.extend(exif(orientation));
    let mut out = jpeg[..2].to_vec();
    out.extend([0xFF, 0xE1]);
    out.extend((block.len() as u16 + 2).to_be_bytes());
    out.extend(block);
    out.extend(&jpeg[2..]);
    out
}

fn png_turned(picture: &RgbImage, orientation: u16) -> Vec<u8> {
    let png = encoded(picture, ImageFormat::Png);
    let mut chunk = Vec::from(*b"eXIf");
    chunk.extend(exif(orientation));
    let mut out = png[..33].to_vec();
    out.extend((chunk.len() as u32 - 4).to_be_bytes());
    out.extend(&chunk);
    out.extend(crc32(&chunk).to_be_bytes());
    out.extend(&png[33..]);
    out
}

#[test]
fn pictures_are_turned_upright() {
    let original = picture(64, 32);
    let dynamic = DynamicImage::ImageRgb8(original.clone());
    // What a viewer must do for each value of the orientation, EXIF 2.32, 4.6.4.
    let upright = [
        dynamic.clone(),
        dynamic.fliph(),
        dynamic.rotate180(),
        dynamic.flipv(),
        dynamic.rotate90().fliph(),
        dynamic.rotate90(),
        dynamic.rotate270().fliph(),
        dynamic.rotate270(),
    ];
    for (orientation, expected) in (1..).zip(upright) {
        let expected = expected.into_rgb8();
        assert_eq!(
            decoded(&png_turned(&original, orientation)).unwrap(),
            expected,
            "PNG, orientation {orientation}"
        );
        let jpeg = decoded(&jpeg_turned(&original, orientation)).unwrap();
        assert_eq!(jpeg.dimensions(), expected.dimensions());
        let worst = jpeg
            .iter()
            .zip(expected.iter())
            .map(|(&a, &b)| a.abs_diff(b))
            .max()
            .unwrap();
        assert!(
            worst < 24,
            "JPEG, orientation {orientation}: off by {worst}"
        );
    }
}

#[test]
fn senseless_orientation_leaves_the_picture_as_it_is() {
    let original = picture(64, 32);
    for orientation in [0, 9, 77, 65_535] {
        assert_eq!(
            decoded(&png_turned(&original, orientation)).unwrap(),
            original
        );
    }
}

#[test]
fn grey_deep_and_transparent_pictures_become_rgb() {
    let rgb = DynamicImage::ImageRgb8(picture(20, 10));
    for other in [
        DynamicImage::ImageLuma8(rgb.to_luma8()),
        DynamicImage::ImageLumaA8(rgb.to_luma_alpha8()),
        DynamicImage::ImageRgba8(rgb.to_rgba8()),
        DynamicImage::ImageRgb16(rgb.to_rgb16()),
        DynamicImage::ImageLuma16(rgb.to_luma16()),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        other.write_to(&mut bytes, ImageFormat::Png).unwrap();
        assert_eq!(decoded(bytes.get_ref()).unwrap(), other.to_rgb8());
    }
}

#[test]
fn frames_check_what_they_are_given() {
    let pixels = vec![0u8; 100];
    assert_fails(
        Frame::rgb8(&pixels, 0, 4, 12),
        ErrorKind::Empty,
        &["0", "4"],
    );
    assert_fails(Frame::gray8(&pixels, 4, 0, 12), ErrorKind::Empty, &[]);
    assert_fails(
        Frame::bgr8(&pixels, 5, 4, 14),
        ErrorKind::StrideTooShort,
        &["15", "14"],
    );
    assert_fails(
        Frame::rgb8(&pixels, 5, 7, 15),
        ErrorKind::BufferTooShort,
        &["105", "100"],
    );
    assert!(Frame::gray8(&pixels, 10, 10, 10).is_ok());
    // The last row may end where its pixels do.
    assert!(Frame::gray8(&pixels[..94], 4, 10, 10).is_ok());
    assert_fails(
        Frame::gray8(&pixels[..93], 4, 10, 10),
        ErrorKind::BufferTooShort,
        &["94"],
    );
}

#[test]
fn absurd_sizes_do_not_overflow() {
    let pixels = [0u8; 16];
    for format in [Frame::rgb8, Frame::bgr8, Frame::gray8] {
        assert!(format(&pixels, u32::MAX, u32::MAX, usize::MAX).is_err());
        assert!(format(&pixels, 1, u32::MAX, usize::MAX).is_err());
        assert!(format(&pixels, u32::MAX, 1, 3).is_err());
    }
    assert!(Frame::nv12(&pixels, usize::MAX, &pixels, usize::MAX, u32::MAX, u32::MAX).is_err());
    assert!(
        Frame::i420(
            &pixels,
            &pixels,
            &pixels,
            [usize::MAX; 3],
            u32::MAX,
            u32::MAX
        )
        .is_err()
    );
}

#[test]
fn planes_are_checked_one_by_one() {
    let (y, half) = (vec![0u8; 30], vec![0u8; 12]);
    // 5x5: chroma is 3x3, rounded up.
    assert_fails(
        Frame::nv12(&y, 6, &half, 6, 5, 5),
        ErrorKind::BufferTooShort,
        &["UV", "18"],
    );
    assert_fails(
        Frame::nv12(&y, 6, &half, 5, 5, 5),
        ErrorKind::StrideTooShort,
        &["UV", "6"],
    );
    assert_fails(
        Frame::nv12(&y, 4, &half, 6, 5, 5),
        ErrorKind::StrideTooShort,
        &["Y", "5"],
    );
    assert_fails(
        Frame::nv12(&y[..28], 6, &half, 6, 5, 5),
        ErrorKind::BufferTooShort,
        &["Y", "29"],
    );
    assert!(Frame::i420(&y, &half, &half, [6, 3, 4], 5, 5).is_ok());
    assert_fails(
        Frame::i420(&y, &half, &half[..8], [6, 3, 3], 5, 5),
        ErrorKind::BufferTooShort,
        &["V", "9", "8"],
    );
    assert_fails(
        Frame::i420(&y, &half, &half, [6, 2, 3], 5, 5),
        ErrorKind::StrideTooShort,
        &["U"],
    );
}

#[test]
fn messages_say_expected_found_and_remedy() {
    let error = Frame::rgb8(&[0; 10], 4, 4, 12).unwrap_err().to_string();
    for part in [
        "10 bytes",
        "at least 48",
        "4x4",
        "stride of 12",
        "check the size",
    ] {
        assert!(error.contains(part), "{error} lacks {part}");
    }
    assert!(
        !error.ends_with('.') && error.starts_with(char::is_lowercase),
        "{error}"
    );
}

#[test]
fn empty_picture_of_the_image_crate_is_found_out_later() {
    let empty = RgbImage::new(0, 0);
    assert_fails(
        Frame::from(&empty).within(&Limits::default()),
        ErrorKind::Empty,
        &[],
    );
}

proptest! {
    #[test]
    fn any_bytes_decode_or_fail_typed(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes, &Limits::default().with_max_pixels(1 << 20));
    }

    #[test]
    fn any_flipped_bytes_decode_or_fail_typed(
        format in 0usize..5, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encoded(&picture(40, 30), FORMATS[format].0);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = decode(&bytes, &Limits::default().with_max_pixels(1 << 20));
    }

    #[test]
    fn a_frame_is_made_only_of_buffers_that_suffice(
        width in 0u32..40, height in 0u32..40, stride in 0usize..130, length in 0usize..4_000,
    ) {
        let pixels = vec![7u8; length];
        let fits = |row: usize| {
            width > 0 && height > 0 && stride >= row && length >= stride * (height as usize - 1) + row
        };
        prop_assert_eq!(Frame::rgb8(&pixels, width, height, stride).is_ok(), fits(width as usize * 3));
        prop_assert_eq!(Frame::gray8(&pixels, width, height, stride).is_ok(), fits(width as usize));
    }
}
