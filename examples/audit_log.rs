//! Audits search-log exports: CSV in; findings, a proposed revocation list and an HTML report out.
//!
//! ```console
//! $ cargo run --release --example audit_log -- --generate 200000 export.csv
//! $ cargo run --release --example audit_log -- export.csv --data-in US-IL --out audit
//! ```

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use platewarden_policy::engine::Policy;
use platewarden_policy::export::{Reader, SyntheticLog};
use platewarden_policy::model::{Agency, Jurisdiction};
use platewarden_policy::packs::{PackSet, Unverified};
use platewarden_policy::retro::{Action, AuditOptions, AuditReport, Auditor, FolderSink};

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
    let mut options = AuditOptions::new(place);
    options.owner.clone_from(&args.owner);
    options.overlays.clone_from(&args.overlay);
    options.report_insufficient = args.insufficient;
    if let Some(path) = &args.agencies {
        options.directory = serde_json::from_reader::<_, Vec<Agency>>(File::open(path)?)?;
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
    for path in &args.exports {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy();
        let mut last = Default::default();
        auditor.read(&name, Reader::open(path)?, &mut sink, |position| {
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
    Ok(())
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
