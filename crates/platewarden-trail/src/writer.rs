//! The one writer of a trail.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, CheckpointKey};
use super::commit;
use super::digest::Digest;
use super::entry::{self, Entry, Scratch};
use super::frame::{self, Frames, SEGMENT_HEADER_BYTES, SegmentHeader, Step};
use super::record::{Record, RecoveryRecord};
use super::store::TrailWrite;
use super::verify;
use crate::Error;
use crate::error::Failure;

/// When the trail asks the storage device to keep what it was given.
///
/// Whatever the policy, a record is handed to the operating system before `append` returns: the end of the
/// *process*, `kill -9` included, loses nothing that was acknowledged. The policy decides what a *power cut* or the
/// end of the operating system may lose. In no case can it lose a record and keep a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FsyncPolicy {
    /// Before every `append` returns (once for a whole `append_all`): a power cut loses nothing acknowledged.
    /// Costs what the device takes for a flush, from tens of microseconds to tens of milliseconds.
    #[default]
    EveryRecord,
    /// With the first `append` after this much time has passed since the last one, and at checkpoints, segment ends,
    /// `flush` and drop. A power cut loses at most what came after the last flush; no thread runs in the background,
    /// so the records of a trail that has fallen silent wait for `flush`, a checkpoint or the end.
    Interval(Duration),
    /// At checkpoints, segment ends, `flush` and drop only.
    OnCheckpoint,
}

/// How a trail is written.
///
/// ```
/// use platewarden_trail::{FsyncPolicy, TrailOptions};
/// let options = TrailOptions::default().with_fsync(FsyncPolicy::OnCheckpoint).with_segment_bytes(16 << 20);
/// assert_eq!(options.segment_bytes, 16 << 20);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrailOptions {
    /// When the device is asked to keep what it was given. Default: with every record.
    pub fsync: FsyncPolicy,
    /// Bytes after which a new segment begins. Default: 64 MiB.
    pub segment_bytes: u64,
    /// Whether opening may move a damaged end (more than a write cut short) out of the way, into a file of its own,
    /// and go on before it. Default: no; opening then fails and says where the damage begins.
    pub set_damage_aside: bool,
}

impl Default for TrailOptions {
    fn default() -> Self {
        Self {
            fsync: FsyncPolicy::default(),
            segment_bytes: 64 << 20,
            set_damage_aside: false,
        }
    }
}

impl TrailOptions {
    /// Sets when the device is asked to keep what it was given.
    #[must_use]
    pub fn with_fsync(mut self, fsync: FsyncPolicy) -> Self {
        self.fsync = fsync;
        self
    }

    /// Sets the bytes after which a new segment begins.
    #[must_use]
    pub fn with_segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Sets whether opening may move a damaged end out of the way.
    #[must_use]
    pub fn with_damage_set_aside(mut self, allowed: bool) -> Self {
        self.set_damage_aside = allowed;
        self
    }
}

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

/// Where a trail ends.
struct End {
    log_id: [u8; 16],
    segment: u64,
    segment_len: u64,
    next: u64,
    head: Digest,
    cut: Option<RecoveryRecord>,
}

enum Found {
    End(End),
    Removed(RecoveryRecord),
}

impl End {
    fn find<S: TrailWrite>(store: &mut S, options: &TrailOptions) -> Result<Found, Error> {
        let segments = store
            .segments()
            .map_err(|source| failed("list the segments", source))?;
        let Some(segment) = segments.last().copied() else {
            return Self::begin(store).map(Found::End);
        };
        let mut input = store
            .open(segment)
            .map_err(|source| failed("open a segment", source))?;
        let mut header = vec![0; SEGMENT_HEADER_BYTES];
        let read = frame::read_up_to(&mut input, &mut header)
            .map_err(|source| failed("read a segment", source))?;
        header.truncate(read);
        let header = match SegmentHeader::decode(&header) {
            Some(header) if header.first == segment => header,
            _ => {
                drop(input);
                let short = read < SEGMENT_HEADER_BYTES;
                if !short && !options.set_damage_aside {
                    return Err(Error::from(Failure::TrailDamaged {
                        segment,
                        offset: 0,
                        sequence: segment,
                        why: "the head of the segment is damaged".to_owned(),
                    }));
                }
                return cut(store, segment, 0).map(Found::Removed);
            }
        };
        let mut frames = Frames::new(input, SEGMENT_HEADER_BYTES as u64);
        let (mut next, mut head) = (segment, header.previous);
        let fault = loop {
            match frames
                .step()
                .map_err(|source| failed("read a segment", source))?
            {
                Step::End => break None,
                Step::Short => break Some("the last record is cut short"),
                Step::Bad(why) => break Some(why),
                Step::Body(body) => match entry::decode(body) {
                    Some(entry) if entry.sequence == next => {
                        next += 1;
                        head = entry.hash;
                    }
                    Some(_) => break Some("the record is not the one that belongs here"),
                    None => break Some("the record cannot be read"),
                },
            }
        };
        let offset = frames.offset();
        drop(frames);
        let mut end = Self {
            log_id: header.log_id,
            segment,
            segment_len: offset,
            next,
            head,
            cut: None,
        };
        if let Some(why) = fault {
            let rest = rest_of(store, segment, offset)?;
            if !options.set_damage_aside && !is_torn(&rest) {
                return Err(Error::from(Failure::TrailDamaged {
                    segment,
                    offset,
                    sequence: next,
                    why: why.to_owned(),
                }));
            }
            end.cut = Some(cut(store, segment, offset)?);
        }
        Ok(Found::End(end))
    }

    fn begin<S: TrailWrite>(store: &mut S) -> Result<Self, Error> {
        let log_id: [u8; 16] = super::random()?;
        let previous = commit::genesis(&log_id);
        let header = SegmentHeader {
            log_id,
            first: 0,
            previous,
        }
        .encode();
        store
            .create(0, &header)
            .map_err(|source| failed("begin the trail", source))?;
        Ok(Self {
            log_id,
            segment: 0,
            segment_len: header.len() as u64,
            next: 0,
            head: previous,
            cut: None,
        })
    }
}

/// Whether an unreadable end is what a write cut short leaves: too few bytes, or bytes that the device never got
/// (zeros), and no whole record after them.
fn is_torn(rest: &[u8]) -> bool {
    let short = matches!(Frames::new(rest, 0).step(), Ok(Step::Short));
    let empty = rest.iter().all(|byte| *byte == 0);
    (short || empty) && !frame::holds_frame(rest)
}

fn rest_of<S: TrailWrite>(store: &S, segment: u64, offset: u64) -> Result<Vec<u8>, Error> {
    let fail = |source| failed("read a segment", source);
    let mut input = store.open(segment).map_err(fail)?;
    io::copy(&mut input.by_ref().take(offset), &mut io::sink()).map_err(fail)?;
    let mut rest = Vec::new();
    input.read_to_end(&mut rest).map_err(fail)?;
    Ok(rest)
}

fn cut<S: TrailWrite>(store: &mut S, segment: u64, offset: u64) -> Result<RecoveryRecord, Error> {
    let rest = rest_of(store, segment, offset)?;
    store
        .set_aside(segment, offset, &rest)
        .map_err(|source| failed("set the damaged end aside", source))?;
    store
        .truncate(segment, offset)
        .map_err(|source| failed("cut the damaged end off", source))?;
    Ok(RecoveryRecord {
        segment,
        offset,
        bytes: rest.len() as u64,
    })
}

fn failed(what: &'static str, source: io::Error) -> Error {
    Error::from(Failure::Stream {
        action: what,
        source,
    })
}
