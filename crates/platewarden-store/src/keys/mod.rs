//! Keys: what opens the rows, where it lies, and how it is destroyed.
//!
//! Rows of one dataset and one retention unit (an *epoch*) are sealed under one random key. The key lies outside the
//! database, in a [`KeyStore`]; whoever has the database alone, or a backup of it, opens nothing, and when the key is
//! destroyed, every copy of its rows is closed for good.

mod auditor;
mod folder;
mod master;
mod private;
mod seal;
mod secret;

pub use auditor::{AuditorKey, AuditorPublic};
pub use folder::FolderKeys;

pub use master::MasterKey;
pub(crate) use private::make_private;
pub(crate) use seal::{Nonces, Sealed, open, seal};
pub(crate) use secret::{EpochSecrets, cipher, keyed_hash, random};
pub use secret::{Fingerprint, SecretKey};

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::Result;

/// What a [`KeyStore`] knows of a key.
#[derive(Debug)]
pub enum KeyState {
    /// The key.
    Present(SecretKey),
    /// It was destroyed, on purpose.
    Destroyed,
    /// It was never there, or has vanished.
    Missing,
}

/// Where keys lie. Never in the database, nor in its backups.
///
/// An implementation over a hardware module or a key service needs these three calls.
pub trait KeyStore: Send + Sync {
    /// Keeps a key; returns when it would survive a power cut.
    ///
    /// # Errors
    ///
    /// Whatever keeps the key from being kept; also where the name is taken.
    fn put(&self, name: &str, key: &SecretKey) -> Result<()>;

    /// A key by its name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongKey`](crate::ErrorKind::WrongKey) where the key is there and cannot be unwrapped.
    fn get(&self, name: &str) -> Result<KeyState>;

    /// Destroys a key and remembers that it was; returns when neither would come back after a power cut. Destroying a
    /// key twice is no error.
    ///
    /// # Errors
    ///
    /// Whatever keeps the key from being destroyed.
    fn destroy(&self, name: &str) -> Result<()>;
}

/// Keys in memory: for datasets whose reads may never reach a device, and for tests.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<HashMap<String, Option<SecretKey>>>);

impl KeyStore for MemoryKeys {
    fn put(&self, name: &str, key: &SecretKey) -> Result<()> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.contains_key(name) {
            return Err(taken(name));
        }
        keys.insert(name.to_owned(), Some(key.clone()));
        Ok(())
    }

    fn get(&self, name: &str) -> Result<KeyState> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match keys.get(name) {
            Some(Some(key)) => KeyState::Present(key.clone()),
            Some(None) => KeyState::Destroyed,
            None => KeyState::Missing,
        })
    }

    fn destroy(&self, name: &str) -> Result<()> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(name.to_owned(), None);
        Ok(())
    }
}

pub(crate) fn taken(name: &str) -> crate::Error {
    crate::Error::invalid(
        format!("a key named `{name}` exists or existed already"),
        "two stores must not share one place for keys: give each its own",
    )
}
