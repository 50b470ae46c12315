//! What a caller asks for.

use jiff::Timestamp;
use platewarden_policy::model::{Actor, Dataset, DatasetId, SearchRequest, Target};
use serde::{Deserialize, Serialize};

use super::Cursor;
use crate::Direction;

/// How far a read may be from the plate asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// The very text.
    Exact,
    /// Look-alikes: `O0DQ`, `1IL`, `2Z`, `5S`, `8B`, `6G`, `UV`.
    LookAlikes,
    /// Look-alikes, and one character replaced, missing or added.
    OneEdit,
    /// Look-alikes, and two characters replaced, missing or added.
    #[default]
    TwoEdits,
}

/// A part of the earth's surface, in degrees of WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Area {
    /// Everything within a distance of a point.
    Circle {
        /// Latitude of the middle.
        latitude: f64,
        /// Longitude of the middle.
        longitude: f64,
        /// Radius in metres.
        metres: f64,
    },
    /// Everything between two parallels and two meridians; one that crosses the 180th has `west` above `east`.
    Box {
        /// Southern edge.
        south: f64,
        /// Western edge.
        west: f64,
        /// Northern edge.
        north: f64,
        /// Eastern edge.
        east: f64,
    },
}

impl Area {
    /// Whether a point lies within.
    ///
    /// ```
    /// use platewarden_store::Area;
    /// let town = Area::Circle { latitude: 39.80, longitude: -89.65, metres: 5_000.0 };
    /// assert!(town.contains(39.82, -89.64));
    /// assert!(!town.contains(39.90, -89.64));
    /// ```
    #[must_use]
    pub fn contains(&self, lat: f64, lon: f64) -> bool {
        match *self {
            Self::Circle {
                latitude,
                longitude,
                metres,
            } => {
                // Haversine, on a sphere of the earth's mean radius.
                let (a, b) = (latitude.to_radians(), lat.to_radians());
                let half = |difference: f64| (difference / 2.0).sin().powi(2);
                let chord = half(b - a) + a.cos() * b.cos() * half((lon - longitude).to_radians());
                2.0 * 6_371_008.8 * chord.sqrt().asin() <= metres
            }
            Self::Box {
                south,
                west,
                north,
                east,
            } => {
                let across = if west <= east {
                    lon >= west && lon <= east
                } else {
                    lon >= west || lon <= east
                };
                lat >= south && lat <= north && across
            }
        }
    }
}

/// Another verified person's approval of a search that was repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The person, as the platform has verified them.
    pub approver: Actor,
}

/// A search as it is asked for: the request that the policy decides, and what narrows or widens the rows.
///
/// The store puts in its own facts of the datasets and the time; those of the request are not believed.
///
/// ```
/// use platewarden_policy::model::*;
/// use platewarden_store::{Search, Tolerance};
/// let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
/// let request = SearchRequest::builder(Actor::verified("officer-7", police), jiff::Timestamp::now())
///     .plate("ABC1234")
///     .purpose(Purpose::StolenVehicleOrPlate)
///     .case("26-001234")
///     .build();
/// let search = Search::new(request).in_dataset("springfield").tolerance(Tolerance::LookAlikes).limit(20);
/// # let _ = search;
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Store::search`"]
pub struct Search {
    pub(crate) request: SearchRequest,
    pub(crate) tolerance: Tolerance,
    pub(crate) cameras: Vec<String>,
    pub(crate) area: Option<Area>,
    pub(crate) region: Option<String>,
    pub(crate) direction: Option<Direction>,
    pub(crate) min_probability: f32,
    pub(crate) limit: u32,
    pub(crate) after: Option<Cursor>,
    pub(crate) approval: Option<Approval>,
    pub(crate) hold: Option<String>,
    pub(crate) list_updated: Option<Timestamp>,
}

impl Search {
    /// A search for what the request names: a plate, a pattern with `?` and `*`, or an area.
    pub fn new(request: SearchRequest) -> Self {
        Self {
            request,
            tolerance: Tolerance::default(),
            cameras: Vec::new(),
            area: None,
            region: None,
            direction: None,
            min_probability: 0.0,
            limit: 100,
            after: None,
            approval: None,
            hold: None,
            list_updated: None,
        }
    }

    /// One more dataset to search, by its name.
    pub fn in_dataset(mut self, id: impl Into<DatasetId>) -> Self {
        self.request.datasets.push(Dataset {
            id: id.into(),
            ..Dataset::default()
        });
        self
    }

    /// How far a read may be from the plate. Default: two edits beyond look-alikes.
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Only this camera, or these where it is called again.
    pub fn camera(mut self, id: impl Into<String>) -> Self {
        self.cameras.push(id.into());
        self
    }

    /// Only cameras in this area. Reads of cameras without a position are then left out.
    pub fn area(mut self, area: Area) -> Self {
        self.area = Some(area);
        if self.request.target.is_none() {
            self.request.target = Some(Target::Area {
                text: format!("{area:?}"),
            });
        }
        self
    }

    /// Only plates that this country or state is taken to have issued.
    pub fn region(mut self, code: impl Into<String>) -> Self {
        self.region = Some(code.into());
        self
    }

    /// Only vehicles that went this way.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Only reads that show the plate with at least this probability, 0 to 1.
    pub fn min_probability(mut self, probability: f32) -> Self {
        self.min_probability = probability;
        self
    }

    /// At most so many rows at once. Default: 100. More than 1,000 is a search in bulk, whatever the request says.
    pub fn limit(mut self, rows: u32) -> Self {
        self.limit = rows.max(1);
        self
    }

    /// The page after the one that ended here; everything else as it was then. Each page is a search of its own for the
    /// law and the trail.
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// Another verified person's approval.
    pub fn approved_by(mut self, approver: Actor) -> Self {
        self.approval = Some(Approval { approver });
        self
    }

    /// Only copies under this hold.
    pub fn under_hold(mut self, hold: impl Into<String>) -> Self {
        self.hold = Some(hold.into());
        self
    }

    /// For a look-up that an alert opens: when the list behind the hotlist entry was last brought up to date.
    pub fn list_updated(mut self, at: Timestamp) -> Self {
        self.list_updated = Some(at);
        self
    }
}
