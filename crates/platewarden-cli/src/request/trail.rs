//! What the audit trail says of the request, and its public copy.

use std::{
    fs::{self, File},
    io::BufReader,
    path::Path,
};

use platewarden_audit::report::ReportBuilder;
use platewarden_community::{Codes, Error, RequestService};
use platewarden_trail::{
    self as trails, CheckpointKey, ExportOptions, FileStore, Record, Redaction, Trail,
    VerifyOptions,
};

use super::Writer;
use crate::failure::AnyError;

/// The investigation codes that a trail has given out.
pub(crate) fn codes_in(trail: &Trail<FileStore>) -> Result<Codes, Error> {
    let mut codes = Codes::default();
    for entry in trail.entries()? {
        if let Ok(Record::Community(step)) = entry?.record()
            && let Ok(code) = step.investigation_code.parse()
        {
            codes.note(code);
        }
    }
    Ok(codes)
}

/// Prints the trail's steps, verifies it, and writes its public copy and the transparency report.
pub(super) fn show(service: &mut RequestService<Writer>, out: &Path) -> Result<(), AnyError> {
    let key = CheckpointKey::generate()?;
    let checkpoint = service.trail().checkpoint(&key)?;
    let trail = Trail::new(FileStore::reader(out.join("trail"))?);
    for entry in trail.entries()? {
        let entry = entry?;
        if let Record::Community(step) = entry.record()? {
            let why = step
                .details
                .get("rule")
                .map(|rule| format!(" ({rule})"))
                .unwrap_or_default();
            println!(
                "   {:>3}  {:<18} {}{why}",
                entry.sequence(),
                step.step,
                step.actor
            );
        }
    }
    let options = VerifyOptions::default()
        .with_trusted_key(key.public())
        .with_checkpoint(checkpoint);
    let verification = trail.verify(&options)?;
    if let Some(fault) = verification.fault {
        return Err(fault.to_string().into());
    }
    println!(
        "   {} records verify, {} covered by a signed checkpoint",
        verification.records, verification.vouched
    );
    let copy = out.join("trail-public.jsonl");
    let export = ExportOptions::new(Redaction::public());
    let records = trails::export(&trail, &export, File::create(&copy)?)?;
    let checked = trails::verify_export(BufReader::new(File::open(&copy)?), &[key.public()])?;
    println!(
        "   public copy: {records} records, {} fields withheld, intact: {}",
        checked.withheld,
        checked.is_intact()
    );
    let report = ReportBuilder::new("Community requests of Springfield")
        .over_trail(&trail)?
        .finish();
    let page = out.join("report.html");
    fs::write(&page, report.to_html())?;
    println!("   report: {}", page.display());
    Ok(())
}
