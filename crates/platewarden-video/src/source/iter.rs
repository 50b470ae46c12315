//! Frames from memory.

use super::timeline::Timeline;
use super::{FrameSource, SourceError, SourceStatistics, Stopper, VideoFrame};

/// Frames of an iterator, such as those that another library decoded.
///
/// ```
/// use std::time::Duration;
/// use platewarden_video::source::{FrameSource, IterSource, VideoFrame};
///
/// let frames = (0..3).map(|n| VideoFrame::from_image(image::RgbImage::new(8, 8), Duration::from_millis(n * 40)));
/// let mut source = IterSource::new("memory", frames);
/// let mut count = 0;
/// while let Some(frame) = source.next_frame()? {
///     assert_eq!(frame.index(), count);
///     count += 1;
/// }
/// assert_eq!(source.statistics().delivered, 3);
/// # Ok::<(), platewarden_video::source::SourceError>(())
/// ```
pub struct IterSource<I> {
    name: String,
    frames: I,
    live: bool,
    timeline: Timeline,
    size: Option<(u32, u32)>,
    statistics: SourceStatistics,
    stopper: Stopper,
    ended: bool,
}

impl<I> IterSource<I> {
    /// Frames of `frames` in their order; timestamps that go back are set after the frame before.
    pub fn new<F>(name: impl Into<String>, frames: F) -> Self
    where
        F: IntoIterator<IntoIter = I>,
    {
        Self {
            name: name.into(),
            frames: frames.into_iter(),
            live: false,
            timeline: Timeline::default(),
            size: None,
            statistics: SourceStatistics::default(),
            stopper: Stopper::default(),
            ended: false,
        }
    }

    /// States whether frames come at their own pace, as [`FrameSource::is_live`] tells.
    #[must_use]
    pub fn with_live(mut self, live: bool) -> Self {
        self.live = live;
        self
    }
}

/// What an iterator of an [`IterSource`] may yield.
pub trait IntoFrame {
    /// The frame, or why there is none.
    ///
    /// # Errors
    ///
    /// Whatever kept the iterator from giving this frame.
    fn into_frame(self) -> Result<VideoFrame, SourceError>;
}

impl IntoFrame for VideoFrame {
    fn into_frame(self) -> Result<VideoFrame, SourceError> {
        Ok(self)
    }
}

impl IntoFrame for Result<VideoFrame, SourceError> {
    fn into_frame(self) -> Result<VideoFrame, SourceError> {
        self
    }
}

impl<I> FrameSource for IterSource<I>
where
    I: Iterator + Send,
    I::Item: IntoFrame,
{
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError> {
        if self.ended || self.stopper.is_stopped() {
            return Ok(None);
        }
        let Some(item) = self.frames.next() else {
            self.ended = true;
            return Ok(None);
        };
        let mut frame = item.into_frame().inspect_err(|error| {
            self.statistics.damaged += 1;
            self.ended = error.is_fatal();
        })?;
        let (timestamp, jumped) = self.timeline.place(frame.timestamp());
        frame.set_place(timestamp, self.statistics.decoded + self.statistics.damaged);
        let size = (frame.width(), frame.height());
        if self.size.replace(size).is_some_and(|before| before != size) {
            self.statistics.resolution_changes += 1;
        }
        self.statistics.timestamp_jumps += u64::from(jumped);
        self.statistics.decoded += 1;
        self.statistics.delivered += 1;
        self.statistics.bytes += frame.pixels().len() as u64;
        Ok(Some(frame))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn statistics(&self) -> SourceStatistics {
        self.statistics
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}
