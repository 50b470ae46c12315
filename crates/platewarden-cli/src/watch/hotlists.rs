//! Lists of wanted plates, and the law under which they are matched.

use std::path::PathBuf;

use clap::Args;
use platewarden_policy::{
    engine::Policy,
    hotlist_check::HotlistCheck,
    model::{Actor, Agency, AgencyKind, Dataset, Fact, Jurisdiction, MatchList, Role},
    packs::{PackSet, Unverified},
};
use platewarden_video::hotlist::{Hotlist, PermitAll, PolicyCheck};

use crate::{decide::UNVERIFIED, failure::AnyError};

/// Who matches which list where, or that nobody asks.
#[derive(Args)]
#[command(next_help_heading = "Law of hotlists")]
pub(super) struct PolicyArguments {
    /// Where the camera stands: US-IL, US-CA, DE, GB...; the rule packs then decide on each entry by its reason
    #[arg(long, value_name = "CODE", requires_all = ["agency", "agency_kind"])]
    jurisdiction: Option<Jurisdiction>,
    /// Agency that owns the camera and matches the list
    #[arg(long, value_name = "NAME", requires = "jurisdiction")]
    agency: Option<String>,
    /// What kind of body it is: local, state, campus, tribal, federal, parking, toll, private...
    #[arg(long, value_name = "KIND", requires = "jurisdiction", value_parser = parse_kind)]
    agency_kind: Option<AgencyKind>,
    /// Where the list comes from: agency, law_enforcement (the stolen and wanted files), commercial, parking...
    #[arg(long, value_name = "KIND", requires = "jurisdiction", default_value = "agency", value_parser = parse_list)]
    list_kind: MatchList,
    /// Folder of rule packs to use instead of the bundled ones
    #[arg(long, value_name = "DIR", requires = "jurisdiction")]
    packs: Option<PathBuf>,
    /// Use rule packs that no lawyer has verified, which the bundled ones are
    #[arg(long, requires = "jurisdiction")]
    accept_unverified_packs: bool,
    /// Ask no law: every entry may produce a hit, and you answer for it
    #[arg(long, conflicts_with = "jurisdiction")]
    without_policy: bool,
}

impl PolicyArguments {
    /// Whether it was said under which law lists are matched; if not, what to do.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.jurisdiction.is_some() || self.without_policy {
            return Ok(());
        }
        Err("a hotlist match is a search, which the law of the place allows for some purposes only. Give --jurisdiction, \
             --agency and --agency-kind (and --accept-unverified-packs, for no lawyer has verified the bundled rule \
             packs), so that entries without a lawful purpose are withheld; or --without-policy to match every entry and \
             answer for it yourself"
            .to_owned())
    }

    /// What decides on entries.
    pub(super) fn load(&self) -> Result<Box<dyn PolicyCheck>, AnyError> {
        let (Some(place), Some(agency), Some(kind)) =
            (&self.jurisdiction, &self.agency, self.agency_kind)
        else {
            return Ok(permit_all());
        };
        let unverified = if self.accept_unverified_packs {
            Unverified::Allow
        } else {
            Unverified::Refuse
        };
        let packs = match &self.packs {
            Some(folder) => PackSet::from_dir(folder, unverified),
            None => PackSet::bundled(unverified),
        }
        .map_err(|error| format!("{error}; here by --accept-unverified-packs"))?;
        if self.accept_unverified_packs {
            log::warn!("{UNVERIFIED}");
        }
        let agency = Agency::new(agency.as_str(), kind, *place);
        let dataset = Dataset::new("watch", agency.to_ref(), *place);
        let mut actor = Actor::verified("watch", agency);
        actor.role = Fact::Known(Role::Automated);
        Ok(Box::new(HotlistCheck::new(
            Policy::new(packs),
            actor,
            dataset,
            self.list_kind,
        )))
    }
}

/// For lists that somebody has cleared, and where there is none.
pub(super) fn permit_all() -> Box<dyn PolicyCheck> {
    Box::new(PermitAll)
}

/// Reads lists, and reports rows that cannot be used.
pub(super) fn load(files: &[PathBuf]) -> Result<Vec<Hotlist>, AnyError> {
    let mut lists = Vec::new();
    for file in files {
        let mut list = Hotlist::new(file.file_stem().unwrap_or_default().to_string_lossy());
        let report = list.load(file)?;
        for row in &report.rejected {
            log::warn!("{}, row {}: {}", file.display(), row.row, row.reason);
        }
        log::info!("{} entries of {}", report.loaded, file.display());
        lists.push(list);
    }
    Ok(lists)
}

fn parse_kind(word: &str) -> Result<AgencyKind, String> {
    AgencyKind::from_word(word)
        .ok_or_else(|| "expected a kind of agency such as `local`".to_owned())
}

fn parse_list(word: &str) -> Result<MatchList, String> {
    MatchList::from_word(word).ok_or_else(|| "expected a kind of list such as `agency`".to_owned())
}
