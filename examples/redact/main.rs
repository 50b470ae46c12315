//! Makes the plates in pictures and videos unreadable.
//!
//!     cargo run --release --example redact -- street.jpg --out street-redacted.jpg
//!     cargo run --release --example redact -- gate.mp4 --out gate-redacted.mp4 --style blur
//!     cargo run --release --example redact -- gate.mp4 --out gate-redacted.mp4 --keep AB12CDE
//!
//! Pictures are written without EXIF and thumbnail; videos with their timestamps and their sound, through `ffmpeg`, without
//! metadata. `--keep` leaves the plates named readable: the place where a decision (see the crate `platewarden-policy`)
//! comes in. A plate that was found but not read for sure is always redacted.
//!
//! `--measure` redacts nothing: it tells how many labelled plates of a folder (`scenes/`, `scenes.csv`, `plates.csv` as for
//! the example `evaluate`) the areas would have covered, and how much else.
//!
//!     cargo run --release --example redact -- --measure ../shared/data --split dev
//!
//! Exit status: 0 all well, 1 something failed, 2 wrong usage.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Parser, ValueEnum};
use platewarden::{
    Backend, Detection, Engine, EngineOptions, Frame, Limits, PlateRead, decode,
    redact::{
        AudioTrack, RedactOptions, RedactStyle, VideoPlate, VideoRedactor, VideoWriter,
        VideoWriterOptions, areas_to_redact, find_plates, plates_to_keep, redact_image,
        redaction_engine,
    },
    video::{FfmpegOptions, FfmpegSource, FrameSource},
};

mod measure;

/// Make the plates in pictures and videos unreadable.
#[derive(Parser)]
struct Arguments {
    /// Picture or video
    #[arg(required_unless_present = "measure", requires = "out")]
    input: Option<PathBuf>,
    /// File to write; its ending tells the format
    #[arg(long)]
    out: Option<PathBuf>,
    /// What takes the place of a plate
    #[arg(long, value_enum, default_value = "fill")]
    style: Style,
    /// Plate to leave readable; may be given more than once
    #[arg(long, value_name = "PLATE")]
    keep: Vec<String>,
    /// Least confidence at which a plate is taken for one to keep
    #[arg(long, default_value_t = 0.9)]
    keep_confidence: f32,
    /// Least detection score to redact at: the lower, the fewer plates are missed and the more patches there are
    #[arg(long, default_value_t = RedactOptions::default().min_score)]
    min_score: f32,
    /// Search pictures only whole, not in four parts as well: a fifth of the time, and small plates are missed
    #[arg(long)]
    whole_only: bool,
    /// Share of the plate's width added at its left and right
    #[arg(long, default_value_t = RedactOptions::default().widen_x)]
    widen_x: f32,
    /// Share of the plate's height added above and below
    #[arg(long, default_value_t = RedactOptions::default().widen_y)]
    widen_y: f32,
    /// Encode the sound anew, where an MP4 file cannot hold it as it is
    #[arg(long)]
    encode_audio: bool,
    /// Replace the output file
    #[arg(long)]
    overwrite: bool,
    /// Manifest of the networks to run, instead of those that come with platewarden
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// Library that runs the networks: auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
    /// Folder of labelled pictures to measure the redaction on
    #[arg(long, value_name = "DIR", conflicts_with = "input")]
    measure: Option<PathBuf>,
    /// Split of that folder
    #[arg(long, default_value = "dev")]
    split: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    Fill,
    Pixelate,
    Blur,
}

type AnyError = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("redact: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), AnyError> {
    let mut engine_options = EngineOptions::default().with_backend(arguments.backend);
    if let Some(manifest) = &arguments.manifest {
        engine_options = engine_options.with_models(manifest);
    }
    let style = match arguments.style {
        Style::Fill => RedactStyle::default(),
        Style::Pixelate => RedactStyle::Pixelate,
        Style::Blur => RedactStyle::Blur,
    };
    let options = RedactOptions::default()
        .with_style(style)
        .with_min_score(arguments.min_score)
        .with_parts(!arguments.whole_only)
        .with_widening(arguments.widen_x, arguments.widen_y);
    let engine = redaction_engine(engine_options, &options)?;

    if let Some(folder) = &arguments.measure {
        return measure::measure(&engine, folder, &arguments.split, &options);
    }
    let (Some(input), Some(out)) = (&arguments.input, &arguments.out) else {
        return Err("name an input and an --out".into());
    };
    if out.exists() && !arguments.overwrite {
        return Err(format!(
            "{} exists; choose another name or pass --overwrite",
            out.display()
        )
        .into());
    }
    if is_picture(input) {
        picture(&engine, input, out, &options, arguments)
    } else {
        video(&engine, input, out, &options, arguments)
    }
}

fn is_picture(path: &Path) -> bool {
    let ending = path
        .extension()
        .and_then(OsStr::to_str)
        .unwrap_or_default()
        .to_ascii_lowercase();
    ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"].contains(&ending.as_str())
}

/// The plates of a frame and their reads; plates are read only where some are to be kept.
fn find(
    engine: &Engine,
    frame: &Frame<'_>,
    options: &RedactOptions,
    arguments: &Arguments,
) -> Result<(Vec<Detection>, Vec<PlateRead>), AnyError> {
    let plates = find_plates(engine, frame, options)?;
    let reads = if arguments.keep.is_empty() {
        Vec::new()
    } else {
        engine.recognize(frame, &plates)?
    };
    Ok((plates, reads))
}

fn is_kept(read: &PlateRead, arguments: &Arguments) -> bool {
    read.confidence >= arguments.keep_confidence && arguments.keep.contains(&read.text)
}

fn picture(
    engine: &Engine,
    input: &Path,
    out: &Path,
    options: &RedactOptions,
    arguments: &Arguments,
) -> Result<(), AnyError> {
    let bytes = std::fs::read(input)
        .map_err(|error| format!("cannot read {}: {error}", input.display()))?;
    let mut picture = decode(&bytes, &Limits::default())?;
    let (plates, reads) = find(engine, &Frame::from(&picture), options, arguments)?;
    let areas = areas_to_redact(&plates, &reads, |read| is_kept(read, arguments), options);
    redact_image(&mut picture, &areas, options.style);
    // Only pixels are written: the original's EXIF, thumbnail and colour profile are not carried along.
    picture
        .save(out)
        .map_err(|error| format!("cannot write {}: {error}", out.display()))?;
    eprintln!(
        "{}: {} areas redacted, {} kept",
        out.display(),
        areas.len(),
        plates.len() - areas.len()
    );
    Ok(())
}

fn video(
    engine: &Engine,
    input: &Path,
    out: &Path,
    options: &RedactOptions,
    arguments: &Arguments,
) -> Result<(), AnyError> {
    let mut source = FfmpegSource::open(input, FfmpegOptions::default())?;
    let audio = if arguments.encode_audio {
        AudioTrack::Encode(input.to_owned())
    } else {
        AudioTrack::Copy(input.to_owned())
    };
    let writer_options = VideoWriterOptions::default()
        .with_audio(audio)
        .with_overwrite(arguments.overwrite);
    let mut writer = VideoWriter::create(out, writer_options)?;
    let mut redactor = VideoRedactor::new(*options)?;
    let start = Instant::now();
    while let Some(frame) = source.next_frame()? {
        let (plates, reads) = find(engine, &frame.frame()?, options, arguments)?;
        let kept = plates_to_keep(&plates, &reads, |read| is_kept(read, arguments));
        let plates: Vec<VideoPlate> = plates
            .iter()
            .zip(kept)
            .map(|(plate, keep)| VideoPlate {
                keep,
                ..VideoPlate::from(plate)
            })
            .collect();
        for finished in redactor.push(frame, &plates) {
            writer.write(&finished)?;
        }
    }
    for finished in redactor.finish() {
        writer.write(&finished)?;
    }
    writer.finish()?;
    let statistics = redactor.statistics();
    eprintln!(
        "{}: {} frames ({:.1} a second), {} detections, {} areas redacted, {} more carried through frames that missed them",
        out.display(),
        statistics.frames,
        statistics.frames as f64 / start.elapsed().as_secs_f64().max(0.001),
        statistics.plates,
        statistics.areas,
        statistics.carried_areas
    );
    Ok(())
}
