//! A recogniser that runs a network.

use std::{path::Path, sync::Arc};

use super::{Reading, Recognizer, sequence::Decoder};
use crate::error::Failure;
use crate::{
    Candidate, Error, Frame, Normalization, Quad, Rectifier, RectifySpec, RegionGuess, Result,
    backend::{Network, Runtime, SessionPool, Tensor, TensorData},
    calibration::Calibration,
    compat::{fastalpr, opencv},
    manifest::{CropShape, Layout, Manifest, RecognizerContract, RecognizerManifest, Resize},
    resample::{Resampler, Row},
};

/// Plates that go through the network at once at most, where it takes several: beyond that, memory grows and time does
/// not shrink.
const MAX_BATCH: usize = 8;
/// Regions reported for a plate at most.
const MAX_REGIONS: usize = 5;

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
    /// Whether the network takes several plates at once.
    batches: bool,
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
        let batches = check(&manifest, &*network, path)?;
        // The manifest's check keeps them far below the limits of u32.
        let [height, width] = manifest
            .shape
            .map(|size| u32::try_from(size).unwrap_or(u32::MAX));
        let [margin_x, margin_y] = manifest.margin;
        let spec = RectifySpec::new(width, height)
            .with_channels(manifest.channels)
            .with_margin(margin_x, margin_y);
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
            batches,
            pool: SessionPool::new(network),
        })
    }

    /// How plates are cut out for this recogniser.
    pub fn rectify_spec(&self) -> RectifySpec {
        self.spec
    }

    fn input_shape(&self, batch: usize) -> [usize; 4] {
        let ([height, width], channels) = (self.manifest.shape, self.manifest.channels.count());
        match self.manifest.layout {
            Layout::Nchw => [batch, channels, height, width],
            Layout::Nhwc => [batch, height, width, channels],
        }
    }

    /// The shape a session is prepared for: one plate, which is the commonest number, or any number.
    fn session_shape(&self, batch: usize) -> [Option<usize>; 4] {
        let mut shape = self.input_shape(batch).map(Some);
        if let (true, [first, ..]) = (batch > 1, &mut shape) {
            *first = None;
        }
        shape
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
            .check_out(&self.session_shape(count))?
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

    /// Cuts a plate out into numbers.
    fn fill(
        &self,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) -> Result<()> {
        let normalization = Normalization::uniform(self.manifest.scale, self.manifest.offset);
        if self.manifest.crop == CropShape::Quad && self.manifest.layout == Layout::Nchw {
            return scratch
                .rectifier
                .numbers(frame, plate, &self.spec, &normalization, out)
                .map(drop);
        }
        let mut bytes = std::mem::take(&mut scratch.bytes);
        bytes.resize(out.len(), 0);
        let cut = self.fill_bytes_as(Layout::Nhwc, frame, plate, scratch, &mut bytes);
        let (channels, pixels) = (
            self.manifest.channels.count(),
            out.len() / self.manifest.channels.count(),
        );
        for (index, &byte) in bytes.iter().enumerate() {
            let (pixel, channel) = (index / channels, index % channels);
            let place = match self.manifest.layout {
                Layout::Nchw => channel * pixels + pixel,
                Layout::Nhwc => index,
            };
            if let Some(out) = out.get_mut(place) {
                *out = normalization.apply(channel, f32::from(byte));
            }
        }
        scratch.bytes = bytes;
        cut
    }

    /// Cuts a plate out into bytes in the layout of the network.
    fn fill_bytes(
        &self,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        out: &mut [u8],
    ) -> Result<()> {
        self.fill_bytes_as(self.manifest.layout, frame, plate, scratch, out)
    }

    fn fill_bytes_as(
        &self,
        layout: Layout,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        out: &mut [u8],
    ) -> Result<()> {
        let channels = self.manifest.channels.count();
        let (width, height) = (self.spec.width as usize, self.spec.height as usize);
        let place = |x: usize, y: usize, channel: usize| match layout {
            Layout::Nhwc => (y * width + x) * channels + channel,
            Layout::Nchw => (channel * height + y) * width + x,
        };
        match (self.manifest.crop, layout) {
            (CropShape::Quad, Layout::Nhwc) => scratch
                .rectifier
                .bytes(frame, plate, &self.spec, out)
                .map(drop),
            (CropShape::Quad, Layout::Nchw) => {
                let mut bytes = std::mem::take(&mut scratch.bytes);
                bytes.resize(out.len(), 0);
                let cut = scratch
                    .rectifier
                    .bytes(frame, plate, &self.spec, &mut bytes)
                    .map(drop);
                for (index, &byte) in bytes.iter().enumerate() {
                    let (pixel, channel) = (index / channels, index % channels);
                    if let Some(out) = out.get_mut(place(pixel % width, pixel / width, channel)) {
                        *out = byte;
                    }
                }
                scratch.bytes = bytes;
                cut
            }
            (CropShape::Box, _) => self.fill_box(frame, plate, scratch, |x, y, channel, value| {
                if let Some(out) = out.get_mut(place(x, y, channel)) {
                    // Values are bytes times 256; half a byte more rounds to the nearest.
                    *out = u8::try_from((u32::from(value) + 128) >> 8).unwrap_or(u8::MAX);
                }
            }),
        }
    }

    /// Scales the upright box around a plate and hands over its bytes times 256 with column, row and channel.
    fn fill_box(
        &self,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        mut write: impl FnMut(usize, usize, usize, u16),
    ) -> Result<()> {
        let size = (self.spec.width as usize, self.spec.height as usize);
        let crop = fastalpr::box_around(frame.size(), &plate.bounds(), self.manifest.margin)
            .ok_or_else(|| {
                Error::from(Failure::Corners {
                    found: format!("{:?}", plate.0),
                })
            })?;
        let resize = self.manifest.resize;
        if resize == Resize::OpencvLinear
            && opencv::resize_linear(
                frame,
                crop,
                size,
                self.manifest.channels,
                |x, y, channel, value| {
                    write(x, y, channel, u16::from(value) << 8);
                },
            )
        {
            return Ok(());
        }
        let resampler = scratch
            .resampler
            .get_or_insert_with(|| Resampler::new(resize.quality()));
        resampler.run(
            frame,
            crop,
            size,
            self.manifest.channels,
            |y, row| match row {
                Row::Gray(values) => values
                    .iter()
                    .enumerate()
                    .for_each(|(x, &value)| write(x, y, 0, value)),
                Row::Color(planes) => {
                    for (channel, values) in planes.into_iter().enumerate() {
                        values
                            .iter()
                            .enumerate()
                            .for_each(|(x, &value)| write(x, y, channel, value));
                    }
                }
            },
        );
        Ok(())
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
            regions.truncate(MAX_REGIONS);
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

/// Compares a network with its manifest; tells whether it takes several plates at once.
fn check(manifest: &RecognizerManifest, network: &dyn Network, path: &Path) -> Result<bool> {
    let signature = network.signature();
    let mismatch = |what: String, expected: String, found: String| {
        Error::from(Failure::ModelShape {
            path: path.to_path_buf(),
            what,
            expected,
            found,
            suggestion: "use the manifest that belongs to this file, or correct it".into(),
        })
    };
    let ([height, width], channels) = (manifest.shape, manifest.channels.count());
    let wanted = match manifest.layout {
        Layout::Nchw => [1, channels, height, width],
        Layout::Nhwc => [1, height, width, channels],
    };
    let input = signature.checked_input(
        manifest.input.as_deref(),
        manifest.element,
        [wanted],
        mismatch,
    )?;
    let text = match &manifest.output {
        Some(name) => signature.output(name),
        None => signature.outputs.first(),
    };
    let region = manifest
        .region_output
        .as_ref()
        .and_then(|name| signature.output(name));
    for (output, rank, row) in [
        (text, 3, manifest.alphabet.len()),
        (region, 2, manifest.regions.len()),
    ] {
        let Some((output, dimensions)) =
            output.and_then(|output| Some((output, output.dimensions.as_ref()?)))
        else {
            continue;
        };
        let last = dimensions.last().is_some_and(|last| last.admits(row));
        // A file may leave its output's shape open; then the first run tells.
        if !dimensions.is_empty() && (dimensions.len() != rank || !last) {
            let expected = format!("{rank} dimensions, the last of them {row}");
            return Err(mismatch(
                format!("output `{}` of", output.name),
                expected,
                output.describe(),
            ));
        }
    }
    let batch = input
        .dimensions
        .as_ref()
        .and_then(|dimensions| dimensions.first());
    Ok(batch.is_some_and(|batch| batch.admits(1) && batch.admits(2)))
}

impl Recognizer for OnnxRecognizer {
    fn recognize(&self, frame: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>> {
        let plates: Vec<_> = plates.iter().map(|plate| (frame, *plate)).collect();
        self.recognize_many(&plates)
    }

    fn recognize_many(&self, plates: &[(&Frame<'_>, Quad)]) -> Result<Vec<Reading>> {
        let mut readings = Vec::with_capacity(plates.len());
        for plates in plates.chunks(if self.batches { MAX_BATCH } else { 1 }) {
            self.run(plates, &mut readings)?;
        }
        Ok(readings)
    }

    fn warm_up(&self, workers: usize) -> Result<()> {
        self.pool.warm_up(
            &self.session_shape(1),
            self.manifest.element,
            &self.input_shape(1),
            workers,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CharacterRead;

    fn decoded(text: &str, probability: f32) -> Candidate {
        let characters = text
            .chars()
            .map(|symbol| CharacterRead::new(symbol, 0.9, Vec::new()))
            .collect();
        Candidate::new(text, probability).with_characters(characters)
    }

    #[test]
    fn unknown_signs_are_counted_and_left_out_of_texts() {
        let candidates = vec![
            decoded("1?2", 0.4),
            decoded("13", 0.3),
            decoded("12", 0.1),
            decoded("??", 0.05),
        ];
        let mut reading = Reading::new(candidates, 0.1);
        leave_out('?', &mut reading);
        let found: Vec<_> = reading
            .candidates
            .iter()
            .map(|c| (c.text.as_str(), c.unknown_signs, c.characters.len()))
            .collect();
        assert_eq!(found, [("12", 1, 2), ("13", 0, 2)]);
        let sum: f32 = reading.candidates.iter().map(|c| c.confidence).sum();
        assert!((sum - 0.8).abs() < 1e-6);
        assert!((reading.empty - 0.15).abs() < 1e-6);
    }
}
