//! From plate reads to passes: one result for each vehicle.
//!
//! ```text
//! detections ──associate──▶ which of them to read ──recogniser──▶ reads ──commit──▶ passes
//! ```
//!
//! A [`Tracker`] holds the vehicles in the view of one camera. Plates are associated over frames by predicted place and
//! size, and by text; reads of one vehicle vote on its text; a vehicle whose vote is settled is not read again. When it
//! has gone, or has stood long enough to be parked, a [`Pass`] tells everything about it. [`PassReader`] runs the whole
//! with an [`Engine`](platewarden::Engine).

mod assignment;
mod evidence;
mod line;
mod motion;
mod observation;
mod options;
mod parking;
mod pass;
mod reader;
mod save;
mod statistics;
mod track;
mod tracker;
mod vote;

pub(crate) use assignment::{FORBIDDEN, assign};
pub use evidence::TrackRead;
pub use line::{Crossing, CrossingDirection, Line, Zone};
pub(crate) use motion::{Motion, misfit};
pub use observation::{Observation, VehicleView};
pub use options::TrackerOptions;
pub use pass::{Evidence, Pass, PassKind};
pub use reader::PassReader;
pub use statistics::TrackerStatistics;
pub use tracker::Tracker;
