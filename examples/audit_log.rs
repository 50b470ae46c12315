//! Audits search-log exports: CSV in; findings, a proposed revocation list and an HTML report out.
//!
//! ```console
//! $ cargo run --release --example audit_log -- --generate 200000 export.csv
//! $ cargo run --release --example audit_log -- export.csv --data-in US-IL --out audit
//! $ cargo run --release --example audit_log -- export.csv --data-in US-IL --out audit --revoke-as "Records Officer Doe"
//! ```
//!
//! The last one carries the proposals out: it files a revocation with its evidence for each agency in a sharing registry
//! and in an audit trail. Without it nothing is revoked.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use platewarden_audit::export::{Reader, SyntheticLog};
use platewarden_audit::retro::{
    Action, AuditOptions, AuditReport, Auditor, FolderSink, RevocationOrder,
};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{Agency, AgencyKind, AgencyRef, Dataset, DatasetId, Jurisdiction};
use platewarden_policy::packs::{PackSet, Unverified};
use platewarden_policy::sharing::Registry;
use platewarden_trail::{FileStore, TrailOptions, TrailWriter};

/// Audit search-log exports under the law of the data.
///
/// Engineering, not legal advice. The bundled rule packs are unverified: check each citation.
#[derive(Parser)]
#[command(name = "audit_log")]
struct Args {
    /// Exports to audit; with --generate, the one file to write.
    #[arg(required = true, value_name = "EXPORT.csv")]
    exports: Vec<PathBuf>,
    /// Where the searched reads were captured, such as US-IL.
    #[arg(long, value_name = "PLACE", required_unless_present = "generate")]
    data_in: Option<Jurisdiction>,
    /// Folder for findings, revocation list and report.
    #[arg(long, default_value = "audit")]
    out: PathBuf,
    /// The owner's name as it stands in `Org Name`: its own searches are judged as such.
    #[arg(long)]
    owner: Option<String>,
    /// Overlay packs of the owner's policy, such as agency-default.
    #[arg(long, value_name = "PACK")]
    overlay: Vec<String>,
    /// A JSON file with an array of agencies: kind, place, declarations, status.
    #[arg(long, value_name = "AGENCIES.json")]
    agencies: Option<PathBuf>,
    /// Rule packs from a folder instead of the bundled ones.
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Write rows with an insufficient record to the findings too.
    #[arg(long)]
    insufficient: bool,
    /// Carry out the proposed revocations; the value is the name of who decided it.
    #[arg(long, value_name = "NAME", conflicts_with = "generate")]
    revoke_as: Option<String>,
    /// The sharing registry to revoke in; begun where there is none [default: OUT/registry.json].
    #[arg(long, value_name = "REGISTRY.json", requires = "revoke_as")]
    registry: Option<PathBuf>,
    /// The dataset of the registry that the log is about [default: reads-PLACE].
    #[arg(long, value_name = "ID", requires = "revoke_as")]
    dataset: Option<String>,
    /// The folder of the audit trail that the revocations are written to [default: OUT/trail].
    #[arg(long, value_name = "DIR", requires = "revoke_as")]
    trail: Option<PathBuf>,
    /// Write a synthetic export of so many rows instead.
    #[arg(long, value_name = "ROWS")]
    generate: Option<u64>,
    /// Seed of the synthetic export.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
}

fn main() {
    if let Err(error) = run(&Args::parse()) {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            text = format!("{text}: {next}");
            cause = next.source();
        }
        eprintln!("audit_log: {text}");
        std::process::exit(1);
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    if let Some(rows) = args.generate {
        return generate(args, rows);
    }
    let place = args.data_in.ok_or("--data-in is needed")?;
    let policy = match &args.packs {
        Some(folder) => Policy::new(PackSet::from_dir(folder, Unverified::Allow)?),
        None => Policy::bundled(Unverified::Allow)?,
    };
    if !policy.packs().has_law(place) {
        return Err(
            format!("--data-in {place}: no rule pack covers it; write it as in US-IL").into(),
        );
    }
    let mut options = AuditOptions::new(place);
    options.owner.clone_from(&args.owner);
    options.overlays.clone_from(&args.overlay);
    options.report_insufficient = args.insufficient;
    if let Some(path) = &args.agencies {
        let named = |error: &dyn Error| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(|e| named(&e))?;
        options.directory = serde_json::from_reader::<_, Vec<Agency>>(BufReader::new(file))
            .map_err(|e| named(&e))?;
    }
    // All of them before the first output: a mistyped name must not cost an earlier audit's files.
    let mut exports = Vec::new();
    for path in &args.exports {
        exports.push((path, Reader::open(path)?));
    }
    let mut auditor = Auditor::new(&policy, options)?;
    let mut sink = FolderSink::create(&args.out)?;
    let bytes: u64 = args
        .exports
        .iter()
        .filter_map(|path| path.metadata().ok())
        .map(|m| m.len())
        .sum();
    let bar = ProgressBar::new(bytes).with_style(ProgressStyle::with_template(
        "{bar:32} {percent:>3} % {msg} {elapsed}, {eta} left",
    )?);
    let (mut bytes_before, mut rows_before) = (0, 0);
    let started = Instant::now();
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
    let seconds = started.elapsed().as_secs_f64();
    let report = auditor.finish();
    sink.finish(&report)?;
    print(&report, &args.out, seconds);
    match &args.revoke_as {
        Some(name) => revoke(args, place, name, &report),
        None => Ok(()),
    }
}

/// Files the proposals as revocations: in the trail first, then in the registry.
fn revoke(
    args: &Args,
    place: Jurisdiction,
    decided_by: &str,
    report: &AuditReport,
) -> Result<(), Box<dyn Error>> {
    let path = args.registry.clone();
    let path = path.unwrap_or_else(|| args.out.join("registry.json"));
    let named = |error: &dyn Error| format!("{}: {error}", path.display());
    let mut registry = if path.exists() {
        let file = File::open(&path).map_err(|e| named(&e))?;
        serde_json::from_reader(BufReader::new(file)).map_err(|e| named(&e))?
    } else {
        Registry::default()
    };
    let dataset = args.dataset.clone();
    let dataset: DatasetId = dataset.unwrap_or_else(|| format!("reads-{place}")).into();
    if !path.exists() {
        let owner = args.owner.as_deref().unwrap_or("owner of the data");
        let owner = AgencyRef::new(owner, AgencyKind::Local, place);
        registry.add_dataset(Dataset::new(dataset.clone(), owner, place));
    }
    let folder = args.trail.clone();
    let folder = folder.unwrap_or_else(|| args.out.join("trail"));
    let mut trail = TrailWriter::open(FileStore::writer(&folder)?, TrailOptions::default())?;
    let now = Timestamp::now();
    let order = RevocationOrder::new(dataset, decided_by, format!("audit-{}", now.as_second()));
    let filed = report.revoke(|_| true, &order, &mut registry, now, &mut trail);
    // What the trail holds must be in the registry too, also where a later one failed.
    write_whole(&path, &serde_json::to_vec_pretty(&registry)?).map_err(|e| named(&e))?;
    let filed = filed?;
    println!(
        "\n{} revocations filed, decided by {decided_by}",
        filed.len()
    );
    for revocation in registry
        .revocations()
        .iter()
        .filter(|r| filed.contains(&r.id))
        .take(3)
    {
        let agency = revocation.agencies.first().map_or("", |a| a.as_str());
        let rows = revocation.evidence.first().map_or("none", String::as_str);
        println!(
            "  {} {agency}: {} rows of evidence, first {rows}",
            revocation.id,
            revocation.evidence.len()
        );
    }
    println!("registry: {}\ntrail: {}", path.display(), folder.display());
    Ok(())
}

/// Written beside and renamed: a registry is whole or as it was.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}

fn generate(args: &Args, rows: u64) -> Result<(), Box<dyn Error>> {
    let [path] = args.exports.as_slice() else {
        return Err("--generate writes exactly one file".into());
    };
    let planted = SyntheticLog::new(args.seed)
        .rows(rows)
        .write(BufWriter::new(File::create(path)?))?;
    println!(
        "{}: {} synthetic rows (seed {})",
        path.display(),
        planted.rows,
        args.seed
    );
    println!(
        "planted: {} immigration, {} federal bodies, {} health care or protest, {} vague, {} barred accounts, {} duplicates, {} broken",
        planted.immigration,
        planted.federal_body,
        planted.protected,
        planted.vague,
        planted.barred_accounts,
        planted.duplicates,
        planted.broken
    );
    Ok(())
}

fn print(report: &AuditReport, out: &Path, seconds: f64) {
    let counts = report.counts;
    println!(
        "{} rows in {seconds:.1} s ({:.0} rows/s)",
        report.rows,
        report.rows as f64 / seconds.max(1e-9)
    );
    println!("{:>9} impermissible on their face", counts.impermissible);
    println!("{:>9} questionable", counts.questionable);
    println!("{:>9} insufficient record", counts.insufficient);
    println!("{:>9} no finding", counts.unremarkable);
    println!(
        "{:>9} duplicates, {} rows not understood",
        report.duplicates, report.unparsed
    );
    for (title, action) in [
        ("proposed revocations", Action::Revoke),
        ("referrals", Action::Refer),
    ] {
        let list: Vec<_> = report
            .revocations
            .iter()
            .filter(|r| r.action == action)
            .collect();
        println!("\n{} {title}", list.len());
        for row in list.iter().take(10) {
            println!(
                "{:>6} barred of {:>6}  {}",
                row.impermissible, row.searches, row.agency
            );
        }
    }
    println!("\nreport: {}", out.join("report.html").display());
}
