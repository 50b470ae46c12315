//! How long a decision takes, with all bundled packs loaded.

#![allow(clippy::expect_used, missing_docs, reason = "a bench")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{
    Actor, Agency, AgencyKind, Dataset, Offence, OffenceJurisdiction, OffenceLevel, Purpose,
    ReadMeta, SearchRequest, SearchRequestBuilder, ShareGrant, State, Suspicion, parse_instant,
};
use platewarden_policy::packs::Unverified;

fn data(state: State) -> Dataset {
    let owner = Agency::new(format!("{state}-pd"), AgencyKind::Local, state);
    Dataset::new(format!("{state}-reads"), owner.to_ref(), state)
        .with_share(ShareGrant::Network)
        .with_read(ReadMeta::aged(3))
}

fn ask(state: State) -> SearchRequestBuilder {
    let agency = Agency::new(format!("{state}-pd"), AgencyKind::Local, state);
    let as_of = parse_instant("2026-11-22").expect("a date");
    SearchRequest::builder(Actor::verified("officer-7", agency), as_of)
        .plate("AB12345")
        .purpose(Purpose::PropertyOrFraud)
        .offence(Offence::new(
            "18.2-91",
            OffenceLevel::Felony,
            OffenceJurisdiction::State,
        ))
        .suspicion(Suspicion::ReasonableSuspicion {
            facts: "seen leaving the scene".to_owned(),
        })
        .case("26-001234")
}

fn decide(c: &mut Criterion) {
    let policy = Policy::bundled(Unverified::Allow).expect("the bundled packs load");
    let mut group = c.benchmark_group("policy/decide");
    group.throughput(Throughput::Elements(1));
    let cases = [
        (
            "one_dataset_permit",
            ask(State::Il).dataset(data(State::Il)).build(),
        ),
        (
            "one_dataset_obligations",
            ask(State::Va).dataset(data(State::Va)).build(),
        ),
        (
            "one_dataset_deny",
            ask(State::Md).dataset(data(State::Va)).build(),
        ),
        (
            "one_dataset_with_reason",
            ask(State::Il)
                .reason("burglary on Oak Street")
                .dataset(data(State::Il))
                .build(),
        ),
        (
            "four_datasets",
            ask(State::Ca)
                .dataset(data(State::Ca))
                .dataset(data(State::Il))
                .dataset(data(State::Va))
                .dataset(data(State::Tx))
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
