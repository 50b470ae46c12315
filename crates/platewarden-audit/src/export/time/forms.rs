//! The rarer forms: words for months, zone abbreviations, JavaScript's strings, numbers.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{LogTime, Scan, zone};

pub(super) fn parse(text: &str) -> Option<LogTime> {
    if text.len() > 80 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    number(text)
        .or_else(|| text.parse().ok().map(LogTime::Instant))
        .or_else(|| words(text))
}

/// Excel's serial day, or the seconds or milliseconds since 1970.
fn number(text: &str) -> Option<LogTime> {
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    match (text.len(), text.parse::<i64>()) {
        (10, Ok(seconds)) => return Timestamp::from_second(seconds).ok().map(LogTime::Instant),
        (13, Ok(millis)) => {
            return Timestamp::from_millisecond(millis)
                .ok()
                .map(LogTime::Instant);
        }
        _ => {}
    }
    // 1982 to 2119: a bare number outside is no date of a search.
    let days: f64 = text
        .parse()
        .ok()
        .filter(|days| (30_000.0..80_100.0).contains(days))?;
    serial(days).map(LogTime::Civil)
}

/// A day of Excel's calendar, which counts from 1899-12-30, to the second.
pub(in crate::export) fn serial(days: f64) -> Option<DateTime> {
    let epoch = jiff::civil::date(1899, 12, 30).at(0, 0, 0, 0);
    #[allow(
        clippy::cast_possible_truncation,
        reason = "rounded, and bounded by the calendar below"
    )]
    let seconds = (days * 86_400.0).round() as i64;
    epoch.checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// Date and clock out of words in any order that people write.
#[derive(Default)]
struct Parts {
    year: Option<u16>,
    month: Option<u16>,
    day: Option<u16>,
    clock: Option<(u16, u16, u16)>,
    zone: Option<TimeZone>,
}

fn words(text: &str) -> Option<LogTime> {
    // `(Central Standard Time)` repeats the offset before it.
    let text = text.split('(').next().unwrap_or_default();
    let mut parts = Parts::default();
    let mut rest: Vec<&str> = text
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    rest.reverse();
    while let Some(word) = rest.pop() {
        parts.take(word, &mut rest)?;
    }
    parts.time()
}

impl Parts {
    fn take(&mut self, word: &str, rest: &mut Vec<&str>) -> Option<()> {
        if word.contains(':') && self.clock.is_none() {
            return self.take_clock(word, rest);
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(['/', '-']) {
            return self.take_date(word);
        }
        if let Some(month) = month(word) {
            return fill(&mut self.month, month);
        }
        if let Some(zone) = zone::named(word) {
            return fill(&mut self.zone, zone);
        }
        if is_filler(word) {
            return Some(());
        }
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let number: u16 = digits.parse().ok()?;
        let ordinal = ["", "st", "nd", "rd", "th"].contains(&word.get(digits.len()..)?);
        match (digits.len(), ordinal) {
            (4, _) if digits.len() == word.len() => fill(&mut self.year, number),
            (1 | 2, true) => fill(&mut self.day, number),
            _ => None,
        }
    }

    fn take_clock(&mut self, word: &str, rest: &mut Vec<&str>) -> Option<()> {
        let half = rest.last().copied().filter(|next| {
            ["am", "pm", "a.m.", "p.m."].contains(&next.to_ascii_lowercase().as_str())
        });
        let text = match half {
            Some(half) => {
                rest.pop();
                format!("{word} {}", half.replace('.', ""))
            }
            None => word.to_owned(),
        };
        let mut scan = Scan {
            rest: text.as_bytes(),
        };
        self.clock = Some(scan.clock()?);
        match std::str::from_utf8(scan.rest).ok()?.trim() {
            "" => Some(()),
            zone => fill(&mut self.zone, zone::named(zone)?),
        }
    }

    fn take_date(&mut self, word: &str) -> Option<()> {
        let mut pieces = word.split(['-', '/']);
        if let (Some(first), Some(second), Some(third), None) =
            (pieces.next(), pieces.next(), pieces.next(), pieces.next())
            && let Some(month) = month(second)
        {
            // 25-Jan-2024 and 2024-Jan-25.
            let (day, year) = if first.len() == 4 {
                (third, first)
            } else {
                (first, third)
            };
            let year: u16 = year.parse().ok()?;
            fill(&mut self.month, month)?;
            fill(&mut self.day, day.parse().ok()?)?;
            return fill(&mut self.year, if year < 100 { year + 2000 } else { year });
        }
        let mut scan = Scan {
            rest: word.as_bytes(),
        };
        let (year, month, day) = scan.date()?;
        if !scan.rest.is_empty() {
            return None;
        }
        fill(&mut self.year, year)?;
        fill(&mut self.month, month)?;
        fill(&mut self.day, day)
    }

    fn time(self) -> Option<LogTime> {
        let (hour, minute, second) = self.clock.unwrap_or_default();
        let part = |n: u16| i8::try_from(n).ok();
        let time = DateTime::new(
            i16::try_from(self.year?).ok()?,
            part(self.month?)?,
            part(self.day?)?,
            part(hour)?,
            part(minute)?,
            part(second)?,
            0,
        )
        .ok()?;
        Some(match self.zone {
            Some(zone) => LogTime::Instant(LogTime::Civil(time).in_zone(&zone)),
            None => LogTime::Civil(time),
        })
    }
}

/// A part may be given once.
fn fill<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn month(word: &str) -> Option<u16> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    if word.len() < 3 {
        return None;
    }
    let at = MONTHS
        .iter()
        .position(|name| name.starts_with(&word) || (word == "sept" && *name == "september"))?;
    u16::try_from(at + 1).ok()
}

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Names of days, `at`, and the T between date and clock.
fn is_filler(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    word == "at"
        || word == "t"
        || word == "@"
        || (word.len() >= 3 && DAYS.iter().any(|day| day.starts_with(&word)))
}
