//! Watches a video source and tells one pass for each vehicle, with its voted text.
//!
//!     cargo run --release --example watch -- gate.mp4
//!     cargo run --release --example watch -- rtsp://camera.example/stream --line gate:0,400,1280,400 > passes.jsonl
//!     cargo run --release --example watch -- frames/ --fps 10 --save-evidence evidence
//!     cargo run --release --example watch -- gate.mp4 --hotlist stolen.csv --jurisdiction US-IL --agency springfield-pd \
//!         --agency-kind local --accept-unverified-packs
//!
//! The source is anything that `ffmpeg` reads (a file, an address, `/dev/video0`) or a folder of numbered pictures. Passes
//! go to standard output, one JSON object a line, with `"type": "pass"`; hits on a hotlist with `"type": "hit"`. On a
//! terminal the vehicles in view and the last passes are shown as a table. Statistics follow at the end.
//!
//! A hotlist match is a search, and the law of the place says for which purposes it may be made. With `--hotlist` either name
//! who matches and where, so that the rule packs of `platewarden-policy` decide on each entry by its reason, or say
//! `--without-policy` and answer for every entry yourself. Entries that are withheld are counted at the end and never shown.
//! The packs are unverified engineering research, not legal advice.
//!
//! Exit status: 0 all well, 1 a frame, the source or a file failed, 2 wrong usage.

#![allow(
    clippy::indexing_slicing,
    reason = "assigning to a key of a JSON object inserts it"
)]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{CommandFactory, Parser, error::ErrorKind};
use platewarden::{
    Backend, Engine, EngineOptions, Point,
    hotlist::Tolerance,
    tracking::{Line, PassReader, TrackerOptions, Zone},
    video::{
        Backoff, DropPolicy, FfmpegOptions, FfmpegSource, FolderSource, FrameSource, Pump,
        PumpOptions, Reconnecting, SourceError, Taken, display_name,
    },
};

mod hotlists;
mod output;

use hotlists::PolicyArguments;
use output::Output;

/// Watch a video source and tell one pass for each vehicle.
#[derive(Parser)]
#[command(name = "watch")]
struct Arguments {
    /// File, address or device that ffmpeg reads, or a folder of numbered pictures
    source: String,
    /// Frames a second of a folder of pictures
    #[arg(long, default_value_t = 25.0)]
    fps: f64,
    /// Most frames a second to read; others are skipped
    #[arg(long)]
    max_rate: Option<f64>,
    /// Play a file at its own pace and drop what cannot be read in time, as of a camera
    #[arg(long)]
    real_time: bool,
    /// Folder to write a picture of each pass to
    #[arg(long, value_name = "DIR")]
    save_evidence: Option<PathBuf>,
    /// CSV or JSON file of wanted plates; may be given more than once
    #[arg(long, value_name = "FILE")]
    hotlist: Vec<PathBuf>,
    /// Least probability of a match with a wanted plate
    #[arg(long, default_value_t = Tolerance::default().min_probability)]
    min_match: f32,
    #[command(flatten)]
    policy: PolicyArguments,
    /// Line whose crossings are told, as NAME:X1,Y1,X2,Y2 in pixels; may be given more than once
    #[arg(long, value_parser = parse_line)]
    line: Vec<Line>,
    /// Zone whose crossings are told, as NAME:X1,Y1,X2,Y2,X3,Y3,... in pixels; may be given more than once
    #[arg(long, value_parser = parse_zone)]
    zone: Vec<Zone>,
    /// Seconds of standing still after which a vehicle is parked
    #[arg(long, default_value_t = 20.0, value_parser = parse_seconds)]
    parked_after: f64,
    /// Seconds within which the same plate is the same pass
    #[arg(long, default_value_t = 2.0, value_parser = parse_seconds)]
    merge_window: f64,
    /// Read plates in every frame, even those whose vote is settled
    #[arg(long)]
    read_always: bool,
    /// Manifest of the networks to run, instead of those that come with platewarden
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// Library that runs the networks: auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
    /// Write JSON lines even to a terminal
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if !arguments.hotlist.is_empty()
        && let Err(missing) = arguments.policy.check()
    {
        Arguments::command()
            .error(ErrorKind::MissingRequiredArgument, missing)
            .exit();
    }
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("watch: {error}");
            ExitCode::FAILURE
        }
    }
}

type AnyError = Box<dyn std::error::Error>;

/// Watches to the end; says whether nothing failed.
fn run(arguments: &Arguments) -> Result<bool, AnyError> {
    let mut options = EngineOptions::default().with_backend(arguments.backend);
    if let Some(manifest) = &arguments.manifest {
        options = options.with_models(manifest);
    }
    let engine = Engine::with_options(options)?;
    let mut reader = PassReader::new(engine, tracker_options(arguments))?;
    let hotlists = hotlists::load(&arguments.hotlist)?;
    let policy = if hotlists.is_empty() {
        hotlists::permit_all()
    } else {
        arguments.policy.load()?
    };
    if let Some(folder) = &arguments.save_evidence {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }

    // The pump fetches frames in a thread of its own while others are read here.
    let source = open(arguments)?;
    let drop_policy = if source.is_live() {
        DropPolicy::DropOldest
    } else {
        DropPolicy::Block
    };
    let pump = Pump::start(
        source,
        PumpOptions::default()
            .with_policy(drop_policy)
            .with_capacity(4),
    );
    let mut output = Output::new(arguments, hotlists, policy)?;
    let start = Instant::now();
    let mut frames_read = 0_u64;
    loop {
        match pump.take(Duration::from_millis(500)) {
            Taken::Frame(frame) => {
                match reader.read(&frame) {
                    Ok(passes) => {
                        frames_read += 1;
                        for pass in &passes {
                            output.pass(pass)?;
                        }
                    }
                    Err(error) => output.fault(&format!("frame {}: {error}", frame.index())),
                }
                output.reads(&reader)?;
            }
            Taken::Failed(error) => output.fault(&error.to_string()),
            Taken::Nothing => {}
            Taken::Ended => break,
        }
        output.table(&reader, &pump.statistics(), start.elapsed());
    }
    for pass in reader.finish() {
        output.pass(&pass)?;
    }
    output.summary(&reader, &pump.statistics(), frames_read, start.elapsed());
    Ok(!output.failed)
}

fn tracker_options(arguments: &Arguments) -> TrackerOptions {
    let mut options = TrackerOptions::default()
        .with_merge_window(Duration::from_secs_f64(arguments.merge_window))
        .with_skip_settled(!arguments.read_always);
    options.parked_after = Duration::from_secs_f64(arguments.parked_after);
    options.lines.clone_from(&arguments.line);
    options.zones.clone_from(&arguments.zone);
    options
}

/// A folder, a file, or a live source that is opened again when it dies.
fn open(arguments: &Arguments) -> Result<Box<dyn FrameSource>, SourceError> {
    let input = &arguments.source;
    if Path::new(input).is_dir() {
        return Ok(Box::new(FolderSource::open(input, arguments.fps)?));
    }
    let mut options = FfmpegOptions::default().with_real_time(arguments.real_time);
    options.max_rate = arguments.max_rate;
    let first = FfmpegSource::open(input, options.clone())?;
    if !first.is_live() || arguments.real_time {
        return Ok(Box::new(first));
    }
    let (mut first, input) = (Some(first), input.clone());
    let name = display_name(&input);
    Ok(Box::new(Reconnecting::new(
        name,
        Backoff::default(),
        move |stopper| match first.take() {
            Some(source) => Ok(source),
            None => FfmpegSource::open_with(input.as_ref(), options.clone(), stopper.clone()),
        },
    )))
}

fn parse_line(text: &str) -> Result<Line, String> {
    let (name, points) = parse_points(text)?;
    match points[..] {
        [from, to] => Line::new(name, from, to).map_err(|error| error.to_string()),
        _ => Err("expected two points: NAME:X1,Y1,X2,Y2".to_owned()),
    }
}

fn parse_zone(text: &str) -> Result<Zone, String> {
    let (name, points) = parse_points(text)?;
    Zone::new(name, points).map_err(|error| error.to_string())
}

fn parse_points(text: &str) -> Result<(String, Vec<Point>), String> {
    let (name, list) = text.split_once(':').ok_or("expected NAME:X1,Y1,X2,Y2")?;
    let numbers = list
        .split(',')
        .map(|number| {
            number
                .trim()
                .parse::<f32>()
                .map_err(|_| format!("`{number}` is no number"))
        })
        .collect::<Result<Vec<f32>, String>>()?;
    if numbers.len() % 2 != 0 {
        return Err("expected an even count of numbers".to_owned());
    }
    let point = |pair: &[f32]| match pair {
        &[x, y] => Some(Point::new(x, y)),
        _ => None,
    };
    let points = numbers.chunks_exact(2).filter_map(point).collect();
    Ok((name.to_owned(), points))
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=1e6).contains(&seconds) => Ok(seconds),
        _ => Err("expected a number of seconds from 0 to 1,000,000".to_owned()),
    }
}
