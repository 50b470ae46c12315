//! Frames as cameras give them: some with a plate, some without.

use image::RgbImage;
use platewarden::PixelFormat;
use platewarden_fixtures::{PlateMaker, bench_frame};

use crate::{Outcome, pictures::Picture};

/// Frames of one sequence: the fewest that hold every share exactly.
pub const LENGTH: usize = 10;
/// Different pictures of each kind.
const DIFFERENT: usize = 2;

/// Width and height of 720p.
pub const HD: (u32, u32) = (1280, 720);
/// Width and height of 1080p.
pub const FULL_HD: (u32, u32) = (1920, 1080);

/// Pictures of one size, in one layout, with one plate and without.
#[derive(Debug)]
pub struct Traffic {
    with_plate: Vec<Picture>,
    empty: Vec<Picture>,
    drawn: [Vec<RgbImage>; 2],
}

impl Traffic {
    /// Draws the pictures with the generator of the fixtures.
    ///
    /// # Errors
    /// Where the generator fails.
    pub fn new((width, height): (u32, u32), format: PixelFormat) -> Outcome<Self> {
        let maker = PlateMaker::bundled()?;
        let draw = |plates: usize| {
            (0..DIFFERENT as u64)
                .map(|seed| Ok(bench_frame(&maker, width, height, plates, 11 + seed)?.picture))
                .collect::<Outcome<Vec<_>>>()
        };
        Ok(Self::of([draw(1)?, draw(0)?], format))
    }

    fn of(drawn: [Vec<RgbImage>; 2], format: PixelFormat) -> Self {
        let [with_plate, empty] = drawn.each_ref().map(|images| {
            images
                .iter()
                .map(|image| Picture::from_rgb(image, format))
                .collect()
        });
        Self {
            with_plate,
            empty,
            drawn,
        }
    }

    /// The same pictures in another layout.
    #[must_use]
    pub fn in_format(&self, format: PixelFormat) -> Self {
        Self::of(self.drawn.clone(), format)
    }

    /// [`LENGTH`] frames of which `percent` hold a plate, evenly spread.
    pub fn sequence(&self, percent: usize) -> Vec<&Picture> {
        let holds = |index: usize| (index + 1) * percent / 100 > index * percent / 100;
        (0..LENGTH)
            .filter_map(|index| {
                let kind = if holds(index) {
                    &self.with_plate
                } else {
                    &self.empty
                };
                kind.get(index % kind.len().max(1))
            })
            .collect()
    }

    /// The pictures with a plate.
    pub fn plates(&self) -> &[Picture] {
        &self.with_plate
    }
}
