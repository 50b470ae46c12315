//! Where: positions and areas on the map.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agency::refused;
use crate::Error;

/// A place on the map, WGS 84, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// North of the equator, -90 to 90.
    pub latitude: f64,
    /// East of Greenwich, -180 to 180.
    pub longitude: f64,
}

impl Position {
    fn is_valid(self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }
}

/// The area in which residents are asked: a polygon, and a name for people.
///
/// ```
/// use platewarden_community::{Area, Position};
/// let at = |latitude, longitude| Position { latitude, longitude };
/// let area = Area::new("Elm Street", vec![at(39.78, -89.66), at(39.78, -89.64), at(39.80, -89.64), at(39.80, -89.66)])?;
/// assert!(area.contains(at(39.79, -89.65)));
/// assert!(!area.contains(at(39.81, -89.65)));
/// assert!((area.square_kilometres() - 3.8).abs() < 0.01);
/// # Ok::<(), platewarden_community::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "AreaWire")]
pub struct Area {
    name: String,
    outline: Vec<Position>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Area")]
struct AreaWire {
    name: String,
    outline: Vec<Position>,
}

impl TryFrom<AreaWire> for Area {
    type Error = Error;

    fn try_from(wire: AreaWire) -> Result<Self, Error> {
        Self::new(wire.name, wire.outline)
    }
}

impl Area {
    /// An area from its name and the corners of its outline, in order, the first not repeated at the end. An outline
    /// may not cross the 180th meridian.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for fewer than three corners, a corner that is no place on the map, an outline without any
    /// area, or an empty name.
    pub fn new(name: impl Into<String>, outline: Vec<Position>) -> Result<Self, Error> {
        let name = name.into();
        if name.trim().is_empty() {
            return Err(refused(
                "community-area",
                "the area has no name".to_owned(),
                "name it as residents know it",
            ));
        }
        if outline.len() < 3 || !outline.iter().all(|corner| corner.is_valid()) {
            return Err(refused(
                "community-area",
                "the outline is not of three or more places on the map".to_owned(),
                "draw it",
            ));
        }
        let area = Self { name, outline };
        if area
            .edges()
            .map(|(a, b)| a.longitude * b.latitude - b.longitude * a.latitude)
            .sum::<f64>()
            .abs()
            < 1e-12
        {
            return Err(refused(
                "community-area",
                "the outline encloses nothing".to_owned(),
                "draw it",
            ));
        }
        Ok(area)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The corners of its outline.
    #[must_use]
    pub fn outline(&self) -> &[Position] {
        &self.outline
    }

    /// Whether a place lies inside (even-odd rule).
    #[must_use]
    pub fn contains(&self, place: Position) -> bool {
        let crossings = self.edges().filter(|(a, b)| {
            let spans = (a.latitude > place.latitude) != (b.latitude > place.latitude);
            spans && {
                let along = (place.latitude - a.latitude) / (b.latitude - a.latitude);
                place.longitude < a.longitude + along * (b.longitude - a.longitude)
            }
        });
        crossings.count() % 2 == 1
    }

    /// How large it is, in square kilometres: on a sphere of 6,371 km, flattened at the outline's mean latitude. Below a hundred
    /// kilometres that is right to a part in a thousand.
    #[must_use]
    pub fn square_kilometres(&self) -> f64 {
        const DEGREE: f64 = 6371.0 * std::f64::consts::PI / 180.0;
        let sum: f64 = self.outline.iter().map(|corner| corner.latitude).sum();
        let shrink = (sum / self.outline.len() as f64).to_radians().cos();
        let doubled: f64 = self
            .edges()
            .map(|(a, b)| a.longitude * b.latitude - b.longitude * a.latitude)
            .sum();
        doubled.abs() / 2.0 * DEGREE * DEGREE * shrink
    }

    fn edges(&self) -> impl Iterator<Item = (Position, Position)> {
        let next = self.outline.iter().cycle().skip(1);
        self.outline.iter().zip(next).map(|(a, b)| (*a, *b))
    }
}
