//! Skipping frames on which nothing has changed.
//!
//! A camera that watches a car park or a gate sees the same picture for hours. A [`MotionGate`] compares each frame with
//! the last one that passed and says whether anything moved. Where
//! [`TrackerOptions::motion`](crate::tracking::TrackerOptions::motion) asks for it, a frame that did not change is not searched
//! for plates: those of the frame before stand. A plate that changes too little to be noticed is missed until the next
//! frame that passes, at the latest after [`MotionOptions::max_skipped`] frames.

use platewarden::{Channels, Frame, LetterboxSpec, Letterboxer, Normalization, ResizeQuality};

use crate::Result;

/// What counts as motion.
///
/// ```
/// use platewarden_video::MotionOptions;
///
/// // A camera at night: more noise, and every second at least one frame.
/// let options = MotionOptions::default().with_threshold(9.0).with_max_skipped(25);
/// assert_eq!(options.cell, 8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MotionOptions {
    /// Side of the square of pixels whose mean brightness is compared. Default: 8, half the height of a small plate.
    pub cell: u32,
    /// Change of a cell's brightness that counts, of 255. Default: 6; the mean of 64 pixels hides the noise of all but the
    /// darkest frames.
    pub threshold: f32,
    /// Cells that must have changed. Default: 2.
    pub cells: usize,
    /// Frames skipped in a row at most. Default: 50.
    pub max_skipped: u32,
}

impl Default for MotionOptions {
    fn default() -> Self {
        Self {
            cell: 8,
            threshold: 6.0,
            cells: 2,
            max_skipped: 50,
        }
    }
}

impl MotionOptions {
    /// Sets [`cell`](Self::cell); 0 counts as 1.
    #[must_use]
    pub const fn with_cell(mut self, cell: u32) -> Self {
        self.cell = cell;
        self
    }

    /// Sets [`threshold`](Self::threshold).
    #[must_use]
    pub const fn with_threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets [`cells`](Self::cells).
    #[must_use]
    pub const fn with_cells(mut self, cells: usize) -> Self {
        self.cells = cells;
        self
    }

    /// Sets [`max_skipped`](Self::max_skipped).
    #[must_use]
    pub const fn with_max_skipped(mut self, frames: u32) -> Self {
        self.max_skipped = frames;
        self
    }
}

/// Watches the frames of one camera for change.
///
/// ```
/// use platewarden::Frame;
/// use platewarden_video::{MotionGate, MotionOptions};
///
/// let mut gate = MotionGate::new(MotionOptions::default());
/// let dark = vec![40; 640 * 360];
/// let mut bright_spot = dark.clone();
/// for row in bright_spot.chunks_exact_mut(640).take(16) {
///     row[..64].fill(200);
/// }
/// let changed: Vec<bool> = [&dark, &dark, &bright_spot, &bright_spot]
///     .into_iter()
///     .map(|pixels| gate.is_changed(&Frame::gray8(pixels, 640, 360, 640)?))
///     .collect::<platewarden_video::Result<_>>()?;
/// assert_eq!(changed, [true, false, true, false]);
/// # Ok::<(), platewarden_video::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MotionGate {
    options: MotionOptions,
    letterboxer: Letterboxer,
    /// Size of the frames.
    size: (u32, u32),
    /// Brightness of the cells of the last frame that counted as changed, and of the frame at hand.
    reference: Vec<f32>,
    cells: Vec<f32>,
    skipped: u32,
}

impl MotionGate {
    /// A gate that lets its first frame pass.
    #[must_use]
    pub fn new(options: MotionOptions) -> Self {
        Self {
            options,
            letterboxer: Letterboxer::new(ResizeQuality::Area),
            ..Self::default()
        }
    }

    /// Whether the frame differs from the last one for which this was `true`, or as many were skipped as may be.
    ///
    /// Slow changes add up, since frames that are skipped are not compared with.
    ///
    /// # Errors
    ///
    /// [`Empty`](platewarden::ErrorKind::Empty) for a frame without pixels.
    pub fn is_changed(&mut self, frame: &Frame<'_>) -> Result<bool> {
        let side = |length: u32| length.div_ceil(self.options.cell.max(1)).max(1);
        let spec = LetterboxSpec::new(side(frame.width()), side(frame.height()))
            .with_channels(Channels::Gray)
            .with_padding(0)
            .with_normalization(Normalization::NONE);
        self.cells.resize(spec.elements(), 0.0);
        self.letterboxer.fill(frame, &spec, &mut self.cells)?;
        let moved = || {
            self.cells
                .iter()
                .zip(&self.reference)
                .filter(|(now, before)| (*now - *before).abs() > self.options.threshold)
                .take(self.options.cells.max(1))
                .count()
                >= self.options.cells.max(1)
        };
        let changed = self.reference.len() != self.cells.len()
            || self.size != frame.size()
            || self.skipped >= self.options.max_skipped
            || moved();
        if changed {
            self.size = frame.size();
            std::mem::swap(&mut self.reference, &mut self.cells);
            self.skipped = 0;
        } else {
            self.skipped += 1;
        }
        Ok(changed)
    }

    /// Forgets everything; the next frame passes.
    pub fn reset(&mut self) {
        self.reference.clear();
    }
}
