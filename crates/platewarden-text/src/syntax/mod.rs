//! Plate syntax: what registration numbers look like, and what that says about a doubtful reading.
//!
//! A recogniser that hesitates between `LB07O7K` and `LB07OTK` cannot know that British plates of this
//! shape end in three letters. This module does: it holds the registration formats of the world's
//! larger fleets as data ([`PlateSyntax::bundled`]), and ranks a recogniser's candidates in *one*
//! probability model, in which the recogniser's probabilities are the evidence and the formats are the
//! prior ([`PlateSyntax::rank`]). It also guesses the region that issued the plate.
//!
//! ```
//! use platewarden_text::Candidate;
//! use platewarden_text::syntax::{PlateSyntax, RankOptions, RegionPrior, Scratch};
//!
//! let syntax = PlateSyntax::bundled();
//! let britain = RegionPrior::expected(syntax, &["GB".parse()?])?;
//! let candidates = [
//!     Candidate::new("LB07O7K", 0.50),
//!     Candidate::new("LB07OTK", 0.45),
//! ];
//! let ranking = syntax.rank(&candidates, &britain, &RankOptions::default(), &mut Scratch::default());
//! assert_eq!(ranking.candidates[0].text, "LB07OTK");
//! assert_eq!(ranking.region.map(|guess| guess.region.to_string()).as_deref(), Some("GB"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The model
//!
//! For a candidate *t* with probability *r(t)* from the recogniser, the posterior is proportional to
//! *r(t) · lift(t)^strength*. The lift says how much likelier the formats make *t* than they make any
//! text of that length:
//!
//! - each region has a prior ([`RegionPrior`]), each format a weight in its region, and each number of a
//!   format is as likely as any other of its length; lengths within a format go by the fourth root of
//!   how many numbers they hold, so that short numbers do not vanish beside long ones;
//! - an *unknown format*, which any text follows, holds a fixed share
//!   ([`RankOptions::unknown_share`]): vanity plates and regions that are not in the data;
//! - the lift is limited from above ([`RankOptions::max_lift`]) and, by the unknown format, from below,
//!   so no reading gains or loses more than a fixed factor: clear evidence always wins;
//! - what the recogniser did not list (1 minus the sum of the candidates) stays in the sum with a lift
//!   of 1, so probabilities keep their meaning and never reach 1 by syntax alone.
//!
//! Where a region's plates draw `O` and `0`, or `I` and `1`, alike, the recogniser's preference between
//! them is habit and no evidence. For formats of such regions ([`Format::same_glyphs`]) the candidates
//! that look the same share their evidence, and the format decides. This moves probability between
//! candidates that look the same, and never to others.
//!
//! A candidate whose recogniser probability is 0 stays at 0, and with `strength` 0 nothing changes.
//!
//! # The pattern language
//!
//! | written | means |
//! |---|---|
//! | `A`-`Z`, `0`-`9` | that very symbol |
//! | `l` / `d` / `x` | any letter / any digit / any of both |
//! | `[A-HJ6]` | one of these |
//! | `[^IOQ]` | any letter but these (`[^0]`: any digit but these) |
//! | `(AB\|C)` | one of these alternatives |
//! | `e?`, `e{3}`, `e{1,4}` | `e` or nothing; three times; one to four times |
//! | `<name>` | the fragment of that name in the same file |
//! | space, `-` | nothing: they make patterns readable |

mod display;
mod formats;
mod matcher;
mod pattern;
mod prior;
mod rank;
mod region;
mod symbol;

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

pub use self::formats::{Format, FormatsError, VehicleClass};
pub use self::prior::{RegionPrior, UnknownRegion};
pub use self::rank::{RankOptions, Ranking, RegionGuess, Scratch};
pub use self::region::{Region, RegionError};
pub use self::symbol::MAX_SYMBOLS;

use self::formats::RegionData;
use self::matcher::Matcher;
use self::pattern::Sequence;
use self::symbol::Symbols;
use crate::symbol::SYMBOLS;

/// The registration formats of a data file, compiled for matching and ranking.
///
/// Immutable and `Sync`: one serves all threads.
#[derive(Debug)]
pub struct PlateSyntax {
    regions: Vec<RegionData>,
    formats: Vec<Format>,
    region_of: Vec<u16>,
    folding_of: Vec<Folding>,
    matcher: Matcher,
    /// For each format and length: how much likelier the format makes one of its numbers than any text
    /// of that length is in the world's plates, for a region prior of 1.
    lifts: Vec<[f32; MAX_SYMBOLS + 1]>,
    fragments: BTreeMap<String, String>,
    /// For each format its sequences with their groups, made when a number of it is first printed.
    grouped: Vec<OnceLock<Vec<Sequence>>>,
}

/// Which symbols the plates of a format draw alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Folding {
    o_is_zero: bool,
    i_is_one: bool,
}

/// One format that accepts a number, for one region.
struct Fit {
    region: u16,
    folding: Folding,
    lift: f64,
}

impl PlateSyntax {
    /// The formats that come with this crate (`src/syntax/formats.toml`), compiled at the first call.
    ///
    /// ```
    /// use platewarden_text::syntax::PlateSyntax;
    ///
    /// let syntax = PlateSyntax::bundled();
    /// let mut german = syntax.matches("HHAB1234").filter(|format| format.region.as_str() == "DE");
    /// assert_eq!(german.next().map(|format| format.name.as_str()), Some("known district"));
    /// ```
    #[must_use]
    pub fn bundled() -> &'static Self {
        static BUNDLED: LazyLock<PlateSyntax> = LazyLock::new(|| {
            #[allow(
                clippy::expect_used,
                reason = "the file is part of the crate, and a test loads it"
            )]
            PlateSyntax::from_toml(include_str!("formats.toml")).expect("the bundled formats load")
        });
        &BUNDLED
    }

    /// Formats from a data file of the same layout as the bundled one.
    ///
    /// ```
    /// use platewarden_text::syntax::PlateSyntax;
    ///
    /// let syntax = PlateSyntax::from_toml(r#"
    ///     schema = 1
    ///     [[region]]
    ///     code = "ES"
    ///     name = "Spain"
    ///     vehicles = 30 # millions
    ///     source = "Orden de 15 de septiembre de 2000"
    ///     [[region.format]]
    ///     name = "current"
    ///     patterns = ["dddd [^AEIOUQ]{3}"]
    ///     weight = 1
    ///     examples = ["1234BCD", "0000ZZZ"]
    /// "#)?;
    /// assert!(syntax.matches("1234BCD").next().is_some());
    /// assert!(syntax.matches("1234BCE").next().is_none());
    ///
    /// let error = PlateSyntax::from_toml("schema = 1\nregions = []").unwrap_err();
    /// assert_eq!(error.line, 2);
    /// # Ok::<(), platewarden_text::syntax::FormatsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FormatsError`] with the line of the first mistake: TOML that does not parse, an unknown or
    /// missing key, a bad pattern, a value out of its range, an example that its format refuses.
    pub fn from_toml(text: &str) -> Result<Self, FormatsError> {
        let loaded = formats::load(text)?;
        let lifts = lifts(&loaded);
        let folding_of = loaded
            .formats
            .iter()
            .map(|format| Folding {
                o_is_zero: format.same_glyphs.iter().any(|pair| pair == "O0"),
                i_is_one: format.same_glyphs.iter().any(|pair| pair == "I1"),
            })
            .collect();
        Ok(Self {
            matcher: Matcher::new(&loaded.sequences),
            grouped: loaded.formats.iter().map(|_| OnceLock::new()).collect(),
            fragments: loaded.fragments,
            regions: loaded.regions,
            formats: loaded.formats,
            region_of: loaded.region_of,
            folding_of,
            lifts,
        })
    }

    /// All formats, region by region.
    #[must_use]
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }

    /// All regions that have a format, in the order of the data file.
    pub fn regions(&self) -> impl ExactSizeIterator<Item = Region> + '_ {
        self.regions.iter().map(|region| region.code)
    }

    /// The formats that a registration number follows, in the order of the data file.
    ///
    /// `text` holds `0-9A-Z` alone, without spaces; other text follows no format.
    pub fn matches(&self, text: &str) -> impl Iterator<Item = &Format> + '_ {
        Symbols::parse(text)
            .into_iter()
            .flat_map(|symbols| self.matcher.matches(symbols))
            .filter_map(|format| self.formats.get(usize::from(format)))
    }

    /// How much likelier the formats make this number than any text of its length, before the limits
    /// that [`rank`](Self::rank) sets. 0 where it follows no format of a region with a prior above 0.
    ///
    /// ```
    /// use platewarden_text::syntax::{PlateSyntax, RegionPrior};
    ///
    /// let syntax = PlateSyntax::bundled();
    /// let france = RegionPrior::expected(syntax, &["FR".parse()?])?;
    /// assert!(syntax.lift("AB123CD", &france) > 10.0);
    /// assert_eq!(syntax.lift("1A1A1A1A1A1", &france), 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lift(&self, text: &str, prior: &RegionPrior) -> f64 {
        Symbols::parse(text).map_or(0.0, |symbols| {
            self.fits(symbols, prior).map(|fit| fit.lift).sum()
        })
    }

    fn region_data(&self) -> &[RegionData] {
        &self.regions
    }

    fn fits<'a>(
        &'a self,
        symbols: Symbols,
        prior: &'a RegionPrior,
    ) -> impl Iterator<Item = Fit> + 'a {
        let length = symbols.len();
        self.matcher.matches(symbols).filter_map(move |format| {
            let format = usize::from(format);
            let region = *self.region_of.get(format)?;
            let probability = *prior.probabilities.get(usize::from(region))?;
            let lift = f64::from(*self.lifts.get(format)?.get(length)?) * f64::from(probability);
            let folding = *self.folding_of.get(format)?;
            (lift > 0.0).then_some(Fit {
                region,
                folding,
                lift,
            })
        })
    }
}

/// Numbers of one length in a format gather this power of their count as weight: 1 would leave short
/// numbers nothing, 0 would make the rarest length as frequent as the commonest.
const LENGTH_EXPONENT: f64 = 0.25;
/// Part of the world's plates whose length is anything from 1 to [`MAX_SYMBOLS`].
const ANY_LENGTH: f64 = 0.1;

fn lifts(loaded: &formats::Loaded) -> Vec<[f32; MAX_SYMBOLS + 1]> {
    // Numbers of each length in each format.
    let mut sizes = vec![[0.0f64; MAX_SYMBOLS + 1]; loaded.formats.len()];
    for (format, sequence) in &loaded.sequences {
        if let Some(size) = sizes
            .get_mut(usize::from(*format))
            .and_then(|row| row.get_mut(sequence.len()))
        {
            *size += pattern::size(sequence);
        }
    }
    let mut region_weights = vec![0.0f64; loaded.regions.len()];
    for (format, region) in loaded.formats.iter().zip(&loaded.region_of) {
        if let Some(weight) = region_weights.get_mut(usize::from(*region)) {
            *weight += f64::from(format.weight);
        }
    }
    let fleet: f64 = loaded
        .regions
        .iter()
        .map(|region| f64::from(region.vehicles).sqrt())
        .sum();

    // Probability of each length in each format, times the format's share of its region.
    let mut shares = sizes.clone();
    let mut world = [ANY_LENGTH / MAX_SYMBOLS as f64; MAX_SYMBOLS + 1];
    for ((row, format), region) in shares
        .iter_mut()
        .zip(&loaded.formats)
        .zip(&loaded.region_of)
    {
        let region = usize::from(*region);
        let weight = f64::from(format.weight) / region_weights.get(region).copied().unwrap_or(1.0);
        let vehicles = loaded
            .regions
            .get(region)
            .map_or(0.0, |data| f64::from(data.vehicles).sqrt());
        row.iter_mut()
            .for_each(|size| *size = size.powf(LENGTH_EXPONENT));
        let sum: f64 = row.iter().sum();
        for (share, world) in row.iter_mut().zip(&mut world) {
            *share *= weight / sum;
            *world += (1.0 - ANY_LENGTH) * vehicles / fleet * *share;
        }
    }

    let any_text: Vec<f64> = (0..=MAX_SYMBOLS)
        .map(|length| (SYMBOLS as f64).powi(length as i32))
        .collect();
    sizes
        .iter()
        .zip(&shares)
        .map(|(sizes, shares)| {
            let mut lifts = [0.0; MAX_SYMBOLS + 1];
            for ((((lift, size), share), any), world) in lifts
                .iter_mut()
                .zip(sizes)
                .zip(shares)
                .zip(&any_text)
                .zip(&world)
            {
                if *size > 0.0 {
                    *lift = (share * any / size / world) as f32;
                }
            }
            lifts
        })
        .collect()
}

#[cfg(test)]
mod tests;
