//! Proposals carried out.

use std::{
    fs::{self, File},
    io::{self, BufReader, Write},
    path::Path,
};

use jiff::Timestamp;
use platewarden_audit::retro::{AuditReport, RevocationOrder};
use platewarden_policy::{
    model::{AgencyKind, AgencyRef, Dataset, DatasetId, Jurisdiction},
    sharing::Registry,
};
use platewarden_trail::{FileStore, TrailOptions, TrailWriter};

use super::{Arguments, options};
use crate::failure::{AnyError, OutputError, about};

/// Files the proposals as revocations: in the trail first, then in the registry.
pub(super) fn revoke(
    arguments: &Arguments,
    place: Jurisdiction,
    decided_by: &str,
    report: &AuditReport,
) -> Result<(), AnyError> {
    let path = options::registry_path(arguments);
    let dataset = options::dataset(arguments, place);
    let mut registry = if path.exists() {
        let file = File::open(&path).map_err(about("read", &path))?;
        serde_json::from_reader(BufReader::new(file)).map_err(about("read", &path))?
    } else {
        registry_of(arguments.owner.as_deref(), &dataset, place)
    };
    let folder = arguments.trail.clone();
    let folder = folder.unwrap_or_else(|| arguments.out.join("trail"));
    let mut trail = TrailWriter::open(FileStore::writer(&folder)?, TrailOptions::default())?;
    let now = Timestamp::now();
    let order = RevocationOrder::new(dataset, decided_by, format!("audit-{}", now.as_second()));
    let filed = report.revoke(|_| true, &order, &mut registry, now, &mut trail);
    // What the trail holds must be in the registry too, also where a later one failed.
    write_whole(&path, &serde_json::to_vec_pretty(&registry)?).map_err(about("write", &path))?;
    let filed = filed?;
    let mut text = format!(
        "\n{} revocations filed, decided by {decided_by}\n",
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
        text.push_str(&format!(
            "  {} {agency}: {} rows of evidence, first {rows}\n",
            revocation.id,
            revocation.evidence.len()
        ));
    }
    text.push_str(&format!(
        "registry: {}\ntrail: {}\n",
        path.display(),
        folder.display()
    ));
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(OutputError::from)?;
    Ok(())
}

/// A registry of one dataset, where there is none yet.
fn registry_of(owner: Option<&str>, dataset: &DatasetId, place: Jurisdiction) -> Registry {
    let mut registry = Registry::default();
    let owner = AgencyRef::new(
        owner.unwrap_or("owner of the data"),
        AgencyKind::Local,
        place,
    );
    registry.add_dataset(Dataset::new(dataset.clone(), owner, place));
    registry
}

/// Written beside and renamed: a registry is whole or as it was.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(beside, path)
}
