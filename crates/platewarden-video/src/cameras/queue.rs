//! Events on their way from the workers to the consumer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::event::CameraEvent;

/// A queue of bounded length: workers wait for room, the consumer for events, and neither looks again and again.
pub(super) struct EventQueue {
    state: Mutex<State>,
    filled: Condvar,
    drained: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct State {
    events: VecDeque<CameraEvent>,
    is_closed: bool,
    /// Times that a worker waited for room.
    waits: u64,
}

impl EventQueue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            drained: Condvar::new(),
            capacity,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an event over, waiting for room: passes are never lost. Only a closed queue drops it.
    pub(super) fn push(&self, event: CameraEvent) {
        let mut state = self.lock();
        if state.events.len() >= self.capacity && !state.is_closed {
            state.waits += 1;
            state = self
                .drained
                .wait_while(state, |state| {
                    state.events.len() >= self.capacity && !state.is_closed
                })
                .unwrap_or_else(PoisonError::into_inner);
        }
        if !state.is_closed {
            state.events.push_back(event);
            self.filled.notify_one();
        }
    }

    /// The next event; `None` where there is none within `timeout`, or none is left and `is_over` says that none will come.
    ///
    /// Whoever makes `is_over` true has pushed all events before, and calls [`wake`](Self::wake) after.
    pub(super) fn next(
        &self,
        timeout: Duration,
        is_over: impl Fn() -> bool,
    ) -> Option<CameraEvent> {
        let until = Instant::now().checked_add(timeout);
        let mut state = self.lock();
        loop {
            if let Some(event) = state.events.pop_front() {
                self.drained.notify_one();
                return Some(event);
            }
            if state.is_closed || is_over() {
                return None;
            }
            let left = until.map_or(Duration::MAX, |until| {
                until.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return None;
            }
            state = self
                .filled
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Makes whoever waits for an event ask again whether all is over.
    pub(super) fn wake(&self) {
        // With the lock, so that nobody is between asking and waiting.
        let _state = self.lock();
        self.filled.notify_all();
    }

    /// Drops what is left and lets everyone who waits go on.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.events.clear();
        self.filled.notify_all();
        self.drained.notify_all();
    }

    /// Times that a worker waited for room.
    pub(super) fn waits(&self) -> u64 {
        self.lock().waits
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use std::sync::Arc;

    use super::*;
    use crate::cameras::CameraId;

    fn event(number: u64) -> CameraEvent {
        CameraEvent::Reads {
            camera: CameraId(0),
            frame: number,
            reads: Vec::new(),
        }
    }

    #[test]
    fn a_full_queue_makes_workers_wait_and_loses_nothing() {
        let queue = Arc::new(EventQueue::new(2));
        let worker = {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || (0..50).for_each(|number| queue.push(event(number))))
        };
        let mut seen = 0;
        while queue.next(Duration::from_secs(10), || seen == 50).is_some() {
            seen += 1;
        }
        worker.join().unwrap();
        assert_eq!(seen, 50);
        assert!(queue.waits() > 0);
    }

    #[test]
    fn closing_frees_whoever_waits() {
        let queue = Arc::new(EventQueue::new(1));
        queue.push(event(0));
        let worker = {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || queue.push(event(1)))
        };
        queue.close();
        worker.join().unwrap();
        assert!(queue.next(Duration::from_secs(10), || false).is_none());
    }

    #[test]
    fn nothing_comes_within_the_time() {
        let queue = EventQueue::new(1);
        let start = Instant::now();
        assert!(queue.next(Duration::from_millis(30), || false).is_none());
        assert!(start.elapsed() >= Duration::from_millis(30));
    }
}
