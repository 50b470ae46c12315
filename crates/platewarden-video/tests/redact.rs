//! What is left of a picture after redaction: nothing of its plates, nothing of its metadata.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test may fail"
)]

use std::io::Cursor;
use std::path::Path;

use platewarden::{Limits, Point, Quad, Rect, decode};
use platewarden_video::redact::{RedactOptions, redact_image};

/// Whether a run of bytes stands among others.
fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn redacted_picture_carries_neither_plate_nor_metadata() {
    // A picture that only its EXIF block turns upright.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/data/turned_720x960.jpg");
    let bytes = std::fs::read(path).unwrap();
    assert!(contains(&bytes, b"Exif"));
    let original = decode(&bytes, &Limits::default()).unwrap();
    let mut picture = original.clone();
    let quad = Quad(
        [
            (200.0, 300.0),
            (400.0, 330.0),
            (395.0, 380.0),
            (195.0, 350.0),
        ]
        .map(|(x, y)| Point::new(x, y)),
    );
    let options = RedactOptions::default();
    let area = options.area(&quad, &quad.bounds());
    redact_image(&mut picture, &[area], options.style);

    let mut written = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut written), image::ImageFormat::Jpeg)
        .unwrap();
    for metadata in [
        &b"Exif"[..],
        b"http://ns.adobe.com",
        b"ICC_PROFILE",
        b"Photoshop",
    ] {
        assert!(!contains(&written, metadata));
    }
    // One picture only: no thumbnail within.
    let starts = written
        .windows(3)
        .filter(|window| *window == [0xff, 0xd8, 0xff])
        .count();
    assert_eq!(starts, 1);

    let again = decode(&written, &Limits::default()).unwrap();
    assert_eq!(again.dimensions(), original.dimensions());
    // JPEG blurs the border of the area by at most one block of chroma.
    let inside = Rect::new(
        area.x + 16.0,
        area.y + 16.0,
        area.width - 32.0,
        area.height - 32.0,
    );
    for (x, y, pixel) in again.enumerate_pixels() {
        if inside.contains(Point::new(x as f32, y as f32)) {
            assert!(
                pixel.0.iter().all(|value| value.abs_diff(96) <= 3),
                "{x},{y}: {pixel:?}"
            );
        }
    }
}
