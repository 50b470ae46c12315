//! Opening a source again after it died.

use std::time::{Duration, Instant};

use super::timeline::Timeline;
use super::{FrameSource, SourceError, SourceStatistics, Stopper, VideoFrame};

/// How long to wait before a source is opened again: doubled after each failure.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Backoff {
    /// Wait after the first failure. Default: 0.5 s.
    pub first: Duration,
    /// Longest wait. Default: 30 s.
    pub longest: Duration,
    /// A source that gave frames for this long starts again from the first wait. Default: 10 s.
    pub healthy_after: Duration,
    /// Failures one after another before it is given up; `None` goes on for ever. Default: `None`.
    pub attempts: Option<u32>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            healthy_after: Duration::from_secs(10),
            attempts: None,
        }
    }
}

impl Backoff {
    /// Sets the first and the longest wait.
    #[must_use]
    pub const fn with_waits(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest;
        self
    }

    /// Sets the failures after which it is given up.
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Wait before attempt `failures + 1`, for `failures` of at least 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use platewarden_video::source::Backoff;
    /// let backoff = Backoff::default();
    /// assert_eq!(backoff.wait_after(1), Duration::from_millis(500));
    /// assert_eq!(backoff.wait_after(3), Duration::from_secs(2));
    /// assert_eq!(backoff.wait_after(99), Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn wait_after(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }
}

/// A live source that is opened again whenever it ends or fails.
///
/// The first opening is retried as well, so that a camera that is off when the program starts joins later. Timestamps go
/// on: the time without the source counts.
pub struct Reconnecting<S, O> {
    name: String,
    open: O,
    source: Option<S>,
    backoff: Backoff,
    failures: u32,
    opened_before: bool,
    healthy_since: Option<Instant>,
    lost_at: Option<Instant>,
    pending_gap: Option<Duration>,
    timeline: Timeline,
    frames: u64,
    /// Counts of the sources that are gone, and of what happened between them.
    past: SourceStatistics,
    stopper: Stopper,
    given_up: bool,
}

impl<S, O> Reconnecting<S, O>
where
    S: FrameSource,
    O: FnMut(&Stopper) -> Result<S, SourceError> + Send,
{
    /// A source called `name` that `open` opens, at first and again after each failure.
    ///
    /// `open` is given the switch that ends the waiting; a source that can wait for long should be made with it.
    pub fn new(name: impl Into<String>, backoff: Backoff, open: O) -> Self {
        Self {
            name: name.into(),
            open,
            source: None,
            backoff,
            failures: 0,
            opened_before: false,
            healthy_since: None,
            lost_at: None,
            pending_gap: None,
            timeline: Timeline::default(),
            frames: 0,
            past: SourceStatistics::default(),
            stopper: Stopper::default(),
            given_up: false,
        }
    }

    fn retire(&mut self) {
        if let Some(source) = self.source.take() {
            let mut last = source.statistics();
            // What was decoded and not taken is lost with the source.
            last.discarded += std::mem::take(&mut last.waiting);
            self.past = self.past.plus(last);
            self.lost_at = Some(Instant::now());
        }
        let healthy = self
            .healthy_since
            .take()
            .is_some_and(|since| since.elapsed() >= self.backoff.healthy_after);
        if healthy {
            self.failures = 0;
        }
    }

    /// Counts a failure and waits; an error where it is given up, `false` where the wait was ended.
    fn wait(&mut self, cause: Option<SourceError>) -> Result<bool, SourceError> {
        self.failures += 1;
        let hopeless = cause
            .as_ref()
            .is_some_and(|error| !error.is_worth_retrying());
        if hopeless
            || self
                .backoff
                .attempts
                .is_some_and(|most| self.failures > most)
        {
            self.given_up = true;
            return Err(match cause {
                Some(error) if hopeless => error,
                Some(error) => SourceError::GaveUp {
                    input: self.name.clone(),
                    attempts: self.failures,
                    last: Box::new(error),
                },
                None => SourceError::GaveUp {
                    input: self.name.clone(),
                    attempts: self.failures,
                    last: Box::new(SourceError::Failed {
                        input: self.name.clone(),
                        status: "end of stream".to_owned(),
                        detail: "the stream ended".to_owned(),
                    }),
                },
            });
        }
        let wait = self.backoff.wait_after(self.failures);
        log::warn!(
            "source {} is gone ({}); opening it again in {wait:?}",
            self.name,
            cause.map_or_else(|| "end of stream".to_owned(), |error| error.to_string())
        );
        Ok(!self.stopper.wait(wait))
    }

    fn place(&mut self, mut frame: VideoFrame) -> VideoFrame {
        if let Some(gap) = self.pending_gap.take() {
            self.timeline.restart(frame.timestamp(), gap);
        }
        let (timestamp, jumped) = self.timeline.place(frame.timestamp());
        self.past.timestamp_jumps += u64::from(jumped);
        frame.set_place(timestamp, self.frames);
        self.frames += 1;
        frame
    }
}

impl<S, O> FrameSource for Reconnecting<S, O>
where
    S: FrameSource,
    O: FnMut(&Stopper) -> Result<S, SourceError> + Send,
{
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError> {
        loop {
            if self.given_up || self.stopper.is_stopped() {
                self.retire();
                return Ok(None);
            }
            let Some(source) = &mut self.source else {
                match (self.open)(&self.stopper) {
                    Ok(source) => {
                        self.source = Some(source);
                        if self.opened_before {
                            self.past.reconnects += 1;
                            self.pending_gap = self.lost_at.take().map(|at| at.elapsed());
                        }
                        self.opened_before = true;
                    }
                    Err(error) => {
                        self.past.failed_attempts += 1;
                        if !self.wait(Some(error))? {
                            return Ok(None);
                        }
                    }
                }
                continue;
            };
            let cause = match source.next_frame() {
                Ok(Some(frame)) => {
                    self.healthy_since.get_or_insert_with(Instant::now);
                    return Ok(Some(self.place(frame)));
                }
                Ok(None) => None,
                Err(error) if !error.is_fatal() => return Err(error),
                Err(error) => Some(error),
            };
            self.retire();
            if self.stopper.is_stopped() || !self.wait(cause)? {
                return Ok(None);
            }
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_live(&self) -> bool {
        true
    }

    fn statistics(&self) -> SourceStatistics {
        match &self.source {
            Some(source) => self.past.plus(source.statistics()),
            None => self.past,
        }
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}
