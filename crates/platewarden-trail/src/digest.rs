//! A 32-byte digest, printed as 64 hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;
use crate::error::Failure;

/// A digest of 32 bytes. In the trail it is a BLAKE3 digest; in a hand-over manifest, SHA-256.
///
/// Serialises, displays and parses as 64 lower-case hexadecimal digits.
///
/// ```
/// use platewarden_trail::Digest;
/// let digest = Digest::blake3(b"a record");
/// let again: Digest = digest.to_string().parse()?;
/// assert_eq!(again, digest);
/// # Ok::<(), platewarden_trail::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps 32 bytes that some hash function has made.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The BLAKE3 digest of some bytes (unkeyed).
    #[must_use]
    pub fn blake3(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The bytes themselves.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        from_hex(text).map(Self)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Exactly `N` bytes from `2 * N` hexadecimal digits.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], Error> {
    let refuse = || {
        Error::from(Failure::Invalid {
            what: "hexadecimal number",
            expected: format!("{} digits", 2 * N),
            found: format!("`{}`", text.chars().take(2 * N + 8).collect::<String>()),
        })
    };
    let mut bytes = [0_u8; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| refuse())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn hexadecimal_round_trip_and_refusals() {
        let bytes: [u8; 4] = [0x00, 0x9f, 0xa0, 0xff];
        assert_eq!(hex::encode(bytes), "009fa0ff");
        assert_eq!(from_hex::<4>("009fA0ff").unwrap(), bytes);
        assert!(from_hex::<4>("009fa0f").is_err());
        assert!(from_hex::<4>("009fa0fg").is_err());
        assert!(from_hex::<2>("é00").is_err());
    }
}
