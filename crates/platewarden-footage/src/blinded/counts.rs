//! Who was admitted, and what was evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::hex_bytes::HexBytes;
use super::limits::Limits;
use super::random::random_bytes;
use super::suite::{ELEMENT_BYTES, Element};
use super::wire::TOKEN_BYTES;
use crate::{Error, Result};

/// What a device shows to have its evaluations: 16 random bytes that [`Evaluator::admit`](super::Evaluator::admit) handed out
/// for one request, in text 32 hexadecimal digits.
///
/// It **is** an allowance: whoever holds it uses it up, and a copy of it uses up the same one. It **is not** a name, an
/// account, an address or a hardware number, and says nothing about the device; another request has another token, so that
/// tokens of two requests cannot be linked. It proves no identity either: one person who is handed ten tokens has ten
/// allowances, so that the cap of a device is only as good as the care with which tokens are handed out (one for each
/// household that was written to, say), and without any care only the cap of the request holds. Whoever hands them out should
/// not note to whom: the evaluating side sees which token asks, and how often.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceToken(HexBytes<TOKEN_BYTES>);

impl DeviceToken {
    fn random() -> Result<Self> {
        random_bytes().map(|bytes| Self(HexBytes(bytes)))
    }

    pub(super) fn from_bytes(bytes: [u8; TOKEN_BYTES]) -> Self {
        Self(HexBytes(bytes))
    }

    pub(super) fn as_bytes(&self) -> &[u8; TOKEN_BYTES] {
        &self.0.0
    }
}

impl fmt::Display for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Without its bytes: it works for whoever reads it in a log.
impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

impl FromStr for DeviceToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        HexBytes::parse(text).map(Self).ok_or_else(|| {
            let found = format!("{} characters", text.chars().count());
            let expected = "32 hexadecimal digits in lower case";
            Error::format("a device token", expected, &found)
        })
    }
}

/// Who was admitted to a request, how many evaluations each had, and which batches were answered. Written to disk and read
/// back, it keeps a restart from resetting the caps. It cannot tell that an older copy of itself was put back, nor that two
/// processes count for the same key: one process evaluates for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    public_key: HexBytes<ELEMENT_BYTES>,
    devices: BTreeMap<DeviceToken, u32>,
    /// The first half of the SHA-256 of the elements of each batch.
    answered: BTreeSet<HexBytes<16>>,
}

impl Counts {
    pub(super) fn new(public_key: &Element) -> Self {
        Self {
            public_key: HexBytes(*public_key),
            devices: BTreeMap::new(),
            answered: BTreeSet::new(),
        }
    }

    /// Evaluations given in all.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.devices.values().copied().map(u64::from).sum()
    }

    /// Evaluations given to a device; none for one that was not admitted.
    #[must_use]
    pub fn of_device(&self, device: &DeviceToken) -> Option<u32> {
        self.devices.get(device).copied()
    }

    /// Devices admitted.
    #[must_use]
    pub fn devices(&self) -> usize {
        self.devices.len()
    }

    /// Whether these can be the counts of a request with this key and these limits: storage is not trusted.
    pub(super) fn check(&self, public_key: &Element, limits: &Limits) -> Result<()> {
        if self.public_key.0 != *public_key {
            let found = self.public_key.to_string();
            let expected = HexBytes(*public_key).to_string();
            return Err(Error::invalid("the key of the counts", &expected, &found));
        }
        let batch = u32::from(limits.batch_size);
        let uneven = |count: &&u32| **count > limits.per_device || !count.is_multiple_of(batch);
        if let Some(count) = self.devices.values().find(uneven) {
            let expected = format!("a multiple of {batch} up to {}", limits.per_device);
            return Err(Error::invalid("a count", &expected, &count.to_string()));
        }
        let batches = self.evaluations() / u64::from(batch.max(1));
        if u64::try_from(self.answered.len()).ok() != Some(batches) {
            let found = self.answered.len().to_string();
            return Err(Error::invalid(
                "the batches answered",
                &batches.to_string(),
                &found,
            ));
        }
        if self.evaluations() > limits.per_request.into() || self.devices() > limits.devices() {
            let expected = format!("{} evaluations at most", limits.per_request);
            let found = self.evaluations().to_string();
            return Err(Error::invalid("the counts", &expected, &found));
        }
        Ok(())
    }

    pub(super) fn admit(&mut self, limits: &Limits) -> Result<DeviceToken> {
        if self.devices() >= limits.devices() {
            return Err(Error::refused(
                "blinded-devices",
                &format!("{} devices are admitted", self.devices()),
                "no other can have a batch under the cap of this request",
            ));
        }
        let token = DeviceToken::random()?;
        self.devices.insert(token, 0);
        Ok(token)
    }

    /// Counts a batch, unless a cap or an earlier answer forbids it.
    pub(super) fn charge(
        &mut self,
        device: DeviceToken,
        elements: &[Element],
        limits: &Limits,
    ) -> Result<()> {
        let batch = u32::from(limits.batch_size);
        let evaluations = self.evaluations();
        let Some(count) = self.devices.get_mut(&device) else {
            return Err(Error::refused(
                "blinded-device-unknown",
                "the device token was not handed out for this request",
                "ask for a token of this request",
            ));
        };
        if *count + batch > limits.per_device {
            return Err(Error::refused(
                "blinded-device-cap",
                &format!(
                    "the device had {count} of {} evaluations",
                    limits.per_device
                ),
                "nothing more can be asked for this request from here",
            ));
        }
        if evaluations + u64::from(batch) > u64::from(limits.per_request) {
            return Err(Error::refused(
                "blinded-request-cap",
                &format!(
                    "{evaluations} of {} evaluations were given",
                    limits.per_request
                ),
                "nothing more can be asked for this request",
            ));
        }
        let digest: [u8; 32] = Sha256::digest(elements.as_flattened()).into();
        let (half, _) = digest.as_chunks::<16>();
        let digest = half.first().copied().map_or(HexBytes([0; 16]), HexBytes);
        if !self.answered.insert(digest) {
            return Err(Error::refused(
                "blinded-replay",
                "this batch was answered before",
                "blind the texts anew",
            ));
        }
        *count += batch;
        Ok(())
    }
}
