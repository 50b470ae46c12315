//! Keys: those that sign, and those to which evidence is sealed.

use std::fs;
use std::io::Write;
use std::path::Path;

use ed25519_dalek::{SigningKey, VerifyingKey};
use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256};

use crate::{Error, Result};

/// The key encapsulation of RFC 9180 to which packages are sealed.
pub(crate) type Kem = X25519HkdfSha256;

/// A new key that signs (Ed25519), from the operating system's randomness.
///
/// # Errors
///
/// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness) where there is none.
pub fn new_signing_key() -> Result<SigningKey> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| Error::randomness(&error.to_string()))?;
    Ok(SigningKey::from_bytes(&secret))
}

/// The key pair of an agency's evidence account (X25519): packages are sealed to its public half.
///
/// ```
/// use platewarden_footage::EvidenceKey;
/// let key = EvidenceKey::new()?;
/// assert_eq!(EvidenceKey::from_hex(&key.to_hex())?.public(), key.public());
/// # Ok::<(), platewarden_footage::Error>(())
/// ```
pub struct EvidenceKey {
    pub(crate) secret: <Kem as hpke::Kem>::PrivateKey,
    public: String,
}

impl std::fmt::Debug for EvidenceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EvidenceKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl EvidenceKey {
    /// A new one, from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness) where there is none.
    pub fn new() -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::randomness(&error.to_string()))?;
        Self::from_hex(&hex::encode(secret))
    }

    /// The key whose secret half these 64 hexadecimal digits are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) for anything else; what it holds is not repeated.
    pub fn from_hex(text: &str) -> Result<Self> {
        let wrong = || Error::format("evidence key", "64 hexadecimal digits", "something else");
        let bytes = hex::decode(text.trim()).map_err(|_| wrong())?;
        let secret = <Kem as hpke::Kem>::PrivateKey::from_bytes(&bytes).map_err(|_| wrong())?;
        let public = hex::encode(Kem::sk_to_pk(&secret).to_bytes());
        Ok(Self { secret, public })
    }

    /// The secret half as 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.secret.to_bytes())
    }

    /// The public half as 64 hexadecimal digits, as it stands in requests.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }
}

/// The public half of an evidence key from its 64 hexadecimal digits.
pub(crate) fn evidence_public(text: &str) -> Result<<Kem as hpke::Kem>::PublicKey> {
    let wrong = || {
        Error::format(
            "public evidence key",
            "64 hexadecimal digits of an X25519 key",
            &format!("`{text}`"),
        )
    };
    let bytes = hex::decode(text).map_err(|_| wrong())?;
    <Kem as hpke::Kem>::PublicKey::from_bytes(&bytes).map_err(|_| wrong())
}

/// A key that checks signatures as 64 hexadecimal digits, as documents name it.
#[must_use]
pub fn verifying_hex(key: &VerifyingKey) -> String {
    hex::encode(key.to_bytes())
}

/// A key that checks signatures, from its 64 hexadecimal digits.
///
/// # Errors
///
/// [`ErrorKind::Format`](crate::ErrorKind::Format) for anything else.
pub fn verifying_key(text: &str) -> Result<VerifyingKey> {
    let wrong = || {
        Error::format(
            "public signing key",
            "64 hexadecimal digits of an Ed25519 key",
            &format!("`{text}`"),
        )
    };
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| wrong())?;
    VerifyingKey::from_bytes(&bytes).map_err(|_| wrong())
}

/// A key that signs, from the 64 hexadecimal digits of its secret half.
///
/// # Errors
///
/// [`ErrorKind::Format`](crate::ErrorKind::Format) for anything else; what it holds is not repeated.
pub fn signing_key(text: &str) -> Result<SigningKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes)
        .map_err(|_| Error::format("signing key", "64 hexadecimal digits", "something else"))?;
    Ok(SigningKey::from_bytes(&bytes))
}

/// Writes a secret to a new file that its owner alone may read.
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) where the file is there already or cannot be written.
pub fn write_secret(path: &Path, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| writeln!(file, "{text}").and_then(|()| file.sync_all()))
        .map_err(|source| Error::io("write the new file", path, source))
}
