//! A recogniser that runs a network.

mod check;
mod input;

use std::{path::Path, sync::Arc};

use self::check::check;
use super::{Reading, Recognizer, cut, sequence::Decoder};
use crate::error::Failure;
use crate::{
    Candidate, Error, Frame, Quad, Rectifier, RectifySpec, RegionGuess, Result,
    backend::{Network, Runtime, SessionPool, Tensor, TensorData},
    calibration::Calibration,
    manifest::{Layout, Manifest, RecognizerContract, RecognizerManifest},
    resample::Resampler,
};

/// Regions reported for a plate at most.
pub(super) const MAX_REGIONS: usize = 5;

/// Reads plates with a network of one of the recogniser contracts.
///
/// Each plate is cut out of the full-resolution frame as the manifest says, and plates of a frame go through the network
/// together where its batch dimension is open.
pub struct OnnxRecognizer {
    manifest: RecognizerManifest,
    spec: RectifySpec,
    decoder: Decoder,
    /// Texts searched for each plate.
    texts: usize,
    /// Regions told of each plate at most.
    regions: usize,
    /// Plates that the network takes at once.
    batch: usize,
    pool: SessionPool<Scratch>,
}

/// What a worker keeps between plates.
#[derive(Default)]
struct Scratch {
    rectifier: Rectifier,
    resampler: Option<Resampler>,
    /// One plate as bytes: height, width, channels.
    bytes: Vec<u8>,
    /// One plate's probabilities.
    matrix: Vec<f32>,
}

impl OnnxRecognizer {
    /// Loads the recogniser of a manifest. `texts` is the number of candidates that each reading holds at most.
    ///
    /// # Errors
    ///
    /// [`ModelLoad`](crate::ErrorKind::ModelLoad), [`ModelHash`](crate::ErrorKind::ModelHash) or
    /// [`ModelShape`](crate::ErrorKind::ModelShape) when the file is missing, is another one, or does not do what the
    /// manifest says.
    pub fn load(manifest: &Manifest, runtime: &Runtime, texts: usize) -> Result<Self> {
        let source = manifest.load_recognizer()?;
        let path = source.path.clone();
        Self::from_network(
            manifest.recognizer.clone(),
            runtime.load(source)?,
            texts,
            &path,
        )
    }

    /// A recogniser over a network that is loaded already. `path` names it in errors.
    ///
    /// # Errors
    ///
    /// [`ModelShape`](crate::ErrorKind::ModelShape) when the network's inputs and outputs are not those of the manifest.
    pub fn from_network(
        manifest: RecognizerManifest,
        network: Arc<dyn Network>,
        texts: usize,
        path: &Path,
    ) -> Result<Self> {
        let batch = check(&manifest, &*network, path)?;
        let spec = cut::spec(manifest.shape, manifest.channels, manifest.margin);
        let blank = manifest
            .alphabet
            .iter()
            .position(|&symbol| symbol == manifest.blank)
            .ok_or_else(|| {
                Error::from(Failure::Manifest {
                    path: path.to_path_buf(),
                    reason: format!("its blank `{}` is not in its alphabet", manifest.blank),
                    suggestion: "name the symbol that stands for no character".into(),
                })
            })?;
        let decoder = Decoder {
            blank,
            alphabet: manifest.alphabet.clone(),
            collapse: manifest.contract == RecognizerContract::Ctc,
            lines: manifest.lines,
            calibration: Calibration::new(&manifest.calibration),
        };
        Ok(Self {
            manifest,
            spec,
            decoder,
            texts: texts.max(1),
            regions: MAX_REGIONS,
            batch,
            pool: SessionPool::new(network),
        })
    }

    /// How plates are cut out for this recogniser.
    pub fn rectify_spec(&self) -> RectifySpec {
        self.spec
    }

    /// Tells every region with its probability, for who weighs them further.
    pub(super) fn with_all_regions(mut self) -> Self {
        self.regions = usize::MAX;
        self
    }

    fn input_shape(&self, batch: usize) -> [usize; 4] {
        let ([height, width], channels) = (self.manifest.shape, self.manifest.channels.count());
        match self.manifest.layout {
            Layout::Nchw => [batch, channels, height, width],
            Layout::Nhwc => [batch, height, width, channels],
        }
    }

    fn failed(&self, reason: String) -> Error {
        Error::from(Failure::Inference {
            stage: "recognizer",
            reason,
            suggestion: "check that the network and its manifest belong together".into(),
        })
    }

    /// Reads plates in one run of the network, each given with the frame it is in.
    fn run(&self, plates: &[(&Frame<'_>, Quad)], readings: &mut Vec<Reading>) -> Result<()> {
        let count = plates.len();
        let shape = self.input_shape(count);
        self.pool
            .check_out(&cut::session_shape(shape))?
            .with(|session| {
                session.input.reset(self.manifest.element, &shape);
                let size = self.spec.elements();
                let mut whole = Vec::with_capacity(count);
                for (index, (frame, plate)) in plates.iter().enumerate() {
                    let part = index * size..(index + 1) * size;
                    let cut = match session.input.data_mut() {
                        TensorData::F32(data) => data
                            .get_mut(part)
                            .map(|out| self.fill(frame, plate, &mut session.scratch, out)),
                        TensorData::U8(data) => data
                            .get_mut(part)
                            .map(|out| self.fill_bytes(frame, plate, &mut session.scratch, out)),
                    };
                    whole.push(match cut.unwrap_or(Ok(())) {
                        Ok(()) => true,
                        // Corners that enclose nothing show no text; the other plates of the frame still do.
                        Err(error) if error.kind() == crate::ErrorKind::Corners => false,
                        Err(error) => return Err(error),
                    });
                }
                session.run()?;
                let outputs = session.outputs.as_slice();
                for (index, whole) in whole.into_iter().enumerate() {
                    readings.push(if whole {
                        self.reading(outputs, index, count, &mut session.scratch.matrix)?
                    } else {
                        Reading {
                            empty: 1.0,
                            ..Reading::default()
                        }
                    });
                }
                Ok(())
            })
    }

    /// Reads the outputs for one plate of a batch.
    fn reading(
        &self,
        outputs: &[Tensor],
        index: usize,
        batch: usize,
        matrix: &mut Vec<f32>,
    ) -> Result<Reading> {
        let part = |output: Option<&Tensor>, width: usize| -> Result<std::ops::Range<usize>> {
            let shape = output.map(Tensor::shape).unwrap_or_default();
            let size: usize = shape.iter().skip(1).product();
            if shape.first() != Some(&batch) || shape.last() != Some(&width) {
                return Err(self.failed(format!(
                    "an output is of shape {shape:?}, and the manifest wants {batch} plates with rows of {width}"
                )));
            }
            Ok(index * size..(index + 1) * size)
        };
        let text = outputs.first();
        let range = part(text, self.decoder.alphabet.len())?;
        matrix.clear();
        matrix.extend_from_slice(
            text.and_then(Tensor::as_f32)
                .and_then(|data| data.get(range))
                .unwrap_or_default(),
        );
        let mut reading = self.decoder.decode(matrix, self.texts);
        if let Some(unknown) = self.manifest.unknown {
            leave_out(unknown, &mut reading);
        }
        if self.manifest.region_output.is_some() {
            let output = outputs.get(1);
            let range = part(output, self.manifest.regions.len())?;
            let probabilities = output
                .and_then(Tensor::as_f32)
                .and_then(|data| data.get(range))
                .unwrap_or_default();
            let regions = &mut reading.regions;
            *regions = self
                .manifest
                .regions
                .iter()
                .zip(probabilities)
                .filter(|(code, p)| !code.is_empty() && **p > 0.0)
                .map(|(code, &confidence)| RegionGuess {
                    code: code.clone(),
                    confidence,
                })
                .collect();
            regions.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
            regions.truncate(self.regions);
        }
        Ok(reading)
    }
}

/// Takes the sign for unknown characters out of the texts; those that differ in nothing else are one, and those that are left
/// without a character show no text.
fn leave_out(unknown: char, reading: &mut Reading) {
    let mut known: Vec<Candidate> = Vec::with_capacity(reading.candidates.len());
    for mut found in reading.candidates.drain(..) {
        let before = found.characters.len();
        found
            .characters
            .retain(|character| character.symbol != unknown);
        found.text.retain(|symbol| symbol != unknown);
        for character in &mut found.characters {
            character
                .alternatives
                .retain(|other| other.symbol != unknown);
        }
        if found.text.is_empty() {
            reading.empty += f64::from(found.confidence);
        } else if let Some(same) = known.iter_mut().find(|other| other.text == found.text) {
            same.confidence += found.confidence;
        } else {
            found.unknown_signs = u8::try_from(before - found.characters.len()).unwrap_or(u8::MAX);
            known.push(found);
        }
    }
    known.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    reading.candidates = known;
}

impl Recognizer for OnnxRecognizer {
    fn recognize(&self, frame: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>> {
        let plates: Vec<_> = plates.iter().map(|plate| (frame, *plate)).collect();
        self.recognize_many(&plates)
    }

    fn recognize_many(&self, plates: &[(&Frame<'_>, Quad)]) -> Result<Vec<Reading>> {
        let mut readings = Vec::with_capacity(plates.len());
        for plates in plates.chunks(self.batch) {
            self.run(plates, &mut readings)?;
        }
        Ok(readings)
    }

    fn warm_up(&self, workers: usize) -> Result<()> {
        let shape = self.input_shape(1);
        self.pool.warm_up(
            &cut::session_shape(shape),
            self.manifest.element,
            &shape,
            workers,
        )
    }
}

#[cfg(test)]
mod tests;
