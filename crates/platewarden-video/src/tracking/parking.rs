//! Vehicles that stand still.

use std::time::Duration;

use platewarden::Point;

/// Further than this, in widths of the plate, a vehicle has moved.
const STAYS_WITHIN: f32 = 0.6;
/// Nor does a parked vehicle's plate change its size by more than this (logarithm of the ratio): one that drives straight
/// at the camera, or away from it, hardly moves sideways.
const KEEPS_SIZE: f32 = 0.2;

/// Whether and since when a vehicle stands, and when it was reported.
#[derive(Clone, Debug)]
pub(crate) struct Parking {
    anchor: Point,
    /// Width of the plate when it stopped, in pixels.
    width: f32,
    since: Duration,
    parked: bool,
    /// Reports so far, over all its stays.
    reports: u32,
    next_report: Option<Duration>,
    moved_after: bool,
}

impl Parking {
    pub(crate) const fn new(center: Point, plate_width: f32, at: Duration) -> Self {
        Self {
            anchor: center,
            width: plate_width,
            since: at,
            parked: false,
            reports: 0,
            next_report: None,
            moved_after: false,
        }
    }

    /// Takes in where the vehicle is; says whether it is to be reported as parked now.
    pub(crate) fn observe(
        &mut self,
        center: Point,
        plate_width: f32,
        at: Duration,
        parked_after: Duration,
        interval: Option<Duration>,
    ) -> bool {
        let growth = (plate_width.max(1.0) / self.width.max(1.0)).ln().abs();
        if self.anchor.distance(center) > STAYS_WITHIN * plate_width.max(1.0) || growth > KEEPS_SIZE
        {
            self.moved_after |= self.parked;
            self.parked = false;
            self.anchor = center;
            self.width = plate_width;
            self.since = at;
            return false;
        }
        if !self.parked {
            if at.saturating_sub(self.since) < parked_after {
                return false;
            }
            self.parked = true;
            self.moved_after = false;
        } else if self.next_report.is_none_or(|next| at < next) {
            return false;
        }
        self.next_report = interval.map(|interval| at + interval);
        true
    }

    /// Puts a report off that cannot be made yet, as for want of a settled text.
    pub(crate) const fn postpone(&mut self, until: Duration) {
        self.next_report = Some(until);
    }

    pub(crate) const fn count_report(&mut self) -> u32 {
        self.reports += 1;
        self.reports
    }

    pub(crate) const fn is_parked(&self) -> bool {
        self.parked
    }

    /// Whether it was ever reported as parked.
    pub(crate) const fn was_reported(&self) -> bool {
        self.reports > 0
    }

    /// Whether it drove on after it had been reported as parked.
    pub(crate) const fn has_left(&self) -> bool {
        self.moved_after && self.reports > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(value: u64) -> Duration {
        Duration::from_secs(value)
    }

    #[test]
    fn reported_once_then_at_the_interval_then_left() {
        let mut parking = Parking::new(Point::new(100.0, 100.0), 60.0, s(0));
        let mut reports = Vec::new();
        for second in 1..100 {
            let trembling = Point::new(100.0 + (second % 3) as f32, 100.0);
            if parking.observe(trembling, 60.0, s(second), s(20), Some(s(30))) {
                parking.count_report();
                reports.push(second);
            }
        }
        assert_eq!(reports, [20, 50, 80]);
        assert!(parking.is_parked() && !parking.has_left());
        parking.observe(Point::new(300.0, 100.0), 60.0, s(101), s(20), Some(s(30)));
        assert!(!parking.is_parked() && parking.has_left());
    }

    #[test]
    fn driving_straight_away_is_not_standing() {
        let mut parking = Parking::new(Point::new(100.0, 100.0), 90.0, s(0));
        let reported = (1..60_u16).any(|second| {
            let width = 90.0 * 0.97_f32.powi(i32::from(second));
            parking.observe(
                Point::new(100.0, 100.0),
                width,
                s(u64::from(second)),
                s(20),
                None,
            )
        });
        assert!(!reported);
    }
}
