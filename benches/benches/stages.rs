//! The stages before and after the networks, each on its own: how many frames or plates a second one thread does.
//!
//! `cargo bench -p platewarden-benches --bench stages`; `-- letterbox` for a part.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench may fail; criterion's macros make public items"
)]

use std::hint::black_box;
use std::{io::Cursor, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fast_image_resize as fir;
use platewarden::{
    Channels, Detector, Engine, EngineOptions, LetterboxSpec, Letterboxer, Limits, Normalization,
    PixelFormat, Point, Precision, Quad, Recognizer, Rect, Rectifier, RectifySpec, ResizeQuality,
    decode, nms,
    syntax::{PlateSyntax, RankOptions, RegionPrior, Scratch},
};
use platewarden_benches::{
    canned,
    hot_path::backends,
    inputs::candidates,
    pictures::Picture,
    runtime::{self, Bare},
    traffic::Traffic,
};
use platewarden_video::{MotionGate, MotionOptions};

const SIZES: [(&str, (u32, u32)); 2] = [("720p", (1280, 720)), ("1080p", (1920, 1080))];
/// The input that the bundled detector takes for frames of 16:9.
const INPUT: (u32, u32) = (512, 288);

fn decoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Elements(1));
    for (name, (width, height)) in SIZES {
        let picture = image::RgbImage::from_fn(width, height, |x, y| {
            let wave = |f: f32| {
                (127.5 + 90.0 * (x as f32 * f).sin() + 30.0 * (y as f32 * f * 1.3).cos()) as u8
            };
            image::Rgb([wave(0.02), wave(0.05), wave(0.11)])
        });
        let mut jpeg = Cursor::new(Vec::new());
        picture
            .write_to(&mut jpeg, image::ImageFormat::Jpeg)
            .unwrap();
        group.bench_function(BenchmarkId::new("jpeg", name), |b| {
            b.iter(|| decode(black_box(jpeg.get_ref()), &Limits::default()).unwrap());
        });
    }
    group.finish();
}

fn letterbox(c: &mut Criterion) {
    let mut group = c.benchmark_group("letterbox");
    group.throughput(Throughput::Elements(1));
    let spec = LetterboxSpec::new(INPUT.0, INPUT.1);
    let mut input = vec![0.0; spec.elements()];
    for (name, size) in SIZES {
        for format in [
            PixelFormat::Rgb8,
            PixelFormat::Bgr8,
            PixelFormat::Gray8,
            PixelFormat::Nv12,
            PixelFormat::I420,
        ] {
            let picture = Picture::new(format, size);
            let frame = picture.frame().unwrap();
            for quality in [ResizeQuality::Area, ResizeQuality::Bilinear] {
                let mut letterboxer = Letterboxer::new(quality);
                group.bench_function(
                    BenchmarkId::new(format!("{format}/{quality:?}"), name),
                    |b| {
                        b.iter(|| {
                            letterboxer
                                .fill(black_box(&frame), &spec, &mut input)
                                .unwrap()
                        });
                    },
                );
            }
        }
    }
    group.finish();
}

/// The same job with fast_image_resize: its resize to bytes, then one pass to planes.
fn letterbox_by_fast_image_resize(c: &mut Criterion) {
    let mut group = c.benchmark_group("letterbox-fast_image_resize");
    group.throughput(Throughput::Elements(1));
    let (width, height) = (INPUT.0 as usize, INPUT.1 as usize);
    let mut input = vec![0f32; 3 * width * height];
    for (name, size) in SIZES {
        let picture = Picture::new(PixelFormat::Rgb8, size);
        let source =
            fir::images::ImageRef::new(size.0, size.1, picture.bytes(), fir::PixelType::U8x3)
                .unwrap();
        let mut target = fir::images::Image::new(INPUT.0, INPUT.1, fir::PixelType::U8x3);
        let mut resizer = fir::Resizer::new();
        for (kind, algorithm) in [
            ("box", fir::ResizeAlg::Convolution(fir::FilterType::Box)),
            (
                "bilinear",
                fir::ResizeAlg::Interpolation(fir::FilterType::Bilinear),
            ),
        ] {
            let options = fir::ResizeOptions::new().resize_alg(algorithm);
            group.bench_function(BenchmarkId::new(kind, name), |b| {
                b.iter(|| {
                    resizer
                        .resize(black_box(&source), &mut target, &options)
                        .unwrap();
                    let (red, rest) = input.split_at_mut(width * height);
                    let (green, blue) = rest.split_at_mut(width * height);
                    let planes = red.iter_mut().zip(green).zip(blue);
                    for (pixel, ((r, g), b)) in
                        target.buffer().as_chunks::<3>().0.iter().zip(planes)
                    {
                        *r = f32::from(pixel[0]) / 255.0;
                        *g = f32::from(pixel[1]) / 255.0;
                        *b = f32::from(pixel[2]) / 255.0;
                    }
                });
            });
        }
    }
    group.finish();
}

/// A plate seen a little from the side, `width` pixels wide.
fn plate(width: f32) -> Quad {
    let height = width / 4.0;
    let at = |x: f32, y: f32| Point::new(300.0 + x * width, 250.0 + y * height);
    Quad::new(at(0.0, 0.0), at(1.0, 0.12), at(0.98, 1.1), at(0.02, 0.96))
}

fn rectify(c: &mut Criterion) {
    let mut group = c.benchmark_group("rectify");
    group.throughput(Throughput::Elements(1));
    let mut rectifier = Rectifier::new();
    for width in [60.0, 128.0, 250.0, 600.0] {
        for format in [PixelFormat::Rgb8, PixelFormat::Nv12] {
            let picture = Picture::new(format, (1280, 720));
            let frame = picture.frame().unwrap();
            for channels in [Channels::Gray, Channels::Rgb] {
                let spec = RectifySpec::new(128, 64)
                    .with_channels(channels)
                    .with_margin(0.06, 0.06);
                let mut out = vec![0.0; spec.elements()];
                let quad = plate(width);
                group.bench_function(
                    BenchmarkId::new(format!("{format}-{channels:?}"), width),
                    |b| {
                        b.iter(|| {
                            rectifier
                                .numbers(
                                    black_box(&frame),
                                    &quad,
                                    &spec,
                                    &Normalization::SIGNED,
                                    &mut out,
                                )
                                .unwrap()
                        });
                    },
                );
            }
        }
    }
    group.finish();
}

fn suppression(c: &mut Criterion) {
    let mut group = c.benchmark_group("nms");
    group.throughput(Throughput::Elements(1));
    for count in [10usize, 100, 1000] {
        // Heaps of ten boxes around each plate, as detectors give them.
        let boxes: Vec<Rect> = (0..count)
            .map(|i| {
                let (heap, jitter) = (i / 10, (i % 10) as f32);
                Rect::new(
                    (heap % 10) as f32 * 120.0 + jitter,
                    (heap / 10) as f32 * 60.0 + jitter,
                    90.0,
                    24.0,
                )
            })
            .collect();
        let scores: Vec<f32> = (0..count)
            .map(|i| (i * 7919 % count) as f32 / count as f32)
            .collect();
        let mut keep = Vec::new();
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| nms(black_box(&boxes), black_box(&scores), 0.45, &mut keep));
        });
    }
    group.finish();
}

/// The engine's own stages, with networks that answer at once, and the networks.
fn engine(c: &mut Criterion) {
    let mut group = c.benchmark_group("engine");
    group.throughput(Throughput::Elements(1));
    let traffic = Traffic::new((1280, 720), PixelFormat::Rgb8).unwrap();
    let frame = traffic.plates()[0].frame().unwrap();
    let (detector, recognizer) = canned::parts(&frame).unwrap();
    let quads = [detector.detect(&frame).unwrap()[0].quad];
    group.bench_function("letterbox+boxes+suppression", |b| {
        b.iter(|| detector.detect(black_box(&frame)).unwrap());
    });
    group.bench_function("rectify+texts", |b| {
        b.iter(|| recognizer.recognize(black_box(&frame), &quads).unwrap());
    });
    let canned = canned::engine(&frame).unwrap();
    group.bench_function("all_but_networks", |b| {
        b.iter(|| canned.read(black_box(&frame)).unwrap());
    });
    let nv12 = traffic.in_format(PixelFormat::Nv12);
    let nv12 = nv12.plates()[0].frame().unwrap();
    for backend in backends() {
        let options = EngineOptions::default().with_backend(backend);
        let engine = Engine::with_options(options).unwrap();
        let found = engine.detect(&frame).unwrap();
        group.bench_function(BenchmarkId::new("detect", backend), |b| {
            b.iter(|| engine.detect(black_box(&frame)).unwrap());
        });
        group.bench_function(BenchmarkId::new("recognize", backend), |b| {
            b.iter(|| engine.recognize(black_box(&frame), &found).unwrap());
        });
        for (name, frame) in [("read_rgb", &frame), ("read_nv12", &nv12)] {
            group.bench_function(BenchmarkId::new(name, backend), |b| {
                b.iter(|| engine.read(black_box(frame)).unwrap());
            });
        }
    }
    group.finish();
}

/// Plates through the recogniser one by one and together, a plate being the element.
fn batching(c: &mut Criterion) {
    if !runtime::is_available() {
        return;
    }
    let mut group = c.benchmark_group("recognizer_batch");
    for precision in [Precision::Int8, Precision::Fp32] {
        for batch in [1, 2, 4, 8] {
            let mut session = Bare::recognizer(precision, batch).unwrap();
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_function(BenchmarkId::new(precision.to_string(), batch), |b| {
                b.iter(|| session.run().unwrap());
            });
        }
    }
    group.finish();
}

fn syntax(c: &mut Criterion) {
    let mut group = c.benchmark_group("syntax");
    group.throughput(Throughput::Elements(1));
    let syntax = PlateSyntax::bundled();
    let prior = RegionPrior::uniform(syntax);
    let candidates = candidates();
    let (options, mut scratch) = (RankOptions::default(), Scratch::default());
    group.bench_function("rank", |b| {
        b.iter(|| syntax.rank(black_box(&candidates), &prior, &options, &mut scratch));
    });
    group.finish();
}

fn motion(c: &mut Criterion) {
    let mut group = c.benchmark_group("motion_gate");
    group.throughput(Throughput::Elements(1));
    for format in [PixelFormat::Rgb8, PixelFormat::Nv12] {
        let picture = Picture::new(format, (1280, 720));
        let frame = picture.frame().unwrap();
        let mut gate = MotionGate::new(MotionOptions::default());
        group.bench_function(format.to_string(), |b| {
            b.iter(|| gate.is_changed(black_box(&frame)).unwrap());
        });
    }
    group.finish();
}

criterion_group! {
    name = stages;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20);
    targets = decoding, letterbox, letterbox_by_fast_image_resize, rectify, suppression, engine, batching, syntax, motion
}
criterion_main!(stages);
