//! Reads one frame as soon as it can, then many, and says on standard output as JSON what that took. Run by the bench
//! `hot_path`; a process of its own, because start and memory belong to a process.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;
use platewarden::{Backend, Engine, EngineOptions, Frame};
use platewarden_benches::{
    Outcome,
    process::{OneProcess, peak_mb},
};

#[derive(Parser)]
struct Arguments {
    /// auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
    /// Threads that read the frames after the first
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Frames read after the first
    #[arg(long, default_value_t = 40)]
    frames: usize,
    /// When the process was started, in microseconds since 1970; now, where not given
    #[arg(long)]
    started: Option<u64>,
}

/// A frame of 1280x720 with one plate. A file: to draw one would take longer than everything else.
const PICTURE: &[u8] = include_bytes!("../../../fixtures/data/night_1280x720.jpg");

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64)
}

fn main() -> Outcome {
    let begun = now_us();
    let arguments = Arguments::parse();
    let started = arguments.started.unwrap_or(begun);
    let ms = |until: u64| until.saturating_sub(started) as f64 / 1e3;
    // A camera's frame comes without a file to decode, so decoding is left out of the time to the first read.
    let decoding = now_us();
    let image = platewarden::decode(PICTURE, &platewarden::Limits::default())?;
    let decoded = now_us() - decoding;
    let engine = Engine::with_options(
        EngineOptions::default()
            .with_backend(arguments.backend)
            .with_threads(arguments.threads),
    )?;
    let built = now_us() - decoded;
    let plates = engine.read(&Frame::from(&image))?.len();
    let first = now_us() - decoded;
    let first_read_mb = peak_mb().unwrap_or(f64::NAN);
    let frames = vec![&image; arguments.frames];
    for read in engine.read_batch(&frames) {
        read?;
    }
    let report = OneProcess {
        first_read_ms: ms(first),
        built_ms: ms(built),
        first_read_mb,
        threads: arguments.threads,
        peak_mb: peak_mb().unwrap_or(f64::NAN),
        plates,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
