//! Where passes and hits go beside standard output.

use jiff::Timestamp;
use serde_json::Value;

/// One more place for passes and hits. What it says went wrong is reported and does not end the watch.
pub(super) trait Sink {
    /// Takes a pass or a hit as it is written to standard output.
    fn take(&mut self, told: &Told<'_>) -> Result<(), String>;

    /// Does what is due; called several times a second.
    fn tick(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Does what is left, at the end of the watch.
    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// A pass or a hit.
pub(super) struct Told<'a> {
    /// `pass` or `hit`.
    pub(super) kind: &'a str,
    /// The object of the line.
    pub(super) object: &'a Value,
    /// The camera's name.
    pub(super) camera: &'a str,
    /// When its source began, where that is known: times within the object are seconds from there.
    pub(super) start: Option<Timestamp>,
}
