//! What a search is about: the offence and the case.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::token::token_enum;
use crate::model::{Fact, PurposeKind, tagged};

token_enum! {
    /// How grave an offence is.
    pub enum OffenceLevel ("offence level") {
        /// A felony.
        Felony = "felony",
        /// A gross misdemeanour, or one of the highest class.
        GrossMisdemeanor = "gross_misdemeanor" | "aggravated misdemeanor" | "class a misdemeanor",
        /// Any other misdemeanour.
        Misdemeanor = "misdemeanor" | "misdemeanour" | "simple misdemeanor",
        /// An infraction or violation.
        Infraction = "infraction" | "violation",
        /// A civil matter.
        Civil = "civil",
    }
}

token_enum! {
    /// Whose law an offence breaks.
    pub enum OffenceJurisdiction ("offence jurisdiction") {
        /// State law.
        State = "state",
        /// A county or municipal ordinance.
        Local = "local" | "ordinance" | "municipal",
        /// Federal law alone.
        Federal = "federal",
        /// Another country's law.
        Foreign = "foreign",
    }
}

/// The offence under investigation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Offence {
    /// Its code: a statute section, or an NIBRS group.
    pub code: String,
    /// How grave it is.
    #[serde(skip_serializing_if = "Fact::is_unknown")]
    pub level: Fact<OffenceLevel>,
    /// Whose law it breaks.
    #[serde(skip_serializing_if = "Fact::is_unknown")]
    pub jurisdiction: Fact<OffenceJurisdiction>,
    /// Whether the infraction is tied to a crash.
    #[serde(skip_serializing_if = "is_false")]
    pub accident_related: bool,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Offence {
    /// An offence of known gravity under known law.
    #[must_use]
    pub fn new(
        code: impl Into<String>,
        level: OffenceLevel,
        jurisdiction: OffenceJurisdiction,
    ) -> Self {
        Self {
            code: code.into(),
            level: Fact::Known(level),
            jurisdiction: Fact::Known(jurisdiction),
            accident_related: false,
        }
    }
}

/// What the search belongs to.
///
/// In JSON `{"kind": "case", "id": "24-1234"}`, `{"kind": "call_for_service", ...}`,
/// `{"kind": "hotlist_entry", ...}`, or just the case number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
pub enum CaseRef {
    /// A case.
    Case {
        /// Its number.
        id: String,
        /// Whether the investigation is under way; unknown where nobody said.
        #[serde(default, skip_serializing_if = "Fact::is_unknown")]
        active: Fact<bool>,
    },
    /// A call for service.
    CallForService {
        /// Its number.
        id: String,
    },
    /// The hotlist entry that raised the alert; the search inherits its purpose and case.
    HotlistEntry {
        /// Its id.
        id: String,
        /// The purpose under which the plate was listed.
        #[serde(default, skip_serializing_if = "Fact::is_unknown")]
        purpose: Fact<PurposeKind>,
        /// The case under which it was listed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case: Option<String>,
        /// When the entry lapses; `None` for never.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::model::time::maybe_instant"
        )]
        expires: Option<Timestamp>,
    },
}

impl CaseRef {
    /// A case by its number.
    #[must_use]
    pub fn case(id: impl Into<String>) -> Self {
        Self::Case {
            id: id.into(),
            active: Fact::Unknown,
        }
    }

    /// The number, trimmed; an empty one is no reference.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Case { id, .. } | Self::CallForService { id } | Self::HotlistEntry { id, .. } => {
                id.trim()
            }
        }
    }
}

impl Serialize for CaseRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for CaseRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let value = serde_json::Value::deserialize(deserializer)?;
        if let Some(id) = value.as_str() {
            return Ok(Self::case(id));
        }
        Self::deserialize(tagged::spelt_out(value)).map_err(D::Error::custom)
    }
}
