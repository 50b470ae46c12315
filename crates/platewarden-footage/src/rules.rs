//! What a resident lets be asked: rules of their own, and the law packs of their state.

use std::str::FromStr;

use jiff::Timestamp;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{
    Actor, Agency, AgencyRef, Dataset, Decision, Fact, Jurisdiction, Purpose, PurposeKind,
    SearchRequest, ShareGrant, State,
};
use serde::{Deserialize, Serialize};

use crate::document::VerifiedRequest;
use crate::{Error, Result};

/// A resident's own rules, as a TOML file states them. The default lets every request that the law lets be asked, shows what
/// matches with at least the probability of [`Rules::DEFAULT_PROBABILITY`], and asks each time.
///
/// ```
/// use platewarden_footage::Rules;
/// let rules: Rules = r#"
///     state = "IL"
///     only = ["stolen_vehicle_or_plate", "missing_or_endangered"]
/// "#.parse()?;
/// assert_eq!(rules.only.len(), 2);
/// assert!("olny = []".parse::<Rules>().is_err());
/// # Ok::<(), platewarden_footage::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The state in which the cameras stand, whose law is asked.
    pub state: Option<State>,
    /// Purposes for which nothing is ever read. Civil immigration, health care and protected activity cannot be asked for at all.
    pub never: Vec<PurposeKind>,
    /// The only purposes for which anything is read; empty for all others.
    pub only: Vec<PurposeKind>,
    /// Ids of the only agencies that may ask; empty for any that is certified.
    pub agencies: Vec<String>,
    /// Ids of agencies to which nothing goes, not even from another one.
    pub never_to: Vec<String>,
    /// Nothing is read at all.
    pub paused: bool,
    /// Least probability of a match that is shown, 0 to 1.
    pub least_probability: f32,
}

impl Rules {
    /// Least probability of a match that is shown where nothing else is said: one look-alike in a sharp text.
    pub const DEFAULT_PROBABILITY: f32 = 0.02;
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            state: None,
            never: Vec::new(),
            only: Vec::new(),
            agencies: Vec::new(),
            never_to: Vec::new(),
            paused: false,
            least_probability: Self::DEFAULT_PROBABILITY,
        }
    }
}

impl FromStr for Rules {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let rules: Self =
            toml::from_str(text).map_err(|source| Error::toml("a resident's rules", source))?;
        if !(0.0..=1.0).contains(&rules.least_probability) {
            return Err(Error::invalid(
                "least_probability",
                "a number from 0 to 1",
                &rules.least_probability.to_string(),
            ));
        }
        Ok(rules)
    }
}

impl Rules {
    /// Asks the resident's own rules, then the law of the place and of the agency as it is at `at`. Whatever is decided stays on this machine.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the rule that refuses, the resident's own or one of the law with its
    /// citation.
    pub fn admit(
        &self,
        request: &VerifiedRequest,
        policy: &Policy,
        at: Timestamp,
    ) -> Result<Decision> {
        self.ask_own(request)?;
        let particulars = request.particulars();
        let decision = policy.decide(&self.question(request, at));
        if decision.outcome.permits_any() {
            return Ok(decision);
        }
        let reason = decision
            .reasons
            .iter()
            .find(|reason| reason.effect.denies());
        let why = reason.map_or_else(
            || "the law does not let this be asked".to_owned(),
            |reason| {
                format!(
                    "{} ({}): {}",
                    reason.rule, reason.authority.citation, reason.message
                )
            },
        );
        Err(Error::refused(
            "footage-law",
            &format!("{why} [request {}]", particulars.code()),
            "nothing was read; the agency may cure it and publish another request",
        ))
    }

    fn ask_own(&self, request: &VerifiedRequest) -> Result<()> {
        let form = request.particulars().form();
        let agency = request.particulars().agency();
        let own = |why: String| {
            Err(Error::refused(
                "footage-own-rules",
                &why,
                "change your rules, if you think better of it",
            ))
        };
        if self.paused {
            return own("your rules say that nothing is read".to_owned());
        }
        if self.never.contains(&form.purpose) {
            return own(format!(
                "your rules never admit the purpose `{}`",
                form.purpose
            ));
        }
        if !self.only.is_empty() && !self.only.contains(&form.purpose) {
            return own(format!(
                "your rules do not list the purpose `{}`",
                form.purpose
            ));
        }
        if !self.agencies.is_empty() && !self.agencies.iter().any(|id| *id == agency.id.as_str()) {
            return own(format!("your rules do not list the agency `{}`", agency.id));
        }
        let receivers = std::iter::once(agency.id.as_str())
            .chain(form.on_behalf_of.iter().map(|other| other.id.as_str()))
            .chain(form.recipients().iter().map(|other| other.id.as_str()));
        match receivers
            .into_iter()
            .find(|id| self.never_to.iter().any(|never| never == id))
        {
            Some(id) => own(format!("your rules let nothing go to `{id}`")),
            None => Ok(()),
        }
    }

    /// The search that the request amounts to: one plate in one resident's recordings, for the agency that asks.
    fn question(&self, request: &VerifiedRequest, at: Timestamp) -> SearchRequest {
        let particulars = request.particulars();
        let (agency, form) = (particulars.agency(), particulars.form());
        let place = self.state.unwrap_or(agency.state);
        let owner = AgencyRef {
            id: "resident".into(),
            ..AgencyRef::named("resident")
        };
        let footage = Dataset::new("footage", owner, place).with_share(ShareGrant::Network);
        let asking = Agency {
            name: agency.name.clone(),
            jurisdiction: Fact::Known(Jurisdiction::State(agency.state)),
            ..Agency::new(agency.id.clone(), agency.kind, agency.state)
        };
        let mut question =
            SearchRequest::builder(Actor::verified(form.investigator.name.as_str(), asking), at)
                .id(particulars.code().as_str())
                .window(form.window.start, form.window.end)
                .purpose(Purpose::from(form.purpose))
                .reason(form.incident.as_str())
                .case(form.case_number.as_str())
                .transfer_to(form.recipients().to_vec())
                .dataset(footage);
        if let Some(plate) = request.body().plates.first() {
            question = question.plate(plate.text.as_str());
        }
        if let Some(principal) = &form.on_behalf_of {
            question = question.on_behalf_of(principal.clone());
        }
        question.build()
    }
}
