//! Which fields of which records the public may see.

use std::collections::BTreeSet;

/// A list of fields to disclose, by kind of record. What is not on it is withheld: forgetting a field hides it.
///
/// ```
/// use platewarden_trail::Redaction;
/// let redaction = Redaction::public().disclose("request", "case_ref");
/// assert!(redaction.discloses("request", "case_ref"));
/// assert!(!redaction.discloses("request", "query_elements"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    everything: bool,
    disclosed: BTreeSet<(String, String)>,
}

/// Fields that identify no driver, no resident, no officer and no open case.
const PUBLIC: &[(&str, &[&str])] = &[
    (
        "request",
        &[
            "request_id",
            "agency_id",
            "ori",
            "on_behalf_of",
            "transfer_intended_to",
            "access_mode",
            "datasets",
            "data_jurisdictions",
            "networks_count",
            "cameras_count",
            "purpose_code",
            "offence_code",
            "offence_jurisdiction",
            "declaration_ids",
        ],
    ),
    (
        "decision",
        &[
            "request_id",
            "agency_id",
            "purpose_code",
            "outcome",
            "per_dataset",
            "packs",
            "as_of",
            "input_sha256",
        ],
    ),
    (
        "disclosure",
        &[
            "request_id",
            "agency_id",
            "datasets",
            "result_count",
            "recipients",
            "declaration_ids",
            "retention_faults",
        ],
    ),
    (
        "revocation",
        &[
            "revocation_id",
            "agencies",
            "datasets",
            "owner",
            "decided_by",
            "reason",
            "effective_from",
            "evidence",
        ],
    ),
    (
        "community",
        &["investigation_code", "step", "agency_id", "document_sha256"],
    ),
    (
        "retention",
        &[
            "dataset",
            "rule",
            "citation",
            "deleted",
            "oldest",
            "newest",
            "as_of",
            "key_fingerprint",
            "receipt",
            "holds",
        ],
    ),
    (
        "intent",
        &[
            "permit_id",
            "request_id",
            "agency_id",
            "user_pseudonym",
            "plate_pseudonym",
            "binding",
            "access_mode",
            "purpose_code",
            "datasets",
            "max_rows",
        ],
    ),
    (
        "release",
        &[
            "permit_id",
            "request_id",
            "agency_id",
            "outcome",
            "count",
            "merkle_root",
            "retention_faults",
        ],
    ),
    (
        "hold",
        &[
            "hold_id",
            "step",
            "dataset",
            "hold_kind",
            "authority",
            "expires",
            "review",
            "reads",
            "key_fingerprint",
        ],
    ),
    ("recovery", &["segment", "offset", "bytes"]),
];

impl Redaction {
    /// Withholds every value. Kinds, times, names of fields and their commitments still show.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            everything: false,
            disclosed: BTreeSet::new(),
        }
    }

    /// Discloses everything: for a court or an auditor under seal.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            everything: true,
            disclosed: BTreeSet::new(),
        }
    }

    /// What a public log may show: who searched whose data in what way for what purpose and what came of it; not the
    /// plate, the person, the case, the free text, nor the reasons (their messages may quote the text).
    #[must_use]
    pub fn public() -> Self {
        let pairs = PUBLIC.iter().flat_map(|(kind, names)| {
            names
                .iter()
                .map(|name| ((*kind).to_owned(), (*name).to_owned()))
        });
        Self {
            everything: false,
            disclosed: pairs.collect(),
        }
    }

    /// Discloses one more field.
    #[must_use]
    pub fn disclose(mut self, kind: impl Into<String>, field: impl Into<String>) -> Self {
        self.disclosed.insert((kind.into(), field.into()));
        self
    }

    /// Withholds a field after all. Has no effect on [`everything`](Self::everything).
    #[must_use]
    pub fn withhold(mut self, kind: &str, field: &str) -> Self {
        self.disclosed.remove(&(kind.to_owned(), field.to_owned()));
        self
    }

    /// Whether a field is disclosed.
    #[must_use]
    pub fn discloses(&self, kind: &str, field: &str) -> bool {
        self.everything
            || self
                .disclosed
                .contains(&(kind.to_owned(), field.to_owned()))
    }
}
