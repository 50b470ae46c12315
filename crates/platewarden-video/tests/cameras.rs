//! Many cameras with one engine: fairness, latency, coming and going, faults.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may fail"
)]

mod made_up;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use made_up::{TEXTS, drive, engine, frame};
use platewarden_video::cameras::{
    CameraEvent, CameraId, CameraOptions, CameraPool, CameraStatistics, PoolOptions,
};
use platewarden_video::source::{
    Backoff, FrameSource, IterSource, Reconnecting, SourceError, SourceStatistics, Stopper,
    VideoFrame,
};

const LONG: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Told {
    passes: BTreeMap<CameraId, Vec<String>>,
    ended: BTreeMap<CameraId, CameraStatistics>,
    source_errors: usize,
    failed_frames: usize,
}

/// Takes events until no camera is left.
fn collect(pool: &CameraPool) -> Told {
    let mut told = Told::default();
    let start = Instant::now();
    while let Some(event) = pool.next_event(LONG) {
        assert!(
            start.elapsed() < LONG,
            "it does not end: {:?}",
            pool.statistics()
        );
        match event {
            CameraEvent::Pass { camera, pass } => {
                told.passes.entry(camera).or_default().push(pass.text)
            }
            CameraEvent::Ended { camera, statistics } => {
                assert!(statistics.is_balanced(), "{statistics:?}");
                told.ended.insert(camera, *statistics);
            }
            CameraEvent::SourceFailed { .. } => told.source_errors += 1,
            CameraEvent::FrameFailed { .. } => told.failed_frames += 1,
            _ => {}
        }
    }
    told
}

/// Frames at the pace of a camera.
fn live(text: usize, frames: u64, pace: Duration) -> impl FrameSource {
    let paced = drive(text, frames).inspect(move |_| std::thread::sleep(pace));
    IterSource::new(format!("live {text}"), paced).with_live(true)
}

#[test]
fn files_are_read_whole_and_each_gives_its_pass() {
    let pool = CameraPool::new(
        engine(Duration::ZERO),
        PoolOptions::default().with_workers(3),
    )
    .unwrap();
    let ids: Vec<CameraId> = (0..4)
        .map(|text| {
            let source = IterSource::new(format!("file {text}"), drive(text, 60));
            pool.add(source, CameraOptions::default()).unwrap()
        })
        .collect();
    let told = collect(&pool);
    for (id, text) in ids.iter().zip(TEXTS) {
        assert_eq!(told.passes[id], [text]);
        let statistics = &told.ended[id];
        assert_eq!((statistics.read, statistics.source.dropped), (60, 0));
    }
}

#[test]
fn busy_cameras_share_the_workers_fairly() {
    // Far more frames than one worker can read at 4 ms each.
    let pool = CameraPool::new(
        engine(Duration::from_millis(4)),
        PoolOptions::default().with_workers(1),
    )
    .unwrap();
    for text in 0..4 {
        pool.add(
            live(text, 600, Duration::from_millis(1)),
            CameraOptions::default(),
        )
        .unwrap();
    }
    let told = collect(&pool);
    let read: Vec<u64> = told
        .ended
        .values()
        .map(|statistics| statistics.read)
        .collect();
    let (least, most) = (*read.iter().min().unwrap(), *read.iter().max().unwrap());
    assert!(least * 10 >= most * 7, "{read:?}");
    assert!(
        told.ended
            .values()
            .all(|statistics| statistics.source.dropped > 0)
    );
}

#[test]
fn live_frames_are_read_or_dropped_within_the_bound() {
    let bound = Duration::from_millis(60);
    let work = Duration::from_millis(15);
    let pool = CameraPool::new(engine(work), PoolOptions::default().with_workers(1)).unwrap();
    for text in 0..4 {
        let options = CameraOptions::default().with_max_latency(bound);
        pool.add(live(text, 300, Duration::from_millis(2)), options)
            .unwrap();
    }
    for statistics in collect(&pool).ended.into_values() {
        // Waiting is bounded; reading itself comes on top, with room for a loaded machine.
        assert!(
            statistics.longest_latency < bound + work * 10,
            "{statistics:?}"
        );
        assert!(statistics.source.dropped > 0 && statistics.read > 0);
    }
}

#[test]
fn cameras_come_and_go_while_others_run() {
    let pool = CameraPool::new(
        engine(Duration::ZERO),
        PoolOptions::default().with_workers(2),
    )
    .unwrap();
    let endless = pool
        .add(
            live(0, u64::MAX, Duration::from_millis(2)),
            CameraOptions::default(),
        )
        .unwrap();
    let mut passes = 0;
    // The first vehicle is in view when its camera is taken away.
    std::thread::sleep(Duration::from_millis(30));
    let short = pool
        .add(
            IterSource::new("file", drive(1, 60)),
            CameraOptions::default(),
        )
        .unwrap();
    assert_eq!(pool.cameras(), [endless, short]);
    assert!(pool.remove(endless));
    let mut ended = Vec::new();
    while let Some(event) = pool.next_event(LONG) {
        match event {
            CameraEvent::Pass { .. } => passes += 1,
            CameraEvent::Ended { camera, statistics } => {
                assert!(statistics.is_balanced(), "{statistics:?}");
                ended.push(camera);
            }
            _ => {}
        }
    }
    ended.sort_unstable();
    assert_eq!((ended.as_slice(), passes), ([endless, short].as_slice(), 2));
    assert!(pool.cameras().is_empty() && !pool.remove(short));
}

#[test]
fn slow_consumer_loses_no_pass_and_shows_in_the_statistics() {
    let options = PoolOptions::default()
        .with_workers(2)
        .with_event_capacity(1);
    let pool = CameraPool::new(engine(Duration::ZERO), options).unwrap();
    for text in 0..4 {
        pool.add(
            IterSource::new("file", drive(text, 60)),
            CameraOptions::default(),
        )
        .unwrap();
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(pool.statistics().event_waits > 0);
    let told = collect(&pool);
    assert_eq!(told.passes.values().map(Vec::len).sum::<usize>(), 4);
}

#[test]
fn closing_a_pool_that_nobody_listens_to_does_not_hang() {
    let options = PoolOptions::default()
        .with_workers(2)
        .with_event_capacity(1);
    let pool = CameraPool::new(engine(Duration::ZERO), options).unwrap();
    for text in 0..4 {
        pool.add(
            live(text, u64::MAX, Duration::ZERO),
            CameraOptions::default().with_reads(true),
        )
        .unwrap();
    }
    std::thread::sleep(Duration::from_millis(100));
    let start = Instant::now();
    drop(pool);
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// A source that never gives a frame until it is stopped.
struct Hanging(Stopper);

impl FrameSource for Hanging {
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError> {
        while !self.0.wait(Duration::from_secs(1)) {}
        Ok(None)
    }

    fn name(&self) -> &str {
        "hanging"
    }

    fn is_live(&self) -> bool {
        true
    }

    fn statistics(&self) -> SourceStatistics {
        SourceStatistics::default()
    }

    fn stopper(&self) -> Stopper {
        self.0.clone()
    }
}

#[test]
fn hundred_sources_of_which_thirty_are_dead() {
    let pool = CameraPool::new(
        engine(Duration::ZERO),
        PoolOptions::default().with_workers(2),
    )
    .unwrap();
    let mut hanging = Vec::new();
    for number in 0..100 {
        let options = CameraOptions::default();
        match number % 10 {
            // Dead from the start, for good.
            0 => {
                let source = Reconnecting::new(
                    format!("dead {number}"),
                    Backoff::default()
                        .with_waits(Duration::from_millis(5), Duration::from_millis(20))
                        .with_attempts(3),
                    |_: &Stopper| {
                        Err::<IterSource<std::vec::IntoIter<VideoFrame>>, _>(SourceError::Failed {
                            input: "dead".to_owned(),
                            status: "exit status: 1".to_owned(),
                            detail: "connection refused".to_owned(),
                        })
                    },
                );
                pool.add(source, options).unwrap();
            }
            // Dies in the middle.
            1 => {
                let frames = drive(0, 60).enumerate().map(|(n, frame)| {
                    if n < 20 {
                        Ok(frame)
                    } else {
                        Err(SourceError::CutOff {
                            input: "cut".to_owned(),
                            expected: 10,
                            found: 3,
                        })
                    }
                });
                pool.add(IterSource::new("cut", frames), options).unwrap();
            }
            // Hangs for ever.
            2 => hanging.push(pool.add(Hanging(Stopper::default()), options).unwrap()),
            _ => {
                pool.add(IterSource::new("file", drive(number % 4, 60)), options)
                    .unwrap();
            }
        }
    }
    let stop_hanging = |pool: &CameraPool| hanging.iter().all(|id| pool.remove(*id));
    // The hanging ones are taken away while the others run.
    assert!(stop_hanging(&pool));
    let told = collect(&pool);
    assert_eq!(told.ended.len(), 100);
    assert_eq!(told.source_errors, 20);
    // Seventy whole drives and ten that were cut off after the vehicle had been read.
    assert_eq!(told.passes.values().map(Vec::len).sum::<usize>(), 80);
}

#[test]
fn frame_that_fails_and_reader_that_panics_are_told_and_passed_over() {
    let frames = drive(0, 60).enumerate().map(|(n, good)| {
        let at = good.timestamp();
        if n == 10 {
            frame(&[(77, 10, 10)], at)
        } else {
            good
        }
    });
    let pool = CameraPool::new(engine(Duration::ZERO), PoolOptions::default()).unwrap();
    let id = pool
        .add(IterSource::new("file", frames), CameraOptions::default())
        .unwrap();
    let told = collect(&pool);
    assert_eq!(told.failed_frames, 1);
    assert_eq!(told.passes[&id], [TEXTS[0]]);
    assert_eq!((told.ended[&id].read, told.ended[&id].failed), (59, 1));
}
