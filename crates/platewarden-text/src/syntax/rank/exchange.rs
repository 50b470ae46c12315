//! Readings that the recogniser did not list: its first one with look-alikes exchanged.

use super::scratch::{Item, Scratch, Swap};
use crate::confusion::lookalikes;
use crate::reading::CharacterRead;
use crate::symbol::{char_of, index_of};
use crate::syntax::PlateSyntax;
use crate::syntax::prior::RegionPrior;
use crate::syntax::symbol::Symbols;

/// Exchanges with less probability than this, relative to the symbol read, are not tried: no lift
/// could bring them to the front.
const MIN_SWAP_ODDS: f64 = 1e-3;
/// Exchanged readings to add at most; keeps the cost bounded.
const MAX_EXCHANGED: usize = 16;
/// What a twin counts for that makes a letter of a digit in a region that draws the two apart: letters that look like digits
/// are rare on plates, and formats are never complete. On American crops, each read with its own state named, counting them
/// in full spoilt 15 reads and put none right.
const DIGIT_READ: f64 = 0.05;
/// Likeness from which two glyphs are exchanged.
const EXCHANGED: f32 = 0.25;

impl PlateSyntax {
    /// Adds readings that exchange one or two confusable characters of the first candidate.
    pub(super) fn push_exchanged(
        &self,
        characters: &[CharacterRead],
        prior: &RegionPrior,
        scratch: &mut Scratch,
    ) {
        let Some(&Item {
            symbols: Some(first),
            given,
            lifts,
            ..
        }) = scratch.items.first()
        else {
            return;
        };
        if first.len() != characters.len() || given <= 0.0 {
            return;
        }
        let mut swaps = std::mem::take(&mut scratch.swaps);
        find_swaps(first, characters, &mut swaps);
        let lift_of_first: f64 = lifts.iter().sum();
        let mut left = MAX_EXCHANGED;
        let mut add = |text: Symbols, odds: f64, scratch: &mut Scratch| {
            let known = scratch.items.iter().any(|item| item.symbols == Some(text));
            if left == 0 || known || odds < MIN_SWAP_ODDS {
                return;
            }
            // Likelier than the first by neither evidence nor syntax: it could only take up room.
            let lift: f64 = self.fits(text, prior).map(|fit| fit.lift).sum();
            if lift > lift_of_first {
                self.push_item(None, Some(text), given * odds.min(1.0), prior, scratch);
                left -= 1;
            }
        };
        for swap in &swaps {
            add(first.with(swap.position, swap.symbol), swap.odds, scratch);
        }
        for (number, swap) in swaps.iter().enumerate() {
            for other in swaps
                .iter()
                .skip(number + 1)
                .filter(|other| other.position != swap.position)
            {
                let text = first
                    .with(swap.position, swap.symbol)
                    .with(other.position, other.symbol);
                add(text, swap.odds * other.odds, scratch);
            }
        }
        scratch.swaps = swaps;
    }

    /// Adds the first candidate with `O` and `0`, `I` and `1` as the formats of the named regions want them, where it
    /// follows none of them as it is.
    ///
    /// They count for as much as the first: which of two twins was read is the recogniser's habit more than evidence, and
    /// whoever names a region has said by which formats to decide. A digit is more than habit where the region's plates draw
    /// it apart from its letter: there they count for little, enough where only the formats named are to count.
    pub(super) fn push_twins(&self, prior: &RegionPrior, scratch: &mut Scratch) {
        let Some(&Item {
            symbols: Some(first),
            given,
            ..
        }) = scratch.items.first()
        else {
            return;
        };
        let is_named = |format: &u16| {
            self.region_of
                .get(usize::from(*format))
                .is_some_and(|region| prior.is_named(usize::from(*region)))
        };
        if given <= 0.0 || self.matcher.matches(first).any(|format| is_named(&format)) {
            return;
        }
        let twins: Vec<(Symbols, f64)> = self
            .matcher
            .twins(first)
            .filter(|(format, _)| is_named(format))
            .map(|(format, text)| (text, given * self.habit(first, text, format)))
            .take(MAX_EXCHANGED)
            .collect();
        for (text, evidence) in twins {
            match scratch
                .items
                .iter_mut()
                .find(|item| item.symbols == Some(text))
            {
                Some(item) => item.evidence = item.evidence.max(evidence),
                None => self.push_item(None, Some(text), evidence, prior, scratch),
            }
        }
    }

    /// How far it is habit alone that `first` was read and not its twin `text`, 0 to 1.
    fn habit(&self, first: Symbols, text: Symbols, format: u16) -> f64 {
        // What the region draws alike is the same once it is folded.
        let fold = |symbols: Symbols| match self.folding_of.get(usize::from(format)) {
            Some(alike) => symbols.folded(alike.o_is_zero, alike.i_is_one),
            None => symbols,
        };
        let is_digit =
            |symbol: u8| char_of(usize::from(symbol)).is_some_and(|c| c.is_ascii_digit());
        let (first, text) = (fold(first), fold(text));
        let mut pairs = first.as_slice().iter().zip(text.as_slice());
        let is_against = pairs.any(|(read, twin)| read != twin && is_digit(*read));
        if is_against { DIGIT_READ } else { 1.0 }
    }
}

/// The single exchanges that the characters' probabilities allow, likeliest first.
fn find_swaps(first: Symbols, characters: &[CharacterRead], swaps: &mut Vec<Swap>) {
    swaps.clear();
    for (position, (index, character)) in first.as_slice().iter().zip(characters).enumerate() {
        let Some(symbol) = char_of(usize::from(*index)) else {
            continue;
        };
        let read = character.probability_of(symbol).unwrap_or(0.0);
        let exchanged = lookalikes(symbol).filter(|(_, likeness)| *likeness >= EXCHANGED);
        for (other, _) in exchanged {
            let probability = character.probability_of(other).unwrap_or(0.0);
            let odds = f64::from(probability) / f64::from(read);
            if let Some(symbol) = index_of(other)
                && odds.is_finite()
                && odds >= MIN_SWAP_ODDS
            {
                swaps.push(Swap {
                    position,
                    symbol: symbol as u8,
                    odds,
                });
            }
        }
    }
    swaps.sort_by(|a, b| b.odds.total_cmp(&a.odds));
}
