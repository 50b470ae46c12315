//! How syntax and evidence are weighed.

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
    /// Whether the formats of the regions that were named decide between `O` and `0`, and `I` and `1`, however many of them
    /// have to be exchanged and whatever the recogniser makes of them. Without a region named
    /// ([`RegionPrior::expected`](super::RegionPrior::expected), [`RegionPrior::naming`](super::RegionPrior::naming)) it has no effect. Default `false`.
    pub decide_twins: bool,
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
            decide_twins: false,
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

    /// Sets [`decide_twins`](Self::decide_twins).
    #[must_use]
    pub fn with_decide_twins(mut self, decide: bool) -> Self {
        self.decide_twins = decide;
        self
    }
}
