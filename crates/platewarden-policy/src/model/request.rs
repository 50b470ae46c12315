//! A search as it is asked for.

mod builder;
mod matter;
mod papers;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tagged::tagged_or_word;
use super::token::token_enum;
use super::{Actor, AgencyRef, Dataset, Fact, Purpose, RequestId};

pub use builder::SearchRequestBuilder;
pub use matter::{CaseRef, Offence, OffenceJurisdiction, OffenceLevel};
pub use papers::{CertificationKind, CertificationRef, Court, Exigency, LegalProcess, Suspicion};

token_enum! {
    /// How reads are reached.
    pub enum AccessMode ("access mode") {
        /// A person looks up a full plate in stored reads.
        HistoricalPlate = "historical_plate" | "lookup" | "search" | "manual query",
        /// A person looks up part of a plate.
        HistoricalPartial = "historical_partial" | "partial plate",
        /// A person searches by make, colour or other features.
        VehicleDescription = "vehicle_description" | "visual",
        /// A person asks for all reads of an area and time.
        AreaTime = "area_time" | "multi geo",
        /// Vehicles that travel together.
        Convoy = "convoy",
        /// A free-form prompt to a model.
        FreeformAi = "freeform_ai" | "freeform",
        /// An automated comparison of new reads with a hotlist, or the look-up that its alert opens.
        HotlistMatch = "hotlist_match" | "automated match" | "alert",
        /// A plate is put on a hotlist.
        HotlistAdd = "hotlist_add" | "custom hotlist",
        /// Reads as they come in.
        LiveFeed = "live_feed",
        /// Many reads at once, for use elsewhere.
        BulkExport = "bulk_export" | "export",
        /// A plate is joined to its registered owner.
        OwnerJoin = "owner_join" | "registration lookup",
    }
}

impl AccessMode {
    /// Whether a person looks into stored reads.
    #[must_use]
    pub const fn is_historical(self) -> bool {
        matches!(
            self,
            Self::HistoricalPlate
                | Self::HistoricalPartial
                | Self::VehicleDescription
                | Self::AreaTime
                | Self::Convoy
                | Self::FreeformAi
        )
    }
}

token_enum! {
    /// Whether the access ends with this search.
    pub enum AccessScope ("access scope") {
        /// One search for one case.
        CaseSpecific = "case_specific" | "single" | "one case",
        /// Standing access over time.
        Ongoing = "ongoing" | "standing",
        /// Access without limits of case or subject.
        Unrestricted = "unrestricted",
    }
}

/// What is looked for.
///
/// In JSON `{"kind": "plate", "text": "AB123"}` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
pub enum Target {
    /// A full plate.
    Plate {
        /// The plate.
        text: String,
    },
    /// A plate with wildcards.
    PartialPlate {
        /// The pattern, `*` for any run and `?` for one character.
        text: String,
    },
    /// A description of a vehicle.
    Description {
        /// Make, model, colour, features.
        text: String,
    },
    /// A free-form prompt.
    Prompt {
        /// The prompt; it is classified like a reason.
        text: String,
    },
    /// A place.
    Area {
        /// Its name or outline.
        text: String,
    },
}
tagged_or_word!(Target);

/// From when to when reads are asked for; the end is not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// The first instant.
    #[serde(deserialize_with = "super::time::instant")]
    pub start: Timestamp,
    /// The first instant that is no longer asked for.
    #[serde(deserialize_with = "super::time::instant")]
    pub end: Timestamp,
}

token_enum! {
    /// What reads are matched against.
    pub enum MatchList ("match list") {
        /// The stolen and wanted files of NCIC or the state.
        LawEnforcement = "law_enforcement" | "ncic" | "state hotlist" | "state plate file",
        /// The agency's own hotlist.
        Agency = "agency" | "custom",
        /// A commercial data file.
        Commercial = "commercial" | "commercial data",
        /// The Terrorist Screening Database.
        TerroristScreening = "terrorist_screening" | "tsdb" | "watchlist",
        /// Unpaid parking fines.
        Parking = "parking" | "scofflaw",
    }
}

/// What a store of reads knows of a search and the searcher cannot say; a store fills it in, whatever was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreFacts {
    /// How often this person has searched for this plate in the last 30 days, this search included.
    pub searches_of_plate: u32,
    /// Whether the case number looks as the agency's own numbers do.
    pub case_in_pattern: bool,
    /// Whether the list that a hotlist entry comes from is out of date.
    pub list_is_stale: bool,
}

/// A search as it is asked for, with everything that a decision needs.
///
/// An unknown key in JSON is an error: a mistyped `on_behalf_of` must not vanish.
///
/// ```
/// use platewarden_policy::model::*;
/// let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
/// let reads = Dataset::new("springfield", police.to_ref(), State::Il);
/// let request = SearchRequest::builder(Actor::verified("officer-7", police), parse_instant("2026-11-22")?)
///     .plate("AB12345")
///     .purpose(Purpose::StolenVehicleOrPlate)
///     .case("26-001234")
///     .dataset(reads)
///     .build();
/// assert_eq!(request.datasets.len(), 1);
/// # Ok::<(), platewarden_policy::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Echoed in the decision.
    #[serde(default)]
    pub id: RequestId,
    /// When the search is made; the law of this instant applies. A bare date means noon UTC.
    #[serde(deserialize_with = "super::time::instant")]
    pub as_of: Timestamp,
    /// Who searches.
    pub actor: Actor,
    /// For whom, if not for the actor's own agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<AgencyRef>,
    /// To whom results will be passed on; an empty list says to nobody, absence says nothing.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub transfer_intended_to: Fact<Vec<AgencyRef>>,
    /// How reads are reached.
    pub mode: AccessMode,
    /// What is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// From when to when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeWindow>,
    /// Whether the access ends with this search. Absent: it does.
    #[serde(default = "case_specific", skip_serializing_if = "is_case_specific")]
    pub scope: AccessScope,
    /// Why, from the closed list.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub purpose: Fact<Purpose>,
    /// The menu value as the platform recorded it, where it differs from the purpose; it can only tighten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_menu: Option<String>,
    /// Why, in free text; always classified, and it can only tighten. An empty text says that the
    /// field was there and left blank; absence says that there was no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_detail: Option<String>,
    /// The offence under investigation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offence: Option<Offence>,
    /// The case, call or hotlist entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_ref: Option<CaseRef>,
    /// How much is known against the subject.
    #[serde(default, skip_serializing_if = "is_none")]
    pub suspicion: Suspicion,
    /// A warrant, order or subpoena.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_process: Option<LegalProcess>,
    /// An emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exigency: Option<Exigency>,
    /// What is certified for this search.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certifications: Vec<CertificationRef>,
    /// For a hotlist match: against which list.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub match_list: Fact<MatchList>,
    /// How many networks the search would touch, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networks_searched: Option<u32>,
    /// What a store of reads knows of the search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreFacts>,
    /// The datasets asked for; each is decided by itself.
    #[serde(default)]
    pub datasets: Vec<Dataset>,
}

fn case_specific() -> AccessScope {
    AccessScope::CaseSpecific
}

fn is_case_specific(scope: &AccessScope) -> bool {
    *scope == AccessScope::CaseSpecific
}

fn is_none(suspicion: &Suspicion) -> bool {
    *suspicion == Suspicion::None
}

impl SearchRequest {
    /// Reads a request from JSON, at an instant that the caller may set.
    ///
    /// `as_of` outranks the one in the text; where neither is given, the request is refused. A key
    /// whose value is `null` counts as absent.
    ///
    /// # Errors
    ///
    /// [`Json`](crate::ErrorKind::Json) with the place and the field when the text is not a request.
    ///
    /// ```
    /// use platewarden_policy::model::SearchRequest;
    /// let error = SearchRequest::from_json(r#"{"on_behalf_off": "ICE"}"#, None).unwrap_err();
    /// assert!(error.to_string().contains("on_behalf_off"));
    /// ```
    pub fn from_json(text: &str, as_of: Option<Timestamp>) -> crate::Result<Self> {
        let wrong = |source| {
            crate::Error::from(crate::error::Failure::Json {
                what: "search request",
                source,
            })
        };
        let mut value: serde_json::Value = serde_json::from_str(text).map_err(wrong)?;
        drop_nulls(&mut value);
        if let (Some(map), Some(as_of)) = (value.as_object_mut(), as_of) {
            map.insert(
                "as_of".to_owned(),
                serde_json::Value::String(as_of.to_string()),
            );
        }
        serde_json::from_value(value).map_err(wrong)
    }

    /// Starts a request for a historical search of a plate.
    pub fn builder(actor: Actor, as_of: Timestamp) -> SearchRequestBuilder {
        SearchRequestBuilder {
            request: Self {
                id: RequestId::default(),
                as_of,
                actor,
                on_behalf_of: None,
                transfer_intended_to: Fact::Unknown,
                mode: AccessMode::HistoricalPlate,
                target: None,
                window: None,
                scope: AccessScope::CaseSpecific,
                purpose: Fact::Unknown,
                purpose_menu: None,
                purpose_detail: None,
                offence: None,
                case_ref: None,
                suspicion: Suspicion::None,
                legal_process: None,
                exigency: None,
                certifications: Vec::new(),
                match_list: Fact::Unknown,
                networks_searched: None,
                store: None,
                datasets: Vec::new(),
            },
        }
    }
}

/// Removes keys whose value is null, at every depth: writers that spell out absence mean absence.
fn drop_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|_, inner| !inner.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
