//! `platewarden audit`: exports of search logs, re-decided under the law of the data.

mod generate;
mod options;
mod revoke;
mod summary;
mod tables;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::Args;
use platewarden_audit::export::open;
use platewarden_policy::{
    engine::Policy,
    model::Jurisdiction,
    packs::{PackSet, Unverified},
};

use crate::failure::{Outcome, UsageError, all_well};

/// Audit exports of search logs under the law of the data
///
/// Files go in as they were sent: CSV in any form, workbooks, zip archives; logs of searches, event logs and lists of who
/// shares with whom. Findings, a proposed revocation list and an HTML report come out. One bad file is named and the
/// others go on; the exit status is then 1. The bundled rule packs are unverified: check each citation.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden audit --generate 200000 export.csv
  platewarden audit export.csv --data-in US-IL --out audit
  platewarden audit june.xlsx july.zip --data-in US-IL --owner 'Springfield IL PD' --zone America/Chicago
  platewarden audit log.csv --data-in US-IL --column reason='Offense Type' --column time=3
  platewarden audit sharing.csv --data-in US-IL --agencies agencies.json
  platewarden audit export.csv --data-in US-IL --out audit --revoke-as 'Records Officer Doe'

The last one carries the proposals out: it files a revocation with its evidence for each agency in a sharing registry
and in an audit trail. Without it nothing is revoked.")]
pub(crate) struct Arguments {
    /// Files to audit; with --generate, the one file to write
    #[arg(required = true, value_name = "FILE")]
    exports: Vec<PathBuf>,
    /// Where the searched reads were captured, such as US-IL
    #[arg(long, value_name = "PLACE", required_unless_present = "generate")]
    data_in: Option<Jurisdiction>,
    /// Folder for findings, revocation list and report
    #[arg(long, default_value = "audit")]
    out: PathBuf,
    /// The owner's name as it stands in `Org Name`: its own searches are judged as such, and logs without a column of
    /// agencies are its own
    #[arg(long)]
    owner: Option<String>,
    /// Overlay packs of the owner's policy, such as agency-default
    #[arg(long, value_name = "PACK")]
    overlay: Vec<String>,
    /// A JSON file with an array of agencies: kind, place, declarations, status
    #[arg(long, value_name = "AGENCIES.json")]
    agencies: Option<PathBuf>,
    /// The clocks of times that name no zone, and of months and days, such as America/Chicago [default: UTC for times, the
    /// place's own for months]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Which column is which, where the labels are not known: reason="Offense Type", time=3
    #[arg(long, value_name = "NAME=COLUMN")]
    column: Vec<String>,
    /// Rule packs from a folder instead of the bundled ones
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Write rows with an insufficient record to the findings too
    #[arg(long)]
    insufficient: bool,
    /// Carry out the proposed revocations; the value is the name of who decided it
    #[arg(long, value_name = "NAME", conflicts_with = "generate")]
    revoke_as: Option<String>,
    /// The sharing registry to revoke in, and to compare sharing lists with; begun where there is none [default:
    /// OUT/registry.json]
    #[arg(long, value_name = "REGISTRY.json")]
    registry: Option<PathBuf>,
    /// The dataset of the registry that the log is about [default: reads-PLACE]
    #[arg(long, value_name = "ID")]
    dataset: Option<String>,
    /// The folder of the audit trail that the revocations are written to [default: OUT/trail]
    #[arg(long, value_name = "DIR", requires = "revoke_as")]
    trail: Option<PathBuf>,
    /// Write a synthetic export of so many rows instead
    #[arg(long, value_name = "ROWS")]
    generate: Option<u64>,
    /// Seed of the synthetic export
    #[arg(long, default_value_t = 2026)]
    seed: u64,
}

/// Audits the files, or writes a synthetic one.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if let Some(rows) = arguments.generate {
        generate::generate(arguments, rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    // clap asks for it.
    let place = arguments
        .data_in
        .ok_or_else(|| UsageError("--data-in is needed".into()))?;
    let policy = match &arguments.packs {
        Some(folder) => Policy::new(PackSet::from_dir(folder, Unverified::Allow)?),
        None => Policy::bundled(Unverified::Allow)?,
    };
    if !policy.packs().has_law(place) {
        return Err(
            format!("--data-in {place}: no rule pack covers it; write it as in US-IL").into(),
        );
    }
    // All options and files before the first output: a mistyped name must not cost an earlier audit's files.
    let read = options::reading(arguments)?;
    let audit = options::audit(arguments, place)?;
    let sharing = options::sharing(arguments, place)?;
    let opened = arguments
        .exports
        .iter()
        .flat_map(|path| open(path, &read))
        .collect();
    let started = Instant::now();
    let done = tables::audit(&policy, audit, sharing, opened, &arguments.out)?;
    if let Some(report) = &done.report {
        summary::searches(report, &arguments.out, started.elapsed().as_secs_f64())?;
    }
    if let Some(report) = &done.sharing {
        summary::sharing(report, &arguments.out)?;
    }
    if let (Some(name), Some(report)) = (&arguments.revoke_as, &done.report) {
        revoke::revoke(arguments, place, name, report)?;
    }
    Ok(all_well(done.failed == 0))
}
