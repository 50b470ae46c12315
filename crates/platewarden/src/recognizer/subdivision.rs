//! Which state of a country a plate is of, by a network that looks at the plate as a whole.
//!
//! The recogniser knows letters. What tells Utah from Arizona is an arch, a sunset, a slogan in small print: more than a head on its
//! features can tell, and too much to look for on every plate. So a second network does, on plates of that country alone.

use std::{path::Path, sync::Arc};

use rustc_hash::FxHashMap;

use super::{OnnxRecognizer, Reading, Recognizer, cut, onnx::MAX_REGIONS};
use crate::{
    Error, Frame, Normalization, Quad, Rectifier, RectifySpec, RegionGuess, Result,
    backend::{ElementType, Network, Runtime, SessionPool, Tensor},
    manifest::{Manifest, SubdivisionManifest},
};

/// Probability that the recogniser is taken to give a state at least: it is wrong about one in three.
const LEAST: f32 = 1e-4;

/// Tells the states of one country apart.
struct Subdivisions {
    manifest: SubdivisionManifest,
    spec: RectifySpec,
    /// Plates that it takes at once.
    batch: usize,
    /// Where each state stands in the output, by its code.
    places: FxHashMap<String, usize>,
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
        let subdivisions = &self.subdivisions;
        let mut wanted: Vec<(&(&Frame<'_>, Quad), &mut Reading)> = plates
            .iter()
            .zip(readings)
            .filter(|(_, reading)| {
                subdivisions.share_of(&reading.regions) >= subdivisions.manifest.min_share
                    && !reading.candidates.is_empty()
            })
            .collect();
        for part in wanted.chunks_mut(subdivisions.batch) {
            subdivisions.run(part)?;
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
        pool.warm_up(
            &cut::session_shape(shape),
            ElementType::F32,
            &shape,
            workers,
        )
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
            Error::model_shape(path),
        )?;
        Ok(Self {
            spec: cut::spec(manifest.shape, manifest.channels, manifest.margin),
            batch: cut::batch(input),
            places: manifest.regions.iter().cloned().zip(0..).collect(),
            manifest,
            pool: SessionPool::new(network),
        })
    }

    fn input_shape(&self, batch: usize) -> [usize; 4] {
        let [height, width] = self.manifest.shape;
        [batch, self.manifest.channels.count(), height, width]
    }

    fn run(&self, plates: &mut [(&(&Frame<'_>, Quad), &mut Reading)]) -> Result<()> {
        let shape = self.input_shape(plates.len());
        let normalization = Normalization::uniform(self.manifest.scale, self.manifest.offset);
        let session = self.pool.check_out(&cut::session_shape(shape))?;
        session.with(|session| {
            session.input.reset(ElementType::F32, &shape);
            #[allow(clippy::expect_used, reason = "the line above made it of this type")]
            let input = session
                .input
                .as_f32_mut()
                .expect("a tensor of 32-bit floating point");
            let parts = input.chunks_exact_mut(self.spec.elements());
            for (((frame, plate), _), out) in plates.iter().zip(parts) {
                let rectifier = &mut session.scratch;
                // The recogniser has cut out the same corners before.
                rectifier.numbers(frame, plate, &self.spec, &normalization, out)?;
            }
            session.run()?;
            let rows = self.rows(session.outputs.first(), plates.len())?;
            for ((_, reading), row) in plates.iter_mut().zip(rows) {
                reading.regions = self.refined(&reading.regions, row);
            }
            Ok(())
        })
    }

    /// The probabilities of each plate.
    fn rows<'a>(&self, output: Option<&'a Tensor>, plates: usize) -> Result<Vec<&'a [f32]>> {
        let width = self.manifest.regions.len();
        let shape = output.map(Tensor::shape).unwrap_or_default();
        if shape != [plates, width] {
            return Err(Error::inference(
                "subdivision",
                format!(
                    "an output is of shape {shape:?}, and the manifest wants {plates} rows of {width}"
                ),
                "check that the network and its manifest belong together",
            ));
        }
        let data = output.and_then(Tensor::as_f32).unwrap_or_default();
        Ok(data.chunks_exact(width).collect())
    }

    /// What guesses add up to for the country: between 0 and 1.
    fn share_of(&self, guesses: &[RegionGuess]) -> f32 {
        let of_country = |guess: &&RegionGuess| self.places.contains_key(&guess.code);
        let guesses = guesses.iter().filter(of_country);
        guesses.map(|guess| guess.confidence).sum::<f32>().min(1.0)
    }

    /// The recogniser's guesses with the country's part shared out anew: the two networks' probabilities are multiplied, the
    /// recogniser's raised to a power below 1, for both have seen the same picture.
    fn refined(&self, told: &[RegionGuess], probabilities: &[f32]) -> Vec<RegionGuess> {
        let share = self.share_of(told);
        let mut weights = vec![LEAST; probabilities.len()];
        let mut regions: Vec<RegionGuess> = Vec::with_capacity(told.len() + weights.len());
        for guess in told {
            let place = self.places.get(&guess.code);
            match place.and_then(|place| weights.get_mut(*place)) {
                Some(weight) => *weight = guess.confidence.max(LEAST),
                None => regions.push(guess.clone()),
            }
        }
        for (weight, probability) in weights.iter_mut().zip(probabilities) {
            *weight = probability.powf(self.manifest.temperature.recip())
                * weight.powf(self.manifest.recognizer_weight);
        }
        let sum: f32 = weights.iter().sum();
        if !(sum.is_finite() && sum > 0.0) {
            return told.to_vec();
        }
        let states = self.manifest.regions.iter().zip(weights);
        regions.extend(states.map(|(code, weight)| RegionGuess {
            code: code.clone(),
            confidence: share * weight / sum,
        }));
        regions.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        regions
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::{
        Channels,
        backend::{Model, ModelSignature, PortSignature},
    };

    /// A network that is never run.
    struct Silent(ModelSignature);

    impl Network for Silent {
        fn signature(&self) -> &ModelSignature {
            &self.0
        }

        fn prepare(&self, _: &[Option<usize>]) -> Result<Box<dyn Model>> {
            Err(Error::inference(
                "subdivision",
                "it is silent",
                "run another",
            ))
        }
    }

    fn subdivisions() -> Subdivisions {
        let manifest = SubdivisionManifest {
            file: "s.onnx".into(),
            sha256: None,
            int8: None,
            input: None,
            output: None,
            shape: [96, 192],
            channels: Channels::Rgb,
            scale: 1.0,
            offset: 0.0,
            margin: [0.0; 2],
            regions: ["US-AZ", "US-NV", "US-UT"].map(Into::into).to_vec(),
            min_share: 0.5,
            temperature: 1.0,
            recognizer_weight: 0.25,
        };
        let input = PortSignature {
            name: "plate".into(),
            element: Some(ElementType::F32),
            dimensions: None,
        };
        let signature = ModelSignature {
            inputs: vec![input],
            outputs: Vec::new(),
        };
        Subdivisions::new(manifest, Arc::new(Silent(signature)), Path::new("s.onnx")).unwrap()
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
        let after = subdivisions().refined(&before, &[0.01, 0.04, 0.95]);
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
        let after = subdivisions().refined(&told(&[("US-AZ", 0.9)]), &alone);
        let first = after.first().unwrap();
        assert_eq!(first.code, "US-AZ");
        assert!(first.confidence / 0.9 > 0.6, "{after:?}");
    }

    #[test]
    fn numbers_that_are_none_change_nothing() {
        let before = told(&[("US-AZ", 0.9), ("MX", 0.1)]);
        for probabilities in [[f32::NAN; 3], [0.0; 3]] {
            assert_eq!(subdivisions().refined(&before, &probabilities), before);
        }
    }
}
