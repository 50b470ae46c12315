//! How many reason cells are classified and how many rows of a search log are audited in a second.

#![allow(clippy::expect_used, missing_docs, reason = "a bench")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use platewarden_audit::export::{Column, Reader, Row, SyntheticLog, Unparsed};
use platewarden_audit::retro::{AuditOptions, Auditor, Finding, FindingSink};
use platewarden_policy::classifier::Classifier;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::State;
use platewarden_policy::packs::Unverified;

/// Rows of the synthetic log; enough for texts and agencies to repeat as they do in real ones.
const ROWS: u64 = 20_000;

fn log() -> Vec<u8> {
    let mut file = Vec::new();
    SyntheticLog::new(2026)
        .rows(ROWS)
        .write(&mut file)
        .expect("memory takes any log");
    file
}

/// Counts and forgets: the bench is about the audit, not about the disk.
#[derive(Default)]
struct Forget(u64);

impl FindingSink for Forget {
    fn finding(&mut self, finding: &Finding) -> platewarden_audit::Result<()> {
        self.0 += black_box(finding).line & 1;
        Ok(())
    }

    fn unparsed(&mut self, _: &str, row: &Unparsed) -> platewarden_audit::Result<()> {
        self.0 += black_box(row).line & 1;
        Ok(())
    }
}

fn classify(c: &mut Criterion) {
    let file = log();
    let mut reader = Reader::new(file.as_slice()).expect("our own header");
    let mut texts = Vec::new();
    while let Some(row) = reader.next_row().expect("memory can be read") {
        if let Row::Search(record) = row {
            texts.push(record.cell(Column::Reason).unwrap_or_default().to_owned());
        }
    }
    let mut group = c.benchmark_group("policy/classifier");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(texts.len() as u64));
    let mut classifier = Classifier::new();
    group.bench_function("cells", |b| {
        b.iter(|| {
            texts
                .iter()
                .map(|text| classifier.classify(black_box(text)).signals.len())
                .sum::<usize>()
        });
    });
    group.bench_function("cells_remembered", |b| {
        b.iter(|| {
            texts
                .iter()
                .map(|text| classifier.classify_cached(black_box(text)).signals.len())
                .sum::<usize>()
        });
    });
    group.finish();
}

fn audit(c: &mut Criterion) {
    let file = log();
    let policy = Policy::bundled(Unverified::Allow).expect("the bundled packs load");
    let mut group = c.benchmark_group("policy/audit");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    group.bench_function("rows_parsed", |b| {
        b.iter(|| {
            let mut reader = Reader::new(black_box(file.as_slice())).expect("our own header");
            let mut rows = 0_u64;
            while reader.next_row().expect("memory can be read").is_some() {
                rows += 1;
            }
            rows
        });
    });
    group.bench_function("rows_decided", |b| {
        b.iter(|| {
            let mut auditor =
                Auditor::new(&policy, AuditOptions::new(State::Il)).expect("no overlays");
            let reader = Reader::new(black_box(file.as_slice())).expect("our own header");
            auditor
                .read("bench.csv", reader, &mut Forget::default(), |_| {})
                .expect("memory can be read");
            auditor.finish().counts
        });
    });
    group.finish();
}

criterion_group!(benches, classify, audit);
criterion_main!(benches);
