//! Which searches repeat an earlier one, exactly and in bounded memory.

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

use rustc_hash::{FxHashMap, FxHashSet};
use tempfile::TempDir;

use crate::{Error, ErrorKind, Result};

/// Keys held in memory before the hours touched longest ago are written out.
const MOST: usize = 1_000_000;

/// Set of 128-bit keys, kept by the hour of the search: repetitions of a search share its second, so
/// a key is only ever looked for in its own hour, and hours not in use can rest on disk.
#[derive(Debug)]
pub(super) struct Repeats {
    hours: FxHashMap<i64, Hour>,
    on_disk: FxHashSet<i64>,
    held: usize,
    most: usize,
    clock: u64,
    spill_dir: PathBuf,
    folder: Option<TempDir>,
}

#[derive(Debug, Default)]
struct Hour {
    keys: FxHashSet<u128>,
    touched: u64,
}

impl Repeats {
    pub(super) fn new(spill_dir: PathBuf) -> Self {
        Self {
            hours: FxHashMap::default(),
            on_disk: FxHashSet::default(),
            held: 0,
            most: MOST,
            clock: 0,
            spill_dir,
            folder: None,
        }
    }

    /// Whether the key is new.
    pub(super) fn insert(&mut self, second: i64, key: u128) -> Result<bool> {
        let hour = second.div_euclid(3_600);
        self.clock += 1;
        if self.on_disk.contains(&hour) && !self.hours.contains_key(&hour) {
            let keys = self.load(hour)?;
            self.held += keys.len();
            self.hours.insert(hour, Hour { keys, touched: 0 });
        }
        let slot = self.hours.entry(hour).or_default();
        slot.touched = self.clock;
        let fresh = slot.keys.insert(key);
        self.held += usize::from(fresh);
        // Also after a mere repetition: it may have brought an hour back from disk.
        if self.held > self.most {
            self.spill(hour)?;
        }
        Ok(fresh)
    }

    fn path(&mut self, hour: i64) -> Result<PathBuf> {
        if self.folder.is_none() {
            let made = TempDir::with_prefix_in("platewarden-audit-", &self.spill_dir);
            self.folder = Some(made.map_err(|e| {
                Error::file(ErrorKind::Output, "create a folder in", &self.spill_dir, e)
            })?);
        }
        let folder = self
            .folder
            .as_ref()
            .map_or(self.spill_dir.as_path(), TempDir::path);
        Ok(folder.join(hour.to_string()))
    }

    /// Writes out the hours touched longest ago, until half of the room is free. The hour in use stays.
    fn spill(&mut self, in_use: i64) -> Result<()> {
        let mut order: Vec<(u64, i64)> = self
            .hours
            .iter()
            .map(|(hour, h)| (h.touched, *hour))
            .collect();
        order.sort_unstable();
        for (_, hour) in order {
            if self.held <= self.most / 2 {
                break;
            }
            if hour == in_use {
                continue;
            }
            let Some(Hour { keys, .. }) = self.hours.remove(&hour) else {
                continue;
            };
            self.held -= keys.len();
            let path = self.path(hour)?;
            let bytes: Vec<u8> = keys.iter().flat_map(|key| key.to_le_bytes()).collect();
            File::create(&path)
                .and_then(|mut file| file.write_all(&bytes))
                .map_err(|e| Error::file(ErrorKind::Output, "write", &path, e))?;
            self.on_disk.insert(hour);
        }
        Ok(())
    }

    fn load(&mut self, hour: i64) -> Result<FxHashSet<u128>> {
        let path = self.path(hour)?;
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(|e| Error::file(ErrorKind::Input, "read", &path, e))?;
        let (keys, _) = bytes.as_chunks::<16>();
        Ok(keys.iter().map(|key| u128::from_le_bytes(*key)).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn keys_are_remembered_across_the_disk() {
        let mut repeats = Repeats::new(std::env::temp_dir());
        repeats.most = 100;
        for round in 0..2 {
            for n in 0..1_000_u128 {
                let second = i64::try_from(n).unwrap() * 60;
                assert_eq!(repeats.insert(second, n).unwrap(), round == 0, "{n}");
            }
        }
        assert!(repeats.held <= 100 + 60);
        assert!(!repeats.on_disk.is_empty());
    }

    #[test]
    fn keys_that_agree_in_half_of_their_bits_are_two_searches() {
        let mut repeats = Repeats::new(std::env::temp_dir());
        let (low, high) = (7_u128, 7_u128 | (1 << 64));
        assert!(repeats.insert(0, low).unwrap());
        assert!(repeats.insert(0, high).unwrap());
        assert!(repeats.insert(0, low << 64).unwrap());
        assert!(!repeats.insert(0, high).unwrap());
    }
}
