//! Where the bytes of a trail lie: two traits, and a store in memory.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Reading side of a store. Any number of readers may work beside one writer.
pub trait TrailRead {
    /// First sequence numbers of all segments, ascending.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn segments(&self) -> io::Result<Vec<u64>>;

    /// The bytes of the segment that begins with record `first`.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotFound`] where there is no such segment, or whatever else the store cannot do.
    fn open(&self, first: u64) -> io::Result<Box<dyn Read + '_>>;

    /// All checkpoints, one JSON object a line; empty where none was made.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn checkpoints(&self) -> io::Result<Vec<u8>>;
}

/// Writing side of a store. Whoever holds one is the only writer.
pub trait TrailWrite: TrailRead {
    /// Makes a new segment, all of `header` or nothing.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn create(&mut self, first: u64, header: &[u8]) -> io::Result<()>;

    /// Adds bytes at the end of the last segment. After an error any prefix of them may have been added.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn append(&mut self, first: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a segment to `len` bytes; to 0 removes it.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn truncate(&mut self, first: u64, len: u64) -> io::Result<()>;

    /// Keeps bytes that are about to be cut off, for whoever looks into what happened.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn set_aside(&mut self, first: u64, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything appended would survive a power cut.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn sync(&mut self) -> io::Result<()>;

    /// Adds one line to the checkpoints and returns when it would survive a power cut.
    ///
    /// # Errors
    ///
    /// Whatever the store cannot do.
    fn append_checkpoint(&mut self, line: &[u8]) -> io::Result<()>;
}

impl<S: TrailRead + ?Sized> TrailRead for &S {
    fn segments(&self) -> io::Result<Vec<u64>> {
        (**self).segments()
    }

    fn open(&self, first: u64) -> io::Result<Box<dyn Read + '_>> {
        (**self).open(first)
    }

    fn checkpoints(&self) -> io::Result<Vec<u8>> {
        (**self).checkpoints()
    }
}

/// A store that is gone with the process: for tests, dry runs and examples. Clones share their contents.
///
/// ```
/// use platewarden_trail::{MemoryStore, Trail, TrailOptions, TrailWriter};
/// let store = MemoryStore::default();
/// let writer = TrailWriter::open(store.clone(), TrailOptions::default())?;
/// assert_eq!(Trail::new(store).entries()?.count(), 0);
/// # drop(writer);
/// # Ok::<(), platewarden_trail::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    segments: BTreeMap<u64, Vec<u8>>,
    checkpoints: Vec<u8>,
    aside: Vec<Vec<u8>>,
}

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, Contents> {
        // Nothing here leaves the contents half changed when it panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the bytes of one segment: for showing what `verify` makes of tampering.
    pub fn replace_segment(&self, first: u64, bytes: Vec<u8>) {
        self.lock().segments.insert(first, bytes);
    }

    /// The bytes of one segment, if there is one that begins with record `first`.
    #[must_use]
    pub fn segment(&self, first: u64) -> Option<Vec<u8>> {
        self.lock().segments.get(&first).cloned()
    }

    /// Everything that was cut off and kept.
    #[must_use]
    pub fn aside(&self) -> Vec<Vec<u8>> {
        self.lock().aside.clone()
    }
}

impl TrailRead for MemoryStore {
    fn segments(&self) -> io::Result<Vec<u64>> {
        Ok(self.lock().segments.keys().copied().collect())
    }

    fn open(&self, first: u64) -> io::Result<Box<dyn Read + '_>> {
        let bytes = self.segment(first).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(io::Cursor::new(bytes)))
    }

    fn checkpoints(&self) -> io::Result<Vec<u8>> {
        Ok(self.lock().checkpoints.clone())
    }
}

impl TrailWrite for MemoryStore {
    fn create(&mut self, first: u64, header: &[u8]) -> io::Result<()> {
        self.lock().segments.insert(first, header.to_vec());
        Ok(())
    }

    fn append(&mut self, first: u64, bytes: &[u8]) -> io::Result<()> {
        let mut contents = self.lock();
        contents
            .segments
            .get_mut(&first)
            .ok_or(io::ErrorKind::NotFound)?
            .extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, first: u64, len: u64) -> io::Result<()> {
        let mut contents = self.lock();
        if len == 0 {
            contents.segments.remove(&first);
            return Ok(());
        }
        let len = usize::try_from(len).map_err(io::Error::other)?;
        contents
            .segments
            .get_mut(&first)
            .ok_or(io::ErrorKind::NotFound)?
            .truncate(len);
        Ok(())
    }

    fn set_aside(&mut self, _first: u64, _offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.lock().aside.push(bytes.to_vec());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn append_checkpoint(&mut self, line: &[u8]) -> io::Result<()> {
        self.lock().checkpoints.extend_from_slice(line);
        Ok(())
    }
}
