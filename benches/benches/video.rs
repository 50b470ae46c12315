//! Frames a second from a clip to its passes, what reading settled vehicles no more saves of it, and what tracking and
//! hotlists cost.
//!
//! The clip is the generator's with two vehicles at once, drawn at 720p and 1080p, as raw I420 frames: decoding is left out,
//! which `ffmpeg` does in a process of its own. `settled` leaves vehicles whose vote is settled out of the recogniser,
//! `always` reads every plate. Four cameras share one engine and one worker for each core; their figure is frames a second of
//! all together. `cargo bench -p platewarden-benches --bench video` prints the time in either network besides.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench may fail; criterion's macros make public items"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use platewarden::{Alternative, Engine, Rect};
use platewarden_benches::clips::two_vehicles;
use platewarden_video::cameras::{CameraEvent, CameraOptions, CameraPool, PoolOptions};
use platewarden_video::hotlist::{Hotlist, HotlistEntry, PermitAll, Tolerance};
use platewarden_video::source::{IterSource, VideoFrame};
use platewarden_video::tracking::{Observation, PassReader, TrackRead, Tracker, TrackerOptions};

const SIZES: [(&str, (u32, u32)); 2] = [("720p", (1280, 720)), ("1080p", (1920, 1080))];

/// Whether figures are wanted; else the bench runs as a test, on as little as shows that it works.
fn is_measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Reads a clip as one camera and gives the number of its passes.
fn watch_one(engine: &Engine, frames: &[VideoFrame], skip_settled: bool) -> usize {
    let options = TrackerOptions::default().with_skip_settled(skip_settled);
    let mut reader = PassReader::new(engine.clone(), options).unwrap();
    let passes: usize = frames
        .iter()
        .map(|frame| reader.read(frame).unwrap().len())
        .sum();
    passes + reader.finish().len()
}

/// Prints where the time of one camera goes, with and without reading settled vehicles.
fn print_stages(engine: &Engine, name: &str, frames: &[VideoFrame]) {
    for (reading, skip) in [("settled", true), ("always", false)] {
        let start = Instant::now();
        watch_one(engine, frames, skip);
        let whole = start.elapsed();
        let start = Instant::now();
        for frame in frames {
            engine.detect(&frame.frame().unwrap()).unwrap();
        }
        let each = |time: Duration| time.as_secs_f64() * 1e3 / frames.len() as f64;
        println!(
            "watch/{reading}/{name}: {:.2} ms a frame; finding its plates alone takes {:.2}",
            each(whole),
            each(start.elapsed()),
        );
    }
}

fn watch(c: &mut Criterion) {
    let engine = Engine::new().unwrap();
    engine.warm_up().unwrap();
    let mut group = c.benchmark_group("watch");
    group.sample_size(10);
    for (name, size) in SIZES {
        let count = if is_measuring() { 60 } else { 4 };
        let frames = Arc::new(two_vehicles(size, count).unwrap());
        if is_measuring() {
            print_stages(&engine, name, &frames);
        }
        group.throughput(Throughput::Elements(frames.len() as u64));
        for (reading, skip) in [("settled", true), ("always", false)] {
            group.bench_function(BenchmarkId::new(reading, name), |bencher| {
                bencher.iter(|| watch_one(&engine, &frames, skip));
            });
        }
        group.throughput(Throughput::Elements(4 * frames.len() as u64));
        group.bench_function(BenchmarkId::new("four-cameras", name), |bencher| {
            bencher.iter(|| watch_four(&engine, &frames));
        });
    }
    group.finish();
}

fn watch_four(engine: &Engine, frames: &Arc<Vec<VideoFrame>>) -> usize {
    let pool = CameraPool::new(engine.clone(), PoolOptions::default()).unwrap();
    for camera in 0..4 {
        let own = Arc::clone(frames);
        // A frame is copied when its turn comes, as a decoder would deliver it.
        let source = (0..own.len()).map(move |index| own[index].clone());
        let source = IterSource::new(format!("camera {camera}"), source);
        pool.add(source, CameraOptions::default()).unwrap();
    }
    let mut passes = 0;
    while let Some(event) = pool.next_event(Duration::from_secs(60)) {
        passes += usize::from(matches!(event, CameraEvent::Pass { .. }));
    }
    passes
}

/// One frame with eight vehicles whose votes are not settled: the most a tracker has to do.
fn tracker(c: &mut Criterion) {
    let options = TrackerOptions::default().with_skip_settled(false);
    let mut tracker = Tracker::new(options).unwrap();
    let mut frame = 0_u64;
    let mut group = c.benchmark_group("tracker");
    group.throughput(Throughput::Elements(1));
    group.bench_function("frame-of-eight", |bencher| {
        bencher.iter(|| {
            let plates: Vec<Observation> = (0..8)
                .map(|n| Rect::new((frame % 500) as f32, 80.0 * n as f32, 90.0, 22.0).into())
                .collect();
            let at = Duration::from_millis(40 * frame);
            let wanted = tracker.associate(at, frame, (1280, 720), &plates);
            let reads = wanted
                .into_iter()
                .map(|index| (index, TrackRead::from_text(format!("AB12CD{index}"), 0.8)))
                .collect();
            frame += 1;
            black_box(tracker.commit(None, reads))
        });
    });
    group.finish();
}

fn hotlist(c: &mut Criterion) {
    // As a test the list is short: filling it takes longer than all else.
    let entries = if is_measuring() { 1_000_000 } else { 1_000 };
    let mut state = 1_u64;
    let mut plate = || -> String {
        (0..7)
            .filter_map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                char::from_digit(((state >> 33) % 36) as u32, 36)
            })
            .collect::<String>()
            .to_uppercase()
    };
    let mut list = Hotlist::new("large");
    list.reserve(entries);
    for _ in 0..entries {
        list.add(HotlistEntry::new(&plate(), "stolen vehicle").unwrap());
    }
    // Each place torn between three characters.
    let reads: Vec<TrackRead> = (0..256)
        .map(|_| {
            let mut read = TrackRead::from_text(plate(), 0.5);
            for character in &mut read.characters {
                character.alternatives =
                    vec![Alternative::new('B', 0.05), Alternative::new('7', 0.03)];
            }
            read
        })
        .collect();
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let tolerance = Tolerance::default();
    let mut next = 0;
    let mut group = c.benchmark_group("hotlist");
    group.throughput(Throughput::Elements(1));
    group.bench_function("read-against-a-million", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % reads.len();
            black_box(list.check(&reads[next], now, &tolerance, &PermitAll))
        });
    });
    group.finish();
}

criterion_group!(benches, watch, tracker, hotlist);
criterion_main!(benches);
