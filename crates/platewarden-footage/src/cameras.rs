//! A resident's cameras: where they stand, what their clocks are worth, and where their recordings lie.

use std::path::PathBuf;
use std::str::FromStr;

use jiff::tz::TimeZone;
use platewarden_community::Position;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// From what the time of a recording is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeSource {
    /// What the file itself says: `creation_time` of a video, EXIF of a photograph.
    Metadata,
    /// The name of the file, such as `porch_2026-11-20_21-00-00.mp4`, in the camera's time zone.
    Name,
    /// When the file was last written, less its length. Copies change it: only where nothing else is known.
    Modified,
}

/// One camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraSite {
    /// Its name.
    pub name: String,
    /// The folder of its recordings, within the folder of all footage; by default of the camera's name.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// North of the equator, in degrees (WGS 84).
    pub latitude: f64,
    /// East of Greenwich, in degrees (WGS 84).
    pub longitude: f64,
    /// IANA name of the zone of times that name none, such as `America/Chicago`. Without it such times are no times.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Seconds to add to what the camera takes for the time: -90 where its clock is a minute and a half fast.
    #[serde(default)]
    pub add_seconds: i64,
    /// Where times are looked for, the first that has one counts. Default: metadata, then name.
    #[serde(default = "default_times")]
    pub times: Vec<TimeSource>,
}

fn default_times() -> Vec<TimeSource> {
    vec![TimeSource::Metadata, TimeSource::Name]
}

impl CameraSite {
    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            latitude: self.latitude,
            longitude: self.longitude,
        }
    }

    /// The folder of its recordings, within that of all footage.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder
            .clone()
            .unwrap_or_else(|| PathBuf::from(&self.name))
    }

    /// The zone of times that name none.
    pub(crate) fn zone(&self) -> Option<TimeZone> {
        // It was looked up when the file was read.
        TimeZone::get(self.time_zone.as_deref()?).ok()
    }
}

/// A resident's cameras, as `cameras.toml` lists them.
///
/// ```
/// use platewarden_footage::Cameras;
/// let cameras: Cameras = r#"
///     [[camera]]
///     name = "porch"
///     latitude = 39.79
///     longitude = -89.65
///     time_zone = "America/Chicago"
///     add_seconds = -90
/// "#.parse()?;
/// assert_eq!(cameras.camera[0].folder().to_str(), Some("porch"));
/// # Ok::<(), platewarden_footage::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cameras {
    /// The cameras.
    pub camera: Vec<CameraSite>,
}

impl FromStr for Cameras {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let cameras: Self =
            toml::from_str(text).map_err(|source| Error::toml("a list of cameras", source))?;
        for camera in &cameras.camera {
            let place = camera.position();
            if !(-90.0..=90.0).contains(&place.latitude)
                || !(-180.0..=180.0).contains(&place.longitude)
            {
                let found = format!("{}, {}", place.latitude, place.longitude);
                return Err(Error::invalid(
                    &format!("place of camera `{}`", camera.name),
                    "degrees north from -90 to 90 and east from -180 to 180",
                    &found,
                ));
            }
            if let Some(zone) = &camera.time_zone
                && TimeZone::get(zone).is_err()
            {
                return Err(Error::invalid(
                    &format!("time zone of camera `{}`", camera.name),
                    "an IANA name such as `America/Chicago`",
                    &format!("`{zone}`"),
                ));
            }
        }
        if cameras.camera.is_empty() {
            return Err(Error::invalid(
                "cameras",
                "at least one `[[camera]]`",
                "none",
            ));
        }
        Ok(cameras)
    }
}
