//! The engine over networks that answer at once with what the real ones said: what is left is our own code.

use std::sync::Arc;

use platewarden::{
    Backend, Channels, Engine, EngineOptions, ExecutionProvider, Frame, LetterboxSpec, Letterboxer,
    Manifest, Normalization, OnnxDetector, OnnxRecognizer, Rectifier, RectifySpec, ResizeQuality,
    backend::{Model, ModelSignature, ModelSource, Network, Runtime, Tensor},
};

use crate::Outcome;

/// A network that always gives the same outputs.
struct Canned {
    signature: ModelSignature,
    outputs: Arc<Vec<Tensor>>,
}

impl Canned {
    /// Runs the real network once, on the embedded backend so that the answer is there on every machine.
    fn record(source: ModelSource, mut input: Tensor) -> Outcome<Arc<dyn Network>> {
        let runtime = Runtime::start(Backend::Embedded, ExecutionProvider::Cpu, None)?;
        let network = runtime.load(source)?;
        let shape: Vec<_> = input.shape().iter().copied().map(Some).collect();
        let mut outputs = Vec::new();
        network.prepare(&shape)?.run(&mut input, &mut outputs)?;
        Ok(Arc::new(Self {
            signature: network.signature().clone(),
            outputs: Arc::new(outputs),
        }))
    }
}

impl Network for Canned {
    fn signature(&self) -> &ModelSignature {
        &self.signature
    }

    fn prepare(&self, _: &[Option<usize>]) -> platewarden::Result<Box<dyn Model>> {
        Ok(Box::new(Answer(Arc::clone(&self.outputs))))
    }
}

struct Answer(Arc<Vec<Tensor>>);

impl Model for Answer {
    fn run(&mut self, _: &mut Tensor, outputs: &mut Vec<Tensor>) -> platewarden::Result<()> {
        outputs.resize_with(self.0.len(), Tensor::default);
        for (out, canned) in outputs.iter_mut().zip(self.0.iter()) {
            out.reset(canned.element(), canned.shape());
            if let (Some(out), Some(canned)) = (out.as_f32_mut(), canned.as_f32()) {
                out.copy_from_slice(canned);
            }
        }
        Ok(())
    }
}

/// Height and width that the detector takes for a frame of 16:9.
pub const INPUT: [usize; 2] = [288, 512];

/// The bundled detector's input.
#[must_use]
pub fn letterbox_spec() -> LetterboxSpec {
    LetterboxSpec::new(INPUT[1] as u32, INPUT[0] as u32)
}

/// The bundled recogniser's input.
#[must_use]
pub fn rectify_spec() -> RectifySpec {
    RectifySpec::new(128, 64)
        .with_channels(Channels::Rgb)
        .with_margin(0.06, 0.06)
}

/// A detector and a recogniser whose networks say of every frame what the bundled ones say of `frame`, the best plate of
/// which is read.
///
/// # Errors
/// Where the networks cannot be run, or find no plate in the frame.
pub fn parts(frame: &Frame<'_>) -> Outcome<(OnnxDetector, OnnxRecognizer)> {
    let manifest = Manifest::bundled()?;
    let spec = letterbox_spec().with_channels(manifest.detector.channels);
    let mut numbers = vec![0.0; spec.elements()];
    Letterboxer::new(ResizeQuality::Area).fill(frame, &spec, &mut numbers)?;
    let input = Tensor::from_f32(&[1, spec.channels.count(), INPUT[0], INPUT[1]], numbers)
        .ok_or("a wrong shape")?;
    let network = Canned::record(manifest.load_detector()?, input)?;
    let detector =
        OnnxDetector::from_network(manifest.detector.clone(), network, None, "canned".as_ref())?;

    let found = platewarden::Detector::detect(&detector, frame)?;
    let best = found
        .first()
        .ok_or("the frame shows no plate that is found")?;
    let [height, width] = manifest.recognizer.shape;
    let spec = rectify_spec().with_channels(manifest.recognizer.channels);
    let mut numbers = vec![0.0; spec.elements()];
    Rectifier::new().numbers(
        frame,
        &best.quad,
        &spec,
        &Normalization::SIGNED,
        &mut numbers,
    )?;
    let input = Tensor::from_f32(&[1, spec.channels.count(), height, width], numbers)
        .ok_or("a wrong shape")?;
    let network = Canned::record(manifest.load_recognizer()?, input)?;
    let texts = EngineOptions::default().max_candidates + 5;
    let recognizer = OnnxRecognizer::from_network(
        manifest.recognizer.clone(),
        network,
        texts,
        "canned".as_ref(),
    )?;
    Ok((detector, recognizer))
}

/// An engine of [`parts`], reading the best plate alone.
///
/// # Errors
/// As [`parts`].
pub fn engine(frame: &Frame<'_>) -> Outcome<Engine> {
    let (detector, recognizer) = parts(frame)?;
    let options = EngineOptions::default()
        .with_max_plates(1)
        // The canned recogniser answers for one plate.
        .with_deskew(false)
        .with_second_look(false);
    Ok(Engine::builder()
        .options(options)
        .detector(detector)
        .recognizer(recognizer)
        .build()?)
}
