//! How fast the audit trail is written, verified and exported.

#![allow(clippy::expect_used, missing_docs, reason = "a bench")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use platewarden_trail::{
    DecisionRecord, ExportOptions, FileStore, FsyncPolicy, MemoryStore, ReasonRecord, Record,
    Redaction, RequestRecord, Trail, TrailOptions, TrailWriter, VerifyOptions,
};

const RECORDS: u64 = 2_000;

/// A request and its decision by turns, as full as real ones.
fn record(number: u64) -> Record {
    if number.is_multiple_of(2) {
        return RequestRecord {
            request_id: format!("r-{number}"),
            user_id: "officer-7".into(),
            person_id: Some("badge 4711".into()),
            agency_id: "springfield-pd".into(),
            ori: Some("IL0840100".into()),
            access_mode: "historical_plate".into(),
            query_elements: [("plate".to_owned(), format!("AB{number}"))].into(),
            datasets: vec!["springfield".into(), "peoria".into()],
            data_jurisdictions: vec!["US-IL".into()],
            networks_count: Some(2),
            cameras_count: Some(64),
            purpose_code: "stolen_vehicle_or_plate".into(),
            purpose_text: Some("stolen Kia, Oak Street".into()),
            offence_code: Some("240".into()),
            offence_jurisdiction: Some("state".into()),
            case_ref: Some(format!("case 26-{number}")),
            suspicion: Some("reasonable suspicion: seen leaving the scene".into()),
            ..RequestRecord::default()
        }
        .into();
    }
    let reason = ReasonRecord {
        rule: "il-2-130-c".into(),
        effect: "permit".into(),
        citation: "625 ILCS 5/2-130(c)".into(),
        authority_kind: "statute".into(),
        ..ReasonRecord::default()
    };
    DecisionRecord {
        request_id: format!("r-{}", number - 1),
        agency_id: "springfield-pd".into(),
        purpose_code: "stolen_vehicle_or_plate".into(),
        outcome: "permit_with_obligations".into(),
        reasons: vec![reason],
        obligations: vec!["{\"kind\":\"notify_owner\"}".into()],
        packs: vec!["us-il@2026.11.22".into(), "engine@2026.11.22".into()],
        ..DecisionRecord::default()
    }
    .into()
}

fn filled() -> MemoryStore {
    let store = MemoryStore::default();
    let mut writer =
        TrailWriter::open(store.clone(), TrailOptions::default()).expect("a store in memory opens");
    for number in 0..RECORDS {
        writer.append(record(number)).expect("memory takes it");
    }
    store
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("trail/append");
    group.throughput(Throughput::Elements(1));
    let lazy = || {
        TrailOptions::default()
            .with_fsync(FsyncPolicy::OnCheckpoint)
            .with_segment_bytes(8 << 20)
    };
    let mut number = 0;
    let mut next = || {
        number += 1;
        record(number)
    };
    // Begun anew now and then, so that the store does not outgrow the memory.
    group.bench_function("memory", |b| {
        b.iter_batched_ref(
            || {
                (
                    TrailWriter::open(MemoryStore::default(), lazy())
                        .expect("a store in memory opens"),
                    (0..64).map(|_| next()).collect::<Vec<_>>(),
                )
            },
            |(writer, records)| {
                writer
                    .append(records.pop().unwrap_or_else(|| record(0)))
                    .expect("memory takes it")
            },
            BatchSize::SmallInput,
        );
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, policy) in [
        ("file_on_checkpoint", FsyncPolicy::OnCheckpoint),
        ("file_every_record", FsyncPolicy::EveryRecord),
    ] {
        let store = FileStore::writer(folder.path().join(name)).expect("a folder");
        let mut writer =
            TrailWriter::open(store, lazy().with_fsync(policy)).expect("an empty folder opens");
        let request = record(0);
        group.bench_function(name, |b| {
            b.iter(|| {
                writer
                    .append(black_box(request.clone()))
                    .expect("the disk takes it")
            })
        });
    }
    group.finish();
}

fn read(c: &mut Criterion) {
    let trail = Trail::new(filled());
    let mut group = c.benchmark_group("trail/read");
    group.throughput(Throughput::Elements(RECORDS));
    group.bench_function("verify", |b| {
        b.iter(|| {
            trail
                .verify(&VerifyOptions::default())
                .expect("memory is read")
        });
    });
    group.bench_function("entries", |b| {
        b.iter(|| {
            trail
                .entries()
                .expect("memory is read")
                .filter_map(Result::ok)
                .count()
        });
    });
    let mut copy = Vec::new();
    platewarden_trail::export(&trail, &ExportOptions::new(Redaction::public()), &mut copy)
        .expect("an intact trail is exported");
    group.bench_function("verify_export", |b| {
        b.iter(|| {
            platewarden_trail::verify_export(black_box(copy.as_slice()), &[])
                .expect("memory is read")
        });
    });
    group.finish();
}

criterion_group!(benches, append, read);
criterion_main!(benches);
