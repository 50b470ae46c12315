//! What an audit found, in a few lines.

use std::{
    io::{self, Write},
    path::Path,
};

use platewarden_audit::{
    retro::{Action, AuditReport},
    sharing::{SharingReport, Standing},
};

use crate::failure::OutputError;

/// Prints what the searches come to.
pub(super) fn searches(report: &AuditReport, out: &Path, seconds: f64) -> Result<(), OutputError> {
    let mut to = io::stdout().lock();
    let counts = report.counts;
    let rate = report.rows as f64 / seconds.max(1e-9);
    writeln!(
        to,
        "{} rows in {seconds:.1} s ({rate:.0} rows/s)",
        report.rows
    )?;
    writeln!(
        to,
        "{:>9} impermissible on their face: {}",
        counts.impermissible,
        counts.impermissible_by.in_words()
    )?;
    writeln!(
        to,
        "{:>9} questionable: {}",
        counts.questionable,
        counts.questionable_by.in_words()
    )?;
    writeln!(to, "{:>9} insufficient record", counts.insufficient)?;
    writeln!(to, "{:>9} no finding", counts.unremarkable)?;
    if counts.before_law > 0 {
        writeln!(
            to,
            "{:>9} before the first day of the law",
            counts.before_law
        )?;
    }
    writeln!(
        to,
        "{:>9} duplicates, {} rows not understood",
        report.duplicates, report.unparsed
    )?;
    notes(&mut to, report)?;
    proposals(&mut to, report)?;
    writeln!(to, "\nreport: {}", out.join("report.html").display())?;
    Ok(())
}

/// What a reader of the figures must know of the files.
fn notes(to: &mut impl Write, report: &AuditReport) -> io::Result<()> {
    let naive: u64 = report.files.iter().map(|file| file.naive_times).sum();
    if let Some(zone) = report.naive_zone.as_ref().filter(|_| naive > 0) {
        writeln!(
            to,
            "\nnote: {naive} times name no zone and were read as {zone}; --zone says otherwise"
        )?;
    }
    for file in &report.files {
        if !file.joined_columns.is_empty() {
            writeln!(
                to,
                "note: {}: read as one: {}",
                file.name,
                file.joined_columns.join("; ")
            )?;
        }
        if !file.ignored_columns.is_empty() {
            writeln!(
                to,
                "note: {}: ignored: {}",
                file.name,
                file.ignored_columns.join(", ")
            )?;
        }
        if file.without_labels {
            writeln!(
                to,
                "note: {}: no labels; columns known by their content",
                file.name
            )?;
        }
    }
    Ok(())
}

fn proposals(to: &mut impl Write, report: &AuditReport) -> io::Result<()> {
    for (title, action) in [
        ("proposed revocations", Action::Revoke),
        ("referrals", Action::Refer),
    ] {
        let list: Vec<_> = report
            .revocations
            .iter()
            .filter(|row| row.action == action)
            .collect();
        writeln!(to, "\n{} {title}", list.len())?;
        for row in list.iter().take(10) {
            writeln!(
                to,
                "{:>6} barred of {:>6}  {}",
                row.impermissible, row.searches, row.agency
            )?;
        }
    }
    if !report.unplaced.is_empty() {
        writeln!(
            to,
            "\n{} agencies of which nothing is proposed until their place is known",
            report.unplaced.len()
        )?;
        for row in report.unplaced.iter().take(10) {
            writeln!(
                to,
                "{:>6} barred  {}: {}",
                row.impermissible, row.agency, row.why
            )?;
        }
    }
    Ok(())
}

/// Prints how the organisations of sharing lists stand.
pub(super) fn sharing(report: &SharingReport, out: &Path) -> Result<(), OutputError> {
    let mut to = io::stdout().lock();
    writeln!(
        to,
        "{} organisations on sharing lists",
        report.organizations.len()
    )?;
    for standing in Standing::ALL {
        let count = report.count(standing);
        if count > 0 {
            writeln!(to, "{count:>9} {}", standing.words())?;
        }
    }
    writeln!(to, "\nreport: {}", out.join("sharing.html").display())?;
    Ok(())
}
