//! How likely each region is before a plate is read.

use super::PlateSyntax;
use super::formats::RegionData;
use super::region::Region;

/// Part of the probability that [`RegionPrior::expected`] leaves to regions that were not named.
const ELSEWHERE: f32 = 0.05;

/// How likely each region is to have issued the next plate, before it is read.
///
/// Made for one [`PlateSyntax`]; used with another, its regions would be mixed up.
///
/// ```
/// use platewarden_text::syntax::{PlateSyntax, Region, RegionPrior};
///
/// let syntax = PlateSyntax::bundled();
/// let benelux: Vec<Region> = ["BE", "NL", "LU"].iter().map(|code| code.parse()).collect::<Result<_, _>>()?;
/// let prior = RegionPrior::expected(syntax, &benelux)?;
/// assert!(prior.of(syntax, benelux[0]) > 0.1);
/// assert!(prior.of(syntax, "BR".parse()?) < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RegionPrior {
    /// One for each region of the syntax, in its order; sums to 1 unless the syntax is empty.
    pub(super) probabilities: Vec<f32>,
    /// Whether each region was named; empty where none was.
    named: Vec<bool>,
}

/// Expected regions of which the formats file knows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "region `{region}` has no registration format in the data; name one of PlateSyntax::regions()"
)]
#[non_exhaustive]
pub struct UnknownRegion {
    /// The region that is not in the data.
    pub region: Region,
}

impl RegionPrior {
    /// Every country alike, and within a country every state alike.
    #[must_use]
    pub fn uniform(syntax: &PlateSyntax) -> Self {
        let states = |country: Region| {
            syntax
                .region_data()
                .iter()
                .filter(|other| other.code.country() == country)
                .count()
        };
        Self::normalised(
            syntax
                .region_data()
                .iter()
                .map(|region| 1.0 / states(region.code.country()) as f32)
                .collect(),
        )
    }

    /// In proportion to the square root of the registered vehicles: the prior for pictures from anywhere.
    ///
    /// The root keeps a dozen large fleets from drowning the rest of the world, whose plates appear in
    /// pictures more often than their number of vehicles alone would say.
    #[must_use]
    pub fn worldwide(syntax: &PlateSyntax) -> Self {
        Self::normalised(
            syntax
                .region_data()
                .iter()
                .map(|region| region.vehicles.sqrt())
                .collect(),
        )
    }

    /// Regions where the camera stands, in proportion to their vehicles; 5 % is left to all others.
    ///
    /// A country covers its states: `US` expects every US state. With no region named, this is
    /// [`worldwide`](Self::worldwide).
    ///
    /// # Errors
    ///
    /// [`UnknownRegion`] where the syntax has no format of a named region.
    pub fn expected(syntax: &PlateSyntax, regions: &[Region]) -> Result<Self, UnknownRegion> {
        let data = syntax.region_data();
        for region in regions {
            if !data.iter().any(|entry| region.covers(entry.code)) {
                return Err(UnknownRegion { region: *region });
            }
        }
        let world = Self::worldwide(syntax);
        if regions.is_empty() {
            return Ok(world);
        }
        let named = Self::normalised(
            data.iter()
                .map(|entry| {
                    let named = regions.iter().any(|region| region.covers(entry.code));
                    if named { entry.vehicles } else { 0.0 }
                })
                .collect(),
        );
        let is_named = |entry: &RegionData| regions.iter().any(|region| region.covers(entry.code));
        let mix = |(named, world): (&f32, &f32)| (1.0 - ELSEWHERE) * named + ELSEWHERE * world;
        Ok(Self {
            probabilities: named
                .probabilities
                .iter()
                .zip(&world.probabilities)
                .map(mix)
                .collect(),
            named: data.iter().map(is_named).collect(),
        })
    }

    /// The regions named and no others, in proportion to their vehicles: formats from elsewhere count for nothing.
    ///
    /// # Errors
    ///
    /// [`UnknownRegion`] where the syntax has no format of a named region.
    pub fn only(syntax: &PlateSyntax, regions: &[Region]) -> Result<Self, UnknownRegion> {
        let mut prior = Self::expected(syntax, regions)?;
        let named = std::mem::take(&mut prior.named);
        for (probability, named) in prior.probabilities.iter_mut().zip(&named) {
            if !named {
                *probability = 0.0;
            }
        }
        Ok(Self {
            named,
            ..Self::normalised(prior.probabilities)
        })
    }

    /// The same prior with these regions named, so that their formats may decide between twins
    /// ([`RankOptions::decide_twins`](super::RankOptions::decide_twins)); regions that are named already stay so.
    ///
    /// For what is known of one plate by other means, such as its look. A country covers its states, and a region without a format
    /// changes nothing.
    ///
    /// ```
    /// use platewarden_text::{Candidate, syntax::{PlateSyntax, RankOptions, RegionPrior, Scratch}};
    ///
    /// let syntax = PlateSyntax::bundled();
    /// let british = RegionPrior::worldwide(syntax).naming(syntax, &["GB".parse()?]);
    /// let options = RankOptions::default().with_decide_twins(true);
    /// let ranking = syntax.rank(&[Candidate::new("AB1OCDE", 0.9)], &british, &options, &mut Scratch::default());
    /// assert_eq!(ranking.candidates[0].text, "AB10CDE");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn naming(mut self, syntax: &PlateSyntax, regions: &[Region]) -> Self {
        let data = syntax.region_data();
        self.named.resize(data.len(), false);
        for (is_named, entry) in self.named.iter_mut().zip(data) {
            *is_named |= regions.iter().any(|region| region.covers(entry.code));
        }
        self
    }

    /// The prior weighed with further evidence about one plate: the likelihood of each listed region,
    /// for instance from the region head of a recogniser.
    ///
    /// A region that is not listed gets the likelihood `unlisted`. Likelihoods need not sum to 1;
    /// negative ones count as 0. Where nothing would remain, the prior is returned as it is.
    #[must_use]
    pub fn with_evidence(
        &self,
        syntax: &PlateSyntax,
        likelihood: &[(Region, f32)],
        unlisted: f32,
    ) -> Self {
        let of = |code: Region| {
            let listed = likelihood.iter().filter(|(region, _)| region.covers(code));
            listed
                .map(|(_, value)| *value)
                .reduce(f32::max)
                .unwrap_or(unlisted)
                .max(0.0)
        };
        let weighed: Vec<f32> = self
            .probabilities
            .iter()
            .zip(syntax.region_data())
            .map(|(prior, entry)| prior * of(entry.code))
            .collect();
        if weighed.iter().sum::<f32>() > 0.0 {
            Self {
                named: self.named.clone(),
                ..Self::normalised(weighed)
            }
        } else {
            self.clone()
        }
    }

    /// Probability of a region (for a country: of all its states); 0 for one that is not in the data.
    #[must_use]
    pub fn of(&self, syntax: &PlateSyntax, region: Region) -> f32 {
        let covered = |(entry, probability): (&RegionData, &f32)| {
            if region.covers(entry.code) {
                *probability
            } else {
                0.0
            }
        };
        syntax
            .region_data()
            .iter()
            .zip(&self.probabilities)
            .map(covered)
            .sum()
    }

    /// Whether the region of this number was named to [`expected`](Self::expected) or [`only`](Self::only).
    pub(super) fn is_named(&self, region: usize) -> bool {
        self.named.get(region).copied().unwrap_or(false)
    }

    fn normalised(mut probabilities: Vec<f32>) -> Self {
        let sum: f32 = probabilities.iter().sum();
        if sum > 0.0 {
            probabilities
                .iter_mut()
                .for_each(|probability| *probability /= sum);
        }
        Self {
            probabilities,
            named: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    fn sum(prior: &RegionPrior) -> f32 {
        prior.probabilities.iter().sum()
    }

    #[test]
    fn priors_sum_to_one() {
        let syntax = PlateSyntax::bundled();
        let us: Region = "US".parse().unwrap();
        let expected = RegionPrior::expected(syntax, &[us]).unwrap();
        for prior in [
            RegionPrior::uniform(syntax),
            RegionPrior::worldwide(syntax),
            expected.clone(),
        ] {
            assert!((sum(&prior) - 1.0).abs() < 1e-4);
        }
        assert!(expected.of(syntax, us) > 0.95);
        assert_eq!(
            RegionPrior::expected(syntax, &[]).unwrap(),
            RegionPrior::worldwide(syntax)
        );
    }

    #[test]
    fn countries_are_alike_in_the_uniform_prior() {
        let syntax = PlateSyntax::bundled();
        let prior = RegionPrior::uniform(syntax);
        let of = |code: &str| prior.of(syntax, code.parse().unwrap());
        assert!((of("US") - of("MT")).abs() < 1e-5);
        assert!((of("AU") - of("DE")).abs() < 1e-5);
    }

    #[test]
    fn unknown_regions_are_named() {
        let nowhere: Region = "ZZ".parse().unwrap();
        let error = RegionPrior::expected(PlateSyntax::bundled(), &[nowhere]).unwrap_err();
        assert!(error.to_string().contains("`ZZ`"));
    }

    #[test]
    fn evidence_moves_the_prior() {
        let syntax = PlateSyntax::bundled();
        let (fr, it): (Region, Region) = ("FR".parse().unwrap(), "IT".parse().unwrap());
        let prior = RegionPrior::worldwide(syntax);
        let moved = prior.with_evidence(syntax, &[(fr, 0.9), (it, 0.1)], 0.0);
        assert!((sum(&moved) - 1.0).abs() < 1e-4);
        assert!(moved.of(syntax, fr) > 0.8 && moved.of(syntax, it) > 0.0);
        assert_eq!(prior.with_evidence(syntax, &[(fr, -1.0)], 0.0), prior);
    }

    #[test]
    fn naming_adds_to_what_is_named_and_keeps_the_probabilities() {
        let syntax = PlateSyntax::bundled();
        let region = |code: &str| code.parse::<Region>().unwrap();
        let number = |code: &str| {
            let code = region(code);
            syntax
                .region_data()
                .iter()
                .position(|entry| entry.code == code)
                .unwrap()
        };
        let world = RegionPrior::worldwide(syntax);
        assert!(!world.is_named(number("GB")));
        let named = world.clone().naming(syntax, &[region("GB"), region("AQ")]);
        assert!(named.is_named(number("GB")) && !named.is_named(number("NL")));
        let both = RegionPrior::expected(syntax, &[region("NL")])
            .unwrap()
            .naming(syntax, &[region("US")]);
        assert!(both.is_named(number("NL")) && both.is_named(number("US-NY")));
        assert!((named.of(syntax, region("NL")) - world.of(syntax, region("NL"))).abs() < 1e-9);
    }
}
