//! A search as it is asked for.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tagged::tolerant_tagged;
use super::token::token_enum;
use super::{
    Actor, AgencyRef, Dataset, DeclarationId, Fact, Jurisdiction, Purpose, PurposeKind, RequestId,
    State,
};

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
    #[serde(alias = "vehicle")]
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
tolerant_tagged!(Target, "text");

/// From when to when reads are asked for; the end is not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// The first instant.
    #[serde(deserialize_with = "super::time::instant", alias = "from")]
    pub start: Timestamp,
    /// The first instant that is no longer asked for.
    #[serde(deserialize_with = "super::time::instant", alias = "to")]
    pub end: Timestamp,
}

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
    #[serde(alias = "cfs")]
    CallForService {
        /// Its number.
        id: String,
    },
    /// The hotlist entry that raised the alert; the search inherits its purpose and case.
    #[serde(alias = "hotlist")]
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
            deserialize_with = "super::time::maybe_instant"
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
        Self::deserialize(super::tagged::canonical(value, "id")).map_err(D::Error::custom)
    }
}

/// How much is known against the subject.
///
/// In JSON `{"kind": "reasonable_suspicion", "facts": "..."}` or `{"reasonable_suspicion": "..."}`.
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
tolerant_tagged!(Suspicion, "facts");

/// Whose court issued a process.
///
/// In JSON `"federal"`, `"state"` with its state in an object, or `"foreign"`.
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

impl Serialize for Court {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Court {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let value = serde_json::Value::deserialize(deserializer)?;
        // `"MD"` or `"US-MD"`: the state's court.
        if let Some(state) = value.as_str().and_then(State::from_word) {
            return Ok(Self::State { state });
        }
        Self::deserialize(super::tagged::canonical(value, "state")).map_err(D::Error::custom)
    }
}

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
    #[serde(alias = "warrant", alias = "search_warrant")]
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
        #[serde(default, alias = "id")]
        form: String,
    },
}
tolerant_tagged!(LegalProcess, "id");

/// An emergency claimed for the search.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exigency {
    /// What the emergency is; may stay empty where the reason or a public alert says it.
    #[serde(alias = "reason", alias = "description")]
    pub facts: String,
    /// The supervisor who released the search; without one the claim waives nothing.
    #[serde(skip_serializing_if = "Option::is_none", alias = "supervisor")]
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
#[schemars(transform = crate::schema::or_text)]
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
    #[serde(default, alias = "signed_by")]
    by: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

impl<'de> Deserialize<'de> for CertificationRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = super::tagged::read(deserializer, "id")?;
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
    #[serde(alias = "access_mode")]
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
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        alias = "reason",
        alias = "reason_text"
    )]
    pub purpose_detail: Option<String>,
    /// The offence under investigation.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "offense")]
    pub offence: Option<Offence>,
    /// The case, call or hotlist entry.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "case")]
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
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "networks")]
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

/// Builds a [`SearchRequest`]; what is not said stays unknown.
#[derive(Debug, Clone)]
#[must_use = "call `build` to get the request"]
pub struct SearchRequestBuilder {
    request: SearchRequest,
}

impl SearchRequestBuilder {
    /// The request's id.
    pub fn id(mut self, id: impl Into<RequestId>) -> Self {
        self.request.id = id.into();
        self
    }

    /// A full plate to look for.
    pub fn plate(mut self, text: impl Into<String>) -> Self {
        self.request.target = Some(Target::Plate { text: text.into() });
        self
    }

    /// What to look for.
    pub fn target(mut self, target: Target) -> Self {
        self.request.target = Some(target);
        self
    }

    /// How reads are reached.
    pub fn mode(mut self, mode: AccessMode) -> Self {
        self.request.mode = mode;
        self
    }

    /// From when to when; the end is not included.
    pub fn window(mut self, start: Timestamp, end: Timestamp) -> Self {
        self.request.window = Some(TimeWindow { start, end });
        self
    }

    /// Whether the access ends with this search.
    pub fn scope(mut self, scope: AccessScope) -> Self {
        self.request.scope = scope;
        self
    }

    /// Why, from the closed list.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.request.purpose = Fact::Known(purpose);
        self
    }

    /// The menu value as the platform recorded it.
    pub fn menu(mut self, text: impl Into<String>) -> Self {
        self.request.purpose_menu = Some(text.into());
        self
    }

    /// Why, in free text.
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        self.request.purpose_detail = Some(text.into());
        self
    }

    /// The offence under investigation.
    pub fn offence(mut self, offence: Offence) -> Self {
        self.request.offence = Some(offence);
        self
    }

    /// The case, by its number.
    pub fn case(mut self, id: impl Into<String>) -> Self {
        self.request.case_ref = Some(CaseRef::case(id));
        self
    }

    /// The case, call or hotlist entry.
    pub fn case_ref(mut self, case: CaseRef) -> Self {
        self.request.case_ref = Some(case);
        self
    }

    /// How much is known against the subject.
    pub fn suspicion(mut self, suspicion: Suspicion) -> Self {
        self.request.suspicion = suspicion;
        self
    }

    /// A warrant, order or subpoena.
    pub fn legal_process(mut self, process: LegalProcess) -> Self {
        self.request.legal_process = Some(process);
        self
    }

    /// An emergency.
    pub fn exigency(mut self, exigency: Exigency) -> Self {
        self.request.exigency = Some(exigency);
        self
    }

    /// One more certification.
    pub fn certification(mut self, certification: CertificationRef) -> Self {
        self.request.certifications.push(certification);
        self
    }

    /// For whom, if not for the actor's own agency.
    pub fn on_behalf_of(mut self, agency: AgencyRef) -> Self {
        self.request.on_behalf_of = Some(agency);
        self
    }

    /// To whom results will be passed on; an empty list says to nobody.
    pub fn transfer_to(mut self, agencies: Vec<AgencyRef>) -> Self {
        self.request.transfer_intended_to = Fact::Known(agencies);
        self
    }

    /// For a hotlist match: against which list.
    pub fn match_list(mut self, list: MatchList) -> Self {
        self.request.match_list = Fact::Known(list);
        self
    }

    /// How many networks the search would touch.
    pub fn networks_searched(mut self, count: u32) -> Self {
        self.request.networks_searched = Some(count);
        self
    }

    /// One more dataset.
    pub fn dataset(mut self, dataset: Dataset) -> Self {
        self.request.datasets.push(dataset);
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> SearchRequest {
        self.request
    }
}
