//! Framing: how records lie in a segment, so that a write that a crash cut short is told from damage.
//!
//! A segment is a 72-byte header and then frames. A frame is the marker `PWR1`, eight bytes of checksum over what
//! follows, the length of the body as 32 bits (little endian), and the body.

use std::io::{self, Read};

use super::commit;
use super::digest::Digest;
use super::entry::{self, Entry};
use crate::Error;
use crate::error::Failure;

/// Longest record, in bytes.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

const FRAME_MARK: &[u8; 4] = b"PWR1";
const SEGMENT_MARK: &[u8; 8] = b"PWTRAIL1";
const CHECKSUM_BYTES: usize = 8;
const LENGTH_BYTES: usize = 4;
pub(super) const FRAME_HEADER_BYTES: usize = 4 + CHECKSUM_BYTES + LENGTH_BYTES;
pub(super) const SEGMENT_HEADER_BYTES: usize = 8 + 16 + 8 + 32 + CHECKSUM_BYTES;

/// What stands at the beginning of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) log_id: [u8; 16],
    pub(super) first: u64,
    pub(super) previous: Digest,
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SEGMENT_HEADER_BYTES);
        bytes.extend_from_slice(SEGMENT_MARK);
        bytes.extend_from_slice(&self.log_id);
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(self.previous.as_bytes());
        let checksum = commit::checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (covered, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
        let (mark, rest) = covered.split_first_chunk::<8>()?;
        let (log_id, rest) = rest.split_first_chunk::<16>()?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let previous: &[u8; 32] = rest.try_into().ok()?;
        (mark == SEGMENT_MARK && *checksum == commit::checksum(covered)).then(|| Self {
            log_id: *log_id,
            first: u64::from_le_bytes(*first),
            previous: Digest::from_bytes(*previous),
        })
    }
}

/// Appends the frame of an entry to `out`.
pub(super) fn put(entry: &Entry, out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    out.extend_from_slice(FRAME_MARK);
    out.extend_from_slice(&[0; CHECKSUM_BYTES + LENGTH_BYTES]);
    let body = out.len();
    entry::encode(entry, out)?;
    let len = out.len() - body;
    if len > MAX_RECORD_BYTES {
        return Err(Error::from(Failure::Trail {
            index: entry.sequence,
            problem: format!(
                "a record is at most {MAX_RECORD_BYTES} bytes long, this one has {len}: log a digest of the large field in its place"
            ),
        }));
    }
    let length = u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    if let Some(at) = out.get_mut(body - LENGTH_BYTES..body) {
        at.copy_from_slice(&length);
    }
    let checksum = commit::checksum(out.get(body - LENGTH_BYTES..).unwrap_or_default());
    if let Some(at) = out.get_mut(start + FRAME_MARK.len()..body - LENGTH_BYTES) {
        at.copy_from_slice(&checksum);
    }
    Ok(())
}

/// What stands at the next place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A whole frame: its body.
    Body(&'a [u8]),
    /// The end, right after a whole frame.
    End,
    /// Fewer bytes than the frame needs.
    Short,
    /// A frame that is no frame.
    Bad(&'static str),
}

/// Reads frame after frame.
pub(super) struct Frames<R> {
    input: R,
    /// Offset of the frame that the next call reads.
    offset: u64,
    /// Length and body of the frame last read.
    buffer: Vec<u8>,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(input: R, offset: u64) -> Self {
        Self {
            input,
            offset,
            buffer: Vec::new(),
        }
    }

    /// Offset in the segment of the first frame not yet read whole.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn step(&mut self) -> io::Result<Step<'_>> {
        let mut head = [0_u8; FRAME_HEADER_BYTES];
        match read_up_to(&mut self.input, &mut head)? {
            0 => return Ok(Step::End),
            FRAME_HEADER_BYTES => {}
            _ => return Ok(Step::Short),
        }
        let (mark, rest) = head.split_at(FRAME_MARK.len());
        let (checksum, length) = rest.split_at(CHECKSUM_BYTES);
        if mark != FRAME_MARK {
            return Ok(Step::Bad("no record begins here"));
        }
        let Some(len) = body_length(length) else {
            return Ok(Step::Bad("the length of the record is out of range"));
        };
        self.buffer.clear();
        self.buffer.extend_from_slice(length);
        self.buffer.resize(LENGTH_BYTES + len, 0);
        let read = read_up_to(
            &mut self.input,
            self.buffer.get_mut(LENGTH_BYTES..).unwrap_or_default(),
        )?;
        if read != len {
            return Ok(Step::Short);
        }
        if commit::checksum(&self.buffer) != checksum {
            return Ok(Step::Bad(
                "the checksum of the record does not match its bytes",
            ));
        }
        self.offset += (FRAME_HEADER_BYTES + len) as u64;
        Ok(Step::Body(
            self.buffer.get(LENGTH_BYTES..).unwrap_or_default(),
        ))
    }
}

/// Whether a whole, undamaged frame begins anywhere in these bytes.
pub(super) fn holds_frame(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| {
        let Some(rest) = bytes.get(at..) else {
            return false;
        };
        // A frame is looked for only where its marker stands, so that damage of megabytes is searched in no time.
        rest.starts_with(FRAME_MARK) && matches!(Frames::new(rest, 0).step(), Ok(Step::Body(_)))
    })
}

/// Fills as much of `buffer` as there is input for.
pub(super) fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn body_length(bytes: &[u8]) -> Option<usize> {
    let len = usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()?;
    (len <= MAX_RECORD_BYTES).then_some(len)
}
