//! The engine: frames in, plate reads out.

mod builder;
mod close_up;
mod deskew;
mod edge;
mod precision;
mod second_look;
mod turned;

use std::{fmt, sync::Arc};

use image::RgbImage;
use rayon::ThreadPool;

pub use self::builder::EngineBuilder;
use self::{deskew::Straightened, second_look::Cut, turned::Turn};
use crate::error::Failure;
use crate::{
    BackendInfo, Channels, Detection, Detector, EngineOptions, Error, Frame, Manifest, PlateRead,
    Precision, Quad, Reading, Recognizer, Rect, Rectifier, RectifySpec, Result,
    interpret::Interpreter, manifest::VerificationManifest, nms_contained, options::TilingOptions,
    syntax::Scratch, tiling::Tiling,
};

/// Confidence from which on a picture is taken to stand upright: letters upside-down are read as others, but not for sure.
const SURE_UPRIGHT: f32 = 0.9;
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
    /// What looks again at doubtful plates.
    second: Arc<dyn Recognizer>,
    interpreter: Interpreter,
    /// How a read counts for its detection; with the smallest probability in force.
    verification: Option<VerificationManifest>,
    options: EngineOptions,
    backend: Option<BackendInfo>,
    /// The networks that were asked for, before an arithmetic was chosen.
    networks: Option<Manifest>,
    precision: Option<Precision>,
    pool: Option<Arc<ThreadPool>>,
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

    /// The networks it runs; `None` where both detector and recogniser are the caller's own. The digests are those of the 32-bit files
    /// whatever the [precision](Self::precision).
    pub fn networks(&self) -> Option<&Manifest> {
        self.inner.networks.as_ref()
    }

    /// The arithmetic that its networks are run in, never [`Precision::Auto`]; `None` where both detector and recogniser are the
    /// caller's own.
    pub fn precision(&self) -> Option<Precision> {
        self.inner.precision
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
    /// [`ModelLoad`](crate::ErrorKind::ModelLoad) or [`Inference`](crate::ErrorKind::Inference) when a network cannot be
    /// run.
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
    /// [`Empty`](crate::ErrorKind::Empty) or [`FrameTooLarge`](crate::ErrorKind::FrameTooLarge) for a frame that cannot be
    /// read, [`Inference`](crate::ErrorKind::Inference) when a network fails.
    pub fn read(&self, frame: &Frame<'_>) -> Result<Vec<PlateRead>> {
        let detections = self.detect(frame)?;
        let reads = best_first(self.recognize(frame, &detections)?);
        if self.inner.options.turned && surest(&reads) < SURE_UPRIGHT {
            return self.read_turned(frame, reads);
        }
        Ok(reads)
    }

    /// The reads of the frame upright, turned by half, to the right or to the left, whichever are surest.
    fn read_turned(&self, frame: &Frame<'_>, upright: Vec<PlateRead>) -> Result<Vec<PlateRead>> {
        let Some(picture) = turned::picture(frame) else {
            return Ok(upright);
        };
        let mut best = upright;
        for turn in Turn::ALL {
            let other = turn.apply(&picture);
            let other = Frame::from(&other);
            let detections = self.detect(&other)?;
            let mut reads = best_first(self.recognize(&other, &detections)?);
            if surest(&reads) > surest(&best) {
                for read in &mut reads {
                    turn.put_back(read, frame.size());
                }
                best = reads;
            }
        }
        Ok(best)
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
            let mut is_cut = vec![false; detections.len()];
            for tile in tiling.tiles(frame.size()) {
                let found = self.detect_in(&frame, &tile)?;
                let size = frame.size();
                is_cut.extend(found.iter().map(|plate| is_cut_by(&tile, plate, size)));
                detections.extend(found);
            }
            detections = merge(&detections, &is_cut);
        }
        if options.is_crop || (options.close_ups && close_up::is_wanted(&detections, frame.size()))
        {
            detections = close_up::look_again(&**detector, &frame, detections, options.is_crop)?;
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
        let options = &self.inner.options;
        let input = self.inner.detector.input_size(frame)?;
        let tiling = match options.tiling {
            Some(tiling) => tiling,
            None if options.auto_tiling && TilingOptions::is_needed(frame, input) => {
                TilingOptions::for_large_frames()
            }
            None => return None,
        };
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
    /// [`Corners`](crate::ErrorKind::Corners) for corners that enclose nothing, [`Empty`](crate::ErrorKind::Empty) for a
    /// height of 0.
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
        #[allow(
            clippy::expect_used,
            reason = "the buffer was made of width x height x 3 bytes above"
        )]
        Ok(RgbImage::from_raw(width, height, pixels).expect("three bytes a pixel"))
    }

    /// Reads plates that were found: the second half of [`read`](Self::read). There is a place for each detection, in their
    /// order; it is `None` where the options leave the read out.
    ///
    /// # Errors
    ///
    /// The same as [`read`](Self::read).
    pub fn recognize(
        &self,
        frame: &Frame<'_>,
        detections: &[Detection],
    ) -> Result<Vec<Option<PlateRead>>> {
        if detections.is_empty() {
            return Ok(Vec::new());
        }
        let frame = frame.within(&self.inner.options.limits)?;
        let plates = self.straightened(&frame, detections);
        let quads: Vec<Quad> = plates.iter().map(Straightened::quad).collect();
        let readings = self.inner.recognizer.recognize(&frame, &quads)?;
        one_for_each(readings.len(), quads.len())?;
        self.interpret(&frame, &plates, &readings)
    }

    /// Finds and reads the plates of several frames, the plates of all of them in as few runs of the recogniser as it
    /// can: what [`read`](Self::read) gives for each of them.
    ///
    /// # Errors
    ///
    /// Those of the recogniser; which frame it fails on is not known then. A frame in which plates cannot be looked for is
    /// an error of its own.
    pub(crate) fn read_together<'a>(
        &self,
        frames: impl Iterator<Item = Result<Frame<'a>>>,
    ) -> Result<Vec<Result<Vec<PlateRead>>>> {
        let found: Vec<Result<(Frame<'_>, Vec<Straightened>)>> = frames
            .map(|frame| {
                let frame = frame?;
                let plates = self.straightened(&frame, &self.detect(&frame)?);
                Ok((frame, plates))
            })
            .collect();
        let plates: Vec<(&Frame<'_>, Quad)> = found
            .iter()
            .flatten()
            .flat_map(|(frame, plates)| plates.iter().map(move |plate| (frame, plate.quad())))
            .collect();
        let readings = if plates.is_empty() {
            Vec::new()
        } else {
            self.inner.recognizer.recognize_many(&plates)?
        };
        one_for_each(readings.len(), plates.len())?;
        let mut rest = readings.as_slice();
        Ok(found
            .into_iter()
            .map(|found| {
                let (frame, plates) = found?;
                let (readings, others) = rest.split_at_checked(plates.len()).unwrap_or_default();
                rest = others;
                Ok(best_first(self.interpret(&frame, &plates, readings)?))
            })
            .collect())
    }

    /// The detections with the corners that they are read at.
    fn straightened(&self, frame: &Frame<'_>, detections: &[Detection]) -> Vec<Straightened> {
        detections
            .iter()
            .map(|detection| {
                // What reaches an edge is cut off there, and its box no longer tells its proportions.
                let is_whole = !edge::Edges::reached_by(detection, frame.size()).any();
                let corners = (self.inner.options.deskew && is_whole)
                    .then(|| deskew::corners(frame, detection))
                    .flatten();
                Straightened {
                    found: *detection,
                    corners,
                }
            })
            .collect()
    }

    /// From what the recogniser finds on plates to reads; `None` for those that the options leave out.
    ///
    /// # Errors
    ///
    /// Those of the recogniser, which looks again at doubtful plates.
    fn interpret(
        &self,
        frame: &Frame<'_>,
        plates: &[Straightened],
        readings: &[Reading],
    ) -> Result<Vec<Option<PlateRead>>> {
        let Inner {
            interpreter,
            verification,
            options,
            ..
        } = &*self.inner;
        let mut scratch = Scratch::default();
        let is_kept = |read: &PlateRead| {
            (options.keep_unread || !read.text.is_empty())
                && (read.text.is_empty() || read.confidence >= options.min_confidence)
        };
        let mut reads: Vec<PlateRead> = plates
            .iter()
            .zip(readings)
            .map(|(plate, reading)| interpreter.read(&plate.detection(), reading, &mut scratch))
            .collect();
        if options.second_look {
            self.look_again(frame, plates, readings, &mut reads, &mut scratch)?;
        }
        Ok(plates
            .iter()
            .zip(reads)
            .map(|(plate, mut read)| {
                if let Some(verification) = verification {
                    read.detection_score =
                        verification.probability(&read, (frame.width(), frame.height()));
                    if read.detection_score < verification.min_score && !options.is_crop {
                        return None;
                    }
                }
                edge::mark(&mut read, &plate.found, frame.size());
                Some(read).filter(is_kept)
            })
            .collect())
    }

    /// Reads doubtful plates from further cuts, all of them in one run of the recogniser, and lets the readings vote.
    fn look_again(
        &self,
        frame: &Frame<'_>,
        plates: &[Straightened],
        readings: &[Reading],
        reads: &mut [PlateRead],
        scratch: &mut Scratch,
    ) -> Result<()> {
        let Inner {
            interpreter,
            second,
            options,
            ..
        } = &*self.inner;
        let doubtful = plates
            .iter()
            .zip(readings)
            .zip(reads)
            .filter(|(_, read)| second_look::is_wanted(read));
        let mut looks: Vec<(&mut PlateRead, &Reading, Vec<Cut>)> = doubtful
            .map(|((plate, first), read)| (read, first, second_look::cuts(plate)))
            .collect();
        if looks.is_empty() {
            return Ok(());
        }
        let cuts = looks.iter().flat_map(|(_, _, cuts)| cuts);
        let quads: Vec<Quad> = cuts.map(|cut| cut.quad).collect();
        let readings = second.recognize(frame, &quads)?;
        one_for_each(readings.len(), quads.len())?;
        let mut readings = readings.into_iter();
        for (read, first, cuts) in &mut looks {
            let others = cuts
                .iter()
                .zip(readings.by_ref())
                .map(|(cut, mut reading)| {
                    // Where the plate is from was seen the first time.
                    reading.regions.clone_from(&first.regions);
                    interpreter.read(&cut.plate, &reading, scratch)
                })
                .collect();
            **read = second_look::vote(read.clone(), others, options.max_candidates);
        }
        Ok(())
    }
}

/// The recogniser's opinion may have changed the order.
fn best_first(reads: Vec<Option<PlateRead>>) -> Vec<PlateRead> {
    let mut reads: Vec<PlateRead> = reads.into_iter().flatten().collect();
    reads.sort_by(|a, b| b.detection_score.total_cmp(&a.detection_score));
    reads
}

/// Confidence of the surest text.
fn surest(reads: &[PlateRead]) -> f32 {
    reads.iter().map(|read| read.confidence).fold(0.0, f32::max)
}

fn one_for_each(readings: usize, plates: usize) -> Result<()> {
    if readings == plates {
        return Ok(());
    }
    Err(Error::from(Failure::Inference {
        stage: "recognizer",
        reason: format!("it gave {readings} readings for {plates} plates"),
        suggestion: "return one reading for each plate".into(),
    }))
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("backend", &self.inner.backend)
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

/// Whether a plate found in a tile reaches an edge of it that is none of the frame: a part of it may lie in the next tile.
fn is_cut_by(tile: &Rect, plate: &Detection, (width, height): (u32, u32)) -> bool {
    /// Detections are good to a pixel or two of the detector's input, which is a few of the frame.
    const NEAR: f32 = 6.0;
    let bounds = &plate.bounds;
    (tile.x > 0.0 && bounds.x - tile.x <= NEAR)
        || (tile.y > 0.0 && bounds.y - tile.y <= NEAR)
        || (tile.right() < width as f32 && tile.right() - bounds.right() <= NEAR)
        || (tile.bottom() < height as f32 && tile.bottom() - bounds.bottom() <= NEAR)
}

/// Keeps each plate once that was found in several tiles: the surest of those that cover one another, and of a whole one
/// and one that a tile's edge cuts the whole one, however sure they are.
fn merge(detections: &[Detection], is_cut: &[bool]) -> Vec<Detection> {
    let boxes: Vec<Rect> = detections
        .iter()
        .map(|detection| detection.bounds)
        .collect();
    // Scores lie between 0 and 1, so that every whole plate comes before every cut one.
    let rank =
        |(detection, is_cut): (&Detection, &bool)| detection.score - f32::from(u8::from(*is_cut));
    let scores: Vec<f32> = detections.iter().zip(is_cut).map(rank).collect();
    let mut keep = Vec::new();
    nms_contained(&boxes, &scores, SAME_PLATE, CUT_PLATE, &mut keep);
    keep.iter()
        .filter_map(|&index| detections.get(index).copied())
        .collect()
}
