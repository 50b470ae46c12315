//! `platewarden store import`: reads of files into a dataset.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    rc::Rc,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use platewarden_policy::model::Jurisdiction;
use platewarden_store::{Camera, ImportDefaults, Imported, Store};

use super::place::Place;
use crate::{
    failure::{AnyError, Outcome, UsageError, about, all_well, with_causes},
    time::instant,
};

/// How many refused lines of a file are named.
const NAMED: usize = 20;

/// Write the reads of files into a dataset
///
/// JSON lines of `platewarden watch --json` or of reads as `search --json` prints them, or CSV with a header. What is there
/// already is not written twice, so that an import that was cut short can be repeated. A line that is no read is named and
/// counted, and the others go on; a file that cannot be read is named, and the other files go on.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Files of reads: .csv, all else JSON lines; `-` is JSON lines on standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The dataset to write into
    #[arg(long, value_name = "NAME")]
    dataset: String,
    /// Camera of the lines that name none
    #[arg(long, value_name = "NAME")]
    camera: Option<String>,
    /// Position of that camera in degrees (WGS 84), as in 39.80,-89.65
    #[arg(
        long,
        value_name = "LAT,LON",
        requires = "camera",
        allow_hyphen_values = true
    )]
    at: Option<String>,
    /// Where that camera stands, if not in the dataset's place
    #[arg(long = "in", value_name = "PLACE", requires = "camera")]
    jurisdiction: Option<Jurisdiction>,
    /// When the video began whose passes these are: an instant, or how long ago, as in `1 hour ago`
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// A CSV column by its name in the file, as in plate="License Plate"; can be given several times. Ours are plate, time,
    /// camera, latitude, longitude, confidence, region, direction, evidence, matched
    #[arg(long, value_name = "OURS=THEIRS")]
    column: Vec<String>,
}

/// Imports one file after the other.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let defaults = defaults(arguments)?;
    let store = arguments.place.open()?;
    let mut well = true;
    for path in &arguments.files {
        match import(&store, arguments, &defaults, path) {
            Ok(done) => well &= report(path, &done),
            Err(error) => {
                well = false;
                eprintln!("error: {}: {}", path.display(), with_causes(&*error));
            }
        }
    }
    Ok(all_well(well))
}

fn defaults(arguments: &Arguments) -> Result<ImportDefaults, AnyError> {
    let mut defaults = ImportDefaults::default();
    if let Some(name) = &arguments.camera {
        let mut camera = Camera::new(name);
        if let Some(text) = &arguments.at {
            let (latitude, longitude) = position(text)?;
            camera = camera.at(latitude, longitude);
        }
        camera.jurisdiction = arguments.jurisdiction;
        defaults.camera = Some(camera);
    }
    if let Some(text) = &arguments.start {
        defaults.start = Some(instant("--start", text)?);
    }
    for text in &arguments.column {
        let pair = text.split_once('=').ok_or_else(|| {
            UsageError(format!(
                "--column {text}: write it as in plate=\"License Plate\""
            ))
        })?;
        defaults.columns.push((pair.0.into(), pair.1.into()));
    }
    Ok(defaults)
}

/// Latitude and longitude in degrees.
fn position(text: &str) -> Result<(f64, f64), AnyError> {
    let parts = text
        .split_once(',')
        .and_then(|(lat, lon)| Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?)));
    parts
        .filter(|(lat, lon): &(f64, f64)| lat.abs() <= 90.0 && lon.abs() <= 180.0)
        .ok_or_else(|| {
            UsageError(format!(
                "--at {text}: expected degrees of latitude and longitude as in 39.80,-89.65"
            ))
            .into()
        })
}

fn import(
    store: &Store,
    arguments: &Arguments,
    defaults: &ImportDefaults,
    path: &Path,
) -> Result<Imported, AnyError> {
    let dataset = &arguments.dataset;
    if path == Path::new("-") {
        return Ok(store.import_json_lines(dataset, io::stdin().lock(), defaults, |_| ())?);
    }
    let file = File::open(path).map_err(about("read", path))?;
    let bar = bar(file.metadata().map_or(0, |known| known.len()));
    let position = Rc::new(Cell::new(0));
    let input = Counted {
        inner: file,
        read: Rc::clone(&position),
    };
    let progress = |lines: u64| {
        bar.set_position(position.get());
        bar.set_message(format!("{lines} lines"));
    };
    let is_csv = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let done = if is_csv {
        store.import_csv(dataset, input, defaults, progress)
    } else {
        let input: &mut dyn BufRead = &mut BufReader::new(input);
        store.import_json_lines(dataset, input, defaults, progress)
    };
    bar.finish_and_clear();
    Ok(done?)
}

fn bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}  {msg}  {eta} left");
    let bar = ProgressBar::new(bytes);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A file that knows how far it was read.
struct Counted {
    inner: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

/// Says what became of a file, and whether every line of it was a read.
fn report(path: &Path, done: &Imported) -> bool {
    let reads = &done.reads;
    let mut text = format!(
        "{}: {} lines, {} reads written",
        path.display(),
        done.lines,
        reads.written
    );
    for (count, what) in [
        (reads.repeated, "there already"),
        (reads.ignored, "of ignored plates"),
        (reads.unmatched, "that matched nothing and are not kept"),
        (done.others, "of another kind"),
        (reads.refused.len() as u64, "refused"),
    ] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    println!("{text}");
    for refusal in reads.refused.iter().take(NAMED) {
        eprintln!(
            "error: {} line {}: {}",
            path.display(),
            refusal.index,
            refusal.why
        );
    }
    if reads.refused.len() > NAMED {
        eprintln!("error: and {} more", reads.refused.len() - NAMED);
    }
    reads.refused.is_empty()
}
