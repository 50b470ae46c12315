//! The typed records: what is written down, field by field.
//!
//! The fields are the superset of what the log duties ask for: Cal. Civ. Code 1798.90.52(a) (date and time, plate or
//! other data elements, username and organization, purpose); Va. Code 2.2-5517 and ch. 10.130 RCW (specific purpose,
//! offence type, call-for-service or case number, camera locations); Idaho Code 49-1432; 23 V.S.A. 1607; art. 25 of
//! Directive (EU) 2016/680 (justification, who consulted, who received); Md. Pub. Safety 3-529 (name, telephone,
//! e-mail, physical address, statement). One superset satisfies all.
//!
//! Values are plain text on purpose: a trail must stay readable when the types of the engine have moved on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::digest::Digest;
use super::field::Field;

/// Someone asked for reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRecord {
    /// Identifier of the request; decisions and disclosures refer to it.
    pub request_id: String,
    /// Account that asked.
    pub user_id: String,
    /// The person behind the account (badge or personnel number), where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Name of that person (Md. Pub. Safety 3-529).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_name: Option<String>,
    /// Telephone of that person (Md. Pub. Safety 3-529).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_telephone: Option<String>,
    /// E-mail of that person (Md. Pub. Safety 3-529).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_email: Option<String>,
    /// Physical address of that person (Md. Pub. Safety 3-529).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_address: Option<String>,
    /// Agency of the user.
    pub agency_id: String,
    /// ORI of that agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ori: Option<String>,
    /// Agency for which the search is run, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// Agencies that are meant to receive the result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transfer_intended_to: Vec<String>,
    /// How the reads are approached: a plate, an area and time, a hotlist match and so on.
    pub access_mode: String,
    /// Plate or other data elements of the query, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query_elements: BTreeMap<String, String>,
    /// Beginning of the time searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_from: Option<Timestamp>,
    /// End of the time searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_to: Option<Timestamp>,
    /// Datasets asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// Jurisdictions in which their reads were captured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_jurisdictions: Vec<String>,
    /// Number of networks (datasets of other agencies included).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networks_count: Option<u64>,
    /// Number of cameras.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cameras_count: Option<u64>,
    /// Where the cameras stand (ch. 10.130 RCW).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub camera_locations: Vec<String>,
    /// The purpose, from the closed list.
    pub purpose_code: String,
    /// The purpose in the requester's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_text: Option<String>,
    /// Code of the offence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offence_code: Option<String>,
    /// Jurisdiction whose law that offence breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offence_jurisdiction: Option<String>,
    /// Case number, call-for-service number or hotlist entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_ref: Option<String>,
    /// Grade and text of the suspicion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspicion: Option<String>,
    /// Warrant, order or subpoena.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_process: Option<String>,
    /// Declarations and statements relied on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declaration_ids: Vec<String>,
}

impl RequestRecord {
    /// Adds what only the platform knows: how many cameras the search reaches, and where they stand.
    #[must_use]
    pub fn with_cameras(mut self, count: u64, locations: Vec<String>) -> Self {
        self.cameras_count = Some(count);
        self.camera_locations = locations;
        self
    }
}

/// Why a decision fell as it did: one rule that spoke.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonRecord {
    /// Identifier of the rule.
    pub rule: String,
    /// What it did: permit, deny, oblige and so on.
    pub effect: String,
    /// Citation of the law or policy.
    pub citation: String,
    /// Kind of authority: statute, regulator position, agency policy and so on.
    pub authority_kind: String,
    /// Dataset to which it applied, where not to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The sentence that a person read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// What was answered to a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// The request that was decided.
    pub request_id: String,
    /// Agency that asked. Repeated here so that a public export of decisions alone can be counted.
    pub agency_id: String,
    /// Purpose after the strictest of declared, menu and classifier.
    pub purpose_code: String,
    /// `permit`, `permit_with_obligations`, `partial`, `deny_curable` or `deny`.
    pub outcome: String,
    /// Outcome by dataset.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_dataset: BTreeMap<String, String>,
    /// Rules that spoke.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonRecord>,
    /// Duties that came with the permission.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<String>,
    /// What would turn the denial round.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cures: Vec<String>,
    /// Rule packs in force, `id@version`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<String>,
    /// Instant as of which the rules were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// SHA-256 of the request that was decided, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_sha256: Option<Digest>,
}

/// Reads left the system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosureRecord {
    /// The request that was answered.
    pub request_id: String,
    /// Agency that asked.
    pub agency_id: String,
    /// Datasets from which the reads came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// Number of reads handed out.
    pub result_count: u64,
    /// Everyone who received them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// Declarations attached to the disclosure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declaration_ids: Vec<String>,
    /// Reads found past their retention cap and therefore withheld.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retention_faults: u64,
}

/// Access was taken away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationRecord {
    /// Identifier of the revocation.
    pub revocation_id: String,
    /// Agencies that lose access.
    pub agencies: Vec<String>,
    /// Datasets to which they lose it; empty for all of the owner's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// Owner of the datasets.
    pub owner: String,
    /// Who decided.
    pub decided_by: String,
    /// Why.
    pub reason: String,
    /// From when on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Timestamp>,
    /// Identifiers of the audit rows on which it rests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// One step in the life of a community request for footage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommunityRecord {
    /// Investigation code of the request.
    pub investigation_code: String,
    /// What happened: `drafted`, `submitted`, `published`, `consented`, `transferred` and so on.
    pub step: String,
    /// Agency that asks.
    pub agency_id: String,
    /// Who took the step: a user, a moderator, or a resident's pseudonym.
    pub actor: String,
    /// Resident concerned (pseudonym), where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<String>,
    /// Case number of the investigation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// Digest of the document that belongs to the step: the notice shown, the consent, the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_sha256: Option<Digest>,
    /// Further particulars.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// Reads were deleted because their time was up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRecord {
    /// Dataset from which they went.
    pub dataset: String,
    /// Rule that set the time.
    pub rule: String,
    /// Its citation.
    pub citation: String,
    /// Number of reads deleted.
    pub deleted: u64,
    /// Capture time of the oldest read deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Timestamp>,
    /// Capture time of the newest read deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
    /// Instant as of which the rules were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Fingerprint of the key that was destroyed, where the reads were sealed under one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_fingerprint: Option<String>,
    /// Number of the signed receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<u64>,
    /// Holds under which copies of some of the reads go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
}

/// A permitted search is about to run. It is on the device before the first row is read; where no
/// [`ReleaseRecord`] of the same permit follows, the process ended in between.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentRecord {
    /// The permit under which it runs.
    pub permit_id: String,
    /// The request that was permitted.
    pub request_id: String,
    /// Agency that asked.
    pub agency_id: String,
    /// Keyed pseudonym of the person: the same person has the same one, and nobody can undo it without the key.
    pub user_pseudonym: String,
    /// Keyed pseudonym of what was looked for, look-alikes folded; `None` for a search without a plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_pseudonym: Option<String>,
    /// What was looked for, sealed to the auditor's key.
    pub query_sealed: String,
    /// Digest of everything that the permit is bound to.
    pub binding: String,
    /// How the reads are approached.
    pub access_mode: String,
    /// Purpose after the strictest of declared, menu and classifier.
    pub purpose_code: String,
    /// Datasets that may be searched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// Most rows that the permit lets through.
    pub max_rows: u64,
}

/// A permitted search has run; its rows are handed out after this record is on the device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRecord {
    /// The permit under which it ran.
    pub permit_id: String,
    /// The request that was answered.
    pub request_id: String,
    /// Agency that asked.
    pub agency_id: String,
    /// `released`, or `failed` where an error kept all rows back.
    pub outcome: String,
    /// Number of rows handed out.
    pub count: u64,
    /// Root of the Merkle tree (RFC 6962, SHA-256) over the references of the rows, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merkle_root: Option<Digest>,
    /// Rows found past their retention cap and therefore kept back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retention_faults: u64,
}

/// Reads are kept past their time for a case, or no longer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldRecord {
    /// The hold.
    pub hold_id: String,
    /// `placed` or `ended`.
    pub step: String,
    /// Dataset of the reads.
    pub dataset: String,
    /// Why the law lets them be kept.
    pub hold_kind: String,
    /// Case number.
    pub case_ref: String,
    /// Order, statute or policy that asks for it.
    pub authority: String,
    /// Who asked.
    pub requester: String,
    /// The other person who approved.
    pub approver: String,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When somebody has to look whether it is still needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Timestamp>,
    /// Number of reads copied.
    pub reads: u64,
    /// Fingerprint of the hold's own key.
    pub key_fingerprint: String,
}

/// The trail itself was mended: bytes of a write that a crash cut short were taken off its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryRecord {
    /// First sequence number of the segment that was cut.
    pub segment: u64,
    /// Offset at which it was cut.
    pub offset: u64,
    /// Bytes taken off.
    pub bytes: u64,
}

/// One thing worth remembering.
///
/// ```
/// use platewarden_trail::{DisclosureRecord, Record};
/// let record = Record::from(DisclosureRecord {
///     request_id: "r-1".into(),
///     agency_id: "us-il-springfield-pd".into(),
///     result_count: 3,
///     ..DisclosureRecord::default()
/// });
/// assert_eq!(record.kind(), "disclosure");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// Someone asked for reads.
    Request(Box<RequestRecord>),
    /// What was answered.
    Decision(Box<DecisionRecord>),
    /// Reads left the system.
    Disclosure(DisclosureRecord),
    /// Access was taken away.
    Revocation(RevocationRecord),
    /// A step of a community request.
    Community(CommunityRecord),
    /// Reads were deleted when their time was up.
    Retention(RetentionRecord),
    /// A permitted search is about to run.
    Intent(Box<IntentRecord>),
    /// A permitted search has run.
    Release(ReleaseRecord),
    /// Reads are kept past their time, or no longer.
    Hold(Box<HoldRecord>),
    /// The trail was mended after a crash.
    Recovery(RecoveryRecord),
}

impl Record {
    /// Name of the record's type, as written in the trail.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::Decision(_) => "decision",
            Self::Disclosure(_) => "disclosure",
            Self::Revocation(_) => "revocation",
            Self::Community(_) => "community",
            Self::Retention(_) => "retention",
            Self::Intent(_) => "intent",
            Self::Release(_) => "release",
            Self::Hold(_) => "hold",
            Self::Recovery(_) => "recovery",
        }
    }

    /// The record as named JSON texts, sorted by name, without the absent ones.
    pub(super) fn to_fields(&self) -> Result<Vec<Field>, serde_json::Error> {
        let value = match self {
            Self::Request(record) => serde_json::to_value(record),
            Self::Decision(record) => serde_json::to_value(record),
            Self::Disclosure(record) => serde_json::to_value(record),
            Self::Revocation(record) => serde_json::to_value(record),
            Self::Community(record) => serde_json::to_value(record),
            Self::Retention(record) => serde_json::to_value(record),
            Self::Intent(record) => serde_json::to_value(record),
            Self::Release(record) => serde_json::to_value(record),
            Self::Hold(record) => serde_json::to_value(record),
            Self::Recovery(record) => serde_json::to_value(record),
        }?;
        let Value::Object(map) = value else {
            return Ok(Vec::new());
        };
        let mut fields: Vec<Field> = map
            .into_iter()
            .map(|(name, value)| Field {
                name,
                value: value.to_string(),
            })
            .collect();
        // The map of serde_json is sorted or not, by a feature that any crate of the build may turn on.
        fields.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(fields)
    }

    pub(super) fn from_fields<'a>(
        kind: &str,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, String> {
        let mut map = Map::new();
        for (name, text) in fields {
            let value = serde_json::from_str(text)
                .map_err(|error| format!("field {name} is not JSON: {error}"))?;
            if map.insert(name.to_owned(), value).is_some() {
                return Err(format!("field {name} stands twice"));
            }
        }
        let value = Value::Object(map);
        match kind {
            "request" => serde_json::from_value(value).map(Self::Request),
            "decision" => serde_json::from_value(value).map(Self::Decision),
            "disclosure" => serde_json::from_value(value).map(Self::Disclosure),
            "revocation" => serde_json::from_value(value).map(Self::Revocation),
            "community" => serde_json::from_value(value).map(Self::Community),
            "retention" => serde_json::from_value(value).map(Self::Retention),
            "intent" => serde_json::from_value(value).map(Self::Intent),
            "release" => serde_json::from_value(value).map(Self::Release),
            "hold" => serde_json::from_value(value).map(Self::Hold),
            "recovery" => serde_json::from_value(value).map(Self::Recovery),
            other => return Err(format!("kind {other} is not one that this version knows")),
        }
        .map_err(|error| error.to_string())
    }
}

macro_rules! into_record {
    ($($from:ty => $variant:expr),+ $(,)?) => {
        $(impl From<$from> for Record {
            fn from(record: $from) -> Self {
                $variant(record)
            }
        })+
    };
}

into_record! {
    RequestRecord => |record| Self::Request(Box::new(record)),
    DecisionRecord => |record| Self::Decision(Box::new(record)),
    DisclosureRecord => Self::Disclosure,
    RevocationRecord => Self::Revocation,
    CommunityRecord => Self::Community,
    RetentionRecord => Self::Retention,
    IntentRecord => |record| Self::Intent(Box::new(record)),
    ReleaseRecord => Self::Release,
    HoldRecord => |record| Self::Hold(Box::new(record)),
    RecoveryRecord => Self::Recovery,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
