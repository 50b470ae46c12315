//! Workers that take the cameras in turn.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use platewarden::Engine;

use super::camera::Camera;
use super::event::CameraEvent;
use super::id::CameraId;
use super::options::{CameraOptions, PoolOptions};
use super::queue::EventQueue;
use super::statistics::{CameraStatistics, PoolStatistics};
use crate::error::Failure;
use crate::error::{Error, Result};
use crate::source::{FrameSource, Pump, PumpOptions};

/// Reads many cameras with one engine.
///
/// ```no_run
/// use std::time::Duration;
/// use platewarden::Engine;
/// use platewarden_video::cameras::{CameraEvent, CameraOptions, CameraPool, PoolOptions};
/// use platewarden_video::source::{Backoff, FfmpegOptions, FfmpegSource, Reconnecting};
///
/// let pool = CameraPool::new(Engine::new()?, PoolOptions::default())?;
/// for address in ["rtsp://gate-1.example/stream", "rtsp://gate-2.example/stream"] {
///     let source = Reconnecting::new(address, Backoff::default(), move |stopper| {
///         FfmpegSource::open_with(address.as_ref(), FfmpegOptions::default(), stopper.clone())
///     });
///     pool.add(source, CameraOptions::default())?;
/// }
/// while let Some(event) = pool.next_event(Duration::from_secs(60)) {
///     if let CameraEvent::Pass { camera, pass } = event {
///         println!("camera {camera}: {}", pass.text);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CameraPool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    engine: Engine,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    closed: AtomicBool,
    events: EventQueue,
}

#[derive(Default)]
struct State {
    cameras: BTreeMap<CameraId, Arc<Camera>>,
    /// Cameras with work, each at most once, in the order of their turns.
    ready: VecDeque<Arc<Camera>>,
    next_id: u64,
}

impl CameraPool {
    /// A pool without cameras.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for no workers or no room for events,
    /// [`Threads`](crate::ErrorKind::Threads) where no thread can be started.
    pub fn new(engine: Engine, options: PoolOptions) -> Result<Self> {
        let workers = options.workers.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        });
        for (option, value) in [
            ("workers", workers),
            ("event_capacity", options.event_capacity),
        ] {
            if value == 0 {
                return Err(Error::from(Failure::InvalidOption {
                    option,
                    expected: "at least 1".to_owned(),
                    found: value.to_string(),
                }));
            }
        }
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
            events: EventQueue::new(options.event_capacity),
        });
        let mut pool = Self {
            shared,
            workers: Vec::new(),
            engine,
        };
        for number in 0..workers {
            let shared = Arc::clone(&pool.shared);
            let worker = std::thread::Builder::new()
                .name(format!("platewarden-camera-{number}"))
                .spawn(move || shared.work())
                .map_err(|error| {
                    Error::from(Failure::Threads {
                        reason: error.to_string(),
                    })
                })?;
            pool.workers.push(worker);
        }
        Ok(pool)
    }

    /// Adds a camera; its frames are read from now on.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for an option outside its range.
    pub fn add(
        &self,
        source: impl FrameSource + 'static,
        options: CameraOptions,
    ) -> Result<CameraId> {
        options.tracker.validate()?;
        let name = source.name().to_owned();
        let mut pump_options = PumpOptions::default().with_capacity(options.queue);
        pump_options.policy = options.policy;
        if source.is_live() {
            pump_options.max_age = Some(options.max_latency);
        }
        let mut state = self.shared.lock();
        let id = CameraId(state.next_id);
        state.next_id += 1;
        drop(state);
        let shared: Weak<Shared> = Arc::downgrade(&self.shared);
        // The pump may have frames before the camera is entered; the last line below sees to those.
        let notice = Box::new(move || {
            if let Some(shared) = shared.upgrade() {
                shared.schedule(id);
            }
        });
        let pump = Pump::start_with(source, pump_options, Some(notice));
        let camera = Camera::new(id, name, pump, self.engine.clone(), &options)?;
        self.shared.lock().cameras.insert(id, Arc::new(camera));
        self.shared.schedule(id);
        Ok(id)
    }

    /// Stops a camera: frames that wait are discarded, passes in view are told, then [`CameraEvent::Ended`] follows.
    ///
    /// Says whether there was such a camera.
    pub fn remove(&self, camera: CameraId) -> bool {
        let found = self.shared.lock().cameras.get(&camera).map(Arc::clone);
        let Some(camera) = found else { return false };
        camera.stop();
        self.shared.schedule(camera.id);
        true
    }

    /// The cameras that have not ended.
    #[must_use]
    pub fn cameras(&self) -> Vec<CameraId> {
        self.shared.lock().cameras.keys().copied().collect()
    }

    /// The next event; `None` where there was none within `timeout`, or when no camera is left and all was told.
    pub fn next_event(&self, timeout: Duration) -> Option<CameraEvent> {
        let is_over = || self.shared.lock().cameras.is_empty();
        self.shared.events.next(timeout, is_over)
    }

    /// What became of the frames of the cameras that have not ended.
    #[must_use]
    pub fn statistics(&self) -> PoolStatistics {
        let state = self.shared.lock();
        let cameras: Vec<Arc<Camera>> = state.cameras.values().map(Arc::clone).collect();
        let ready = state.ready.len();
        drop(state);
        PoolStatistics {
            cameras: cameras
                .iter()
                .map(|camera| camera.statistics())
                .collect::<Vec<CameraStatistics>>(),
            event_waits: self.shared.events.waits(),
            ready,
        }
    }
}

impl Drop for CameraPool {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        let cameras: Vec<Arc<Camera>> = {
            let mut state = self.shared.lock();
            state.ready.clear();
            std::mem::take(&mut state.cameras).into_values().collect()
        };
        for camera in cameras {
            camera.stop();
        }
        self.shared.changed.notify_all();
        self.shared.events.close();
        for worker in self.workers.drain(..) {
            // A worker catches panics of what it runs; there is nobody left to tell of any other.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a camera in the line of those with work, at its end, unless it stands there or a worker has it.
    fn schedule(&self, id: CameraId) {
        let mut state = self.lock();
        let Some(camera) = state.cameras.get(&id).map(Arc::clone) else {
            return;
        };
        if camera.is_ready() && !camera.scheduled.swap(true, Ordering::AcqRel) {
            state.ready.push_back(camera);
            drop(state);
            self.changed.notify_one();
        }
    }

    fn work(&self) {
        while let Some(camera) = self.next_camera() {
            let mut ended = false;
            camera.work(&mut |event| {
                ended |= matches!(event, CameraEvent::Ended { .. });
                self.events.push(event);
            });
            if ended {
                self.lock().cameras.remove(&camera.id);
                self.events.wake();
                continue;
            }
            camera.scheduled.store(false, Ordering::Release);
            // A frame that came while the flag was set was not announced.
            self.schedule(camera.id);
        }
    }

    /// Waits for a camera with work; `None` when the pool is closed.
    fn next_camera(&self) -> Option<Arc<Camera>> {
        let mut state = self.lock();
        loop {
            if self.closed.load(Ordering::Acquire) {
                return None;
            }
            if let Some(camera) = state.ready.pop_front() {
                return Some(camera);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
