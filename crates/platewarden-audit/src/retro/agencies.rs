//! Searching agencies, as far as log and directory say.

use jiff::Timestamp;
use platewarden_policy::model::{
    Agency, AgencyKind, AgencyName, Fact, Jurisdiction, StateReading, Status,
};
use rustc_hash::FxHashMap;

/// An agency as the engine sees it: what differs only in name shares one profile.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) agency: Agency,
    pub(super) owner: bool,
}

impl Profile {
    /// Whether a decision cannot tell the two apart.
    fn is_like(&self, other: &Self) -> bool {
        let (a, b) = (&self.agency, &other.agency);
        self.owner == other.owner
            && (&a.kind, &a.jurisdiction, &a.status, &a.declarations)
                == (&b.kind, &b.jurisdiction, &b.status, &b.declarations)
            && a.federal_component == b.federal_component
            && a.agreements == b.agreements
    }
}

/// One agency of the log.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its name without marks, but for ` [Inactive]`.
    pub(super) name: String,
    pub(super) profile: u32,
    /// Why its place is in doubt, where the name can be read in more than one way.
    pub(super) doubt: Option<String>,
    /// The cell names nobody, so that nothing can be proposed of it.
    pub(super) nobody: bool,
}

/// Distinct agencies counted one by one; a log cannot fill the memory with invented names.
const MOST_AGENCIES: usize = 50_000;

/// Index of all agencies beyond [`MOST_AGENCIES`].
const OTHERS: u32 = 0;

#[derive(Debug)]
pub(super) struct Agencies {
    directory: FxHashMap<String, Agency>,
    owner: Option<String>,
    /// Where the data was captured, and so where its owner is.
    place: Jurisdiction,
    by_cell: FxHashMap<Box<str>, (u32, u32)>,
    pub(super) profiles: Vec<Profile>,
    pub(super) entries: Vec<Entry>,
}

impl Agencies {
    pub(super) fn new(directory: &[Agency], owner: Option<&str>, place: Jurisdiction) -> Self {
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
                .map(|a| (key(a).to_lowercase(), a.clone()))
                .collect(),
            owner: owner.map(str::to_owned),
            place,
            by_cell: FxHashMap::default(),
            profiles: Vec::new(),
            entries: vec![Entry {
                name: "(agencies beyond the first 50,000)".to_owned(),
                profile: 0,
                doubt: None,
                nobody: true,
            }],
        }
    }

    /// Agency and profile of the owner, for logs without a column of agencies: there the owner is who searched.
    pub(super) fn of_owner(&mut self) -> (u32, u32) {
        let owner = self.owner.clone().unwrap_or_default();
        self.find(&owner)
    }

    /// Agency and profile of an `Org Name` cell; a missing or masked one is the agency that nobody knows.
    pub(super) fn find(&mut self, cell: &str) -> (u32, u32) {
        if let Some(found) = self.by_cell.get(cell) {
            return *found;
        }
        let name = AgencyName::parse(cell);
        let profile = self.profile(&name);
        let closed = profile.agency.status == Status::Inactive;
        let known = self.profiles.iter().position(|p| p.is_like(&profile));
        let profile_id = known.unwrap_or_else(|| {
            self.profiles.push(profile.clone());
            self.profiles.len() - 1
        });
        let profile_id = index(profile_id);
        if self.entries.len() > MOST_AGENCIES {
            return (OTHERS, profile_id);
        }
        let label = if name.is_nobody() && !profile.owner {
            "(agency not recorded)"
        } else {
            name.name()
        };
        self.entries.push(Entry {
            name: format!("{label}{}", if closed { " [Inactive]" } else { "" }),
            profile: profile_id,
            doubt: doubt(&name, &profile),
            nobody: name.is_nobody() && !profile.owner,
        });
        let found = (index(self.entries.len() - 1), profile_id);
        self.by_cell.insert(cell.into(), found);
        found
    }

    fn profile(&self, name: &AgencyName<'_>) -> Profile {
        let lower = name.name().to_lowercase();
        let mut agency = self.directory.get(&lower).cloned().unwrap_or_default();
        if agency.id.0.is_empty() && !name.is_nobody() {
            agency.id = name.name().into();
        }
        if agency.name.is_empty() && !name.is_nobody() {
            agency.name = name.name().to_owned();
        }
        name.complete(&mut agency);
        let owner = self
            .owner
            .as_deref()
            .is_some_and(|owner| !lower.is_empty() && owner.trim().to_lowercase() == lower);
        if owner && agency.jurisdiction.is_unknown() {
            agency.jurisdiction = Fact::Known(self.place);
        }
        if owner && agency.kind.is_unknown() {
            agency.kind = Fact::Known(AgencyKind::Local);
        }
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

#[allow(
    clippy::expect_used,
    reason = "profiles are no more than agencies, and those no more than 50,000 and the few kinds beyond them"
)]
fn index(at: usize) -> u32 {
    u32::try_from(at).expect("agencies are counted one by one up to 50,000")
}

/// What the place of an agency might be, where neither name nor directory settles it.
fn doubt(name: &AgencyName<'_>, profile: &Profile) -> Option<String> {
    match name.state_reading() {
        StateReading::Doubtful(states) if profile.agency.jurisdiction.is_unknown() => {
            let states: Vec<String> = states.iter().map(|state| format!("US-{state}")).collect();
            Some(format!("perhaps {}", states.join(" or ")))
        }
        _ => None,
    }
}
