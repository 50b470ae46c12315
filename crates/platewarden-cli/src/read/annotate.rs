//! Pictures with plates, texts and confidences drawn into them.

use std::{
    collections::HashMap,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use ab_glyph::{FontRef, PxScale};
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use imageproc::{
    drawing::{draw_filled_rect_mut, draw_polygon_mut, draw_text_mut, text_size},
    point::Point as PixelPoint,
    rect::Rect as PixelRect,
};
use platewarden::{PlateRead, Point, percent};

use super::sources::{Picture, Source};
use crate::failure::{AnyError, about};

/// The font of the labels, with its licence beside it.
const FONT: &[u8] = include_bytes!("../../assets/B612Mono-Bold.otf");
const QUALITY: u8 = 90;

/// Draws reads into pictures and saves them.
#[derive(Default)]
pub(super) struct Annotator {
    /// How often each name was used, so that pictures of the same name from different folders do not collide.
    names: HashMap<PathBuf, usize>,
}

impl Annotator {
    /// Saves a picture with its reads drawn into it.
    pub(super) fn save(
        &mut self,
        picture: &Picture,
        reads: &[PlateRead],
        folder: &Path,
    ) -> Result<(), AnyError> {
        let stem = match &picture.source {
            Source::File(path) => path.file_stem().unwrap_or_default().to_os_string(),
            Source::StandardInput => "stdin".into(),
        };
        let count = self.names.entry(PathBuf::from(&stem)).or_insert(0);
        *count += 1;
        // Never the name of the picture itself: the folder may be the one that it comes from.
        let mut name = stem;
        name.push(if *count == 1 {
            "-plates.jpg".to_owned()
        } else {
            format!("-plates-{count}.jpg")
        });
        let path = folder.join(name);

        let mut drawn = picture.image().clone();
        for read in reads {
            draw(&mut drawn, read)?;
        }
        let mut bytes = Cursor::new(Vec::new());
        drawn
            .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))
            .map_err(about("encode", &path))?;
        fs::write(&path, bytes.into_inner()).map_err(about("write", &path))
    }
}

const GREEN: Rgb<u8> = Rgb([0, 200, 83]);
const BLACK: Rgb<u8> = Rgb([0, 0, 0]);
const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// Draws one read: the plate's outline and a label with text and confidence, of a size that suits the picture.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pictures are far below 2^24 pixels wide"
)]
fn draw(image: &mut RgbImage, read: &PlateRead) -> Result<(), AnyError> {
    let (width, height) = image.dimensions();
    let side = width.min(height) as f32;
    let (line, letters) = ((side / 240.0).max(2.0), (side / 22.0).clamp(14.0, 160.0));

    // A black outline around the coloured one keeps it visible on any background.
    for (color, thickness) in [(BLACK, line * 2.0), (GREEN, line)] {
        for (from, to) in read.corners.iter().zip(read.corners.iter().cycle().skip(1)) {
            draw_line(image, *from, *to, thickness, color);
        }
    }

    label(image, read, line, letters)
}

/// Writes text and confidence above the plate where there is room, else below; always within the picture.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pictures are far below 2^24 pixels wide"
)]
fn label(image: &mut RgbImage, read: &PlateRead, line: f32, letters: f32) -> Result<(), AnyError> {
    let (width, height) = image.dimensions();
    let font = FontRef::try_from_slice(FONT)?;
    let label = match read.text.as_str() {
        "" => "?".to_owned(),
        text => format!("{text} {}", percent(read.confidence)),
    };
    let scale = PxScale::from(letters);
    let (text_width, _) = text_size(scale, &font, &label);
    let margin = (letters / 5.0) as i32;
    let (box_width, box_height) = (text_width as i32 + 2 * margin, letters as i32 + margin);
    let above = read.bounds.y - line * 2.0 - box_height as f32;
    let top = if above >= 0.0 {
        above
    } else {
        read.bounds.bottom() + line * 2.0
    };
    let left = (read.bounds.x as i32).min(width as i32 - box_width).max(0);
    let top = (top as i32).min(height as i32 - box_height).max(0);
    if box_width > 0 && box_height > 0 {
        draw_filled_rect_mut(
            image,
            PixelRect::at(left, top).of_size(box_width as u32, box_height as u32),
            BLACK,
        );
        draw_text_mut(
            image,
            WHITE,
            left + margin,
            top + margin / 2,
            scale,
            &font,
            &label,
        );
    }
    Ok(())
}

/// A line of some thickness, as the polygon it covers.
#[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn draw_line(image: &mut RgbImage, from: Point, to: Point, thickness: f32, color: Rgb<u8>) {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx.hypot(dy);
    if !(length > 0.0) {
        return;
    }
    // Half the thickness along the line and across it, so that the ends of two lines meet in a full corner.
    let (ax, ay) = (dx / length * thickness / 2.0, dy / length * thickness / 2.0);
    let corner = |x: f32, y: f32| PixelPoint::new(x.round() as i32, y.round() as i32);
    let mut polygon = vec![
        corner(from.x - ax - ay, from.y - ay + ax),
        corner(to.x + ax - ay, to.y + ay + ax),
        corner(to.x + ax + ay, to.y + ay - ax),
        corner(from.x - ax + ay, from.y - ay - ax),
    ];
    polygon.dedup();
    // `draw_polygon_mut` wants an open outline of at least three corners.
    if polygon.len() >= 3 && polygon.first() != polygon.last() {
        draw_polygon_mut(image, &polygon, color);
    }
}
