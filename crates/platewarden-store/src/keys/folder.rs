//! Keys in a folder that only its owner can open, each wrapped by the master key.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chacha20poly1305::ChaCha20Poly1305;

use super::private::{create_private, make_private};
use super::seal::{Nonces, Sealed, open, seal};
use super::secret::{cipher, fill_random};
use super::{KeyState, KeyStore, MasterKey, SecretKey, taken};
use crate::{Error, ErrorKind, Result};

const SUFFIX: &str = "key";
const DESTROYED: &str = "destroyed";
/// Opens under the right master key, and under no other.
const CHECK: &str = "check";

/// A folder with one file a key, and one empty file for each key that was destroyed.
///
/// Destroying writes random bytes over the file, flushes them and unlinks it. A device that remaps blocks (flash) may
/// keep the old ones; what it keeps is wrapped, so put the master key elsewhere than on that device, or change it.
pub struct FolderKeys {
    folder: PathBuf,
    wrapping: ChaCha20Poly1305,
    nonces: Mutex<Nonces>,
}

impl FolderKeys {
    /// Opens the folder, and makes it where it does not exist.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongKey`] where the folder belongs to another master key; [`ErrorKind::Io`] where it cannot be
    /// made or read.
    pub fn open(folder: impl Into<PathBuf>, master: &MasterKey) -> Result<Self> {
        let folder = folder.into();
        make_private(&folder)?;
        let keys = Self {
            wrapping: cipher(&master.0.derive("platewarden-store 2026 wrapping of keys")),
            folder,
            nonces: Mutex::default(),
        };
        match keys.get(CHECK)? {
            KeyState::Present(_) => {}
            KeyState::Missing => keys.put(CHECK, &SecretKey::generate()?)?,
            KeyState::Destroyed => return Err(Error::corrupt("the folder of keys")),
        }
        Ok(keys)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, name: &str, suffix: &str) -> PathBuf {
        self.folder.join(format!("{name}.{suffix}"))
    }

    fn sync_folder(&self) -> Result<()> {
        // Windows has no way to sync a folder and needs none.
        if cfg!(unix) {
            File::open(&self.folder)
                .and_then(|folder| folder.sync_all())
                .map_err(|source| Error::io("flush", &self.folder, source))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for FolderKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FolderKeys")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// A key's name is bound into its wrapping, so that one file cannot stand for another.
fn place(name: &str) -> Sealed<'_> {
    Sealed {
        kind: name,
        epoch: 0,
        row: 0,
        part: 0,
    }
}

impl KeyStore for FolderKeys {
    fn put(&self, name: &str, key: &SecretKey) -> Result<()> {
        let path = self.path(name, SUFFIX);
        if path.exists() || self.path(name, DESTROYED).exists() {
            return Err(taken(name));
        }
        let wrapped = {
            let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
            seal(&self.wrapping, &mut nonces, place(name), key.expose())?
        };
        // Renamed when it is whole, so that no crash leaves half a key.
        let temporary = self.path(name, "new");
        match fs::remove_file(&temporary) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &temporary, source));
            }
            _ => {}
        }
        let mut file = create_private(&temporary)?;
        file.write_all(&wrapped)
            .and_then(|()| file.sync_all())
            .map_err(|source| Error::io("write", &temporary, source))?;
        fs::rename(&temporary, &path).map_err(|source| Error::io("name", &path, source))?;
        self.sync_folder()
    }

    fn get(&self, name: &str) -> Result<KeyState> {
        if self.path(name, DESTROYED).exists() {
            return Ok(KeyState::Destroyed);
        }
        let path = self.path(name, SUFFIX);
        let mut wrapped = Vec::new();
        match File::open(&path) {
            Ok(file) => file
                .take(4096)
                .read_to_end(&mut wrapped)
                .map_err(|source| Error::io("read", &path, source))?,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Ok(KeyState::Missing);
            }
            Err(source) => return Err(Error::io("read", &path, source)),
        };
        let plain = open(&self.wrapping, place(name), &wrapped).map_err(|_| {
            Error::new(
                ErrorKind::WrongKey,
                format!("the master key does not open `{}`", path.display()),
                "give the master key with which the store was made",
            )
        })?;
        let bytes: [u8; 32] = plain
            .try_into()
            .map_err(|_| Error::corrupt(format!("the key file `{}`", path.display())))?;
        Ok(KeyState::Present(SecretKey::from_bytes(bytes)))
    }

    fn destroy(&self, name: &str) -> Result<()> {
        // The mark first: after a crash in between the key counts as destroyed, and the next call finishes the work.
        let mark = self.path(name, DESTROYED);
        if !mark.exists() {
            create_private(&mark)?
                .sync_all()
                .map_err(|source| Error::io("flush", &mark, source))?;
            self.sync_folder()?;
        }
        let path = self.path(name, SUFFIX);
        match OpenOptions::new().write(true).open(&path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(Error::io("destroy", &path, source)),
            Ok(mut file) => {
                overwrite(&mut file).map_err(|source| Error::io("destroy", &path, source))?
            }
        }
        fs::remove_file(&path).map_err(|source| Error::io("destroy", &path, source))?;
        self.sync_folder()
    }
}

fn overwrite(file: &mut File) -> std::io::Result<()> {
    let length = usize::try_from(file.metadata()?.len())
        .unwrap_or(4096)
        .min(4096);
    let mut noise = vec![0; length];
    fill_random(&mut noise).map_err(std::io::Error::other)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&noise)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
    use super::*;

    #[test]
    fn keys_outlive_the_process_until_they_are_destroyed() {
        let folder = tempfile::tempdir().unwrap();
        let master = MasterKey::generate().unwrap();
        let key = SecretKey::generate().unwrap();
        let keys = FolderKeys::open(folder.path(), &master).unwrap();
        keys.put("epoch-1", &key).unwrap();
        assert!(keys.put("epoch-1", &key).is_err());
        drop(keys);
        let keys = FolderKeys::open(folder.path(), &master).unwrap();
        let KeyState::Present(found) = keys.get("epoch-1").unwrap() else {
            panic!("the key is there")
        };
        assert_eq!(found.expose(), key.expose());
        let before = fs::read(keys.path("epoch-1", SUFFIX)).unwrap();
        assert!(
            !before.windows(32).any(|window| window == key.expose()),
            "wrapped"
        );
        keys.destroy("epoch-1").unwrap();
        keys.destroy("epoch-1").unwrap();
        assert!(matches!(keys.get("epoch-1").unwrap(), KeyState::Destroyed));
        assert!(
            keys.put("epoch-1", &key).is_err(),
            "a destroyed key does not come back"
        );
        assert!(matches!(keys.get("epoch-2").unwrap(), KeyState::Missing));
    }

    #[test]
    fn another_master_key_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(FolderKeys::open(folder.path(), &MasterKey::generate().unwrap()).unwrap());
        let error = FolderKeys::open(folder.path(), &MasterKey::generate().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongKey);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_open_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let keys =
            FolderKeys::open(folder.path().join("keys"), &MasterKey::generate().unwrap()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(keys.folder()), 0o700);
        assert_eq!(mode(&keys.path(CHECK, SUFFIX)), 0o600);
    }
}
