//! `platewarden store init`: a new store, a new dataset, a dataset's settings.

use std::{fs::File, io::BufReader, path::PathBuf, process::ExitCode};

use clap::Args;
use platewarden_policy::model::{AgencyKind, AgencyRef, Dataset, Jurisdiction, PackId, ShareGrant};
use platewarden_store::{AuditorKey, AuditorPublic, DatasetSettings, GATES, MasterKey, Store};

use super::place::{Place, beside};
use crate::failure::{AnyError, Outcome, UsageError, about};

/// Make a store with a dataset, or add a dataset to a store, or change one
///
/// A dataset is the reads of one owner under one law. The folder of the store, its keys, a master key and the auditor's key
/// are made where there are none. All gates but `store-age` are on.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Name of the dataset
    #[arg(long, value_name = "NAME", required_unless_present = "settings")]
    dataset: Option<String>,
    /// Id of the agency that owns the reads
    #[arg(long, value_name = "ID", required_unless_present = "settings")]
    owner: Option<String>,
    /// What kind of agency the owner is
    #[arg(long, value_name = "KIND", default_value = "local")]
    owner_kind: AgencyKind,
    /// Where the reads are captured, as in US-IL or DE
    #[arg(
        long = "in",
        value_name = "PLACE",
        required_unless_present = "settings"
    )]
    place_of_capture: Option<Jurisdiction>,
    /// Let the agency with this id search, too; can be given several times. Default: the owner alone
    #[arg(long, value_name = "ID")]
    share_with: Vec<String>,
    /// Turn this gate or other overlay on; can be given several times
    #[arg(long, value_name = "PACK")]
    overlay: Vec<String>,
    /// Turn this gate off; can be given several times
    #[arg(long, value_name = "GATE", value_parser = GATES)]
    without_gate: Vec<String>,
    /// What case numbers look like: 9 for a digit, A for a letter, all else as it stands
    #[arg(long, value_name = "PATTERN", default_value = "")]
    case_pattern: String,
    /// Never write reads that matched nothing
    #[arg(long)]
    matched_only: bool,
    /// Never write this plate, as of residents or of the own fleet; can be given several times
    #[arg(long, value_name = "PLATE")]
    ignore: Vec<String>,
    /// Length of a retention unit, 1 to 24: reads of one unit are forgotten together
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    unit_hours: u8,
    /// Take the dataset's settings from this JSON file instead, as `stats --json` prints them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dataset", "owner", "place_of_capture"])]
    settings: Option<PathBuf>,
    /// The auditor's public key, 64 hexadecimal digits, instead of a new key pair in STORE.auditor.key
    #[arg(long, value_name = "KEY")]
    auditor: Option<String>,
}

/// Makes what is missing.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let place = &arguments.place;
    let settings = settings(arguments)?;
    let name = settings.dataset.id.clone();
    let exists = place.store.join("reads.sqlite").exists();
    let store = if exists {
        place.open()?
    } else {
        create(arguments)?
    };
    let known = store
        .datasets()
        .iter()
        .any(|known| known.dataset.id == name);
    store.put_dataset(settings)?;
    let what = if known { "changed" } else { "made" };
    println!("dataset {name} {what} in {}", place.store.display());
    Ok(ExitCode::SUCCESS)
}

fn settings(arguments: &Arguments) -> Result<DatasetSettings, AnyError> {
    if let Some(path) = &arguments.settings {
        let file = File::open(path).map_err(about("read", path))?;
        return serde_json::from_reader(BufReader::new(file)).map_err(about("read", path));
    }
    let (Some(name), Some(owner), Some(place)) = (
        &arguments.dataset,
        &arguments.owner,
        arguments.place_of_capture,
    ) else {
        return Err(UsageError("--dataset, --owner and --in belong together".into()).into());
    };
    let owner = AgencyRef::new(owner.as_str(), arguments.owner_kind, place);
    let mut dataset = Dataset::new(name.as_str(), owner, place);
    if !arguments.share_with.is_empty() {
        let agencies = arguments.share_with.iter().map(|id| id.as_str().into());
        dataset = dataset.with_share(ShareGrant::Agencies {
            agencies: agencies.collect(),
        });
    }
    let mut settings = DatasetSettings::new(dataset)
        .ignoring(&arguments.ignore)
        .with_case_pattern(&arguments.case_pattern);
    settings.unit_hours = arguments.unit_hours;
    settings.keep_unmatched = !arguments.matched_only;
    for pack in &arguments.overlay {
        if !settings
            .dataset
            .overlays
            .contains(&PackId::from(pack.as_str()))
        {
            settings = settings.with_gate(pack);
        }
    }
    for gate in &arguments.without_gate {
        settings = settings.without_gate(gate);
    }
    Ok(settings)
}

fn create(arguments: &Arguments) -> Result<Store, AnyError> {
    let Place { store, keys, .. } = &arguments.place;
    let master = match keys.master_key_file(store) {
        Some(file) if !file.exists() => {
            let key = MasterKey::generate_file(&file)?;
            println!(
                "master key: {}\n  Put it where backups of the store do not go; without it the reads cannot be opened.",
                file.display()
            );
            key
        }
        _ => keys.master_key(store)?,
    };
    let auditor = match &arguments.auditor {
        Some(text) => AuditorPublic::from_text(text)?,
        None => {
            let (key, file) = (AuditorKey::generate()?, beside(store, "auditor.key"));
            key.write_file(&file)?;
            println!(
                "auditor's key: {}\n  Give it to the auditor and remove it here: it opens the plates in the trail.",
                file.display()
            );
            key.public()
        }
    };
    let options = keys.store_under(store, &master)?;
    let made = Store::create(&options, arguments.place.policy()?, auditor)?;
    println!("wrapped keys: {}", keys.folder(store).display());
    Ok(made)
}
