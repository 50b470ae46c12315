//! Finding plates, and saying why.

use platewarden_policy::model::State;
use platewarden_store::{
    Area, Camera, Cursor, Direction, ErrorKind, Ingest, RegionGuess, RowKind, RowRef, Sighting,
    Tolerance,
};

use crate::support::{Bench, noon, read};

fn texts(bench: &Bench, search: &platewarden_store::Search) -> Vec<String> {
    bench
        .store()
        .search(search)
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.read.text)
        .collect()
}

#[test]
fn look_alikes_and_misreads_are_found_with_reasons_and_ranked() {
    let bench = Bench::patient(State::Il);
    bench.ingest(
        [
            "ABC1234", "A8C1Z34", "ABC1Z34", "ABC123", "ABX1K34", "ABC1299", "KLM9876",
        ]
        .map(|text| read(text, 5)),
    );
    let answer = bench.store().search(&bench.plate("ABC1234")).unwrap();
    let found: Vec<&str> = answer
        .rows
        .iter()
        .map(|row| row.read.text.as_str())
        .collect();
    assert_eq!(&found[..3], ["ABC1234", "ABC1Z34", "A8C1Z34"]);
    assert!(found.contains(&"ABC123") && found.contains(&"ABX1K34") && !found.contains(&"KLM9876"));
    assert!(
        answer.rows[2].why[0].starts_with("B read as 8 ("),
        "{:?}",
        answer.rows[2].why
    );
    assert!(
        answer
            .rows
            .windows(2)
            .all(|pair| pair[0].probability >= pair[1].probability)
    );
    for (tolerance, expected) in [
        (Tolerance::Exact, vec!["ABC1234"]),
        (Tolerance::LookAlikes, vec!["ABC1234", "ABC1Z34", "A8C1Z34"]),
        (
            Tolerance::OneEdit,
            vec!["ABC1234", "ABC1Z34", "A8C1Z34", "ABC123"],
        ),
    ] {
        assert_eq!(
            texts(&bench, &bench.plate("abc-1234").tolerance(tolerance)),
            expected,
            "{tolerance:?}"
        );
    }
    assert!(texts(&bench, &bench.plate("ABC1234").min_probability(0.5)) == ["ABC1234"]);
}

#[test]
fn patterns_find_what_follows_them() {
    let bench = Bench::new(State::Il);
    bench.ingest(["ABC1234", "A8C1Z99", "XBC1234"].map(|text| read(text, 5)));
    let mut found = texts(&bench, &bench.plate("AB?12*"));
    found.sort();
    assert_eq!(found, ["A8C1Z99", "ABC1234"]);
    // Next to nothing of a plate is a search of everybody, and needs what such a one needs.
    let error = bench.store().search(&bench.plate("*9?")).unwrap_err();
    assert!(
        error
            .denial()
            .unwrap()
            .reasons
            .iter()
            .any(|why| &*why.rule == "store-plateless-release")
    );
}

#[test]
fn filters_narrow() {
    let bench = Bench::patient(State::Il);
    let mut near = read("ABC1234", 5);
    near.direction = Some(Direction::North);
    near.region = Some(RegionGuess {
        code: "US-IL".into(),
        probability: 0.9,
    });
    let mut far = read("ABC1234", 90);
    far.camera = Camera::new("oak").at(41.9, -87.6);
    bench.ingest([near, far]);
    let count =
        |search: platewarden_store::Search| bench.store().search(&search).unwrap().rows.len();
    let search = || bench.plate("ABC1234");
    assert_eq!(count(search()), 2);
    assert_eq!(count(search().camera("oak")), 1);
    assert_eq!(count(search().camera("oak").camera("elm-4th")), 2);
    assert_eq!(
        count(search().area(Area::Circle {
            latitude: 39.8,
            longitude: -89.6,
            metres: 20_000.0
        })),
        1
    );
    assert_eq!(count(search().direction(Direction::North)), 1);
    assert_eq!(count(search().direction(Direction::South)), 0);
    assert_eq!(count(search().region("us-il")), 1);
    let hour = noon()
        .checked_sub(jiff::SignedDuration::from_hours(1))
        .unwrap();
    let request = bench
        .request()
        .plate("ABC1234")
        .window(hour, noon())
        .build();
    assert_eq!(
        count(platewarden_store::Search::new(request).in_dataset("reads")),
        1
    );
}

#[test]
fn pages_keep_their_place_while_reads_arrive() {
    // Each page is a search of its own; the gate of repeats counts the plate once.
    let bench = Bench::new(State::Il);
    bench.ingest((0..25).map(|minute| read("ABC1234", minute)));
    let search = bench.plate("ABC1234").limit(10);
    let mut seen: Vec<RowRef> = Vec::new();
    let mut next: Option<Cursor> = None;
    loop {
        let page = match next.take() {
            Some(cursor) => bench.store().search(&search.clone().after(cursor)).unwrap(),
            None => bench.store().search(&search).unwrap(),
        };
        seen.extend(page.rows.into_iter().map(|row| row.reference));
        bench.ingest([read("ABC1234", 100 + seen.len() as i64)]);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (25, 25));
    // A cursor serves its own search alone.
    let cursor = bench.store().search(&search).unwrap().next.unwrap();
    let other = bench.plate("XYZ9876").limit(10).after(cursor);
    assert_eq!(
        bench.store().search(&other).unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

#[test]
fn a_correction_stands_beside_the_read_and_both_are_found() {
    let bench = Bench::new(State::Il);
    bench.ingest([read("KLM9876", 5)]);
    let row = bench
        .store()
        .search(&bench.plate("KLM9876"))
        .unwrap()
        .rows
        .remove(0);
    bench
        .store()
        .correct(&row.reference, "ABC1234", "clerk-2", "the picture shows it")
        .unwrap();
    for plate in ["ABC1234", "KLM9876"] {
        let rows = bench.store().search(&bench.plate(plate)).unwrap().rows;
        assert_eq!(rows.len(), 1, "{plate}");
        assert_eq!(rows[0].read.text, "KLM9876", "the read is as it was");
        assert_eq!(rows[0].corrections[0].text, "ABC1234");
    }
    let corrected = bench
        .store()
        .search(&bench.plate("ABC1234"))
        .unwrap()
        .rows
        .remove(0);
    assert_eq!(corrected.why[0], "corrected by clerk-2 from KLM9876");
    let forged = RowRef::from_text(row.reference.as_str().replace('0', "1"));
    let error = bench
        .store()
        .correct(&forged, "ABC1234", "clerk-2", "")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[test]
fn a_sighting_says_that_it_is_one() {
    let bench = Bench::new(State::Il);
    let sighting = Sighting {
        best: read("ABC1234", 5),
        first_seen: read("", 6).captured_at,
        last_seen: read("", 4).captured_at,
        reads: 9,
        agreeing_reads: 7,
        observations: vec![read("ABC1234", 6), read("A8C1234", 5)],
    };
    let done = bench
        .store()
        .ingest("reads", [Ingest::from(sighting)])
        .unwrap();
    assert_eq!(done.written, 3);
    let rows = bench.store().search(&bench.plate("ABC1234")).unwrap().rows;
    assert_eq!(rows.len(), 3);
    let Some(RowKind::Sighting {
        reads: 9,
        agreeing_reads: 7,
        observations,
        ..
    }) = rows
        .iter()
        .map(|row| row.kind.clone())
        .find(|kind| *kind != RowKind::Observation)
    else {
        panic!("{rows:?}")
    };
    assert_eq!(observations.len(), 2);
    assert!(
        observations
            .iter()
            .all(|one| rows.iter().any(|row| row.reference == *one))
    );
}

#[test]
fn what_is_there_is_not_written_again() {
    let bench = Bench::new(State::Il);
    let reads = || (0..50).map(|minute| read("ABC1234", minute).into());
    assert_eq!(bench.store().ingest("reads", reads()).unwrap().written, 50);
    let again = bench.store().ingest("reads", reads()).unwrap();
    assert_eq!((again.written, again.repeated), (0, 50));
}

#[test]
fn refused_items_are_named_and_the_others_go_on() {
    let bench = Bench::with(
        State::Va,
        crate::support::settings(State::Va).ignoring(["OWN-1234"]),
    );
    let mut future = read("ABC1234", 5);
    future.captured_at = noon()
        .checked_add(jiff::SignedDuration::from_hours(1))
        .unwrap();
    let items = [
        read("ABC1234", 5),
        read("X", 5),
        future,
        read("ABC1235", 60 * 24 * 30),
        read("own 1234", 5),
    ];
    let done = bench
        .store()
        .ingest("reads", items.map(Into::into))
        .unwrap();
    assert_eq!((done.written, done.ignored), (1, 1));
    let refused: Vec<u64> = done.refused.iter().map(|refusal| refusal.index).collect();
    assert_eq!(refused, [1, 2, 3]);
    assert!(
        done.refused[2].why.contains("past its cap already"),
        "{}",
        done.refused[2].why
    );
}

#[test]
fn a_store_is_found_again_after_reopening() {
    let mut bench = Bench::new(State::Il);
    bench.ingest([read("ABC1234", 5), read("ABC1234", 9)]);
    bench.reopen();
    bench.ingest([read("ABC1234", 15), read("XYZ9876", 5)]);
    bench.reopen();
    assert_eq!(
        bench
            .store()
            .search(&bench.plate("ABC1234"))
            .unwrap()
            .rows
            .len(),
        3
    );
    assert_eq!(
        bench
            .store()
            .search(&bench.plate("XYZ9876").tolerance(Tolerance::OneEdit))
            .unwrap()
            .rows
            .len(),
        1
    );
}
