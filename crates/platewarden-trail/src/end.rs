//! Where a trail ends: the last whole record, and what to do with bytes after it.

use std::io::{self, Read};

use super::commit;
use super::digest::Digest;
use super::entry;
use super::frame::{self, Frames, SEGMENT_HEADER_BYTES, SegmentHeader, Step};
use super::options::TrailOptions;
use super::record::RecoveryRecord;
use super::store::TrailWrite;
use crate::Error;
use crate::error::Failure;

/// Where a trail ends.
pub(super) struct End {
    pub(super) log_id: [u8; 16],
    pub(super) segment: u64,
    pub(super) segment_len: u64,
    pub(super) next: u64,
    pub(super) head: Digest,
    pub(super) cut: Option<RecoveryRecord>,
}

/// What looking for the end came to.
pub(super) enum Found {
    /// The trail goes on here.
    End(End),
    /// A segment without a readable head was set aside; look again.
    Removed(RecoveryRecord),
}

impl End {
    pub(super) fn find<S: TrailWrite>(
        store: &mut S,
        options: &TrailOptions,
    ) -> Result<Found, Error> {
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

/// A store that fails at something.
pub(super) fn failed(what: &'static str, source: io::Error) -> Error {
    Error::from(Failure::Stream {
        action: what,
        source,
    })
}
