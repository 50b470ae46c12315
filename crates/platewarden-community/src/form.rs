//! What an agency states when it asks, and what is checked before anybody sees it.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use platewarden_policy::classifier::{Grade, SignalCategory, classify};
use platewarden_policy::model::{AgencyRef, Contact, Fact, Jurisdiction, PurposeKind, TimeWindow};

use super::agency::{PostingAgency, is_federal, refused};
use super::area::Area;
use crate::Error;

/// Longest window that may be asked about.
pub const MAX_WINDOW_HOURS: i64 = 12;

/// The law that governs how long the agency keeps what it receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionLaw {
    /// Whose law it is: the posting agency's state.
    pub jurisdiction: Jurisdiction,
    /// Its citation.
    pub citation: String,
    /// What it says, in a sentence for residents.
    pub summary: String,
}

/// What an agency states when it asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestForm {
    /// Number of the case.
    pub case_number: String,
    /// Purpose of the investigation: a crime, or danger to a person.
    pub purpose: PurposeKind,
    /// What happened, as residents read it.
    pub incident: String,
    /// Where residents are asked.
    pub area: Area,
    /// The time from which recordings are asked for: at most twelve hours, and past.
    pub window: TimeWindow,
    /// Who investigates; a name and a telephone number or e-mail address.
    pub investigator: Contact,
    /// The agency for which this one asks, where it is not for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<AgencyRef>,
    /// Agencies that will receive what residents share. An empty list says: none; unknown is refused.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub transfer_intended_to: Fact<Vec<AgencyRef>>,
    /// Which law governs retention afterwards.
    pub retention_law: RetentionLaw,
    /// Last instant at which residents may answer.
    pub responses_until: Timestamp,
}

impl RequestForm {
    /// The agencies besides the posting one that will receive what residents share.
    #[must_use]
    pub fn recipients(&self) -> &[AgencyRef] {
        self.transfer_intended_to.known().map_or(&[], Vec::as_slice)
    }

    /// Checks the form as of `at`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the first rule that the form breaks.
    pub(super) fn check(&self, agency: &PostingAgency, at: Timestamp) -> Result<(), Error> {
        if self.case_number.trim().is_empty() {
            return Err(refused(
                "community-case-number",
                "the case number is missing".to_owned(),
                "state it",
            ));
        }
        if !self.purpose.is_crime_or_danger() {
            return Err(refused(
                "community-purpose",
                format!(
                    "the purpose `{}` is not the investigation of a crime or of danger to a person",
                    self.purpose
                ),
                "ask residents only for such an investigation",
            ));
        }
        if self.incident.trim().is_empty() {
            return Err(refused(
                "community-incident",
                "what happened is not stated".to_owned(),
                "tell residents in a sentence or two",
            ));
        }
        self.check_window(at)?;
        let contact = &self.investigator;
        if contact.name.trim().is_empty()
            || (contact.telephone.trim().is_empty() && contact.email.trim().is_empty())
        {
            return Err(refused(
                "community-contact",
                "nobody is named whom residents can ask".to_owned(),
                "state the investigator's name and a telephone number or e-mail address",
            ));
        }
        self.check_beneficiaries()?;
        self.check_text()?;
        let law = &self.retention_law;
        if law.citation.trim().is_empty() || law.summary.trim().is_empty() {
            return Err(refused(
                "community-retention-law",
                "the law that governs retention is not cited".to_owned(),
                "cite it and say what it means for residents",
            ));
        }
        if law.jurisdiction != Jurisdiction::State(agency.state) {
            return Err(refused(
                "community-retention-law",
                format!(
                    "the law cited is of {}, the agency of {}",
                    law.jurisdiction, agency.state
                ),
                "cite the law that binds the agency",
            ));
        }
        if self.responses_until <= at {
            return Err(refused(
                "community-deadline",
                "the time to answer is over before it begins".to_owned(),
                "set a later one",
            ));
        }
        Ok(())
    }

    fn check_window(&self, at: Timestamp) -> Result<(), Error> {
        let length = self.window.end.duration_since(self.window.start);
        if length <= SignedDuration::ZERO {
            return Err(refused(
                "community-window",
                "the window ends before it begins".to_owned(),
                "state its beginning and end",
            ));
        }
        if length > SignedDuration::from_hours(MAX_WINDOW_HOURS) {
            let hours = length.as_secs() / 3600;
            return Err(refused(
                "community-window",
                format!("the window of {hours} hours or more is longer than {MAX_WINDOW_HOURS}"),
                "narrow it",
            ));
        }
        if self.window.end > at {
            return Err(refused(
                "community-window",
                "the window reaches into the future".to_owned(),
                "ask for what was recorded, not for what will be",
            ));
        }
        Ok(())
    }

    fn check_beneficiaries(&self) -> Result<(), Error> {
        if let Some(principal) = &self.on_behalf_of {
            if is_federal(principal) {
                return Err(refused(
                    "community-no-federal",
                    format!(
                        "the request is made on behalf of {}, a federal agency",
                        principal.id
                    ),
                    "federal agencies cannot post, nor have another post for them",
                ));
            }
            if principal.kind.is_unknown() {
                return Err(refused(
                    "community-beneficiary",
                    format!("what kind of agency {} is is unknown", principal.id),
                    "state it",
                ));
            }
        }
        let Fact::Known(recipients) = &self.transfer_intended_to else {
            return Err(refused(
                "community-beneficiary",
                "whether anybody else will receive the recordings is unknown".to_owned(),
                "list them; an empty list says nobody",
            ));
        };
        match recipients
            .iter()
            .find(|recipient| recipient.kind.is_unknown() && !is_federal(recipient))
        {
            Some(unknown) => Err(refused(
                "community-beneficiary",
                format!("what kind of agency {} is is unknown", unknown.id),
                "state it",
            )),
            None => Ok(()),
        }
    }

    fn check_text(&self) -> Result<(), Error> {
        let found = classify(&self.incident);
        if let Some(signal) = found
            .signals
            .iter()
            .find(|signal| is_sensitive(signal.category) && signal.grade == Grade::High)
        {
            return Err(refused(
                "community-purpose",
                format!("the text speaks of {}: `{}`", signal.category, signal.term),
                "residents are asked for a crime or danger to a person only",
            ));
        }
        let federal = found
            .signals
            .iter()
            .find(|signal| signal.category == SignalCategory::FederalNexus);
        match federal {
            Some(signal) if !self.recipients().iter().any(is_federal) => Err(refused(
                "community-undisclosed-beneficiary",
                format!(
                    "the text names a federal agency (`{}`) that is not among the recipients",
                    signal.term
                ),
                "name it as a recipient, so that residents know, or take it out if it receives nothing",
            )),
            _ => Ok(()),
        }
    }

    /// What a moderator has to look at, beyond reading the text.
    pub(super) fn flags(&self) -> Vec<String> {
        let mut flags: Vec<String> = self
            .recipients()
            .iter()
            .filter(|agency| is_federal(agency))
            .map(|agency| format!("federal recipient: {}", agency.id))
            .collect();
        flags.extend(
            self.on_behalf_of
                .iter()
                .map(|agency| format!("on behalf of: {}", agency.id)),
        );
        let found = classify(&self.incident);
        let worth = found.signals.iter().filter(|signal| {
            is_sensitive(signal.category) || signal.category == SignalCategory::PersonalData
        });
        flags.extend(worth.map(|signal| {
            format!(
                "text: {} ({}, {})",
                signal.term, signal.category, signal.grade
            )
        }));
        flags
    }
}

/// Categories that name a purpose for which residents are not asked.
fn is_sensitive(category: SignalCategory) -> bool {
    match category {
        SignalCategory::Immigration
        | SignalCategory::HealthCare
        | SignalCategory::ProtectedActivity
        | SignalCategory::EthnicTerm
        | SignalCategory::Personal
        | SignalCategory::Civil => true,
        SignalCategory::FederalNexus
        | SignalCategory::Vague
        | SignalCategory::Training
        | SignalCategory::PersonalData => false,
    }
}
