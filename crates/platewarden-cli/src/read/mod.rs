//! `platewarden read`: the licence plates in pictures.

mod annotate;
mod output;
mod region;
mod sources;

use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use platewarden::{Engine, EngineOptions, TilingOptions, syntax::Region};

use self::{
    annotate::Annotator,
    output::Output,
    sources::{Picture, sources},
};
use crate::{
    engine::EngineArguments,
    failure::{AnyError, Outcome, about, all_well},
};

/// Read the licence plates in pictures
///
/// On a terminal it prints a table; into a file or a pipe it writes one JSON object a line for each picture:
///
///     {"source": "street.jpg", "width": 1280, "height": 720, "plates": [PLATE, ...]}
///
/// PLATE is a `platewarden::PlateRead`, whose documentation explains each field: `text`, `raw_text`, `confidence`,
/// `characters`, `candidates`, `lines`, `region`, `corners`, `bounds`, `touches_edge`, `detection_score`; and `display`, the
/// text as the plate prints it (`WÜ·XY 123` for `WUXY123`) where the formats of its region settle that, for people. `text` is
/// for matching. Fields may be added later, none will be taken away.
#[derive(Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  platewarden read street.jpg
  platewarden read photos/ 'more/*.png' --annotate annotated/ > reads.jsonl
  curl -s https://example.org/camera.jpg | platewarden read -

Exit status: 0 all pictures were read, 1 some were not (each is named on standard error), 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Pictures (JPEG, PNG, WebP, BMP, TIFF), folders of pictures, patterns such as 'photos/*.jpg', or - for a picture
    /// on standard input
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Write the pictures with plates, texts and confidences drawn into this folder
    #[arg(long, value_name = "DIR")]
    annotate: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArguments,
    /// Pictures read at the same time [default: one a processor core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Country or state whose plates are expected, such as DE or US-CA; may be given several times
    #[arg(long, value_name = "CODE")]
    region: Vec<Region>,
    /// Where plates count: corners of a polygon as shares of width and height, such as '0,0.4 1,0.4 1,1 0,1', or a
    /// picture that is white there; may be given several times
    #[arg(long, value_name = "POLYGON|PICTURE")]
    roi: Vec<String>,
    /// Let the formats of the regions named decide, and no others: for cameras that see plates of one region only
    #[arg(long, requires = "region")]
    strict_region: bool,
    /// Each picture is a plate and little else, as another detector cuts it out
    #[arg(long)]
    crop: bool,
    /// Search large pictures in tiles too, for plates down to this width in pixels; every tile takes as long as a picture
    /// [default: plates of 40 pixels, in pictures more than 3,200 pixels wide]
    #[arg(long, value_name = "WIDTH", num_args = 0..=1, default_missing_value = "32")]
    tiling: Option<f32>,
    /// Where no text is read for sure, look at the picture upside-down and on either side as well
    #[arg(long)]
    turned: bool,
    /// Leave out texts that are less sure than this, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    min_confidence: f32,
}

/// Reads all pictures.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let engine = Engine::with_options(options(arguments)?)?;
    if let Some(folder) = &arguments.annotate {
        fs::create_dir_all(folder).map_err(about("create", folder))?;
    }
    let (sources, mut failed) = sources(&arguments.inputs);
    let mut output = Output::new();
    let mut annotator = Annotator::default();
    let progress = progress_bar(sources.len());
    let pictures = sources.into_iter().map(Picture::new);
    // Pictures are decoded and read by several threads, a few ahead of this loop, and come in their order.
    for (picture, reads) in engine.reads(pictures) {
        let name = picture.name();
        // A picture that fails is named and counted; the others go on. Without an output there is nothing left to do.
        let outcome = match reads {
            Ok(reads) => {
                progress.suspend(|| output.write(&name, picture.image(), &reads))?;
                match &arguments.annotate {
                    Some(folder) => annotator.save(&picture, &reads, folder),
                    None => Ok(()),
                }
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = outcome {
            progress.suspend(|| eprintln!("{name}: {error}"));
            failed += 1;
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    output.finish()?;
    Ok(all_well(failed == 0))
}

fn options(arguments: &Arguments) -> Result<EngineOptions, AnyError> {
    let mut options = arguments
        .engine
        .options()
        .with_expected_regions(arguments.region.iter().copied())
        .with_region_of_interest(region::parse(&arguments.roi)?)
        .with_min_confidence(arguments.min_confidence)
        .with_strict_regions(arguments.strict_region)
        .with_is_crop(arguments.crop)
        .with_turned(arguments.turned);
    options.tiling = arguments.tiling.map(TilingOptions::for_plates_of);
    options.threads = arguments.threads;
    Ok(options)
}

/// A bar on standard error, where that is a terminal and there is something to wait for.
fn progress_bar(pictures: usize) -> ProgressBar {
    if pictures < 2 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} pictures, {per_sec}, {eta} left");
    ProgressBar::new(pictures as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
