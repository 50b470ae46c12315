//! One camera of a pool.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use platewarden::Engine;

use super::event::CameraEvent;
use super::id::CameraId;
use super::options::CameraOptions;
use super::statistics::CameraStatistics;
use crate::error::Failure;
use crate::error::{Error, Result};
use crate::source::{FrameSource, Pump, Taken, VideoFrame};
use crate::tracking::{PassReader, TrackerStatistics};

/// A source with its tracker and counts. Frames of one camera are read one after another, in their order.
pub(super) struct Camera {
    pub(super) id: CameraId,
    name: String,
    pump: Pump,
    /// Locked while a frame is read, by the one worker that has the camera.
    reader: Mutex<PassReader>,
    counts: Mutex<Counts>,
    tell_reads: bool,
    pub(super) removed: AtomicBool,
    /// Whether it is queued for or held by a worker.
    pub(super) scheduled: AtomicBool,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    taken: u64,
    read: u64,
    failed: u64,
    tracker: TrackerStatistics,
    longest: Duration,
    total: Duration,
    ended: bool,
}

impl Camera {
    pub(super) fn new(
        id: CameraId,
        name: String,
        pump: Pump,
        engine: Engine,
        options: &CameraOptions,
    ) -> Result<Self> {
        Ok(Self {
            id,
            name,
            pump,
            reader: Mutex::new(PassReader::new(engine, options.tracker.clone())?),
            counts: Mutex::default(),
            tell_reads: options.reads,
            removed: AtomicBool::new(false),
            scheduled: AtomicBool::new(false),
        })
    }

    /// Whether a worker would find something to do.
    pub(super) fn is_ready(&self) -> bool {
        !self.counts().ended && (self.pump.is_ready() || self.removed.load(Ordering::Acquire))
    }

    pub(super) fn stop(&self) {
        self.removed.store(true, Ordering::Release);
        self.pump.stop();
    }

    /// Does one piece of work: reads a frame, passes on an error, or ends.
    pub(super) fn work(&self, tell: &mut dyn FnMut(CameraEvent)) {
        let camera = self.id;
        // Taking a frame and counting it are one step for whoever asks for the statistics.
        let mut counts = self.counts();
        if counts.ended {
            return;
        }
        let taken = self.pump.take(Duration::ZERO);
        counts.taken += u64::from(matches!(taken, Taken::Frame(_)));
        drop(counts);
        match taken {
            Taken::Frame(frame) => self.read(&frame, tell),
            Taken::Failed(error) => tell(CameraEvent::SourceFailed { camera, error }),
            Taken::Nothing => {}
            Taken::Ended => self.end(tell),
        }
    }

    fn read(&self, frame: &VideoFrame, tell: &mut dyn FnMut(CameraEvent)) {
        let camera = self.id;
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reader.read(frame)))
            .unwrap_or_else(|panic| {
                Err(Error::from(Failure::Panicked {
                    reason: crate::source::reason_of(panic.as_ref()),
                }))
            });
        let latency = Instant::now().saturating_duration_since(frame.arrived());
        let mut counts = self.counts();
        counts.tracker = reader.tracker().statistics();
        match &result {
            Ok(_) => {
                counts.read += 1;
                counts.longest = counts.longest.max(latency);
                counts.total += latency;
            }
            Err(_) => counts.failed += 1,
        }
        drop(counts);
        let reads = if self.tell_reads {
            reader.reads().to_vec()
        } else {
            Vec::new()
        };
        drop(reader);
        let index = frame.index();
        if !reads.is_empty() {
            tell(CameraEvent::Reads {
                camera,
                frame: index,
                reads,
            });
        }
        match result {
            Ok(passes) => {
                for pass in passes {
                    let pass = Box::new(pass);
                    tell(CameraEvent::Pass { camera, pass });
                }
            }
            Err(error) => tell(CameraEvent::FrameFailed {
                camera,
                frame: index,
                error,
            }),
        }
    }

    fn end(&self, tell: &mut dyn FnMut(CameraEvent)) {
        const SETTLE: Duration = Duration::from_secs(2);
        let camera = self.id;
        // A removed source may still be closing; its last counts are worth a moment.
        let _settled = self.pump.wait_for_end(SETTLE);
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let passes = reader.finish();
        let mut counts = self.counts();
        counts.tracker = reader.tracker().statistics();
        counts.ended = true;
        drop(counts);
        drop(reader);
        for pass in passes {
            let pass = Box::new(pass);
            tell(CameraEvent::Pass { camera, pass });
        }
        let statistics = Box::new(self.statistics());
        tell(CameraEvent::Ended { camera, statistics });
    }

    pub(super) fn statistics(&self) -> CameraStatistics {
        let counts = self.counts();
        let source = self.pump.statistics();
        CameraStatistics {
            camera: self.id,
            name: self.name.clone(),
            source,
            read: counts.read,
            failed: counts.failed,
            in_work: counts.taken - counts.read - counts.failed,
            tracker: counts.tracker,
            longest_latency: counts.longest,
            total_latency: counts.total,
            ended: counts.ended,
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
