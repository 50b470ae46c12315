//! The one key that wraps the others.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use zeroize::Zeroizing;

use super::SecretKey;
use crate::{Error, Result};

/// The key under which a [`FolderKeys`](super::FolderKeys) wraps all others: 64 hexadecimal digits in a file, an
/// environment variable, or what a command prints.
///
/// ```
/// use platewarden_store::MasterKey;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("master.key");
/// MasterKey::generate_file(&path)?;
/// assert!(MasterKey::from_file(&path).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MasterKey(pub(super) SecretKey);

impl MasterKey {
    /// A fresh key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness).
    pub fn generate() -> Result<Self> {
        SecretKey::generate().map(Self)
    }

    /// A fresh key in a new file that only its owner can open.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where the file exists or cannot be written.
    pub fn generate_file(path: &Path) -> Result<Self> {
        let key = Self::generate()?;
        let text = Zeroizing::new(format!("{}\n", hex::encode(key.0.expose())));
        let mut file = super::private::create_private(path)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|source| Error::io("write", path, source))?;
        Ok(key)
    }

    /// A key from its 64 hexadecimal digits; space around them is no part of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where they are not that.
    pub fn from_text(text: &str) -> Result<Self> {
        crate::array_of_hex(text.trim())
            .map(|bytes| Self(SecretKey::from_bytes(bytes)))
            .ok_or_else(|| {
                Error::invalid(
                    format!(
                        "the master key has {} characters",
                        text.trim().chars().count()
                    ),
                    "a master key is 64 hexadecimal digits; `platewarden store init` makes one",
                )
            })
    }

    /// A key from a file.
    ///
    /// # Errors
    ///
    /// As [`from_text`](Self::from_text), and where the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
        Self::from_text(&Zeroizing::new(text))
    }

    /// A key from an environment variable.
    ///
    /// # Errors
    ///
    /// As [`from_text`](Self::from_text), and where the variable is not set.
    pub fn from_env(variable: &str) -> Result<Self> {
        let text = std::env::var(variable).map_err(|source| {
            Error::invalid(
                format!("the environment variable {variable} holds no master key"),
                "set it to the 64 hexadecimal digits of the key",
            )
            .with_source(source)
        })?;
        Self::from_text(&Zeroizing::new(text))
    }

    /// A key from what a command prints, such as that of a password manager or a hardware module.
    ///
    /// # Errors
    ///
    /// As [`from_text`](Self::from_text), and where the command fails.
    pub fn from_command(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let failed = |why: String| {
            Error::invalid(
                format!("the command `{program}` gave no master key: {why}"),
                "it must print the 64 hexadecimal digits of the key and end with status 0",
            )
        };
        let output = command
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(output.status.to_string()));
        }
        let text = Zeroizing::new(output.stdout);
        let text = std::str::from_utf8(&text).map_err(|error| failed(error.to_string()))?;
        Self::from_text(text)
    }
}
