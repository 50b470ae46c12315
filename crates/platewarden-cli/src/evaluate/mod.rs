//! `platewarden evaluate`: how well a labelled folder is read.

mod predict;
mod score;
mod table;
mod widths;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use platewarden::Engine;

use self::{
    predict::{Boxes, Prediction},
    score::{Groups, Score},
    widths::WidthTable,
};
use crate::{
    engine::EngineArguments,
    failure::{AnyError, Outcome, OutputError, about, all_well},
    labels::{LabelledPicture, labelled_pictures},
};

/// Score the reads of a labelled folder
///
/// DIR holds plates.csv (columns file, x1, y1, x2, y2 and where known text, flags, corners), the pictures (in scenes/ or
/// beside it), and where wanted scenes.csv (columns file, split, source). docs/accuracy.md says what the columns and the
/// figures mean.
///
/// Predictions, one JSON object a line: image, ms (processor time, decoding left out), plates; of each plate bbox (x, y,
/// width, height in pixels of the picture), score (the detector's), text, confidence (of the whole text), candidates.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden evaluate photographs
  platewarden evaluate photographs --split dev --out predictions.jsonl
  platewarden evaluate photographs --predictions another-system.jsonl

Exit status: 0 all well, 1 a picture could not be read (it counts as one without plates), 2 wrong usage.")]
pub(crate) struct Arguments {
    /// Folder of labelled pictures
    dir: PathBuf,
    /// Split to read, as named in scenes.csv [default: all pictures]
    #[arg(long)]
    split: Option<String>,
    /// File to write the predictions to, as JSON lines
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Score these predictions instead, of whatever system made them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "boxes", "no_syntax"])]
    predictions: Option<PathBuf>,
    /// Leave out predictions with a lower detection score
    #[arg(long, value_name = "SCORE", default_value_t = 0.0)]
    conf: f64,
    /// Print this many wrong or missed plates
    #[arg(long, value_name = "N", default_value_t = 0)]
    failures: usize,
    /// Print a table by width of the plates too, in Markdown; a row begins at each of these widths in pixels
    #[arg(long, value_delimiter = ',', num_args = 0..=1, require_equals = true, default_missing_value = "16,30,40,60,80,130,170")]
    widths: Option<Vec<f64>>,
    #[command(flatten)]
    engine: EngineArguments,
    /// Pictures read at the same time; with more than one, `ms` is the mean of those read together
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: u16,
    /// Where plates are read: where the detector finds them, or in the labelled boxes, to judge the recogniser alone
    #[arg(long, value_enum, default_value = "detector")]
    boxes: Boxes,
    /// Leave registration formats out of the ranking of texts
    #[arg(long)]
    no_syntax: bool,
}

/// Reads the folder, or the predictions of another system, and scores them.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let pictures = labelled_pictures(&arguments.dir, arguments.split.as_deref())?;
    let mut scores = Scores::new(arguments);
    let failed = match &arguments.predictions {
        Some(file) => {
            let mut predictions = read_predictions(file)?;
            let mut missing = 0;
            for picture in &pictures {
                let prediction = predictions.remove(&picture.name);
                missing += usize::from(prediction.is_none());
                scores.add(picture, &prediction.unwrap_or_default());
            }
            if missing > 0 {
                log::warn!(
                    "no prediction for {missing} of {} pictures; they count as pictures without plates",
                    pictures.len()
                );
            }
            0
        }
        None => read_pictures(arguments, &pictures, &mut scores)?,
    };
    scores.print(arguments.failures)?;
    if failed > 0 {
        log::error!("{failed} pictures could not be read; they count as pictures without plates");
    }
    Ok(all_well(failed == 0))
}

/// Reads pictures; returns the number of those that failed.
fn read_pictures(
    arguments: &Arguments,
    pictures: &[LabelledPicture],
    scores: &mut Scores,
) -> Result<usize, AnyError> {
    let options = arguments
        .engine
        .options()
        .with_threads(arguments.threads.into())
        .with_syntax(!arguments.no_syntax);
    let engine = Engine::with_options(options)?;
    engine.warm_up()?;
    let mut out = match &arguments.out {
        Some(path) => Some(BufWriter::new(
            File::create(path).map_err(about("create", path))?,
        )),
        None => None,
    };
    let named = |error: io::Error| match &arguments.out {
        Some(path) => about("write", path)(error),
        None => error.into(),
    };
    let (mut failed, mut milliseconds) = (0, 0.0);
    // Pictures are decoded first and read afterwards, so that the clock sees reading alone. With one thread, one by one.
    let together = usize::from(arguments.threads) * if arguments.threads == 1 { 1 } else { 4 };
    for pictures in pictures.chunks(together) {
        let predictions = predict::predict(&engine, pictures, arguments.boxes);
        for (picture, (prediction, failure)) in pictures.iter().zip(predictions) {
            if let Some(failure) = failure {
                eprintln!("{}: {failure}", picture.name);
                failed += 1;
            }
            milliseconds += prediction.ms.unwrap_or_default();
            if let Some(out) = &mut out {
                let line = serde_json::to_string(&prediction)?;
                writeln!(out, "{line}").map_err(named)?;
            }
            scores.add(picture, &prediction);
        }
    }
    if let Some(out) = &mut out {
        out.flush().map_err(named)?;
    }
    log::info!(
        "{} pictures, {:.1} ms of processor time each",
        pictures.len(),
        milliseconds / pictures.len() as f64
    );
    Ok(failed)
}

/// Predictions by the name of the picture.
fn read_predictions(path: &Path) -> Result<HashMap<String, Prediction>, AnyError> {
    let file = File::open(path).map_err(about("read", path))?;
    let mut predictions = HashMap::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(about("read", path))?;
        if line.trim().is_empty() {
            continue;
        }
        let prediction: Prediction = serde_json::from_str(&line)
            .map_err(|error| format!("{}, line {}: {error}", path.display(), number + 1))?;
        let name = Path::new(&prediction.image).file_name().unwrap_or_default();
        predictions.insert(name.to_string_lossy().into_owned(), prediction);
    }
    Ok(predictions)
}

/// What is told of the predictions.
struct Scores {
    groups: Groups,
    widths: Option<WidthTable>,
    min_score: f64,
}

impl Scores {
    fn new(arguments: &Arguments) -> Self {
        Self {
            groups: Groups::default(),
            widths: arguments.widths.as_deref().map(WidthTable::new),
            min_score: arguments.conf,
        }
    }

    fn add(&mut self, picture: &LabelledPicture, prediction: &Prediction) {
        let score = Score::of(picture, prediction, self.min_score);
        self.groups.add(&picture.group, &score);
        if let Some(widths) = &mut self.widths {
            widths.add(&score);
        }
    }

    fn print(&self, failures: usize) -> Result<(), OutputError> {
        let mut out = io::stdout().lock();
        table::write(&mut out, &self.groups)?;
        for wrong in self.groups.failures().take(failures) {
            writeln!(out, "{wrong}")?;
        }
        if let Some(widths) = &self.widths {
            write!(out, "\n{widths}")?;
        }
        Ok(out.flush()?)
    }
}
