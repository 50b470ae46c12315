//! Time, and what happens when it goes backwards.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use crate::{Error, ErrorKind, Result};

/// How far the clock may be set back without anybody being asked: a correction by a time server.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// Where a store takes its time from.
///
/// ```
/// use platewarden_store::Clock;
/// let clock = Clock::manual("2026-11-22T12:00:00Z".parse()?);
/// clock.advance(jiff::SignedDuration::from_hours(1));
/// assert_eq!(clock.now().to_string(), "2026-11-22T13:00:00Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    /// Nanoseconds since 1970 fit until 2262.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands until it is moved: for tests and for replaying what happened.
    #[must_use]
    pub fn manual(now: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(nanoseconds(now)))))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Manual(at) => Timestamp::from_nanosecond(i128::from(at.load(Ordering::SeqCst)))
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// Moves a manual clock; has no effect on the machine's.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(at) = &self.0 {
            let moved = self.now().checked_add(by).unwrap_or(Timestamp::MAX);
            at.store(nanoseconds(moved), Ordering::SeqCst);
        }
    }
}

fn nanoseconds(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if matches!(self.0, Source::System) {
            "system"
        } else {
            "manual"
        };
        write!(f, "Clock({name}, {})", self.now())
    }
}

/// The latest instant that the store has acted on.
#[derive(Debug)]
pub(crate) struct HighWater(AtomicI64);

impl HighWater {
    pub(crate) fn new(milliseconds: i64) -> Self {
        Self(AtomicI64::new(milliseconds))
    }

    pub(crate) fn milliseconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Now, if time goes forwards.
    ///
    /// With a clock that was set back, reads would be kept too long and permits would live again; with one that was set
    /// back after it ran ahead, reads were perhaps deleted too early. A person has to look.
    pub(crate) fn pass(&self, now: Timestamp) -> Result<Timestamp> {
        let latest = self.milliseconds();
        let floor = latest.saturating_sub(i64::try_from(TOLERANCE.as_millis()).unwrap_or(0));
        if now.as_millisecond() < floor {
            let seen = Timestamp::from_millisecond(latest).unwrap_or(Timestamp::MAX);
            return Err(Error::new(
                ErrorKind::Clock,
                format!("the clock says {now}, but the store has acted at {seen} already"),
                "set the clock right; nothing is searched, written or deleted until it is",
            ));
        }
        self.0.fetch_max(now.as_millisecond(), Ordering::SeqCst);
        Ok(now)
    }
}
