//! Options of the command as those of the library.

use std::{fs::File, io::BufReader};

use jiff::{Timestamp, tz::TimeZone};
use platewarden_audit::{
    export::{ColumnMap, ReadOptions},
    retro::AuditOptions,
    sharing::SharingOptions,
};
use platewarden_policy::model::{Agency, DatasetId, Jurisdiction};

use super::Arguments;
use crate::failure::{AnyError, UsageError, about};

/// How files are read.
pub(super) fn reading(arguments: &Arguments) -> Result<ReadOptions, AnyError> {
    let mut options = ReadOptions::default();
    options.columns = ColumnMap::parse(arguments.column.iter().map(String::as_str))
        .map_err(|error| UsageError(error.to_string()))?;
    options.zone = zone(arguments)?;
    Ok(options)
}

/// What searches are judged by.
pub(super) fn audit(arguments: &Arguments, place: Jurisdiction) -> Result<AuditOptions, AnyError> {
    let mut options = AuditOptions::new(place);
    options.owner.clone_from(&arguments.owner);
    options.overlays.clone_from(&arguments.overlay);
    options.report_insufficient = arguments.insufficient;
    options.zone = zone(arguments)?;
    options.directory = directory(arguments)?;
    Ok(options)
}

/// What sharing lists are compared with: the agencies file, and the registry where there is one.
pub(super) fn sharing(
    arguments: &Arguments,
    place: Jurisdiction,
) -> Result<SharingOptions, AnyError> {
    let mut options = SharingOptions::new(place, Timestamp::now());
    options.owner.clone_from(&arguments.owner);
    options.overlays.clone_from(&arguments.overlay);
    options.directory = directory(arguments)?;
    let path = registry_path(arguments);
    if path.exists() {
        let file = File::open(&path).map_err(about("read", &path))?;
        let registry =
            serde_json::from_reader(BufReader::new(file)).map_err(about("read", &path))?;
        options.registry = Some((registry, dataset(arguments, place)));
    }
    Ok(options)
}

/// The registry's file.
pub(super) fn registry_path(arguments: &Arguments) -> std::path::PathBuf {
    let path = arguments.registry.clone();
    path.unwrap_or_else(|| arguments.out.join("registry.json"))
}

/// The dataset of the registry that the files are about.
pub(super) fn dataset(arguments: &Arguments, place: Jurisdiction) -> DatasetId {
    let dataset = arguments.dataset.clone();
    dataset.unwrap_or_else(|| format!("reads-{place}")).into()
}

fn zone(arguments: &Arguments) -> Result<Option<TimeZone>, AnyError> {
    let Some(name) = &arguments.zone else {
        return Ok(None);
    };
    let zone = TimeZone::get(name).map_err(|error| {
        UsageError(format!(
            "--zone {name}: {error}; write it as in America/Chicago or UTC"
        ))
    })?;
    Ok(Some(zone))
}

fn directory(arguments: &Arguments) -> Result<Vec<Agency>, AnyError> {
    let Some(path) = &arguments.agencies else {
        return Ok(Vec::new());
    };
    let file = File::open(path).map_err(about("read", path))?;
    let agencies = serde_json::from_reader(BufReader::new(file)).map_err(about("read", path))?;
    Ok(agencies)
}
