//! Forgetting on time, and keeping longer with a reason.

use std::path::Path;

use jiff::SignedDuration;
use platewarden_policy::model::{HitOutcome, HoldKind, State};
use platewarden_store::{DatasetSettings, ErrorKind, HoldOrder, Observation};

use crate::support::{Bench, days, noon, read, settings};

fn order(bench: &Bench, kind: HoldKind) -> HoldOrder {
    HoldOrder {
        kind,
        case: "26-001234".into(),
        authority: "Va. Code 2.2-5517, ongoing investigation".into(),
        requester: bench.officer("officer-7"),
        approver: bench.officer("sergeant-1"),
        expires: noon().checked_add(days(90)).unwrap(),
        review: noon().checked_add(days(60)).unwrap(),
    }
}

#[test]
fn a_sweep_destroys_the_key_and_leaves_a_signed_receipt() {
    let bench = Bench::new(State::Va);
    bench.ingest([read("ABC1234", 60 * 24 * 15), read("XYZ9876", 5)]);
    assert_eq!(bench.store().sweep().unwrap().receipts, []);
    bench.advance(days(8));
    let swept = bench.store().sweep().unwrap();
    let [receipt] = &swept.receipts[..] else {
        panic!("{swept:?}")
    };
    assert_eq!(
        (receipt.reads, receipt.number, receipt.dataset.as_str()),
        (1, 1, "reads")
    );
    assert!(receipt.citation.contains("2.2-5517"), "{receipt:?}");
    assert!(receipt.is_signed_by(&bench.store().receipt_key()));
    let mut forged = receipt.clone();
    forged.reads = 2;
    assert!(!forged.is_signed_by(&bench.store().receipt_key()));
    assert_eq!(
        bench
            .store()
            .search(&bench.plate("XYZ9876"))
            .unwrap()
            .rows
            .len(),
        1
    );
    bench.advance(days(20));
    bench.store().sweep().unwrap();
    let receipts = bench.store().receipts().unwrap();
    assert_eq!(receipts.len(), 2);
    assert_eq!(receipts[1].previous, receipts[0].digest());
    assert!(
        bench
            .store()
            .verify(&Default::default())
            .unwrap()
            .is_intact()
    );
}

#[test]
fn with_the_sweeper_off_no_over_age_read_comes_back() {
    let bench = Bench::new(State::Va);
    bench.ingest((0..40).map(|hour| read("ABC1234", 60 * hour)));
    for (advance, expected) in [(0, 40), (20, 28), (1, 4), (1, 0), (300, 0)] {
        bench.advance(days(advance));
        // After 20 days the reads of more than a day ago are past 21 days.
        let search = bench
            .plate("ABC1234")
            .approved_by(bench.officer("sergeant-1"));
        let rows = bench.store().search(&search).unwrap().rows;
        let age =
            |row: &platewarden_store::Row| row.read.captured_at.duration_until(bench.clock.now());
        assert!(
            rows.iter().all(|row| age(row) <= days(21)),
            "after {advance} more days"
        );
        assert!(
            rows.len() <= expected,
            "after {advance} more days: {}",
            rows.len()
        );
        assert_eq!(rows.is_empty(), expected == 0);
    }
}

#[test]
fn single_reads_go_when_their_time_is_up_within_a_day_that_lives() {
    let bench = Bench::new(State::Va);
    bench.ingest([read("ABC1234", 60 * 11), read("ABC1234", 30)]);
    bench.advance(days(21) - SignedDuration::from_hours(6));
    let swept = bench.store().sweep().unwrap();
    assert_eq!((swept.single_reads, swept.receipts.len()), (1, 0));
    assert_eq!(
        bench
            .store()
            .search(&bench.plate("ABC1234"))
            .unwrap()
            .rows
            .len(),
        1
    );
}

#[test]
fn three_minutes_mean_nothing_on_disk_and_nothing_older() {
    let unattended: DatasetSettings = settings(State::Nh);
    let bench = Bench::with(State::Nh, unattended);
    let second = |text: &str, seconds: i64| -> Observation {
        let mut one = read(text, 0);
        one.captured_at = noon()
            .checked_sub(SignedDuration::from_secs(seconds))
            .unwrap();
        one
    };
    bench.ingest((0..18).map(|step| second("CANARY77", 10 * step)));
    let mut matched = second("STOLEN88", 10);
    matched.matched = Some(HitOutcome::Alarm);
    bench.ingest([matched]);
    assert_eq!(matches_on_disk(bench.folder.path(), b"CANARY77"), 0);
    let stats = bench.store().stats().unwrap();
    assert_eq!(stats.units_on_device, 1, "the matched one alone");
    assert_eq!(stats.reads_in_memory, 18);
    bench.advance(SignedDuration::from_secs(60));
    let swept = bench.store().sweep().unwrap();
    assert!(!swept.receipts.is_empty());
    let stats = bench.store().stats().unwrap();
    let oldest = stats.oldest_in_memory.unwrap();
    assert!(
        oldest.duration_until(bench.clock.now()) <= SignedDuration::from_secs(180),
        "{oldest}"
    );
    bench.advance(SignedDuration::from_secs(180));
    bench.store().sweep().unwrap();
    assert_eq!(bench.store().stats().unwrap().reads_in_memory, 0);
}

fn matches_on_disk(folder: &Path, needle: &[u8]) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        count += if path.is_dir() {
            matches_on_disk(&path, needle)
        } else {
            let bytes = std::fs::read(&path).unwrap();
            bytes
                .windows(needle.len())
                .filter(|window| *window == needle)
                .count()
        };
    }
    count
}

#[test]
fn reads_that_matched_nothing_need_not_be_written_at_all() {
    let bench = Bench::with(State::Il, settings(State::Il).without_unmatched());
    let mut matched = read("ABC1234", 5);
    matched.matched = Some(HitOutcome::Alarm);
    let mut wrong = read("ABC1234", 6);
    wrong.matched = Some(HitOutcome::FalseMatch);
    let items = [matched, wrong, read("XYZ9876", 5)];
    let done = bench
        .store()
        .ingest("reads", items.map(Into::into))
        .unwrap();
    assert_eq!((done.written, done.unmatched), (1, 2));
}

#[test]
fn a_hold_copies_and_the_epoch_still_goes_on_time() {
    let mut bench = Bench::new(State::Va);
    bench.ingest([read("ABC1234", 5), read("XYZ9876", 5)]);
    let row = bench
        .store()
        .search(&bench.plate("ABC1234"))
        .unwrap()
        .rows
        .remove(0);
    bench
        .store()
        .correct(&row.reference, "ABC1235", "clerk-2", "seen by eye")
        .unwrap();
    let order = order(&bench, HoldKind::OngoingInvestigation);
    let hold = bench
        .store()
        .place_hold(&order, std::slice::from_ref(&row.reference))
        .unwrap();
    bench.advance(days(30));
    let swept = bench.store().sweep().unwrap();
    assert_eq!(swept.receipts[0].holds, [hold.id.as_str()]);
    bench.reopen();
    assert!(
        bench
            .store()
            .search(&bench.plate("ABC1234"))
            .unwrap()
            .rows
            .is_empty(),
        "not an ordinary search's"
    );
    let held = bench
        .store()
        .search(&bench.plate("ABC1234").under_hold(&hold.id))
        .unwrap()
        .rows;
    assert_eq!(
        (held.len(), held[0].hold.as_deref()),
        (1, Some(hold.id.as_str()))
    );
    assert_eq!(held[0].corrections[0].text, "ABC1235");
    // It ends by itself, and its key goes.
    bench.advance(days(61));
    assert_eq!(
        bench.store().sweep().unwrap().ended_holds,
        [hold.id.as_str()]
    );
    assert!(bench.store().holds().unwrap().is_empty());
    assert!(
        bench
            .store()
            .search(&bench.plate("ABC1234").under_hold(&hold.id))
            .is_err()
    );
}

#[test]
fn a_hold_needs_two_persons_an_end_and_a_ground_that_the_law_has() {
    let bench = Bench::new(State::Nh);
    let mut matched = read("ABC1234", 0);
    matched.matched = Some(HitOutcome::Alarm);
    bench.ingest([matched]);
    let reference = platewarden_store::RowRef::from_text("00");
    let good = order(&bench, HoldKind::Prosecution);
    let broken = [
        HoldOrder {
            case: " ".into(),
            ..good.clone()
        },
        HoldOrder {
            authority: String::new(),
            ..good.clone()
        },
        HoldOrder {
            approver: bench.officer("officer-7"),
            ..good.clone()
        },
        HoldOrder {
            expires: noon(),
            ..good.clone()
        },
        HoldOrder {
            review: noon().checked_add(days(91)).unwrap(),
            ..good
        },
    ];
    for order in broken {
        let error = bench
            .store()
            .place_hold(&order, std::slice::from_ref(&reference))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{order:?}");
        assert!(!error.to_string().contains("names no row"), "{error}");
    }
    let bench = Bench::new(State::Va);
    bench.ingest([read("ABC1234", 5)]);
    let row = bench
        .store()
        .search(&bench.plate("ABC1234"))
        .unwrap()
        .rows
        .remove(0);
    let order = order(&bench, HoldKind::PreservationRequest);
    let error = bench
        .store()
        .place_hold(&order, &[row.reference])
        .unwrap_err();
    assert!(error.to_string().contains("does not honour"), "{error}");
}

#[test]
fn ending_a_hold_destroys_its_key() {
    let bench = Bench::new(State::Va);
    bench.ingest([read("ABC1234", 5)]);
    let row = bench
        .store()
        .search(&bench.plate("ABC1234"))
        .unwrap()
        .rows
        .remove(0);
    let order = order(&bench, HoldKind::OngoingInvestigation);
    let hold = bench.store().place_hold(&order, &[row.reference]).unwrap();
    bench.store().end_hold(&hold.id).unwrap();
    let receipts = bench.store().receipts().unwrap();
    assert_eq!(receipts[0].rule, "store-hold-ended");
    assert_eq!(
        bench
            .store()
            .search(&bench.plate("ABC1234"))
            .unwrap()
            .rows
            .len(),
        1,
        "the read itself stays"
    );
    assert_eq!(
        bench.store().end_hold(&hold.id).unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

#[test]
fn a_clock_that_runs_backwards_refuses_everything() {
    let mut bench = Bench::new(State::Va);
    bench.ingest([read("ABC1234", 5)]);
    bench.advance(days(3));
    bench.store().search(&bench.plate("ABC1234")).unwrap();
    bench.advance(-days(1));
    let kinds = [
        bench
            .store()
            .search(&bench.plate("ABC1234"))
            .unwrap_err()
            .kind(),
        bench
            .store()
            .ingest("reads", [read("ABC1234", 1).into()])
            .unwrap_err()
            .kind(),
        bench.store().sweep().unwrap_err().kind(),
    ];
    assert_eq!(kinds, [ErrorKind::Clock; 3]);
    // Nor does it help to start again.
    bench.close();
    let error = platewarden_store::Store::open(&bench.options(), crate::support::POLICY.clone())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Clock);
    bench.advance(days(1));
    bench.reopen();
    assert_eq!(
        bench
            .store()
            .search(&bench.plate("ABC1234"))
            .unwrap()
            .rows
            .len(),
        1
    );
}
