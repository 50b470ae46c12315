//! An engine that reads made-up frames, so that tests need no networks.
//!
//! A frame is grey; its first row tells what is in it: for each plate four bytes: the number of its text (from 1), and the
//! plate's left, top and width, in eighths of the frame's width.

#![allow(dead_code, reason = "not every test uses all of it")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may fail"
)]

use std::time::Duration;

use platewarden::frame::crop_rgb;
use platewarden::{
    Candidate, CharacterRead, Detection, Detector, Engine, EngineOptions, Error, Frame,
    PixelFormat, Quad, Reading, Recognizer, Rect, Result,
};
use platewarden_video::source::VideoFrame;

pub(crate) const WIDTH: u32 = 128;
pub(crate) const HEIGHT: u32 = 72;
pub(crate) const TEXTS: [&str; 4] = ["AB12CDE", "XY98ZWV", "KLM456", "B7042TX"];

/// A plate of a made-up frame: number of its text, left and top in pixels.
pub(crate) type Plate = (usize, u32, u32);

pub(crate) fn frame(plates: &[Plate], at: Duration) -> VideoFrame {
    let mut pixels = vec![0_u8; (WIDTH * HEIGHT) as usize];
    for (slot, &(text, left, top)) in plates.iter().enumerate() {
        pixels[4 * slot] = text as u8 + 1;
        pixels[4 * slot + 1] = left as u8;
        pixels[4 * slot + 2] = top as u8;
    }
    VideoFrame::new(pixels, PixelFormat::Gray8, WIDTH, HEIGHT, at).unwrap()
}

/// A vehicle that drives from left to right, then an empty road.
pub(crate) fn drive(text: usize, frames: u64) -> impl Iterator<Item = VideoFrame> + Send {
    (0..frames).map(move |n| {
        let left = 4 * n as u32;
        let plates: &[Plate] = &[(text, left, 30)];
        let seen = left < WIDTH - 20;
        frame(
            if seen { plates } else { &[] },
            Duration::from_millis(40 * n),
        )
    })
}

fn plates(frame: &Frame<'_>) -> Vec<Plate> {
    let Some(row) = crop_rgb(frame, &Rect::new(0.0, 0.0, WIDTH as f32, 1.0)) else {
        return Vec::new();
    };
    let bytes: Vec<u8> = row.pixels().map(|pixel| pixel.0[0]).collect();
    bytes
        .chunks_exact(4)
        .take_while(|slot| slot[0] > 0)
        .map(|slot| (slot[0] as usize - 1, u32::from(slot[1]), u32::from(slot[2])))
        .collect()
}

fn bounds((_, left, top): Plate) -> Rect {
    Rect::new(left as f32, top as f32, 20.0, 6.0)
}

/// Sees the plates that a frame tells of; a number beyond the texts makes it fail.
pub(crate) struct FakeDetector {
    /// How long each frame takes.
    pub(crate) delay: Duration,
}

impl Detector for FakeDetector {
    fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Detection>> {
        std::thread::sleep(self.delay);
        let plates = plates(frame);
        if plates.iter().any(|plate| plate.0 >= TEXTS.len()) {
            return Err(Error::inference("detector", "broken on purpose", "nothing"));
        }
        Ok(plates
            .into_iter()
            .map(|plate| Detection {
                quad: bounds(plate).to_quad(),
                bounds: bounds(plate),
                score: 0.9,
            })
            .collect())
    }
}

struct FakeRecognizer;

impl Recognizer for FakeRecognizer {
    fn recognize(&self, frame: &Frame<'_>, quads: &[Quad]) -> Result<Vec<Reading>> {
        let plates = plates(frame);
        Ok(quads
            .iter()
            .map(|quad| {
                let text = plates
                    .iter()
                    .find(|plate| bounds(**plate).to_quad() == *quad)
                    .map_or("", |plate| TEXTS[plate.0]);
                let characters = text
                    .chars()
                    .map(|symbol| CharacterRead::new(symbol, 0.99, Vec::new()))
                    .collect();
                Reading::new(
                    vec![Candidate::new(text, 0.95).with_characters(characters)],
                    0.0,
                )
            })
            .collect())
    }
}

pub(crate) fn engine(delay: Duration) -> Engine {
    let options = EngineOptions::default()
        .with_syntax(false)
        .with_min_plate_size((1.0, 1.0));
    Engine::builder()
        .options(options)
        .detector(FakeDetector { delay })
        .recognizer(FakeRecognizer)
        .build()
        .unwrap()
}

/// Whether `ffmpeg` can be run. Where `PLATEWARDEN_REQUIRE_FFMPEG` is set its lack is a failure, so that a build machine
/// cannot pass the tests by leaving them out.
pub(crate) fn has_ffmpeg() -> bool {
    let found = std::process::Command::new(platewarden_video::source::find_ffmpeg())
        .arg("-version")
        .stdout(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    assert!(
        found || std::env::var_os("PLATEWARDEN_REQUIRE_FFMPEG").is_none(),
        "ffmpeg is required and was not found"
    );
    if !found {
        eprintln!("left out: no ffmpeg");
    }
    found
}
