//! Times as exports write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Reads a time of an export; all of them are UTC, whether they say so or not.
///
/// Understood are `01/25/2024, 01:27:03 PM UTC` with or without padding, comma, seconds, `AM`/`PM` and
/// `UTC`, and ISO 8601 with `T` or a blank.
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
    let mut scan = Scan {
        rest: text.trim().as_bytes(),
    };
    let first = scan.number(4)?;
    let (year, month, day) = match scan.byte()? {
        b'/' => {
            let day = scan.number(2)?;
            scan.expect(b'/')?;
            (scan.number(4)?, first, day)
        }
        b'-' => {
            let second = scan.number(2)?;
            scan.expect(b'-')?;
            let third = scan.number(4)?;
            if first > 31 {
                (first, second, third)
            } else {
                (third, first, second)
            }
        }
        _ => return None,
    };
    let year = if year < 100 { year + 2000 } else { year };
    scan.skip_any(b", T");
    let (mut hour, mut minute, mut second) = (0, 0, 0);
    if !scan.rest.is_empty() {
        hour = scan.number(2)?;
        scan.expect(b':')?;
        minute = scan.number(2)?;
        if scan.take(b':') {
            second = scan.number(2)?;
            if scan.take(b'.') {
                scan.skip_digits();
            }
        }
        scan.skip_any(b" \xc2\xa0\xe2\x80\xaf");
        match scan.rest {
            [b'A' | b'a', b'M' | b'm', rest @ ..] => {
                scan.rest = rest;
                hour = if hour == 12 { 0 } else { hour };
            }
            [b'P' | b'p', b'M' | b'm', rest @ ..] => {
                scan.rest = rest;
                hour = if hour == 12 {
                    12
                } else {
                    hour.checked_add(12)?
                };
            }
            _ => {}
        }
        scan.skip_any(b" ");
        match scan.rest {
            b"" | b"Z" | b"z" | b"UTC" | b"utc" | b"GMT" | b"+00:00" | b"+0000" | b"(UTC)" => {}
            // Another offset is legal ISO 8601; jiff reads it.
            _ => return text.trim().parse().ok(),
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
    );
    Offset::UTC.to_timestamp(time.ok()?).ok()
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

/// Reads a `Time Frame` cell: two times split by LF, CR, CRLF, ` to ` or ` - `.
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
        ] {
            assert_eq!(parse_time(text), Some(time), "{text}");
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
    fn odd_frames_are_kept_as_they_stand() {
        let frame =
            parse_time_frame("02/01/2026, 01:00:00 AM UTC\n01/01/2026, 01:00:00 AM UTC").unwrap();
        assert!(frame.end < frame.start);
        for text in ["01/01/2026", "***", "01/01/2026\n", "a to b"] {
            assert_eq!(parse_time_frame(text), None);
        }
    }
}
