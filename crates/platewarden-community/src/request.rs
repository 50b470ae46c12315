//! A request and its stages.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agency::PostingAgency;
use super::code::InvestigationCode;
use super::form::RequestForm;
use crate::Error;

/// Written, not yet submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Who wrote it.
    pub drafted_by: String,
}

/// Submitted; a moderator has to look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnderModeration {
    /// Who submitted it.
    pub submitted_by: String,
    /// When.
    pub submitted_at: Timestamp,
    /// What the moderator has to look at, beyond reading the text.
    pub flags: Vec<String>,
}

/// Before residents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Who let it through.
    pub moderator: String,
    /// When.
    pub published_at: Timestamp,
}

/// Not let through: the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// Who rejected it.
    pub moderator: String,
    /// When.
    pub rejected_at: Timestamp,
    /// Why.
    pub reason: String,
}

/// No longer before residents: the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// Who closed it.
    pub closed_by: String,
    /// When.
    pub closed_at: Timestamp,
}

/// A moderator's release.
///
/// ```
/// use platewarden_community::Moderation;
/// let release = Moderation::new("mod-1").acknowledging_flags();
/// assert!(release.flags_acknowledged);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Moderation {
    /// Who moderates.
    pub moderator: String,
    /// Whether the moderator has seen every flag and lets the request through in spite of them.
    #[serde(default)]
    pub flags_acknowledged: bool,
}

impl Moderation {
    /// A release by this moderator of a request without flags.
    #[must_use]
    pub fn new(moderator: impl Into<String>) -> Self {
        Self {
            moderator: moderator.into(),
            flags_acknowledged: false,
        }
    }

    /// The same, of a request with flags.
    #[must_use]
    pub fn acknowledging_flags(mut self) -> Self {
        self.flags_acknowledged = true;
        self
    }
}

/// What stays the same from the draft to the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "ParticularsWire")]
pub struct Particulars {
    #[schemars(with = "String")]
    pub(super) code: InvestigationCode,
    pub(super) agency: PostingAgency,
    pub(super) form: RequestForm,
    pub(super) drafted_at: Timestamp,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Particulars")]
struct ParticularsWire {
    #[schemars(with = "String")]
    code: InvestigationCode,
    agency: PostingAgency,
    form: RequestForm,
    drafted_at: Timestamp,
}

impl TryFrom<ParticularsWire> for Particulars {
    type Error = Error;

    /// Storage is not trusted: what could not have been drafted cannot be read back either.
    fn try_from(wire: ParticularsWire) -> Result<Self, Error> {
        wire.agency.check()?;
        wire.form.check(&wire.agency, wire.drafted_at)?;
        Ok(Self {
            code: wire.code,
            agency: wire.agency,
            form: wire.form,
            drafted_at: wire.drafted_at,
        })
    }
}

impl Particulars {
    /// Checks agency and form as when the request was drafted: a document that came from outside is not believed to have
    /// been checked before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the first rule that is broken.
    pub fn check(&self) -> Result<(), Error> {
        self.agency.check()?;
        self.form.check(&self.agency, self.drafted_at)
    }

    /// When the request was drafted.
    #[must_use]
    pub fn drafted_at(&self) -> Timestamp {
        self.drafted_at
    }
}

/// A request for footage at one of its stages: [`Draft`], [`UnderModeration`], [`Published`], [`Rejected`] or
/// [`Closed`]. The steps are methods of the [`RequestService`](super::RequestService), each taking the stage that it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommunityRequest<S> {
    pub(super) particulars: Particulars,
    pub(super) stage: S,
}

impl<S> CommunityRequest<S> {
    /// What stays the same from the draft to the end.
    #[must_use]
    pub fn particulars(&self) -> &Particulars {
        &self.particulars
    }

    /// The code by which residents and officers name it.
    #[must_use]
    pub fn code(&self) -> &InvestigationCode {
        &self.particulars.code
    }

    /// The agency that asks.
    #[must_use]
    pub fn agency(&self) -> &PostingAgency {
        &self.particulars.agency
    }

    /// What it states.
    #[must_use]
    pub fn form(&self) -> &RequestForm {
        &self.particulars.form
    }

    /// When it was drafted.
    #[must_use]
    pub fn drafted_at(&self) -> Timestamp {
        self.particulars.drafted_at
    }

    /// The stage and what was noted with it.
    #[must_use]
    pub fn stage(&self) -> &S {
        &self.stage
    }

    pub(super) fn at_stage<N>(self, stage: N) -> CommunityRequest<N> {
        CommunityRequest {
            particulars: self.particulars,
            stage,
        }
    }
}
