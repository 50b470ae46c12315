//! Instants on the command line.

use jiff::{Span, Timestamp, Zoned};
use platewarden_policy::model::parse_instant;

use crate::failure::{AnyError, UsageError};

/// An instant: a date or a date with a time, or how long ago, as in `90 min ago`.
///
/// # Errors
///
/// [`UsageError`] with what is expected.
pub(crate) fn instant(option: &str, text: &str) -> Result<Timestamp, AnyError> {
    if let Ok(at) = parse_instant(text) {
        return Ok(at);
    }
    let from_now = || {
        let span: Span = text.parse().ok()?;
        // Days differ in length where clocks change.
        let at: Zoned = Zoned::now().checked_add(span).ok()?;
        Some(at.timestamp())
    };
    from_now().ok_or_else(|| {
        UsageError(format!(
            "{option} {text}: expected 2026-11-22, 2026-11-22T15:04:05Z, or a span such as `1 hour ago`"
        ))
        .into()
    })
}
