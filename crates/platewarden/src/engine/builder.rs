//! How an engine is put together: parts of the caller's own, networks for the rest.

use std::sync::Arc;

use rayon::ThreadPool;

use super::{Engine, Inner, precision};
use crate::error::Failure;
use crate::{
    Detector, EngineOptions, Error, Manifest, OnnxDetector, OnnxRecognizer, Precision, Recognizer,
    Result, backend::Runtime, calibration::Calibration, interpret::Interpreter,
    recognizer::WithSubdivisions,
};

/// Candidates that the recogniser is asked for beyond those that are kept: syntax may raise one from further down.
const SEARCHED_BEYOND: usize = 5;

/// Puts an [`Engine`] together from parts of one's own.
///
/// ```
/// use platewarden::{Detection, Detector, Engine, Frame, Quad, Reading, Recognizer, Result};
///
/// struct Nothing;
/// impl Detector for Nothing {
///     fn detect(&self, _: &Frame<'_>) -> Result<Vec<Detection>> {
///         Ok(Vec::new())
///     }
/// }
/// impl Recognizer for Nothing {
///     fn recognize(&self, _: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>> {
///         Ok(vec![Reading::default(); plates.len()])
///     }
/// }
///
/// let engine = Engine::builder().detector(Nothing).recognizer(Nothing).build()?;
/// let pixels = [0; 16 * 16];
/// assert!(engine.read(&Frame::gray8(&pixels, 16, 16, 16)?)?.is_empty());
/// # Ok::<(), platewarden::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct EngineBuilder {
    options: EngineOptions,
    manifest: Option<Manifest>,
    detector: Option<Arc<dyn Detector>>,
    recognizer: Option<Arc<dyn Recognizer>>,
    pool: Option<Arc<ThreadPool>>,
}

impl EngineBuilder {
    /// Sets the options.
    pub fn options(mut self, options: EngineOptions) -> Self {
        self.options = options;
        self
    }

    /// Runs the networks of this manifest, whatever [`EngineOptions::models`] says.
    pub fn manifest(mut self, manifest: Manifest) -> Self {
        self.manifest = Some(manifest);
        self
    }

    /// Finds plates with this detector instead of a network's.
    pub fn detector(mut self, detector: impl Detector + 'static) -> Self {
        self.detector = Some(Arc::new(detector));
        self
    }

    /// Reads plates with this recogniser instead of a network's.
    pub fn recognizer(mut self, recognizer: impl Recognizer + 'static) -> Self {
        self.recognizer = Some(Arc::new(recognizer));
        self
    }

    /// Runs batches in this pool, whatever [`EngineOptions::threads`] says.
    pub fn thread_pool(mut self, pool: Arc<ThreadPool>) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Loads the networks and makes the engine.
    ///
    /// # Errors
    ///
    /// - [`InvalidOption`](crate::ErrorKind::InvalidOption) for an option outside its range;
    /// - [`Manifest`](crate::ErrorKind::Manifest), [`ModelLoad`](crate::ErrorKind::ModelLoad),
    ///   [`ModelHash`](crate::ErrorKind::ModelHash), [`ModelShape`](crate::ErrorKind::ModelShape) or
    ///   [`UnknownContract`](crate::ErrorKind::UnknownContract) for networks that cannot be used;
    /// - [`RuntimeMissing`](crate::ErrorKind::RuntimeMissing), [`RuntimeInvalid`](crate::ErrorKind::RuntimeInvalid),
    ///   [`RuntimeTooOld`](crate::ErrorKind::RuntimeTooOld) or [`BackendUnavailable`](crate::ErrorKind::BackendUnavailable)
    ///   for a backend that cannot be started.
    pub fn build(self) -> Result<Engine> {
        self.options.validate()?;
        let (mut detector, mut recognizer) = (self.detector, self.recognizer);
        let (mut backend, mut calibration, mut verification) = (None, Calibration::default(), None);
        let (mut networks, mut precision, mut second) = (None, None, None);
        // Networks are loaded only for what the caller has not brought along.
        if detector.is_none() || recognizer.is_none() {
            let manifest = match (self.manifest, &self.options.models) {
                (Some(manifest), _) => manifest,
                (None, Some(path)) => Manifest::from_file(path)?,
                (None, None) => Manifest::bundled()?,
            };
            let options = &self.options;
            let runtime = Runtime::start(
                options.backend,
                options.execution_provider,
                options.onnxruntime_library.as_deref(),
            )?;
            let force =
                precision::in_force(options.precision, &manifest, &runtime, recognizer.is_some())?;
            networks = Some(manifest.clone());
            precision = Some(force);
            let manifest = match force {
                Precision::Int8 => manifest.into_int8(),
                _ => manifest,
            };
            if recognizer.is_none() {
                verification = manifest.recognizer.verification.clone();
                if let (Some(verification), Some(score)) =
                    (&mut verification, options.min_detection_score)
                {
                    verification.min_score = score;
                }
            }
            if detector.is_none() {
                // A detection that the recogniser will judge as well must not be lost before.
                let min_score = match (&verification, options.min_detection_score) {
                    (Some(_), Some(score)) => Some(score.min(manifest.detector.min_score)),
                    (_, score) => score,
                };
                detector = Some(Arc::new(OnnxDetector::load(
                    &manifest, &runtime, min_score,
                )?));
            }
            if recognizer.is_none() {
                calibration = Calibration::new(&manifest.recognizer.calibration);
                let [first, again] = load_recognizer(options, &manifest, &runtime)?;
                (recognizer, second) = (Some(first), Some(again));
            }
            backend = Some(runtime.info().clone());
        }
        #[allow(
            clippy::expect_used,
            reason = "where the caller brought none, the block above made one or returned"
        )]
        let (detector, recognizer) = (
            detector.expect("a detector is given or loaded"),
            recognizer.expect("a recogniser is given or loaded"),
        );
        let pool = match self.pool {
            Some(pool) => Some(pool),
            None => self.options.threads.map(start_pool).transpose()?,
        };
        let interpreter = Interpreter::new(&self.options, calibration)?;
        let inner = Inner {
            detector,
            second: second.unwrap_or_else(|| recognizer.clone()),
            recognizer,
            interpreter,
            verification,
            options: self.options,
            backend,
            networks,
            precision,
            pool,
        };
        Ok(Engine {
            inner: Arc::new(inner),
        })
    }
}

/// The recogniser for a first look, with the network that tells subdivisions apart where the manifest has one and the options want it;
/// and the one for a second look, without it.
fn load_recognizer(
    options: &EngineOptions,
    manifest: &Manifest,
    runtime: &Runtime,
) -> Result<[Arc<dyn Recognizer>; 2]> {
    let texts = options.max_candidates + SEARCHED_BEYOND;
    let network = OnnxRecognizer::load(manifest, runtime, texts)?;
    if options.subdivisions {
        WithSubdivisions::load(network, manifest, runtime)
    } else {
        let alone = Arc::new(network);
        Ok([alone.clone(), alone])
    }
}

/// A pool of the engine's own.
fn start_pool(threads: usize) -> Result<Arc<ThreadPool>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("platewarden-{index}"))
        .build()
        .map_err(|error| {
            Error::from(Failure::Threads {
                reason: error.to_string(),
            })
        })?;
    Ok(Arc::new(pool))
}
