//! Ending a wait from another thread.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A switch that is turned once: whoever waits on it wakes.
///
/// ```
/// use std::time::Duration;
/// use platewarden_video::source::Stopper;
/// let stopper = Stopper::default();
/// assert!(!stopper.wait(Duration::from_millis(1)));
/// stopper.stop();
/// assert!(stopper.wait(Duration::from_secs(60)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stopper {
    inner: Arc<(Mutex<bool>, Condvar)>,
}

impl Stopper {
    /// Turns the switch.
    pub fn stop(&self) {
        let (stopped, changed) = &*self.inner;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Whether the switch was turned.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.inner.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `duration` or until the switch is turned; says whether it was.
    #[must_use]
    pub fn wait(&self, duration: Duration) -> bool {
        let (stopped, changed) = &*self.inner;
        let until = Instant::now() + duration;
        let mut guard = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        while !*guard {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            guard = changed
                .wait_timeout(guard, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}
