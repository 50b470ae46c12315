//! From frames to passes with an engine.

use std::sync::Arc;

use platewarden::{Detection, Engine, Frame, PlateRead};

use super::evidence::TrackRead;
use super::options::TrackerOptions;
use super::pass::Pass;
use super::tracker::{Observation, Tracker};
use crate::error::Result;
use crate::source::VideoFrame;

/// The two halves of reading that a tracker runs one by one: finding plates, and reading those that need it.
///
/// [`Engine`] is the usual implementation.
pub trait ReadStages: Send + Sync {
    /// The plates of a frame.
    ///
    /// # Errors
    /// Where the frame cannot be searched.
    fn detect(&self, frame: &Frame<'_>) -> platewarden::Result<Vec<Detection>>;

    /// Reads of the plates given, in their order; those without anything to tell may be missing.
    ///
    /// # Errors
    /// Where the plates cannot be read.
    fn recognize(
        &self,
        frame: &Frame<'_>,
        plates: &[Detection],
    ) -> platewarden::Result<Vec<PlateRead>>;
}

impl ReadStages for Engine {
    fn detect(&self, frame: &Frame<'_>) -> platewarden::Result<Vec<Detection>> {
        Self::detect(self, frame)
    }

    fn recognize(
        &self,
        frame: &Frame<'_>,
        plates: &[Detection],
    ) -> platewarden::Result<Vec<PlateRead>> {
        Self::recognize(self, frame, plates)
    }
}

/// Reads the frames of one camera and gives one pass for each vehicle.
///
/// ```no_run
/// use platewarden::Engine;
/// use platewarden_video::{tracking::{PassReader, TrackerOptions}, source::{FfmpegOptions, FfmpegSource, FrameSource}};
///
/// let mut source = FfmpegSource::open("gate.mp4", FfmpegOptions::default())?;
/// let mut reader = PassReader::new(Engine::new()?, TrackerOptions::default())?;
/// while let Some(frame) = source.next_frame()? {
///     for pass in reader.read(&frame)? {
///         println!("{} at {:?}", pass.text, pass.last_seen);
///     }
/// }
/// for pass in reader.finish() {
///     println!("{} at {:?}", pass.text, pass.last_seen);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PassReader {
    stages: Arc<dyn ReadStages>,
    tracker: Tracker,
    detections: Vec<Detection>,
    reads: Vec<PlateRead>,
    /// Passes that could not be handed over yet.
    held: Vec<Pass>,
}

impl PassReader {
    /// A reader with its own tracker; readers of several cameras share one engine by its clones.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for an option outside its range.
    pub fn new(stages: impl ReadStages + 'static, options: TrackerOptions) -> Result<Self> {
        Self::with_shared(Arc::new(stages), options)
    }

    /// As [`PassReader::new`] with stages that others share.
    ///
    /// # Errors
    /// Those of [`PassReader::new`].
    pub fn with_shared(stages: Arc<dyn ReadStages>, options: TrackerOptions) -> Result<Self> {
        Ok(Self {
            stages,
            tracker: Tracker::new(options)?,
            detections: Vec::new(),
            reads: Vec::new(),
            held: Vec::new(),
        })
    }

    /// Finds and tracks the plates of the next frame, reads those that need it, and gives the passes that are complete.
    ///
    /// After an error the frame counts as not seen; the next one can be read.
    ///
    /// # Errors
    /// Those of the stages.
    pub fn read(&mut self, frame: &VideoFrame) -> Result<Vec<Pass>> {
        self.detections.clear();
        self.reads.clear();
        let pixels = frame.frame()?;
        self.detections = self.stages.detect(&pixels)?;
        let observations: Vec<Observation> =
            self.detections.iter().map(Observation::from).collect();
        let wanted = self.tracker.associate(
            frame.timestamp(),
            frame.index(),
            pixels.size(),
            &observations,
        );
        let plates: Vec<Detection> = wanted
            .iter()
            .filter_map(|&index| self.detections.get(index).copied())
            .collect();
        let mut failed = None;
        if !plates.is_empty() {
            match self.stages.recognize(&pixels, &plates) {
                Ok(reads) => self.reads = reads,
                // Where the plates are is known all the same.
                Err(error) => failed = Some(error),
            }
        }
        let reads = pair(&wanted, &plates, &self.reads);
        let passes = self.tracker.commit(Some(&pixels), reads);
        // Passes are not lost for a frame that could not be read: they come with the next.
        self.held.extend(passes);
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(std::mem::take(&mut self.held)),
        }
    }

    /// Ends all that is in view and gives its passes.
    pub fn finish(&mut self) -> Vec<Pass> {
        let mut passes = std::mem::take(&mut self.held);
        passes.extend(self.tracker.finish());
        passes
    }

    /// The vehicles in view and the counts.
    #[must_use]
    pub const fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// The plates found in the last frame.
    #[must_use]
    pub fn detections(&self) -> &[Detection] {
        &self.detections
    }

    /// The plates read in the last frame: those of vehicles whose vote is not settled.
    #[must_use]
    pub fn reads(&self) -> &[PlateRead] {
        &self.reads
    }
}

/// Puts each read to the plate it is of; reads keep the order and the corners of their plates.
fn pair(wanted: &[usize], plates: &[Detection], reads: &[PlateRead]) -> Vec<(usize, TrackRead)> {
    let mut left = reads.iter().peekable();
    let mut pairs = Vec::with_capacity(reads.len());
    for (&index, plate) in wanted.iter().zip(plates) {
        if let Some(read) = left.next_if(|read| read.corners == plate.quad.corners()) {
            pairs.push((index, TrackRead::from(read)));
        }
    }
    pairs
}
