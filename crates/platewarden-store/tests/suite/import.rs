//! Files of reads, with what is wrong in them.

use platewarden_policy::model::State;
use platewarden_store::{Camera, ErrorKind, ImportDefaults, RowKind};

use crate::support::{Bench, noon};

#[allow(
    clippy::field_reassign_with_default,
    reason = "the type may get more fields, so that no literal of it compiles here"
)]
fn defaults() -> ImportDefaults {
    let mut defaults = ImportDefaults::default();
    defaults.camera = Some(Camera::new("elm-4th"));
    defaults.start = Some(
        noon()
            .checked_sub(jiff::SignedDuration::from_hours(1))
            .unwrap(),
    );
    defaults
}

#[test]
fn passes_are_sightings_and_other_lines_are_left_out() {
    let bench = Bench::new(State::Il);
    let pass = r#"{"type":"pass","id":1,"kind":"passed","text":"ABC1234","confidence":0.93,
        "characters":[{"symbol":"A","confidence":0.99,"alternatives":[["4",0.01]]}],
        "candidates":[["ABC1234",0.93],["A8C1234",0.05]],"region":"US-IL","region_confidence":0.8,"reads":9,
        "agreeing_reads":7,"first_seen":1.0,"last_seen":2.5,"best_at":2.0,"evidence":null}"#
        .replace('\n', " ");
    let lines =
        format!("{pass}\n\n{{\"type\":\"hit\"}}\nnot json\n{{\"type\":\"pass\",\"text\":\"X\"}}\n");
    let done = bench
        .store()
        .import_json_lines("reads", lines.as_bytes(), &defaults(), |_| ())
        .unwrap();
    assert_eq!((done.lines, done.others, done.reads.written), (4, 1, 1));
    let refused: Vec<u64> = done
        .reads
        .refused
        .iter()
        .map(|refusal| refusal.index)
        .collect();
    assert_eq!(refused, [4, 5], "by their lines");
    let rows = bench.store().search(&bench.plate("ABC1234")).unwrap().rows;
    assert!(matches!(
        rows[0].kind,
        RowKind::Sighting {
            reads: 9,
            agreeing_reads: 7,
            ..
        }
    ));
    assert_eq!(
        rows[0].read.captured_at,
        noon()
            .checked_sub(jiff::SignedDuration::from_secs(3_598))
            .unwrap()
    );
    assert_eq!(rows[0].read.candidates[0].text, "A8C1234");
    let again = bench
        .store()
        .import_json_lines("reads", lines.as_bytes(), &defaults(), |_| ())
        .unwrap();
    assert_eq!((again.reads.written, again.reads.repeated), (0, 1));
}

#[test]
fn exports_of_others_are_mapped() {
    let bench = Bench::new(State::Il);
    let csv = "License Plate,Capture Time,Device Name,Score,When\n\
        ABC1234,2026-11-22T11:00:00Z,oak,97,x\n\
        XYZ9876,yesterday,oak,97,x\n\
        ,2026-11-22T11:00:00Z,oak,97,x\n\
        KLM1234,2026-11-22T05:00:00-06:00,oak,0.5,x\n";
    let done = bench
        .store()
        .import_csv("reads", csv.as_bytes(), &defaults(), |_| ())
        .unwrap();
    assert_eq!((done.lines, done.reads.written), (4, 2));
    assert_eq!(done.reads.refused[0].index, 3);
    assert!(done.reads.refused[0].why.contains("RFC 3339"));
    let row = bench
        .store()
        .search(&bench.plate("ABC1234"))
        .unwrap()
        .rows
        .remove(0);
    assert_eq!(row.read.camera.id, "oak");
    assert!((row.read.confidence - 0.97).abs() < 0.01);
    // Columns that nobody knows are listed, and can be named.
    let odd = csv.replace("License Plate", "Kennzeichen");
    let error = bench
        .store()
        .import_csv("reads", odd.as_bytes(), &defaults(), |_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error.to_string().contains("Kennzeichen, Capture Time"),
        "{error}"
    );
    let mut named = defaults();
    named.columns.push(("plate".into(), "kennzeichen".into()));
    let done = bench
        .store()
        .import_csv("reads", odd.as_bytes(), &named, |_| ())
        .unwrap();
    assert_eq!(done.reads.repeated, 2);
}
