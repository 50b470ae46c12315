//! How long a decision takes, with all bundled packs loaded.

#![allow(clippy::expect_used, missing_docs, reason = "a bench")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use platewarden_benches::inputs::{self, dataset};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{SearchRequestBuilder, State};
use platewarden_policy::packs::Unverified;

fn ask(state: State) -> SearchRequestBuilder {
    inputs::request(state).expect("a date")
}

fn decide(c: &mut Criterion) {
    let policy = Policy::bundled(Unverified::Allow).expect("the bundled packs load");
    let mut group = c.benchmark_group("policy/decide");
    group.throughput(Throughput::Elements(1));
    let cases = [
        (
            "one_dataset_permit",
            ask(State::Il).dataset(dataset(State::Il)).build(),
        ),
        (
            "one_dataset_obligations",
            ask(State::Va).dataset(dataset(State::Va)).build(),
        ),
        (
            "one_dataset_deny",
            ask(State::Md).dataset(dataset(State::Va)).build(),
        ),
        (
            "one_dataset_with_reason",
            ask(State::Il)
                .reason("burglary on Oak Street")
                .dataset(dataset(State::Il))
                .build(),
        ),
        (
            "four_datasets",
            ask(State::Ca)
                .dataset(dataset(State::Ca))
                .dataset(dataset(State::Il))
                .dataset(dataset(State::Va))
                .dataset(dataset(State::Tx))
                .build(),
        ),
    ];
    for (name, request) in &cases {
        group.bench_function(*name, |b| b.iter(|| policy.decide(black_box(request))));
    }
    let request = &cases[0].1;
    group.bench_function("input_sha256_alone", |b| {
        b.iter(|| platewarden_policy::engine::input_sha256(black_box(request)));
    });
    group.finish();
}

fn load(c: &mut Criterion) {
    c.bench_function("policy/load_bundled_packs", |b| {
        b.iter(|| Policy::bundled(Unverified::Allow))
    });
}

criterion_group!(benches, decide, load);
criterion_main!(benches);
