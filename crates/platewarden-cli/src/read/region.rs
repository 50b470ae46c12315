//! The region of interest as it is written on the command line.

use std::path::Path;

use image::DynamicImage;
use platewarden::{Mask, Point, RegionOfInterest};

use crate::{
    failure::{AnyError, UsageError},
    picture,
};

/// Polygons and masks together.
pub(super) fn parse(given: &[String]) -> Result<RegionOfInterest, AnyError> {
    let mut region = RegionOfInterest::everywhere();
    for text in given {
        let polygon: Option<Vec<Point>> = text.split_whitespace().map(corner).collect();
        let file = Path::new(text);
        region = match polygon {
            Some(polygon) => region.include(&polygon)?,
            None if file.is_file() => {
                let mask = DynamicImage::from(picture::load(file)?).to_luma8();
                region.with_mask(Mask::from_luma(&mask)?)
            }
            None => {
                return Err(Box::new(UsageError(format!(
                    "--roi is `{text}`; expected corners such as '0,0.4 1,0.4 1,1 0,1', or the file of a picture"
                ))));
            }
        };
    }
    Ok(region)
}

fn corner(pair: &str) -> Option<Point> {
    let (x, y) = pair.split_once(',')?;
    Some(Point::new(x.trim().parse().ok()?, y.trim().parse().ok()?))
}
