//! `platewarden redact`: plates in pictures and videos made unreadable.

mod measure;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Args, ValueEnum};
use platewarden::{Detection, Engine, Frame, PlateRead};
use platewarden_video::{
    redact::{
        AudioTrack, RedactOptions, RedactStyle, VideoPlate, VideoRedactor, VideoWriter,
        VideoWriterOptions, areas_to_redact, find_plates, plates_to_keep, redact_image,
        redaction_engine,
    },
    source::{FfmpegOptions, FfmpegSource, FrameSource},
};

use crate::{
    engine::EngineArguments,
    failure::{AnyError, Outcome, UsageError, about},
    picture::{self, is_picture},
};

/// Make the plates in pictures and videos unreadable
///
/// Pictures are written without EXIF and thumbnail; videos with their timestamps and their sound, through ffmpeg, without
/// metadata. --keep leaves the plates named readable: the place where a decision comes in. A plate that was found but not
/// read for sure is always redacted.
///
/// --measure redacts nothing: it says how many labelled plates of a folder (as for `platewarden evaluate`) the areas would
/// have covered, and how much else.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden redact street.jpg --out street-redacted.jpg
  platewarden redact gate.mp4 --out gate-redacted.mp4 --style blur
  platewarden redact gate.mp4 --out gate-redacted.mp4 --keep AB12CDE
  platewarden redact --measure photographs --split dev

Exit status: 0 all well, 1 something failed, 2 wrong usage.")]
pub(crate) struct Arguments {
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
    #[command(flatten)]
    engine: EngineArguments,
    /// Folder of labelled pictures to measure the redaction on
    #[arg(long, value_name = "DIR", conflicts_with = "input")]
    measure: Option<PathBuf>,
    /// Split of that folder [default: all pictures]
    #[arg(long, requires = "measure")]
    split: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    Fill,
    Pixelate,
    Blur,
}

/// Redacts the input, or measures.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
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
    let engine = redaction_engine(arguments.engine.options(), &options)?;

    if let Some(folder) = &arguments.measure {
        measure::measure(&engine, folder, arguments.split.as_deref(), &options)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (Some(input), Some(out)) = (&arguments.input, &arguments.out) else {
        return Err(Box::new(UsageError("name an input and an --out".into())));
    };
    if out.exists() && !arguments.overwrite {
        let problem = "exists; choose another name or pass --overwrite";
        return Err(format!("{} {problem}", out.display()).into());
    }
    if is_picture(input) {
        redact_picture(&engine, input, out, &options, arguments)?;
    } else {
        redact_video(&engine, input, out, &options, arguments)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The plates of a frame and their reads; plates are read only where some are to be kept.
fn find(
    engine: &Engine,
    frame: &Frame<'_>,
    options: &RedactOptions,
    arguments: &Arguments,
) -> Result<(Vec<Detection>, Vec<Option<PlateRead>>), AnyError> {
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

fn redact_picture(
    engine: &Engine,
    input: &Path,
    out: &Path,
    options: &RedactOptions,
    arguments: &Arguments,
) -> Result<(), AnyError> {
    let mut picture = picture::load(input)?;
    let (plates, reads) = find(engine, &Frame::from(&picture), options, arguments)?;
    let areas = areas_to_redact(&plates, &reads, |read| is_kept(read, arguments), options);
    redact_image(&mut picture, &areas, options.style);
    // Only pixels are written: the original's EXIF, thumbnail and colour profile are not carried along.
    picture.save(out).map_err(about("write", out))?;
    eprintln!(
        "{}: {} areas redacted, {} kept",
        out.display(),
        areas.len(),
        plates.len() - areas.len()
    );
    Ok(())
}

fn redact_video(
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
