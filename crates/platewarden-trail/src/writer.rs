//! The one writer of a trail.

use std::io;
use std::time::Instant;

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, CheckpointKey};
use super::digest::Digest;
use super::end::{End, Found, failed};
use super::entry::{Entry, Scratch};
use super::frame::{self, SegmentHeader};
use super::options::{FsyncPolicy, TrailOptions};
use super::record::{Record, RecoveryRecord};
use super::store::TrailWrite;
use super::verify;
use crate::Error;
use crate::error::Failure;

/// Where a record landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its place in the trail.
    pub sequence: u64,
    /// Its hash: whoever keeps this can show later that the record stood there.
    pub hash: Digest,
}

/// Whatever takes records: a [`TrailWriter`], or a fake of one.
pub trait AuditSink {
    /// Writes a record down, as of `at`.
    ///
    /// # Errors
    ///
    /// Whatever keeps the record from being written. The caller must then not do what the record says.
    fn record(&mut self, record: Record, at: Timestamp) -> Result<Receipt, Error>;
}

/// The one writer of a trail.
///
/// ```
/// use platewarden_trail::{
///     CheckpointKey, DisclosureRecord, MemoryStore, Trail, TrailOptions, TrailWriter, VerifyOptions,
/// };
/// let store = MemoryStore::default();
/// let key = CheckpointKey::generate()?;
/// let mut writer = TrailWriter::open(store.clone(), TrailOptions::default())?;
/// writer.append(DisclosureRecord { request_id: "r-1".into(), result_count: 3, ..Default::default() })?;
/// let checkpoint = writer.checkpoint(&key)?;
///
/// let options = VerifyOptions::default().with_trusted_key(key.public()).with_checkpoint(checkpoint);
/// let verification = Trail::new(store).verify(&options)?;
/// assert!(verification.is_intact());
/// assert_eq!(verification.records, 1);
/// # Ok::<(), platewarden_trail::Error>(())
/// ```
#[derive(Debug)]
pub struct TrailWriter<S: TrailWrite> {
    store: S,
    options: TrailOptions,
    log_id: [u8; 16],
    /// First record of the segment that is written to, and the segment's length in bytes.
    segment: u64,
    segment_len: u64,
    next: u64,
    head: Digest,
    /// From which the seeds of all records of this writer come; never leaves the process.
    seed_key: [u8; 32],
    synced_at: Instant,
    unsynced: bool,
    /// Set when a write failed and could not be taken back: what lies on the device is then unknown.
    broken: bool,
    recovered: Option<RecoveryRecord>,
}

impl<S: TrailWrite> TrailWriter<S> {
    /// Opens a trail for writing; an empty store becomes a new trail.
    ///
    /// Where the last write was cut short, its bytes are set aside, the trail ends before them, and a `recovery`
    /// record says so. Nothing before them is touched.
    ///
    /// # Errors
    ///
    /// [`TrailDamaged`](crate::ErrorKind::TrailDamaged) where the end is damaged by more than a write cut short;
    /// [`TrailTruncated`](crate::ErrorKind::TrailTruncated) where the trail is shorter than its own last checkpoint says;
    /// [`Stream`](crate::ErrorKind::Stream) where the store fails; [`Randomness`](crate::ErrorKind::Randomness) where the
    /// system has no randomness.
    pub fn open(mut store: S, options: TrailOptions) -> Result<Self, Error> {
        let mut removed = None;
        let end = loop {
            match End::find(&mut store, &options)? {
                Found::End(end) => break end,
                // The newest segment was cut off whole: the end lies in the one before it.
                Found::Removed(cut) => removed = Some(cut),
            }
        };
        let mut writer = Self {
            log_id: end.log_id,
            segment: end.segment,
            segment_len: end.segment_len,
            next: end.next,
            head: end.head,
            seed_key: super::random()?,
            synced_at: Instant::now(),
            unsynced: false,
            broken: false,
            recovered: None,
            store,
            options,
        };
        writer.check_against_checkpoints()?;
        if let Some(cut) = end.cut.or(removed) {
            writer.recovered = Some(cut.clone());
            writer.append(cut)?;
        }
        Ok(writer)
    }

    /// Writes a record down as of now.
    ///
    /// # Errors
    ///
    /// As for [`append_at`](Self::append_at).
    pub fn append(&mut self, record: impl Into<Record>) -> Result<Receipt, Error> {
        self.append_at(record, Timestamp::now())
    }

    /// Writes a record down as of `at`.
    ///
    /// # Errors
    ///
    /// [`Trail`](crate::ErrorKind::Trail) where the record is larger than [`MAX_RECORD_BYTES`](super::MAX_RECORD_BYTES) or
    /// has too many fields; [`Stream`](crate::ErrorKind::Stream) where the store fails;
    /// [`TrailBroken`](crate::ErrorKind::TrailBroken) after a failure that could not be taken back. Except after the last,
    /// the trail stands as before the call.
    pub fn append_at(
        &mut self,
        record: impl Into<Record>,
        at: Timestamp,
    ) -> Result<Receipt, Error> {
        let receipts = self.append_all([(record.into(), at)])?;
        receipts
            .into_iter()
            .next()
            .ok_or(Error::from(Failure::TrailBroken))
    }

    /// Writes several records down with one write and at most one flush of the device: all of them or none.
    ///
    /// # Errors
    ///
    /// As for [`append_at`](Self::append_at).
    pub fn append_all(
        &mut self,
        records: impl IntoIterator<Item = (Record, Timestamp)>,
    ) -> Result<Vec<Receipt>, Error> {
        if self.broken {
            return Err(Error::from(Failure::TrailBroken));
        }
        let mut bytes = Vec::new();
        let mut scratch = Scratch::default();
        let mut receipts: Vec<Receipt> = Vec::new();
        for (record, at) in records {
            let sequence = self.next + receipts.len() as u64;
            let previous = receipts.last().map_or(self.head, |receipt| receipt.hash);
            let refuse = |error: serde_json::Error| {
                Error::from(Failure::Trail {
                    index: sequence,
                    problem: error.to_string(),
                })
            };
            let mut entry = Entry {
                sequence,
                at,
                kind: record.kind().to_owned(),
                previous,
                seed: self.seed(sequence),
                fields: record.to_fields().map_err(refuse)?,
                hash: Digest::default(),
            };
            entry.hash = scratch.hash(&entry);
            frame::put(&entry, &mut bytes)?;
            receipts.push(Receipt {
                sequence,
                hash: entry.hash,
            });
        }
        let Some(last) = receipts.last().copied() else {
            return Ok(receipts);
        };
        self.begin_segment_if_full(bytes.len() as u64)?;
        if let Err(source) = self.store.append(self.segment, &bytes) {
            // Part of the bytes may have landed. If they cannot be taken back, nothing more may be written after them.
            self.broken = self.store.truncate(self.segment, self.segment_len).is_err();
            return Err(failed("append a record", source));
        }
        self.segment_len += bytes.len() as u64;
        self.next = last.sequence + 1;
        self.head = last.hash;
        self.unsynced = true;
        let due = match self.options.fsync {
            FsyncPolicy::EveryRecord => true,
            FsyncPolicy::Interval(interval) => self.synced_at.elapsed() >= interval,
            FsyncPolicy::OnCheckpoint => false,
        };
        if due {
            self.flush()?;
        }
        Ok(receipts)
    }

    /// Returns when all records would survive a power cut.
    ///
    /// # Errors
    ///
    /// [`Stream`](crate::ErrorKind::Stream) where the device fails. What it has kept is then unknown (a second flush may
    /// claim success without cause), so the writer refuses to go on: open the trail again.
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.unsynced {
            self.store.sync().map_err(|source| {
                self.broken = true;
                failed("flush the trail to the device", source)
            })?;
            self.unsynced = false;
        }
        self.synced_at = Instant::now();
        Ok(())
    }

    /// Flushes, signs how long the trail is and how it ends, and keeps the statement beside the trail. Give a copy to
    /// someone else: it is what shows that the end was cut off.
    ///
    /// # Errors
    ///
    /// [`Stream`](crate::ErrorKind::Stream) where the store fails.
    pub fn checkpoint(&mut self, key: &CheckpointKey) -> Result<Checkpoint, Error> {
        if self.broken {
            return Err(Error::from(Failure::TrailBroken));
        }
        self.flush()?;
        let checkpoint = key.sign(self.log_id, self.next, self.head, Timestamp::now());
        let mut line = serde_json::to_vec(&checkpoint)
            .map_err(|error| failed("write a checkpoint", io::Error::other(error)))?;
        line.push(b'\n');
        self.store
            .append_checkpoint(&line)
            .map_err(|source| failed("write a checkpoint", source))?;
        Ok(checkpoint)
    }

    /// Number of records in the trail.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.next
    }

    /// Whether the trail has no record yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// Hash of the last record.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.head
    }

    /// What opening cut off, if anything.
    #[must_use]
    pub fn recovered(&self) -> Option<&RecoveryRecord> {
        self.recovered.as_ref()
    }

    /// The store, for reading beside the writer.
    pub fn store(&self) -> &S {
        &self.store
    }

    fn seed(&self, sequence: u64) -> [u8; 32] {
        *blake3::keyed_hash(&self.seed_key, &sequence.to_le_bytes()).as_bytes()
    }

    fn begin_segment_if_full(&mut self, coming: u64) -> Result<(), Error> {
        if self.segment == self.next || self.segment_len + coming <= self.options.segment_bytes {
            return Ok(());
        }
        // The segment left behind must be whole before the next one exists.
        self.unsynced = true;
        self.flush()?;
        let header = SegmentHeader {
            log_id: self.log_id,
            first: self.next,
            previous: self.head,
        }
        .encode();
        self.store
            .create(self.next, &header)
            .map_err(|source| failed("begin a segment", source))?;
        self.segment = self.next;
        self.segment_len = header.len() as u64;
        Ok(())
    }

    fn check_against_checkpoints(&self) -> Result<(), Error> {
        let bytes = self
            .store
            .checkpoints()
            .map_err(|source| failed("read the checkpoints", source))?;
        let (checkpoints, _) = verify::parse_checkpoints(&bytes);
        let own = checkpoints.iter().filter(|checkpoint| {
            checkpoint.log_id().ok() == Some(self.log_id) && checkpoint.is_signed()
        });
        match own.map(|checkpoint| checkpoint.records).max() {
            Some(expected) if expected > self.next => Err(Error::from(Failure::TrailTruncated {
                expected,
                found: self.next,
            })),
            _ => Ok(()),
        }
    }
}

impl<S: TrailWrite> AuditSink for TrailWriter<S> {
    fn record(&mut self, record: Record, at: Timestamp) -> Result<Receipt, Error> {
        self.append_at(record, at)
    }
}

impl<T: AuditSink + ?Sized> AuditSink for &mut T {
    fn record(&mut self, record: Record, at: Timestamp) -> Result<Receipt, Error> {
        (**self).record(record, at)
    }
}

impl<S: TrailWrite> Drop for TrailWriter<S> {
    fn drop(&mut self) {
        // Nobody is left to tell; whoever must know calls `flush`.
        let _ = self.flush();
    }
}
