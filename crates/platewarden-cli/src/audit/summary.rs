//! What an audit found, in a few lines.

use std::path::Path;

use platewarden_audit::retro::{Action, AuditReport};

/// Prints it.
pub(super) fn print(report: &AuditReport, out: &Path, seconds: f64) {
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
