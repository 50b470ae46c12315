//! The embedded store: a folder of segment files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::store::{TrailRead, TrailWrite};
use crate::Error;
use crate::error::Failure;

const SUFFIX: &str = ".pwtrail";
const CHECKPOINTS: &str = "checkpoints.jsonl";
const LOCK: &str = "lock";

/// A folder with one file a segment (`00000000000000000000.pwtrail`, named after its first record), the checkpoints
/// (`checkpoints.jsonl`), and a lock file that admits one writer.
///
/// The lock is the operating system's advisory file lock: it is gone when the process is, however it ended.
/// Bytes that opening cut off the end lie in files named `cut-...`.
#[derive(Debug)]
pub struct FileStore {
    folder: PathBuf,
    /// Held for as long as the store may write. `None` for a reader.
    lock: Option<File>,
    tail: Option<(u64, File)>,
}

impl FileStore {
    /// Opens a folder for reading.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) where it is no folder.
    pub fn reader(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        fs::read_dir(&folder).map_err(|source| Error::io("open", &folder, source))?;
        Ok(Self {
            folder,
            lock: None,
            tail: None,
        })
    }

    /// Opens a folder for writing, and makes it where it does not exist.
    ///
    /// # Errors
    ///
    /// [`TrailLocked`](crate::ErrorKind::TrailLocked) where another writer has it, [`Io`](crate::ErrorKind::Io) where it
    /// cannot be made or locked.
    pub fn writer(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|source| Error::io("make", &folder, source))?;
        let path = folder.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| Error::io("open", &path, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                folder,
                lock: Some(lock),
                tail: None,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::from(Failure::TrailLocked {
                path: path.display().to_string(),
            })),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &path, source)),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, first: u64) -> PathBuf {
        self.folder.join(format!("{first:020}{SUFFIX}"))
    }

    fn may_write(&self) -> io::Result<()> {
        match self.lock {
            Some(_) => Ok(()),
            None => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the trail was opened for reading: open it with FileStore::writer",
            )),
        }
    }

    fn tail(&mut self, first: u64) -> io::Result<&mut File> {
        self.may_write()?;
        let open = match self.tail.take() {
            Some((at, file)) if at == first => file,
            _ => OpenOptions::new().append(true).open(self.path(first))?,
        };
        Ok(&mut self.tail.insert((first, open)).1)
    }

    /// A file's name survives a power cut only when its folder was synced.
    fn sync_folder(&self) -> io::Result<()> {
        // Windows has no way to sync a folder and needs none.
        if cfg!(unix) {
            File::open(&self.folder)?.sync_all()
        } else {
            Ok(())
        }
    }
}

impl TrailRead for FileStore {
    fn segments(&self) -> io::Result<Vec<u64>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let first: Option<u64> = name
                .to_str()
                .and_then(|name| name.strip_suffix(SUFFIX))
                .and_then(|digits| digits.parse().ok());
            segments.extend(first);
        }
        segments.sort_unstable();
        Ok(segments)
    }

    fn open(&self, first: u64) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::BufReader::with_capacity(
            1 << 16,
            File::open(self.path(first))?,
        )))
    }

    fn checkpoints(&self) -> io::Result<Vec<u8>> {
        match fs::read(self.folder.join(CHECKPOINTS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }
}

impl TrailWrite for FileStore {
    fn create(&mut self, first: u64, header: &[u8]) -> io::Result<()> {
        self.may_write()?;
        let path = self.path(first);
        let temporary = path.with_extension("new");
        let mut file = File::create(&temporary)?;
        file.write_all(header)?;
        file.sync_all()?;
        // Renamed, so that a reader sees the whole header or no segment.
        fs::rename(&temporary, &path)?;
        self.sync_folder()?;
        self.tail = None;
        Ok(())
    }

    fn append(&mut self, first: u64, bytes: &[u8]) -> io::Result<()> {
        self.tail(first)?.write_all(bytes)
    }

    fn truncate(&mut self, first: u64, len: u64) -> io::Result<()> {
        self.may_write()?;
        self.tail = None;
        if len == 0 {
            fs::remove_file(self.path(first))?;
            return self.sync_folder();
        }
        let file = OpenOptions::new().write(true).open(self.path(first))?;
        file.set_len(len)?;
        file.sync_all()
    }

    fn set_aside(&mut self, first: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.may_write()?;
        // A second cut at one place must not write over the first: the name carries the digest of the bytes.
        let digest = hex::encode(blake3::hash(bytes).as_bytes());
        let name = format!(
            "cut-{first:020}-{offset}-{}.bin",
            digest.get(..16).unwrap_or_default()
        );
        let mut file = File::create(self.folder.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        self.sync_folder()
    }

    fn sync(&mut self) -> io::Result<()> {
        match &self.tail {
            Some((_, file)) => file.sync_data(),
            None => Ok(()),
        }
    }

    fn append_checkpoint(&mut self, line: &[u8]) -> io::Result<()> {
        self.may_write()?;
        let path = self.folder.join(CHECKPOINTS);
        let fresh = !path.exists();
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&path)?;
        // A line that a crash cut short must not swallow this one.
        let torn = fs::read(&path)?.last().is_some_and(|last| *last != b'\n');
        if torn {
            file.write_all(b"\n")?;
        }
        file.write_all(line)?;
        file.sync_all()?;
        if fresh { self.sync_folder() } else { Ok(()) }
    }
}
