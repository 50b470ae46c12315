//! After a sweep nothing of a plate is left, in whatever spelling, on the device or in a backup.

use std::fs;
use std::path::Path;

use platewarden_policy::model::State;
use platewarden_store::Store;

use crate::support::{Bench, POLICY, days, is_in_files, noon, options_of, read};

/// How many plates: 100 where nobody asks for more (`PLATEWARDEN_CANARIES=1000`).
fn count() -> usize {
    std::env::var("PLATEWARDEN_CANARIES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(100)
}

fn canaries() -> Vec<String> {
    // Eight symbols that stand nowhere else by chance.
    (0..count())
        .map(|number| format!("Q{:03}XKJ{}", number % 1000, number / 1000))
        .collect()
}

/// As it is written, in lower case, as UTF-16, as hexadecimal digits, and in base 64.
fn encodings(plate: &str) -> [Vec<u8>; 5] {
    let utf16 = plate.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        plate.as_bytes().to_vec(),
        plate.to_lowercase().into_bytes(),
        utf16,
        hex::encode(plate).into_bytes(),
        base64(plate.as_bytes()).into_bytes(),
    ]
}

/// Without the last group, whose digits hang on what follows.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks_exact(3)
        .flat_map(|group| {
            let number = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
            [18, 12, 6, 0].map(|shift| char::from(DIGITS[(number >> shift) as usize & 63]))
        })
        .collect()
}

fn bytes_below(folder: &Path, out: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes_below(&path, out);
        } else {
            out.extend(fs::read(&path).unwrap());
        }
    }
}

/// How many canaries show up in the files below a folder, in any encoding.
fn hits(folder: &Path, plates: &[String]) -> usize {
    let mut bytes = Vec::new();
    bytes_below(folder, &mut bytes);
    let text: std::collections::HashSet<&[u8]> = (8..=32)
        .filter(|length| [8, 16].contains(length))
        .flat_map(|length| bytes.windows(length))
        .collect();
    plates
        .iter()
        .flat_map(|plate| encodings(plate))
        .filter(|form| text.contains(form.as_slice()))
        .count()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn nothing_of_a_plate_is_left_after_a_sweep() {
    if !is_in_files() {
        return;
    }
    let mut bench = Bench::new(State::Va);
    let plates = canaries();
    bench.ingest(plates.iter().map(|plate| read(plate, 5)));
    bench.store().search(&bench.plate(&plates[0])).unwrap();
    assert_eq!(hits(&bench.data(), &plates), 0, "sealed while they live");
    // A backup of the store's folder, as anybody takes one: the keys are not in it.
    let backup = bench.folder.path().join("backup");
    copy(&bench.data(), &backup);
    bench.advance(days(23));
    let swept = bench.store().sweep().unwrap();
    assert_eq!(swept.receipts[0].reads, plates.len() as u64);
    assert_eq!(
        hits(bench.folder.path(), &plates),
        0,
        "database, log, shared memory, trail, keys, backup"
    );
    let wal = bench.data().join("reads.sqlite-wal");
    assert_eq!(
        fs::metadata(&wal).map_or(0, |data| data.len()),
        0,
        "the log was truncated"
    );

    // The old backup is put back in the place of the database.
    bench.close();
    fs::remove_dir_all(bench.data()).unwrap();
    copy(&backup, &bench.data());
    bench.advance(-days(23));
    let options = options_of(bench.folder.path()).with_clock(bench.clock.clone());
    let store = Store::open(&options, POLICY.clone()).unwrap();
    assert_eq!(
        store.search(&bench.plate(&plates[0])).unwrap().rows.len(),
        0,
        "its key was destroyed"
    );
    let swept = store.sweep().unwrap();
    assert_eq!(swept.receipts[0].rule, "store-restored");
    assert!(noon() <= bench.clock.now());
}
