//! Many cameras, one engine.
//!
//! A [`CameraPool`] reads any number of sources with one engine and a fixed number of worker threads. Each source has a
//! thread that fetches its frames and a short queue; workers take one frame of each camera in turn, so that a busy camera
//! cannot starve the others. Of a live camera the newest frames are read and the others dropped; a frame that waited longer
//! than the latency bound is dropped, never read late. Cameras join and leave while the others go on.

mod camera;
mod event;
mod id;
mod options;
mod pool;
mod queue;
mod statistics;

pub use event::CameraEvent;
pub use id::CameraId;
pub use options::{CameraOptions, PoolOptions};
pub use pool::CameraPool;
pub use statistics::{CameraStatistics, PoolStatistics};
