//! Free-text reasons and menu values to graded purpose signals.
//!
//! The classifier only ever tightens: a clean text never rescues a bad declared purpose.

mod signal;

pub use signal::{Classification, Grade, Signal, SignalCategory};

/// What `text` gives away.
#[must_use]
pub fn classify(_text: &str) -> Classification {
    Classification::default()
}
