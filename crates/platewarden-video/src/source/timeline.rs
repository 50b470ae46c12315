//! Timestamps that never go back.

use std::time::Duration;

/// Puts the timestamps of a source on a line of time that never goes back.
///
/// Cameras restart their clocks and concatenated files start again at zero. A frame whose time lies before that of the
/// frame before it is put one usual interval after that one, and so are those that follow it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    /// What is added to a raw timestamp, in nanoseconds.
    offset: i128,
    last: Option<Duration>,
    interval: Duration,
}

/// Assumed until two frames have told the true interval.
const USUAL_INTERVAL: Duration = Duration::from_millis(40);
/// Longer gaps are pauses, not intervals.
const LONGEST_INTERVAL: Duration = Duration::from_secs(1);

impl Timeline {
    /// The place of a raw timestamp, and whether it had jumped back.
    pub(crate) fn place(&mut self, raw: Duration) -> (Duration, bool) {
        let moved = nanoseconds(raw) + self.offset;
        let Some(last) = self.last else {
            let placed = duration(moved);
            self.last = Some(placed);
            return (placed, false);
        };
        let jumped = moved < nanoseconds(last);
        let placed = if jumped {
            let placed = last + self.usual();
            self.offset = nanoseconds(placed) - nanoseconds(raw);
            placed
        } else {
            let placed = duration(moved);
            let interval = placed.saturating_sub(last);
            if !interval.is_zero() && interval < LONGEST_INTERVAL {
                self.interval = interval;
            }
            placed
        };
        self.last = Some(placed);
        (placed, jumped)
    }

    /// Makes the next raw timestamp, whatever it is, follow `gap` after the last one: the source was opened again.
    pub(crate) fn restart(&mut self, raw: Duration, gap: Duration) {
        if let Some(last) = self.last {
            self.offset = nanoseconds(last + gap.max(self.usual())) - nanoseconds(raw);
        }
    }

    fn usual(&self) -> Duration {
        if self.interval.is_zero() {
            USUAL_INTERVAL
        } else {
            self.interval
        }
    }
}

fn nanoseconds(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX / 4)
}

fn duration(nanoseconds: i128) -> Duration {
    Duration::from_nanos(u64::try_from(nanoseconds.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(value: u64) -> Duration {
        Duration::from_millis(value)
    }

    #[test]
    fn clock_that_restarts_goes_on() {
        let mut timeline = Timeline::default();
        let placed: Vec<_> = [100, 150, 200, 0, 50, 100, 3]
            .map(|raw| timeline.place(ms(raw)))
            .to_vec();
        let expected = [
            (ms(100), false),
            (ms(150), false),
            (ms(200), false),
            (ms(250), true),
            (ms(300), false),
            (ms(350), false),
            (ms(400), true),
        ];
        assert_eq!(placed, expected);
    }

    #[test]
    fn gap_of_a_reconnection_is_kept() {
        let mut timeline = Timeline::default();
        timeline.place(ms(1000));
        timeline.restart(ms(0), ms(5000));
        assert_eq!(timeline.place(ms(0)), (ms(6000), false));
        assert_eq!(timeline.place(ms(40)), (ms(6040), false));
    }
}
