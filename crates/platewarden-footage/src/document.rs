//! The request that travels: one signed document that anyone can verify offline.

use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use platewarden_community::{CommunityRequest, Particulars, Published, is_federal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::certificate::{AgencyCertificate, Trust};
use crate::keys::{evidence_public, verifying_key};
use crate::{Error, Result};

const REQUEST: &str = "request";
/// Most plates that one request may name: it is about a case, and no list to search the street by.
pub const MAX_PLATES: usize = 5;

/// The vehicle that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedPlate {
    /// Its registration number, with or without spaces.
    pub text: String,
    /// Code of the issuing country or state, such as `US-IL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Largest area that one request may be about, in square kilometres: a quarter of a town, and no town.
pub const MAX_SQUARE_KILOMETRES: f64 = 25.0;

/// The vehicle that a request is about, before it is signed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Sought {
    /// Plates, by name.
    pub plates: Vec<WantedPlate>,
    /// The vehicle in words.
    pub description: String,
    /// Plates without their names.
    #[cfg(feature = "blinded")]
    pub blinded: Option<crate::blinded::BlindedTargets>,
}

impl Sought {
    /// One plate, with or without spaces.
    #[must_use]
    pub fn plate(text: impl Into<String>) -> Self {
        let plate = WantedPlate {
            text: text.into(),
            region: None,
        };
        Self {
            plates: vec![plate],
            ..Self::default()
        }
    }

    /// Adds the vehicle in words, for residents' own eyes.
    #[must_use]
    pub fn described(mut self, words: impl Into<String>) -> Self {
        self.description = words.into();
        self
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestBody {
    /// Version of this format: 1.
    pub version: u32,
    /// The request as it was moderated: code, agency, case, purpose, area, window, recipients, contact, time to answer.
    pub particulars: Particulars,
    /// Who moderated it, and when it was published.
    pub published: Published,
    /// Plates that are looked for; none where a vehicle is only described.
    pub plates: Vec<WantedPlate>,
    /// The vehicle in words, for residents' own eyes.
    pub description: String,
    /// Plates that are looked for without being named: outputs of an oblivious function.
    #[cfg(feature = "blinded")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub blinded: Option<crate::blinded::BlindedTargets>,
    /// The evidence account's public key (X25519, 64 hexadecimal digits): what is handed over is sealed to it.
    pub evidence_key: String,
}

/// A request with the agency's certificate and signature (Ed25519 over canonical JSON, RFC 8785).
///
/// Whoever made it, [`verify`](Self::verify) alone says whether it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FootageRequest {
    /// What is asked for.
    pub request: RequestBody,
    /// Who asks, as certified.
    pub certificate: AgencyCertificate,
    /// 128 hexadecimal digits.
    pub signature: String,
}

/// A request that was verified: it was signed by a certified agency, and keeps within the bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedRequest {
    document: FootageRequest,
    sha256: String,
}

impl FootageRequest {
    /// Signs a published request. That it is published says that somebody moderated it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the request is not the certified agency's, names neither plate nor
    /// description, or names too many plates; [`ErrorKind::Format`](crate::ErrorKind::Format) for a key that is none.
    pub fn sign(
        request: &CommunityRequest<Published>,
        sought: Sought,
        evidence_key: &str,
        certificate: AgencyCertificate,
        key: &SigningKey,
    ) -> Result<Self> {
        let request = RequestBody {
            version: 1,
            particulars: request.particulars().clone(),
            published: request.stage().clone(),
            plates: sought.plates,
            description: sought.description,
            #[cfg(feature = "blinded")]
            blinded: sought.blinded,
            evidence_key: evidence_key.to_owned(),
        };
        let signature = canonical::sign(REQUEST, &request, key)?;
        let document = Self {
            request,
            certificate,
            signature,
        };
        document.check_bounds()?;
        let own = verifying_key(&document.certificate.statement.key)?;
        if own != key.verifying_key() {
            return Err(Error::signature(
                "the certificate is of another key than the one that signs",
            ));
        }
        Ok(document)
    }

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) where it is none, or breaks a rule of requests.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|source| Error::json("a request for footage", source))
    }

    /// Verifies the document without asking anybody: certificate, revocations, signature, rules and times.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the rule, for an agency that may not ask, a request that is over, or
    /// one beyond the bounds; [`ErrorKind::Signature`](crate::ErrorKind::Signature) for a document that was altered.
    pub fn verify(self, trust: &Trust, at: Timestamp) -> Result<VerifiedRequest> {
        let key = trust.key_of(&self.certificate, at)?;
        canonical::verify(REQUEST, &self.request, &self.signature, &key)?;
        self.check_bounds()?;
        let form = self.request.particulars.form();
        if at < self.request.published.published_at {
            return Err(Error::refused(
                "footage-not-yet",
                &format!(
                    "the request is published from {}",
                    self.request.published.published_at
                ),
                "check this machine's clock",
            ));
        }
        if at > form.responses_until {
            return Err(Error::refused(
                "footage-expired",
                &format!("the time to answer ended at {}", form.responses_until),
                "nothing is handed over any more",
            ));
        }
        let sha256 = self.digest()?;
        Ok(VerifiedRequest {
            document: self,
            sha256,
        })
    }

    /// SHA-256 of the canonical text, signature and certificate included: 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) where the document cannot be written as JSON.
    pub fn digest(&self) -> Result<String> {
        canonical::digest(REQUEST, self)
    }

    fn check_bounds(&self) -> Result<()> {
        let request = &self.request;
        if request.version != 1 {
            return Err(Error::format(
                "request for footage",
                "version 1",
                &request.version.to_string(),
            ));
        }
        request.particulars.check()?;
        if *request.particulars.agency() != self.certificate.statement.agency {
            return Err(Error::refused(
                "footage-own-request",
                "the request is of another agency than the certificate",
                "an agency signs its own requests",
            ));
        }
        let form = request.particulars.form();
        if let Some(federal) = form.recipients().iter().find(|agency| is_federal(agency)) {
            return Err(Error::refused(
                "footage-no-federal",
                &format!(
                    "{}, a federal agency, is to receive the footage",
                    federal.id
                ),
                "a federal agency obtains footage by legal process served on whoever holds it",
            ));
        }
        let size = form.area.square_kilometres();
        if size > MAX_SQUARE_KILOMETRES {
            return Err(Error::refused(
                "footage-area",
                &format!(
                    "the area of {size:.0} square kilometres is larger than {MAX_SQUARE_KILOMETRES}"
                ),
                "draw it about the place where it happened",
            ));
        }
        if !request.names_plates() && request.description.trim().is_empty() {
            return Err(Error::refused(
                "footage-what",
                "neither a plate nor a description says what is looked for",
                "name the vehicle",
            ));
        }
        if request.plates.len() > MAX_PLATES {
            return Err(Error::refused(
                "footage-plates",
                &format!(
                    "the request names {} plates, more than {MAX_PLATES}",
                    request.plates.len()
                ),
                "ask for the vehicles of one case",
            ));
        }
        evidence_public(&request.evidence_key).map(|_| ())
    }
}

impl RequestBody {
    /// Whether plates are looked for, by name or without.
    pub(crate) fn names_plates(&self) -> bool {
        #[cfg(feature = "blinded")]
        if self.blinded.is_some() {
            return true;
        }
        !self.plates.is_empty()
    }
}

impl VerifiedRequest {
    /// The document.
    #[must_use]
    pub fn document(&self) -> &FootageRequest {
        &self.document
    }

    /// What is asked for.
    #[must_use]
    pub fn body(&self) -> &RequestBody {
        &self.document.request
    }

    /// What stays the same from the draft to the end.
    #[must_use]
    pub fn particulars(&self) -> &Particulars {
        &self.document.request.particulars
    }

    /// SHA-256 of the document's canonical text, 64 hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Verifies once more, as right before the hand-over: an agency may be revoked, or a request end, while a resident reads.
    ///
    /// # Errors
    ///
    /// As [`FootageRequest::verify`].
    pub fn still_holds(&self, trust: &Trust, at: Timestamp) -> Result<()> {
        self.document.clone().verify(trust, at).map(|_| ())
    }
}
