//! A resident's consent and its stages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use platewarden_trail::Digest;

use super::manifest::{ConsentRecord, Recording};
use super::notice::Notice;
use super::request::Particulars;

/// Given, and not yet carried out: it can be withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {}

/// Withdrawn: the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// When.
    pub withdrawn_at: Timestamp,
}

/// Handed over: the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transferred {
    /// When.
    pub transferred_at: Timestamp,
    /// SHA-256 of the sealed manifest.
    pub manifest_sha256: Digest,
    /// The evidence system's own identifier of what it received.
    pub evidence_id: String,
}

/// One resident's consent to one request: [`Given`], [`Withdrawn`] or [`Transferred`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consent<S> {
    pub(super) particulars: Particulars,
    pub(super) record: ConsentRecord,
    pub(super) notice: Notice,
    pub(super) recordings: Vec<Recording>,
    pub(super) stage: S,
}

impl<S> Consent<S> {
    /// The request it answers.
    #[must_use]
    pub fn request(&self) -> &Particulars {
        &self.particulars
    }

    /// What the resident consented to.
    #[must_use]
    pub fn record(&self) -> &ConsentRecord {
        &self.record
    }

    /// The notice that the resident was shown.
    #[must_use]
    pub fn notice(&self) -> &Notice {
        &self.notice
    }

    /// The recordings.
    #[must_use]
    pub fn recordings(&self) -> &[Recording] {
        &self.recordings
    }

    /// The stage and what was noted with it.
    #[must_use]
    pub fn stage(&self) -> &S {
        &self.stage
    }

    pub(super) fn at_stage<N>(self, stage: N) -> Consent<N> {
        let Self {
            particulars,
            record,
            notice,
            recordings,
            ..
        } = self;
        Consent {
            particulars,
            record,
            notice,
            recordings,
            stage,
        }
    }
}
