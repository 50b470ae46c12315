//! Which state of a country a plate is of, by a network that looks at the plate as a whole.
//!
//! The recogniser knows letters. What tells Utah from Arizona is an arch, a sunset, a slogan in small print: more than a head on its
//! features can tell, and too much to look for on every plate. So a second network does, on plates of that country alone.

use std::{path::Path, sync::Arc};

use super::{OnnxRecognizer, Reading, Recognizer, onnx::MAX_REGIONS};
use crate::error::Failure;
use crate::{
    Error, Frame, Normalization, Quad, Rectifier, RectifySpec, RegionGuess, Result,
    backend::{ElementType, Network, Runtime, SessionPool, Tensor, TensorData},
    manifest::{Manifest, SubdivisionManifest},
};

/// Probability that the recogniser is taken to give a state at least: it is wrong about one in three.
const LEAST: f32 = 1e-4;
/// Plates that go through the network at once at most, where it takes several.
const MAX_BATCH: usize = 8;

/// Tells the states of one country apart.
struct Subdivisions {
    manifest: SubdivisionManifest,
    spec: RectifySpec,
    /// Plates that it takes at once.
    together: usize,
    pool: SessionPool<Rectifier>,
}

/// A recogniser whose guesses at a country's states are made better by a network of their own.
pub(crate) struct WithSubdivisions {
    recognizer: Arc<OnnxRecognizer>,
    subdivisions: Subdivisions,
}

impl WithSubdivisions {
    /// The recogniser with the second network of its manifest, and the recogniser alone; twice the latter where the manifest names
    /// none.
    ///
    /// # Errors
    ///
    /// The same as [`OnnxRecognizer::load`].
    pub(crate) fn load(
        recognizer: OnnxRecognizer,
        manifest: &Manifest,
        runtime: &Runtime,
    ) -> Result<[Arc<dyn Recognizer>; 2]> {
        let (Some(described), Some(source)) = (&manifest.subdivision, manifest.load_subdivision()?)
        else {
            let alone = Arc::new(recognizer);
            return Ok([alone.clone(), alone]);
        };
        let path = source.path.clone();
        let subdivisions = Subdivisions::new(described.clone(), runtime.load(source)?, &path)?;
        // Many states that are a little likely are a country that is very likely.
        let alone = Arc::new(recognizer.with_all_regions());
        let both = Self {
            recognizer: alone.clone(),
            subdivisions,
        };
        Ok([Arc::new(both), alone])
    }

    /// Looks again at the plates that are of the country.
    fn refine(&self, plates: &[(&Frame<'_>, Quad)], readings: &mut [Reading]) -> Result<()> {
        let manifest = &self.subdivisions.manifest;
        let mut wanted: Vec<(&(&Frame<'_>, Quad), &mut Reading)> = plates
            .iter()
            .zip(readings)
            .filter(|(_, reading)| {
                share_of(manifest, &reading.regions) >= manifest.min_share
                    && !reading.candidates.is_empty()
            })
            .collect();
        for part in wanted.chunks_mut(self.subdivisions.together) {
            self.subdivisions.run(part)?;
        }
        Ok(())
    }
}

impl Recognizer for WithSubdivisions {
    fn recognize(&self, frame: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>> {
        let plates: Vec<_> = plates.iter().map(|plate| (frame, *plate)).collect();
        self.recognize_many(&plates)
    }

    fn recognize_many(&self, plates: &[(&Frame<'_>, Quad)]) -> Result<Vec<Reading>> {
        let mut readings = self.recognizer.recognize_many(plates)?;
        self.refine(plates, &mut readings)?;
        for reading in &mut readings {
            reading.regions.truncate(MAX_REGIONS);
        }
        Ok(readings)
    }

    fn warm_up(&self, workers: usize) -> Result<()> {
        self.recognizer.warm_up(workers)?;
        let shape = self.subdivisions.input_shape(1);
        let pool = &self.subdivisions.pool;
        pool.warm_up(&shape.map(Some), ElementType::F32, &shape, workers)
    }
}

impl Subdivisions {
    fn new(manifest: SubdivisionManifest, network: Arc<dyn Network>, path: &Path) -> Result<Self> {
        let [height, width] = manifest.shape;
        let wanted = [1, manifest.channels.count(), height, width];
        let input = network.signature().checked_input(
            manifest.input.as_deref(),
            ElementType::F32,
            [wanted],
            |what, expected, found| {
                Error::from(Failure::ModelShape {
                    path: path.to_path_buf(),
                    what,
                    expected,
                    found,
                    suggestion: "use the manifest that belongs to this file, or correct it".into(),
                })
            },
        )?;
        let batch = input.dimensions.as_ref().and_then(|sizes| sizes.first());
        let together = if batch.is_some_and(|batch| batch.admits(1) && batch.admits(2)) {
            MAX_BATCH
        } else {
            1
        };
        // The manifest's check keeps them far below the limits of u32.
        let [height, width] = [height, width].map(|size| u32::try_from(size).unwrap_or(u32::MAX));
        let [margin_x, margin_y] = manifest.margin;
        let spec = RectifySpec::new(width, height)
            .with_channels(manifest.channels)
            .with_margin(margin_x, margin_y);
        Ok(Self {
            manifest,
            spec,
            together,
            pool: SessionPool::new(network),
        })
    }

    fn input_shape(&self, batch: usize) -> [usize; 4] {
        let [height, width] = self.manifest.shape;
        [batch, self.manifest.channels.count(), height, width]
    }

    fn run(&self, plates: &mut [(&(&Frame<'_>, Quad), &mut Reading)]) -> Result<()> {
        let shape = self.input_shape(plates.len());
        let mut session_shape = shape.map(Some);
        if let (true, [first, ..]) = (plates.len() > 1, &mut session_shape) {
            *first = None;
        }
        let normalization = Normalization::uniform(self.manifest.scale, self.manifest.offset);
        self.pool.check_out(&session_shape)?.with(|session| {
            session.input.reset(ElementType::F32, &shape);
            if let TensorData::F32(data) = session.input.data_mut() {
                let parts = data.chunks_exact_mut(self.spec.elements());
                for (((frame, plate), _), out) in plates.iter().zip(parts) {
                    let rectifier = &mut session.scratch;
                    // The recogniser has cut out the same corners before.
                    rectifier.numbers(frame, plate, &self.spec, &normalization, out)?;
                }
            }
            session.run()?;
            let rows = self.rows(session.outputs.first(), plates.len())?;
            for ((_, reading), row) in plates.iter_mut().zip(rows) {
                reading.regions = refined(&self.manifest, &reading.regions, row);
            }
            Ok(())
        })
    }

    /// The probabilities of each plate.
    fn rows<'a>(&self, output: Option<&'a Tensor>, plates: usize) -> Result<Vec<&'a [f32]>> {
        let width = self.manifest.regions.len();
        let shape = output.map(Tensor::shape).unwrap_or_default();
        if shape != [plates, width] {
            return Err(Error::from(Failure::Inference {
                stage: "subdivision",
                reason: format!(
                    "an output is of shape {shape:?}, and the manifest wants {plates} rows of {width}"
                ),
                suggestion: "check that the network and its manifest belong together".into(),
            }));
        }
        let data = output.and_then(Tensor::as_f32).unwrap_or_default();
        Ok(data.chunks_exact(width).collect())
    }
}

/// What guesses add up to for the country: between 0 and 1.
fn share_of(manifest: &SubdivisionManifest, guesses: &[RegionGuess]) -> f32 {
    guesses
        .iter()
        .filter(|guess| manifest.regions.contains(&guess.code))
        .map(|guess| guess.confidence)
        .sum::<f32>()
        .min(1.0)
}

/// The recogniser's guesses with the country's part shared out anew: the two networks' probabilities are multiplied, the recogniser's
/// raised to a power below 1, for both have seen the same picture.
fn refined(
    manifest: &SubdivisionManifest,
    told: &[RegionGuess],
    probabilities: &[f32],
) -> Vec<RegionGuess> {
    let share = share_of(manifest, told);
    let before = |code: &str| {
        let guess = told.iter().find(|guess| guess.code == code);
        guess.map_or(0.0, |guess| guess.confidence).max(LEAST)
    };
    let weights: Vec<f32> = manifest
        .regions
        .iter()
        .zip(probabilities)
        .map(|(code, probability)| {
            probability.powf(manifest.temperature.recip())
                * before(code).powf(manifest.recognizer_weight)
        })
        .collect();
    let sum: f32 = weights.iter().sum();
    if !(sum.is_finite() && sum > 0.0) {
        return told.to_vec();
    }
    let others = told
        .iter()
        .filter(|guess| !manifest.regions.contains(&guess.code));
    let within = manifest.regions.iter().zip(&weights);
    let mut regions: Vec<RegionGuess> = others
        .cloned()
        .chain(within.map(|(code, weight)| RegionGuess {
            code: code.clone(),
            confidence: share * weight / sum,
        }))
        .collect();
    regions.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    regions
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    fn manifest() -> SubdivisionManifest {
        let text = r#"
            schema = 1
            name = "test"
            [detector]
            file = "d.onnx"
            contract = "quads"
            shapes = [[288, 512]]
            [recognizer]
            file = "r.onnx"
            contract = "ctc"
            shape = [64, 128]
            alphabet = "AB_"
            blank = "_"
            output = "probs"
            region_output = "region"
            regions = ["MX", "US-AZ", "US-NV", "US-UT"]
            [subdivision]
            file = "s.onnx"
            shape = [96, 192]
            regions = ["US-AZ", "US-NV", "US-UT"]
        "#;
        Manifest::parse(text, "m.toml")
            .unwrap()
            .subdivision
            .unwrap()
    }

    fn told(guesses: &[(&str, f32)]) -> Vec<RegionGuess> {
        guesses
            .iter()
            .map(|&(code, p)| RegionGuess::new(code, p))
            .collect()
    }

    #[test]
    fn the_country_keeps_its_share_and_its_states_are_shared_out_anew() {
        let before = told(&[("US-AZ", 0.5), ("MX", 0.2), ("US-NV", 0.1)]);
        let after = refined(&manifest(), &before, &[0.01, 0.04, 0.95]);
        let [first, second, ..] = after.as_slice() else {
            unreachable!("four regions were given")
        };
        assert_eq!((first.code.as_str(), second.code.as_str()), ("US-UT", "MX"));
        let states: f32 = after
            .iter()
            .filter(|guess| guess.code.starts_with("US-"))
            .map(|guess| guess.confidence)
            .sum();
        assert!((states - 0.6).abs() < 1e-5, "{after:?}");
        assert_eq!(second.confidence, 0.2);
    }

    #[test]
    fn two_networks_that_agree_are_surer_than_one() {
        let alone = [0.6, 0.3, 0.1];
        let after = refined(&manifest(), &told(&[("US-AZ", 0.9)]), &alone);
        let first = after.first().unwrap();
        assert_eq!(first.code, "US-AZ");
        assert!(first.confidence / 0.9 > 0.6, "{after:?}");
    }

    #[test]
    fn numbers_that_are_none_change_nothing() {
        let before = told(&[("US-AZ", 0.9), ("MX", 0.1)]);
        for probabilities in [[f32::NAN; 3], [0.0; 3]] {
            assert_eq!(refined(&manifest(), &before, &probabilities), before);
        }
    }
}
