//! What is stored: observations, sightings and corrections, and how they are packed.

mod codec;
mod observation;
mod plate;

pub(crate) use codec::{Decoder, Encoder, decode_read, encode_read};
pub use observation::{
    Camera, Character, Correction, Direction, Evidence, Observation, Reader, RegionGuess, Sighting,
    TextCandidate,
};
pub(crate) use observation::{Origin, StoredKind, StoredRead};
pub use plate::normalise;
pub(crate) use plate::{Plate, SYMBOLS, class_mask, pack, skeleton, symbol_index, unpack};
