//! Frames a second from a clip to its passes, and what tracking and hotlists cost of it.
//!
//! The clips are the generator's, drawn at 720p and 1080p, as raw frames: decoding is left out, which `ffmpeg` does in a
//! process of its own. `settled` leaves vehicles whose vote is settled out of the recogniser, `always` reads every plate.
//! The four-camera figure is frames a second of all cameras together with one worker for each core.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a bench may fail"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use platewarden::cameras::{CameraEvent, CameraOptions, CameraPool, PoolOptions};
use platewarden::hotlist::{Hotlist, HotlistEntry, PermitAll, Tolerance};
use platewarden::tracking::{Observation, PassReader, TrackRead, Tracker, TrackerOptions};
use platewarden::video::{IterSource, VideoFrame};
use platewarden::{Engine, Rect};
use platewarden_fixtures::{Clip, ClipRenderer, PlateMaker, clips};

/// Frames of the clip with two vehicles, at another size.
fn frames(width: u32, height: u32, count: usize) -> Vec<VideoFrame> {
    let maker = PlateMaker::bundled().unwrap();
    let clip = clips().into_iter().nth(1).unwrap();
    let clip = Clip { width, height, ..clip };
    let renderer = ClipRenderer::new(&maker, &clip);
    (0..count)
        .map(|index| {
            let at = Duration::from_secs_f32(index as f32 / clip.rate);
            VideoFrame::from_image(renderer.frame(index).unwrap().picture, at)
        })
        .collect()
}

fn watch(criterion: &mut Criterion) {
    let engine = Engine::new().unwrap();
    let mut group = criterion.benchmark_group("watch");
    group.sample_size(10);
    for (name, width, height) in [("720p", 1280, 720), ("1080p", 1920, 1080)] {
        let frames = frames(width, height, 60);
        group.throughput(Throughput::Elements(frames.len() as u64));
        for (reading, skip) in [("settled", true), ("always", false)] {
            let options = TrackerOptions::default().with_skip_settled(skip);
            group.bench_with_input(BenchmarkId::new(reading, name), &frames, |bencher, frames| {
                bencher.iter(|| {
                    let mut reader = PassReader::new(engine.clone(), options.clone()).unwrap();
                    let mut passes = 0;
                    for frame in frames {
                        passes += reader.read(frame).unwrap().len();
                    }
                    passes + reader.finish().len()
                });
            });
        }
        group.throughput(Throughput::Elements(4 * frames.len() as u64));
        group.bench_with_input(BenchmarkId::new("four-cameras", name), &frames, |bencher, frames| {
            bencher.iter(|| {
                let pool = CameraPool::new(engine.clone(), PoolOptions::default()).unwrap();
                for camera in 0..4 {
                    let source = IterSource::new(format!("camera {camera}"), frames.clone());
                    pool.add(source, CameraOptions::default()).unwrap();
                }
                let mut passes = 0;
                while let Some(event) = pool.next_event(Duration::from_secs(60)) {
                    passes += u32::from(matches!(event, CameraEvent::Pass { .. }));
                }
                passes
            });
        });
    }
    group.finish();
}

/// One frame with eight vehicles whose votes are not settled: the most a tracker has to do.
fn tracker(criterion: &mut Criterion) {
    let options = TrackerOptions::default().with_skip_settled(false);
    let mut tracker = Tracker::new(options).unwrap();
    let mut frame = 0_u64;
    let mut group = criterion.benchmark_group("tracker");
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

fn hotlist(criterion: &mut Criterion) {
    // As a test the list is short: filling it takes longer than all else.
    let entries = if std::env::args().any(|argument| argument == "--bench") { 1_000_000 } else { 1_000 };
    let mut state = 1_u64;
    let mut plate = || -> String {
        (0..7)
            .filter_map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
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
            for column in &mut read.columns {
                column.push(('B', 0.05));
                column.push(('7', 0.03));
            }
            read
        })
        .collect();
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let tolerance = Tolerance::default();
    let mut next = 0;
    let mut group = criterion.benchmark_group("hotlist");
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
