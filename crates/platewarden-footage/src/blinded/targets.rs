//! What a request document carries.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::hex_bytes::HexBytes;
use super::limits::Limits;
use super::skeleton::CLASSES;
use super::suite::{ELEMENT_BYTES, Element, Output, PublicKey, SUITE};
use super::wire::{answer_bytes, question_bytes};
use crate::{Error, Result};

/// The most plates that a request can ask for.
pub(super) const MAX_TARGETS: usize = 64;

/// The blinded plates of a request, as its document carries them: a public key, and for each look-alike text the first 16
/// bytes of its output under that key. No plate can be read from it without the secret key.
///
/// It is checked when it is read: suite, key, table of look-alikes, order and number of the outputs (1 to 64, so that nobody
/// can ask for a whole town), and limits. It does not sign itself: the signature of the request document holds it, and so
/// pins the key.
///
/// ```
/// use platewarden_footage::blinded::{BlindedTargets, Evaluator, Limits};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let expires_at = "2026-06-01T00:00:00Z".parse()?;
/// let evaluator = Evaluator::new(&["AB12CDE", "A812CDE"], expires_at, Limits::default())?;
/// let document = serde_json::to_string(evaluator.targets())?;
/// assert!(!document.contains("12CDE"));
///
/// let targets: BlindedTargets = serde_json::from_str(&document)?;
/// // The two look alike.
/// assert_eq!(targets.len(), 1);
/// assert!(targets.question_bytes() + targets.answer_bytes() <= 64 * 1024);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TargetsWire")]
pub struct BlindedTargets {
    suite: String,
    public_key: HexBytes<ELEMENT_BYTES>,
    lookalikes: String,
    outputs: BTreeSet<Output>,
    limits: Limits,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetsWire {
    suite: String,
    public_key: HexBytes<ELEMENT_BYTES>,
    lookalikes: String,
    outputs: Vec<Output>,
    limits: Limits,
    expires_at: Timestamp,
}

impl TryFrom<TargetsWire> for BlindedTargets {
    type Error = Error;

    fn try_from(wire: TargetsWire) -> Result<Self> {
        if wire.suite != SUITE {
            return Err(Error::invalid("the suite", SUITE, &wire.suite));
        }
        if wire.lookalikes != *CLASSES {
            return Err(Error::invalid(
                "the table of look-alikes",
                CLASSES.as_str(),
                &wire.lookalikes,
            ));
        }
        // In order, and each once: the order must not tell which was given first.
        if !wire.outputs.is_sorted_by(|a, b| a < b) {
            let found = "others";
            return Err(Error::invalid(
                "the outputs",
                "outputs in order, each once",
                found,
            ));
        }
        let outputs = wire.outputs.into_iter().collect();
        Self::new(wire.public_key.0, outputs, wire.limits, wire.expires_at)
    }
}

impl BlindedTargets {
    pub(super) fn new(
        public_key: Element,
        outputs: BTreeSet<Output>,
        limits: Limits,
        expires_at: Timestamp,
    ) -> Result<Self> {
        PublicKey::from_bytes(&public_key)?;
        if !(1..=MAX_TARGETS).contains(&outputs.len()) {
            return Err(Error::invalid(
                "the number of different plates",
                &format!("1 to {MAX_TARGETS}"),
                &outputs.len().to_string(),
            ));
        }
        limits.check()?;
        Ok(Self {
            suite: SUITE.to_owned(),
            public_key: HexBytes(public_key),
            lookalikes: CLASSES.clone(),
            outputs,
            limits,
            expires_at,
        })
    }

    /// The public key: a point of ristretto255, 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key.0
    }

    /// How many look-alike texts are asked for; at most as many as plates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.outputs.len()
    }

    /// Whether none is asked for, which is refused wherever one of these is made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Batch size and caps.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// From when on nothing is evaluated any more.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Bytes of each question to the evaluating side, whatever is in it.
    #[must_use]
    pub fn question_bytes(&self) -> usize {
        question_bytes(self.limits.batch_size.into())
    }

    /// Bytes of each answer of the evaluating side.
    #[must_use]
    pub fn answer_bytes(&self) -> usize {
        answer_bytes(self.limits.batch_size.into())
    }

    /// Which output this is, counted from 0 in the order of the document.
    pub(super) fn position(&self, output: &Output) -> Option<usize> {
        self.outputs.iter().position(|target| target == output)
    }
}
