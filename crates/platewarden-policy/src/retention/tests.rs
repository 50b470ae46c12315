#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::model::{
    AgencyKind, AgencyRef, Dataset, HitOutcome, HoldKind, HoldRef, OperatorKind, ReadMeta, State,
    parse_instant,
};
use crate::packs::{PackSet, Unverified};

fn packs() -> PackSet {
    PackSet::bundled(Unverified::Allow).unwrap()
}

fn now() -> Timestamp {
    parse_instant("2026-11-22").unwrap()
}

fn dataset(state: State) -> Dataset {
    Dataset::new("d", AgencyRef::new("pd", AgencyKind::Local, state), state)
}

fn of(dataset: &Dataset, read: &ReadMeta) -> Retention {
    retention(&packs(), read, dataset, now())
}

#[test]
fn states_with_and_without_a_cap() {
    // Days at which an unmatched read is still kept, and at which it must be gone (LAW tables; months by the calendar).
    for (state, kept, gone) in [
        (State::Va, 21, 22),
        (State::Wa, 21, 22),
        (State::Mn, 60, 61),
        (State::Ne, 180, 181),
        (State::Mt, 90, 91),
        (State::Nc, 90, 91),
        (State::Tn, 90, 91),
        (State::Me, 21, 22),
    ] {
        assert!(
            of(&dataset(state), &ReadMeta::aged(kept)).may_be_returned(),
            "{state}: {kept} days"
        );
        let answer = of(&dataset(state), &ReadMeta::aged(gone));
        assert!(answer.is_due(), "{state}: {gone} days: {answer:?}");
        assert!(!answer.authority.unwrap().citation.is_empty());
    }
    // No number in 625 ILCS 5/2-130; the bills that would have set one were not enacted.
    let answer = of(&dataset(State::Il), &ReadMeta::aged(4000));
    assert_eq!((answer.standing, answer.delete_by), (Standing::Keep, None));
}

#[test]
fn the_earliest_of_law_ordinance_and_owner_wins() {
    let mut data = dataset(State::Va);
    data.unmatched_cap_days = Some(30);
    assert_ne!(
        of(&data, &ReadMeta::aged(22)).rule.as_deref(),
        Some("engine-owner-cap")
    );
    data.unmatched_cap_days = Some(7);
    data.local_cap_days = Some(14);
    let answer = of(&data, &ReadMeta::aged(8));
    assert!(answer.is_due());
    assert_eq!(answer.rule.as_deref(), Some("engine-owner-cap"));
    assert!(of(&data, &ReadMeta::aged(7)).may_be_returned());
}

#[test]
fn arkansas_tells_government_from_private() {
    let mut data = dataset(State::Ar);
    data.operator = OperatorKind::Government.into();
    assert!(of(&data, &ReadMeta::aged(150)).may_be_returned());
    assert!(of(&data, &ReadMeta::aged(151)).is_due());
    data.operator = OperatorKind::Private.into();
    assert!(of(&data, &ReadMeta::aged(60)).may_be_returned());
    assert!(of(&data, &ReadMeta::aged(61)).is_due());
    data.operator = crate::model::Fact::Unknown;
    assert!(
        of(&data, &ReadMeta::aged(61)).is_due(),
        "the strictest where nobody knows"
    );
}

#[test]
fn a_hold_keeps_what_the_law_lets_it_keep() {
    let hold = HoldRef::new("h-1", HoldKind::OngoingInvestigation);
    let answer = of(
        &dataset(State::Va),
        &ReadMeta::aged(40).with_hold(hold.clone()),
    );
    assert_eq!(
        (answer.standing.clone(), answer.delete_by),
        (Standing::Held { hold: hold.clone() }, None)
    );
    assert!(answer.may_be_returned());
    // Not yet needed, it is no hold.
    assert_eq!(
        of(
            &dataset(State::Va),
            &ReadMeta::aged(2).with_hold(hold.clone())
        )
        .standing,
        Standing::Keep
    );
    // It has an end.
    let ended = HoldRef {
        until: Some(parse_instant("2026-11-01").unwrap()),
        ..hold.clone()
    };
    assert!(of(&dataset(State::Va), &ReadMeta::aged(40).with_hold(ended)).is_due());
    let ends = parse_instant("2026-12-24").unwrap();
    let answer = of(
        &dataset(State::Va),
        &ReadMeta::aged(40).with_hold(HoldRef {
            until: Some(ends),
            ..hold
        }),
    );
    assert_eq!(answer.delete_by, Some(ends));
}

#[test]
fn duties_that_collide_are_left_to_a_person() {
    let packs = packs();
    for state in State::ALL {
        let data = dataset(*state);
        let plan = RetentionPlan::new(&packs, &data, now());
        let order = HoldRef::new("order 7", HoldKind::CourtOrder);
        let answer = plan.of(&ReadMeta::aged(20_000).with_hold(order));
        assert!(
            !answer.is_due(),
            "{state}: nothing under a court order is deleted unseen"
        );
    }
}

#[test]
fn unknown_facts_neither_delete_nor_return() {
    let data = dataset(State::Va);
    let answer = of(&data, &ReadMeta::default());
    assert!(matches!(answer.standing, Standing::Unsettled { .. }));
    assert!(!answer.may_be_returned() && !answer.is_due());
    let nowhere = Dataset {
        captured_in: crate::model::Fact::Unknown,
        ..data
    };
    assert!(matches!(
        of(&nowhere, &ReadMeta::aged(1)).standing,
        Standing::Unsettled { .. }
    ));
    // Where no limit applies, the age does not matter.
    assert_eq!(
        of(&dataset(State::Il), &ReadMeta::default()).standing,
        Standing::Keep
    );
}

#[test]
fn a_sweep_is_bounded_and_complete() {
    let packs = packs();
    let data = dataset(State::Va);
    let plan = RetentionPlan::new(&packs, &data, now());
    // An iterator, not a list: nothing is held but the batch.
    let reads = (0..100_000_u32).map(|number| {
        (
            number,
            if number % 1000 == 999 {
                ReadMeta::default()
            } else {
                ReadMeta::aged(number % 50)
            },
        )
    });
    let (mut due, mut unsettled, mut seen, mut recorded) = (0, 0, 0, 0);
    for batch in plan.sweep(reads, 64) {
        assert!(batch.due.len() + batch.unsettled.len() <= 64);
        assert!(batch.due.iter().all(|due| due.key % 50 > 21));
        let records = batch.records(&data.id);
        recorded += records.iter().map(|record| record.deleted).sum::<u64>();
        assert!(
            records
                .iter()
                .all(|record| record.oldest <= record.newest && record.dataset == "d")
        );
        due += batch.due.len();
        unsettled += batch.unsettled.len();
        seen += batch.seen;
    }
    assert_eq!((due, unsettled), (56_000 - 100, 100));
    assert_eq!(recorded, due as u64);
    assert!(seen <= 100_000);
    assert_eq!(
        plan.sweep((0..9).map(|age| (age, ReadMeta::aged(age))), 0)
            .count(),
        0
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// What a screen lets through, a sweep leaves alone, and the reverse; and a read once due stays due.
    #[test]
    fn screen_and_sweep_agree(
        state in prop::sample::select(State::ALL),
        age in 0_u32..4000,
        matched in any::<bool>(),
        kind in prop::option::of(prop::sample::select(HoldKind::ALL)),
        private in prop::option::of(any::<bool>()),
        own in prop::option::of(0_u32..400),
    ) {
        let packs = packs();
        let mut data = dataset(state);
        data.operator = private.map(|private| if private { OperatorKind::Private } else { OperatorKind::Government }).map_or(crate::model::Fact::Unknown, Into::into);
        data.unmatched_cap_days = own;
        let captured = now().checked_sub(SignedDuration::from_hours(24 * i64::from(age))).unwrap();
        let mut read = ReadMeta::captured(captured);
        if matched { read = read.with_match(HitOutcome::Arrest); }
        if let Some(kind) = kind { read = read.with_hold(HoldRef::new("h", kind)); }
        let plan = RetentionPlan::new(&packs, &data, now());
        let mut withheld = Vec::new();
        let returned = plan.screen([read.clone()], |read| read, &mut withheld).count();
        let swept: usize = plan.sweep([((), &read)], 10).map(|batch| batch.due.len()).sum();
        prop_assert!(returned + swept <= 1);
        prop_assert_eq!(withheld.len(), 1 - returned);
        prop_assert_eq!(withheld.iter().filter_map(Withheld::fault).count(), swept);
        let later = RetentionPlan::new(&packs, &data, now().checked_add(SignedDuration::from_hours(24 * 30)).unwrap());
        if kind.is_none() && swept == 1 {
            prop_assert!(later.of(&read).is_due());
        }
        // A hold never shortens, and neither does a match.
        if kind.is_some() {
            let bare = ReadMeta { hold: None, ..read.clone() };
            prop_assert!(!plan.of(&read).is_due() || plan.of(&bare).is_due());
        }
    }
}
