//! From sequences of classes to entries.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use platewarden_text::symbol::index_of;

use super::glyphs::class_index;

/// A sequence of classes as one number. Two sequences may share one: entries found by it are compared in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(u64);

impl Default for Key {
    fn default() -> Self {
        // Offset of FNV-1a.
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Key {
    pub(super) const fn followed_by(self, class: usize) -> Self {
        // FNV-1a over one byte a place, then folded so that high bits reach the low ones that maps use.
        let mixed = (self.0 ^ class as u64).wrapping_mul(0x0000_0100_0000_01b3);
        Self(mixed ^ (mixed >> 29))
    }

    pub(super) fn of(text: &str) -> Self {
        text.chars()
            .filter_map(index_of)
            .fold(Self::default(), |key, index| {
                key.followed_by(class_index(index))
            })
    }
}

/// Keys are hashes already.
#[derive(Default)]
pub(super) struct Unchanged(u64);

impl Hasher for Unchanged {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Entries of each key: the map holds the last one, and each entry the one before.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    last: HashMap<Key, u32, BuildHasherDefault<Unchanged>>,
    before: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Index {
    pub(super) fn reserve(&mut self, entries: usize) {
        self.last.reserve(entries);
        self.before.reserve(entries);
    }

    /// Enters the next entry; they are numbered from 0.
    pub(super) fn push(&mut self, text: &str) {
        let number = u32::try_from(self.before.len()).unwrap_or(NONE);
        let before = self.last.insert(Key::of(text), number);
        self.before.push(before.unwrap_or(NONE));
    }

    /// The numbers of the entries of a key, last first.
    pub(super) fn entries(&self, key: Key) -> impl Iterator<Item = usize> + '_ {
        let mut next = self.last.get(&key).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let number = (next != NONE).then_some(next as usize)?;
            next = self.before.get(number).copied().unwrap_or(NONE);
            Some(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookalikes_share_a_key_and_entries_are_chained() {
        let mut index = Index::default();
        for text in ["AB1", "A8I", "XYZ", "AB1"] {
            index.push(text);
        }
        let found: Vec<usize> = index.entries(Key::of("A81")).collect();
        assert_eq!(found, [3, 1, 0]);
        assert_eq!(index.entries(Key::of("QQQ")).count(), 0);
    }
}
