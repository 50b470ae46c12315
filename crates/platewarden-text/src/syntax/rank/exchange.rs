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
    /// whoever names a region has said by which formats to decide.
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
        let twins: Vec<Symbols> = self
            .matcher
            .twins(first)
            .filter(|(format, _)| is_named(format))
            .map(|(_, text)| text)
            .take(MAX_EXCHANGED)
            .collect();
        for text in twins {
            match scratch
                .items
                .iter_mut()
                .find(|item| item.symbols == Some(text))
            {
                Some(item) => item.evidence = item.evidence.max(given),
                None => self.push_item(None, Some(text), given, prior, scratch),
            }
        }
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
