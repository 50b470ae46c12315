//! Finding plates in a frame.

mod onnx;

use serde::{Deserialize, Serialize};

pub use self::onnx::OnnxDetector;
use crate::{Frame, Quad, Rect, Result};

/// Finds plates.
///
/// [`OnnxDetector`] is the implementation that the engine uses; implement the trait to bring your own.
pub trait Detector: Send + Sync {
    /// The plates in a frame, best first, each plate once.
    ///
    /// # Errors
    ///
    /// [`Inference`](crate::ErrorKind::Inference) when a network fails.
    fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Detection>>;

    /// Width and height, in pixels, of the input that a frame of this size is scaled to, where the detector scales
    /// frames. Tiling uses it to tell when a plate would become too small to be found.
    fn input_size(&self, frame: (u32, u32)) -> Option<(u32, u32)> {
        let _ = frame;
        None
    }

    /// Prepares for calls from this many threads at once, so that the first of them take no longer than the rest.
    ///
    /// # Errors
    ///
    /// The same as [`detect`](Self::detect).
    fn warm_up(&self, workers: usize) -> Result<()> {
        let _ = workers;
        Ok(())
    }
}

/// A plate that was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Corners of the plate as it is read, in pixels of the frame. They may lie a little outside the frame.
    pub quad: Quad,
    /// The upright box around the plate within the frame.
    pub bounds: Rect,
    /// How sure the detector is, 0 to 1.
    pub score: f32,
}
