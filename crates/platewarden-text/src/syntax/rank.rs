//! Candidates of a recogniser ranked by evidence and syntax in one probability model.

use serde::Serialize;

use super::prior::RegionPrior;
use super::region::Region;
use super::symbol::{SYMBOLS, Symbols, char_of, index_of};
use super::{Folding, PlateSyntax};

/// Probabilities of the symbols `0`-`9`, `A`-`Z` (in this order) at one position of a reading.
pub type CharacterDistribution = [f32; SYMBOLS];

/// One reading of a plate with the recogniser's probability of the whole text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CandidateInput<'a> {
    /// The reading, `0-9A-Z`. Other text is kept, but syntax says nothing about it.
    pub text: &'a str,
    /// Probability that this is the whole text, 0 to 1. Not a number and negative count as 0.
    pub probability: f32,
}

impl<'a> CandidateInput<'a> {
    /// A reading and its probability.
    #[must_use]
    pub fn new(text: &'a str, probability: f32) -> Self {
        Self { text, probability }
    }
}

/// How syntax and evidence are weighed.
///
/// The defaults are cautious: the odds between two readings that look different change by a factor of at
/// most some twelve (the root of `max_lift / unknown_share`), and mostly by three to five where no region
/// is expected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankOptions {
    /// Exponent of the syntax's lift, 0 (off) to 1 (taken at its word). Default 0.5.
    pub strength: f32,
    /// Share of plates that follow no format in the data: vanity plates, other countries, dealer
    /// plates. Above 0, at most 1. Default 0.2.
    pub unknown_share: f32,
    /// The most that syntax may multiply a reading's odds by, at strength 1. Default 30.
    pub max_lift: f32,
    /// Divides the logarithms of the recogniser's probabilities; above 1 for a recogniser that is too
    /// sure of itself. Default 1, for the models' manifests already carry a calibration.
    pub temperature: f32,
    /// Candidates to return at most. Default 5.
    pub keep: usize,
    /// Least probability of a region to be reported. Default 0.7, at which nine guesses in ten were right on
    /// labelled photographs from all over the world.
    pub min_region_probability: f32,
}

impl Default for RankOptions {
    fn default() -> Self {
        Self {
            strength: 0.5,
            unknown_share: 0.2,
            max_lift: 30.0,
            temperature: 1.0,
            keep: 5,
            min_region_probability: 0.7,
        }
    }
}

impl RankOptions {
    /// Sets [`strength`](Self::strength).
    #[must_use]
    pub fn with_strength(mut self, strength: f32) -> Self {
        self.strength = strength;
        self
    }

    /// Sets [`unknown_share`](Self::unknown_share).
    #[must_use]
    pub fn with_unknown_share(mut self, unknown_share: f32) -> Self {
        self.unknown_share = unknown_share;
        self
    }

    /// Sets [`max_lift`](Self::max_lift).
    #[must_use]
    pub fn with_max_lift(mut self, max_lift: f32) -> Self {
        self.max_lift = max_lift;
        self
    }

    /// Sets [`temperature`](Self::temperature).
    #[must_use]
    pub fn with_temperature(mut self, temperature: f32) -> Self {
        self.temperature = temperature;
        self
    }

    /// Sets [`keep`](Self::keep).
    #[must_use]
    pub fn with_keep(mut self, keep: usize) -> Self {
        self.keep = keep;
        self
    }

    /// Sets [`min_region_probability`](Self::min_region_probability).
    #[must_use]
    pub fn with_min_region_probability(mut self, probability: f32) -> Self {
        self.min_region_probability = probability;
        self
    }
}

/// A candidate after ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankedCandidate {
    /// The reading.
    pub text: String,
    /// Posterior probability: evidence and syntax together. Sums to at most 1 over all candidates.
    pub probability: f32,
    /// The recogniser's own probability.
    pub recognizer_probability: f32,
    /// Which of the inputs this is; `None` for one that was made by exchanging confusable characters.
    pub input: Option<usize>,
}

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
    /// The likeliest first.
    pub candidates: Vec<RankedCandidate>,
    /// The likeliest region, unless none is likely enough.
    pub region: Option<RegionGuess>,
}

/// Buffers that [`PlateSyntax::rank`] uses again from call to call. Make one for each thread.
#[derive(Debug, Default)]
pub struct Scratch {
    items: Vec<Item>,
    fits: Vec<(usize, u16, f64)>,
    regions: Vec<f64>,
    swaps: Vec<Swap>,
    order: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    input: Option<usize>,
    /// `None` for text that syntax knows nothing about.
    symbols: Option<Symbols>,
    given: f64,
    /// Probability of the evidence after tempering and sharing between look-alikes.
    evidence: f64,
    /// Work space of [`share_between_look_alikes`].
    shared: f64,
    /// Lift by formats, indexed by which symbols their plates draw alike (see [`fold_kind`]).
    lifts: [f64; 4],
    score: f64,
}

#[derive(Clone, Copy, Debug)]
struct Swap {
    position: usize,
    symbol: u8,
    /// Probability of the new symbol over that of the old one.
    odds: f64,
}

/// Exchanges with less probability than this, relative to the symbol read, are not tried: no lift
/// could bring them to the front.
const MIN_SWAP_ODDS: f64 = 1e-3;
/// Exchanged readings to add at most; keeps the cost bounded.
const MAX_EXCHANGED: usize = 16;
/// From this strength on, syntax alone decides between symbols that plates draw alike.
const FULL_SHARING_STRENGTH: f64 = 0.5;

/// Symbols that printed or stamped plates let a recogniser confuse most often, both ways.
const CONFUSABLE: &[(u8, &[u8])] = &[
    (b'0', b"ODQ"),
    (b'1', b"ILT7"),
    (b'2', b"Z"),
    (b'3', b"B8"),
    (b'4', b"A"),
    (b'5', b"S6"),
    (b'6', b"G5"),
    (b'7', b"TZ1"),
    (b'8', b"B3"),
    (b'A', b"4"),
    (b'B', b"83"),
    (b'C', b"G"),
    (b'D', b"0O"),
    (b'G', b"6C"),
    (b'I', b"1L"),
    (b'L', b"1I"),
    (b'O', b"0DQ"),
    (b'Q', b"0O"),
    (b'S', b"5"),
    (b'T', b"17"),
    (b'U', b"V"),
    (b'V', b"UY"),
    (b'Y', b"V"),
    (b'Z', b"27"),
];

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
    /// `characters`, where given, holds one distribution for each character of the first candidate
    /// (ignored where the numbers differ). Readings that exchange confusable characters of the first
    /// candidate (`O`/`0`, `B`/`8`, ...) are then added where a format likes them better, but only with
    /// symbols to which the distribution gives a probability above 0.
    ///
    /// With `strength` 0 the candidates come back in their order with their probabilities.
    #[must_use]
    pub fn rank(
        &self,
        candidates: &[CandidateInput<'_>],
        characters: Option<&[CharacterDistribution]>,
        prior: &RegionPrior,
        options: &RankOptions,
        scratch: &mut Scratch,
    ) -> Ranking {
        let strength = number_or(options.strength, 0.0).clamp(0.0, 1.0);
        scratch.items.clear();
        scratch.fits.clear();
        for (input, candidate) in candidates.iter().enumerate() {
            let given = number_or(candidate.probability, 0.0).clamp(0.0, 1.0);
            self.push_item(
                Some(input),
                Symbols::parse(candidate.text),
                given,
                prior,
                scratch,
            );
        }
        if strength > 0.0
            && let Some(characters) = characters
        {
            self.push_exchanged(characters, prior, scratch);
        }

        let rest = temper(&mut scratch.items, number_or(options.temperature, 1.0));
        if strength > 0.0 {
            share_between_look_alikes(&mut scratch.items, strength);
        }
        let unknown = number_or(options.unknown_share, 1.0).clamp(1e-6, 1.0);
        let max_lift = number_or(options.max_lift, 1.0).max(1.0);
        let mut total = rest;
        for item in &mut scratch.items {
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
            scratch
                .items
                .iter_mut()
                .for_each(|item| item.score /= total);
        }

        let Scratch { items, order, .. } = &mut *scratch;
        order.clear();
        order.extend(0..items.len());
        if strength > 0.0 {
            let score = |index: &usize| items.get(*index).map_or(0.0, |item| item.score);
            order.sort_by(|a, b| score(b).total_cmp(&score(a)));
        }
        let candidates = order
            .iter()
            .take(options.keep)
            .filter_map(|index| items.get(*index))
            .filter_map(|item| {
                let text = match (item.input, item.symbols) {
                    (Some(input), _) => candidates.get(input)?.text.to_owned(),
                    (None, symbols) => symbols?.to_string(),
                };
                Some(RankedCandidate {
                    text,
                    probability: item.score as f32,
                    recognizer_probability: item.given as f32,
                    input: item.input,
                })
            })
            .collect();
        let region = self.guess_region(unknown, options.min_region_probability, scratch);
        Ranking { candidates, region }
    }

    fn push_item(
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

    /// Adds readings that exchange one or two confusable characters of the first candidate.
    fn push_exchanged(
        &self,
        characters: &[CharacterDistribution],
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
        swaps.clear();
        for (position, (symbol, distribution)) in
            first.as_slice().iter().zip(characters).enumerate()
        {
            let read = distribution
                .get(usize::from(*symbol))
                .copied()
                .unwrap_or(0.0);
            for other in confusable_with(*symbol) {
                let probability = distribution.get(usize::from(other)).copied().unwrap_or(0.0);
                let odds = f64::from(probability) / f64::from(read);
                if odds.is_finite() && odds >= MIN_SWAP_ODDS {
                    swaps.push(Swap {
                        position,
                        symbol: other,
                        odds,
                    });
                }
            }
        }
        swaps.sort_by(|a, b| b.odds.total_cmp(&a.odds));

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
        for (number, one) in swaps.iter().enumerate() {
            for other in swaps
                .iter()
                .skip(number + 1)
                .filter(|other| other.position != one.position)
            {
                let text = first
                    .with(one.position, one.symbol)
                    .with(other.position, other.symbol);
                add(text, one.odds * other.odds, scratch);
            }
        }
        scratch.swaps = swaps;
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

fn confusable_with(symbol: u8) -> impl Iterator<Item = u8> {
    let own = char_of(symbol);
    CONFUSABLE
        .iter()
        .find(|(of, _)| char::from(*of) == own)
        .into_iter()
        .flat_map(|(_, others)| others.iter().filter_map(|other| index_of(*other)))
}

/// Applies the temperature, makes the evidence sum to at most 1, and returns what is left to readings
/// that are not listed.
fn temper(items: &mut [Item], temperature: f64) -> f64 {
    let sum: f64 = items.iter().map(|item| item.given).sum();
    let mut rest = (1.0 - sum).max(0.0);
    let tempered = temperature.is_finite() && temperature > 0.0 && temperature != 1.0;
    if tempered {
        items
            .iter_mut()
            .for_each(|item| item.evidence = item.given.powf(1.0 / temperature));
        rest = rest.powf(1.0 / temperature);
    }
    let total = rest + items.iter().map(|item| item.evidence).sum::<f64>();
    // Below 1 only by the temperature, above it also by added readings or sloppy inputs.
    if total > 0.0 && (total > 1.0 || tempered) {
        items.iter_mut().for_each(|item| item.evidence /= total);
        rest /= total;
    }
    rest
}

/// Lets candidates that look the same share their evidence, as far as formats that draw them alike
/// explain them. The sum over candidates that look the same stays as it was.
fn share_between_look_alikes(items: &mut [Item], strength: f64) {
    if items
        .iter()
        .all(|item| item.lifts.iter().skip(1).all(|lift| *lift <= 0.0))
    {
        return;
    }
    let blend = (strength / FULL_SHARING_STRENGTH).min(1.0);
    for at in 0..items.len() {
        let shared = items
            .get(at)
            .map_or(0.0, |item| shared_evidence(item, items));
        if let Some(item) = items.get_mut(at) {
            item.shared = (1.0 - blend) * item.evidence + blend * shared;
        }
    }
    for at in 0..items.len() {
        let (mut before, mut after) = (0.0, 0.0);
        let symbols = items.get(at).and_then(|item| item.symbols);
        for other in look_alikes(items, symbols, 3) {
            before += other.evidence;
            after += other.shared;
        }
        if let Some(item) = items.get_mut(at) {
            item.score = if after > 0.0 {
                item.shared * before / after
            } else {
                item.evidence
            };
        }
    }
    items.iter_mut().for_each(|item| item.evidence = item.score);
}

/// Evidence of an item, averaged over the explanations: formats that draw all symbols differently take
/// its own evidence, the others the mean over the candidates that look the same on their plates.
fn shared_evidence(item: &Item, items: &[Item]) -> f64 {
    // A reading that the recogniser excluded stays excluded.
    if item.evidence <= 0.0 {
        return 0.0;
    }
    // 1 stands for the unknown format, in which all symbols differ.
    let [distinct, ..] = item.lifts;
    let mut explained = (1.0 + distinct) * item.evidence;
    let mut weight = 1.0 + distinct;
    for (kind, lift) in item
        .lifts
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, lift)| **lift > 0.0)
    {
        let (mut sum, mut count) = (0.0, 0.0);
        for other in look_alikes(items, item.symbols, kind).filter(|other| other.evidence > 0.0) {
            sum += other.evidence;
            count += 1.0;
        }
        if count > 0.0 {
            explained += lift * sum / count;
            weight += lift;
        }
    }
    explained / weight
}

/// The items that cannot be told from `symbols` where a plate draws alike what `kind` says.
fn look_alikes(
    items: &[Item],
    symbols: Option<Symbols>,
    kind: usize,
) -> impl Iterator<Item = &Item> {
    let fold = move |symbols: Symbols| symbols.folded(kind & 1 != 0, kind & 2 != 0);
    let folded = symbols.map(fold);
    items
        .iter()
        .filter(move |item| folded.is_some() && item.symbols.map(fold) == folded)
}
