//! One record of the chain, and its bytes.

use jiff::Timestamp;
use serde_json::Value;

use super::commit::{self, Head, RecordHash, Salt, Salts};
use super::digest::Digest;
use super::field::{Field, MAX_FIELDS};
use super::record::Record;
use crate::Error;
use crate::error::Failure;

/// One record as it stands in the trail: a typed [`Record`] plus its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) sequence: u64,
    pub(super) at: Timestamp,
    pub(super) kind: String,
    pub(super) previous: Digest,
    pub(super) seed: [u8; 32],
    pub(super) fields: Vec<Field>,
    pub(super) hash: Digest,
}

impl Entry {
    /// Place in the trail, counted from 0 without a gap.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When the record was written, UTC.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Name of the record's type, for example `decision`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Hash of the record before this one.
    #[must_use]
    pub fn previous(&self) -> Digest {
        self.previous
    }

    /// Hash of this record, as stored. [`Trail::verify`](super::Trail::verify) compares it with the contents.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// The fields in the order in which they were committed.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The value of one field, or `None` where the record has no such field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        serde_json::from_str(&field.value).ok()
    }

    /// The record in its own type.
    ///
    /// # Errors
    ///
    /// [`Trail`](crate::ErrorKind::Trail) where the kind is unknown to this version or a field does not fit it; the chain
    /// can be verified all the same.
    pub fn record(&self) -> Result<Record, Error> {
        let pairs = self
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()));
        Record::from_fields(&self.kind, pairs).map_err(|why| {
            Error::from(Failure::Trail {
                index: self.sequence,
                problem: why,
            })
        })
    }

    pub(super) fn salts(&self) -> impl Iterator<Item = Salt> {
        Salts::new(&self.seed)
    }

    pub(super) fn head(&self) -> Head<'_> {
        Head {
            sequence: self.sequence,
            at: self.at,
            kind: &self.kind,
            previous: &self.previous,
        }
    }
}

/// Buffers that hashing one record after another reuses.
#[derive(Default)]
pub(super) struct Scratch {
    field: Vec<u8>,
    record: Vec<u8>,
}

impl Scratch {
    /// The hash that the contents of an entry give.
    pub(super) fn hash(&mut self, entry: &Entry) -> Digest {
        let mut hash = RecordHash::new(
            std::mem::take(&mut self.record),
            entry.head(),
            entry.fields.len(),
        );
        for (field, salt) in entry.fields.iter().zip(entry.salts()) {
            hash.add(
                &field.name,
                &commit::field(&salt, &field.name, &field.value, &mut self.field),
            );
        }
        let (digest, buffer) = hash.finish();
        self.record = buffer;
        digest
    }
}

/// Appends the bytes of an entry to `out`.
pub(super) fn encode(entry: &Entry, out: &mut Vec<u8>) -> Result<(), Error> {
    let refuse = |why: &str| {
        Error::from(Failure::Trail {
            index: entry.sequence,
            problem: why.to_owned(),
        })
    };
    out.extend_from_slice(&entry.sequence.to_le_bytes());
    out.extend_from_slice(&entry.at.as_second().to_le_bytes());
    out.extend_from_slice(&entry.at.subsec_nanosecond().to_le_bytes());
    out.extend_from_slice(entry.previous.as_bytes());
    out.extend_from_slice(&entry.seed);
    out.extend_from_slice(entry.hash.as_bytes());
    let short = |text: &str| {
        u8::try_from(text.len())
            .map_err(|_| refuse("a kind or field name is at most 255 bytes long"))
    };
    out.push(short(&entry.kind)?);
    out.extend_from_slice(entry.kind.as_bytes());
    if entry.fields.len() > MAX_FIELDS {
        return Err(refuse("a record has at most 1024 fields"));
    }
    let fields = u16::try_from(entry.fields.len())
        .map_err(|_| refuse("a record has at most 1024 fields"))?;
    out.extend_from_slice(&fields.to_le_bytes());
    for field in &entry.fields {
        let len = u32::try_from(field.value.len())
            .map_err(|_| refuse("a field is at most a mebibyte long"))?;
        out.push(short(&field.name)?);
        out.extend_from_slice(field.name.as_bytes());
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(field.value.as_bytes());
    }
    Ok(())
}

/// Reads an entry back. `None` where the bytes are not exactly one entry.
pub(super) fn decode(bytes: &[u8]) -> Option<Entry> {
    let mut input = Input(bytes);
    let sequence = u64::from_le_bytes(input.array()?);
    let second = i64::from_le_bytes(input.array()?);
    let nanosecond = i32::from_le_bytes(input.array()?);
    let at = Timestamp::new(second, nanosecond).ok()?;
    // A second and a nanosecond of opposite signs would be normalised: two spellings of one instant.
    if at.as_second() != second || at.subsec_nanosecond() != nanosecond {
        return None;
    }
    let previous = Digest::from_bytes(input.array()?);
    let seed = input.array()?;
    let hash = Digest::from_bytes(input.array()?);
    let kind = input.short_text()?.to_owned();
    let count = usize::from(u16::from_le_bytes(input.array()?));
    if count > MAX_FIELDS {
        return None;
    }
    let mut fields = Vec::with_capacity(count);
    for _ in 0..count {
        let name = input.short_text()?.to_owned();
        let len = usize::try_from(u32::from_le_bytes(input.array()?)).ok()?;
        let value = std::str::from_utf8(input.take(len)?).ok()?.to_owned();
        fields.push(Field { name, value });
    }
    input.0.is_empty().then_some(Entry {
        sequence,
        at,
        kind,
        previous,
        seed,
        fields,
        hash,
    })
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn short_text(&mut self) -> Option<&'a str> {
        let [len] = self.array()?;
        std::str::from_utf8(self.take(usize::from(len))?).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;
    use proptest::prelude::*;

    fn any_entry() -> impl Strategy<Value = Entry> {
        let field = ("[a-z_]{0,12}", ".{0,40}").prop_map(|(name, value)| Field { name, value });
        (
            any::<u64>(),
            -1_000_000_000_i64..4_000_000_000,
            "[a-z]{1,12}",
            any::<[u8; 32]>(),
            prop::collection::vec(field, 0..8),
        )
            .prop_map(|(sequence, second, kind, bytes, fields)| Entry {
                sequence,
                at: Timestamp::from_second(second).unwrap(),
                kind,
                previous: Digest::blake3(&bytes),
                seed: bytes,
                fields,
                hash: Digest::from_bytes(bytes),
            })
    }

    proptest! {
        #[test]
        fn an_entry_survives_its_bytes(entry in any_entry()) {
            let mut bytes = Vec::new();
            encode(&entry, &mut bytes).unwrap();
            prop_assert_eq!(decode(&bytes), Some(entry));
        }

        #[test]
        fn no_prefix_and_no_extension_is_an_entry(entry in any_entry()) {
            let mut bytes = Vec::new();
            encode(&entry, &mut bytes).unwrap();
            for end in 0..bytes.len() {
                prop_assert_eq!(decode(bytes.get(..end).unwrap()), None);
            }
            bytes.push(0);
            prop_assert_eq!(decode(&bytes), None);
        }

        #[test]
        fn any_bytes_decode_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }
    }
}
