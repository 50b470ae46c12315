//! How plates are made unreadable.

use std::time::Duration;

use platewarden::{Quad, Rect};

use crate::error::Failure;
use crate::error::{Error, Result};

/// What takes the place of a plate's pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedactStyle {
    /// One colour (red, green, blue): nothing of the plate is left. The default, in grey.
    Fill([u8; 3]),
    /// Eight cells of their mean colour, four by two: fewer than a plate has characters.
    Pixelate,
    /// The same eight colours, blended into each other: easier on the eye, and no more of the plate in it.
    Blur,
}

impl Default for RedactStyle {
    fn default() -> Self {
        Self::Fill([96, 96, 96])
    }
}

/// How plates are made unreadable.
///
/// In video prefer [`RedactStyle::Fill`]: the mean colours of many frames of one plate tell more than those of one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RedactOptions {
    /// Least detection score of an area. It holds for plates up to 8 % of the picture's width; for wider ones it grows with
    /// the fourth root of the width, because a false area costs the more pixels the larger it is. Default: 0.08.
    pub min_score: f32,
    /// Whether pictures are searched in four overlapping parts as well, for plates too small to be found in the whole;
    /// this takes five times as long. Default: yes.
    pub parts: bool,
    /// What takes the place of the pixels.
    pub style: RedactStyle,
    /// Share of the plate's width added at its left and right. Default: 0.15.
    pub widen_x: f32,
    /// Share of the plate's height added above and below. Default: 0.25.
    pub widen_y: f32,
    /// Pixels added on each side beyond that, which count for small plates. Default: 3.
    pub margin: f32,
    /// Video: how long an area is kept up after its plate was last found. Default: 0.6 s.
    pub hold: Duration,
    /// Video: how long before a plate was first found its area begins; frames are held back for as long. Default: 0.4 s.
    pub lead: Duration,
}

impl Default for RedactOptions {
    fn default() -> Self {
        Self {
            min_score: 0.08,
            parts: true,
            style: RedactStyle::default(),
            widen_x: 0.15,
            widen_y: 0.25,
            margin: 3.0,
            hold: Duration::from_millis(600),
            lead: Duration::from_millis(400),
        }
    }
}

impl RedactOptions {
    /// Sets the least detection score of an area.
    #[must_use]
    pub const fn with_min_score(mut self, score: f32) -> Self {
        self.min_score = score;
        self
    }

    /// Sets whether pictures are searched in overlapping parts as well.
    #[must_use]
    pub const fn with_parts(mut self, parts: bool) -> Self {
        self.parts = parts;
        self
    }

    /// Sets what takes the place of the pixels.
    #[must_use]
    pub const fn with_style(mut self, style: RedactStyle) -> Self {
        self.style = style;
        self
    }

    /// Sets the shares added to width and height, on each side.
    #[must_use]
    pub const fn with_widening(mut self, x: f32, y: f32) -> Self {
        self.widen_x = x;
        self.widen_y = y;
        self
    }

    /// Sets how long areas are kept up after, and begin before, their plate was found.
    #[must_use]
    pub const fn with_carry(mut self, hold: Duration, lead: Duration) -> Self {
        self.hold = hold;
        self.lead = lead;
        self
    }

    /// Checks that every option lies within its range.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) naming the first that does not.
    pub fn validate(&self) -> Result<()> {
        let checks = [
            ("min_score", self.min_score, 1.0),
            ("widen_x", self.widen_x, 10.0),
            ("widen_y", self.widen_y, 10.0),
            ("margin", self.margin, 1000.0),
        ];
        for (option, value, most) in checks {
            if !(0.0..=most).contains(&value) {
                return Err(Error::from(Failure::InvalidOption {
                    option,
                    expected: format!("a number from 0 to {most}"),
                    found: value.to_string(),
                }));
            }
        }
        Ok(())
    }

    /// The upright area that covers a plate, in pixels, wider than its corners and its box.
    ///
    /// ```
    /// use platewarden::Rect;
    /// use platewarden_video::redact::RedactOptions;
    /// let plate = Rect::new(100.0, 50.0, 60.0, 20.0);
    /// let area = RedactOptions::default().area(&plate.to_quad(), &plate);
    /// assert!(area.x < 90.0 && area.right() > 170.0 && area.y < 45.0);
    /// ```
    #[must_use]
    pub fn area(&self, quad: &Quad, bounds: &Rect) -> Rect {
        // Corners that went astray must not make the area smaller than the box.
        let whole = if quad.is_degenerate() {
            *bounds
        } else {
            quad.bounds().union(bounds)
        };
        let wide = whole.widen(self.widen_x, self.widen_y);
        let (x, y) = (
            self.margin / wide.width.max(1.0),
            self.margin / wide.height.max(1.0),
        );
        wide.widen(x, y)
    }
}
