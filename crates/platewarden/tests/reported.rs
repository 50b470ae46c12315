//! What users of other readers reported, on pictures of the project's own generator: close-ups, plates at the edge, small
//! plates in large frames, turned pictures, streams without Huffman tables, regions that draw two glyphs alike.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

use std::{fs, path::Path, sync::LazyLock};

use image::{ImageEncoder as _, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use platewarden::{
    Backend, Candidate, Detection, Detector, Engine, EngineOptions, Frame, Limits, PlateRead, Quad,
    Reading, Recognizer, Rect, Result, TilingOptions, decode,
};
use platewarden_fixtures::{Expected, PlateTruth};

/// The bundled networks on the backend that is always there; one engine serves all tests.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| with(EngineOptions::default()));

fn with(options: EngineOptions) -> Engine {
    Engine::with_options(options.with_backend(Backend::Embedded)).unwrap()
}

/// A committed picture with its first plate.
fn fixture(file: &str) -> (RgbImage, PlateTruth) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/data");
    let expected = fs::read(folder.join("expected.json")).unwrap();
    let expected: Vec<Expected> = serde_json::from_slice(&expected).unwrap();
    let picture = decode(&fs::read(folder.join(file)).unwrap(), &Limits::default()).unwrap();
    let truth = expected
        .into_iter()
        .find(|entry| entry.file == file)
        .unwrap();
    (picture, truth.plates.into_iter().next().unwrap())
}

/// The upright box around a plate.
fn bounds(plate: &PlateTruth) -> Rect {
    Quad(plate.corners.map(|[x, y]| platewarden::Point::new(x, y))).bounds()
}

fn cut(picture: &RgbImage, area: Rect) -> RgbImage {
    let area = area.clamp_to(picture.width(), picture.height());
    imageops::crop_imm(
        picture,
        area.x as u32,
        area.y as u32,
        area.width.round() as u32,
        area.height.round() as u32,
    )
    .to_image()
}

fn read(engine: &Engine, picture: &RgbImage) -> Vec<PlateRead> {
    engine.read(&Frame::from(picture)).unwrap()
}

fn texts(reads: &[PlateRead]) -> Vec<&str> {
    reads.iter().map(|read| read.text.as_str()).collect()
}

/// A crop as another detector makes it: the plate and nothing else, as it is and enlarged.
#[test]
fn a_picture_that_is_a_plate_is_read() {
    let told = with(EngineOptions::default().with_is_crop(true));
    let (mut right, mut count) = (0, 0);
    for file in [
        "street_640x480.jpg",
        "highway_1920x1080.jpg",
        "america_1280x960.jpg",
    ] {
        let (picture, plate) = fixture(file);
        let crop = cut(&picture, bounds(&plate));
        for width in [crop.width(), 300, 1000] {
            let height = crop.height() * width / crop.width();
            let crop = imageops::resize(&crop, width, height, imageops::FilterType::CatmullRom);
            for engine in [&told, &*ENGINE] {
                let reads = read(engine, &crop);
                count += 1;
                right += usize::from(texts(&reads) == [plate.text.as_str()]);
                println!("{file} {width}: {:?}", texts(&reads));
            }
        }
    }
    assert!(right >= count - 1, "{right} of {count}");
}

/// Whoever says that a picture is a plate gets a read of it, found or not.
#[test]
fn a_crop_is_read_even_where_nothing_is_found() {
    let engine = with(EngineOptions::default().with_is_crop(true));
    let reads = read(
        &engine,
        &RgbImage::from_pixel(120, 30, image::Rgb([128; 3])),
    );
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].bounds, Rect::new(0.0, 0.0, 120.0, 30.0));
}

/// The frame ends within the plate: whatever text is read is not told as sure.
#[test]
fn a_plate_that_the_frame_cuts_is_never_sure() {
    let mut at_edge = 0;
    for file in ["street_640x480.jpg", "highway_1920x1080.jpg"] {
        let (picture, plate) = fixture(file);
        let area = bounds(&plate);
        for share in [0.55, 0.7] {
            let right = area.x + share * area.width;
            let part = cut(
                &picture,
                Rect::new(0.0, 0.0, right, picture.height() as f32),
            );
            for read in read(&ENGINE, &part) {
                println!("{file} {share}: {} {}", read.text, read.confidence);
                at_edge += usize::from(read.touches_edge);
                assert!(read.touches_edge && read.confidence < 0.5, "{read:?}");
            }
        }
        for read in read(&ENGINE, &picture) {
            assert!(!read.touches_edge, "{read:?}");
        }
    }
    assert!(at_edge > 0);
}

/// A plate 60 pixels wide in a frame of 3840x2160: lost in the whole, found in tiles, which are made by themselves.
#[test]
fn small_plates_in_large_frames_are_found() {
    let (picture, plate) = fixture("street_640x480.jpg");
    let scale = 60.0 / bounds(&plate).width;
    let size = (
        (picture.width() as f32 * scale) as u32,
        (picture.height() as f32 * scale) as u32,
    );
    let small = imageops::resize(&picture, size.0, size.1, imageops::FilterType::Triangle);
    let mut frame = RgbImage::from_pixel(3840, 2160, image::Rgb([96, 100, 104]));
    imageops::replace(&mut frame, &small, 2100, 1300);
    let whole = with(EngineOptions::default().with_auto_tiling(false));
    assert_eq!(texts(&read(&whole, &frame)), [""; 0]);
    assert_eq!(texts(&read(&ENGINE, &frame)), [plate.text.as_str()]);
}

/// Finds the white box of a frame and is surest of the smallest, as of a fragment that looks like a plate of its own.
struct WhiteBox;

impl Detector for WhiteBox {
    fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Detection>> {
        let whole = Rect::new(0.0, 0.0, frame.width() as f32, frame.height() as f32);
        let picture = platewarden::frame::crop_rgb(frame, &whole).unwrap();
        let white: Vec<(u32, u32)> = picture
            .enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0[0] > 200)
            .map(|(x, y, _)| (x, y))
            .collect();
        let (Some(left), Some(right)) = (
            white.iter().map(|at| at.0).min(),
            white.iter().map(|at| at.0).max(),
        ) else {
            return Ok(Vec::new());
        };
        let (Some(top), Some(bottom)) = (
            white.iter().map(|at| at.1).min(),
            white.iter().map(|at| at.1).max(),
        ) else {
            return Ok(Vec::new());
        };
        let bounds = Rect::from_edges(
            left as f32,
            top as f32,
            right as f32 + 1.0,
            bottom as f32 + 1.0,
        );
        Ok(vec![Detection {
            quad: bounds.to_quad(),
            bounds,
            score: 1.0 - bounds.width / 1000.0,
        }])
    }

    fn input_size(&self, _: (u32, u32)) -> Option<(u32, u32)> {
        Some((160, 96))
    }
}

/// Reads the same text everywhere.
struct Always(&'static str);

impl Recognizer for Always {
    fn recognize(&self, _: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>> {
        let reading = Reading::new(vec![Candidate::new(self.0, 0.9)], 0.0);
        Ok(vec![reading; plates.len()])
    }
}

/// Wherever a plate lies, what a tile cuts off it is not taken for the plate.
#[test]
fn a_fragment_in_a_tile_never_stands_for_the_plate() {
    let engine = Engine::builder()
        .options(EngineOptions::default().with_tiling(TilingOptions::for_plates_of(20.0)))
        .detector(WhiteBox)
        .recognizer(Always("AB12CDE"))
        .build()
        .unwrap();
    for place in 0..60_u32 {
        let plate = Rect::new(
            10.0 + 8.0 * place as f32,
            40.0 + 3.0 * place as f32,
            60.0,
            14.0,
        );
        let mut picture = RgbImage::new(640, 360);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if plate.contains(platewarden::Point::new(x as f32 + 0.5, y as f32 + 0.5)) {
                pixel.0 = [255; 3];
            }
        }
        let found = engine.detect(&Frame::from(&picture)).unwrap();
        assert_eq!(found.len(), 1, "{place}: {found:?}");
        assert_eq!(found[0].bounds, plate, "{place}");
    }
}

/// Pictures that lie on their side or stand on their head are read where that is asked for, and told in their own pixels.
#[test]
fn turned_pictures_are_read_where_asked_for() {
    let (picture, plate) = fixture("street_640x480.jpg");
    let engine = with(EngineOptions::default().with_turned(true));
    let place = bounds(&plate).center();
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    for (turned, middle) in [
        (
            imageops::rotate180(&picture),
            (width - place.x, height - place.y),
        ),
        (imageops::rotate90(&picture), (height - place.y, place.x)),
        (imageops::rotate270(&picture), (place.y, width - place.x)),
    ] {
        let reads = read(&engine, &turned);
        assert_eq!(texts(&reads), [plate.text.as_str()]);
        let found = reads[0].bounds.center();
        assert!((found.x - middle.0).abs() < 6.0 && (found.y - middle.1).abs() < 6.0);
    }
}

/// Frames of Motion-JPEG leave the Huffman tables out and mean the standard ones.
#[test]
fn jpeg_without_huffman_tables_is_decoded() {
    let (picture, _) = fixture("street_640x480.jpg");
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .write_image(
            &picture,
            picture.width(),
            picture.height(),
            image::ExtendedColorType::Rgb8,
        )
        .unwrap();
    let whole = decode(&bytes, &Limits::default()).unwrap();
    // Everything up to the first scan is segments: two bytes of marker, two of length.
    let (mut stripped, mut at) = (bytes[..2].to_vec(), 2);
    while bytes[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        if bytes[at + 1] != 0xC4 {
            stripped.extend_from_slice(&bytes[at..end]);
        }
        at = end;
    }
    stripped.extend_from_slice(&bytes[at..]);
    assert!(stripped.len() + 400 < bytes.len());
    assert_eq!(decode(&stripped, &Limits::default()).unwrap(), whole);
}

/// Where the caller names a region, its formats decide between `O` and `0`, `I` and `1`, however many there are.
#[test]
fn a_named_region_decides_between_glyph_twins() {
    let engine = |regions: &[&str], is_strict: bool| {
        Engine::builder()
            .options(
                EngineOptions::default()
                    .with_expected_regions(regions.iter().map(|code| code.parse().unwrap()))
                    .with_strict_regions(is_strict),
            )
            .detector(WhiteBox)
            .recognizer(Always("IIDIOIOI"))
            .build()
            .unwrap()
    };
    let mut picture = RgbImage::new(640, 360);
    imageops::replace(
        &mut picture,
        &RgbImage::from_pixel(80, 20, image::Rgb([255; 3])),
        200,
        200,
    );
    for (engine, expected) in [
        (engine(&[], false), "IIDIOIOI"),
        (engine(&["IE"], false), "11D10101"),
        (engine(&["IE"], true), "11D10101"),
        // No format of this region fits, whatever is exchanged.
        (engine(&["FR"], true), "IIDIOIOI"),
    ] {
        let reads = read(&engine, &picture);
        assert_eq!(texts(&reads), [expected]);
        assert_eq!(reads[0].raw_text, "IIDIOIOI");
    }
}
