//! Lengths of time as laws write them: minutes, days, months, years.

use jiff::{Span, Timestamp, tz::TimeZone};

/// A length of time; months and years follow the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Length {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    Minutes,
    Days,
    Months,
}

impl<'de> serde::Deserialize<'de> for Length {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "cannot read the length `{text}`; write a number and a unit, such as \"21 days\", \"30 months\", \"3 minutes\""
            ))
        })
    }
}

impl Length {
    /// So many days.
    #[must_use]
    pub const fn days(count: u32) -> Self {
        Self {
            count,
            unit: Unit::Days,
        }
    }

    /// Reads `3 minutes`, `21 days`, `30 months`, `5 years`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.trim().split_once(' ')?;
        let count: u32 = count.parse().ok().filter(|n| (1..=100_000).contains(n))?;
        let (count, unit) = match unit.trim().trim_end_matches('s') {
            "minute" => (count, Unit::Minutes),
            "hour" => (count.checked_mul(60)?, Unit::Minutes),
            "day" => (count, Unit::Days),
            "month" => (count, Unit::Months),
            "year" => (count.checked_mul(12)?, Unit::Months),
            _ => return None,
        };
        Some(Self { count, unit })
    }

    fn span(self) -> Option<Span> {
        let span = Span::new();
        let count = i64::from(self.count);
        match self.unit {
            Unit::Minutes => span.try_minutes(count),
            Unit::Days => span.try_days(count),
            Unit::Months => span.try_months(count),
        }
        .ok()
    }

    /// The instant so much later, by the UTC calendar; the far future where the calendar ends.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        self.span()
            .and_then(|span| start.to_zoned(TimeZone::UTC).checked_add(span).ok())
            .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// The instant so much earlier, by the UTC calendar; the far past where the calendar ends.
    #[must_use]
    pub fn before(self, end: Timestamp) -> Timestamp {
        self.span()
            .and_then(|span| end.to_zoned(TimeZone::UTC).checked_sub(span).ok())
            .map_or(Timestamp::MIN, |zoned| zoned.timestamp())
    }
}

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            Unit::Minutes => "minutes",
            Unit::Days => "days",
            Unit::Months => "months",
        };
        write!(f, "{} {unit}", self.count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn lengths_follow_the_calendar() {
        let start: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let after = |text: &str| Length::parse(text).unwrap().after(start).to_string();
        assert_eq!(after("21 days"), "2026-02-21T00:00:00Z");
        assert_eq!(after("1 month"), "2026-02-28T00:00:00Z");
        assert_eq!(after("5 years"), "2031-01-31T00:00:00Z");
        assert_eq!(after("3 minutes"), "2026-01-31T00:03:00Z");
        assert!(Length::parse("0 days").is_none() && Length::parse("soon").is_none());
    }
}
