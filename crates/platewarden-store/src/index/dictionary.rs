//! The distinct plates of an epoch: sealed in chunks on disk, packed in memory.

use rustc_hash::FxHashMap;

use super::pattern::Query;
use crate::Result;
use crate::model::{Decoder, Encoder, Plate, class_mask};

/// The distinct plates of one epoch, by their number from 0 on.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    /// One number a plate; 0 where the text is too long to be packed.
    packed: Vec<u64>,
    /// Which classes of look-alikes stand in it.
    masks: Vec<u64>,
    long: FxHashMap<u32, String>,
    chunks: u32,
}

impl Dictionary {
    /// How many chunks are in memory.
    pub(crate) fn chunks(&self) -> u32 {
        self.chunks
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.packed.len()).unwrap_or(u32::MAX)
    }

    /// Adds the plates of the next chunk.
    pub(crate) fn add_chunk(&mut self, plates: impl IntoIterator<Item = Plate>) {
        for plate in plates {
            match plate {
                Plate::Packed(number) => {
                    self.packed.push(number);
                    self.masks.push(class_mask(number));
                }
                Plate::Long(text) => {
                    self.long.insert(self.len(), text);
                    self.packed.push(0);
                    self.masks.push(0);
                }
            }
        }
        self.chunks += 1;
    }

    /// The plates that a query accepts. Most are sorted out by one comparison of two numbers.
    pub(crate) fn scan(&self, query: &Query, mut accept: impl FnMut(u32)) {
        for (number, (packed, mask)) in self.packed.iter().zip(&self.masks).enumerate() {
            if query.may_match(*mask) && *packed != 0 && query.matches_packed(*packed) {
                accept(number as u32);
            }
        }
        for (number, text) in &self.long {
            if query.matches(text) {
                accept(*number);
            }
        }
    }
}

/// Plates as bytes, before they are sealed.
pub(crate) fn encode_chunk<'a>(plates: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = Encoder::default();
    for plate in plates {
        out.plate(plate);
    }
    out.finish()
}

/// The plates of these bytes.
pub(crate) fn decode_chunk(bytes: &[u8]) -> Result<Vec<Plate>> {
    let mut from = Decoder::new(bytes);
    let mut plates = Vec::with_capacity(bytes.len() / 8);
    while !from.is_empty() {
        plates.push(Plate::of(&from.plate()?));
    }
    Ok(plates)
}
