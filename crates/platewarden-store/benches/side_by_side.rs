//! The store beside what people search plates with today: recall at one and two confusions, false candidates, time.
//!
//! `cargo bench -p platewarden-store --bench side_by_side -- 1000000 1000` makes 10^6 synthetic reads of three countries'
//! formats and 1,000 queries, and prints one table. Where a PostgreSQL server is told (`PLATEWARDEN_PSQL`, a command such
//! as `psql -h 127.0.0.1 -p 5433 -U postgres`), `pg_trgm` with GIN and a `fuzzystrmatch` scan run on the same data; `ours` after
//! the numbers leaves the others out, which scan.
//!
//! The confusion model: a plate is misread at one or two places; at each a glyph that the project's table of look-alikes
//! lists is taken in its place, by the table's weights. Each queried plate has one read with one confusion and one with
//! two, among reads of other plates. Without the flush: the trail lies in memory (`/dev/shm`) where there is one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a bench stops at the first surprise"
)]

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{
    Actor, Agency, AgencyKind, Dataset, Purpose, SearchRequest, State,
};
use platewarden_policy::packs::Unverified;
use platewarden_store::{
    AuditorKey, Camera, Clock, DatasetSettings, MemoryKeys, Observation, Search, Store,
    StoreOptions,
};
use platewarden_text::confusion::lookalikes;

/// xorshift64*: the same reads every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn letter(&mut self) -> char {
        char::from(b'A' + self.below(26) as u8)
    }

    fn digit(&mut self) -> char {
        char::from(b'0' + self.below(10) as u8)
    }

    /// California, Britain, Germany.
    fn plate(&mut self) -> String {
        let pattern = ["dlllddd", "llddlll", "llldddd"][self.below(3)];
        pattern
            .chars()
            .map(|kind| {
                if kind == 'l' {
                    self.letter()
                } else {
                    self.digit()
                }
            })
            .collect()
    }

    fn misread(&mut self, plate: &str, confusions: usize) -> String {
        let mut text: Vec<char> = plate.chars().collect();
        let mut places: Vec<usize> = (0..text.len())
            .filter(|at| lookalikes(text[*at]).next().is_some())
            .collect();
        for _ in 0..confusions {
            if places.is_empty() {
                break;
            }
            let at = places.swap_remove(self.below(places.len()));
            let options: Vec<(char, f32)> = lookalikes(text[at]).collect();
            let total: f32 = options.iter().map(|option| option.1).sum();
            let mut pick = total * (self.below(1_000_000) as f32 / 1_000_000.0);
            for (glyph, weight) in options {
                text[at] = glyph;
                pick -= weight;
                if pick <= 0.0 {
                    break;
                }
            }
        }
        text.into_iter().collect()
    }
}

struct Data {
    /// What was read, what the plate was, and when.
    reads: Vec<(String, u32, Timestamp)>,
    plates: Vec<String>,
    /// Plates that are asked for; the reads of each with one and with two confusions.
    queries: Vec<(u32, usize, usize)>,
}

fn data(reads: usize, queries: usize) -> Data {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let start: Timestamp = "2026-10-24T00:00:00Z".parse().unwrap();
    let when = |random: &mut Random| {
        start
            .checked_add(SignedDuration::from_secs(random.below(28 * 86_400) as i64))
            .unwrap()
    };
    let mut plates = Vec::new();
    let mut out = Vec::with_capacity(reads);
    let mut asked = Vec::new();
    for _ in 0..queries {
        let number = plates.len() as u32;
        let plate = random.plate();
        let places: Vec<usize> = [1, 2]
            .into_iter()
            .map(|confusions| {
                let at = when(&mut random);
                out.push((random.misread(&plate, confusions), number, at));
                out.len() - 1
            })
            .collect();
        plates.push(plate);
        asked.push((number, places[0], places[1]));
    }
    while out.len() < reads {
        let number = plates.len() as u32;
        let plate = random.plate();
        for _ in 0..1 + random.below(3) {
            let at = when(&mut random);
            out.push((plate.clone(), number, at));
        }
        plates.push(plate);
    }
    out.truncate(reads.max(2 * queries));
    Data {
        reads: out,
        plates,
        queries: asked,
    }
}

#[derive(Default)]
struct Score {
    found: [usize; 2],
    false_candidates: usize,
    micros: Vec<u64>,
}

impl Score {
    /// Counts what a query returned, as numbers of reads.
    fn count(&mut self, data: &Data, query: usize, found: &HashSet<usize>, micros: u64) {
        let (plate, one, two) = data.queries[query];
        self.found[0] += usize::from(found.contains(&one));
        self.found[1] += usize::from(found.contains(&two));
        self.false_candidates += found
            .iter()
            .filter(|read| data.reads[**read].1 != plate)
            .count();
        self.micros.push(micros);
    }

    fn row(&mut self, name: &str, queries: usize, bytes: f64) -> String {
        self.micros.sort_unstable();
        let at = |share: f64| {
            self.micros[((self.micros.len() - 1) as f64 * share) as usize] as f64 / 1_000.0
        };
        let share = |count: usize| count as f64 / queries as f64;
        format!(
            "| {name} | {:.3} | {:.3} | {:.2} | {:.2} | {:.2} | {bytes:.0} |",
            share(self.found[0]),
            share(self.found[1]),
            self.false_candidates as f64 / queries as f64,
            at(0.5),
            at(0.95)
        )
    }
}

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok())
        .collect();
    // As a test, run by `cargo test --benches`, it only shows that it runs.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let default = if is_bench {
        (100_000, 1_000)
    } else {
        (3_000, 50)
    };
    let reads = numbers.first().copied().unwrap_or(default.0);
    let queries = numbers.get(1).copied().unwrap_or(default.1);
    let data = data(reads, queries);
    let mut table = String::from(
        "| system | recall, 1 confusion | recall, 2 confusions | false candidates a query | p50 ms | p95 ms | bytes a read |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let (rows, notes) = ours(&data);
    for row in rows {
        let _ = writeln!(table, "{row}");
    }
    let alone = std::env::args().any(|argument| argument == "ours");
    if !alone {
        for row in sqlite(&data, if is_bench { 100 } else { 5 }) {
            let _ = writeln!(table, "{row}");
        }
    }
    match std::env::var("PLATEWARDEN_PSQL") {
        _ if alone => println!("the others are left out"),
        Ok(command) => table.push_str(&postgres(&data, &command)),
        Err(_) => println!("PLATEWARDEN_PSQL is not set: pg_trgm and fuzzystrmatch are left out"),
    }
    println!(
        "{} reads, {} queries\n\n{table}\n{notes}",
        data.reads.len(),
        data.queries.len()
    );
}

fn ours(data: &Data) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let shared = Path::new("/dev/shm");
    let memory = if shared.is_dir() {
        tempfile::tempdir_in(shared)
    } else {
        tempfile::tempdir()
    }
    .unwrap();
    let home = folder.path().join("store");
    std::fs::create_dir(&home).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(memory.path(), home.join("trail")).unwrap();
    let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
    let options =
        StoreOptions::new(&home, Arc::new(MemoryKeys::default())).with_clock(Clock::manual(now));
    let auditor = AuditorKey::generate().unwrap();
    let store = Store::create(
        &options,
        Policy::bundled(Unverified::Allow).unwrap(),
        auditor.public(),
    )
    .unwrap();
    let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    let dataset = Dataset::new("reads", police.to_ref(), State::Il);
    store.put_dataset(DatasetSettings::new(dataset)).unwrap();
    let started = Instant::now();
    let cameras: Vec<Camera> = (0..20)
        .map(|number| Camera::new(format!("camera-{number}")).at(39.8, -89.6))
        .collect();
    // The camera and a millisecond tell each read from the others of its plate; the second column finds it again.
    let mut numbers: HashMap<(String, Timestamp, String), usize> = HashMap::new();
    // As cameras deliver them: by time.
    let mut order: Vec<usize> = (0..data.reads.len()).collect();
    order.sort_by_key(|read| data.reads[*read].2);
    let items = order.iter().map(|read| {
        let (text, _, at) = &data.reads[*read];
        let camera = &cameras[read % cameras.len()];
        numbers.insert((text.clone(), *at, camera.id.clone()), *read);
        Observation::new(text, camera.clone(), *at).into()
    });
    let done = store.ingest("reads", items).unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let bytes = store.stats().unwrap().bytes as f64 / done.written as f64;
    let officer = Actor::verified("officer-7", police);
    let ask = |text: &str, probability: f32| {
        let request = SearchRequest::builder(officer.clone(), now)
            .plate(text)
            .purpose(Purpose::StolenVehicleOrPlate)
            .case("26-001234")
            .build();
        Search::new(request)
            .in_dataset("reads")
            .min_probability(probability)
    };
    // Dictionaries are opened by the first search that needs them.
    let opening = Instant::now();
    store.search(&ask("ZZ9ZZZ9", 0.0)).unwrap();
    let opening = opening.elapsed().as_secs_f64() * 1_000.0;
    let mut rows = Vec::new();
    for (name, probability) in [
        ("Platewarden, probability at least 1e-5", 1e-5),
        ("Platewarden, probability at least 1e-6", 1e-6),
        ("Platewarden, all within two edits", 0.0),
    ] {
        let mut score = Score::default();
        for (query, (plate, _, _)) in data.queries.iter().enumerate() {
            let started = Instant::now();
            let answer = store
                .search(&ask(&data.plates[*plate as usize], probability))
                .unwrap();
            let micros = started.elapsed().as_micros() as u64;
            let found = answer
                .rows
                .iter()
                .filter_map(|row| {
                    let key = (
                        row.read.text.clone(),
                        row.read.captured_at,
                        row.read.camera.id.clone(),
                    );
                    numbers.get(&key).copied()
                })
                .collect();
            score.count(data, query, &found, micros);
        }
        rows.push(score.row(name, data.queries.len(), bytes));
    }
    let mut wild = Vec::new();
    for (plate, _, _) in &data.queries {
        let mut pattern: Vec<char> = data.plates[*plate as usize].chars().collect();
        (pattern[1], pattern[4]) = ('?', '?');
        let pattern: String = pattern.into_iter().collect();
        let started = Instant::now();
        store.search(&ask(&pattern, 0.0)).unwrap();
        wild.push(started.elapsed().as_micros() as u64);
    }
    wild.sort_unstable();
    let notes = format!(
        "Platewarden: {:.0} reads a second written (batches of 1,000, each flushed), wildcards p95 {:.2} ms, first search {opening:.0} ms",
        done.written as f64 / seconds,
        wild[(wild.len() - 1) * 95 / 100] as f64 / 1_000.0
    );
    (rows, notes)
}

fn sqlite(data: &Data, most: usize) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.sqlite");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch(
            "CREATE TABLE read (id INTEGER PRIMARY KEY, plate TEXT, at INTEGER, camera INTEGER);
             CREATE VIRTUAL TABLE find USING fts5(plate, content='', tokenize='trigram'); BEGIN;",
        )
        .unwrap();
    for (number, (text, _, at)) in data.reads.iter().enumerate() {
        let mut insert = database
            .prepare_cached("INSERT INTO read VALUES (?1, ?2, ?3, ?4)")
            .unwrap();
        insert
            .execute(rusqlite::params![
                number as i64,
                text,
                at.as_second(),
                (number % 20) as i64
            ])
            .unwrap();
        let mut insert = database
            .prepare_cached("INSERT INTO find (rowid, plate) VALUES (?1, ?2)")
            .unwrap();
        insert
            .execute(rusqlite::params![number as i64 + 1, text])
            .unwrap();
    }
    database.execute_batch("COMMIT").unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len() as f64 / data.reads.len() as f64;
    let any_trigram = |plate: &str| {
        let parts: Vec<char> = plate.chars().collect();
        let words: Vec<String> = parts
            .windows(3)
            .map(|part| format!("\"{}\"", part.iter().collect::<String>()))
            .collect();
        words.join(" OR ")
    };
    // Every place hidden once: what people write who have nothing but LIKE.
    let like = |plate: &str| {
        let with = |at: usize| -> String {
            plate
                .chars()
                .enumerate()
                .map(|(place, symbol)| if place == at { '_' } else { symbol })
                .collect()
        };
        let parts: Vec<String> = (0..plate.len())
            .map(|at| format!("plate LIKE '{}'", with(at)))
            .collect();
        format!("SELECT id FROM read WHERE {}", parts.join(" OR "))
    };
    let mut rows = Vec::new();
    for (name, is_fts) in [
        ("SQLite FTS5 trigram, any trigram", true),
        ("SQLite LIKE, one place hidden", false),
    ] {
        let mut score = Score::default();
        // A scan takes long: fewer queries say as much.
        let queries = if is_fts {
            data.queries.len()
        } else {
            data.queries.len().min(most)
        };
        for (query, (plate, _, _)) in data.queries.iter().take(queries).enumerate() {
            let plate = &data.plates[*plate as usize];
            let started = Instant::now();
            let sql = if is_fts {
                "SELECT rowid - 1 FROM find WHERE find MATCH ?1".to_owned()
            } else {
                like(plate)
            };
            let mut statement = database.prepare(&sql).unwrap();
            let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(|id| id as usize);
            let found: HashSet<usize> = if is_fts {
                statement
                    .query_map([any_trigram(plate)], number)
                    .unwrap()
                    .map(Result::unwrap)
                    .collect()
            } else {
                statement
                    .query_map([], number)
                    .unwrap()
                    .map(Result::unwrap)
                    .collect()
            };
            score.count(data, query, &found, started.elapsed().as_micros() as u64);
        }
        rows.push(score.row(name, queries, bytes));
    }
    rows
}

/// `pg_trgm` at its default threshold of 0.3, at the 0.1 that finds double misreads too, and a scan with `levenshtein`, timed by the server itself.
fn postgres(data: &Data, command: &str) -> String {
    let mut sql = String::from(
        "\\set ON_ERROR_STOP on\nCREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;\n\
         CREATE TEMP TABLE read (id int, plate text, truth int);\nCREATE TEMP TABLE query (id int, plate text, truth int, one int, two int);\n\
         COPY read FROM STDIN;\n",
    );
    for (number, (text, plate, _)) in data.reads.iter().enumerate() {
        let _ = writeln!(sql, "{number}\t{text}\t{plate}");
    }
    sql.push_str("\\.\nCOPY query FROM STDIN;\n");
    for (number, (plate, one, two)) in data.queries.iter().enumerate() {
        let _ = writeln!(
            sql,
            "{number}\t{}\t{plate}\t{one}\t{two}",
            data.plates[*plate as usize]
        );
    }
    sql.push_str(
        "\\.\nCREATE INDEX ON read USING gin (plate gin_trgm_ops); ANALYZE read;\n\
         CREATE TEMP TABLE score (system text, one int, two int, wrong int, ms float);\n\
         DO $$ DECLARE q record; t timestamptz; ids int[]; wrong int; least real;\nBEGIN\n\
         FOREACH least IN ARRAY ARRAY[0.3, 0.1]::real[] LOOP PERFORM set_limit(least);\n\
         FOR q IN SELECT * FROM query ORDER BY id LIMIT (CASE WHEN least < 0.3 THEN 200 END) LOOP t := clock_timestamp();\n\
         SELECT array_agg(id), count(*) FILTER (WHERE truth <> q.truth) INTO ids, wrong FROM read WHERE plate % q.plate;\n\
         INSERT INTO score VALUES (format('pg_trgm, GIN, %s', least), (q.one = ANY(ids))::int, (q.two = ANY(ids))::int, wrong, \
         1000 * extract(epoch FROM clock_timestamp() - t)); END LOOP; END LOOP;\n\
         FOR q IN SELECT * FROM query ORDER BY id LIMIT 20 LOOP t := clock_timestamp();\n\
         SELECT array_agg(id), count(*) FILTER (WHERE truth <> q.truth) INTO ids, wrong FROM read \
         WHERE levenshtein_less_equal(plate, q.plate, 2) <= 2;\n\
         INSERT INTO score VALUES ('fuzzystrmatch scan, distance 2', (q.one = ANY(ids))::int, (q.two = ANY(ids))::int, wrong, \
         1000 * extract(epoch FROM clock_timestamp() - t)); END LOOP; END $$;\n\
         SELECT format('| %s | %s | %s | %s | %s | %s | %s |', system, round(avg(coalesce(one, 0)), 3), round(avg(coalesce(two, 0)), 3), \
         round(avg(wrong), 2), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 2), \
         round(percentile_cont(0.95) WITHIN GROUP (ORDER BY ms)::numeric, 2), \
         (SELECT round(pg_total_relation_size('read')::numeric / count(*)) FROM read)) FROM score GROUP BY system ORDER BY system DESC;\n",
    );
    let mut words = command.split_whitespace();
    let mut child = Command::new(words.next().expect("a command"))
        .args(words)
        .args(["-q", "-A", "-t", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("psql starts");
    let mut input = child.stdin.take().expect("piped");
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut input, sql.as_bytes()));
    let output = child.wait_with_output().expect("psql ends");
    writer.join().expect("no panic").expect("psql reads all");
    assert!(output.status.success(), "psql failed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
