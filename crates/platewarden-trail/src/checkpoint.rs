//! Signed statements of how long the trail is and what its last record hashes to.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest::{Digest, from_hex};
use crate::Error;

const CONTEXT: &[u8] = b"platewarden trail v1 checkpoint\0";

/// The secret with which checkpoints are signed (ed25519). Keep it off the machine that holds the trail, or at
/// least out of reach of whoever could rewrite it.
///
/// ```
/// use platewarden_trail::CheckpointKey;
/// let key = CheckpointKey::generate()?;
/// println!("trust this: {}", key.public());
/// # Ok::<(), platewarden_trail::Error>(())
/// ```
pub struct CheckpointKey(SigningKey);

impl CheckpointKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// [`Randomness`](crate::ErrorKind::Randomness) where the system has none to give.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self::from_seed(&super::random()?))
    }

    /// The key that a 32-byte secret stands for.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The secret, to be kept as a secret.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half, by which others verify.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    pub(super) fn sign(
        &self,
        log_id: [u8; 16],
        records: u64,
        head: Digest,
        at: Timestamp,
    ) -> Checkpoint {
        let signature = self.0.sign(&message(&log_id, records, &head, at));
        Checkpoint {
            log_id: hex::encode(log_id),
            records,
            head,
            at,
            key: self.public(),
            signature: hex::encode(signature.to_bytes()),
        }
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointKey({})", self.public())
    }
}

/// A public key; displays, parses and serialises as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::str::FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        from_hex(text).map(Self)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// "At this time the log had this many records, and the last one hashed to this", signed.
///
/// The trail keeps its checkpoints beside it, but only a copy held by someone else shows that its end was cut off:
/// publish them, mail them, print them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Identifier of the log, 32 hexadecimal digits.
    pub log_id: String,
    /// Number of records.
    pub records: u64,
    /// Hash of the last of them.
    pub head: Digest,
    /// When it was signed.
    pub at: Timestamp,
    /// Who signed.
    pub key: PublicKey,
    /// Ed25519 signature, 128 hexadecimal digits.
    pub signature: String,
}

impl Checkpoint {
    /// Whether the signature is that of the key named in the checkpoint. Whether that key deserves trust is another
    /// question.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let check = || -> Option<()> {
            let key = VerifyingKey::from_bytes(&self.key.0).ok()?;
            let signature = Signature::from_bytes(&from_hex::<64>(&self.signature).ok()?);
            let message = message(&self.log_id().ok()?, self.records, &self.head, self.at);
            // Strict: a signature has one spelling, and weak keys sign nothing.
            key.verify_strict(&message, &signature).ok()
        };
        check().is_some()
    }

    pub(super) fn log_id(&self) -> Result<[u8; 16], Error> {
        from_hex(&self.log_id)
    }
}

fn message(log_id: &[u8; 16], records: u64, head: &Digest, at: Timestamp) -> Vec<u8> {
    let mut message = CONTEXT.to_vec();
    message.extend_from_slice(log_id);
    message.extend_from_slice(&records.to_le_bytes());
    message.extend_from_slice(head.as_bytes());
    message.extend_from_slice(&at.as_second().to_le_bytes());
    message.extend_from_slice(&at.subsec_nanosecond().to_le_bytes());
    message
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn any_changed_part_breaks_the_signature() {
        let key = CheckpointKey::from_seed(&[7; 32]);
        let at = Timestamp::from_second(1_750_000_000).unwrap();
        let good = key.sign([1; 16], 5, Digest::blake3(b"head"), at);
        assert!(good.is_signed());
        let text = serde_json::to_string(&good).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoint>(&text).unwrap(), good);

        assert!(
            !Checkpoint {
                records: 6,
                ..good.clone()
            }
            .is_signed()
        );
        assert!(
            !Checkpoint {
                head: Digest::blake3(b"other"),
                ..good.clone()
            }
            .is_signed()
        );
        assert!(
            !Checkpoint {
                log_id: hex::encode([2; 16]),
                ..good.clone()
            }
            .is_signed()
        );
        assert!(
            !Checkpoint {
                at: Timestamp::from_second(1).unwrap(),
                ..good.clone()
            }
            .is_signed()
        );
        let other = CheckpointKey::from_seed(&[8; 32]).public();
        assert!(!Checkpoint { key: other, ..good }.is_signed());
    }
}
