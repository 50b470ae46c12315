//! Agencies, their standing, and what they have promised in writing.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tagged::tagged_or_word;
use super::token::token_enum;
use super::{AgencyId, DatasetId, DeclarationId, Fact, Jurisdiction, PurposeKind, State};
use crate::Error;
use crate::error::Failure;

token_enum! {
    /// What kind of body an agency is.
    pub enum AgencyKind ("agency kind") {
        /// Municipal or county police, sheriff.
        Local = "local" | "police" | "pd" | "sheriff" | "county" | "municipal",
        /// A state police or other state law enforcement agency.
        State = "state" | "state police",
        /// Campus police.
        Campus = "campus",
        /// Tribal police.
        Tribal = "tribal",
        /// A federal agency.
        Federal = "federal",
        /// A fusion centre.
        FusionCenter = "fusion_center" | "fusion centre",
        /// A prosecutor's office.
        Prosecutor = "prosecutor" | "district attorney",
        /// A public parking authority.
        Parking = "parking",
        /// A toll authority.
        Toll = "toll",
        /// A department of transport.
        Transport = "transport" | "dot",
        /// A private person or company.
        Private = "private" | "commercial" | "business",
        /// A police force outside the United States when it asks for US data, or the reverse.
        Foreign = "foreign",
    }
}

impl AgencyKind {
    /// Whether it enforces criminal law for a state or a part of one (federal bodies do not).
    #[must_use]
    pub const fn is_state_or_local_le(self) -> bool {
        matches!(
            self,
            Self::Local
                | Self::State
                | Self::Campus
                | Self::Tribal
                | Self::FusionCenter
                | Self::Prosecutor
        )
    }
}

token_enum! {
    /// The part of the federal government.
    pub enum FederalComponent ("federal component") {
        /// Immigration and Customs Enforcement, part not named.
        Ice = "ICE" | "immigration and customs enforcement",
        /// ICE Enforcement and Removal Operations.
        Ero = "ERO" | "ICE ERO" | "enforcement and removal operations",
        /// Homeland Security Investigations.
        Hsi = "HSI" | "ICE HSI" | "homeland security investigations",
        /// Customs and Border Protection, part not named.
        Cbp = "CBP" | "customs and border protection",
        /// US Border Patrol.
        Usbp = "USBP" | "border patrol" | "us border patrol",
        /// CBP Office of Field Operations.
        Ofo = "OFO",
        /// Department of Homeland Security, part not named.
        Dhs = "DHS",
        /// Federal Bureau of Investigation.
        Fbi = "FBI",
        /// Drug Enforcement Administration.
        Dea = "DEA",
        /// Bureau of Alcohol, Tobacco, Firearms and Explosives.
        Atf = "ATF",
        /// US Marshals Service.
        Usms = "USMS" | "us marshals" | "marshals",
        /// Postal Inspection Service.
        Uspis = "USPIS",
        /// Secret Service.
        Usss = "USSS" | "secret service",
        /// Military police and investigators.
        Military = "military",
        /// Any other.
        Other = "other",
    }
}

impl FederalComponent {
    /// Whether the component enforces immigration law, wholly or among other things.
    #[must_use]
    pub const fn enforces_immigration(self) -> bool {
        matches!(
            self,
            Self::Ice | Self::Ero | Self::Hsi | Self::Cbp | Self::Usbp | Self::Ofo | Self::Dhs
        )
    }
}

token_enum! {
    /// An agreement that ties an agency to another body.
    pub enum AgreementKind ("agreement") {
        /// 287(g), jail enforcement model.
        Jail287g = "287g_jail",
        /// 287(g), warrant service officer model.
        Warrant287g = "287g_warrant_service",
        /// 287(g), task force model.
        TaskForce287g = "287g_task_force" | "287g",
        /// A joint task force.
        TaskForce = "task_force",
        /// A memorandum of understanding.
        Memorandum = "memorandum" | "mou",
    }
}

/// An agreement in force.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// What kind.
    pub kind: AgreementKind,
    /// With whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
}

/// An agency as far as another party to a search knows it: the owner of a dataset, a beneficiary.
///
/// In JSON an object, or just a name. A bare name that is a federal component (`"DEA"`, `"ICE"`)
/// is understood as that federal agency; any other bare name leaves kind and place unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, JsonSchema)]
#[schemars(transform = crate::model::short_form::or_text)]
pub struct AgencyRef {
    /// The agency's id.
    pub id: AgencyId,
    /// What kind of body it is.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub kind: Fact<AgencyKind>,
    /// Whose law binds it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub jurisdiction: Fact<Jurisdiction>,
    /// The federal component, for a federal agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federal_component: Option<FederalComponent>,
}

impl AgencyRef {
    /// An agency of which kind and place are known.
    #[must_use]
    pub fn new(
        id: impl Into<AgencyId>,
        kind: AgencyKind,
        jurisdiction: impl Into<Jurisdiction>,
    ) -> Self {
        Self {
            id: id.into(),
            kind: Fact::Known(kind),
            jurisdiction: Fact::Known(jurisdiction.into()),
            federal_component: None,
        }
    }

    /// A federal component.
    #[must_use]
    pub fn federal(component: FederalComponent) -> Self {
        Self {
            id: AgencyId(component.as_str().to_owned()),
            kind: Fact::Known(AgencyKind::Federal),
            jurisdiction: Fact::Known(Jurisdiction::UnitedStates),
            federal_component: Some(component),
        }
    }

    /// An agency of which only the name is known.
    ///
    /// The name of a federal component, or one marked `[Federal]`, says what it is.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if let Some(component) =
            FederalComponent::from_word(name).filter(|c| *c != FederalComponent::Other)
        {
            return Self::federal(component);
        }
        let federal = name.trim_start().starts_with("[Federal]");
        Self {
            id: name.into(),
            kind: if federal {
                Fact::Known(AgencyKind::Federal)
            } else {
                Fact::Unknown
            },
            jurisdiction: if federal {
                Fact::Known(Jurisdiction::UnitedStates)
            } else {
                Fact::Unknown
            },
            federal_component: None,
        }
    }
}

impl<'de> Deserialize<'de> for AgencyRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let value = serde_json::Value::deserialize(deserializer)?;
        if let Some(name) = value.as_str() {
            return Ok(Self::named(name));
        }
        let wire = AgencyRefWire::deserialize(value).map_err(D::Error::custom)?;
        let jurisdiction = place(
            wire.jurisdiction,
            wire.state,
            wire.kind,
            wire.federal_component,
        )
        .map_err(D::Error::custom)?;
        let kind = infer_kind(wire.kind, wire.federal_component);
        Ok(Self {
            id: wire.id,
            kind,
            jurisdiction,
            federal_component: wire.federal_component,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgencyRefWire {
    id: AgencyId,
    #[serde(default)]
    kind: Fact<AgencyKind>,
    #[serde(default)]
    jurisdiction: Fact<Jurisdiction>,
    #[serde(default)]
    state: Fact<State>,
    #[serde(default)]
    federal_component: Option<FederalComponent>,
}

/// One place out of the two spellings `jurisdiction` and `state`, and what the kind implies.
pub(super) fn place(
    jurisdiction: Fact<Jurisdiction>,
    state: Fact<State>,
    kind: Fact<AgencyKind>,
    component: Option<FederalComponent>,
) -> Result<Fact<Jurisdiction>, Error> {
    match (jurisdiction, state) {
        (Fact::Known(j), Fact::Known(s)) if j != Jurisdiction::State(s) => {
            Err(Error::from(Failure::Invalid {
                what: "agency place",
                expected: format!(
                    "`jurisdiction` and `state` to agree, or only one of them (US-{s})"
                ),
                found: j.to_string(),
            }))
        }
        (Fact::Known(j), _) => Ok(Fact::Known(j)),
        // A federal agency's office address does not make it an agency of that state.
        _ if component.is_some() || kind.is(&AgencyKind::Federal) => {
            Ok(Fact::Known(Jurisdiction::UnitedStates))
        }
        (Fact::Unknown, Fact::Known(s)) => Ok(Fact::Known(Jurisdiction::State(s))),
        (Fact::Unknown, Fact::Unknown) => Ok(Fact::Unknown),
    }
}

fn infer_kind(kind: Fact<AgencyKind>, component: Option<FederalComponent>) -> Fact<AgencyKind> {
    match (kind, component) {
        (Fact::Unknown, Some(_)) => Fact::Known(AgencyKind::Federal),
        (kind, _) => kind,
    }
}

/// Whether an agency may use the network at all.
///
/// In JSON `"active"`, or `{"kind": "revoked", "network": "US-IL", "by": ..., "reason": ..., "since": ...}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
pub enum Status {
    /// In good standing.
    #[default]
    Active,
    /// Closed; nothing may run under its name.
    Inactive,
    /// Suspended until further notice.
    Suspended {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Cut off from some or all data.
    Revoked {
        /// By whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgencyId>,
        /// From the data of which jurisdiction; `None` for all data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        network: Option<Jurisdiction>,
        /// From which dataset alone; `None` for every dataset of the network.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dataset: Option<DatasetId>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Since when; `None` for always.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "super::time::maybe_instant"
        )]
        since: Option<Timestamp>,
    },
}
tagged_or_word!(Status);

/// A written declaration by an agency towards the holders of a jurisdiction's data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Its id, written to the log with every search that rests on it.
    #[serde(default)]
    pub id: DeclarationId,
    /// Whose data it speaks to.
    #[serde(
        alias = "state",
        deserialize_with = "super::place::code_or_postal_code"
    )]
    pub jurisdiction: Jurisdiction,
    /// The statute whose observance it affirms, such as `625 ILCS 5/2-130`.
    pub statute: String,
    /// SHA-256 of the signed text, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_sha256: Option<String>,
    /// Who signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// When it was signed; it has no effect before, and none while unknown.
    #[serde(
        default,
        skip_serializing_if = "Fact::is_unknown",
        deserialize_with = "super::time::fact_instant"
    )]
    pub signed_at: Fact<Timestamp>,
    /// When it lapses; `None` for never.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "super::time::maybe_instant"
    )]
    pub expires: Option<Timestamp>,
    /// The purposes that it covers; empty for every lawful one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<PurposeKind>,
}

impl Declaration {
    /// Whether it is signed and has not lapsed at `as_of`.
    #[must_use]
    pub fn in_force(&self, as_of: Timestamp) -> bool {
        self.signed_at.known().is_some_and(|at| *at <= as_of)
            && self.expires.is_none_or(|end| as_of < end)
    }
}

/// An agency that searches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, JsonSchema)]
#[schemars(transform = crate::model::short_form::or_state)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its name. The marks `[Federal]` and `[Inactive]` that networks put into names are honoured.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What kind of body it is.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub kind: Fact<AgencyKind>,
    /// Whose law binds it. On input `state` (a postal code) may be given instead.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub jurisdiction: Fact<Jurisdiction>,
    /// Its originating agency identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ori: Option<String>,
    /// The federal component, for a federal agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federal_component: Option<FederalComponent>,
    /// Agreements in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Agreement>,
    /// Whether it may use the network at all.
    #[serde(default, skip_serializing_if = "is_active")]
    pub status: Status,
    /// Declarations on file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declarations: Vec<Declaration>,
}

fn is_active(status: &Status) -> bool {
    *status == Status::Active
}

impl Agency {
    /// An active agency of known kind and place.
    #[must_use]
    pub fn new(
        id: impl Into<AgencyId>,
        kind: AgencyKind,
        jurisdiction: impl Into<Jurisdiction>,
    ) -> Self {
        Self {
            id: id.into(),
            kind: Fact::Known(kind),
            jurisdiction: Fact::Known(jurisdiction.into()),
            ..Self::default()
        }
    }

    /// An active federal agency.
    #[must_use]
    pub fn federal(id: impl Into<AgencyId>, component: FederalComponent) -> Self {
        Self {
            federal_component: Some(component),
            ..Self::new(id, AgencyKind::Federal, Jurisdiction::UnitedStates)
        }
    }

    /// The same agency with one more declaration on file.
    #[must_use]
    pub fn with_declaration(mut self, declaration: Declaration) -> Self {
        self.declarations.push(declaration);
        self
    }

    /// The same agency in another standing.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// As another party sees it.
    #[must_use]
    pub fn to_ref(&self) -> AgencyRef {
        AgencyRef {
            id: self.id.clone(),
            kind: self.kind,
            jurisdiction: self.jurisdiction,
            federal_component: self.federal_component,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgencyWire {
    #[serde(default)]
    id: AgencyId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    kind: Fact<AgencyKind>,
    #[serde(default)]
    jurisdiction: Fact<Jurisdiction>,
    #[serde(default)]
    state: Fact<State>,
    #[serde(default)]
    ori: Option<String>,
    #[serde(default)]
    federal_component: Option<FederalComponent>,
    #[serde(default)]
    agreements: Vec<Agreement>,
    #[serde(default)]
    status: Status,
    #[serde(default)]
    declarations: Vec<Declaration>,
}

impl<'de> Deserialize<'de> for Agency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let mut wire = AgencyWire::deserialize(deserializer)?;
        if wire.id.0.is_empty() {
            wire.id = AgencyId(wire.name.clone());
        }
        if wire.kind.is_unknown() && wire.name.trim_start().starts_with("[Federal]") {
            wire.kind = Fact::Known(AgencyKind::Federal);
        }
        let jurisdiction = place(
            wire.jurisdiction,
            wire.state,
            wire.kind,
            wire.federal_component,
        )
        .map_err(D::Error::custom)?;
        Ok(Self {
            id: wire.id,
            name: wire.name,
            kind: infer_kind(wire.kind, wire.federal_component),
            jurisdiction,
            ori: wire.ori,
            federal_component: wire.federal_component,
            agreements: wire.agreements,
            status: wire.status,
            declarations: wire.declarations,
        })
    }
}
