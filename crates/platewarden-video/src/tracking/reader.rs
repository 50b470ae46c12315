//! From frames to passes with an engine.

use std::time::Duration;

use platewarden::{Detection, Engine, Frame, PlateRead};

use super::evidence::TrackRead;
use super::observation::Observation;
use super::options::TrackerOptions;
use super::pass::Pass;
use super::tracker::Tracker;
use crate::error::Result;
use crate::motion::MotionGate;
use crate::source::VideoFrame;

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
    engine: Engine,
    /// Says which frames need no search.
    gate: Option<MotionGate>,
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
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for an option outside its range.
    pub fn new(engine: Engine, options: TrackerOptions) -> Result<Self> {
        Ok(Self {
            engine,
            gate: options.motion.map(MotionGate::new),
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
    ///
    /// Those of [`Engine::detect`] and [`Engine::recognize`].
    pub fn read(&mut self, frame: &VideoFrame) -> Result<Vec<Pass>> {
        self.read_at(&frame.frame()?, frame.timestamp(), frame.index())
    }

    /// The same for pixels that lie elsewhere, which are not copied: those of the frame `index` of its source, counted from
    /// 0, at `timestamp` from its start.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn read_at(
        &mut self,
        pixels: &Frame<'_>,
        timestamp: Duration,
        index: u64,
    ) -> Result<Vec<Pass>> {
        self.reads.clear();
        self.find(pixels)?;
        let observations: Vec<Observation> =
            self.detections.iter().map(Observation::from).collect();
        let wanted = self
            .tracker
            .associate(timestamp, index, pixels.size(), &observations);
        let plates: Vec<Detection> = wanted
            .iter()
            .filter_map(|&index| self.detections.get(index).copied())
            .collect();
        // Where the plates are is known even if they cannot be read.
        let (places, failed) = match self.engine.recognize(pixels, &plates) {
            Ok(places) => (places, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        // There is a place for each plate that was asked for.
        let reads = wanted
            .into_iter()
            .zip(&places)
            .filter_map(|(index, read)| Some((index, TrackRead::from(read.as_ref()?))))
            .collect();
        let passes = self.tracker.commit(Some(pixels), reads);
        self.reads = places.into_iter().flatten().collect();
        // Passes are not lost for a frame that could not be read: they come with the next.
        self.held.extend(passes);
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(std::mem::take(&mut self.held)),
        }
    }

    /// Finds the plates of a frame, or leaves those of the frame before where nothing moved.
    fn find(&mut self, pixels: &Frame<'_>) -> Result<()> {
        if let Some(gate) = &mut self.gate
            && !gate.is_changed(pixels)?
        {
            self.tracker.count_unsearched();
            return Ok(());
        }
        self.detections.clear();
        match self.engine.detect(pixels) {
            Ok(found) => self.detections = found,
            Err(error) => {
                // What the frame shows is unknown: the next one is searched whatever it shows.
                if let Some(gate) = &mut self.gate {
                    gate.reset();
                }
                return Err(error.into());
            }
        }
        Ok(())
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

    /// The plates of the last frame.
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
