//! What the chain is made of: salts, field commitments, record hashes.
//!
//! Every function here is keyed BLAKE3; the key is an ASCII string padded with zero bytes to 32, so that a
//! third party can repeat it in any language. `docs/audit-trail.md` restates these formulas.

use jiff::Timestamp;

use super::digest::Digest;

const fn key(label: &str) -> [u8; 32] {
    let bytes = label.as_bytes();
    let mut key = [0_u8; 32];
    let mut at = 0;
    while at < bytes.len() {
        #[allow(
            clippy::indexing_slicing,
            reason = "evaluated by the compiler: out of bounds does not build"
        )]
        {
            key[at] = bytes[at];
        }
        at += 1;
    }
    key
}

const GENESIS_KEY: [u8; 32] = key("platewarden trail v1 genesis");
const FIELD_KEY: [u8; 32] = key("platewarden trail v1 field");
const RECORD_KEY: [u8; 32] = key("platewarden trail v1 record");
const FRAME_KEY: [u8; 32] = key("platewarden trail v1 frame");

/// Bytes of salt before each committed field: 128 bits, so that a plate cannot be found by trying all plates.
pub(super) const SALT_BYTES: usize = 16;
pub(super) type Salt = [u8; SALT_BYTES];

/// What the first record of a log links to.
pub(super) fn genesis(log_id: &[u8; 16]) -> Digest {
    Digest::from_bytes(*blake3::keyed_hash(&GENESIS_KEY, log_id).as_bytes())
}

/// First eight bytes of the keyed hash: enough to find damage, the chain finds intent.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 8] {
    let hash = blake3::keyed_hash(&FRAME_KEY, bytes);
    let mut out = [0_u8; 8];
    out.iter_mut()
        .zip(hash.as_bytes())
        .for_each(|(to, from)| *to = *from);
    out
}

/// The salts of a record's fields, in order, all from the record's 32-byte seed.
pub(super) struct Salts(blake3::OutputReader);

impl Salts {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        Self(
            blake3::Hasher::new_keyed(seed)
                .update(b"salts")
                .finalize_xof(),
        )
    }
}

impl Iterator for Salts {
    type Item = Salt;

    fn next(&mut self) -> Option<Salt> {
        let mut salt = [0_u8; SALT_BYTES];
        self.0.fill(&mut salt);
        Some(salt)
    }
}

/// The salted commitment to one field. `scratch` is only a buffer to reuse.
pub(super) fn field(salt: &Salt, name: &str, value: &str, scratch: &mut Vec<u8>) -> Digest {
    scratch.clear();
    scratch.extend_from_slice(salt);
    put_text(scratch, name);
    put_text(scratch, value);
    Digest::from_bytes(*blake3::keyed_hash(&FIELD_KEY, scratch).as_bytes())
}

/// The parts of a record that its hash covers besides the fields.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) sequence: u64,
    pub(super) at: Timestamp,
    pub(super) kind: &'a str,
    pub(super) previous: &'a Digest,
}

/// Collects the field commitments of one record and hashes them with its head.
pub(super) struct RecordHash(Vec<u8>);

impl RecordHash {
    pub(super) fn new(mut buffer: Vec<u8>, head: Head<'_>, fields: usize) -> Self {
        buffer.clear();
        buffer.extend_from_slice(&head.sequence.to_le_bytes());
        buffer.extend_from_slice(&head.at.as_second().to_le_bytes());
        buffer.extend_from_slice(&head.at.subsec_nanosecond().to_le_bytes());
        put_text(&mut buffer, head.kind);
        buffer.extend_from_slice(head.previous.as_bytes());
        buffer.extend_from_slice(&length(fields).to_le_bytes());
        Self(buffer)
    }

    pub(super) fn add(&mut self, name: &str, commitment: &Digest) {
        put_text(&mut self.0, name);
        self.0.extend_from_slice(commitment.as_bytes());
    }

    /// The hash, and the buffer back for the next record.
    pub(super) fn finish(self) -> (Digest, Vec<u8>) {
        (
            Digest::from_bytes(*blake3::keyed_hash(&RECORD_KEY, &self.0).as_bytes()),
            self.0,
        )
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&length(text.len()).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// A length as it is written. Records are limited to a mebibyte before they come here, so nothing saturates.
fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
