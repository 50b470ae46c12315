//! All records of a trail in order, and the faults of form among them.

use std::collections::VecDeque;
use std::io::Read;

use super::commit;
use super::digest::Digest;
use super::entry::{self, Entry};
use super::finding::{Fault, FaultKind};
use super::frame::{self, Frames, SEGMENT_HEADER_BYTES, SegmentHeader, Step};
use super::store::TrailRead;
use crate::Error;
use crate::error::Failure;

/// What comes next in a trail.
pub(super) enum Walked {
    Entry(Entry),
    Fault(Fault),
    End,
}

/// Reads the records of all segments and tells faults of form.
pub(super) struct Walk<'a, S> {
    store: &'a S,
    segments: VecDeque<u64>,
    frames: Option<Frames<Box<dyn Read + 'a>>>,
    /// That of the segments read so far.
    pub(super) log_id: Option<[u8; 16]>,
}

impl<'a, S: TrailRead> Walk<'a, S> {
    pub(super) fn new(store: &'a S) -> Result<Self, Error> {
        let segments = store.segments().map_err(|source| {
            Error::from(Failure::Stream {
                action: "list the segments",
                source,
            })
        })?;
        Ok(Self {
            store,
            segments: segments.into(),
            frames: None,
            log_id: None,
        })
    }

    /// The next record. `expected` and `head` are what it should be and link to; they serve the findings only.
    pub(super) fn next(&mut self, expected: u64, head: Digest) -> Result<Walked, Error> {
        let read_failed = |source| {
            Error::from(Failure::Stream {
                action: "read a segment",
                source,
            })
        };
        loop {
            let Some(frames) = &mut self.frames else {
                let Some(segment) = self.segments.pop_front() else {
                    return Ok(Walked::End);
                };
                if let Some(fault) = self.begin(segment, expected, head)? {
                    return Ok(Walked::Fault(fault));
                }
                continue;
            };
            let offset = frames.offset();
            let fault = match frames.step().map_err(read_failed)? {
                Step::End => {
                    self.frames = None;
                    continue;
                }
                Step::Body(body) => match entry::decode(body) {
                    Some(entry) => return Ok(Walked::Entry(entry)),
                    None => Fault {
                        sequence: expected,
                        kind: FaultKind::Damaged,
                        detail: "its bytes are no record of this format".to_owned(),
                    },
                },
                Step::Bad(why) => Fault {
                    sequence: expected,
                    kind: FaultKind::Damaged,
                    detail: format!("{why} (offset {offset} of the segment)"),
                },
                Step::Short => self.short(expected, offset)?,
            };
            return Ok(Walked::Fault(fault));
        }
    }

    fn begin(&mut self, segment: u64, expected: u64, head: Digest) -> Result<Option<Fault>, Error> {
        let mut input = self.store.open(segment).map_err(|source| {
            Error::from(Failure::Stream {
                action: "open a segment",
                source,
            })
        })?;
        let mut bytes = [0_u8; SEGMENT_HEADER_BYTES];
        frame::read_up_to(&mut input, &mut bytes).map_err(|source| {
            Error::from(Failure::Stream {
                action: "read a segment",
                source,
            })
        })?;
        let fault = |sequence, kind, detail: &str| {
            Ok(Some(Fault {
                sequence,
                kind,
                detail: detail.to_owned(),
            }))
        };
        let Some(header) = SegmentHeader::decode(&bytes).filter(|header| header.first == segment)
        else {
            return fault(
                segment,
                FaultKind::Segment,
                "its bytes are no head of a segment, or not of this one",
            );
        };
        if self.log_id.is_some_and(|id| id != header.log_id) {
            return fault(segment, FaultKind::Segment, "it belongs to another trail");
        }
        self.log_id = Some(header.log_id);
        if segment > expected {
            let count = segment - expected;
            return fault(
                expected,
                FaultKind::Removed { count },
                "the segment that held it is gone or cut off",
            );
        }
        let link = if segment == 0 {
            commit::genesis(&header.log_id)
        } else {
            head
        };
        // Where the number is wrong too, the first record says more about what happened.
        if segment == expected && header.previous != link {
            return fault(
                segment,
                FaultKind::Segment,
                "it does not link to the record before it",
            );
        }
        self.frames = Some(Frames::new(input, SEGMENT_HEADER_BYTES as u64));
        Ok(None)
    }

    /// Fewer bytes than a record needs: the end of the trail, or a length that was tampered with.
    fn short(&mut self, expected: u64, offset: u64) -> Result<Fault, Error> {
        let segments = self.store.segments().map_err(|source| {
            Error::from(Failure::Stream {
                action: "list the segments",
                source,
            })
        })?;
        let segment = segments
            .iter()
            .rev()
            .find(|segment| **segment <= expected)
            .copied()
            .unwrap_or_default();
        let failed = |source| {
            Error::from(Failure::Stream {
                action: "read a segment",
                source,
            })
        };
        let mut input = self.store.open(segment).map_err(failed)?;
        std::io::copy(&mut input.by_ref().take(offset), &mut std::io::sink()).map_err(failed)?;
        let mut rest = Vec::new();
        input.read_to_end(&mut rest).map_err(failed)?;
        let last = self.segments.is_empty() && !frame::holds_frame(&rest);
        let kind = if last {
            FaultKind::TornTail {
                bytes: rest.len() as u64,
            }
        } else {
            FaultKind::Damaged
        };
        Ok(Fault {
            sequence: expected,
            kind,
            detail: format!("fewer bytes follow than it states (offset {offset} of the segment)"),
        })
    }
}
