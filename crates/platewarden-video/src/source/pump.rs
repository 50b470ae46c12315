//! A source in a thread of its own, and what happens when its frames are not taken.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{FrameSource, SourceError, SourceStatistics, Stopper, VideoFrame};

/// What happens to a frame for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropPolicy {
    /// The source waits: for files, of which every frame matters.
    Block,
    /// The oldest waiting frame is dropped: for live sources, of which the newest matters.
    DropOldest,
    /// The new frame is dropped.
    DropNewest,
}

/// How a [`Pump`] keeps frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PumpOptions {
    /// What happens when there is no room. Default: [`DropPolicy::DropOldest`] for live sources, else
    /// [`DropPolicy::Block`].
    pub policy: Option<DropPolicy>,
    /// Most frames that wait. Default: 2.
    pub capacity: Option<usize>,
    /// Waiting frames older than this are dropped. Default: `None`, they wait as long as there is room.
    pub max_age: Option<Duration>,
}

impl PumpOptions {
    /// Sets what happens when there is no room.
    #[must_use]
    pub const fn with_policy(mut self, policy: DropPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets the most frames that wait; at least 1.
    #[must_use]
    pub const fn with_capacity(mut self, capacity: usize) -> Self {
        self.capacity = Some(capacity);
        self
    }

    /// Sets the age at which waiting frames are dropped.
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }
}

/// What [`Pump::take`] found.
#[derive(Debug)]
pub enum Taken {
    /// A frame.
    Frame(VideoFrame),
    /// What went wrong; the source goes on unless it says otherwise.
    Failed(SourceError),
    /// Nothing within the time given.
    Nothing,
    /// There will be no more frames.
    Ended,
}

/// Called when there is something to take.
type Notice = Box<dyn Fn() + Send>;

/// Runs a source in a thread of its own.
///
/// ```
/// use std::time::Duration;
/// use platewarden_video::source::{FrameSource, IterSource, Pump, PumpOptions, VideoFrame};
///
/// let frames = (0..5).map(|n| VideoFrame::from_image(image::RgbImage::new(8, 8), Duration::from_millis(40 * n)));
/// let mut pump = Pump::start(IterSource::new("memory", frames), PumpOptions::default());
/// let mut count = 0;
/// while let Some(_frame) = pump.next_frame()? {
///     count += 1;
/// }
/// assert_eq!(count, 5);
/// assert!(pump.statistics().is_balanced());
/// # Ok::<(), platewarden_video::source::SourceError>(())
/// ```
#[derive(Debug)]
pub struct Pump {
    name: String,
    live: bool,
    shared: Arc<Shared>,
    stopper: Stopper,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    policy: DropPolicy,
    capacity: usize,
    max_age: Option<Duration>,
    notice: Option<Mutex<Notice>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("policy", &self.policy)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Result<VideoFrame, SourceError>>,
    ended: bool,
    stopped: bool,
    taken: u64,
    dropped: u64,
    discarded: u64,
    /// The source's own counts at the time of its last frame.
    source: SourceStatistics,
}

impl Pump {
    /// Starts the thread.
    pub fn start(source: impl FrameSource + 'static, options: PumpOptions) -> Self {
        Self::start_with(source, options, None)
    }

    pub(crate) fn start_with(
        source: impl FrameSource + 'static,
        options: PumpOptions,
        notice: Option<Notice>,
    ) -> Self {
        let live = source.is_live();
        let usual = if live {
            DropPolicy::DropOldest
        } else {
            DropPolicy::Block
        };
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            policy: options.policy.unwrap_or(usual),
            capacity: options.capacity.unwrap_or(2).max(1),
            max_age: options.max_age,
            notice: notice.map(Mutex::new),
        });
        let name = source.name().to_owned();
        let stopper = source.stopper();
        let own = Arc::clone(&shared);
        std::thread::spawn(move || own.run(source));
        Self {
            name,
            live,
            shared,
            stopper,
        }
    }

    /// The next frame, waiting for at most `timeout`.
    pub fn take(&self, timeout: Duration) -> Taken {
        let until = Instant::now() + timeout;
        let mut state = self.shared.lock();
        loop {
            state.drop_old(self.shared.max_age);
            if let Some(item) = state.queue.pop_front() {
                state.taken += u64::from(item.is_ok());
                drop(state);
                self.shared.changed.notify_all();
                return match item {
                    Ok(frame) => Taken::Frame(frame),
                    Err(error) => Taken::Failed(error),
                };
            }
            if state.ended || state.stopped {
                return Taken::Ended;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::Nothing;
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Whether something waits to be taken, or the end was reached.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let state = self.shared.lock();
        !state.queue.is_empty() || state.ended
    }

    /// Ends the source; frames that wait are discarded and counted.
    pub fn stop(&self) {
        self.stopper.stop();
        self.shared.lock().stop();
        self.shared.changed.notify_all();
    }

    /// Waits for the thread to end, for at most `timeout`; says whether it did.
    ///
    /// After [`Pump::stop`] a source takes no longer than it needs to notice; the counts are final then.
    #[must_use]
    pub fn wait_for_end(&self, timeout: Duration) -> bool {
        let until = Instant::now() + timeout;
        let mut state = self.shared.lock();
        while !state.ended {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}

impl FrameSource for Pump {
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError> {
        loop {
            match self.take(Duration::from_secs(3600)) {
                Taken::Frame(frame) => return Ok(Some(frame)),
                Taken::Failed(error) => return Err(error),
                Taken::Ended => return Ok(None),
                Taken::Nothing => {}
            }
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn statistics(&self) -> SourceStatistics {
        let state = self.shared.lock();
        let mut statistics = state.source;
        statistics.delivered = state.taken;
        statistics.dropped += state.dropped;
        statistics.discarded += state.discarded;
        statistics.waiting += state.queue.iter().filter(|item| item.is_ok()).count() as u64;
        statistics
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.stop();
    }
}

impl State {
    fn drop_old(&mut self, max_age: Option<Duration>) {
        let Some(max_age) = max_age else { return };
        let before = self.queue.len();
        self.queue
            .retain(|item| !matches!(item, Ok(frame) if frame.arrived().elapsed() > max_age));
        self.dropped += (before - self.queue.len()) as u64;
    }

    fn stop(&mut self) {
        self.stopped = true;
        self.discarded += self.queue.iter().filter(|item| item.is_ok()).count() as u64;
        self.queue.clear();
    }

    /// Makes room by dropping the oldest frame; errors are never dropped.
    fn drop_oldest(&mut self) {
        if let Some(at) = self.queue.iter().position(Result::is_ok) {
            self.queue.remove(at);
            self.dropped += 1;
        }
    }

    fn frames(&self) -> usize {
        self.queue.iter().filter(|item| item.is_ok()).count()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut source: impl FrameSource) {
        loop {
            let next =
                catch_unwind(AssertUnwindSafe(|| source.next_frame())).unwrap_or_else(|panic| {
                    Err(SourceError::Panicked {
                        input: source.name().to_owned(),
                        reason: reason_of(panic.as_ref()),
                    })
                });
            let item = match next {
                Ok(Some(frame)) => Ok(frame),
                Ok(None) => break,
                Err(error) => Err(error),
            };
            let fatal = item.as_ref().is_err_and(SourceError::is_fatal);
            if !self.put(item, source.statistics()) || fatal {
                break;
            }
        }
        let mut last = source.statistics();
        drop(source);
        last.discarded += std::mem::take(&mut last.waiting);
        let mut state = self.lock();
        state.source = last;
        state.ended = true;
        drop(state);
        self.tell();
    }

    /// Says whether to go on.
    fn put(&self, item: Result<VideoFrame, SourceError>, statistics: SourceStatistics) -> bool {
        let mut state = self.lock();
        state.source = statistics;
        state.drop_old(self.max_age);
        let is_frame = item.is_ok();
        if is_frame && state.frames() >= self.capacity {
            match self.policy {
                DropPolicy::DropOldest => state.drop_oldest(),
                DropPolicy::DropNewest => {
                    state.dropped += 1;
                    return !state.stopped;
                }
                DropPolicy::Block => {
                    // Between the two the frame is neither waiting nor taken: it is put down as waiting.
                    state.source.waiting += 1;
                    while state.frames() >= self.capacity && !state.stopped {
                        state = self
                            .changed
                            .wait(state)
                            .unwrap_or_else(PoisonError::into_inner);
                    }
                    state.source.waiting -= 1;
                }
            }
        }
        if state.stopped {
            state.discarded += u64::from(is_frame);
            return false;
        }
        state.queue.push_back(item);
        drop(state);
        self.tell();
        true
    }

    fn tell(&self) {
        self.changed.notify_all();
        if let Some(notice) = &self.notice {
            notice.lock().unwrap_or_else(PoisonError::into_inner)();
        }
    }
}

/// What a panic said.
pub(crate) fn reason_of(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it gave no reason".to_owned())
}

#[cfg(test)]
mod tests;
