//! How wide a plate must be in the picture to be found and read: a table by width, in Markdown.
//!
//!     cargo run --release --example plate_width -- --data ../shared/data --split dev
//!
//! The folder is one of labelled pictures as for the example `evaluate`. A plate is found where a read overlaps its label by
//! half (intersection over union); it is read right where the text of that read is the label's to the last character. Plates
//! whose text nobody could read are left out.
//!
//! Exit status: 0 all well, 1 something failed, 2 wrong usage.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use platewarden::{Backend, Engine, EngineOptions, Frame, Limits, decode};
use platewarden_examples::labels::labelled_pictures;

/// Tell by the width of plates how many are found and read.
#[derive(Parser)]
struct Arguments {
    /// Folder with scenes/, scenes.csv and plates.csv
    #[arg(long)]
    data: PathBuf,
    /// Split to read, as named in scenes.csv
    #[arg(long, default_value = "dev")]
    split: String,
    /// Widths at which a new row of the table begins
    #[arg(long, value_delimiter = ',', default_values_t = [16.0, 30.0, 40.0, 60.0, 80.0, 130.0, 170.0])]
    widths: Vec<f32>,
    /// Manifest of the networks to run, instead of those that come with platewarden
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// Library that runs the networks: auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
}

/// Plates of a range of widths.
#[derive(Clone, Default)]
struct Row {
    plates: u32,
    found: u32,
    right: u32,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("plate_width: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut widths = arguments.widths.clone();
    widths.sort_by(f32::total_cmp);
    let mut options = EngineOptions::default().with_backend(arguments.backend);
    options.models.clone_from(&arguments.manifest);
    let engine = Engine::with_options(options)?;
    let mut rows = vec![Row::default(); widths.len()];
    for picture in labelled_pictures(&arguments.data, &arguments.split)? {
        let path = &picture.path;
        let bytes = std::fs::read(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let pixels = decode(&bytes, &Limits::default())?;
        let reads = engine.read(&Frame::from(&pixels))?;
        for plate in &picture.plates {
            let Some(text) = plate.fair_text() else {
                continue;
            };
            let below = widths
                .iter()
                .rposition(|width| *width <= plate.bounds.width);
            let Some(row) = below.and_then(|index| rows.get_mut(index)) else {
                continue;
            };
            let read = reads
                .iter()
                .max_by(|a, b| {
                    let overlap = |read: &&platewarden::PlateRead| read.bounds.iou(&plate.bounds);
                    overlap(a).total_cmp(&overlap(b))
                })
                .filter(|read| read.bounds.iou(&plate.bounds) >= 0.5);
            row.plates += 1;
            row.found += u32::from(read.is_some());
            row.right += u32::from(read.is_some_and(|read| read.text == text));
        }
    }
    println!("| plate width in pixels | plates | found | read right |");
    println!("|---|---|---|---|");
    for (index, (row, from)) in rows.iter().zip(&widths).enumerate() {
        let range = widths
            .get(index + 1)
            .map_or_else(|| format!("{from} and up"), |to| format!("{from} to {to}"));
        let percent = |part: u32| 100.0 * f64::from(part) / f64::from(row.plates.max(1));
        println!(
            "| {range} | {} | {:.0} % | {:.0} % |",
            row.plates,
            percent(row.found),
            percent(row.right)
        );
    }
    Ok(())
}
