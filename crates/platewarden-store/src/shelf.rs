//! One place of rows with what is kept in memory beside it: connections, opened keys, dictionaries, cameras.
//!
//! A store has two: one on the device, and one in memory for reads that may never reach a device.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use crate::backend::{Backend, EpochRow, ReadRow, Sqlite};
use crate::index::{Dictionary, decode_chunk};
use crate::keys::{EpochSecrets, KeyState, KeyStore, Nonces, Sealed, open};
use crate::model::{Origin, Plate, StoredRead, decode_read};
use crate::{Error, ErrorKind, Result};

/// How to reach the rows.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    File(PathBuf),
    Memory,
    #[cfg(feature = "postgres")]
    Server(crate::backend::Server),
}

/// What the one writer knows.
pub(crate) struct Writer {
    pub(crate) backend: Box<dyn Backend>,
    pub(crate) seq: i64,
    pub(crate) epochs: FxHashMap<u32, EpochRow>,
    /// Number of each plate of the epochs that are being written to.
    pub(crate) known: FxHashMap<u32, FxHashMap<Plate, u32>>,
    pub(crate) origins: FxHashMap<String, u32>,
    pub(crate) nonces: Nonces,
}

impl Writer {
    pub(crate) fn next_epoch(&self, last_receipt: u32) -> u32 {
        // Numbers are not used again: sealed rows of an old backup must not meet a new key by number.
        self.epochs
            .keys()
            .copied()
            .max()
            .unwrap_or(0)
            .max(last_receipt)
            + 1
    }
}

/// One place of rows.
pub(crate) struct Shelf {
    /// 0 on the device, 1 in memory; stands in references of rows.
    pub(crate) number: u8,
    place: Place,
    pub(crate) keys: Arc<dyn KeyStore>,
    writer: Mutex<Writer>,
    readers: Mutex<Vec<Box<dyn Backend>>>,
    secrets: RwLock<FxHashMap<u32, Arc<EpochSecrets>>>,
    dictionaries: Mutex<FxHashMap<u32, Arc<Mutex<Dictionary>>>>,
    pub(crate) origins: RwLock<Vec<Origin>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic leaves half done is a cache or a connection whose transaction has been rolled back.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    /// `directory` opens the cameras.
    pub(crate) fn new(
        number: u8,
        place: Place,
        mut backend: Box<dyn Backend>,
        keys: Arc<dyn KeyStore>,
        directory: &chacha20poly1305::ChaCha20Poly1305,
    ) -> Result<Self> {
        let mut origins = Vec::new();
        let mut numbers = FxHashMap::default();
        for (number, sealed) in backend.origins()? {
            let text = open(directory, origin_place(number), &sealed)?;
            let origin: Origin = serde_json::from_slice(&text)
                .map_err(|_| Error::corrupt("a camera of the store"))?;
            numbers.insert(String::from_utf8_lossy(&text).into_owned(), number);
            origins.push(origin);
        }
        let epochs = backend
            .epochs()?
            .into_iter()
            .map(|epoch| (epoch.id, epoch))
            .collect();
        let seq = backend.last_seq()?;
        let writer = Writer {
            backend,
            seq,
            epochs,
            known: FxHashMap::default(),
            origins: numbers,
            nonces: Nonces::default(),
        };
        Ok(Self {
            number,
            place,
            keys,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            secrets: RwLock::default(),
            dictionaries: Mutex::default(),
            origins: RwLock::new(origins),
        })
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        lock(&self.writer)
    }

    /// Runs something on a connection that does not wait for the writer, where there can be one.
    pub(crate) fn read<T>(&self, run: impl FnOnce(&mut dyn Backend) -> Result<T>) -> Result<T> {
        if matches!(self.place, Place::Memory) {
            return run(&mut *self.writer().backend);
        }
        let free = lock(&self.readers).pop();
        let mut backend = match free {
            Some(backend) => backend,
            None => self.reader()?,
        };
        let result = run(&mut *backend);
        // A connection that failed may be broken; the next reader makes its own.
        if result.is_ok() {
            lock(&self.readers).push(backend);
        }
        result
    }

    fn reader(&self) -> Result<Box<dyn Backend>> {
        Ok(match &self.place {
            Place::File(path) => Box::new(Sqlite::reader(path)?),
            Place::Memory => Box::new(Sqlite::in_memory()?),
            #[cfg(feature = "postgres")]
            Place::Server(server) => Box::new(crate::backend::Postgres::open(server)?),
        })
    }

    /// What opens an epoch; `None` where its key was destroyed.
    pub(crate) fn secrets(&self, epoch: &EpochRow) -> Result<Option<Arc<EpochSecrets>>> {
        if epoch.closing {
            return Ok(None);
        }
        let cached = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(secrets) = cached.get(&epoch.id) {
            return Ok(Some(Arc::clone(secrets)));
        }
        drop(cached);
        let key = match self.keys.get(&epoch.key_name)? {
            KeyState::Present(key) => key,
            KeyState::Destroyed => return Ok(None),
            KeyState::Missing => return Err(missing(epoch)),
        };
        if key.fingerprint() != epoch.fingerprint {
            return Err(Error::new(
                ErrorKind::WrongDatabase,
                format!(
                    "the key of epoch {} is another one than the database names",
                    epoch.id
                ),
                "give the folder of keys that was made with this database",
            ));
        }
        let secrets = Arc::new(EpochSecrets::new(&key));
        let mut cached = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        cached.insert(epoch.id, Arc::clone(&secrets));
        Ok(Some(secrets))
    }

    pub(crate) fn remember(&self, epoch: u32, secrets: Arc<EpochSecrets>) {
        self.secrets
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(epoch, secrets);
    }

    /// Wipes what is in memory of an epoch.
    pub(crate) fn forget(&self, epoch: u32) {
        self.secrets
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&epoch);
        lock(&self.dictionaries).remove(&epoch);
    }

    /// The dictionary of an epoch as it stands now.
    pub(crate) fn dictionary(
        &self,
        backend: &mut dyn Backend,
        epoch: &EpochRow,
        secrets: &EpochSecrets,
    ) -> Result<Arc<Mutex<Dictionary>>> {
        let dictionary = Arc::clone(lock(&self.dictionaries).entry(epoch.id).or_default());
        {
            let mut opened = lock(&dictionary);
            if opened.chunks() < epoch.chunks {
                for (chunk, sealed) in backend.chunks(epoch.id, opened.chunks())? {
                    let plain = open(&secrets.cipher, chunk_place(epoch.id, chunk), &sealed)?;
                    opened.add_chunk(decode_chunk(&plain)?);
                }
            }
        }
        Ok(dictionary)
    }

    /// Opens a row.
    pub(crate) fn open_read(
        &self,
        epoch: &EpochRow,
        secrets: &EpochSecrets,
        row: &ReadRow,
    ) -> Result<StoredRead> {
        let plain = open(
            &secrets.cipher,
            read_place(epoch.id, row.plate, row.tag),
            &row.sealed,
        )?;
        let origins = self.origins.read().unwrap_or_else(PoisonError::into_inner);
        decode_read(&plain, epoch.start, |number| {
            origins.get((number as usize).checked_sub(1)?)
        })
    }
}

fn missing(epoch: &EpochRow) -> Error {
    Error::new(
        ErrorKind::KeyMissing,
        format!(
            "the key of epoch {} (fingerprint {}) is missing",
            epoch.id, epoch.fingerprint
        ),
        "put the folder of keys back as it was; a key that was destroyed on purpose is marked as such",
    )
}

/// Where a row belongs: part of its sealing.
pub(crate) fn read_place(epoch: u32, plate: u32, tag: i64) -> Sealed<'static> {
    Sealed {
        kind: "read",
        epoch,
        row: u64::from(plate),
        part: tag.cast_unsigned(),
    }
}

pub(crate) fn chunk_place(epoch: u32, chunk: u32) -> Sealed<'static> {
    Sealed {
        kind: "dictionary",
        epoch,
        row: u64::from(chunk),
        part: 0,
    }
}

pub(crate) fn origin_place(number: u32) -> Sealed<'static> {
    Sealed {
        kind: "camera",
        epoch: 0,
        row: u64::from(number),
        part: 0,
    }
}

pub(crate) fn settings_place(number: u32) -> Sealed<'static> {
    Sealed {
        kind: "dataset",
        epoch: 0,
        row: u64::from(number),
        part: 0,
    }
}
