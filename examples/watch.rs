//! Watches a video source and tells one pass for each vehicle, with its voted text.
//!
//!     cargo run --release --example watch -- gate.mp4
//!     cargo run --release --example watch -- rtsp://camera.example/stream --line gate:0,400,1280,400 > passes.jsonl
//!     cargo run --release --example watch -- frames/ --fps 10 --save-evidence evidence --hotlist stolen.csv
//!
//! The source is anything that `ffmpeg` reads (a file, an address, `/dev/video0`) or a folder of numbered pictures. Passes
//! go to standard output, one JSON object a line, with `"type": "pass"`; hits on a hotlist with `"type": "hit"`. On a
//! terminal the vehicles in view and the last passes are shown as a table. Statistics follow at the end.
//!
//! Exit status: 0 all well, 1 a frame, the source or a file failed, 2 wrong usage.

#![allow(
    clippy::indexing_slicing,
    reason = "assigning to a key of a JSON object inserts it"
)]

use std::{
    collections::{HashMap, VecDeque},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use jiff::Timestamp;
use platewarden::{
    Backend, Engine, EngineOptions, Point,
    hotlist::{Hit, Hotlist, PermitAll, Tolerance},
    tracking::{Line, Pass, PassReader, TrackRead, TrackerOptions, Zone},
    video::{
        Backoff, DropPolicy, FfmpegOptions, FfmpegSource, FolderSource, FrameSource, Pump,
        PumpOptions, Reconnecting, SourceError, SourceStatistics, Taken, display_name,
    },
};

/// Watch a video source and tell one pass for each vehicle.
#[derive(Parser)]
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
    let hotlists = load_hotlists(&arguments.hotlist)?;
    if let Some(folder) = &arguments.save_evidence {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }

    // The pump fetches frames in a thread of its own while others are read here.
    let source = open(arguments)?;
    let policy = if source.is_live() {
        DropPolicy::DropOldest
    } else {
        DropPolicy::Block
    };
    let pump = Pump::start(
        source,
        PumpOptions::default().with_policy(policy).with_capacity(4),
    );
    let mut output = Output::new(arguments, hotlists)?;
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

fn load_hotlists(files: &[PathBuf]) -> Result<Vec<Hotlist>, AnyError> {
    let mut lists = Vec::new();
    for file in files {
        let mut list = Hotlist::new(file.file_stem().unwrap_or_default().to_string_lossy());
        let report = list.load(file)?;
        for row in &report.rejected {
            eprintln!("watch: {}, row {}: {}", file.display(), row.row, row.reason);
        }
        eprintln!("watch: {} entries of {}", report.loaded, file.display());
        lists.push(list);
    }
    Ok(lists)
}

/// Where passes and hits go.
struct Output<'a> {
    arguments: &'a Arguments,
    hotlists: Vec<Hotlist>,
    tolerance: Tolerance,
    /// When each wanted plate was last told, for one vehicle is read many times.
    told: HashMap<String, Instant>,
    json: bool,
    terminal: bool,
    recent: VecDeque<String>,
    lines_drawn: usize,
    last_drawn: Instant,
    failed: bool,
}

impl<'a> Output<'a> {
    fn new(arguments: &'a Arguments, hotlists: Vec<Hotlist>) -> Result<Self, AnyError> {
        let tolerance = Tolerance::default().with_min_probability(arguments.min_match);
        tolerance.validate()?;
        Ok(Self {
            arguments,
            hotlists,
            tolerance,
            told: HashMap::new(),
            json: arguments.json || !io::stdout().is_terminal(),
            terminal: io::stderr().is_terminal(),
            recent: VecDeque::new(),
            lines_drawn: 0,
            last_drawn: Instant::now(),
            failed: false,
        })
    }

    fn pass(&mut self, pass: &Pass) -> io::Result<()> {
        let mut evidence = None;
        if let Some(folder) = &self.arguments.save_evidence {
            match pass.save_evidence(folder) {
                Ok(path) => evidence = path,
                // A full disk costs pictures, not passes.
                Err(error) => self.fault(&error.to_string()),
            }
        }
        self.remember(pass);
        let mut object = serde_json::to_value(pass)?;
        object["type"] = "pass".into();
        object["evidence"] = evidence.map(|path| path.display().to_string()).into();
        self.write(&object)?;
        // What is wanted for which purpose is for the law to say: `platewarden-policy` implements the check.
        let check = |list: &Hotlist| {
            list.check_pass(pass, Timestamp::now(), &self.tolerance, &PermitAll)
                .hits
        };
        let hits: Vec<Hit> = self.hotlists.iter().flat_map(check).collect();
        hits.iter().try_for_each(|hit| self.hit(hit))
    }

    /// Tells hits as soon as a plate is read, not only when its vehicle has gone.
    fn reads(&mut self, reader: &PassReader) -> io::Result<()> {
        const AGAIN: Duration = Duration::from_secs(60);
        for read in reader.reads() {
            let read = TrackRead::from(read);
            let check = |list: &Hotlist| {
                list.check(&read, Timestamp::now(), &self.tolerance, &PermitAll)
                    .hits
            };
            let hits: Vec<Hit> = self.hotlists.iter().flat_map(check).collect();
            for hit in &hits {
                let plate = hit.entry.plate().to_owned();
                let told_before = self.told.insert(plate, Instant::now());
                if told_before.is_none_or(|at| at.elapsed() > AGAIN) {
                    self.hit(hit)?;
                }
            }
        }
        Ok(())
    }

    fn hit(&mut self, hit: &Hit) -> io::Result<()> {
        if self.terminal {
            self.clear();
            eprintln!(
                "hit: read {} for {} ({:.0} %, {}): {}",
                hit.read,
                hit.entry.plate(),
                100.0 * hit.probability,
                hit.entry.reason(),
                hit.notice
            );
        }
        let mut object = serde_json::to_value(hit)?;
        object["type"] = "hit".into();
        self.write(&object)
    }

    fn write(&mut self, object: &serde_json::Value) -> io::Result<()> {
        if self.json {
            // One write a line, so that a reader at the other end of a pipe never sees half of one.
            io::stdout().write_all(format!("{object}\n").as_bytes())?;
        }
        Ok(())
    }

    fn fault(&mut self, message: &str) {
        self.failed = true;
        self.clear();
        eprintln!("watch: {message}");
    }

    fn remember(&mut self, pass: &Pass) {
        const KEPT: usize = 10;
        let crossings: Vec<String> = pass
            .crossings
            .iter()
            .map(|crossing| format!("{} {:?}", crossing.name, crossing.direction))
            .collect();
        self.recent.push_front(format!(
            "{:>9.1} s  {:<10} {:>3.0} %  {:<8} {:>3} reads in {:>4} frames  {}",
            pass.last_seen.as_secs_f64(),
            pass.text,
            100.0 * pass.confidence,
            format!("{:?}", pass.kind).to_lowercase(),
            pass.reads,
            pass.frames,
            crossings.join(", ")
        ));
        self.recent.truncate(KEPT);
    }

    /// Draws the table again, a few times a second.
    fn table(&mut self, reader: &PassReader, source: &SourceStatistics, elapsed: Duration) {
        const EVERY: Duration = Duration::from_millis(200);
        if !self.terminal || self.last_drawn.elapsed() < EVERY {
            return;
        }
        self.last_drawn = Instant::now();
        self.clear();
        let mut lines = vec![format!(
            "{} frames, {:.1} a second, {} dropped",
            source.delivered,
            source.delivered as f64 / elapsed.as_secs_f64().max(0.001),
            source.dropped
        )];
        lines.extend(reader.tracker().vehicles().take(8).map(|vehicle| {
            format!(
                "  in view  {:<10} {:>3.0} %  {}{}",
                vehicle.text,
                100.0 * vehicle.confidence,
                if vehicle.is_settled {
                    "settled"
                } else {
                    "reading"
                },
                if vehicle.is_parked { ", parked" } else { "" }
            )
        }));
        lines.extend(self.recent.iter().cloned());
        for line in &lines {
            eprintln!("{line}");
        }
        self.lines_drawn = lines.len();
    }

    /// Takes the table off the terminal.
    fn clear(&mut self) {
        for _ in 0..std::mem::take(&mut self.lines_drawn) {
            // One line up, and erase it.
            eprint!("\x1b[1A\x1b[2K");
        }
    }

    fn summary(
        &mut self,
        reader: &PassReader,
        source: &SourceStatistics,
        frames: u64,
        elapsed: Duration,
    ) {
        self.clear();
        if !self.json {
            for line in self.recent.iter().rev() {
                println!("{line}");
            }
        }
        let tracker = reader.tracker().statistics();
        eprintln!(
            "frames: {} decoded, {frames} read ({:.1} a second), {} dropped, {} damaged, {} decoder errors",
            source.decoded,
            frames as f64 / elapsed.as_secs_f64().max(0.001),
            source.dropped + source.discarded,
            source.damaged,
            source.decoder_errors
        );
        eprintln!(
            "source: {} reconnects, {} stalls, {} changes of size, {} jumps of time",
            source.reconnects, source.stalls, source.resolution_changes, source.timestamp_jumps
        );
        let share = 100.0 * tracker.reads_saved as f64 / (tracker.detections as f64).max(1.0);
        eprintln!(
            "plates: {} found, {} read, {} not read again ({share:.0} %); {} vehicles, {} passes",
            tracker.detections,
            tracker.reads,
            tracker.reads_saved,
            tracker.vehicles,
            tracker.passes
        );
    }
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
