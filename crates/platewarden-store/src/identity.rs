//! What makes a store this store: its id, and the keys that live as long as it does.

use chacha20poly1305::ChaCha20Poly1305;
use ed25519_dalek::{Signer, SigningKey, Verifier, VerifyingKey};

use crate::backend::Backend;
use crate::keys::{AuditorPublic, KeyState, KeyStore, SecretKey, cipher, keyed_hash, random};
use crate::{Error, ErrorKind, Result};

const ROOT: &str = "store";

/// Keys derived from the store's root key. They open cameras and holds, never a read.
pub(crate) struct Identity {
    pub(crate) directory: ChaCha20Poly1305,
    references: SecretKey,
    pseudonyms: SecretKey,
    signing: SigningKey,
    pub(crate) auditor: AuditorPublic,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("auditor", &self.auditor)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Writes a new store's identity into an empty database and its keys.
    pub(crate) fn create(
        backend: &mut dyn Backend,
        keys: &dyn KeyStore,
        auditor: AuditorPublic,
    ) -> Result<()> {
        if backend.meta("store")?.is_some() {
            return Err(Error::invalid(
                "the database holds a store already",
                "open it, or give another path",
            ));
        }
        let root = match keys.get(ROOT)? {
            KeyState::Missing => {
                let root = SecretKey::generate()?;
                keys.put(ROOT, &root)?;
                root
            }
            // Keys were written, and the database was not: a crash in between.
            KeyState::Present(root) => root,
            KeyState::Destroyed => return Err(crate::keys::taken(ROOT)),
        };
        backend.set_meta("auditor", auditor.to_string().as_bytes())?;
        backend.set_meta("id", &random::<16>()?)?;
        backend.set_meta("store", &root.fingerprint().0)
    }

    /// Reads the identity of an existing store.
    pub(crate) fn open(backend: &mut dyn Backend, keys: &dyn KeyStore) -> Result<Self> {
        let stated = backend.meta("store")?.ok_or_else(|| {
            Error::invalid(
                "the database holds no store",
                "make one with `platewarden store init`",
            )
        })?;
        let wrong = || {
            Error::new(
                ErrorKind::WrongDatabase,
                "the keys belong to another store than the database",
                "give the folder of keys that was made with this database",
            )
        };
        let KeyState::Present(root) = keys.get(ROOT)? else {
            return Err(wrong());
        };
        if root.fingerprint().0.as_slice() != stated {
            return Err(wrong());
        }
        let auditor = backend.meta("auditor")?.unwrap_or_default();
        let auditor = AuditorPublic::from_text(&String::from_utf8_lossy(&auditor))?;
        Ok(Self {
            directory: cipher(&root.derive("platewarden-store 2026 sealing of cameras and holds")),
            references: root.derive("platewarden-store 2026 references of rows"),
            pseudonyms: root.derive("platewarden-store 2026 pseudonyms"),
            signing: SigningKey::from_bytes(
                root.derive("platewarden-store 2026 signing of receipts")
                    .expose(),
            ),
            auditor,
        })
    }

    /// A pseudonym: 96 bits, the same for the same text of a kind.
    pub(crate) fn pseudonym(&self, kind: u8, text: &str) -> String {
        let hash = keyed_hash(&self.pseudonyms, kind, &[text.as_bytes()]);
        hash.to_hex()
            .as_str()
            .get(..24)
            .unwrap_or_default()
            .to_owned()
    }

    /// What shows that the store itself gave a reference or cursor out.
    pub(crate) fn mac(&self, kind: u8, bytes: &[u8]) -> [u8; 16] {
        let hash = keyed_hash(&self.references, kind, &[bytes]);
        hash.as_bytes()
            .first_chunk::<16>()
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.signing.sign(message).to_bytes())
    }
}

/// Whether a signature in hexadecimal digits is right.
pub(crate) fn is_signed(key: &VerifyingKey, message: &[u8], signature: &str) -> bool {
    crate::array_of_hex::<64>(signature).is_some_and(|bytes| {
        key.verify(message, &ed25519_dalek::Signature::from_bytes(&bytes))
            .is_ok()
    })
}
