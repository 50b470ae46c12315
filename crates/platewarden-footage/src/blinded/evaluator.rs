//! The side that holds the key.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::counts::{Counts, DeviceToken};
use super::hex_bytes::HexBytes;
use super::limits::Limits;
use super::random::{random_bytes, with_randomness};
use super::skeleton::{MAX_SYMBOLS, Skeleton};
use super::suite::{Key, truncated};
use super::targets::BlindedTargets;
use super::wire::{Answer, Question};
use crate::{Error, Result};

/// What tells these keys from others that are derived from the same seed (RFC 9497, section 3.2.1).
const KEY_INFO: &[u8] = b"platewarden blinded request 1";

/// The secret key of one request, to be kept sealed over a restart and nowhere else. Overwritten with zeros when it is
/// dropped; neither printed nor serialized by itself.
///
/// Whoever has it reads the plates of the request document by trying all there are, so that it must die with the request.
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// A key from its 32 bytes, a scalar in little-endian order (RFC 9497, section 4.1); [`Evaluator::resume`] checks it.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// The evaluating side of one request: makes the key and the document's part, admits devices, and answers questions within
/// the caps. It learns which token asks and when, and nothing about what is asked.
///
/// What changes the counts takes a function that saves them, and goes on only when that succeeded: a crash can cost a device
/// a batch, and never gives anybody an evaluation that was not counted.
///
/// ```
/// use platewarden_footage::blinded::{BlindedClient, Evaluator, Limits};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = "2026-05-01T00:00:00Z".parse()?;
/// let expires_at = "2026-06-01T00:00:00Z".parse()?;
/// let mut evaluator = Evaluator::new(&["AB12CDE"], expires_at, Limits::default())?;
/// let saved = |_counts: &_| Ok(());
/// let token = evaluator.admit(now, saved)?;
///
/// let client = BlindedClient::new(evaluator.targets(), token)?;
/// let reads = [vec!["XY98ZAB"], vec!["AB12CDF", "A812CDE"]];
/// for batch in client.batches(&reads)? {
///     let answer = evaluator.evaluate(batch.question(), now, saved)?;
///     for reveal in batch.finish(&answer)? {
///         assert_eq!((reveal.read(), reveal.text()), (1, "A812CDE"));
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Evaluator {
    /// None once it was destroyed.
    key: Option<Key>,
    targets: BlindedTargets,
    counts: Counts,
}

impl Evaluator {
    /// A key of its own for these plates, until `expires_at`. Plates that look alike are one target; the plates themselves
    /// are not kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for a text that is no whole plate (letters and digits, 1 to 16, with
    /// separators), for none or more than 64 of them, and for limits out of their bounds;
    /// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness) where the operating system has none.
    pub fn new<T: AsRef<str>>(plates: &[T], expires_at: Timestamp, limits: Limits) -> Result<Self> {
        let seed = Zeroizing::new(random_bytes()?);
        let key = Key::derive(&seed, KEY_INFO)?;
        let mut outputs = BTreeSet::new();
        for plate in plates {
            // The text itself stays out of the message, and so out of logs.
            let skeleton = Skeleton::of(plate.as_ref()).ok_or_else(|| {
                let expected = format!("1 to {MAX_SYMBOLS} letters and digits, with separators");
                Error::invalid("a plate to be blinded", &expected, "another text")
            })?;
            let input = Zeroizing::new(skeleton.input());
            let output = Zeroizing::new(key.evaluate(&input)?);
            outputs.insert(truncated(&output)?);
        }
        let public_key = key.public();
        Ok(Self {
            targets: BlindedTargets::new(public_key, outputs, limits, expires_at)?,
            counts: Counts::new(&public_key),
            key: Some(key),
        })
    }

    /// The same side after a restart, from what was kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) for bytes that are no key,
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for a key or counts of another request and for counts that cannot
    /// have come about.
    pub fn resume(targets: BlindedTargets, secret: &SecretKey, counts: Counts) -> Result<Self> {
        let key = Key::from_bytes(secret.as_bytes())?;
        if key.public() != *targets.public_key() {
            let expected = HexBytes(*targets.public_key()).to_string();
            let found = HexBytes(key.public()).to_string();
            return Err(Error::invalid(
                "the public key of the secret one",
                &expected,
                &found,
            ));
        }
        counts.check(targets.public_key(), targets.limits())?;
        Ok(Self {
            key: Some(key),
            targets,
            counts,
        })
    }

    /// What the request document carries.
    #[must_use]
    pub fn targets(&self) -> &BlindedTargets {
        &self.targets
    }

    /// What was admitted and evaluated so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The secret key, to be kept sealed over a restart; none once it was destroyed.
    #[must_use]
    pub fn secret_key(&self) -> Option<SecretKey> {
        self.key.as_ref().map(|key| SecretKey(key.to_bytes()))
    }

    /// Overwrites the key; nothing can be evaluated any more. Copies that were taken with
    /// [`secret_key`](Self::secret_key) are the caller's to destroy.
    pub fn destroy(&mut self) {
        self.key = None;
    }

    /// Whether the key is gone.
    #[must_use]
    pub fn is_destroyed(&self) -> bool {
        self.key.is_none()
    }

    /// A token for one more device. To whom it goes is the caller's to decide; [`DeviceToken`] says what hangs on it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::State`](crate::ErrorKind::State) once the request is over (the key is then destroyed), refused by
    /// `blinded-devices` when no further device could have a batch,
    /// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness) without randomness, and what `save` fails with.
    pub fn admit(
        &mut self,
        now: Timestamp,
        save: impl FnOnce(&Counts) -> Result<()>,
    ) -> Result<DeviceToken> {
        self.key_at(now, "admit a device")?;
        let mut counts = self.counts.clone();
        let token = counts.admit(self.targets.limits())?;
        save(&counts)?;
        self.counts = counts;
        Ok(token)
    }

    /// Answers a question of [`Batch::question`](super::Batch::question) with evaluations and one proof for all of them
    /// (RFC 9497, section 3.3.2). `save` gets the counts in which the batch is already counted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) for a question of another length or with an element that is none, and
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for one to another key, none of which is counted;
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) by `blinded-device-unknown`, `blinded-device-cap`,
    /// `blinded-request-cap` or `blinded-replay`; [`ErrorKind::State`](crate::ErrorKind::State) once the request is over (the
    /// key is then destroyed); [`ErrorKind::Randomness`](crate::ErrorKind::Randomness) without randomness; and what `save`
    /// fails with.
    pub fn evaluate(
        &mut self,
        question: &[u8],
        now: Timestamp,
        save: impl FnOnce(&Counts) -> Result<()>,
    ) -> Result<Vec<u8>> {
        self.key_at(now, "evaluate")?;
        let limits = *self.targets.limits();
        let question = Question::parse(question, limits.batch_size.into())?;
        if question.public_key != self.targets.public_key() {
            let expected = HexBytes(*self.targets.public_key()).to_string();
            let found = HexBytes(*question.public_key).to_string();
            return Err(Error::invalid("the key of a question", &expected, &found));
        }
        let mut counts = self.counts.clone();
        let device = DeviceToken::from_bytes(*question.device);
        // The caps before the curve: who has no allowance costs no computing.
        counts.charge(device, question.elements, &limits)?;
        let key = self.key_at(now, "evaluate")?;
        let (elements, proof) =
            with_randomness(|random| key.blind_evaluate(question.elements, random))?;
        save(&counts)?;
        self.counts = counts;
        let answer = Answer {
            proof: &proof,
            elements: &elements,
        };
        Ok(answer.to_bytes())
    }

    /// The key while the request lasts; afterwards it is destroyed.
    fn key_at(&mut self, now: Timestamp, action: &str) -> Result<&Key> {
        if now >= self.targets.expires_at() {
            self.destroy();
        }
        self.key.as_ref().ok_or_else(|| {
            let remedy = "a request that is over is not evaluated; a new one has a new key";
            Error::state(action, "the request is over and its key destroyed", remedy)
        })
    }
}

impl fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluator")
            .field("is_destroyed", &self.is_destroyed())
            .field("targets", &self.targets)
            .field("evaluations", &self.counts.evaluations())
            .finish_non_exhaustive()
    }
}
