//! Audits an exported search log under the law of Illinois.
//!
//!     cargo run --release --example audit -- export.csv audit
//!
//! Without a log it writes a synthetic one first. Overlays, agencies and revocations: `platewarden audit`.

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
};

use platewarden_audit::{
    export::{Reader, SyntheticLog},
    retro::{AuditOptions, Auditor, FolderSink},
};
use platewarden_policy::{
    engine::Policy,
    model::{Jurisdiction, State},
    packs::Unverified,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let log = arguments.next().unwrap_or_else(|| "out/export.csv".into());
    let folder = arguments.next().unwrap_or_else(|| "out/audit".into());
    if !log.exists() {
        write_synthetic(&log)?;
    }
    let policy = Policy::bundled(Unverified::Allow)?;
    let options = AuditOptions::new(Jurisdiction::State(State::Il));
    let mut auditor = Auditor::new(&policy, options)?;
    let mut findings = FolderSink::create(&folder)?;
    auditor.read("export.csv", Reader::open(&log)?, &mut findings, |_| {})?;
    let report = auditor.finish();
    findings.finish(&report)?;
    println!(
        "{} searches, {} impermissible on their face, {} questionable, {} rows not understood",
        report.rows, report.counts.impermissible, report.counts.questionable, report.unparsed
    );
    println!("see {}", folder.join("report.html").display());
    Ok(())
}

fn write_synthetic(path: &Path) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = BufWriter::new(File::create(path)?);
    SyntheticLog::new(2026).rows(20_000).write(file)?;
    Ok(())
}
