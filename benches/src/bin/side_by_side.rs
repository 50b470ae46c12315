//! Ours beside others on the same frames, by turns in one run: FastALPR's own Python code, and our own networks on every
//! backend and in both precisions. Prints ratios, which hold on any machine; the milliseconds hold on this one.
//!
//! `cargo run --release -p platewarden-benches --bin side_by_side`
//!
//! FastALPR takes part where its weights lie in `../shared/peers` and the Python of `--python` has the packages
//! `fast-plate-ocr`, `open-image-models`, `onnxruntime` and `opencv-python-headless`; else the run says so and goes on
//! without it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use clap::Parser;
use cpu_time::ProcessTime;
use platewarden::{Backend, Engine, EngineOptions, Frame, PixelFormat, Precision};
use platewarden_benches::{
    Outcome,
    artefact::{processor, publish, table},
    hot_path::median,
    pictures::Picture,
    runtime,
    traffic::{HD, Traffic},
};
use serde::{Deserialize, Serialize};

#[derive(Parser)]
struct Arguments {
    /// Rounds; in each, every system reads all frames
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Folder with FastALPR's weights
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/peers"))]
    peers: PathBuf,
    /// Python that has FastALPR's packages
    #[arg(long, env = "PLATEWARDEN_PEER_PYTHON", default_value = "python3")]
    python: PathBuf,
    /// Pictures to read instead of synthetic frames of 1280x720 with one plate each
    pictures: Vec<PathBuf>,
}

/// One round of one system.
#[derive(Clone, Copy, Deserialize)]
struct Round {
    cpu_ms: f64,
    wall_ms: f64,
    plates: usize,
}

/// Something that reads all frames on request.
trait System {
    fn name(&self) -> String;
    fn round(&mut self) -> Outcome<Round>;
}

struct Ours<'a> {
    name: String,
    engine: Engine,
    frames: Vec<Frame<'a>>,
}

impl<'a> Ours<'a> {
    fn new(
        name: &str,
        backend: Backend,
        precision: Precision,
        frames: &[Frame<'a>],
    ) -> Outcome<Self> {
        let options = EngineOptions::default()
            .with_backend(backend)
            .with_precision(precision);
        Ok(Self {
            name: name.to_owned(),
            engine: Engine::with_options(options)?,
            frames: frames.to_vec(),
        })
    }
}

impl System for Ours<'_> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn round(&mut self) -> Outcome<Round> {
        let (cpu, wall) = (ProcessTime::now(), Instant::now());
        let mut plates = 0;
        for frame in &self.frames {
            plates += self.engine.read(frame)?.len();
        }
        Ok(Round {
            cpu_ms: 1e3 * cpu.elapsed().as_secs_f64(),
            wall_ms: 1e3 * wall.elapsed().as_secs_f64(),
            plates,
        })
    }
}

/// FastALPR in a process of its own, which reads a round for every line it is sent.
struct FastAlpr {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl FastAlpr {
    /// `Err` says why it takes no part.
    fn start(python: &Path, peers: &Path, frames: &Path) -> Outcome<Self> {
        if !peers.is_dir() {
            return Err(format!("its weights are not in {}", peers.display()).into());
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peer/fastalpr.py");
        let mut process = Command::new(python)
            .arg(script)
            .arg("--peers")
            .arg(peers)
            .arg(frames)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", python.display()))?;
        let requests = process.stdin.take().ok_or("no way to ask it")?;
        let mut answers = BufReader::new(process.stdout.take().ok_or("no way to hear it")?);
        let mut ready = String::new();
        answers.read_line(&mut ready)?;
        if ready.trim() == "ready" {
            return Ok(Self {
                process,
                requests,
                answers,
            });
        }
        let output = process.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        Err(said
            .lines()
            .last()
            .unwrap_or("it said nothing")
            .to_owned()
            .into())
    }
}

impl System for FastAlpr {
    fn name(&self) -> String {
        "FastALPR (YOLOv9-t-416, CCT-XS v2)".to_owned()
    }

    fn round(&mut self) -> Outcome<Round> {
        writeln!(self.requests, "round")?;
        self.requests.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for FastAlpr {
    fn drop(&mut self) {
        // It ends by itself when nobody asks any more; this makes sure.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Serialize)]
struct Row {
    system: String,
    cpu_ms: f64,
    wall_ms: f64,
    plates: f64,
    /// Processor time as a multiple of the first system's, round by round.
    ratio: f64,
}

fn frames(arguments: &Arguments) -> Outcome<Vec<Picture>> {
    if arguments.pictures.is_empty() {
        return Ok(Traffic::new(HD, PixelFormat::Bgr8)?
            .sequence(100)
            .into_iter()
            .cloned()
            .collect());
    }
    arguments
        .pictures
        .iter()
        .map(|path| {
            let image = platewarden::decode(&fs::read(path)?, &platewarden::Limits::default())?;
            Ok(Picture::from_rgb(&image, PixelFormat::Bgr8))
        })
        .collect()
}

/// Writes the frames as Python reads them: for each its width and height as 32-bit integers, then its pixels, BGR.
fn write_frames(path: &Path, pictures: &[Picture]) -> Outcome {
    let mut out = std::io::BufWriter::new(fs::File::create(path)?);
    for picture in pictures {
        let (width, height) = picture.size();
        out.write_all(&width.to_le_bytes())?;
        out.write_all(&height.to_le_bytes())?;
        out.write_all(picture.bytes())?;
    }
    Ok(out.flush()?)
}

fn main() -> Outcome {
    let arguments = Arguments::parse();
    let pictures = frames(&arguments)?;
    let frames = pictures
        .iter()
        .map(Picture::frame)
        .collect::<platewarden::Result<Vec<_>>>()?;
    let raw = std::env::temp_dir().join(format!(
        "platewarden-side-by-side-{}.raw",
        std::process::id()
    ));
    write_frames(&raw, &pictures)?;

    let mut systems: Vec<Box<dyn System + '_>> = Vec::new();
    if runtime::is_available() {
        let (int8, fp32) = (
            ("ours, ONNX Runtime, INT8", Precision::Int8),
            ("ours, ONNX Runtime, fp32", Precision::Fp32),
        );
        // First what the engine takes by itself on this processor.
        let systems_here = match runtime::precision()? {
            Precision::Fp32 => [fp32, int8],
            _ => [int8, fp32],
        };
        for (name, precision) in systems_here {
            systems.push(Box::new(Ours::new(
                name,
                Backend::OnnxRuntime,
                precision,
                &frames,
            )?));
        }
    } else {
        println!("without ONNX Runtime, which was not found: `pip install onnxruntime`");
    }
    for (name, precision) in [
        ("ours, embedded, fp32", Precision::Fp32),
        ("ours, embedded, INT8", Precision::Int8),
    ] {
        systems.push(Box::new(Ours::new(
            name,
            Backend::Embedded,
            precision,
            &frames,
        )?));
    }
    match FastAlpr::start(&arguments.python, &arguments.peers, &raw) {
        Ok(peer) => systems.push(Box::new(peer)),
        Err(reason) => println!("without FastALPR: {reason}"),
    }
    fs::remove_file(&raw)?;

    let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); systems.len()];
    for number in 0..=arguments.rounds {
        for (system, rounds) in systems.iter_mut().zip(&mut rounds) {
            let round = system.round()?;
            // The first round warms up.
            if number > 0 {
                rounds.push(round);
            }
        }
    }

    let count = frames.len() as f64;
    let first: Vec<f64> = rounds
        .first()
        .into_iter()
        .flatten()
        .map(|round| round.cpu_ms)
        .collect();
    let rows: Vec<Row> = systems
        .iter()
        .zip(&rounds)
        .map(|(system, rounds)| Row {
            system: system.name(),
            cpu_ms: median(rounds.iter().map(|round| round.cpu_ms / count).collect()),
            wall_ms: median(rounds.iter().map(|round| round.wall_ms / count).collect()),
            plates: rounds
                .last()
                .map_or(0.0, |round| round.plates as f64 / count),
            ratio: median(
                rounds
                    .iter()
                    .zip(&first)
                    .map(|(round, first)| round.cpu_ms / first)
                    .collect(),
            ),
        })
        .collect();
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            [
                row.system.clone(),
                format!("{:.2}", row.cpu_ms),
                format!("{:.2}", row.wall_ms),
                format!("{:.1}", row.plates),
                format!("{:.2}", row.ratio),
            ]
        })
        .collect();
    let markdown = format!(
        "Side by side on {}: {} frames, {} rounds by turns, one thread each\n\n{}",
        processor(),
        frames.len(),
        arguments.rounds,
        table(
            [
                "system",
                "ms CPU a frame",
                "ms wall",
                "plates a frame",
                "times the first"
            ],
            &cells
        )
    );
    publish("side_by_side", &markdown, &rows)
}
