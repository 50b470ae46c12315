//! Many sources, one engine and a fixed number of threads.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use clap::Args;
use jiff::Timestamp;
use platewarden::Engine;
use platewarden_video::{
    cameras::{CameraEvent, CameraId, CameraOptions, CameraPool, CameraStatistics, PoolOptions},
    source::display_name,
};

use super::{Arguments, Output, output::Camera};
use crate::{failure::AnyError, interrupt};

/// How many sources are watched; any of these makes a pool, of a single source too.
#[derive(Args)]
#[command(next_help_heading = "Many cameras")]
pub(super) struct PoolArguments {
    /// Threads that read frames; by default one for each core
    #[arg(long)]
    workers: Option<usize>,
    /// Longest time in milliseconds that a live frame waits before it is dropped [default: 500]
    #[arg(long)]
    max_latency: Option<u64>,
    /// Open each source this many times, to see how many cameras a machine bears
    #[arg(long, default_value_t = 1)]
    copies: usize,
    /// Stop after so many seconds
    #[arg(long)]
    seconds: Option<u64>,
    /// Seconds between two reports [default: 5]
    #[arg(long)]
    report: Option<u64>,
}

const REPORT: u64 = 5;
/// Longest wait for an event before the clock is looked at.
const PATIENCE: Duration = Duration::from_millis(200);

impl PoolArguments {
    /// Whether any of them was given.
    pub(super) fn is_given(&self) -> bool {
        self.workers.is_some()
            || self.max_latency.is_some()
            || self.copies > 1
            || self.seconds.is_some()
            || self.report.is_some()
    }
}

/// Watches all sources to their end, or until the time is up.
pub(super) fn watch(
    arguments: &Arguments,
    engine: Engine,
    output: &mut Output<'_>,
) -> Result<(), AnyError> {
    output.write_json();
    let mut options = PoolOptions::default();
    options.workers = arguments.pool.workers;
    let pool = CameraPool::new(engine, options)?;
    let names = add_cameras(arguments, &pool, output)?;
    let every = Duration::from_secs(arguments.pool.report.unwrap_or(REPORT).max(1));
    let limit = arguments.pool.seconds.map(Duration::from_secs);
    let start = Instant::now();
    let mut next_report = every;
    let mut is_out_of_time = false;
    loop {
        match pool.next_event(PATIENCE) {
            Some(event) => take(event, &names, output)?,
            None if pool.cameras().is_empty() => break,
            None => {}
        }
        output.tick();
        if start.elapsed() >= next_report {
            report(&pool, start.elapsed());
            next_report += every;
        }
        let is_over = interrupt::is_raised() || limit.is_some_and(|limit| start.elapsed() >= limit);
        if !is_out_of_time && is_over {
            // Vehicles in view are still reported.
            is_out_of_time = true;
            report(&pool, start.elapsed());
            for camera in pool.cameras() {
                pool.remove(camera);
            }
        }
    }
    output.summary();
    Ok(())
}

/// What is known of a camera.
struct Opened {
    name: String,
    start: Option<Timestamp>,
}

/// Opens the sources; says which could not be.
fn add_cameras(
    arguments: &Arguments,
    pool: &CameraPool,
    output: &mut Output<'_>,
) -> Result<HashMap<CameraId, Opened>, AnyError> {
    let mut options = CameraOptions::default().with_tracker(arguments.tracker_options());
    if let Some(milliseconds) = arguments.pool.max_latency {
        options = options.with_max_latency(Duration::from_millis(milliseconds));
    }
    let mut names = HashMap::new();
    for input in &arguments.sources {
        for _ in 0..arguments.pool.copies {
            match arguments.source.open(input) {
                Ok(source) => {
                    let opened = Opened {
                        name: display_name(input),
                        start: arguments.start_of(source.is_live())?,
                    };
                    let camera = pool.add(source, options.clone())?;
                    names.insert(camera, opened);
                }
                // One source that cannot be had is no reason to leave the others unread.
                Err(error) => output.fault(&error.to_string()),
            }
        }
    }
    if names.is_empty() {
        return Err("none of the sources could be opened".into());
    }
    Ok(names)
}

fn take(
    event: CameraEvent,
    names: &HashMap<CameraId, Opened>,
    output: &mut Output<'_>,
) -> Result<(), AnyError> {
    let number = event.camera().to_string();
    let opened = names.get(&event.camera());
    let name = opened.map_or("", |opened| opened.name.as_str());
    match event {
        CameraEvent::Pass { pass, .. } => {
            let camera = Camera {
                number: Some(&number),
                name,
                start: opened.and_then(|opened| opened.start),
            };
            output.pass(&pass, camera)?;
        }
        CameraEvent::FrameFailed { frame, error, .. } => {
            output.fault(&format!("camera {number} ({name}), frame {frame}: {error}"));
        }
        CameraEvent::SourceFailed { error, .. } => {
            output.fault(&format!("camera {number} ({name}): {error}"));
        }
        CameraEvent::Ended { statistics, .. } => eprintln!("ended: {}", line(&statistics)),
        _ => {}
    }
    Ok(())
}

fn report(pool: &CameraPool, elapsed: Duration) {
    let statistics = pool.statistics();
    let read: u64 = statistics.cameras.iter().map(|camera| camera.read).sum();
    let memory = resident_memory().map_or_else(String::new, |bytes| {
        format!("; {:.1} MB", bytes as f64 / 1e6)
    });
    eprintln!(
        "after {:.0} s: {} cameras, {read} frames read ({:.1} a second), {} waiting for a worker, {} waits for the reader \
         of the passes{memory}",
        elapsed.as_secs_f64(),
        statistics.cameras.len(),
        read as f64 / elapsed.as_secs_f64().max(0.001),
        statistics.ready,
        statistics.event_waits,
    );
    for camera in &statistics.cameras {
        eprintln!("  {}", line(camera));
    }
}

/// Bytes of memory that the process has, where the system says so (Linux).
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
