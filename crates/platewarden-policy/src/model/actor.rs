//! The person who searches.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::token::token_enum;
use super::{Agency, AgencyId, CredentialId, Fact, UserId};

token_enum! {
    /// What the person does in the agency.
    pub enum Role ("role") {
        /// Patrol officer or deputy.
        Officer = "officer",
        /// Investigator or detective.
        Investigator = "investigator" | "detective",
        /// Crime analyst.
        Analyst = "analyst",
        /// Supervisor; for UK forces inspector or above.
        Supervisor = "supervisor" | "inspector",
        /// Dispatcher.
        Dispatcher = "dispatcher",
        /// Administrator of the system.
        Administrator = "administrator" | "admin",
        /// Auditor.
        Auditor = "auditor",
        /// Software, acting on a hotlist match or by an interface.
        Automated = "automated" | "system" | "api",
    }
}

/// How to reach the person: what Md. Public Safety 3-529(b)(2) asks of every accessor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// Full name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Telephone number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub telephone: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Physical address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
}

impl Contact {
    /// Whether all four parts are given.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [&self.name, &self.telephone, &self.email, &self.address]
            .iter()
            .all(|part| !part.trim().is_empty())
    }
}

/// The person who searches, and the agency whose account is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The account.
    #[serde(default)]
    pub user: UserId,
    /// The agency of the account.
    pub agency: Agency,
    /// What the person signed in with.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub credential: CredentialId,
    /// To whom that was issued, where the record shows it. A person who signs in with what is another's is denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_holder: Option<UserId>,
    /// Whether the account has been bound to one verified person. Unknown denies.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub person_proofed: Fact<bool>,
    /// Whether this session was opened with more than one factor. Unknown denies.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub mfa: Fact<bool>,
    /// Whether the credential is used by more than one person, or by one of another agency.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub credential_shared: Fact<bool>,
    /// What the person does.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub role: Fact<Role>,
    /// The last day on which the person's training counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_valid_until: Option<Date>,
    /// Other agencies that the person is sworn in for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cross_designations: Vec<AgencyId>,
    /// How to reach the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

fn is_empty(credential: &CredentialId) -> bool {
    credential.0.is_empty()
}

impl Actor {
    /// A person whose identity and session the platform has verified.
    #[must_use]
    pub fn verified(user: impl Into<UserId>, agency: Agency) -> Self {
        Self {
            user: user.into(),
            agency,
            person_proofed: Fact::Known(true),
            mfa: Fact::Known(true),
            ..Self::default()
        }
    }

    /// The same person with contact data.
    #[must_use]
    pub fn with_contact(mut self, contact: Contact) -> Self {
        self.contact = Some(contact);
        self
    }
}
