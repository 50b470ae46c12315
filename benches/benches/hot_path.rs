//! Frames a second, from raw pixels to texts; at its end the table that `docs/performance.md` explains.
//!
//! `cargo bench -p platewarden-benches --bench hot_path`; `-- table` for the table alone, `-- table gate` to fail where
//! a ratio is out of bounds three times. The table is also left in `target/bench/hot_path.md` and `.json`.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench may fail; criterion's macros make public items"
)]

use std::{path::Path, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput};
use platewarden::{Engine, EngineOptions, PixelFormat};
use platewarden_benches::{
    artefact,
    hot_path::{Report, backends},
    traffic::{FULL_HD, HD, LENGTH, Traffic},
};

fn frames(c: &mut Criterion) {
    let cores = std::thread::available_parallelism().unwrap().get();
    for (name, size) in [("720p", HD), ("1080p", FULL_HD)] {
        let traffic = Traffic::new(size, PixelFormat::Rgb8).unwrap();
        for backend in backends() {
            for threads in if cores > 1 { vec![1, cores] } else { vec![1] } {
                let mut group =
                    c.benchmark_group(format!("hot_path/{name}/{backend}/{threads}_threads"));
                group
                    .throughput(Throughput::Elements(LENGTH as u64))
                    .sample_size(10)
                    .warm_up_time(Duration::from_millis(200))
                    .measurement_time(Duration::from_secs(1));
                let options = EngineOptions::default()
                    .with_backend(backend)
                    .with_threads(threads);
                let engine = Engine::with_options(options).unwrap();
                for percent in [0, 20, 50, 100] {
                    let frames = traffic.sequence(percent);
                    group.bench_function(BenchmarkId::from_parameter(format!("{percent}%")), |b| {
                        b.iter(|| engine.read_batch(&frames));
                    });
                }
                group.finish();
            }
        }
    }
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let table_alone = given.iter().any(|argument| argument == "table");
    let gate = given.iter().any(|argument| argument == "gate");
    if !table_alone {
        let mut criterion = Criterion::default().configure_from_args();
        frames(&mut criterion);
        criterion.final_summary();
    }
    // Without `--bench`, Cargo runs this as a test: everything once, and the figures mean nothing.
    let measured = given.iter().any(|argument| argument == "--bench");
    let only_a_part = given.iter().any(|argument| !argument.starts_with('-')) && !table_alone;
    if only_a_part || given.iter().any(|argument| argument == "--list") {
        return;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_one_process"));
    let measure = || Report::measure(if measured { 7 } else { 1 }, program).unwrap();
    let mut report = measure();
    // Another program on the machine upsets a ratio over threads: what is out of bounds counts when it is so three times.
    for _ in 0..2 {
        if !(measured && gate) || report.violations().is_empty() {
            break;
        }
        report = measure();
    }
    if measured {
        artefact::publish("hot_path", &report.markdown(), &report).unwrap();
        let violations = report.violations();
        if gate && !violations.is_empty() {
            eprintln!("out of bounds: {}", violations.join("; "));
            std::process::exit(1);
        }
    } else {
        assert!(
            report.markdown().contains("letterbox"),
            "the table lacks a stage"
        );
    }
}
