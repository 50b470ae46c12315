//! What is known against the subject, and the papers that a search rests on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::tagged::{self, tagged_or_word};
use crate::model::token::token_enum;
use crate::model::{DeclarationId, Fact, Jurisdiction, State};

/// How much is known against the subject.
///
/// In JSON `{"kind": "reasonable_suspicion", "facts": "..."}`; a word alone where no facts are stated.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
pub enum Suspicion {
    /// Nothing is stated.
    #[default]
    None,
    /// Specific facts.
    ArticulableFacts {
        /// The facts; an empty text states nothing.
        #[serde(default)]
        facts: String,
    },
    /// Reasonable suspicion of a crime.
    ReasonableSuspicion {
        /// The facts; an empty text states nothing.
        #[serde(default)]
        facts: String,
    },
    /// Probable cause.
    ProbableCause {
        /// The facts; an empty text states nothing.
        #[serde(default)]
        facts: String,
    },
}
tagged_or_word!(Suspicion);

/// Whose court issued a process.
///
/// In JSON `"federal"`, `{"kind": "state", "state": "MD"}` or `"foreign"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
pub enum Court {
    /// A court of the United States under Article III, or its magistrate.
    Federal,
    /// A state court.
    State {
        /// The state.
        state: State,
    },
    /// A court of another country.
    Foreign,
}

tagged_or_word!(Court);

/// A process that compels or authorises disclosure.
///
/// In JSON `{"kind": "judicial_warrant", "court": "federal", "id": "..."}` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
pub enum LegalProcess {
    /// A warrant issued by a judge on probable cause.
    JudicialWarrant {
        /// Whose court.
        #[serde(default, skip_serializing_if = "Fact::is_unknown")]
        court: Fact<Court>,
        /// Its number.
        #[serde(default)]
        id: String,
    },
    /// A court order other than a warrant.
    CourtOrder {
        /// Whose court.
        #[serde(default, skip_serializing_if = "Fact::is_unknown")]
        court: Fact<Court>,
        /// Its number.
        #[serde(default)]
        id: String,
    },
    /// A subpoena.
    Subpoena {
        /// Its number.
        #[serde(default)]
        id: String,
    },
    /// A paper that an agency issues to itself, such as DHS forms I-200 and I-205: no court has seen it.
    AdministrativeWarrant {
        /// The form.
        #[serde(default)]
        form: String,
    },
}
tagged_or_word!(LegalProcess);

/// An emergency claimed for the search.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exigency {
    /// What the emergency is; may stay empty where the reason or a public alert says it.
    pub facts: String,
    /// The supervisor who released the search; without one the claim waives nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

token_enum! {
    /// What is certified for this one search.
    pub enum CertificationKind ("certification") {
        /// A statement under penalty of perjury (Md. Public Safety 3-529).
        PerjuryStatement = "perjury_statement" | "accessor statement" | "statement",
        /// A written certification or attestation of a lawful purpose.
        WrittenCertification = "written_certification" | "attestation" | "written attestation" | "certification",
        /// A written request to the owner.
        WrittenRequest = "written_request",
        /// A written authorisation within the agency.
        WrittenAuthorization = "written_authorization" | "written authorisation",
        /// A named supervisor's release of a held search.
        SupervisorRelease = "supervisor_release",
        /// A named counsel's release of a held search.
        CounselRelease = "counsel_release",
        /// A rank's authorisation (UK: inspector or above).
        SeniorAuthorization = "senior_authorization" | "inspector authorization" | "superintendent authorization",
        /// An order limited in time and place (Germany: sec. 163g StPO).
        TimeAndPlaceOrder = "time_and_place_order",
        /// The subject's written consent.
        Consent = "consent" | "written consent",
        /// The code of a permissible use (18 USC 2721(b)).
        UseCode = "use_code" | "permissible use",
        /// Another verified person's approval of a search that was repeated; a store checks who that is.
        SecondApproval = "second_approval" | "second approver",
        /// The plate searched is synthetic, or the searcher's own.
        TestPlate = "test_plate" | "synthetic plate" | "own plate",
    }
}

/// A certification made for this one search.
///
/// In JSON an object, or just the kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[schemars(transform = crate::model::short_form::or_text)]
pub struct CertificationRef {
    /// Its id, written to the log.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub id: DeclarationId,
    /// What is certified.
    pub kind: CertificationKind,
    /// Towards whose law; `None` where it is plain from the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<Jurisdiction>,
    /// By whom, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Its code or text, where the kind has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

fn is_empty(id: &DeclarationId) -> bool {
    id.0.is_empty()
}

impl CertificationRef {
    /// A certification of this kind.
    #[must_use]
    pub fn new(kind: CertificationKind) -> Self {
        Self {
            id: DeclarationId::default(),
            kind,
            jurisdiction: None,
            by: None,
            text: None,
        }
    }

    /// The same, made by a named person.
    #[must_use]
    pub fn by(mut self, name: impl Into<String>) -> Self {
        self.by = Some(name.into());
        self
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CertificationWire {
    #[serde(default)]
    id: DeclarationId,
    kind: CertificationKind,
    #[serde(default, alias = "state")]
    jurisdiction: Option<Jurisdiction>,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

impl<'de> Deserialize<'de> for CertificationRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = tagged::read(deserializer)?;
        let wire = CertificationWire::deserialize(value).map_err(serde::de::Error::custom)?;
        Ok(Self {
            id: wire.id,
            kind: wire.kind,
            jurisdiction: wire.jurisdiction,
            by: wire.by,
            text: wire.text,
        })
    }
}
