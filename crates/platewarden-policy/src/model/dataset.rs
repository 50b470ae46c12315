//! Reads, and the bodies of reads that one owner holds.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tagged::tagged_or_word;
use super::token::token_enum;
use super::{
    AgencyId, AgencyRef, DatasetId, Fact, HoldId, Jurisdiction, PackId, PurposeKind, State,
};
use crate::Error;
use crate::error::Failure;

token_enum! {
    /// Who runs the cameras.
    pub enum OperatorKind ("operator") {
        /// A government body.
        Government = "government" | "gov" | "public" | "law enforcement",
        /// A private person, company or association.
        Private = "private" | "business" | "hoa" | "commercial",
    }
}

token_enum! {
    /// What the camera stands on.
    pub enum DeviceKind ("device") {
        /// On a vehicle, with a person present.
        VehicleAttended = "vehicle_attended" | "mobile" | "vehicle",
        /// On a vehicle left alone, or a trailer.
        VehicleUnattended = "vehicle_unattended" | "trailer",
        /// On a pole, building or bridge.
        Fixed = "fixed" | "pole",
        /// Carried by a person or a drone.
        Portable = "portable" | "drone",
    }
}

token_enum! {
    /// A place near which some laws forbid collection.
    pub enum Site ("site") {
        /// A health care facility.
        HealthCare = "health_care" | "hospital" | "clinic",
        /// A school, from kindergarten to twelfth grade.
        School = "school" | "k12",
        /// A place of worship.
        Worship = "worship" | "church" | "mosque" | "synagogue" | "temple",
        /// A court.
        Court = "court" | "courthouse",
        /// A food bank.
        FoodBank = "food_bank",
        /// A shelter.
        Shelter = "shelter",
        /// An immigration court, office or detention place.
        ImmigrationFacility = "immigration_facility" | "immigration office" | "detention center",
    }
}

/// The sensitive places that a camera or dataset covers.
pub type SiteFlags = Vec<Site>;

token_enum! {
    /// What came of a match against a hotlist.
    pub enum HitOutcome ("hit outcome") {
        /// An alarm was raised; what followed is not recorded.
        Alarm = "alarm" | "hit" | "match",
        /// The alarm led to a stop, citation or identification.
        Stop = "stop" | "citation",
        /// The alarm led to an arrest.
        Arrest = "arrest",
        /// The alarm led to a recovery, such as of a stolen car or a missing person.
        Recovery = "recovery",
        /// The alarm was checked and was wrong; for retention that is no match.
        FalseMatch = "false_match" | "misread",
    }
}

token_enum! {
    /// Why a read is kept past its cap.
    pub enum HoldKind ("hold") {
        /// An ongoing investigation.
        OngoingInvestigation = "ongoing_investigation" | "investigation" | "active investigation",
        /// A felony investigation or evidence of a felony.
        FelonyEvidence = "felony_evidence" | "felony",
        /// A prosecution.
        Prosecution = "prosecution",
        /// A civil action.
        CivilAction = "civil_action",
        /// Copied to an evidence file.
        Evidence = "evidence" | "evidence copy",
        /// A sworn preservation request.
        SwornPreservation = "sworn_preservation" | "sworn preservation request",
        /// A preservation request that is not sworn.
        PreservationRequest = "preservation_request" | "preservation",
        /// A court order or warrant.
        CourtOrder = "court_order" | "warrant",
    }
}

/// A hold on a read.
///
/// In JSON an object, or just the kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[schemars(transform = crate::model::short_form::or_text)]
pub struct HoldRef {
    /// The id of the hold or preservation request.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub id: HoldId,
    /// Why the read is kept.
    pub kind: HoldKind,
    /// When it was asked for; some laws count its length from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
    /// When it ends, if a date was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

fn is_empty(id: &HoldId) -> bool {
    id.0.is_empty()
}

impl HoldRef {
    /// A hold without an end date.
    #[must_use]
    pub fn new(id: impl Into<HoldId>, kind: HoldKind) -> Self {
        Self {
            id: id.into(),
            kind,
            requested_at: None,
            until: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldWire {
    #[serde(default)]
    id: HoldId,
    kind: HoldKind,
    #[serde(default, deserialize_with = "super::time::maybe_instant")]
    requested_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "super::time::maybe_instant")]
    until: Option<Timestamp>,
}

impl<'de> Deserialize<'de> for HoldRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = super::tagged::read(deserializer)?;
        let wire = HoldWire::deserialize(value).map_err(serde::de::Error::custom)?;
        Ok(Self {
            id: wire.id,
            kind: wire.kind,
            requested_at: wire.requested_at,
            until: wire.until,
        })
    }
}

/// What is known about a read apart from the plate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReadMeta {
    /// When the read was captured.
    #[serde(
        skip_serializing_if = "Fact::is_unknown",
        deserialize_with = "super::time::fact_instant"
    )]
    pub captured_at: Fact<Timestamp>,
    /// Its age in days at the request's `as_of`, where only that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_days: Option<u32>,
    /// What came of a match; `None` for an unmatched read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<HitOutcome>,
    /// What keeps the read past its cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldRef>,
    /// Sensitive places at the camera.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub site: SiteFlags,
}

impl ReadMeta {
    /// An unmatched read without a hold.
    #[must_use]
    pub fn captured(at: Timestamp) -> Self {
        Self {
            captured_at: Fact::Known(at),
            ..Self::default()
        }
    }

    /// An unmatched read that is so many days old at the request's `as_of`.
    #[must_use]
    pub fn aged(days: u32) -> Self {
        Self {
            age_days: Some(days),
            ..Self::default()
        }
    }

    /// The same read with a hold.
    #[must_use]
    pub fn with_hold(mut self, hold: HoldRef) -> Self {
        self.hold = Some(hold);
        self
    }

    /// The same read, matched.
    #[must_use]
    pub fn with_match(mut self, outcome: HitOutcome) -> Self {
        self.matched = Some(outcome);
        self
    }

    /// When it was captured, computed from its age where only that is known.
    #[must_use]
    pub fn captured_at(&self, as_of: Timestamp) -> Fact<Timestamp> {
        match (self.captured_at, self.age_days) {
            (Fact::Known(at), _) => Fact::Known(at),
            (Fact::Unknown, Some(days)) => as_of
                .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
                .map_or(Fact::Unknown, Fact::Known),
            (Fact::Unknown, None) => Fact::Unknown,
        }
    }

    /// Whether it counts as a match for retention.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.matched
            .is_some_and(|outcome| outcome != HitOutcome::FalseMatch)
    }
}

/// Whom the owner lets in by its own policy; law can only narrow it.
///
/// In JSON `"network"`, `"none"`, `{"kind": "agencies", "agencies": ["..."]}` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
pub enum ShareGrant {
    /// Nobody but the owner.
    None,
    /// Every agency of the network.
    Network,
    /// Agencies of the state of capture.
    Statewide,
    /// Agencies of the named jurisdictions.
    Jurisdictions {
        /// The jurisdictions.
        jurisdictions: Vec<Jurisdiction>,
    },
    /// The named agencies, one to one.
    Agencies {
        /// Their ids.
        agencies: Vec<AgencyId>,
    },
}
tagged_or_word!(ShareGrant);

/// Reads that one owner holds under one law.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, JsonSchema)]
#[schemars(transform = crate::model::short_form::or_state)]
pub struct Dataset {
    /// Its id; decisions speak of it.
    pub id: DatasetId,
    /// Who owns it. In JSON an object, or just the agency's id.
    pub owner: AgencyRef,
    /// Where the reads were captured. On input `state` (a postal code) may be given instead.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub captured_in: Fact<Jurisdiction>,
    /// Where they are stored; no law of ours turns on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_in: Option<Jurisdiction>,
    /// Who runs the cameras.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub operator: Fact<OperatorKind>,
    /// What the cameras stand on.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub device: Fact<DeviceKind>,
    /// The owner's own cap for unmatched reads, in days, if shorter than the law's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmatched_cap_days: Option<u32>,
    /// A cap set by local ordinance, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_cap_days: Option<u32>,
    /// Whom the owner lets in. Unknown denies everybody but the owner.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub share: Fact<ShareGrant>,
    /// Sensitive purposes that the owner's written policy admits where no statute speaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_admits: Vec<PurposeKind>,
    /// Policy packs that tighten the law for this dataset, such as `agency-default`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<PackId>,
    /// Sensitive places among its cameras.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive_places: SiteFlags,
    /// The reads in question, where the caller knows them; empty where the window says it all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<ReadMeta>,
}

impl Dataset {
    /// A dataset captured in a known place, shared with nobody until [`Dataset::with_share`] says so.
    #[must_use]
    pub fn new(
        id: impl Into<DatasetId>,
        owner: AgencyRef,
        captured_in: impl Into<Jurisdiction>,
    ) -> Self {
        Self {
            id: id.into(),
            owner,
            captured_in: Fact::Known(captured_in.into()),
            ..Self::default()
        }
    }

    /// The same dataset under another grant.
    #[must_use]
    pub fn with_share(mut self, share: ShareGrant) -> Self {
        self.share = Fact::Known(share);
        self
    }

    /// The same dataset with one more overlay.
    #[must_use]
    pub fn with_overlay(mut self, pack: impl Into<PackId>) -> Self {
        self.overlays.push(pack.into());
        self
    }

    /// The same dataset with one more read in question.
    #[must_use]
    pub fn with_read(mut self, read: ReadMeta) -> Self {
        self.reads.push(read);
        self
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetWire {
    id: DatasetId,
    #[serde(default)]
    owner: AgencyRef,
    #[serde(default)]
    captured_in: Fact<Jurisdiction>,
    #[serde(default)]
    state: Fact<State>,
    #[serde(default)]
    hosted_in: Option<Jurisdiction>,
    #[serde(default)]
    operator: Fact<OperatorKind>,
    #[serde(default)]
    device: Fact<DeviceKind>,
    #[serde(default)]
    unmatched_cap_days: Option<u32>,
    #[serde(default)]
    local_cap_days: Option<u32>,
    #[serde(default)]
    share: Fact<ShareGrant>,
    #[serde(default)]
    policy_admits: Vec<PurposeKind>,
    #[serde(default)]
    overlays: Vec<PackId>,
    #[serde(default)]
    sensitive_places: SiteFlags,
    #[serde(default)]
    reads: Vec<ReadMeta>,
}

impl<'de> Deserialize<'de> for Dataset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = DatasetWire::deserialize(deserializer)?;
        let captured_in = match (wire.captured_in, wire.state) {
            (Fact::Known(j), Fact::Known(s)) if j != Jurisdiction::State(s) => {
                return Err(serde::de::Error::custom(Error::from(Failure::Invalid {
                    what: "dataset place",
                    expected: format!(
                        "`captured_in` and `state` to agree, or only one of them (US-{s})"
                    ),
                    found: j.to_string(),
                })));
            }
            (Fact::Unknown, Fact::Known(s)) => Fact::Known(Jurisdiction::State(s)),
            (captured_in, _) => captured_in,
        };
        Ok(Self {
            id: wire.id,
            owner: wire.owner,
            captured_in,
            hosted_in: wire.hosted_in,
            operator: wire.operator,
            device: wire.device,
            unmatched_cap_days: wire.unmatched_cap_days,
            local_cap_days: wire.local_cap_days,
            share: wire.share,
            policy_admits: wire.policy_admits,
            overlays: wire.overlays,
            sensitive_places: wire.sensitive_places,
            reads: wire.reads,
        })
    }
}
