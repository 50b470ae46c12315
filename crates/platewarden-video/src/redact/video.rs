//! Video with its plates made unreadable.

use std::collections::VecDeque;

use platewarden::{Detection, Quad, Rect};
use serde::{Deserialize, Serialize};

use super::carry::{Carrier, Found};
use super::options::RedactOptions;
use super::paint::redact_frame;
use crate::error::Result;
use crate::source::VideoFrame;

/// A plate found in a video frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VideoPlate {
    /// Its corners in pixels of the frame.
    pub quad: Quad,
    /// The upright box around it in pixels of the frame.
    pub bounds: Rect,
    /// Whether it may stay readable, by a decision on this very plate.
    pub keep: bool,
}

impl From<&Detection> for VideoPlate {
    fn from(detection: &Detection) -> Self {
        Self {
            quad: detection.quad,
            bounds: detection.bounds,
            keep: false,
        }
    }
}

/// What was redacted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RedactionStatistics {
    /// Frames given.
    pub frames: u64,
    /// Plates found in them.
    pub plates: u64,
    /// Areas redacted for plates that were found.
    pub areas: u64,
    /// Areas redacted for plates that were not found in their frame but in others around it.
    pub carried_areas: u64,
}

/// Redacts a video frame by frame.
///
/// Frames come out [`lead`](RedactOptions::lead) later than they go in, so that a plate found for the first time can be
/// covered in the frames before.
///
/// ```
/// use std::time::Duration;
/// use platewarden::Rect;
/// use platewarden_video::{redact::{RedactOptions, VideoPlate, VideoRedactor}, source::VideoFrame};
///
/// let mut redactor = VideoRedactor::new(RedactOptions::default())?;
/// let mut out = Vec::new();
/// for n in 0..20_u64 {
///     let frame = VideoFrame::from_image(image::RgbImage::new(320, 180), Duration::from_millis(40 * n));
///     let bounds = Rect::new(10.0 * n as f32, 90.0, 40.0, 12.0);
///     // Frame 7 was missed.
///     let plates = if n == 7 { vec![] } else { vec![VideoPlate { quad: bounds.to_quad(), bounds, keep: false }] };
///     out.extend(redactor.push(frame, &plates));
/// }
/// out.extend(redactor.finish());
/// assert_eq!(out.len(), 20);
/// // Grey where the plate should have been found.
/// let missed = image::RgbImage::from_raw(320, 180, out[7].pixels().to_vec()).unwrap();
/// assert_eq!(missed.get_pixel(90, 95).0, [96, 96, 96]);
/// # Ok::<(), platewarden_video::Error>(())
/// ```
#[derive(Debug)]
pub struct VideoRedactor {
    options: RedactOptions,
    carrier: Carrier,
    held: VecDeque<(VideoFrame, Vec<Rect>)>,
    statistics: RedactionStatistics,
}

impl VideoRedactor {
    /// A redactor for one video.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for an option outside its range.
    pub fn new(options: RedactOptions) -> Result<Self> {
        options.validate()?;
        Ok(Self {
            options,
            carrier: Carrier::default(),
            held: VecDeque::new(),
            statistics: RedactionStatistics::default(),
        })
    }

    /// Takes the next frame with the plates found in it, and gives the frames that are finished.
    pub fn push(&mut self, frame: VideoFrame, plates: &[VideoPlate]) -> Vec<VideoFrame> {
        let at = frame.timestamp();
        let found: Vec<Found> = plates
            .iter()
            .map(|plate| Found {
                quad: plate.quad,
                bounds: plate.bounds,
                keep: plate.keep,
            })
            .collect();
        let held: Vec<_> = self
            .held
            .iter()
            .map(|(frame, _)| frame.timestamp())
            .collect();
        let added = self.carrier.add(at, &found, &held, &self.options);
        self.statistics.frames += 1;
        self.statistics.plates += plates.len() as u64;
        self.statistics.areas += (added.now.len() - added.carried) as u64;
        self.statistics.carried_areas += (added.carried + added.earlier.len()) as u64;
        for (time, area) in added.earlier {
            if let Some((_, areas)) = self
                .held
                .iter_mut()
                .find(|(frame, _)| frame.timestamp() == time)
            {
                areas.push(area);
            }
        }
        self.held.push_back((frame, added.now));
        let mut finished = Vec::new();
        while self
            .held
            .front()
            .is_some_and(|(frame, _)| at.saturating_sub(frame.timestamp()) > self.options.lead)
        {
            finished.extend(self.release());
        }
        finished
    }

    /// Gives the frames that are left.
    pub fn finish(&mut self) -> Vec<VideoFrame> {
        let mut finished = Vec::with_capacity(self.held.len());
        while let Some(frame) = self.release() {
            finished.push(frame);
        }
        finished
    }

    /// What was done so far.
    #[must_use]
    pub const fn statistics(&self) -> RedactionStatistics {
        self.statistics
    }

    fn release(&mut self) -> Option<VideoFrame> {
        let (mut frame, areas) = self.held.pop_front()?;
        redact_frame(&mut frame, &areas, self.options.style);
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use std::time::Duration;

    use super::*;

    fn plate(x: f32) -> VideoPlate {
        let bounds = Rect::new(x, 60.0, 40.0, 12.0);
        VideoPlate {
            quad: bounds.to_quad(),
            bounds,
            keep: false,
        }
    }

    /// Frames of a plate that moves 12 pixels a frame, found only where `found` says so.
    fn run(found: impl Fn(u64) -> bool, keep: bool) -> Vec<VideoFrame> {
        let mut redactor = VideoRedactor::new(RedactOptions::default()).unwrap();
        let mut out = Vec::new();
        for n in 0..30_u64 {
            let picture = image::RgbImage::from_pixel(480, 120, image::Rgb([250; 3]));
            let frame = VideoFrame::from_image(picture, Duration::from_millis(40 * n));
            let plate = VideoPlate {
                keep,
                ..plate(12.0 * n as f32)
            };
            let plates = if found(n) { vec![plate] } else { Vec::new() };
            out.extend(redactor.push(frame, &plates));
        }
        out.extend(redactor.finish());
        out
    }

    fn is_covered(frame: &VideoFrame, n: u64) -> bool {
        let left = 12 * n as usize;
        (61..71).all(|y| (left..left + 40).all(|x| frame.pixels()[(y * 480 + x) * 3] == 96))
    }

    #[test]
    fn missed_frames_between_before_and_after_are_covered() {
        let out = run(|n| (8..14).contains(&n) || (18..24).contains(&n), false);
        assert_eq!(out.len(), 30);
        for n in 4..28 {
            assert!(is_covered(&out[n as usize], n), "frame {n}");
        }
        let times: Vec<_> = out.iter().map(VideoFrame::timestamp).collect();
        assert!(times.is_sorted() && times[29] == Duration::from_millis(1160));
    }

    #[test]
    fn kept_plates_stay() {
        let out = run(|_| true, true);
        assert!((0..30).all(|n| !is_covered(&out[n as usize], n)));
    }
}
