//! Secret keys, and what is derived from the key of an epoch.

use std::fmt;

use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use zeroize::Zeroize;

use crate::{Error, ErrorKind, Result};

/// 256 random bits; wiped from memory when dropped.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A fresh key from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Randomness`].
    pub fn generate() -> Result<Self> {
        random().map(Self)
    }

    /// A key from its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes. Whoever asks for them keeps them secret.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key for one use, from this one.
    pub(crate) fn derive(&self, context: &str) -> Self {
        Self(blake3::derive_key(context, &self.0))
    }

    /// What may be published of the key: it names it and gives nothing away.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let whole = blake3::derive_key("platewarden-store 2026 fingerprint of a key", &self.0);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(whole.first_chunk::<16>().unwrap_or(&[0; 16]));
        Fingerprint(bytes)
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.fingerprint())
    }
}

/// Names a key in public: 128 bits of a one-way hash of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Fingerprint(pub(crate) [u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Everything that is derived from an epoch's key; wiped with it.
pub(crate) struct EpochSecrets {
    pub(crate) cipher: ChaCha20Poly1305,
    tags: SecretKey,
    pub(crate) fingerprint: Fingerprint,
}

impl EpochSecrets {
    pub(crate) fn new(key: &SecretKey) -> Self {
        Self {
            cipher: cipher(&key.derive("platewarden-store 2026 sealing of rows")),
            tags: key.derive("platewarden-store 2026 tags of plates"),
            fingerprint: key.fingerprint(),
        }
    }

    /// A keyed hash: without the epoch's key nobody can compute it, or try plates against it.
    pub(crate) fn keyed_hash(&self, domain: u8, parts: &[&[u8]]) -> blake3::Hash {
        keyed_hash(&self.tags, domain, parts)
    }
}

pub(crate) fn keyed_hash(key: &SecretKey, domain: u8, parts: &[&[u8]]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(key.expose());
    hasher.update(&[domain]);
    for part in parts {
        // Lengths between the parts, so that no two lists of parts look the same.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

impl fmt::Debug for EpochSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochSecrets({})", self.fingerprint)
    }
}

pub(crate) fn cipher(key: &SecretKey) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&(*key.expose()).into())
}

/// Bytes of the operating system's randomness.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|error| {
        Error::new(
            ErrorKind::Randomness,
            format!("the operating system gave no randomness: {error}"),
            "nothing was written; try again",
        )
    })
}
