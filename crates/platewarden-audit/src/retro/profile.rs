//! Searching agencies, as far as log and directory tell.

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::export::OrgName;
use platewarden_policy::model::{Agency, AgencyKind, Fact, Jurisdiction, Status};

/// An agency as the engine sees it: what differs only in name shares one profile.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) agency: Agency,
    pub(super) owner: bool,
}

/// Distinct agencies counted one by one; a log cannot fill the memory with invented names.
const MOST_AGENCIES: usize = 50_000;

#[derive(Debug)]
pub(super) struct Agencies {
    directory: FxHashMap<String, Agency>,
    owner: Option<String>,
    by_cell: FxHashMap<Box<str>, (u32, u32)>,
    pub(super) profiles: Vec<Profile>,
    pub(super) names: Vec<(String, u32)>,
}

/// Index of all agencies beyond [`MOST_AGENCIES`].
pub(super) const OTHERS: u32 = 0;

impl Agencies {
    pub(super) fn new(directory: &[Agency], owner: Option<&str>) -> Self {
        let key = |agency: &Agency| {
            if agency.name.is_empty() {
                agency.id.0.clone()
            } else {
                agency.name.clone()
            }
        };
        Self {
            directory: directory
                .iter()
                .map(|a| (key(a).to_ascii_lowercase(), a.clone()))
                .collect(),
            owner: owner.map(str::to_ascii_lowercase),
            by_cell: FxHashMap::default(),
            profiles: Vec::new(),
            names: vec![("(agencies beyond the first 50,000)".to_owned(), 0)],
        }
    }

    /// Agency and profile of an `Org Name` cell; a missing or masked one is the agency that nobody knows.
    pub(super) fn find(&mut self, cell: &str) -> (u32, u32) {
        if let Some(found) = self.by_cell.get(cell) {
            return *found;
        }
        let profile = self.profile(cell);
        let key = (
            &profile.agency.kind,
            &profile.agency.jurisdiction,
            &profile.agency.status,
            &profile.agency.declarations,
        );
        let same = |p: &Profile| {
            p.owner == profile.owner
                && (
                    &p.agency.kind,
                    &p.agency.jurisdiction,
                    &p.agency.status,
                    &p.agency.declarations,
                ) == key
                && p.agency.federal_component == profile.agency.federal_component
                && p.agency.agreements == profile.agency.agreements
        };
        let profile_id = self.profiles.iter().position(same).unwrap_or_else(|| {
            self.profiles.push(profile.clone());
            self.profiles.len() - 1
        });
        let profile_id = u32::try_from(profile_id).unwrap_or(0);
        if self.names.len() > MOST_AGENCIES {
            return (OTHERS, profile_id);
        }
        let name = if cell.is_empty() {
            "(agency not recorded)".to_owned()
        } else {
            OrgName::parse(cell).name.to_owned()
        };
        let marker = if profile.agency.status == Status::Inactive {
            " [Inactive]"
        } else {
            ""
        };
        self.names.push((format!("{name}{marker}"), profile_id));
        let found = (
            u32::try_from(self.names.len() - 1).unwrap_or(OTHERS),
            profile_id,
        );
        self.by_cell.insert(cell.into(), found);
        found
    }

    fn profile(&self, cell: &str) -> Profile {
        let org = OrgName::parse(cell);
        let lower = org.name.to_ascii_lowercase();
        let mut agency = self
            .directory
            .get(&lower)
            .cloned()
            .unwrap_or_else(|| org.to_agency());
        // The network's own markers outrank a directory.
        if org.federal {
            agency.kind = Fact::Known(AgencyKind::Federal);
            agency.jurisdiction = Fact::Known(Jurisdiction::UnitedStates);
        }
        if org.inactive && agency.status == Status::Active {
            agency.status = Status::Inactive;
        }
        let owner = self.owner.as_deref() == Some(lower.as_str()) && !lower.is_empty();
        Profile { agency, owner }
    }

    /// Instants at which a directory entry changes what it allows.
    pub(super) fn boundaries(&self) -> impl Iterator<Item = Timestamp> + '_ {
        self.directory.values().flat_map(|agency| {
            let since = match &agency.status {
                Status::Revoked { since, .. } => *since,
                _ => None,
            };
            let declared = agency
                .declarations
                .iter()
                .flat_map(|d| [d.signed_at.known().copied(), d.expires]);
            declared.chain([since]).flatten()
        })
    }
}
