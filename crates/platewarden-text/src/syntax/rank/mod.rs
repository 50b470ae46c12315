//! Candidates of a recogniser ranked by evidence and syntax in one probability model.

mod evidence;
mod exchange;
mod options;
mod scratch;

use serde::Serialize;

use self::evidence::{share_between_look_alikes, temper};
pub use self::options::RankOptions;
use self::scratch::Item;
pub use self::scratch::Scratch;
use super::prior::RegionPrior;
use super::region::Region;
use super::symbol::Symbols;
use super::{Folding, PlateSyntax};
use crate::reading::Candidate;

/// The region that probably issued the plate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RegionGuess {
    /// A region of the data, or the country alone where its states cannot be told apart.
    pub region: Region,
    /// Posterior probability, 0 to 1.
    pub probability: f32,
}

/// What [`PlateSyntax::rank`] found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Ranking {
    /// The likeliest first, with posterior probabilities: evidence and syntax together, whose sum is at most 1. Only the
    /// first carries its characters.
    pub candidates: Vec<Candidate>,
    /// The likeliest region, unless none is likely enough.
    pub region: Option<RegionGuess>,
}

/// An option's value; what is no number has no effect.
fn number_or(value: f32, otherwise: f64) -> f64 {
    if value.is_nan() {
        otherwise
    } else {
        f64::from(value)
    }
}

fn fold_kind(folding: Folding) -> usize {
    usize::from(folding.o_is_zero) + 2 * usize::from(folding.i_is_one)
}

impl PlateSyntax {
    /// Ranks the candidates of one plate, and guesses its region. The model is described in the
    /// [module's documentation](crate::syntax#the-model).
    ///
    /// Text other than `0-9A-Z` is kept, but syntax says nothing about it; probabilities that are no number or negative
    /// count as 0. Where the first candidate has its characters (one for each of its text), readings that exchange
    /// confusable ones (`O`/`0`, `B`/`8`, ...) are added where a format likes them better, but only with symbols to which
    /// the characters give a probability above 0; [`RankOptions::decide_twins`] says when that does not bind.
    ///
    /// With `strength` 0 the candidates come back in their order with their probabilities.
    #[must_use]
    pub fn rank(
        &self,
        candidates: &[Candidate],
        prior: &RegionPrior,
        options: &RankOptions,
        scratch: &mut Scratch,
    ) -> Ranking {
        let strength = number_or(options.strength, 0.0).clamp(0.0, 1.0);
        scratch.items.clear();
        scratch.fits.clear();
        for (input, candidate) in candidates.iter().enumerate() {
            let given = number_or(candidate.confidence, 0.0).clamp(0.0, 1.0);
            self.push_item(
                Some(input),
                Symbols::parse(&candidate.text),
                given,
                prior,
                scratch,
            );
        }
        if strength > 0.0
            && let Some(first) = candidates.first()
        {
            if !first.characters.is_empty() {
                self.push_exchanged(&first.characters, prior, scratch);
            }
            if options.decide_twins {
                self.push_twins(prior, scratch);
            }
        }

        let rest = temper(&mut scratch.items, number_or(options.temperature, 1.0));
        if strength > 0.0 {
            share_between_look_alikes(&mut scratch.items, strength);
        }
        let unknown = score(&mut scratch.items, rest, strength, options);
        put_in_order(scratch, strength > 0.0);
        let candidates = scratch
            .order
            .iter()
            .take(options.keep)
            .filter_map(|index| scratch.items.get(*index))
            .enumerate()
            .filter_map(|(place, item)| described(item, candidates, place == 0))
            .collect();
        let region = self.guess_region(unknown, options.min_region_probability, scratch);
        Ranking { candidates, region }
    }

    pub(in crate::syntax::rank) fn push_item(
        &self,
        input: Option<usize>,
        symbols: Option<Symbols>,
        given: f64,
        prior: &RegionPrior,
        scratch: &mut Scratch,
    ) {
        let number = scratch.items.len();
        let mut lifts = [0.0; 4];
        if let Some(symbols) = symbols {
            for fit in self.fits(symbols, prior) {
                if let Some(lift) = lifts.get_mut(fold_kind(fit.folding)) {
                    *lift += fit.lift;
                }
                scratch.fits.push((number, fit.region, fit.lift));
            }
        }
        scratch.items.push(Item {
            input,
            symbols,
            given,
            evidence: given,
            shared: 0.0,
            lifts,
            score: 0.0,
        });
    }

    fn guess_region(&self, unknown: f64, least: f32, scratch: &mut Scratch) -> Option<RegionGuess> {
        let Scratch {
            items,
            fits,
            regions,
            ..
        } = scratch;
        regions.clear();
        regions.resize(self.regions.len(), 0.0);
        for (item, region, lift) in fits.iter() {
            let (Some(item), Some(mass)) =
                (items.get(*item), regions.get_mut(usize::from(*region)))
            else {
                continue;
            };
            let all = unknown + (1.0 - unknown) * item.lifts.iter().sum::<f64>();
            *mass += item.score * (1.0 - unknown) * lift / all;
        }
        let masses = || {
            self.regions
                .iter()
                .map(|data| data.code)
                .zip(regions.iter().copied())
        };
        let (best, mass) = masses().max_by(|a, b| a.1.total_cmp(&b.1))?;
        if mass >= f64::from(least) {
            return Some(RegionGuess {
                region: best,
                probability: mass as f32,
            });
        }
        let of_country = |country: Region| {
            masses()
                .filter(|(code, _)| country.covers(*code))
                .map(|(_, mass)| mass)
                .sum::<f64>()
        };
        // The likeliest region's country is not always the likeliest country: 51 states share much.
        let (country, mass) = masses()
            .filter(|(code, mass)| *mass > 0.0 && code.country() != *code)
            .map(|(code, _)| (code.country(), of_country(code.country())))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        (mass >= f64::from(least)).then_some(RegionGuess {
            region: country,
            probability: mass as f32,
        })
    }
}

/// Gives every item its posterior probability, and returns the share of unknown formats in force.
fn score(items: &mut [Item], rest: f64, strength: f64, options: &RankOptions) -> f64 {
    let unknown = number_or(options.unknown_share, 1.0).clamp(1e-6, 1.0);
    let max_lift = number_or(options.max_lift, 1.0).max(1.0);
    let mut total = rest;
    for item in &mut *items {
        let lift = match item.symbols {
            Some(symbols) if !symbols.is_empty() => {
                let lift = unknown + (1.0 - unknown) * item.lifts.iter().sum::<f64>();
                // Smooth limit: half of max_lift at max_lift, and nearly the lift itself far below.
                lift * max_lift / (lift + max_lift)
            }
            _ => 1.0,
        };
        item.score = item.evidence * lift.powf(strength);
        total += item.score;
    }
    if total > 0.0 {
        items.iter_mut().for_each(|item| item.score /= total);
    }
    unknown
}

/// Puts the items in the order of their scores, or leaves them in that of the inputs.
fn put_in_order(scratch: &mut Scratch, by_score: bool) {
    let Scratch { items, order, .. } = scratch;
    order.clear();
    order.extend(0..items.len());
    if by_score {
        let score = |index: &usize| items.get(*index).map_or(0.0, |item| item.score);
        order.sort_by(|a, b| score(b).total_cmp(&score(a)));
    }
}

/// An item as a candidate: the input it is, or the first input with characters exchanged.
fn described(item: &Item, inputs: &[Candidate], with_characters: bool) -> Option<Candidate> {
    let source = inputs.get(item.input.unwrap_or(0))?;
    let text = match (item.input, item.symbols) {
        (Some(_), _) => source.text.clone(),
        (None, symbols) => symbols?.to_string(),
    };
    let characters = match (with_characters, item.input) {
        (false, _) => Vec::new(),
        (true, Some(_)) => source.characters.clone(),
        (true, None) => text
            .chars()
            .zip(&source.characters)
            .map(|(symbol, read)| read.exchanged(symbol))
            .collect(),
    };
    Some(Candidate {
        text,
        confidence: item.score as f32,
        characters,
        lines: source.lines,
        unknown_signs: source.unknown_signs,
    })
}
