//! Frames with timestamps, from files, cameras, folders and memory.
//!
//! A [`FrameSource`] yields [`VideoFrame`]s one after another. What is wrapped around it decides what happens when things
//! go wrong or too slowly:
//!
//! | piece | job |
//! |---|---|
//! | [`FfmpegSource`] | whatever `ffmpeg` reads: files, RTSP, HTTP, web cameras |
//! | [`FolderSource`] | numbered pictures of a folder |
//! | [`IterSource`] | frames from memory |
//! | [`Reconnecting`] | opens a live source again after it died, waiting longer each time |
//! | [`Pump`] | runs a source in a thread of its own and decides what to do when frames come faster than they are taken |
//!
//! Frames are decoded once, handed on by value, and their memory goes back to the source that made them.

mod buffer;
mod error;
mod ffmpeg;
mod folder;
mod frame;
mod iter;
mod pump;
mod reconnect;
mod showinfo;
mod statistics;
mod stopper;
mod timeline;

pub use error::SourceError;
pub use ffmpeg::{FfmpegOptions, FfmpegSource, display_name, find_ffmpeg};
pub use folder::{FolderSource, is_picture};
pub use frame::VideoFrame;
pub use iter::IterSource;
pub(crate) use pump::reason_of;
pub use pump::{DropPolicy, Pump, PumpOptions, Taken};
pub use reconnect::{Backoff, Reconnecting};
pub use statistics::SourceStatistics;
pub use stopper::Stopper;

/// Frames one after another.
///
/// An error that [`SourceError::is_fatal`] calls fatal ends the source; after any other the next call goes on with the
/// next frame. Implementations return within a bounded time: a stall is an error, never a wait for ever.
pub trait FrameSource: Send {
    /// The next frame, or `None` when there are no more.
    ///
    /// # Errors
    ///
    /// A [`SourceError`] that tells what failed and whether it is worth going on.
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError>;

    /// A name for logs and reports, without credentials.
    fn name(&self) -> &str;

    /// Whether frames come at their own pace and are lost when nobody takes them.
    fn is_live(&self) -> bool;

    /// What happened so far.
    fn statistics(&self) -> SourceStatistics;

    /// A handle that makes a waiting [`FrameSource::next_frame`] return soon, from any thread.
    fn stopper(&self) -> Stopper;
}

impl<S: FrameSource + ?Sized> FrameSource for Box<S> {
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError> {
        (**self).next_frame()
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn is_live(&self) -> bool {
        (**self).is_live()
    }

    fn statistics(&self) -> SourceStatistics {
        (**self).statistics()
    }

    fn stopper(&self) -> Stopper {
        (**self).stopper()
    }
}
