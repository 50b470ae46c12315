//! Killed at any point, the store has lost no acknowledged write and released no row without its record.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::SignedDuration;
use platewarden_policy::model::State;
use platewarden_store::{Clock, Search, Store, verify_folder};
use platewarden_trail::{FileStore, Record, Trail};

use crate::support::{Bench, POLICY, is_in_files, noon, options_of, read, settings};

/// How many times: 10 where nobody asks for more (`PLATEWARDEN_KILLS=1000`).
fn kills() -> u64 {
    std::env::var("PLATEWARDEN_KILLS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(10)
}

/// The child: writes, searches and sweeps for ever, and says what it was told was done.
fn work(folder: &Path, round: i64) {
    let clock = Clock::manual(noon());
    clock.advance(SignedDuration::from_hours(2 * round));
    let options = options_of(folder).with_clock(clock.clone());
    let store = Store::open(&options, POLICY.clone()).unwrap();
    let officer =
        platewarden_policy::model::Actor::verified("officer-7", crate::support::police(State::Va));
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready").unwrap();
    for number in 0_i64.. {
        clock.advance(SignedDuration::from_secs(1));
        let plate = format!("K{:04}R{:03}", number % 10_000, round % 1_000);
        let mut one = read(&plate, 0);
        one.captured_at = clock.now();
        store.ingest("reads", [one.into()]).unwrap();
        writeln!(out, "written {plate}").unwrap();
        let request = crate::support::request_of(officer.clone(), &plate);
        let answer = store
            .search(&Search::new(request).in_dataset("reads"))
            .unwrap();
        for row in &answer.rows {
            writeln!(out, "released {}", row.reference).unwrap();
        }
        if number % 3 == 2 {
            store.sweep().unwrap();
        }
        out.flush().unwrap();
    }
}

/// What the child said before it was killed; a line cut short says nothing.
fn killed_after(folder: &Path, round: u64, delay: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::killed_at_any_point",
            "--nocapture",
            "--test-threads",
            "1",
        ])
        .env("PLATEWARDEN_KILL_FOLDER", folder)
        .env("PLATEWARDEN_KILL_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = Vec::new();
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        let ready = line.contains("ready");
        line.clear();
        if ready {
            break;
        }
    }
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    while output.read_line(&mut line).unwrap() > 0 {
        if let Some(whole) = line.strip_suffix('\n') {
            said.push(whole.to_owned());
        }
        line.clear();
    }
    said
}

#[test]
fn killed_at_any_point() {
    if !is_in_files() {
        return;
    }
    if let Ok(folder) = std::env::var("PLATEWARDEN_KILL_FOLDER") {
        let round = std::env::var("PLATEWARDEN_KILL_ROUND")
            .unwrap()
            .parse()
            .unwrap();
        return work(Path::new(&folder), round);
    }
    let mut bench = Bench::with(State::Va, settings(State::Va).without_gate("store-repeat"));
    bench.close();
    let folder = bench.folder.path().to_owned();
    let mut written: Vec<(u64, String)> = Vec::new();
    let mut released: BTreeSet<String> = BTreeSet::new();
    for round in 1..=kills() {
        // Spread over what the child does, without randomness that could not be repeated.
        let delay = Duration::from_micros(round.wrapping_mul(7_919) % 40_000);
        for line in killed_after(&folder, round, delay) {
            if let Some(plate) = line.strip_prefix("written ") {
                written.push((round, plate.to_owned()));
            } else if let Some(reference) = line.strip_prefix("released ") {
                released.insert(reference.to_owned());
            }
        }
        let found = verify_folder(&bench.data(), &Default::default()).unwrap();
        assert!(found.unannounced.is_empty(), "round {round}: {found:?}");
    }
    // The trail verifies, whatever was cut off its end; every release that left has its record.
    bench.advance(SignedDuration::from_hours(
        2 * i64::try_from(kills()).unwrap() + 2,
    ));
    bench.reopen();
    let found = bench.store().verify(&Default::default()).unwrap();
    assert!(found.is_intact(), "{found:?}");
    let trail = Trail::new(FileStore::reader(bench.data().join("trail")).unwrap());
    let recorded: u64 = trail
        .entries()
        .unwrap()
        .map(|entry| match entry.unwrap().record().unwrap() {
            Record::Release(release) => release.count,
            _ => 0,
        })
        .sum();
    assert!(
        recorded >= released.len() as u64,
        "{recorded} recorded, {} released",
        released.len()
    );
    // No acknowledged write is lost, but for those whose time was up.
    let latest = written.iter().map(|(round, _)| *round).max().unwrap_or(0);
    let living: Vec<&String> = written
        .iter()
        .filter(|(round, _)| 2 * (latest - round) < 20 * 24)
        .map(|(_, plate)| plate)
        .collect();
    for plate in living.iter().step_by(living.len().div_ceil(300).max(1)) {
        let search = bench
            .plate(plate)
            .tolerance(platewarden_store::Tolerance::Exact);
        assert_eq!(
            bench.store().search(&search).unwrap().rows.len(),
            1,
            "{plate}"
        );
    }
    eprintln!(
        "{} kills: {} writes acknowledged, {} rows released, {} searches unfinished",
        kills(),
        written.len(),
        released.len(),
        found.unfinished.len()
    );
}
