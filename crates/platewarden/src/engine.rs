//! The engine: frames in, plate reads out.

use std::{fmt, sync::Arc};

use image::RgbImage;
use rayon::ThreadPool;

use crate::{
    BackendInfo, Channels, Detection, Detector, EngineOptions, Error, Frame, Manifest,
    OnnxDetector, OnnxRecognizer, PlateRead, Quad, Reading, Recognizer, Rect, Rectifier,
    RectifySpec, Result, backend::Runtime, calibration::Calibration, interpret::Interpreter,
    manifest::VerificationManifest, nms_contained, syntax::Scratch, tiling::Tiling,
};

/// Candidates that the recogniser is asked for beyond those that are kept: syntax may raise one from further down.
const SEARCHED_BEYOND: usize = 5;
/// Overlap above which a plate found in two tiles is the same plate.
const SAME_PLATE: f32 = 0.45;
/// Share of a plate seen in one tile that lies within the same plate seen whole in another.
const CUT_PLATE: f32 = 0.7;

/// Finds and reads the plates in frames.
///
/// An engine is cheap to clone, and clones share networks and buffers; it can be used from any number of threads at once.
///
/// ```no_run
/// use platewarden::{Engine, Frame};
///
/// let engine = Engine::new()?;
/// let image = platewarden::decode(&std::fs::read("street.jpg").unwrap(), &Default::default())?;
/// for plate in engine.read(&Frame::from(&image))? {
///     println!("{} ({:.0} %) at {:?}", plate.text, 100.0 * plate.confidence, plate.bounds);
/// }
/// # Ok::<(), platewarden::Error>(())
/// ```
///
/// The stages can be called one by one: [`detect`](Self::detect), [`rectify`](Self::rectify),
/// [`recognize`](Self::recognize).
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    detector: Arc<dyn Detector>,
    recognizer: Arc<dyn Recognizer>,
    interpreter: Interpreter,
    /// How a read counts for its detection; with the smallest probability in force.
    verification: Option<VerificationManifest>,
    options: EngineOptions,
    backend: Option<BackendInfo>,
    pool: Option<Arc<ThreadPool>>,
}

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
    /// - [`Error::InvalidOption`] for an option outside its range;
    /// - [`Error::Manifest`], [`Error::ModelLoad`], [`Error::ModelHash`], [`Error::ModelShape`] or
    ///   [`Error::UnknownContract`] for networks that cannot be used;
    /// - [`Error::RuntimeMissing`], [`Error::RuntimeInvalid`], [`Error::RuntimeTooOld`] or
    ///   [`Error::BackendUnavailable`] for a backend that cannot be started.
    pub fn build(self) -> Result<Engine> {
        self.options.validate()?;
        let (mut detector, mut recognizer) = (self.detector, self.recognizer);
        let (mut backend, mut calibration, mut verification) = (None, Calibration::default(), None);
        // Networks are loaded only for what the caller has not brought along.
        if detector.is_none() || recognizer.is_none() {
            let manifest = match (self.manifest, &self.options.models) {
                (Some(manifest), _) => manifest,
                (None, Some(path)) => Manifest::from_file(path)?,
                (None, None) => bundled()?,
            };
            let options = &self.options;
            let runtime = Runtime::start(
                options.backend,
                options.execution_provider,
                options.onnxruntime_library.as_deref(),
            )?;
            let manifest = if options.precision.is_int8_on(runtime.info()) {
                manifest.into_int8()
            } else {
                manifest
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
                let texts = options.max_candidates + SEARCHED_BEYOND;
                recognizer = Some(Arc::new(OnnxRecognizer::load(&manifest, &runtime, texts)?));
            }
            backend = Some(runtime.info().clone());
        }
        let (Some(detector), Some(recognizer)) = (detector, recognizer) else {
            return Err(Error::Worker {
                reason: "an engine was built without its parts".into(),
            });
        };
        let pool = match (self.pool, self.options.threads) {
            (Some(pool), _) => Some(pool),
            (None, Some(threads)) => Some(Arc::new(
                rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .thread_name(|index| format!("platewarden-{index}"))
                    .build()
                    .map_err(|error| Error::Worker {
                        reason: format!("no thread pool could be started: {error}"),
                    })?,
            )),
            (None, None) => None,
        };
        let interpreter = Interpreter::new(&self.options, calibration)?;
        let inner = Inner {
            detector,
            recognizer,
            interpreter,
            verification,
            options: self.options,
            backend,
            pool,
        };
        Ok(Engine {
            inner: Arc::new(inner),
        })
    }
}

#[cfg(feature = "bundled-models")]
pub(crate) fn bundled() -> Result<Manifest> {
    Manifest::bundled()
}

#[cfg(not(feature = "bundled-models"))]
pub(crate) fn bundled() -> Result<Manifest> {
    Err(Error::InvalidOption {
        option: "models",
        expected: "the path of a manifest, for this build lacks the Cargo feature `bundled-models`"
            .into(),
        found: "none".into(),
    })
}

impl Engine {
    /// An engine with the networks that come with the crate and default options.
    ///
    /// # Errors
    ///
    /// The same as [`EngineBuilder::build`].
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// An engine with these options.
    ///
    /// # Errors
    ///
    /// The same as [`EngineBuilder::build`].
    pub fn with_options(options: EngineOptions) -> Result<Self> {
        Self::builder().options(options).build()
    }

    /// A builder, to bring one's own parts.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// What runs the networks; `None` where both detector and recogniser are the caller's own.
    pub fn backend(&self) -> Option<&BackendInfo> {
        self.inner.backend.as_ref()
    }

    /// The options the engine was built with.
    pub fn options(&self) -> &EngineOptions {
        &self.inner.options
    }

    /// The engine's own thread pool, where it has one.
    pub(crate) fn pool(&self) -> Option<&Arc<ThreadPool>> {
        self.inner.pool.as_ref()
    }

    /// Runs every network once for each thread that may read frames at the same time, so that the first frames take no
    /// longer than the rest. Without this, a network is prepared when a thread first needs it.
    ///
    /// # Errors
    ///
    /// [`Error::ModelLoad`] or [`Error::Inference`] when a network cannot be run.
    pub fn warm_up(&self) -> Result<()> {
        let workers = self
            .inner
            .pool
            .as_ref()
            .map_or_else(rayon::current_num_threads, |pool| {
                pool.current_num_threads()
            });
        self.inner.detector.warm_up(workers)?;
        self.inner.recognizer.warm_up(workers)
    }

    /// Finds and reads the plates of a frame, best detection first.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::FrameTooLarge`] for a frame that cannot be read, [`Error::Inference`] when a network
    /// fails.
    pub fn read(&self, frame: &Frame<'_>) -> Result<Vec<PlateRead>> {
        let detections = self.detect(frame)?;
        let mut reads = self.recognize(frame, &detections)?;
        // The recogniser's opinion may have changed the order.
        reads.sort_by(|a, b| b.detection_score.total_cmp(&a.detection_score));
        Ok(reads)
    }

    /// Finds the plates of a frame, best first: the first half of [`read`](Self::read).
    ///
    /// Plates below the minimum size or score, or outside the region of interest, are left out.
    ///
    /// # Errors
    ///
    /// The same as [`read`](Self::read).
    pub fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Detection>> {
        let Inner {
            detector, options, ..
        } = &*self.inner;
        let frame = frame.within(&options.limits)?;
        let mut detections = detector.detect(&frame)?;
        if let Some(tiling) = self.tiles(frame.size()) {
            for tile in tiling.tiles(frame.size()) {
                detections.extend(self.detect_in(&frame, &tile)?);
            }
            detections = merge(&detections);
        }
        let (min_width, min_height) = options.min_plate_size;
        detections.retain(|detection| {
            detection.bounds.width >= min_width
                && detection.bounds.height >= min_height
                && options
                    .region_of_interest
                    .contains(&detection.quad, frame.size())
        });
        detections.sort_by(|a, b| b.score.total_cmp(&a.score));
        detections.truncate(options.max_plates);
        Ok(detections)
    }

    /// The tiles to search besides the whole frame, where the options ask for them and they would show more.
    fn tiles(&self, frame: (u32, u32)) -> Option<Tiling> {
        let tiling = self.inner.options.tiling?;
        let input = self.inner.detector.input_size(frame)?;
        Tiling::for_plates(frame, input, tiling.min_plate_width, tiling.visible_width)
    }

    fn detect_in(&self, frame: &Frame<'_>, tile: &Rect) -> Result<Vec<Detection>> {
        let (part, origin) = frame.part(tile)?;
        let found = self.inner.detector.detect(&part)?;
        Ok(found
            .into_iter()
            .map(|detection| Detection {
                quad: detection.quad.translate(origin.x, origin.y),
                bounds: detection.bounds.translate(origin.x, origin.y),
                score: detection.score,
            })
            .collect())
    }

    /// Cuts a plate out of the frame at its full resolution and stretches it flat, `height` pixels high and as wide as
    /// the plate's proportions make it, with a margin of 6 % on each side: a picture to show or to keep as evidence.
    ///
    /// # Errors
    ///
    /// [`Error::Corners`] for corners that enclose nothing, [`Error::Empty`] for a height of 0.
    pub fn rectify(&self, frame: &Frame<'_>, plate: &Quad, height: u32) -> Result<RgbImage> {
        let ratio = (plate.width() / plate.height().max(1.0)).clamp(0.25, 16.0);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "the ratio is limited and the cast saturates"
        )]
        let width = if ratio.is_finite() {
            (height as f32 * ratio).round().max(1.0) as u32
        } else {
            height
        };
        self.inner.options.limits.check_size(width, height)?;
        let spec = RectifySpec::new(width, height)
            .with_channels(Channels::Rgb)
            .with_margin(0.06, 0.06);
        let mut pixels = vec![0; spec.elements()];
        Rectifier::new().bytes(frame, plate, &spec, &mut pixels)?;
        RgbImage::from_raw(width, height, pixels).ok_or_else(|| Error::Worker {
            reason: "a picture of another size than asked for was made".into(),
        })
    }

    /// Reads plates that were found: the second half of [`read`](Self::read). The reads are in the order of the
    /// detections; those that the options leave out are missing.
    ///
    /// # Errors
    ///
    /// The same as [`read`](Self::read).
    pub fn recognize(&self, frame: &Frame<'_>, detections: &[Detection]) -> Result<Vec<PlateRead>> {
        if detections.is_empty() {
            return Ok(Vec::new());
        }
        let Inner {
            recognizer,
            interpreter,
            verification,
            options,
            ..
        } = &*self.inner;
        let frame = frame.within(&options.limits)?;
        let quads: Vec<Quad> = detections.iter().map(|detection| detection.quad).collect();
        let readings: Vec<Reading> = recognizer.recognize(&frame, &quads)?;
        if readings.len() != quads.len() {
            return Err(Error::Inference {
                stage: "recognizer",
                reason: format!(
                    "it gave {} readings for {} plates",
                    readings.len(),
                    quads.len()
                ),
                suggestion: "return one reading for each plate".into(),
            });
        }
        let mut scratch = Scratch::default();
        Ok(detections
            .iter()
            .zip(&readings)
            .filter_map(|(detection, reading)| {
                let mut read = interpreter.read(detection, reading, &mut scratch);
                if let Some(verification) = verification {
                    read.detection_score =
                        verification.probability(&read, (frame.width(), frame.height()));
                    if read.detection_score < verification.min_score {
                        return None;
                    }
                }
                Some(read)
            })
            .filter(|read| {
                (options.keep_unread || !read.text.is_empty())
                    && (read.text.is_empty() || read.confidence >= options.min_confidence)
            })
            .collect())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("backend", &self.inner.backend)
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

/// Keeps each plate once that was found in several tiles: the surest of those that cover one another.
fn merge(detections: &[Detection]) -> Vec<Detection> {
    let boxes: Vec<Rect> = detections
        .iter()
        .map(|detection| detection.bounds)
        .collect();
    let scores: Vec<f32> = detections.iter().map(|detection| detection.score).collect();
    let mut keep = Vec::new();
    nms_contained(&boxes, &scores, SAME_PLATE, CUT_PLATE, &mut keep);
    keep.iter()
        .filter_map(|&index| detections.get(index).copied())
        .collect()
}
