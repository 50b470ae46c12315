//! Sealing to the auditor: whoever writes the trail can put plates into it and not take them out again.

use std::fmt;
use std::path::Path;

use x25519_dalek::{PublicKey, StaticSecret};

use super::seal::{Nonces, Sealed, open, seal};
use super::secret::{SecretKey, cipher};
use crate::{Error, Result};

const PLACE: Sealed<'static> = Sealed {
    kind: "auditor",
    epoch: 0,
    row: 0,
    part: 0,
};

/// The auditor's secret key. It is made once, given to the auditor, and kept off the machine that searches.
///
/// ```
/// use platewarden_store::AuditorKey;
/// let key = AuditorKey::generate()?;
/// let sealed = key.public().seal("plate 7ABC123")?;
/// assert!(!sealed.contains("7ABC123"));
/// assert_eq!(key.open(&sealed)?, "plate 7ABC123");
/// # Ok::<(), platewarden_store::Error>(())
/// ```
#[derive(Clone)]
pub struct AuditorKey(StaticSecret);

/// The auditor's public key: seals, and opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditorPublic([u8; 32]);

impl AuditorKey {
    /// A fresh key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness).
    pub fn generate() -> Result<Self> {
        let key = SecretKey::generate()?;
        Ok(Self(StaticSecret::from(*key.expose())))
    }

    /// The key from its 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where they are not that.
    pub fn from_text(text: &str) -> Result<Self> {
        crate::array_of_hex::<32>(text.trim())
            .map(|bytes| Self(StaticSecret::from(bytes)))
            .ok_or_else(|| not_a_key("the auditor's key"))
    }

    /// Writes the key into a new file that only its owner can open.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where the file exists or cannot be written.
    pub fn write_file(&self, path: &Path) -> Result<()> {
        use std::io::Write as _;
        let text = zeroize::Zeroizing::new(format!("{}\n", hex::encode(self.0.to_bytes())));
        let mut file = super::private::create_private(path)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|source| Error::io("write", path, source))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> AuditorPublic {
        AuditorPublic(PublicKey::from(&self.0).to_bytes())
    }

    /// Opens what was sealed to this key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) where it was sealed to another key or altered.
    pub fn open(&self, sealed: &str) -> Result<String> {
        let damaged = || Error::corrupt("a text sealed to the auditor");
        let bytes = hex::decode(sealed).map_err(|_| damaged())?;
        let (sender, rest) = bytes.split_first_chunk::<32>().ok_or_else(damaged)?;
        let shared = self.0.diffie_hellman(&PublicKey::from(*sender));
        let key = shared_key(shared.as_bytes(), sender, &self.public().0);
        String::from_utf8(open(&cipher(&key), PLACE, rest)?).map_err(|_| damaged())
    }
}

impl fmt::Debug for AuditorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditorKey({})", self.public())
    }
}

impl AuditorPublic {
    /// The key from its 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where they are not that.
    pub fn from_text(text: &str) -> Result<Self> {
        crate::array_of_hex(text.trim())
            .map(Self)
            .ok_or_else(|| not_a_key("the auditor's public key"))
    }

    /// Seals a text, as hexadecimal digits. The same text gives other digits each time.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness).
    pub fn seal(&self, text: &str) -> Result<String> {
        let ours = StaticSecret::from(*SecretKey::generate()?.expose());
        let sender = PublicKey::from(&ours).to_bytes();
        let shared = ours.diffie_hellman(&PublicKey::from(self.0));
        let key = shared_key(shared.as_bytes(), &sender, &self.0);
        let sealed = seal(
            &cipher(&key),
            &mut Nonces::default(),
            PLACE,
            text.as_bytes(),
        )?;
        Ok(hex::encode(sender) + &hex::encode(&sealed))
    }
}

impl fmt::Display for AuditorPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Both public keys go into the derivation, so that a shared secret serves one exchange alone.
fn shared_key(shared: &[u8; 32], sender: &[u8; 32], receiver: &[u8; 32]) -> SecretKey {
    let mut hasher =
        blake3::Hasher::new_derive_key("platewarden-store 2026 sealing to the auditor");
    for part in [shared, sender, receiver] {
        hasher.update(part);
    }
    SecretKey::from_bytes(*hasher.finalize().as_bytes())
}

fn not_a_key(what: &str) -> Error {
    Error::invalid(
        format!("{what} is not usable"),
        "it is 64 hexadecimal digits; `platewarden store init` makes the pair",
    )
}
