//! Why a search is made: a closed list.

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use super::token::token_enum;

token_enum! {
    /// The purpose without its details: what packs and tables speak of.
    ///
    /// Not `#[non_exhaustive]`: a match over purposes must be complete, so that a new purpose
    /// cannot slip through an old rule.
    pub enum PurposeKind ("purpose") {
        /// A stolen vehicle or plate.
        StolenVehicleOrPlate = "stolen_vehicle_or_plate" | "stolen vehicle" | "stolen plate" | "auto theft" | "motor vehicle theft" | "vehicle theft",
        /// A person wanted on a judicial warrant.
        WantedPerson = "wanted_person" | "fugitive" | "arrest warrant" | "outstanding warrant",
        /// A missing or endangered person, with or without a public alert.
        MissingOrEndangered = "missing_or_endangered" | "missing person" | "endangered person" | "amber alert" | "silver alert",
        /// Trafficking in persons.
        HumanTrafficking = "human_trafficking" | "trafficking" | "labor trafficking" | "sex trafficking",
        /// Sexual or other exploitation of children.
        ChildExploitation = "child_exploitation",
        /// Homicide, assault, robbery, sex offences, kidnapping.
        ViolentCrime = "violent_crime" | "homicide" | "murder" | "assault" | "robbery" | "sex offense" | "kidnapping",
        /// Burglary, theft, fraud, forgery, vandalism.
        PropertyOrFraud = "property_or_fraud" | "burglary" | "theft" | "larceny" | "fraud" | "vandalism" | "property crime",
        /// Drug offences.
        Drug = "drug" | "drugs" | "drug offense" | "drug trafficking" | "narcotics" | "drug crime",
        /// Weapons offences.
        Weapons = "weapons" | "weapons offense" | "shots fired",
        /// A hit-and-run or a serious crash.
        HitAndRunOrSeriousCrash = "hit_and_run_or_serious_crash" | "hit and run" | "serious crash" | "crash" | "accident",
        /// Fleeing or eluding the police.
        Fleeing = "fleeing" | "eluding" | "pursuit",
        /// Terrorism, or a threat to life.
        TerrorismOrThreat = "terrorism_or_threat" | "terrorism" | "threat",
        /// Any other crime; the offence code is mandatory.
        OtherCriminal = "other_criminal" | "criminal" | "criminal investigation",
        /// A check on somebody's well-being.
        WelfareCheck = "welfare_check" | "welfare",
        /// Traffic or parking enforcement.
        TrafficOrParking = "traffic_or_parking" | "traffic" | "parking" | "traffic infraction" | "speeding",
        /// Expired registration or missing insurance.
        RegistrationOrInsurance = "registration_or_insurance" | "registration" | "insurance" | "registration enforcement" | "expired registration",
        /// Tolls and road charges.
        TollOrRoadCharge = "toll_or_road_charge" | "toll",
        /// Commercial vehicle screening.
        CommercialVehicle = "commercial_vehicle" | "commercial vehicle enforcement",
        /// Control of access to a secured area.
        SecuredAreaAccess = "secured_area_access",
        /// Planning figures in which no vehicle can be told.
        AggregatePlanning = "aggregate_planning" | "planning" | "statistics",
        /// Audit of the system, or training on it.
        AuditOrTraining = "audit_or_training" | "audit" | "training" | "demo" | "training demo",
        /// Defence, or discovery in a proceeding.
        DefenceOrDiscovery = "defence_or_discovery" | "defense" | "defense or discovery" | "discovery",
        /// A data subject asks for their own data.
        SubjectAccess = "subject_access",
        /// Immigration status, removal, administrative warrants.
        CivilImmigration = "civil_immigration" | "immigration" | "immigration civil/administrative" | "immigration enforcement" | "deportation",
        /// Immigration crimes, such as 8 USC 1324 or 1326.
        CriminalImmigration = "criminal_immigration" | "immigration criminal",
        /// Lawful health care, reproductive care included.
        LawfulHealthCare = "lawful_health_care" | "health care" | "reproductive health care" | "abortion" | "gender affirming care",
        /// Protest, worship, press, politics and other protected activity.
        ProtectedActivity = "protected_activity" | "protest" | "first amendment activity",
        /// A civil dispute: custody, debt, repossession, service of papers.
        CivilProcess = "civil_process" | "civil" | "civil matter" | "child custody" | "repossession",
        /// Somebody's private curiosity.
        Personal = "personal" | "personal use",
        /// None of these; never permitted without a person's review.
        Other = "other",
    }
}

impl PurposeKind {
    /// Whether the purpose is the investigation of a crime, or of danger to a person.
    #[must_use]
    pub const fn is_crime_or_danger(self) -> bool {
        match self {
            Self::StolenVehicleOrPlate
            | Self::WantedPerson
            | Self::MissingOrEndangered
            | Self::HumanTrafficking
            | Self::ChildExploitation
            | Self::ViolentCrime
            | Self::PropertyOrFraud
            | Self::Drug
            | Self::Weapons
            | Self::HitAndRunOrSeriousCrash
            | Self::Fleeing
            | Self::TerrorismOrThreat
            | Self::OtherCriminal => true,
            Self::WelfareCheck
            | Self::TrafficOrParking
            | Self::RegistrationOrInsurance
            | Self::TollOrRoadCharge
            | Self::CommercialVehicle
            | Self::SecuredAreaAccess
            | Self::AggregatePlanning
            | Self::AuditOrTraining
            | Self::DefenceOrDiscovery
            | Self::SubjectAccess
            | Self::CivilImmigration
            | Self::CriminalImmigration
            | Self::LawfulHealthCare
            | Self::ProtectedActivity
            | Self::CivilProcess
            | Self::Personal
            | Self::Other => false,
        }
    }

    /// The purposes whose words come nearest to a word that names none, the nearest first; at most three.
    ///
    /// ```
    /// use platewarden_policy::model::PurposeKind;
    /// assert_eq!(PurposeKind::nearest("stolen vehical")[0], PurposeKind::StolenVehicleOrPlate);
    /// assert!(PurposeKind::nearest("qqq").is_empty());
    /// ```
    #[must_use]
    pub fn nearest(word: &str) -> Vec<Self> {
        let word = word.trim().to_lowercase().replace('_', " ");
        let mut scored: Vec<(f64, Self)> = Vec::new();
        for (known, kind) in Self::WORDS.iter().filter(|(_, kind)| *kind != Self::Other) {
            let score = strsim::sorensen_dice(&word, &known.replace('_', " "));
            match scored.iter_mut().find(|(_, other)| other == kind) {
                Some((best, _)) => *best = best.max(score),
                None => scored.push((score, *kind)),
            }
        }
        scored.retain(|(score, _)| *score >= 0.35);
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().take(3).map(|(_, kind)| kind).collect()
    }

    /// Whether the purpose is one that the core denies wherever no statute speaks.
    #[must_use]
    pub const fn is_sensitive(self) -> bool {
        matches!(
            self,
            Self::CivilImmigration
                | Self::CriminalImmigration
                | Self::LawfulHealthCare
                | Self::ProtectedActivity
                | Self::CivilProcess
                | Self::Personal
        )
    }

    /// The NIBRS offence groups that report under this purpose, where such groups exist.
    ///
    /// From general knowledge of the NIBRS offence codes, not from the current manual: check before
    /// relying on it for reporting.
    #[must_use]
    pub const fn nibrs_groups(self) -> &'static [&'static str] {
        match self {
            Self::StolenVehicleOrPlate => &["240"],
            Self::ViolentCrime => &[
                "09A", "100", "11A", "11B", "11C", "11D", "120", "13A", "13B", "13C",
            ],
            Self::HumanTrafficking => &["64A", "64B"],
            Self::ChildExploitation => &["370"],
            Self::PropertyOrFraud => &[
                "200", "220", "23A", "23C", "23D", "23F", "23G", "23H", "250", "26A", "280", "290",
            ],
            Self::Drug => &["35A", "35B"],
            Self::Weapons => &["520"],
            Self::CriminalImmigration => &["30A", "30B", "30C", "30D"],
            Self::OtherCriminal => &["90Z"],
            Self::WantedPerson
            | Self::MissingOrEndangered
            | Self::HitAndRunOrSeriousCrash
            | Self::Fleeing
            | Self::TerrorismOrThreat
            | Self::WelfareCheck
            | Self::TrafficOrParking
            | Self::RegistrationOrInsurance
            | Self::TollOrRoadCharge
            | Self::CommercialVehicle
            | Self::SecuredAreaAccess
            | Self::AggregatePlanning
            | Self::AuditOrTraining
            | Self::DefenceOrDiscovery
            | Self::SubjectAccess
            | Self::CivilImmigration
            | Self::LawfulHealthCare
            | Self::ProtectedActivity
            | Self::CivilProcess
            | Self::Personal
            | Self::Other => &[],
        }
    }
}

token_enum! {
    /// The public alert behind a search for a missing person.
    pub enum Alert ("alert") {
        /// An abducted child.
        Amber = "amber",
        /// A missing older or cognitively impaired adult.
        Silver = "silver",
        /// A missing endangered adult (Ashanti, Purple, Feather and similar state alerts).
        Endangered = "endangered" | "ashanti" | "purple" | "feather" | "missing indigenous person",
        /// An officer killed or injured by a suspect at large.
        Blue = "blue",
    }
}

/// Why a search is made.
///
/// In JSON the word of its [`PurposeKind`], such as `"stolen_vehicle_or_plate"`;
/// `{"kind": "missing_or_endangered", "alert": "amber"}` where an alert is out. Here alone the further words of the list are
/// understood in JSON too, since it is what a person chose from a menu. A word that is not in the list becomes [`Purpose::Other`], which no pack ever permits by itself.
///
/// ```
/// use platewarden_policy::model::{Purpose, PurposeKind};
/// let purpose: Purpose = serde_json::from_str("\"stolen vehicle\"")?;
/// assert_eq!(purpose.kind(), PurposeKind::StolenVehicleOrPlate);
/// let odd: Purpose = serde_json::from_str("\"mayor's request\"")?;
/// assert_eq!(odd.kind(), PurposeKind::Other);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// See [`PurposeKind::StolenVehicleOrPlate`].
    StolenVehicleOrPlate,
    /// See [`PurposeKind::WantedPerson`].
    WantedPerson,
    /// See [`PurposeKind::MissingOrEndangered`].
    MissingOrEndangered {
        /// The alert that is out, if one is.
        alert: Option<Alert>,
    },
    /// See [`PurposeKind::HumanTrafficking`].
    HumanTrafficking,
    /// See [`PurposeKind::ChildExploitation`].
    ChildExploitation,
    /// See [`PurposeKind::ViolentCrime`].
    ViolentCrime,
    /// See [`PurposeKind::PropertyOrFraud`].
    PropertyOrFraud,
    /// See [`PurposeKind::Drug`].
    Drug,
    /// See [`PurposeKind::Weapons`].
    Weapons,
    /// See [`PurposeKind::HitAndRunOrSeriousCrash`].
    HitAndRunOrSeriousCrash,
    /// See [`PurposeKind::Fleeing`].
    Fleeing,
    /// See [`PurposeKind::TerrorismOrThreat`].
    TerrorismOrThreat,
    /// See [`PurposeKind::OtherCriminal`].
    OtherCriminal,
    /// See [`PurposeKind::WelfareCheck`].
    WelfareCheck,
    /// See [`PurposeKind::TrafficOrParking`].
    TrafficOrParking,
    /// See [`PurposeKind::RegistrationOrInsurance`].
    RegistrationOrInsurance,
    /// See [`PurposeKind::TollOrRoadCharge`].
    TollOrRoadCharge,
    /// See [`PurposeKind::CommercialVehicle`].
    CommercialVehicle,
    /// See [`PurposeKind::SecuredAreaAccess`].
    SecuredAreaAccess,
    /// See [`PurposeKind::AggregatePlanning`].
    AggregatePlanning,
    /// See [`PurposeKind::AuditOrTraining`].
    AuditOrTraining,
    /// See [`PurposeKind::DefenceOrDiscovery`].
    DefenceOrDiscovery,
    /// See [`PurposeKind::SubjectAccess`].
    SubjectAccess,
    /// See [`PurposeKind::CivilImmigration`].
    CivilImmigration,
    /// See [`PurposeKind::CriminalImmigration`].
    CriminalImmigration,
    /// See [`PurposeKind::LawfulHealthCare`].
    LawfulHealthCare,
    /// See [`PurposeKind::ProtectedActivity`].
    ProtectedActivity,
    /// See [`PurposeKind::CivilProcess`].
    CivilProcess,
    /// See [`PurposeKind::Personal`].
    Personal,
    /// See [`PurposeKind::Other`].
    Other(String),
}

impl Purpose {
    /// The purpose without its details.
    #[must_use]
    pub const fn kind(&self) -> PurposeKind {
        match self {
            Self::StolenVehicleOrPlate => PurposeKind::StolenVehicleOrPlate,
            Self::WantedPerson => PurposeKind::WantedPerson,
            Self::MissingOrEndangered { .. } => PurposeKind::MissingOrEndangered,
            Self::HumanTrafficking => PurposeKind::HumanTrafficking,
            Self::ChildExploitation => PurposeKind::ChildExploitation,
            Self::ViolentCrime => PurposeKind::ViolentCrime,
            Self::PropertyOrFraud => PurposeKind::PropertyOrFraud,
            Self::Drug => PurposeKind::Drug,
            Self::Weapons => PurposeKind::Weapons,
            Self::HitAndRunOrSeriousCrash => PurposeKind::HitAndRunOrSeriousCrash,
            Self::Fleeing => PurposeKind::Fleeing,
            Self::TerrorismOrThreat => PurposeKind::TerrorismOrThreat,
            Self::OtherCriminal => PurposeKind::OtherCriminal,
            Self::WelfareCheck => PurposeKind::WelfareCheck,
            Self::TrafficOrParking => PurposeKind::TrafficOrParking,
            Self::RegistrationOrInsurance => PurposeKind::RegistrationOrInsurance,
            Self::TollOrRoadCharge => PurposeKind::TollOrRoadCharge,
            Self::CommercialVehicle => PurposeKind::CommercialVehicle,
            Self::SecuredAreaAccess => PurposeKind::SecuredAreaAccess,
            Self::AggregatePlanning => PurposeKind::AggregatePlanning,
            Self::AuditOrTraining => PurposeKind::AuditOrTraining,
            Self::DefenceOrDiscovery => PurposeKind::DefenceOrDiscovery,
            Self::SubjectAccess => PurposeKind::SubjectAccess,
            Self::CivilImmigration => PurposeKind::CivilImmigration,
            Self::CriminalImmigration => PurposeKind::CriminalImmigration,
            Self::LawfulHealthCare => PurposeKind::LawfulHealthCare,
            Self::ProtectedActivity => PurposeKind::ProtectedActivity,
            Self::CivilProcess => PurposeKind::CivilProcess,
            Self::Personal => PurposeKind::Personal,
            Self::Other(_) => PurposeKind::Other,
        }
    }

    /// The purpose named by a word; a word outside the list becomes [`Purpose::Other`].
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match PurposeKind::from_word(word) {
            Some(PurposeKind::MissingOrEndangered) => {
                let first = word
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .next()
                    .unwrap_or_default();
                Self::MissingOrEndangered {
                    alert: Alert::from_word(first).filter(|a| *a != Alert::Endangered),
                }
            }
            Some(kind) => Self::from(kind),
            None => Self::Other(word.trim().to_owned()),
        }
    }
}

impl From<PurposeKind> for Purpose {
    fn from(kind: PurposeKind) -> Self {
        match kind {
            PurposeKind::StolenVehicleOrPlate => Self::StolenVehicleOrPlate,
            PurposeKind::WantedPerson => Self::WantedPerson,
            PurposeKind::MissingOrEndangered => Self::MissingOrEndangered { alert: None },
            PurposeKind::HumanTrafficking => Self::HumanTrafficking,
            PurposeKind::ChildExploitation => Self::ChildExploitation,
            PurposeKind::ViolentCrime => Self::ViolentCrime,
            PurposeKind::PropertyOrFraud => Self::PropertyOrFraud,
            PurposeKind::Drug => Self::Drug,
            PurposeKind::Weapons => Self::Weapons,
            PurposeKind::HitAndRunOrSeriousCrash => Self::HitAndRunOrSeriousCrash,
            PurposeKind::Fleeing => Self::Fleeing,
            PurposeKind::TerrorismOrThreat => Self::TerrorismOrThreat,
            PurposeKind::OtherCriminal => Self::OtherCriminal,
            PurposeKind::WelfareCheck => Self::WelfareCheck,
            PurposeKind::TrafficOrParking => Self::TrafficOrParking,
            PurposeKind::RegistrationOrInsurance => Self::RegistrationOrInsurance,
            PurposeKind::TollOrRoadCharge => Self::TollOrRoadCharge,
            PurposeKind::CommercialVehicle => Self::CommercialVehicle,
            PurposeKind::SecuredAreaAccess => Self::SecuredAreaAccess,
            PurposeKind::AggregatePlanning => Self::AggregatePlanning,
            PurposeKind::AuditOrTraining => Self::AuditOrTraining,
            PurposeKind::DefenceOrDiscovery => Self::DefenceOrDiscovery,
            PurposeKind::SubjectAccess => Self::SubjectAccess,
            PurposeKind::CivilImmigration => Self::CivilImmigration,
            PurposeKind::CriminalImmigration => Self::CriminalImmigration,
            PurposeKind::LawfulHealthCare => Self::LawfulHealthCare,
            PurposeKind::ProtectedActivity => Self::ProtectedActivity,
            PurposeKind::CivilProcess => Self::CivilProcess,
            PurposeKind::Personal => Self::Personal,
            PurposeKind::Other => Self::Other(String::new()),
        }
    }
}

impl Serialize for Purpose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::MissingOrEndangered { alert: Some(alert) } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("kind", self.kind().as_str())?;
                map.serialize_entry("alert", alert)?;
                map.end()
            }
            Self::Other(text) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("kind", "other")?;
                map.serialize_entry("text", text)?;
                map.end()
            }
            plain => serializer.serialize_str(plain.kind().as_str()),
        }
    }
}

impl<'de> Deserialize<'de> for Purpose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let value = match Value::deserialize(deserializer)? {
            Value::String(word) => return Ok(Self::from_word(&word)),
            value => value,
        };
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let kind = text("kind").ok_or_else(|| {
            D::Error::custom("purpose: expected a word, or an object with `kind`")
        })?;
        let Some(map) = value.as_object() else {
            return Err(D::Error::custom(
                "purpose: expected a word, or an object with `kind`",
            ));
        };
        if let Some(key) = map
            .keys()
            .find(|k| !matches!(k.as_str(), "kind" | "alert" | "text"))
        {
            return Err(D::Error::custom(format!(
                "purpose: unknown key `{key}`, expected `kind`, `alert` or `text`"
            )));
        }
        match Self::from_word(kind) {
            Self::MissingOrEndangered { alert } => Ok(Self::MissingOrEndangered {
                alert: match value.get("alert") {
                    Some(word) => Some(Alert::deserialize(word).map_err(D::Error::custom)?),
                    None => alert,
                },
            }),
            Self::Other(word) => Ok(Self::Other(text("text").map_or(word, str::to_owned))),
            plain => Ok(plain),
        }
    }
}

impl schemars::JsonSchema for Purpose {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Purpose".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let kind = generator.subschema_for::<PurposeKind>();
        let alert = generator.subschema_for::<Alert>();
        schemars::json_schema!({
            "description": "A purpose of the closed list. An unlisted word is read as `other`, which is never permitted by itself.",
            "anyOf": [kind, {
                "type": "object",
                "properties": {"kind": kind, "alert": alert, "text": {"type": "string"}},
                "required": ["kind"],
                "additionalProperties": false,
            }],
        })
    }
}

#[cfg(test)]
mod tests;
