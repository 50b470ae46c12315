//! When a recording was made.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use exif::{In, Tag};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::probe;
use crate::cameras::{CameraSite, TimeSource};
use crate::{Error, Result};

/// Beginning and end of a recording, the camera's clock set right; `None` where nothing tells.
pub(super) fn span(
    path: &Path,
    is_picture: bool,
    camera: &CameraSite,
) -> Result<Option<(Timestamp, Timestamp)>> {
    let zone = camera.zone();
    let (length, created) = if is_picture {
        (Duration::ZERO, exif_time(path, zone.as_ref())?)
    } else {
        let probed = probe::probe(path)?;
        (probed.length, probed.created)
    };
    let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::ZERO);
    for source in &camera.times {
        let from = match source {
            TimeSource::Metadata => created,
            TimeSource::Name => name_time(path, zone.as_ref()),
            TimeSource::Modified => modified(path)?.checked_sub(length).ok(),
        };
        let Some(from) = from else {
            continue;
        };
        let right = SignedDuration::from_secs(camera.add_seconds);
        return Ok(from
            .checked_add(right)
            .ok()
            .and_then(|from| Some((from, from.checked_add(length).ok()?))));
    }
    Ok(None)
}

fn modified(path: &Path) -> Result<Timestamp> {
    let time = fs::metadata(path).and_then(|metadata| metadata.modified());
    let time = time.map_err(|source| Error::io("look at", path, source))?;
    Timestamp::try_from(time)
        .map_err(|_| Error::invalid("time of a file", "one of this age", "another"))
}

/// `DateTimeOriginal`, with its own offset or in the camera's zone.
fn exif_time(path: &Path, zone: Option<&TimeZone>) -> Result<Option<Timestamp>> {
    let file = File::open(path).map_err(|source| Error::io("open", path, source))?;
    // A picture without EXIF, or with what is none, has no time of its own.
    let Ok(exif) = exif::Reader::new().read_from_container(&mut BufReader::new(file)) else {
        return Ok(None);
    };
    let text = |tag| {
        let field = exif.get_field(tag, In::PRIMARY)?;
        let exif::Value::Ascii(parts) = &field.value else {
            return None;
        };
        Some(String::from_utf8_lossy(parts.first()?).trim().to_owned())
    };
    let Some(time) = text(Tag::DateTimeOriginal).and_then(|text| digits_time(&text)) else {
        return Ok(None);
    };
    let offset = text(Tag::OffsetTimeOriginal).and_then(|offset| {
        let stated: Timestamp = format!("{time}{offset}").parse().ok()?;
        Some(stated)
    });
    Ok(offset.or_else(|| in_zone(time, zone)))
}

fn in_zone(time: DateTime, zone: Option<&TimeZone>) -> Option<Timestamp> {
    time.to_zoned(zone?.clone())
        .ok()
        .map(|zoned| zoned.timestamp())
}

fn name_time(path: &Path, zone: Option<&TimeZone>) -> Option<Timestamp> {
    in_zone(digits_time(path.file_stem()?.to_str()?)?, zone)
}

/// Year, month, day, hour, minute and second: the first fourteen digits of a text that make a time, with one character or none
/// between the parts and up to three between date and time.
fn digits_time(text: &str) -> Option<DateTime> {
    let bytes = text.as_bytes();
    (0..bytes.len())
        .filter(|at| {
            at.checked_sub(1)
                .and_then(|before| bytes.get(before))
                .is_none_or(|b| !b.is_ascii_digit())
        })
        .find_map(|at| time_at(bytes.get(at..)?))
}

fn time_at(bytes: &[u8]) -> Option<DateTime> {
    let mut rest = bytes;
    let mut part = |digits: usize, gap: usize| -> Option<i16> {
        let skip = rest
            .iter()
            .take(gap)
            .take_while(|byte| !byte.is_ascii_digit())
            .count();
        let number = rest.get(skip..skip + digits)?;
        let number = std::str::from_utf8(number)
            .ok()
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
        rest = rest.get(skip + digits..)?;
        number.parse().ok()
    };
    let (year, month, day) = (part(4, 0)?, part(2, 1)?, part(2, 1)?);
    let (hour, minute, second) = (part(2, 3)?, part(2, 1)?, part(2, 1)?);
    if rest.first().is_some_and(u8::is_ascii_digit) && !matches!(year, 1990..=2100) {
        return None;
    }
    let small = |number: i16| i8::try_from(number).ok();
    DateTime::new(
        year,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    )
    .ok()
    .filter(|time| (1990..=2100).contains(&time.year()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn times_stand_in_names_in_many_ways() {
        let expected: DateTime = "2026-11-20T21:05:09".parse().unwrap();
        for name in [
            "porch_2026-11-20_21-05-09",
            "20261120_210509",
            "PXL_20261120_210509123",
            "2026-11-20T21:05:09",
            "cam1-20261120210509",
            "2026:11:20 21:05:09",
            "RLC-510A_00_20261120210509",
        ] {
            assert_eq!(digits_time(name), Some(expected), "{name}");
        }
        for name in [
            "porch",
            "clip-0042",
            "2026-11-20",
            "20261320_210509",
            "12345678901234567",
        ] {
            assert_eq!(digits_time(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_without_a_zone_is_no_time() {
        let path = Path::new("porch/20261120_210509.mp4");
        assert_eq!(name_time(path, None), None);
        let zone = TimeZone::get("America/Chicago").unwrap();
        let expected: Timestamp = "2026-11-21T03:05:09Z".parse().unwrap();
        assert_eq!(name_time(path, Some(&zone)), Some(expected));
    }
}
