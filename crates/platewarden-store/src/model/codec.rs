//! Rows as bytes, before they are sealed: varints, texts of eight bytes, probabilities of one.

use jiff::Timestamp;
use platewarden_policy::model::HitOutcome;

use super::observation::{
    Camera, Character, Correction, Direction, Evidence, Observation, Origin, Reader, RegionGuess,
    StoredKind, StoredRead, TextCandidate,
};
use super::plate::{Plate, unpack};
use crate::{Error, Result};

/// Version of this layout.
const VERSION: u8 = 1;

/// Marks a text that is not packed; packed numbers are below 2^63.
const LONG: u64 = 1 << 63;

const HAS_REGION: u64 = 1;
const HAS_DIRECTION: u64 = 2;
const HAS_EVIDENCE: u64 = 4;
const HAS_MATCH: u64 = 8;

/// Writes fields one after the other.
#[derive(Debug, Default)]
pub(crate) struct Encoder(Vec<u8>);

impl Encoder {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// LEB128.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number as u8 & 0x7f) | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// Zigzag, so that small negative numbers stay short.
    pub(crate) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    pub(crate) fn plate(&mut self, text: &str) {
        match Plate::of(text) {
            Plate::Packed(number) => self.bytes(&number.to_le_bytes()),
            Plate::Long(text) => {
                self.bytes(&(LONG | text.len() as u64).to_le_bytes());
                self.bytes(text.as_bytes());
            }
        }
    }

    /// The logarithm of the odds in steps of a tenth: one byte from 3 in a million to all but certain.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte before"
    )]
    fn probability(&mut self, probability: f32) {
        let p = if probability.is_finite() {
            probability.clamp(1e-6, 1.0 - 1e-6)
        } else {
            1e-6
        };
        let odds = (p / (1.0 - p)).ln();
        self.0
            .push((odds * 10.0 + 128.0).round().clamp(0.0, 255.0) as u8);
    }

    fn symbol(&mut self, symbol: char) {
        match symbol_byte(symbol) {
            Some(byte) => self.byte(byte),
            None => {
                self.byte(255);
                self.number(u64::from(u32::from(symbol)));
            }
        }
    }
}

fn symbol_byte(symbol: char) -> Option<u8> {
    u8::try_from(symbol).ok().filter(u8::is_ascii)
}

/// Reads what an [`Encoder`] wrote; never past the end.
#[derive(Debug)]
pub(crate) struct Decoder<'a>(&'a [u8]);

fn damaged() -> Error {
    Error::corrupt("a row that opened")
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    pub(crate) fn small(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| damaged())
    }

    pub(crate) fn signed(&mut self) -> Result<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        let length = usize::try_from(self.number()?).map_err(|_| damaged())?;
        self.utf8(length)
    }

    fn utf8(&mut self, length: usize) -> Result<String> {
        let bytes = self.bytes(length)?;
        std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| damaged())
    }

    pub(crate) fn plate(&mut self) -> Result<String> {
        let number = u64::from_le_bytes(self.array()?);
        if number & LONG == 0 {
            return Ok(unpack(number));
        }
        self.utf8(usize::try_from(number & !LONG).map_err(|_| damaged())?)
    }

    fn probability(&mut self) -> Result<f32> {
        let odds = (f32::from(self.byte()?) - 128.0) / 10.0;
        Ok(1.0 / (1.0 + (-odds).exp()))
    }

    fn symbol(&mut self) -> Result<char> {
        match self.byte()? {
            255 => char::from_u32(self.small()?).ok_or_else(damaged),
            byte => Ok(char::from(byte)),
        }
    }

    fn instant(&mut self, base: i64) -> Result<Timestamp> {
        let millis = base.checked_add(self.signed()?).ok_or_else(damaged)?;
        Timestamp::from_millisecond(millis).map_err(|_| damaged())
    }
}

/// A row as bytes. `base` is the start of its epoch in milliseconds, `origin` the number of its camera and reader.
pub(crate) fn encode_read(read: &StoredRead, base: i64, origin: u32) -> Vec<u8> {
    let mut out = Encoder::default();
    let core = &read.core;
    out.byte(VERSION);
    out.plate(&core.text);
    out.number(u64::from(origin));
    out.signed(core.captured_at.as_millisecond() - base);
    let flag = |present: bool, flag: u64| if present { flag } else { 0 };
    out.number(
        flag(core.region.is_some(), HAS_REGION)
            | flag(core.direction.is_some(), HAS_DIRECTION)
            | flag(core.evidence.is_some(), HAS_EVIDENCE)
            | flag(core.matched.is_some(), HAS_MATCH),
    );
    out.probability(core.confidence);
    if let Some(region) = &core.region {
        out.text(&region.code);
        out.probability(region.probability);
    }
    if let Some(direction) = core.direction {
        let number = Direction::ALL
            .iter()
            .position(|one| *one == direction)
            .unwrap_or(0);
        out.number(number as u64);
    }
    if let Some(evidence) = &core.evidence {
        out.bytes(&evidence.digest);
        out.text(&evidence.reference);
    }
    if let Some(outcome) = core.matched {
        out.text(outcome.as_str());
    }
    out.number(core.characters.len() as u64);
    for character in &core.characters {
        out.symbol(character.symbol);
        out.probability(character.probability);
        out.number(character.alternatives.len() as u64);
        for (symbol, probability) in &character.alternatives {
            out.symbol(*symbol);
            out.probability(*probability);
        }
    }
    out.number(core.candidates.len() as u64);
    for candidate in &core.candidates {
        out.plate(&candidate.text);
        out.probability(candidate.probability);
    }
    encode_kind(&read.kind, base, &mut out);
    out.finish()
}

fn encode_kind(kind: &StoredKind, base: i64, out: &mut Encoder) {
    match kind {
        StoredKind::Observation => out.byte(0),
        StoredKind::Sighting {
            first_seen,
            last_seen,
            reads,
            agreeing_reads,
            members,
        } => {
            out.byte(1);
            out.signed(first_seen.as_millisecond() - base);
            out.signed(last_seen.as_millisecond() - base);
            out.number(u64::from(*reads));
            out.number(u64::from(*agreeing_reads));
            out.number(members.len() as u64);
            for (plate, tag) in members {
                out.number(u64::from(*plate));
                out.signed(*tag);
            }
        }
        StoredKind::Correction { of, correction } => {
            out.byte(2);
            out.number(u64::from(of.0));
            out.signed(of.1);
            out.plate(&correction.text);
            out.text(&correction.by);
            out.text(&correction.why);
            out.signed(correction.at.as_millisecond() - base);
        }
    }
}

/// The row of these bytes. `origin` finds camera and reader by their number.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) where the bytes are no row of this version.
pub(crate) fn decode_read<'o>(
    bytes: &[u8],
    base: i64,
    origin: impl Fn(u32) -> Option<&'o Origin>,
) -> Result<StoredRead> {
    let mut from = Decoder::new(bytes);
    if from.byte()? != VERSION {
        return Err(damaged());
    }
    let text = from.plate()?;
    let number = from.small()?;
    let Origin { camera, reader } = origin(number).ok_or_else(damaged)?.clone();
    let captured_at = from.instant(base)?;
    let mut core = blank(text, camera, reader, captured_at);
    let flags = from.number()?;
    core.confidence = from.probability()?;
    if flags & HAS_REGION != 0 {
        core.region = Some(RegionGuess {
            code: from.text()?,
            probability: from.probability()?,
        });
    }
    if flags & HAS_DIRECTION != 0 {
        let number = usize::from(from.byte()?);
        core.direction = Some(*Direction::ALL.get(number).ok_or_else(damaged)?);
    }
    if flags & HAS_EVIDENCE != 0 {
        core.evidence = Some(Evidence {
            digest: from.array()?,
            reference: from.text()?,
        });
    }
    if flags & HAS_MATCH != 0 {
        core.matched = Some(HitOutcome::from_word(&from.text()?).ok_or_else(damaged)?);
    }
    for _ in 0..from.number()? {
        let (symbol, probability) = (from.symbol()?, from.probability()?);
        let mut alternatives = Vec::new();
        for _ in 0..from.number()? {
            alternatives.push((from.symbol()?, from.probability()?));
        }
        core.characters.push(Character {
            symbol,
            probability,
            alternatives,
        });
    }
    for _ in 0..from.number()? {
        let (text, probability) = (from.plate()?, from.probability()?);
        core.candidates.push(TextCandidate { text, probability });
    }
    let kind = decode_kind(&mut from, base)?;
    Ok(StoredRead { core, kind })
}

fn blank(text: String, camera: Camera, reader: Reader, captured_at: Timestamp) -> Observation {
    let mut core = Observation::new("", camera, captured_at);
    core.text = text;
    core.reader = reader;
    core
}

fn decode_kind(from: &mut Decoder<'_>, base: i64) -> Result<StoredKind> {
    Ok(match from.byte()? {
        0 => StoredKind::Observation,
        1 => StoredKind::Sighting {
            first_seen: from.instant(base)?,
            last_seen: from.instant(base)?,
            reads: from.small()?,
            agreeing_reads: from.small()?,
            members: (0..from.number()?)
                .map(|_| Ok((from.small()?, from.signed()?)))
                .collect::<Result<_>>()?,
        },
        2 => StoredKind::Correction {
            of: (from.small()?, from.signed()?),
            correction: Correction {
                text: from.plate()?,
                by: from.text()?,
                why: from.text()?,
                at: from.instant(base)?,
            },
        },
        _ => return Err(damaged()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use proptest::prelude::*;

    use super::*;

    fn full() -> StoredRead {
        let at: Timestamp = "2026-11-22T08:15:00.123Z".parse().unwrap();
        let mut core = Observation::new("BÄ 8OI2", Camera::new("elm").at(39.8, -89.6), at);
        core.confidence = 0.9;
        core.region = Some(RegionGuess {
            code: "US-IL".into(),
            probability: 0.8,
        });
        core.direction = Some(Direction::NorthWest);
        core.evidence = Some(Evidence {
            digest: [7; 32],
            reference: "a/b.jpg".into(),
        });
        core.matched = Some(HitOutcome::Alarm);
        core.characters = vec![Character {
            symbol: 'B',
            probability: 0.66,
            alternatives: vec![('8', 0.31), ('Ä', 0.01)],
        }];
        core.candidates = vec![TextCandidate {
            text: "8Ä8OI2".into(),
            probability: 0.31,
        }];
        let kind = StoredKind::Sighting {
            first_seen: at,
            last_seen: at,
            reads: 9,
            agreeing_reads: 7,
            members: vec![(3, -5), (4, i64::MAX)],
        };
        StoredRead { core, kind }
    }

    #[test]
    fn a_row_comes_back_but_for_the_last_digits_of_its_probabilities() {
        let read = full();
        let origin = Origin {
            camera: read.core.camera.clone(),
            reader: read.core.reader.clone(),
        };
        let base = read.core.captured_at.as_millisecond() - 5_000;
        let bytes = encode_read(&read, base, 3);
        let back = decode_read(&bytes, base, |number| (number == 3).then_some(&origin)).unwrap();
        assert_eq!(back.kind, read.kind);
        assert_eq!(back.core.text, read.core.text);
        assert_eq!(back.core.evidence, read.core.evidence);
        assert_eq!(back.core.captured_at, read.core.captured_at);
        assert_eq!(back.core.candidates.first().unwrap().text, "8Ä8OI2");
        let alternative = back
            .core
            .characters
            .first()
            .unwrap()
            .alternatives
            .first()
            .unwrap();
        assert_eq!(alternative.0, '8');
        assert!((alternative.1 - 0.31).abs() < 0.02);
        assert!(bytes.len() < 130, "{} bytes", bytes.len());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let origin = Origin::default();
            let _ = decode_read(&bytes, 0, |_| Some(&origin));
        }

        #[test]
        fn numbers_come_back(number: i64, other: u64) {
            let mut out = Encoder::default();
            out.signed(number);
            out.number(other);
            let bytes = out.finish();
            let mut from = Decoder::new(&bytes);
            prop_assert_eq!(from.signed().unwrap(), number);
            prop_assert_eq!(from.number().unwrap(), other);
            prop_assert!(from.is_empty());
        }
    }
}
