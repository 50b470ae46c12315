//! Readers of a trail.

use std::collections::VecDeque;
use std::io::Read;

use super::checkpoint::Checkpoint;
use super::entry::{self, Entry};
use super::finding::{Verification, VerifyOptions};
use super::frame::{self, Frames, SEGMENT_HEADER_BYTES, SegmentHeader, Step};
use super::store::TrailRead;
use super::verify;
use crate::Error;
use crate::error::Failure;

/// A trail opened for reading. Any number may be open while one [`TrailWriter`](super::TrailWriter) writes.
///
/// ```no_run
/// use platewarden_trail::{FileStore, Trail, VerifyOptions};
/// let trail = Trail::new(FileStore::reader("/var/lib/plates/trail")?);
/// let verification = trail.verify(&VerifyOptions::default())?;
/// if let Some(fault) = verification.fault {
///     eprintln!("{fault}");
/// }
/// # Ok::<(), platewarden_trail::Error>(())
/// ```
#[derive(Debug)]
pub struct Trail<S> {
    store: S,
}

impl<S: TrailRead> Trail<S> {
    /// A trail over a store.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// All records from the first on. Each is checked for damage, not against the chain: that is
    /// [`verify`](Self::verify)'s work.
    ///
    /// # Errors
    ///
    /// [`Stream`](crate::ErrorKind::Stream) where the store fails.
    pub fn entries(&self) -> Result<Entries<'_, S>, Error> {
        self.entries_from(0)
    }

    /// All records from number `first` on, found without reading the segments before.
    ///
    /// # Errors
    ///
    /// [`Stream`](crate::ErrorKind::Stream) where the store fails.
    pub fn entries_from(&self, first: u64) -> Result<Entries<'_, S>, Error> {
        let all = self.store.segments().map_err(|source| {
            Error::from(Failure::Stream {
                action: "list the segments",
                source,
            })
        })?;
        let skip = all
            .iter()
            .rposition(|segment| *segment <= first)
            .unwrap_or(0);
        Ok(Entries {
            store: &self.store,
            segments: all.into_iter().skip(skip).collect(),
            frames: None,
            from: first,
            position: first,
            done: false,
        })
    }

    /// One record, or `None` where the trail is shorter.
    ///
    /// # Errors
    ///
    /// [`TrailDamaged`](crate::ErrorKind::TrailDamaged) or [`Stream`](crate::ErrorKind::Stream) where it cannot be read.
    pub fn entry(&self, sequence: u64) -> Result<Option<Entry>, Error> {
        let entry = self.entries_from(sequence)?.next().transpose()?;
        Ok(entry.filter(|entry| entry.sequence == sequence))
    }

    /// The checkpoints that lie beside the trail, as they stand: unchecked.
    ///
    /// # Errors
    ///
    /// [`Stream`](crate::ErrorKind::Stream) where the store fails.
    pub fn checkpoints(&self) -> Result<Vec<Checkpoint>, Error> {
        let bytes = self.store.checkpoints().map_err(|source| {
            Error::from(Failure::Stream {
                action: "read the checkpoints",
                source,
            })
        })?;
        Ok(verify::parse_checkpoints(&bytes).0)
    }

    /// Checks every record, every link and every checkpoint, and names the first fault.
    ///
    /// # Errors
    ///
    /// [`Stream`](crate::ErrorKind::Stream) where the store fails. A fault in the trail is a finding, not an error.
    pub fn verify(&self, options: &VerifyOptions) -> Result<Verification, Error> {
        verify::verify(&self.store, options)
    }
}

/// Iterator over the records of a trail; it ends after the first error. Bytes at the end that are not yet a whole
/// record (the writer may be at it) end it without one.
pub struct Entries<'a, S> {
    store: &'a S,
    segments: VecDeque<u64>,
    frames: Option<(u64, Frames<Box<dyn Read + 'a>>)>,
    from: u64,
    /// Number of the record that should come next in the segment.
    position: u64,
    done: bool,
}

impl<S: TrailRead> Entries<'_, S> {
    fn advance(&mut self) -> Result<Option<Entry>, Error> {
        let failed = |action| move |source| Error::from(Failure::Stream { action, source });
        loop {
            let Some((segment, frames)) = &mut self.frames else {
                let Some(segment) = self.segments.pop_front() else {
                    return Ok(None);
                };
                let mut input = self.store.open(segment).map_err(failed("open a segment"))?;
                let mut head = [0_u8; SEGMENT_HEADER_BYTES];
                let read =
                    frame::read_up_to(&mut input, &mut head).map_err(failed("read a segment"))?;
                if read < head.len() && self.segments.is_empty() {
                    return Ok(None);
                }
                if SegmentHeader::decode(&head).is_none_or(|header| header.first != segment) {
                    let why = "the head of the segment is damaged".to_owned();
                    return Err(Error::from(Failure::TrailDamaged {
                        segment,
                        offset: 0,
                        sequence: segment,
                        why,
                    }));
                }
                self.position = segment;
                self.frames = Some((segment, Frames::new(input, SEGMENT_HEADER_BYTES as u64)));
                continue;
            };
            let segment = *segment;
            let offset = frames.offset();
            let position = self.position;
            let damaged = |why: &str| {
                Error::from(Failure::TrailDamaged {
                    segment,
                    offset,
                    sequence: position,
                    why: why.to_owned(),
                })
            };
            match frames.step().map_err(failed("read a segment"))? {
                Step::End => self.frames = None,
                Step::Short if self.segments.is_empty() => return Ok(None),
                Step::Short => return Err(damaged("the last record of the segment is cut short")),
                Step::Bad(why) => return Err(damaged(why)),
                Step::Body(body) => {
                    let entry =
                        entry::decode(body).ok_or_else(|| damaged("the record cannot be read"))?;
                    self.position = entry.sequence.saturating_add(1);
                    if entry.sequence >= self.from {
                        return Ok(Some(entry));
                    }
                }
            }
        }
    }
}

impl<S: TrailRead> Iterator for Entries<'_, S> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.advance().transpose();
        self.done = !matches!(step, Some(Ok(_)));
        step
    }
}

impl<S> std::fmt::Debug for Entries<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries")
            .field("next", &self.from)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
