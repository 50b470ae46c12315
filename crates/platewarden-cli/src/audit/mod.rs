//! `platewarden audit`: exports of search logs, re-decided under the law of the data.

mod generate;
mod revoke;
mod summary;

use std::{fs::File, io::BufReader, path::PathBuf, process::ExitCode, time::Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use platewarden_audit::{
    export::Reader,
    retro::{AuditOptions, AuditReport, Auditor, FolderSink},
};
use platewarden_policy::{
    engine::Policy,
    model::{Agency, Jurisdiction},
    packs::{PackSet, Unverified},
};

use crate::failure::{AnyError, Outcome, UsageError, about};

/// Audit exports of search logs under the law of the data
///
/// CSV in; findings, a proposed revocation list and an HTML report out. The bundled rule packs are unverified: check each
/// citation.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden audit --generate 200000 export.csv
  platewarden audit export.csv --data-in US-IL --out audit
  platewarden audit export.csv --data-in US-IL --out audit --revoke-as 'Records Officer Doe'

The last one carries the proposals out: it files a revocation with its evidence for each agency in a sharing registry
and in an audit trail. Without it nothing is revoked.")]
pub(crate) struct Arguments {
    /// Exports to audit; with --generate, the one file to write
    #[arg(required = true, value_name = "EXPORT.csv")]
    exports: Vec<PathBuf>,
    /// Where the searched reads were captured, such as US-IL
    #[arg(long, value_name = "PLACE", required_unless_present = "generate")]
    data_in: Option<Jurisdiction>,
    /// Folder for findings, revocation list and report
    #[arg(long, default_value = "audit")]
    out: PathBuf,
    /// The owner's name as it stands in `Org Name`: its own searches are judged as such
    #[arg(long)]
    owner: Option<String>,
    /// Overlay packs of the owner's policy, such as agency-default
    #[arg(long, value_name = "PACK")]
    overlay: Vec<String>,
    /// A JSON file with an array of agencies: kind, place, declarations, status
    #[arg(long, value_name = "AGENCIES.json")]
    agencies: Option<PathBuf>,
    /// Rule packs from a folder instead of the bundled ones
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Write rows with an insufficient record to the findings too
    #[arg(long)]
    insufficient: bool,
    /// Carry out the proposed revocations; the value is the name of who decided it
    #[arg(long, value_name = "NAME", conflicts_with = "generate")]
    revoke_as: Option<String>,
    /// The sharing registry to revoke in; begun where there is none [default: OUT/registry.json]
    #[arg(long, value_name = "REGISTRY.json", requires = "revoke_as")]
    registry: Option<PathBuf>,
    /// The dataset of the registry that the log is about [default: reads-PLACE]
    #[arg(long, value_name = "ID", requires = "revoke_as")]
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

/// Audits the exports, or writes a synthetic one.
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
    let started = Instant::now();
    let report = audit(arguments, &policy, options(arguments, place)?)?;
    summary::print(&report, &arguments.out, started.elapsed().as_secs_f64());
    if let Some(name) = &arguments.revoke_as {
        revoke::revoke(arguments, place, name, &report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn options(arguments: &Arguments, place: Jurisdiction) -> Result<AuditOptions, AnyError> {
    let mut options = AuditOptions::new(place);
    options.owner.clone_from(&arguments.owner);
    options.overlays.clone_from(&arguments.overlay);
    options.report_insufficient = arguments.insufficient;
    if let Some(path) = &arguments.agencies {
        let file = File::open(path).map_err(about("read", path))?;
        options.directory = serde_json::from_reader::<_, Vec<Agency>>(BufReader::new(file))
            .map_err(about("read", path))?;
    }
    Ok(options)
}

fn audit(
    arguments: &Arguments,
    policy: &Policy,
    options: AuditOptions,
) -> Result<AuditReport, AnyError> {
    // All of them before the first output: a mistyped name must not cost an earlier audit's files.
    let mut exports = Vec::new();
    for path in &arguments.exports {
        exports.push((path, Reader::open(path)?));
    }
    let mut auditor = Auditor::new(policy, options)?;
    let mut sink = FolderSink::create(&arguments.out)?;
    let bar = progress_bar(arguments)?;
    let (mut bytes_before, mut rows_before) = (0, 0);
    for (path, reader) in exports {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy();
        let mut last = Default::default();
        auditor.read(&name, reader, &mut sink, |position| {
            bar.set_position(bytes_before + position.bytes);
            bar.set_message(format!("{} rows", rows_before + position.rows));
            last = position;
        })?;
        bytes_before += last.bytes;
        rows_before += last.rows;
    }
    bar.finish_and_clear();
    let report = auditor.finish();
    sink.finish(&report)?;
    Ok(report)
}

fn progress_bar(arguments: &Arguments) -> Result<ProgressBar, AnyError> {
    let bytes = arguments
        .exports
        .iter()
        .filter_map(|path| path.metadata().ok())
        .map(|metadata| metadata.len())
        .sum();
    let style =
        ProgressStyle::with_template("{bar:32} {percent:>3} % {msg} {elapsed}, {eta} left")?;
    Ok(ProgressBar::new(bytes).with_style(style))
}
