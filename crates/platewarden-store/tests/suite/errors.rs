//! Bad input: typed errors with a remedy, and nothing lost.

use std::fs;
use std::sync::Arc;

use platewarden_policy::model::State;
use platewarden_store::{
    AuditorKey, Error, ErrorKind, FolderKeys, MasterKey, MemoryKeys, Store, StoreOptions,
};

use crate::support::{Bench, POLICY, is_in_files, options_of, read};

fn open(options: &StoreOptions) -> Error {
    Store::open(options, POLICY.clone()).unwrap_err()
}

fn filled() -> Bench {
    let mut bench = Bench::new(State::Il);
    bench.ingest([read("ABC1234", 5)]);
    bench.close();
    bench
}

/// After whatever was wrong is right again, the read is still there.
fn nothing_is_lost(bench: &mut Bench) {
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

#[test]
fn a_wrong_master_key() {
    if !is_in_files() {
        return;
    }
    let mut bench = filled();
    let keys = bench.folder.path().join("keys");
    let error = FolderKeys::open(&keys, &MasterKey::generate().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongKey);
    assert!(error.remedy().contains("with which the store was made"));
    nothing_is_lost(&mut bench);
}

#[test]
fn the_keys_of_another_store() {
    if !is_in_files() {
        return;
    }
    let mut bench = filled();
    let other = filled();
    let master = MasterKey::from_file(&other.folder.path().join("master.key")).unwrap();
    let keys = FolderKeys::open(other.folder.path().join("keys"), &master).unwrap();
    let options = StoreOptions::new(bench.data(), Arc::new(keys)).with_clock(bench.clock.clone());
    assert_eq!(open(&options).kind(), ErrorKind::WrongDatabase);
    let empty = StoreOptions::new(bench.data(), Arc::new(MemoryKeys::default()));
    assert_eq!(open(&empty).kind(), ErrorKind::WrongDatabase);
    nothing_is_lost(&mut bench);
}

#[test]
fn a_key_that_vanished_is_not_one_that_was_destroyed() {
    if !is_in_files() {
        return;
    }
    let mut bench = filled();
    let keys = bench.folder.path().join("keys");
    let epoch = fs::read_dir(&keys)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let epoch = epoch
        .into_iter()
        .find(|path| path.to_str().unwrap().contains("epoch-"))
        .unwrap();
    let aside = bench.folder.path().join("aside.key");
    fs::rename(&epoch, &aside).unwrap();
    bench.reopen();
    let error = bench.store().search(&bench.plate("ABC1234")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyMissing);
    assert!(
        bench.store().sweep().is_err(),
        "nothing is deleted for a lost key"
    );
    fs::rename(&aside, &epoch).unwrap();
    nothing_is_lost(&mut bench);
}

#[test]
fn a_newer_schema() {
    if !is_in_files() {
        return;
    }
    let mut bench = filled();
    let database = rusqlite::Connection::open(bench.data().join("reads.sqlite")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(open(&bench.options()).kind(), ErrorKind::NewerSchema);
    database.pragma_update(None, "user_version", 1).unwrap();
    drop(database);
    nothing_is_lost(&mut bench);
}

#[test]
fn another_process_has_the_store() {
    if !is_in_files() {
        return;
    }
    let mut bench = filled();
    bench.reopen();
    let error = open(&bench.options());
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(error.remedy().contains("stop the other one"));
    // The database alone is locked by something else.
    let database = rusqlite::Connection::open(bench.data().join("reads.sqlite")).unwrap();
    database.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = bench
        .store()
        .ingest("reads", [read("XYZ9876", 5).into()])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    drop(database);
    nothing_is_lost(&mut bench);
}

#[test]
fn a_corrupt_page() {
    if !is_in_files() {
        return;
    }
    let mut bench = filled();
    let path = bench.data().join("reads.sqlite");
    let whole = fs::read(&path).unwrap();
    let mut broken = whole.clone();
    broken[..100].fill(0x5a);
    fs::write(&path, &broken).unwrap();
    let error = open(&bench.options());
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error:?}");
    assert!(error.remedy().contains("backup"));
    // A sealed row that was touched opens no more, and says so.
    fs::write(&path, &whole).unwrap();
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute("UPDATE read SET sealed = zeroblob(length(sealed))", [])
        .unwrap();
    drop(database);
    bench.reopen();
    assert_eq!(
        bench
            .store()
            .search(&bench.plate("ABC1234"))
            .unwrap_err()
            .kind(),
        ErrorKind::Corrupt
    );
    bench.close();
    fs::remove_file(bench.data().join("reads.sqlite-wal")).ok();
    fs::write(&path, &whole).unwrap();
    nothing_is_lost(&mut bench);
}

#[test]
fn rows_cannot_change_places() {
    if !is_in_files() {
        return;
    }
    let mut bench = Bench::new(State::Il);
    bench.ingest([read("ABC1234", 5), read("XYZ9876", 5)]);
    bench.close();
    let database = rusqlite::Connection::open(bench.data().join("reads.sqlite")).unwrap();
    let sealed: Vec<u8> = database
        .query_row("SELECT sealed FROM read WHERE plate = 1", [], |row| {
            row.get(0)
        })
        .unwrap();
    database
        .execute("UPDATE read SET sealed = ?1 WHERE plate = 0", [sealed])
        .unwrap();
    drop(database);
    bench.reopen();
    let error = bench.store().search(&bench.plate("ABC1234")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}

/// Where the trail cannot be written, no row leaves. `/dev/full` answers every write as a full device does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_device_under_the_trail() {
    if !is_in_files() {
        return;
    }
    let mut bench = filled();
    bench.reopen();
    let trail = bench.data().join("trail");
    let segment = fs::read_dir(&trail)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let segment = segment
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "pwtrail"))
        .unwrap();
    let aside = bench.folder.path().join("segment");
    fs::rename(&segment, &aside).unwrap();
    std::os::unix::fs::symlink("/dev/full", &segment).unwrap();
    let error = bench.store().search(&bench.plate("ABC1234")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full, "{error:?}");
    assert!(error.remedy().contains("no row leaves"));
    bench.close();
    fs::remove_file(&segment).unwrap();
    fs::rename(&aside, &segment).unwrap();
    nothing_is_lost(&mut bench);
}

#[test]
fn no_store_and_one_that_is_there() {
    if !is_in_files() {
        return;
    }
    let bench = filled();
    let nowhere = StoreOptions::new(
        bench.folder.path().join("nowhere"),
        Arc::new(MemoryKeys::default()),
    );
    assert!(open(&nowhere).to_string().contains("store init"));
    let auditor = AuditorKey::generate().unwrap().public();
    let again =
        Store::create(&options_of(bench.folder.path()), POLICY.clone(), auditor).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Invalid);
}

/// Root may write everywhere, so another user tries.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written() {
    if !is_in_files() {
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    if let Ok(folder) = std::env::var("PLATEWARDEN_READ_ONLY_STORE") {
        let error = open(&StoreOptions::new(folder, Arc::new(MemoryKeys::default())));
        assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error:?}");
        assert!(error.remedy().contains("owner"));
        return;
    }
    let mut bench = filled();
    for path in [
        bench.folder.path().to_owned(),
        bench.data(),
        bench.data().join("trail"),
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "errors::a_folder_that_cannot_be_written"]);
    child.env("PLATEWARDEN_READ_ONLY_STORE", bench.data());
    // Without the right to change the user there is no root either, and the folder is made unwritable.
    let is_root = fs::metadata("/proc/self")
        .is_ok_and(|data| std::os::unix::fs::MetadataExt::uid(&data) == 0);
    if is_root {
        child.uid(NOBODY).current_dir("/");
    } else {
        for path in [bench.data(), bench.data().join("trail")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o555)).unwrap();
        }
    }
    match child.output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        ),
        Err(error) => eprintln!("not tried: another user cannot run this test: {error}"),
    }
    for path in [bench.data(), bench.data().join("trail")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    nothing_is_lost(&mut bench);
}
