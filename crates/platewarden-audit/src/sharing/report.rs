//! What the comparison comes to.

use jiff::Timestamp;
use platewarden_policy::model::{AgencyKind, Fact};
use serde::Serialize;

use crate::retro::RuleHit;

/// How an organisation that a list names stands to the data; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is let in although its access was revoked.
    Revoked,
    /// It is let in although the law, or a house rule, bars it for good.
    Barred,
    /// It is let in, and something that the law asks for is not on file.
    Lacking,
    /// It is let in by the list, and no grant on file lets it in.
    NoGrant,
    /// It is let in, and nobody knows who or where it is.
    Unplaced,
    /// It is let in, and what the law asks for is on file.
    InOrder,
    /// It is not let in.
    NotLetIn,
}

impl Standing {
    /// Every standing, the gravest first.
    pub const ALL: [Self; 7] = [
        Self::Revoked,
        Self::Barred,
        Self::Lacking,
        Self::NoGrant,
        Self::Unplaced,
        Self::InOrder,
        Self::NotLetIn,
    ];

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Revoked => "let in although revoked",
            Self::Barred => "let in although barred",
            Self::Lacking => "let in, and a paper is missing",
            Self::NoGrant => "let in without a grant on file",
            Self::Unplaced => "let in, and its place is not known",
            Self::InOrder => "let in, in order",
            Self::NotLetIn => "not let in",
        }
    }
}

/// One organisation of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedOrganization {
    /// Its name without marks.
    pub name: String,
    /// The file.
    pub file: String,
    /// The line of the file, or the row of the sheet, from 1.
    pub line: u64,
    /// How it stands.
    pub standing: Standing,
    /// What kind of body it is, as far as known.
    pub kind: Fact<AgencyKind>,
    /// Whose law binds it, as far as known.
    pub home: Option<String>,
    /// What its place might be, where its name can be read in more than one way.
    pub doubt: Option<String>,
    /// Whether it lets the owner in.
    pub lets_in: bool,
    /// The rules that speak against it, the highest authority first.
    pub rules: Vec<RuleHit>,
    /// What would have to be on file.
    pub lacking: Vec<String>,
    /// Declarations on file towards the place of the data.
    pub declarations: Vec<String>,
    /// The grant on file that lets it in; blank where the dataset's own share does.
    pub grant: Option<String>,
}

/// Who is let in, compared with what is on file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SharingReport {
    /// Where the data was captured.
    pub data_in: String,
    /// The owner, if named.
    pub owner: Option<String>,
    /// The instant at which law and files were asked.
    pub as_of: Timestamp,
    /// Whether a registry of grants was given; without one, nothing is said of grants.
    pub has_registry: bool,
    /// The lists.
    pub files: Vec<String>,
    /// The organisations, the gravest standing first.
    pub organizations: Vec<SharedOrganization>,
}

impl SharingReport {
    /// How many organisations stand so.
    #[must_use]
    pub fn count(&self, standing: Standing) -> usize {
        self.organizations
            .iter()
            .filter(|o| o.standing == standing)
            .count()
    }
}
