//! `platewarden store sweep`, `receipts`, `verify` and `stats`: forgetting, and what can be shown of a store.

use std::{fs::File, io::BufReader, path::PathBuf, process::ExitCode};

use clap::Args;
use platewarden_store::{Receipt, Stats, Store, verify_folder};
use platewarden_trail::VerifyOptions;
use serde_json::json;

use super::place::Place;
use crate::failure::{AnyError, Outcome, about, all_well};

/// Forget what has to go: destroy keys, delete rows, sign receipts
///
/// Run it daily, or more often where the law counts in minutes. Whether or not it runs, no read past its time is ever
/// returned.
#[derive(Args)]
pub(super) struct SweepArguments {
    #[command(flatten)]
    place: Place,
}

/// Print the receipts of what was forgotten, for the public
///
/// JSON lines, each signed and naming the one before it. The key to check them with goes to standard error.
#[derive(Args)]
pub(super) struct ReceiptsArguments {
    #[command(flatten)]
    place: Place,
    /// Print them in words
    #[arg(long)]
    words: bool,
}

/// Check the trail: that nothing in it was changed, and that every release was announced
///
/// Needs no key and does not open the store; a copy of its folder will do.
#[derive(Args)]
pub(super) struct VerifyArguments {
    /// The store's folder
    store: PathBuf,
    /// A checkpoint that was given to somebody else, as JSON; can be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
}

/// Say how much lies where; nothing by plate, camera or hour
#[derive(Args)]
pub(super) struct StatsArguments {
    #[command(flatten)]
    place: Place,
    /// Print one JSON object, with the datasets' settings
    #[arg(long)]
    json: bool,
}

/// Sweeps.
pub(super) fn sweep(arguments: &SweepArguments) -> Outcome {
    let swept = arguments.place.open()?.sweep()?;
    for receipt in &swept.receipts {
        println!("{}", in_words(receipt));
    }
    println!(
        "{} keys destroyed, {} reads deleted one by one, {} holds ended",
        swept.receipts.len(),
        swept.single_reads,
        swept.ended_holds.len()
    );
    if swept.unsettled > 0 {
        eprintln!(
            "error: {} units were left alone: a fact is missing or duties collide, and a person must look",
            swept.unsettled
        );
    }
    Ok(all_well(swept.unsettled == 0))
}

fn in_words(receipt: &Receipt) -> String {
    let mut text = format!(
        "receipt {}: {} reads of {} from {} to {}, key {} destroyed at {} ({}",
        receipt.number,
        receipt.reads,
        receipt.dataset,
        receipt.from,
        receipt.to,
        receipt.key_fingerprint,
        receipt.destroyed_at,
        receipt.rule
    );
    if !receipt.citation.is_empty() {
        text += &format!("; {}", receipt.citation);
    }
    text.push(')');
    if !receipt.holds.is_empty() {
        text += &format!("; copies go on under {}", receipt.holds.join(", "));
    }
    text
}

/// Prints the receipts.
pub(super) fn receipts(arguments: &ReceiptsArguments) -> Outcome {
    let store = arguments.place.open()?;
    eprintln!("key of the receipts: {}", store.receipt_key());
    for receipt in store.receipts()? {
        if arguments.words {
            println!("{}", in_words(&receipt));
        } else {
            println!("{}", serde_json::to_string(&receipt)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks the trail.
pub(super) fn verify(arguments: &VerifyArguments) -> Outcome {
    let mut options = VerifyOptions::default();
    for path in &arguments.checkpoint {
        let file = File::open(path).map_err(about("read", path))?;
        let checkpoint =
            serde_json::from_reader(BufReader::new(file)).map_err(about("read", path))?;
        options = options.with_checkpoint(checkpoint);
    }
    let found = verify_folder(&arguments.store, &options)?;
    if let Some(fault) = &found.trail.fault {
        eprintln!("error: {fault}");
    }
    for permit in &found.unannounced {
        eprintln!("error: rows were released under permit {permit} without an intent before");
    }
    for permit in &found.unfinished {
        println!(
            "permit {permit}: the process ended between intent and release; no row of it left"
        );
    }
    println!(
        "{} records, {}",
        found.trail.records,
        if found.is_intact() {
            "intact"
        } else {
            "NOT intact"
        }
    );
    Ok(all_well(found.is_intact()))
}

/// Says how much lies where.
pub(super) fn stats(arguments: &StatsArguments) -> Outcome {
    let store = arguments.place.open()?;
    let stats = store.stats()?;
    if arguments.json {
        let datasets = store.datasets();
        let datasets: Vec<_> = datasets.iter().map(AsRef::as_ref).collect();
        println!("{}", json!({ "stats": stats, "datasets": datasets }));
    } else {
        print_stats(&store, &stats)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_stats(store: &Store, stats: &Stats) -> Result<(), AnyError> {
    for known in store.datasets() {
        let overlays: Vec<&str> = known
            .dataset
            .overlays
            .iter()
            .map(|id| id.as_str())
            .collect();
        println!(
            "dataset {} of {}: {}",
            known.dataset.id,
            known.dataset.owner.id,
            overlays.join(", ")
        );
    }
    let rows = [
        ("reads on the device", stats.reads_on_device),
        ("retention units", stats.units_on_device),
        ("reads in memory alone", stats.reads_in_memory),
        ("reads under holds", stats.reads_held),
        ("keys destroyed", stats.receipts),
        ("bytes of the database", stats.bytes),
        ("records of the trail", stats.trail_records),
    ];
    for (what, count) in rows {
        println!("{count:>12}  {what}");
    }
    Ok(())
}
