//! Passes from made-up plates: no network, no picture.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test may fail"
)]

use std::time::Duration;

use platewarden::{Point, Rect};
use platewarden_video::tracking::{
    CrossingDirection, Line, Observation, Pass, PassKind, TrackRead, Tracker, TrackerOptions,
};

const FRAME: Duration = Duration::from_millis(40);
const SIZE: (u32, u32) = (1280, 720);

/// A vehicle of a made-up scene: where its plate is at each frame, and how it is read.
struct Vehicle<'a> {
    bounds: Box<dyn Fn(u64) -> Option<Rect> + 'a>,
    read: Box<dyn Fn(u64) -> TrackRead + 'a>,
}

fn moving(
    text: &'static str,
    start: (f32, f32),
    step: (f32, f32),
    frames: std::ops::Range<u64>,
) -> Vehicle<'static> {
    Vehicle {
        bounds: Box::new(move |n| {
            let moved = n.checked_sub(frames.start).filter(|_| n < frames.end)? as f32;
            Some(Rect::new(
                start.0 + step.0 * moved,
                start.1 + step.1 * moved,
                90.0,
                22.0,
            ))
        }),
        read: Box::new(move |_| TrackRead::from_text(text, 0.9)),
    }
}

fn run(vehicles: &[Vehicle<'_>], frames: u64, options: TrackerOptions) -> (Vec<Pass>, Tracker) {
    let mut tracker = Tracker::new(options).unwrap();
    let mut passes = Vec::new();
    for n in 0..frames {
        let seen: Vec<(&Vehicle<'_>, Observation)> = vehicles
            .iter()
            .filter_map(|vehicle| Some((vehicle, Observation::from((vehicle.bounds)(n)?))))
            .collect();
        let observations: Vec<Observation> =
            seen.iter().map(|(_, observation)| *observation).collect();
        let at = FRAME * u32::try_from(n).unwrap();
        let wanted = tracker.associate(at, n, SIZE, &observations);
        let reads = wanted
            .into_iter()
            .map(|index| (index, (seen[index].0.read)(n)))
            .collect();
        passes.extend(tracker.commit(None, reads));
    }
    passes.extend(tracker.finish());
    (passes, tracker)
}

fn texts(passes: &[Pass]) -> Vec<&str> {
    let mut texts: Vec<&str> = passes.iter().map(|pass| pass.text.as_str()).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn two_at_once_that_cross_stay_apart() {
    // They drive towards each other in neighbouring lanes.
    let vehicles = [
        moving("AB12CDE", (0.0, 300.0), (18.0, 0.0), 0..60),
        moving("XY98ZWV", (1100.0, 340.0), (-18.0, 0.0), 0..60),
    ];
    let (passes, tracker) = run(&vehicles, 80, TrackerOptions::default());
    assert_eq!(texts(&passes), ["AB12CDE", "XY98ZWV"]);
    assert_eq!(tracker.statistics().vehicles, 2);
    assert!(passes.iter().all(|pass| pass.frames == 60));
    assert!(passes[0].travel.x > 900.0 && passes[1].travel.x < -900.0);
}

#[test]
fn occlusion_and_missed_frames_do_not_split_a_pass() {
    let mut vehicle = moving("AB12CDE", (0.0, 300.0), (12.0, 2.0), 0..90);
    let bounds = vehicle.bounds;
    // Every fifth frame is missed, and half a second is hidden.
    vehicle.bounds = Box::new(move |n| bounds(n).filter(|_| n % 5 != 2 && !(40..52).contains(&n)));
    let (passes, tracker) = run(&[vehicle], 120, TrackerOptions::default());
    assert_eq!(passes.len(), 1);
    assert_eq!(tracker.statistics().vehicles, 1);
}

#[test]
fn long_occlusion_is_bridged_by_the_text() {
    let mut vehicle = moving("AB12CDE", (0.0, 300.0), (6.0, 0.0), 0..150);
    let bounds = vehicle.bounds;
    // Two seconds behind a lorry, and it stopped in between: not where it was expected.
    vehicle.bounds = Box::new(move |n| match n {
        0..40 => bounds(n),
        40..90 => None,
        _ => bounds(n - 45),
    });
    let (passes, tracker) = run(&[vehicle], 150, TrackerOptions::default());
    assert_eq!(passes.len(), 1, "{passes:#?}");
    assert_eq!(tracker.statistics().merges, 1);
    assert_eq!(passes[0].first_seen, Duration::ZERO);
}

#[test]
fn same_plate_after_the_merge_window_is_another_pass() {
    let mut vehicle = moving("AB12CDE", (0.0, 300.0), (12.0, 0.0), 0..500);
    vehicle.bounds = Box::new(|n| {
        let n = n % 250;
        (n < 50).then(|| Rect::new(12.0 * n as f32, 300.0, 90.0, 22.0))
    });
    let (passes, _) = run(&[vehicle], 500, TrackerOptions::default());
    assert_eq!(texts(&passes), ["AB12CDE", "AB12CDE"]);
    assert!(passes[0].last_seen < passes[1].first_seen);
}

#[test]
fn settled_votes_are_not_read_again() {
    let vehicles = [moving("AB12CDE", (0.0, 300.0), (4.0, 0.0), 0..250)];
    let (passes, tracker) = run(&vehicles, 250, TrackerOptions::default());
    let skipping = tracker.statistics();
    assert_eq!(passes.len(), 1);
    // Three or so to settle, and one every three seconds.
    assert!(skipping.reads <= 8, "{skipping:?}");
    assert_eq!(skipping.reads + skipping.reads_saved, 250);
    let every = TrackerOptions::default().with_skip_settled(false);
    let (again, tracker) = run(&vehicles, 250, every);
    assert_eq!(tracker.statistics().reads, 250);
    assert_eq!(texts(&again), texts(&passes));
}

#[test]
fn mix_up_is_noticed_and_put_right() {
    // Between two frames far apart the vehicles changed places.
    let change = 50;
    let (a, b) = (
        Rect::new(200.0, 300.0, 90.0, 22.0),
        Rect::new(330.0, 300.0, 90.0, 22.0),
    );
    let vehicle = |text, before, after| Vehicle {
        bounds: Box::new(move |n| Some(if n < change { before } else { after })),
        read: Box::new(move |_| TrackRead::from_text(text, 0.9)),
    };
    let vehicles = [vehicle("AB12CDE", a, b), vehicle("XY98ZWV", b, a)];
    let options = TrackerOptions::default().with_parking(Duration::from_secs(3600), None);
    let (passes, tracker) = run(&vehicles, 200, options);
    assert_eq!(texts(&passes), ["AB12CDE", "XY98ZWV"]);
    let statistics = tracker.statistics();
    assert_eq!(
        (statistics.mix_ups, statistics.merges),
        (2, 2),
        "{statistics:?}"
    );
}

#[test]
fn parked_vehicle_is_told_once_then_at_the_interval_then_when_it_leaves() {
    let at = |n: u64| {
        let away = n.saturating_sub(1000) as f32 * 15.0;
        Rect::new(200.0 + (n % 2) as f32 + away, 300.0, 90.0, 22.0)
    };
    let vehicle = Vehicle {
        // Somebody walks by in front of it, too.
        bounds: Box::new(move |n| (n < 1050 && !(300..360).contains(&n)).then(|| at(n))),
        read: Box::new(|_| TrackRead::from_text("AB12CDE", 0.9)),
    };
    let options = TrackerOptions::default()
        .with_parking(Duration::from_secs(5), Some(Duration::from_secs(20)));
    let (passes, _) = run(&[vehicle], 1200, options);
    let kinds: Vec<PassKind> = passes.iter().map(|pass| pass.kind).collect();
    assert_eq!(
        kinds,
        [PassKind::Parked, PassKind::Parked, PassKind::Departed]
    );
    assert!(passes.iter().all(|pass| pass.id == passes[0].id));
    assert_eq!(passes[0].last_seen, Duration::from_secs(5));
}

#[test]
fn parked_vehicle_that_stays_is_told_once() {
    let vehicle = Vehicle {
        bounds: Box::new(|_| Some(Rect::new(200.0, 300.0, 90.0, 22.0))),
        read: Box::new(|_| TrackRead::from_text("AB12CDE", 0.9)),
    };
    let options = TrackerOptions::default().with_parking(Duration::from_secs(5), None);
    let (passes, _) = run(&[vehicle], 600, options);
    assert_eq!(passes.len(), 1);
}

#[test]
fn crossing_is_told_with_its_direction() {
    let line = Line::new("gate", Point::new(640.0, 0.0), Point::new(640.0, 720.0)).unwrap();
    let vehicles = [
        moving("AB12CDE", (0.0, 300.0), (18.0, 0.0), 0..60),
        moving("XY98ZWV", (1100.0, 500.0), (-18.0, 0.0), 0..60),
    ];
    let (passes, _) = run(&vehicles, 80, TrackerOptions::default().with_line(line));
    for pass in passes {
        // The line points down: its left-hand side is the right of the picture.
        let expected = if pass.text == "AB12CDE" {
            CrossingDirection::RightToLeft
        } else {
            CrossingDirection::LeftToRight
        };
        let directions: Vec<_> = pass
            .crossings
            .iter()
            .map(|crossing| crossing.direction)
            .collect();
        assert_eq!(directions, [expected], "{}", pass.text);
    }
}

#[test]
fn single_read_of_a_sign_makes_no_pass() {
    let vehicles = [moving("STOP", (100.0, 100.0), (0.0, 0.0), 10..11)];
    let (passes, tracker) = run(&vehicles, 200, TrackerOptions::default());
    assert!(passes.is_empty());
    assert_eq!(tracker.statistics().unread_vehicles, 1);
}

#[test]
fn plate_without_text_is_not_read_for_ever() {
    let vehicle = Vehicle {
        bounds: Box::new(|_| Some(Rect::new(200.0, 300.0, 20.0, 6.0))),
        read: Box::new(|_| TrackRead::default()),
    };
    let (passes, tracker) = run(&[vehicle], 1000, TrackerOptions::default());
    assert!(passes.is_empty());
    assert!(
        tracker.statistics().reads < 100,
        "{:?}",
        tracker.statistics()
    );
}

#[test]
fn time_that_jumps_back_and_a_new_size_are_survived() {
    let mut tracker = Tracker::new(TrackerOptions::default()).unwrap();
    let mut passes = Vec::new();
    for n in 0..100_u64 {
        let at = if n < 50 {
            FRAME * u32::try_from(n).unwrap()
        } else {
            Duration::ZERO
        };
        let scale = if n < 70 { 1.0 } else { 0.5 };
        let size = if n < 70 { SIZE } else { (640, 360) };
        let bounds = Rect::new(
            (100 + 4 * n) as f32 * scale,
            300.0 * scale,
            90.0 * scale,
            22.0 * scale,
        );
        let wanted = tracker.associate(at, n, size, &[bounds.into()]);
        let reads = wanted
            .into_iter()
            .map(|index| (index, TrackRead::from_text("AB12CDE", 0.9)))
            .collect();
        passes.extend(tracker.commit(None, reads));
    }
    passes.extend(tracker.finish());
    assert_eq!(passes.len(), 1);
    assert_eq!(tracker.statistics().merges, 1);
}

#[test]
fn evidence_is_cut_from_the_frame_that_was_read_best() {
    let mut tracker = Tracker::new(TrackerOptions::default()).unwrap();
    let bounds = Rect::new(40.0, 30.0, 20.0, 6.0);
    for n in 0..6_u8 {
        // Each frame has its own brightness, so that the evidence tells where it comes from.
        let pixels = vec![n * 10; 128 * 72];
        let frame = platewarden::Frame::gray8(&pixels, 128, 72, 128).unwrap();
        let at = FRAME * u32::from(n);
        let wanted = tracker.associate(at, u64::from(n), (128, 72), &[bounds.into()]);
        let confidence = if n == 2 { 0.97 } else { 0.7 };
        let reads = wanted
            .into_iter()
            .map(|index| (index, TrackRead::from_text("AB12CDE", confidence)))
            .collect();
        tracker.commit(Some(&frame), reads);
    }
    let passes = tracker.finish();
    let evidence = passes[0].evidence.as_ref().unwrap();
    assert_eq!((passes[0].best_frame, evidence.frame), (2, 2));
    assert!(evidence.image.pixels().all(|pixel| pixel.0 == [20; 3]));
    // Half a width at each side and a height above and below.
    assert_eq!(evidence.image.dimensions(), (40, 18));
}

/// A plate that the frame's edge cuts may lack characters without any doubt about the rest.
#[test]
fn no_pass_comes_of_cut_reads_alone() {
    let vehicle = |cut_until: u64| Vehicle {
        read: Box::new(move |n| TrackRead {
            touches_edge: n < cut_until,
            ..TrackRead::from_text(if n < cut_until { "472TM" } else { "KV472TM" }, 0.95)
        }),
        ..moving("", (0.0, 300.0), (2.0, 0.0), 0..30)
    };
    let (passes, _) = run(&[vehicle(30)], 30, TrackerOptions::default());
    assert!(passes.is_empty(), "{passes:?}");
    // Once it is whole, what was cut has no vote.
    let (passes, _) = run(&[vehicle(15)], 30, TrackerOptions::default());
    assert_eq!(passes.len(), 1);
    assert_eq!(passes[0].text, "KV472TM");
}
