//! Times as exports write them.

mod forms;
mod zone;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

pub(super) use forms::serial;
pub use zone::place_zone;
pub(crate) use zone::zone_name;

/// A time of an export: an instant, or a reading of a clock whose zone the cell does not name.
///
/// ```
/// use jiff::tz::TimeZone;
/// use platewarden_audit::export::parse_log_time;
/// let named = parse_log_time("Mar 1, 2026, 1:27:03 PM CST").unwrap();
/// assert_eq!(named.in_zone(&TimeZone::UTC).to_string(), "2026-03-01T19:27:03Z");
/// let naive = parse_log_time("3/1/2026 13:27").unwrap();
/// assert!(naive.is_naive());
/// let chicago = TimeZone::get("America/Chicago")?;
/// assert_eq!(naive.in_zone(&chicago).to_string(), "2026-03-01T19:27:00Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogTime {
    /// The cell names zone or offset.
    Instant(Timestamp),
    /// The cell names none.
    Civil(DateTime),
}

impl LogTime {
    /// Whether the cell names no zone.
    #[must_use]
    pub const fn is_naive(&self) -> bool {
        matches!(self, Self::Civil(_))
    }

    /// The instant; a time without a zone is read on the clocks of `zone`, the earlier one where they were set back. Beyond
    /// the first and last day of the calendar, which zones can push a time over, its end stands for the time.
    #[must_use]
    pub fn in_zone(&self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Instant(at) => *at,
            Self::Civil(time) => {
                let there = zone.to_ambiguous_timestamp(*time).compatible();
                there.unwrap_or(if time.year() > 0 {
                    Timestamp::MAX
                } else {
                    Timestamp::MIN
                })
            }
        }
    }
}

/// Reads a time of an export.
///
/// Understood are `01/25/2024, 01:27:03 PM UTC` with or without padding, comma, seconds, `AM`/`PM` and zone; ISO 8601;
/// `Mar 1, 2026`, `1 March 2026 13:27 CST`; the date strings of JavaScript; Excel's serial days; seconds and
/// milliseconds since 1970.
#[must_use]
pub fn parse_log_time(text: &str) -> Option<LogTime> {
    let text = text.trim();
    common(text).or_else(|| forms::parse(text))
}

/// Reads a time of an export; one that names no zone is read as UTC.
///
/// ```
/// use platewarden_audit::export::parse_time;
/// let time = parse_time("1/5/2024, 1:27:03 PM UTC").unwrap();
/// assert_eq!(time.to_string(), "2024-01-05T13:27:03Z");
/// assert_eq!(parse_time("2024-01-05T13:27:03Z"), Some(time));
/// assert_eq!(parse_time("13/45/2024"), None);
/// ```
#[must_use]
pub fn parse_time(text: &str) -> Option<Timestamp> {
    parse_log_time(text).map(|time| time.in_zone(&TimeZone::UTC))
}

/// The forms of nearly every row, without a detour.
fn common(text: &str) -> Option<LogTime> {
    let mut scan = Scan {
        rest: text.as_bytes(),
    };
    let (year, month, day) = scan.date()?;
    scan.skip_any(b", T");
    let (mut hour, mut minute, mut second) = (0, 0, 0);
    let mut named = false;
    if !scan.rest.is_empty() {
        (hour, minute, second) = scan.clock()?;
        scan.skip_any(b" ");
        match scan.rest {
            b"" => {}
            b"Z" | b"z" | b"UTC" | b"utc" | b"GMT" | b"+00:00" | b"+0000" | b"(UTC)" => {
                named = true
            }
            _ => return None,
        }
    }
    let part = |n: u16| i8::try_from(n).ok();
    let time = DateTime::new(
        i16::try_from(year).ok()?,
        part(month)?,
        part(day)?,
        part(hour)?,
        part(minute)?,
        part(second)?,
        0,
    )
    .ok()?;
    Some(if named {
        LogTime::Instant(Offset::UTC.to_timestamp(time).ok()?)
    } else {
        LogTime::Civil(time)
    })
}

/// Writes a time as exports do: `01/25/2024, 01:27:03 PM UTC`.
#[must_use]
pub fn format_time(time: Timestamp) -> String {
    let civil = Offset::UTC.to_datetime(time);
    let (half, hour) = if civil.hour() < 12 {
        ("AM", civil.hour())
    } else {
        ("PM", civil.hour() - 12)
    };
    let hour = if hour == 0 { 12 } else { hour };
    format!(
        "{:02}/{:02}/{:04}, {hour:02}:{:02}:{:02} {half} UTC",
        civil.month(),
        civil.day(),
        civil.year(),
        civil.minute(),
        civil.second()
    )
}

/// The window that was searched, as it stands in the record: the end may lie before the start, or after the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeFrame {
    /// The first of the two times.
    pub start: Timestamp,
    /// The second of the two times.
    pub end: Timestamp,
}

/// Reads a `Time Frame` cell: two times split by LF, CR, CRLF, ` to ` or ` - `. Times without a zone are read as UTC;
/// both are on the same clock, and how they stand to each other does not depend on which.
///
/// ```
/// use platewarden_audit::export::parse_time_frame;
/// let frame = parse_time_frame("01/01/2026, 12:00:00 AM UTC\r\n01/02/2026, 12:00:00 AM UTC").unwrap();
/// assert!(frame.start < frame.end);
/// assert_eq!(parse_time_frame("01/01/2026 to 01/02/2026"), Some(frame));
/// ```
#[must_use]
pub fn parse_time_frame(text: &str) -> Option<TimeFrame> {
    let text = text.trim();
    let (start, end) = text
        .split_once(['\n', '\r'])
        .or_else(|| text.split_once(" to "))
        .or_else(|| text.split_once(" - "))
        .or_else(|| text.split_once(" – "))?;
    Some(TimeFrame {
        start: parse_time(start)?,
        end: parse_time(end)?,
    })
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl Scan<'_> {
    /// `1/25/2024`, `1/25/24`, `2024-01-25`, `01-25-2024`.
    fn date(&mut self) -> Option<(u16, u16, u16)> {
        let first = self.number(4)?;
        let (year, month, day) = match self.byte()? {
            b'/' => {
                let day = self.number(2)?;
                self.expect(b'/')?;
                (self.number(4)?, first, day)
            }
            b'-' => {
                let second = self.number(2)?;
                self.expect(b'-')?;
                let third = self.number(4)?;
                if first > 31 {
                    (first, second, third)
                } else {
                    (third, first, second)
                }
            }
            _ => return None,
        };
        Some((if year < 100 { year + 2000 } else { year }, month, day))
    }

    /// `13:27`, `13:27:03.123`, `1:27:03 PM`.
    fn clock(&mut self) -> Option<(u16, u16, u16)> {
        let mut hour = self.number(2)?;
        self.expect(b':')?;
        let minute = self.number(2)?;
        let mut second = 0;
        if self.take(b':') {
            second = self.number(2)?;
            if self.take(b'.') {
                self.skip_digits();
            }
        }
        self.skip_any(b" \xc2\xa0\xe2\x80\xaf");
        match self.rest {
            [b'A' | b'a', b'M' | b'm', rest @ ..] => {
                self.rest = rest;
                hour = if hour == 12 { 0 } else { hour };
            }
            [b'P' | b'p', b'M' | b'm', rest @ ..] => {
                self.rest = rest;
                hour = if hour == 12 { 12 } else { hour + 12 };
            }
            _ => {}
        }
        Some((hour, minute, second))
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn number(&mut self, most: usize) -> Option<u16> {
        let length = self
            .rest
            .iter()
            .take(most)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let digits = self.rest.get(..length).filter(|d| !d.is_empty())?;
        self.rest = self.rest.get(length..).unwrap_or_default();
        Some(digits.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0')))
    }

    fn skip_any(&mut self, bytes: &[u8]) {
        while self.rest.first().is_some_and(|b| bytes.contains(b)) {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
    }

    fn skip_digits(&mut self) {
        while self.rest.first().is_some_and(u8::is_ascii_digit) {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_forms_of_real_files_are_read() {
        let time: Timestamp = "2024-01-25T13:27:03Z".parse().unwrap();
        for text in [
            "01/25/2024, 01:27:03 PM UTC",
            "1/25/2024, 1:27:03 PM UTC",
            "01/25/2024 13:27:03",
            "01/25/2024 13:27:03 UTC",
            "1/25/24 1:27:03 pm",
            "2024-01-25T13:27:03Z",
            "2024-01-25 13:27:03.123",
            "2024-01-25T08:27:03-05:00",
            " 01/25/2024, 01:27:03\u{202f}PM UTC ",
            "Jan 25, 2024, 1:27:03 PM",
            "January 25th, 2024 at 1:27:03 PM UTC",
            "25 Jan 2024 13:27:03",
            "25-Jan-2024 13:27:03",
            "1/25/2024 8:27:03 AM EST",
            "1/25/2024 07:27:03 CST",
            "1/25/2024, 5:27:03 AM PST",
            "Thu Jan 25 2024 07:27:03 GMT-0600 (Central Standard Time)",
            "Thu, 25 Jan 2024 13:27:03 GMT",
            "1706189223",
            "1706189223000",
        ] {
            let read = parse_time(text);
            assert_eq!(
                read.map(|t| t.as_second()),
                Some(time.as_second()),
                "{text}"
            );
        }
        for text in [
            "",
            "***",
            "REDACTED",
            "25/01/2024 10:00",
            "01/25/2024 25:00:00",
            "01/25",
            "2024",
            "1/1/2024 10:00 XX",
            "burglary",
            "Jan",
            "Jan 25",
            "12345",
            "1e400",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        assert_eq!(
            parse_time("12/31/2023, 12:00:00 AM UTC")
                .unwrap()
                .to_string(),
            "2023-12-31T00:00:00Z"
        );
        assert_eq!(parse_time(&format_time(time)), Some(time));
        let midnight: Timestamp = "2024-01-25T00:00:00Z".parse().unwrap();
        assert_eq!(format_time(midnight), "01/25/2024, 12:00:00 AM UTC");
    }

    #[test]
    fn serial_days_are_read_and_named_zones_are_told_apart() {
        // 2026-03-01 is day 46082 of Excel's calendar.
        assert_eq!(
            parse_time("46082").unwrap().to_string(),
            "2026-03-01T00:00:00Z"
        );
        assert_eq!(
            parse_time("46082.5").unwrap().to_string(),
            "2026-03-01T12:00:00Z"
        );
        for (text, naive) in [
            ("46082.5", true),
            ("Mar 1, 2026", true),
            ("Mar 1, 2026 1:00 PM CST", false),
            ("3/1/2026 13:00", true),
            ("3/1/2026 13:00 UTC", false),
            ("2026-03-01T13:00:00", true),
            ("2026-03-01T13:00:00.000Z", false),
        ] {
            assert_eq!(parse_log_time(text).unwrap().is_naive(), naive, "{text}");
        }
    }

    #[test]
    fn odd_frames_are_kept_as_they_stand() {
        let frame =
            parse_time_frame("02/01/2026, 01:00:00 AM UTC\n01/01/2026, 01:00:00 AM UTC").unwrap();
        assert!(frame.end < frame.start);
        for text in ["01/01/2026", "***", "01/01/2026\n", "a to b"] {
            assert_eq!(parse_time_frame(text), None);
        }
    }
}
