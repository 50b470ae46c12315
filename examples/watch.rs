//! Watches a video and prints one pass for each vehicle.
//!
//!     cargo run --release --example watch -- fixtures/data/clip
//!     cargo run --release --example watch -- gate.mp4
//!
//! Live cameras, hotlists, lines and evidence: `platewarden watch`.

use std::{env, error::Error, path::Path};

use platewarden::{Engine, percent};
use platewarden_video::source::{FfmpegOptions, FfmpegSource, FolderSource, FrameSource};
use platewarden_video::tracking::{Pass, PassReader, TrackerOptions};

/// Frames a second of a folder of numbered pictures.
const RATE: f64 = 12.5;

fn main() -> Result<(), Box<dyn Error>> {
    let input = env::args()
        .nth(1)
        .ok_or("name a video or a folder of pictures")?;
    let mut source: Box<dyn FrameSource> = if Path::new(&input).is_dir() {
        Box::new(FolderSource::open(&input, RATE)?)
    } else {
        // Whatever ffmpeg reads: files, addresses, devices.
        Box::new(FfmpegSource::open(&input, FfmpegOptions::default())?)
    };
    let mut reader = PassReader::new(Engine::new()?, TrackerOptions::default())?;
    while let Some(frame) = source.next_frame()? {
        reader.read(&frame)?.iter().for_each(print);
    }
    // Vehicles that were still in view.
    reader.finish().iter().for_each(print);
    Ok(())
}

fn print(pass: &Pass) {
    println!(
        "{} ({}) from {:.1} to {:.1} s, {} reads in {} frames",
        pass.text,
        percent(pass.confidence),
        pass.first_seen.as_secs_f64(),
        pass.last_seen.as_secs_f64(),
        pass.reads,
        pass.frames
    );
}
