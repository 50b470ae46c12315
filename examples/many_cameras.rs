//! Reads many cameras with one engine and a fixed number of threads.
//!
//!     cargo run --release --example many_cameras -- rtsp://gate-1.example/a rtsp://gate-2.example/b
//!     cargo run --release --example many_cameras -- a.mp4 b.mp4 c.mp4 d.mp4 --real-time --workers 2
//!     cargo run --release --example many_cameras -- a.mp4 --repeat --real-time --copies 4 --seconds 600 --report 10
//!
//! Passes go to standard output as JSON lines with the camera's number and name; what became of the frames follows every
//! few seconds on standard error: how many were read, dropped because others were due, and how long they waited, and on Linux
//! how much memory the process has. Live sources are opened again when they die, while the others go on.
//!
//! Exit status: 0 all well, 1 the engine could not be started, 2 wrong usage.

#![allow(
    clippy::indexing_slicing,
    reason = "assigning to a key of a JSON object inserts it"
)]

use std::{
    collections::HashMap,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use platewarden::{
    Backend, Engine, EngineOptions,
    cameras::{CameraEvent, CameraId, CameraOptions, CameraPool, CameraStatistics, PoolOptions},
    video::{
        Backoff, FfmpegOptions, FfmpegSource, FolderSource, FrameSource, Reconnecting, SourceError,
        display_name,
    },
};

/// Read many cameras with one engine.
#[derive(Parser)]
struct Arguments {
    /// Files, addresses or devices that ffmpeg reads, or folders of numbered pictures
    #[arg(required = true)]
    sources: Vec<String>,
    /// Threads that read frames; by default one for each core
    #[arg(long)]
    workers: Option<usize>,
    /// Longest time in milliseconds that a live frame waits before it is dropped
    #[arg(long, default_value_t = 500)]
    max_latency: u64,
    /// Open each source this many times, to see how many cameras a machine bears
    #[arg(long, default_value_t = 1)]
    copies: usize,
    /// Play files at their own pace and drop what cannot be read in time, as of cameras
    #[arg(long)]
    real_time: bool,
    /// Play files over and over
    #[arg(long)]
    repeat: bool,
    /// Frames a second of folders of pictures
    #[arg(long, default_value_t = 25.0)]
    fps: f64,
    /// Stop after so many seconds
    #[arg(long)]
    seconds: Option<u64>,
    /// Seconds between two reports
    #[arg(long, default_value_t = 5)]
    report: u64,
    /// Manifest of the networks to run, instead of those that come with platewarden
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// Library that runs the networks: auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
}

type AnyError = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("many_cameras: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), AnyError> {
    let mut options = EngineOptions::default().with_backend(arguments.backend);
    if let Some(manifest) = &arguments.manifest {
        options = options.with_models(manifest);
    }
    let mut pool_options = PoolOptions::default();
    pool_options.workers = arguments.workers;
    let pool = CameraPool::new(Engine::with_options(options)?, pool_options)?;

    let mut names: HashMap<CameraId, String> = HashMap::new();
    for input in &arguments.sources {
        for _ in 0..arguments.copies {
            let camera_options = CameraOptions::default()
                .with_max_latency(Duration::from_millis(arguments.max_latency));
            match open(input, arguments) {
                Ok(source) => {
                    let id = pool.add(source, camera_options)?;
                    names.insert(id, display_name(input));
                }
                // One source that cannot be had is no reason to leave the others unread.
                Err(error) => eprintln!("many_cameras: {error}"),
            }
        }
    }

    if names.is_empty() {
        return Err("none of the sources could be opened".into());
    }

    let start = Instant::now();
    let mut next_report = Duration::from_secs(arguments.report.max(1));
    let mut out_of_time = false;
    loop {
        match pool.next_event(Duration::from_millis(200)) {
            Some(event) => tell(event, &names)?,
            None if pool.cameras().is_empty() => break,
            None => {}
        }
        if start.elapsed() >= next_report {
            report(&pool, start.elapsed());
            next_report += Duration::from_secs(arguments.report.max(1));
        }
        if !out_of_time
            && arguments
                .seconds
                .is_some_and(|limit| start.elapsed() >= Duration::from_secs(limit))
        {
            // Vehicles in view are still told.
            out_of_time = true;
            report(&pool, start.elapsed());
            for camera in pool.cameras() {
                pool.remove(camera);
            }
        }
    }
    Ok(())
}

fn open(input: &str, arguments: &Arguments) -> Result<Box<dyn FrameSource>, SourceError> {
    if Path::new(input).is_dir() {
        return Ok(Box::new(FolderSource::open(input, arguments.fps)?));
    }
    let mut options = FfmpegOptions::default().with_real_time(arguments.real_time);
    if arguments.repeat {
        options = options.with_input_arguments(["-stream_loop", "-1"]);
    }
    let first = FfmpegSource::open(input, options.clone())?;
    if !first.is_live() || arguments.real_time {
        return Ok(Box::new(first));
    }
    let (mut first, address) = (Some(first), input.to_owned());
    Ok(Box::new(Reconnecting::new(
        display_name(input),
        Backoff::default(),
        move |stopper| match first.take() {
            Some(source) => Ok(source),
            None => FfmpegSource::open_with(address.as_ref(), options.clone(), stopper.clone()),
        },
    )))
}

fn tell(event: CameraEvent, names: &HashMap<CameraId, String>) -> io::Result<()> {
    let camera = event.camera();
    let name = names.get(&camera).map_or("", String::as_str);
    match event {
        CameraEvent::Pass { pass, .. } => {
            let mut object = serde_json::to_value(&pass)?;
            object["camera"] = camera.to_string().into();
            object["name"] = name.into();
            io::stdout().write_all(format!("{object}\n").as_bytes())?;
        }
        CameraEvent::FrameFailed { frame, error, .. } => {
            eprintln!("camera {camera} ({name}), frame {frame}: {error}")
        }
        CameraEvent::SourceFailed { error, .. } => eprintln!("camera {camera} ({name}): {error}"),
        CameraEvent::Ended { statistics, .. } => eprintln!("ended: {}", line(&statistics)),
        _ => {}
    }
    Ok(())
}

fn report(pool: &CameraPool, elapsed: Duration) {
    let statistics = pool.statistics();
    let read: u64 = statistics.cameras.iter().map(|camera| camera.read).sum();
    eprintln!(
        "after {:.0} s: {} cameras, {read} frames read ({:.1} a second), {} waiting for a worker, {} waits for the reader \
         of the passes{}",
        elapsed.as_secs_f64(),
        statistics.cameras.len(),
        read as f64 / elapsed.as_secs_f64().max(0.001),
        statistics.ready,
        statistics.event_waits,
        resident_memory().map_or_else(String::new, |bytes| format!(
            "; {:.1} MB",
            bytes as f64 / 1e6
        ))
    );
    for camera in &statistics.cameras {
        eprintln!("  {}", line(camera));
    }
}

/// Bytes of memory that the process has, where the system tells (Linux).
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}

fn line(camera: &CameraStatistics) -> String {
    format!(
        "camera {} ({}): {} decoded, {} read, {} dropped, {} failed; latency mean {:.0} ms, longest {:.0} ms; {} of {} plates not \
         read again; {} passes",
        camera.camera,
        camera.name,
        camera.source.decoded,
        camera.read,
        camera.source.dropped + camera.source.discarded,
        camera.failed,
        1000.0 * camera.mean_latency().as_secs_f64(),
        1000.0 * camera.longest_latency.as_secs_f64(),
        camera.tracker.reads_saved,
        camera.tracker.detections,
        camera.tracker.passes
    )
}
