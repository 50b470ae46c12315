//! `platewarden evidence open`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use jiff::Timestamp;
use platewarden_footage::{EvidenceKey, OpenedPackage, open_package};
use platewarden_policy::{
    model::{AgencyRef, Dataset},
    packs::{PackSet, Unverified},
    retention::RetentionPlan,
};
use platewarden_trail::{CommunityRecord, FileStore, TrailOptions, TrailWriter};

use super::{read, read_trust};
use crate::failure::{AnyError, Outcome, all_well, with_causes};

/// Open packages, check everything in them, and write that into the audit trail
///
/// Each goes into a folder of its own. A package that was altered or is cut off is not opened at all.
#[derive(Args)]
pub(super) struct Arguments {
    /// Packages
    #[arg(required = true, value_name = "PACKAGE")]
    packages: Vec<PathBuf>,
    /// Key of the evidence account
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Who opens them
    #[arg(long, value_name = "USER", default_value = "evidence-clerk")]
    officer: String,
    /// Verify also that the request within was signed by an agency that these verifiers certify
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// The audit trail
    #[arg(long, value_name = "DIR", default_value = "evidence-trail")]
    trail: PathBuf,
    /// Folder for what is opened
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let key = EvidenceKey::from_hex(&read(&arguments.key)?)?;
    fs::create_dir_all(&arguments.out)?;
    let mut trail = TrailWriter::open(
        FileStore::writer(&arguments.trail)?,
        TrailOptions::default(),
    )?;
    let packs = PackSet::bundled(Unverified::Allow)?;
    let mut well = true;
    for package in &arguments.packages {
        match one(arguments, package, &key) {
            Ok(opened) => {
                // What is opened is on record before anybody looks at it.
                trail.append_at(record(&opened, &arguments.officer)?, Timestamp::now())?;
                show(&opened, &packs);
            }
            Err(error) => {
                well = false;
                eprintln!("{}: {}", package.display(), with_causes(&*error));
            }
        }
    }
    trail.flush()?;
    Ok(all_well(well))
}

fn one(
    arguments: &Arguments,
    package: &Path,
    key: &EvidenceKey,
) -> Result<OpenedPackage, AnyError> {
    let name = package.file_stem().unwrap_or(package.as_os_str());
    let opened = open_package(package, key, &arguments.out.join(name))?;
    if let Some(trust) = &arguments.trust {
        // As of the consent: a request that is over since was answered in time.
        let at = opened.manifest.consent.given_at;
        opened.request.clone().verify(&read_trust(trust)?, at)?;
    }
    Ok(opened)
}

fn record(opened: &OpenedPackage, officer: &str) -> Result<CommunityRecord, AnyError> {
    let manifest = &opened.manifest;
    Ok(CommunityRecord {
        investigation_code: manifest.code.clone(),
        step: "package_opened".to_owned(),
        agency_id: manifest.agency.clone(),
        actor: officer.to_owned(),
        case_number: Some(manifest.case_number.clone()),
        document_sha256: Some(manifest.consent.notice_sha256.parse()?),
        details: [("files".to_owned(), manifest.files.len().to_string())].into(),
        ..CommunityRecord::default()
    })
}

fn show(opened: &OpenedPackage, packs: &PackSet) {
    let manifest = &opened.manifest;
    println!(
        "{}: request {}, case {}",
        opened.folder.display(),
        manifest.code,
        manifest.case_number
    );
    for file in &manifest.files {
        println!(
            "  {}: camera {}, {} to {}; asked for {}, read {} ({} probable): verify by eye",
            file.name,
            file.camera,
            file.seen_from,
            file.seen_to,
            file.wanted,
            file.read,
            platewarden::percent(file.probability)
        );
        println!(
            "    kept {:.1} % of the picture on average; {} other plates covered; {}",
            100.0 * file.obscured.mean_kept(),
            file.obscured.covered_plates,
            file.obscured.method
        );
    }
    let disclosed = &manifest.consent.disclosed;
    println!("  consent given {}", manifest.consent.given_at);
    println!(
        "  address: {}",
        disclosed.address.as_deref().unwrap_or("not disclosed")
    );
    println!(
        "  e-mail: {}",
        disclosed.email.as_deref().unwrap_or("not disclosed")
    );
    let particulars = opened.request.request.particulars.form();
    println!(
        "  retention: {}: {}",
        particulars.retention_law.citation, particulars.retention_law.summary
    );
    let agency = opened.request.request.particulars.agency();
    let owner = AgencyRef::new(agency.id.clone(), agency.kind, agency.state);
    let received = Dataset::new("received", owner, agency.state);
    for (clause, cap) in RetentionPlan::new(packs, &received, Timestamp::now()).limits() {
        println!(
            "  retention of plate reads from it: {cap}, {} ({})",
            clause.authority().citation,
            clause.message()
        );
    }
}
