//! Receipts: what was deleted, when, under which rule, and which key can no longer open it.

use jiff::Timestamp;
use platewarden_trail::RetentionRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::identity::{Identity, is_signed};
use crate::{Error, Result};

/// A signed statement that the reads of one epoch are gone, for the public. Each names the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// Its number, from 1.
    pub number: u64,
    /// From which dataset the reads went.
    pub dataset: String,
    /// The epoch.
    pub epoch: u32,
    /// Fingerprint of the key that was destroyed: every copy of the reads, in whatever backup, is closed with it.
    pub key_fingerprint: String,
    /// Number of reads.
    pub reads: u64,
    /// Beginning of the retention unit.
    pub from: Timestamp,
    /// End of the retention unit.
    pub to: Timestamp,
    /// The rule that set the time.
    pub rule: String,
    /// Its citation.
    pub citation: String,
    /// When the key was destroyed.
    pub destroyed_at: Timestamp,
    /// Holds under which copies of some of the reads go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
    /// SHA-256 of the receipt before, in hexadecimal digits; empty for the first.
    pub previous: String,
    /// Ed25519 signature over all of the above, in hexadecimal digits.
    #[serde(default)]
    pub signature: String,
}

impl Receipt {
    fn message(&self) -> Vec<u8> {
        let bare = Self {
            signature: String::new(),
            ..self.clone()
        };
        // A type of texts and numbers can always be written; an empty message signs nothing that anybody would accept.
        serde_json::to_vec(&bare).unwrap_or_default()
    }

    pub(crate) fn signed(mut self, identity: &Identity) -> Self {
        self.signature = identity.sign(&self.message());
        self
    }

    /// SHA-256 over the receipt as it was signed, in hexadecimal digits: what the next one names.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.message()))
    }

    /// Whether the store with this public key (hexadecimal digits, [`Store::receipt_key`](crate::Store::receipt_key))
    /// signed the receipt as it stands.
    #[must_use]
    pub fn is_signed_by(&self, key: &str) -> bool {
        let key = crate::array_of_hex::<32>(key)
            .and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok());
        key.is_some_and(|key| is_signed(&key, &self.message(), &self.signature))
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|source| {
            Error::invalid("a receipt cannot be written", "report this").with_source(source)
        })
    }

    pub(crate) fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|_| Error::corrupt("a receipt"))
    }

    pub(crate) fn to_record(&self) -> RetentionRecord {
        RetentionRecord {
            dataset: self.dataset.clone(),
            rule: self.rule.clone(),
            citation: self.citation.clone(),
            deleted: self.reads,
            oldest: Some(self.from),
            newest: Some(self.to),
            as_of: Some(self.destroyed_at),
            key_fingerprint: Some(self.key_fingerprint.clone()),
            receipt: Some(self.number),
            holds: self.holds.clone(),
        }
    }
}
