//! Who may ask: agencies certified by whoever verified them, and what was revoked since.

use ed25519_dalek::{SigningKey, VerifyingKey};
use jiff::Timestamp;
use platewarden_community::{PostingAgency, VerifiedAgency};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::keys::{verifying_hex, verifying_key};
use crate::{Error, Result};

const CERTIFICATE: &str = "certificate";
const REVOCATIONS: &str = "revocations";

/// What a verifier says of an agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgencyStatement {
    /// The agency, local or state.
    pub agency: PostingAgency,
    /// The key that signs its requests: 64 hexadecimal digits of an Ed25519 key.
    pub key: String,
    /// Who checked that the agency is what it says.
    pub verified_by: String,
    /// From when on it holds.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// The verifier's key: 64 hexadecimal digits.
    pub verifier: String,
}

/// A verifier's statement with its signature (Ed25519 over canonical JSON, RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgencyCertificate {
    /// What is said.
    pub statement: AgencyStatement,
    /// 128 hexadecimal digits.
    pub signature: String,
}

impl AgencyCertificate {
    /// Certifies an agency that was verified.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) where the statement cannot be written as JSON.
    pub fn issue(
        agency: &VerifiedAgency,
        key: &VerifyingKey,
        expires_at: Timestamp,
        verifier: &SigningKey,
    ) -> Result<Self> {
        let statement = AgencyStatement {
            agency: agency.agency().clone(),
            key: verifying_hex(key),
            verified_by: agency.verified_by().to_owned(),
            issued_at: agency.verified_at(),
            expires_at,
            verifier: verifying_hex(&verifier.verifying_key()),
        };
        let signature = canonical::sign(CERTIFICATE, &statement, verifier)?;
        Ok(Self {
            statement,
            signature,
        })
    }
}

/// An agency's key that no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The agency's key.
    pub key: String,
    /// From when on: nothing is handed over after it, whenever the request was signed.
    pub at: Timestamp,
    /// Why, as residents read it.
    pub reason: String,
}

/// What a verifier revoked: a list that replaces the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationList {
    /// The keys.
    pub revoked: Vec<Revocation>,
    /// When the list was made.
    pub issued_at: Timestamp,
    /// Until when it may be relied on; later a newer one is needed.
    pub next_update: Timestamp,
    /// The verifier's key.
    pub verifier: String,
}

/// A revocation list with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedRevocations {
    /// The list.
    pub list: RevocationList,
    /// 128 hexadecimal digits.
    pub signature: String,
}

impl SignedRevocations {
    /// Signs a list; its `verifier` is set to the key's own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) where the list cannot be written as JSON.
    pub fn sign(mut list: RevocationList, verifier: &SigningKey) -> Result<Self> {
        list.verifier = verifying_hex(&verifier.verifying_key());
        let signature = canonical::sign(REVOCATIONS, &list, verifier)?;
        Ok(Self { list, signature })
    }
}

/// Whom a resident's machine trusts: the keys of verifiers, and their newest revocation lists.
///
/// ```
/// use platewarden_footage::Trust;
/// let trust: Trust = serde_json::from_str(r#"{"verifiers": []}"#)?;
/// assert!(trust.verifiers.is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// Keys of verifiers: 64 hexadecimal digits each.
    pub verifiers: Vec<String>,
    /// Their revocation lists. A verifier without a list in force is trusted by no one: what it revoked is not known.
    #[serde(default)]
    pub revocations: Vec<SignedRevocations>,
}

impl Trust {
    /// The key by which the agency of a certificate signs, where it may ask at `at`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for a verifier that is not trusted, a certificate that is not in force, a
    /// revoked key, or a revocation list that is missing or out of date; [`ErrorKind::Signature`](crate::ErrorKind::Signature)
    /// for anything that was altered.
    pub fn key_of(&self, certificate: &AgencyCertificate, at: Timestamp) -> Result<VerifyingKey> {
        let said = &certificate.statement;
        if !self.verifiers.contains(&said.verifier) {
            return Err(Error::refused(
                "footage-verified-only",
                &format!(
                    "{} was verified by `{}` with a key that is not trusted here",
                    said.agency.name, said.verified_by
                ),
                "add the verifier's key to the trust file, if you trust it",
            ));
        }
        let verifier = verifying_key(&said.verifier)?;
        canonical::verify(CERTIFICATE, said, &certificate.signature, &verifier)?;
        if at < said.issued_at || at >= said.expires_at {
            return Err(Error::refused(
                "footage-certificate-expired",
                &format!(
                    "the agency's certificate holds from {} to {}",
                    said.issued_at, said.expires_at
                ),
                "the agency needs a new one",
            ));
        }
        self.check_revocations(said, &verifier, at)?;
        verifying_key(&said.key)
    }

    fn check_revocations(
        &self,
        said: &AgencyStatement,
        verifier: &VerifyingKey,
        at: Timestamp,
    ) -> Result<()> {
        let lists = self
            .revocations
            .iter()
            .filter(|list| list.list.verifier == said.verifier);
        let newest = lists
            .max_by_key(|list| list.list.issued_at)
            .filter(|list| at < list.list.next_update);
        let Some(newest) = newest else {
            return Err(Error::refused(
                "footage-revocations-unknown",
                "no revocation list of the verifier is in force, so that nobody knows whether the agency may still ask",
                "fetch the verifier's newest list",
            ));
        };
        canonical::verify(REVOCATIONS, &newest.list, &newest.signature, verifier)?;
        match newest
            .list
            .revoked
            .iter()
            .find(|revoked| revoked.key == said.key && revoked.at <= at)
        {
            Some(revoked) => Err(Error::refused(
                "footage-agency-revoked",
                &format!(
                    "the key of {} was revoked at {}: {}",
                    said.agency.name, revoked.at, revoked.reason
                ),
                "nothing is handed over to it",
            )),
            None => Ok(()),
        }
    }
}
