//! Reads every picture of a labelled folder and writes the predictions that a scoring script compares with the labels.
//!
//!     cargo run --release --example evaluate -- --data ../shared/data --split dev --out predictions.jsonl
//!     python3 ../shared/eval/score.py predictions.jsonl
//!
//! The folder holds `scenes/` with the pictures, `scenes.csv` (columns `file` and `split`) and, for `--boxes truth`,
//! `plates.csv` (columns `file`, `x1`, `y1`, `x2`, `y2`, `corners`). Each line written is one picture:
//!
//!     {"image": "a.jpg", "ms": 9.1, "plates": [{"bbox": [x, y, w, h], "score": 0.97, "text": "ABC123",
//!      "confidence": 0.93, "candidates": ["ABC123", "A8C123"]}]}
//!
//! `bbox` is in pixels of the picture, and `ms` is the processor time that the picture took, decoding left out.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use cpu_time::ProcessTime;
use platewarden::{
    Backend, Detection, Engine, EngineOptions, Error, Frame, Limits, PlateRead, Point, Quad, Rect,
    decode,
};
use serde::{Deserialize, Serialize};

/// Read every picture of a labelled folder and write predictions as JSON lines.
#[derive(Parser)]
struct Arguments {
    /// Folder with scenes/, scenes.csv and plates.csv
    #[arg(long)]
    data: PathBuf,
    /// Split to read, as named in scenes.csv
    #[arg(long, default_value = "dev")]
    split: String,
    /// File to write the predictions to
    #[arg(long)]
    out: PathBuf,
    /// Manifest of the networks to run, instead of those that come with platewarden
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// Pictures read at the same time; with more than one, `ms` is the mean of those read together
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: u16,
    /// Library that runs the networks: auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
    /// Where plates are read: where the detector finds them, or in the labelled boxes, to judge the recogniser alone
    #[arg(long, value_enum, default_value = "detector")]
    boxes: Boxes,
    /// Leave registration formats out of the ranking of texts
    #[arg(long)]
    no_syntax: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Boxes {
    Detector,
    Truth,
}

/// A row of scenes.csv; its other columns are not needed here.
#[derive(Deserialize)]
struct Scene {
    file: String,
    split: String,
}

/// A row of plates.csv; its other columns are not needed here.
#[derive(Deserialize)]
struct Plate {
    file: String,
    x1: f32,
    y1: f32,
    x2: f32,
    y2: f32,
    #[serde(default)]
    corners: String,
}

/// A line of the output.
#[derive(Serialize)]
struct Prediction<'a> {
    image: &'a str,
    ms: f64,
    plates: Vec<PlatePrediction>,
}

#[derive(Serialize)]
struct PlatePrediction {
    bbox: [f32; 4],
    score: f32,
    text: String,
    confidence: f32,
    candidates: Vec<String>,
}

fn main() -> ExitCode {
    match evaluate(&Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("{failed} pictures could not be read; they count as pictures without plates");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the predictions; returns the number of pictures that failed.
fn evaluate(arguments: &Arguments) -> Result<usize, Box<dyn std::error::Error>> {
    let mut options = EngineOptions::default()
        .with_backend(arguments.backend)
        .with_threads(arguments.threads.into())
        .with_syntax(!arguments.no_syntax);
    options.models.clone_from(&arguments.manifest);
    let engine = Engine::with_options(options)?;
    if let Some(backend) = engine.backend() {
        eprintln!("networks run on {backend}");
    }
    engine.warm_up()?;

    let scenes: Vec<Scene> = read_csv(&arguments.data.join("scenes.csv"))?;
    let scenes: Vec<&str> = scenes
        .iter()
        .filter(|scene| scene.split == arguments.split)
        .map(|scene| scene.file.as_str())
        .collect();
    if scenes.is_empty() {
        return Err(format!(
            "{} has no pictures of split `{}`",
            arguments.data.display(),
            arguments.split
        )
        .into());
    }
    let truth = match arguments.boxes {
        Boxes::Truth => Some(labelled_plates(
            &arguments.data.join("plates.csv"),
            &scenes,
        )?),
        Boxes::Detector => None,
    };

    let out = File::create(&arguments.out).map_err(Error::io("create", &arguments.out))?;
    let mut out = BufWriter::new(out);
    let (mut failed, mut total) = (0, 0.0);
    // Pictures are decoded first and read afterwards, so that the clock sees reading alone. With one thread, one by one.
    for names in
        scenes.chunks(usize::from(arguments.threads) * if arguments.threads == 1 { 1 } else { 4 })
    {
        let pictures: Vec<_> = names
            .iter()
            .map(|name| picture(&arguments.data.join("scenes").join(name)))
            .collect();
        let started = ProcessTime::now();
        let results: Vec<Result<Vec<PlateRead>, Error>> = match &truth {
            None => {
                let frames: Vec<Frame<'_>> = pictures.iter().flatten().map(Frame::from).collect();
                engine.read_batch(&frames)
            }
            Some(truth) => names
                .iter()
                .zip(&pictures)
                .filter_map(|(name, picture)| Some((*name, picture.as_ref().ok()?)))
                .map(|(name, picture)| {
                    let plates = truth.get(name).map(Vec::as_slice).unwrap_or_default();
                    engine.recognize(&Frame::from(picture), plates)
                })
                .collect(),
        };
        let ms = 1e3 * started.elapsed().as_secs_f64() / results.len().max(1) as f64;
        let mut results = results.into_iter();
        for (name, picture) in names.iter().zip(&pictures) {
            let reads = match picture {
                Ok(_) => results
                    .next()
                    .unwrap_or_else(|| Ok(Vec::new()))
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            let reads = reads.unwrap_or_else(|error| {
                eprintln!("{name}: {error}");
                failed += 1;
                Vec::new()
            });
            total += ms;
            let plates = reads.into_iter().map(PlatePrediction::from).collect();
            serde_json::to_writer(
                &mut out,
                &Prediction {
                    image: name,
                    ms,
                    plates,
                },
            )?;
            out.write_all(b"\n")
                .map_err(Error::io("write", &arguments.out))?;
        }
    }
    out.flush().map_err(Error::io("write", &arguments.out))?;
    eprintln!(
        "{} pictures, {:.1} ms of processor time each",
        scenes.len(),
        total / scenes.len() as f64
    );
    Ok(failed)
}

impl From<PlateRead> for PlatePrediction {
    fn from(read: PlateRead) -> Self {
        let Rect {
            x,
            y,
            width,
            height,
        } = read.bounds;
        Self {
            bbox: [x, y, width, height],
            score: read.detection_score,
            text: read.text,
            confidence: read.confidence,
            candidates: read
                .candidates
                .into_iter()
                .map(|candidate| candidate.text)
                .collect(),
        }
    }
}

fn picture(path: &Path) -> Result<image::RgbImage, Error> {
    decode(
        &fs::read(path).map_err(Error::io("read", path))?,
        &Limits::default(),
    )
}

/// The labelled plates of each picture, as if a detector had found them.
fn labelled_plates(
    path: &Path,
    scenes: &[&str],
) -> Result<HashMap<String, Vec<Detection>>, Box<dyn std::error::Error>> {
    let wanted: HashSet<&str> = scenes.iter().copied().collect();
    let mut plates: HashMap<String, Vec<Detection>> = HashMap::new();
    for plate in read_csv::<Plate>(path)?
        .into_iter()
        .filter(|plate| wanted.contains(plate.file.as_str()))
    {
        let bounds = Rect::from_edges(plate.x1, plate.y1, plate.x2, plate.y2);
        let numbers: Vec<f32> = plate
            .corners
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let quad = match numbers[..] {
            // Corners are known for some sources alone.
            [ax, ay, bx, by, cx, cy, dx, dy] => Quad::new(
                Point::new(ax, ay),
                Point::new(bx, by),
                Point::new(cx, cy),
                Point::new(dx, dy),
            ),
            _ => bounds.to_quad(),
        };
        plates.entry(plate.file).or_default().push(Detection {
            quad,
            bounds,
            score: 1.0,
        });
    }
    Ok(plates)
}

fn read_csv<T: serde::de::DeserializeOwned>(
    path: &Path,
) -> Result<Vec<T>, Box<dyn std::error::Error>> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    Ok(csv::Reader::from_reader(file)
        .deserialize()
        .collect::<Result<_, _>>()?)
}
