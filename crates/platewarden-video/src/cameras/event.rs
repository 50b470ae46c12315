//! What a pool tells.

use platewarden::PlateRead;

use super::id::CameraId;
use super::statistics::CameraStatistics;
use crate::error::Error;
use crate::source::SourceError;
use crate::tracking::Pass;

/// What happened at a camera.
#[derive(Debug)]
#[non_exhaustive]
pub enum CameraEvent {
    /// A vehicle passed.
    Pass {
        /// The camera.
        camera: CameraId,
        /// The vehicle.
        pass: Box<Pass>,
    },
    /// Plates were read in a frame; told only where [`CameraOptions::with_reads`](super::CameraOptions::with_reads) asks
    /// for it.
    Reads {
        /// The camera.
        camera: CameraId,
        /// Index of the frame.
        frame: u64,
        /// The reads.
        reads: Vec<PlateRead>,
    },
    /// A frame could not be read; the camera goes on.
    FrameFailed {
        /// The camera.
        camera: CameraId,
        /// Index of the frame.
        frame: u64,
        /// Why.
        error: Error,
    },
    /// The source reported an error.
    SourceFailed {
        /// The camera.
        camera: CameraId,
        /// Why; when fatal, [`CameraEvent::Ended`] follows.
        error: SourceError,
    },
    /// The source has no more frames, or the camera was removed; all its passes were told.
    Ended {
        /// The camera.
        camera: CameraId,
        /// What became of its frames.
        statistics: Box<CameraStatistics>,
    },
}

impl CameraEvent {
    /// The camera it is about.
    #[must_use]
    pub const fn camera(&self) -> CameraId {
        match self {
            Self::Pass { camera, .. }
            | Self::Reads { camera, .. }
            | Self::FrameFailed { camera, .. }
            | Self::SourceFailed { camera, .. }
            | Self::Ended { camera, .. } => *camera,
        }
    }
}
