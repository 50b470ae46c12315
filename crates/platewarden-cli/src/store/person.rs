//! Who asks.

use std::path::PathBuf;

use clap::Args;
use platewarden_policy::model::{Actor, Agency, AgencyKind, Jurisdiction};
use platewarden_store::Store;

use crate::failure::{AnyError, UsageError, about};

/// Who asks.
///
/// The program cannot know who sits at the keyboard: whoever lets it be run vouches for what is said here, and the trail
/// keeps it.
#[derive(Args)]
pub(super) struct Person {
    /// The person's account
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// The person's identity has been proofed and the session opened with several factors; unsaid, the law denies
    #[arg(long)]
    verified: bool,
    /// The person's agency [default: the owner of the dataset]
    #[arg(long, value_name = "ID", requires_all = ["agency_kind", "agency_in"])]
    agency: Option<String>,
    /// What kind of agency that is
    #[arg(long, value_name = "KIND")]
    agency_kind: Option<AgencyKind>,
    /// Whose law binds that agency, as in US-TX
    #[arg(long, value_name = "PLACE")]
    agency_in: Option<Jurisdiction>,
    /// Take the agency, with its declarations and standing, from this JSON file
    #[arg(long, value_name = "FILE", conflicts_with = "agency")]
    agency_file: Option<PathBuf>,
}

impl Person {
    /// Whether anything is said at all.
    pub(super) fn is_named(&self) -> bool {
        self.user.is_some()
    }

    /// The person as the law sees them.
    pub(super) fn actor(&self, store: &Store, dataset: &str) -> Result<Actor, AnyError> {
        let user = self.user.as_deref().ok_or_else(|| {
            UsageError("who asks? say --user, or give the whole request with --request".into())
        })?;
        let agency = self.agency(store, dataset)?;
        Ok(if self.verified {
            Actor::verified(user, agency)
        } else {
            Actor {
                user: user.into(),
                agency,
                ..Actor::default()
            }
        })
    }

    /// Another person of the same agency, verified as this one is.
    pub(super) fn colleague(&self, actor: &Actor, user: &str) -> Actor {
        Actor {
            user: user.into(),
            ..actor.clone()
        }
    }

    fn agency(&self, store: &Store, dataset: &str) -> Result<Agency, AnyError> {
        if let Some(path) = &self.agency_file {
            let text = std::fs::read_to_string(path).map_err(about("read", path))?;
            return serde_json::from_str(&text).map_err(about("read", path));
        }
        if let (Some(id), Some(kind), Some(place)) =
            (&self.agency, self.agency_kind, self.agency_in)
        {
            return Ok(Agency::new(id.as_str(), kind, place));
        }
        let datasets = store.datasets();
        let known = datasets
            .iter()
            .find(|known| known.dataset.id.as_str() == dataset);
        let owner = known.map(|known| &known.dataset.owner).ok_or_else(|| {
            UsageError(format!(
                "the store has no dataset `{dataset}`; it has {}",
                names(store)
            ))
        })?;
        Ok(Agency {
            id: owner.id.clone(),
            kind: owner.kind,
            jurisdiction: owner.jurisdiction,
            federal_component: owner.federal_component,
            ..Agency::default()
        })
    }
}

/// The datasets of a store, for a message.
pub(super) fn names(store: &Store) -> String {
    let names: Vec<String> = store
        .datasets()
        .iter()
        .map(|known| format!("`{}`", known.dataset.id))
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
