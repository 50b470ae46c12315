//! Reading the text of plates that were found.

mod cut;
mod onnx;
mod reading;
mod sequence;
mod subdivision;

pub use self::onnx::OnnxRecognizer;
pub use self::reading::Reading;
pub(crate) use self::subdivision::WithSubdivisions;
use crate::{Frame, Quad, Result};

/// Reads the text of plates.
///
/// [`OnnxRecognizer`] is the implementation that the engine uses; implement the trait to bring your own.
pub trait Recognizer: Send + Sync {
    /// Reads the plates with these corners, in this order; the result has one reading for each.
    ///
    /// `frame` is the whole frame at its full resolution, and the corners are in its pixels.
    ///
    /// # Errors
    ///
    /// [`Inference`](crate::ErrorKind::Inference) when a network fails.
    fn recognize(&self, frame: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>>;

    /// Reads plates of several frames, each given with its frame; the result has one reading for each, in this order.
    ///
    /// [`Engine::read_batch`](crate::Engine::read_batch) calls it: a network may read many plates at once in less time than
    /// one after the other. Without an implementation of its own, plates are read one by one.
    ///
    /// # Errors
    ///
    /// The same as [`recognize`](Self::recognize).
    fn recognize_many(&self, plates: &[(&Frame<'_>, Quad)]) -> Result<Vec<Reading>> {
        let mut readings = Vec::with_capacity(plates.len());
        for (frame, plate) in plates {
            readings.extend(self.recognize(frame, &[*plate])?);
        }
        Ok(readings)
    }

    /// Prepares for calls from this many threads at once, so that the first of them take no longer than the rest.
    ///
    /// # Errors
    ///
    /// The same as [`recognize`](Self::recognize).
    fn warm_up(&self, workers: usize) -> Result<()> {
        let _ = workers;
        Ok(())
    }
}
