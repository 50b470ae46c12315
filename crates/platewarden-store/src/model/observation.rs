//! Observations, sightings, corrections.

use jiff::Timestamp;
use platewarden_policy::model::{HitOutcome, Jurisdiction, Site};
use serde::{Deserialize, Serialize};

/// A camera and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Camera {
    /// Its name, unique within the store.
    pub id: String,
    /// Latitude in degrees, WGS 84, north positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Longitude in degrees, WGS 84, east positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// In whose jurisdiction it stands, where that is not the dataset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<Jurisdiction>,
    /// Sensitive places in its view.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Site>,
}

impl Camera {
    /// A camera by its name.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// The same camera at a position in degrees, WGS 84.
    #[must_use]
    pub fn at(mut self, latitude: f64, longitude: f64) -> Self {
        (self.latitude, self.longitude) = (Some(latitude), Some(longitude));
        self
    }
}

/// Which way a vehicle went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Towards the camera.
    Approaching,
    /// Away from the camera.
    Departing,
    /// North.
    North,
    /// North-east.
    NorthEast,
    /// East.
    East,
    /// South-east.
    SouthEast,
    /// South.
    South,
    /// South-west.
    SouthWest,
    /// West.
    West,
    /// North-west.
    NorthWest,
}

impl Direction {
    /// All of them, in the order of their numbers in a row.
    pub const ALL: [Self; 10] = [
        Self::Approaching,
        Self::Departing,
        Self::North,
        Self::NorthEast,
        Self::East,
        Self::SouthEast,
        Self::South,
        Self::SouthWest,
        Self::West,
        Self::NorthWest,
    ];
}

/// A character of a text, with what else may stand there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Character {
    /// The character.
    pub symbol: char,
    /// Its probability, 0 to 1.
    #[serde(alias = "confidence")]
    pub probability: f32,
    /// Others at its place with their probabilities, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<(char, f32)>,
}

/// Another text that the picture may show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextCandidate {
    /// The text.
    pub text: String,
    /// Its probability, 0 to 1.
    pub probability: f32,
}

/// The country or state that issued the plate, as far as the picture tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionGuess {
    /// Code of ISO 3166-1 (`RO`) or, where states issue plates, of ISO 3166-2 (`US-CA`).
    pub code: String,
    /// Its probability, 0 to 1.
    pub probability: f32,
}

/// The picture behind an observation: where it lies, and the digest by which it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// SHA-256 or BLAKE3 of the picture's file, 32 bytes, in hexadecimal digits.
    #[serde(with = "hex32")]
    pub digest: [u8; 32],
    /// Where it lies: a path or an address.
    #[serde(default)]
    pub reference: String,
}

/// What read the plate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reader {
    /// Name and version of the program.
    pub engine: String,
    /// Name and version of the networks.
    pub networks: String,
}

/// One plate as it was read once. It is never changed.
///
/// ```
/// use platewarden_store::{Camera, Observation};
/// let at = "2026-11-22T08:15:00Z".parse()?;
/// let read = Observation::new("7abc 123", Camera::new("elm-4th"), at);
/// assert_eq!(read.text, "7ABC123");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Observation {
    /// The text, [normalised](crate::normalise).
    pub text: String,
    /// Probability that the whole text is right, 0 to 1; 1 where the source tells none.
    #[serde(default = "certain")]
    pub confidence: f32,
    /// Its characters in order; empty where the source has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub characters: Vec<Character>,
    /// Other texts, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<TextCandidate>,
    /// Where it was read.
    pub camera: Camera,
    /// When it was captured; stored to the millisecond.
    pub captured_at: Timestamp,
    /// Who issued the plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionGuess>,
    /// Which way the vehicle went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What read it.
    #[serde(default)]
    pub reader: Reader,
    /// What came of a match against a hotlist; `None` for an unmatched read, which the law keeps for less long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<HitOutcome>,
}

fn certain() -> f32 {
    1.0
}

impl Observation {
    /// A text, where and when it was read; everything else unknown.
    #[must_use]
    pub fn new(text: &str, camera: Camera, captured_at: Timestamp) -> Self {
        Self {
            text: crate::normalise(text),
            confidence: 1.0,
            characters: Vec::new(),
            candidates: Vec::new(),
            camera,
            captured_at,
            region: None,
            direction: None,
            evidence: None,
            reader: Reader::default(),
            matched: None,
        }
    }
}

/// One vehicle over several frames: the voted text with the best observation, and how many reads stand behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// The voted text with where and when it was read best.
    pub best: Observation,
    /// First time the vehicle was seen.
    pub first_seen: Timestamp,
    /// Last time the vehicle was seen.
    pub last_seen: Timestamp,
    /// How many reads were voted on.
    pub reads: u32,
    /// How many of them had the voted text.
    pub agreeing_reads: u32,
    /// The single reads, where they are to be stored too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
}

/// What a person found an observation to show. It stands beside the observation and never in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The text as it should be.
    pub text: String,
    /// Who says so.
    pub by: String,
    /// Why.
    pub why: String,
    /// When it was appended.
    pub at: Timestamp,
}

/// Camera and reader: told once for many rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) camera: Camera,
    pub(crate) reader: Reader,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StoredKind {
    Observation,
    Sighting {
        first_seen: Timestamp,
        last_seen: Timestamp,
        reads: u32,
        agreeing_reads: u32,
        /// Plate and tag of the single reads of the same epoch.
        members: Vec<(u32, i64)>,
    },
    /// Stands under the plate of the read it corrects, and under the corrected one.
    Correction {
        of: (u32, i64),
        correction: Correction,
    },
}

/// A row before it is sealed; for a correction `core` is the read that it corrects, without its probabilities.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredRead {
    pub(crate) core: Observation,
    pub(crate) kind: StoredKind,
}

mod hex32 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(
        bytes: &[u8; 32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::array_of_hex(&text).ok_or_else(|| D::Error::custom("expected 64 hexadecimal digits"))
    }
}
