//! The trail in real files: locks, readers beside the writer, and a writer that is killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use platewarden_trail::ErrorKind;
use platewarden_trail::{
    CheckpointKey, DisclosureRecord, FaultKind, FileStore, FsyncPolicy, Trail, TrailOptions,
    TrailWriter, VerifyOptions,
};

fn record(number: u64) -> DisclosureRecord {
    DisclosureRecord {
        request_id: format!("r-{number}"),
        result_count: number,
        ..Default::default()
    }
}

fn open(folder: &Path, options: TrailOptions) -> TrailWriter<FileStore> {
    TrailWriter::open(FileStore::writer(folder).unwrap(), options).unwrap()
}

fn read(folder: &Path) -> Trail<FileStore> {
    Trail::new(FileStore::reader(folder).unwrap())
}

#[test]
fn one_writer_and_many_readers() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = open(
        folder.path(),
        TrailOptions::default().with_segment_bytes(1_000),
    );
    assert_eq!(
        FileStore::writer(folder.path()).unwrap_err().kind(),
        ErrorKind::TrailLocked
    );
    let (one, two) = (read(folder.path()), read(folder.path()));
    for number in 0..30 {
        writer.append(record(number)).unwrap();
        assert_eq!(
            one.entries().unwrap().map(Result::unwrap).count() as u64,
            number + 1
        );
    }
    assert!(two.verify(&VerifyOptions::default()).unwrap().is_intact());
    drop(writer);
    let writer = open(folder.path(), TrailOptions::default());
    assert_eq!(writer.len(), 30);
}

#[test]
fn a_reader_does_not_write() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), TrailOptions::default()));
    let mut writer = TrailWriter::open(
        FileStore::reader(folder.path()).unwrap(),
        TrailOptions::default(),
    )
    .unwrap();
    assert!(writer.append(record(0)).is_err());
    assert_eq!(
        FileStore::reader(folder.path().join("nowhere"))
            .unwrap_err()
            .kind(),
        ErrorKind::Io
    );
}

#[test]
fn a_torn_file_is_mended() {
    let whole = tempfile::tempdir().unwrap();
    let mut writer = open(
        whole.path(),
        TrailOptions::default().with_fsync(FsyncPolicy::OnCheckpoint),
    );
    for number in 0..4 {
        writer.append(record(number)).unwrap();
    }
    drop(writer);
    let name = "00000000000000000000.pwtrail";
    let bytes = fs::read(whole.path().join(name)).unwrap();
    // Every byte is tried in memory; real files are slow, since each is flushed to the device.
    for len in (0..bytes.len()).step_by(37) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), &bytes[..len]).unwrap();
        let before = read(folder.path())
            .entries()
            .unwrap()
            .map(Result::unwrap)
            .count() as u64;
        let mut writer = open(
            folder.path(),
            TrailOptions::default().with_fsync(FsyncPolicy::OnCheckpoint),
        );
        let mended = u64::from(writer.recovered().is_some());
        assert_eq!(
            writer.append(record(9)).unwrap().sequence,
            before + mended,
            "cut at {len}"
        );
        drop(writer);
        let verification = read(folder.path())
            .verify(&VerifyOptions::default())
            .unwrap();
        assert!(verification.is_intact(), "cut at {len}: {verification:?}");
    }
}

#[test]
fn checkpoints_lie_beside_the_trail() {
    let folder = tempfile::tempdir().unwrap();
    let key = CheckpointKey::from_seed(&[1; 32]);
    let mut writer = open(folder.path(), TrailOptions::default());
    writer.append(record(0)).unwrap();
    writer.checkpoint(&key).unwrap();
    // A crash in the middle of writing a checkpoint leaves half a line.
    let path = folder.path().join("checkpoints.jsonl");
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"log_id\":\"12");
    fs::write(&path, text).unwrap();
    writer.append(record(1)).unwrap();
    writer.checkpoint(&key).unwrap();
    drop(writer);

    let options = VerifyOptions::default().with_trusted_key(key.public());
    let verification = read(folder.path()).verify(&options).unwrap();
    assert!(verification.is_intact(), "{verification:?}");
    assert_eq!(
        (
            verification.checkpoints,
            verification.checkpoints_ignored,
            verification.vouched
        ),
        (2, 1, 2)
    );

    let name = folder.path().join("00000000000000000000.pwtrail");
    let len = fs::metadata(&name).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(&name)
        .unwrap()
        .set_len(len - 1)
        .unwrap();
    let fault = read(folder.path()).verify(&options).unwrap().fault.unwrap();
    assert!(matches!(fault.kind, FaultKind::TornTail { .. }), "{fault}");
    let refused = TrailWriter::open(
        FileStore::writer(folder.path()).unwrap(),
        TrailOptions::default(),
    );
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TrailTruncated);
    assert!(
        error
            .context()
            .contains("has 1 records, its last checkpoint states 2"),
        "{error}"
    );
}

const CHILD: &str = "PLATEWARDEN_TEST_TRAIL";

/// Not a test of its own: the process that `a_killed_writer_keeps_its_word` kills.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let options = TrailOptions::default()
        .with_fsync(FsyncPolicy::OnCheckpoint)
        .with_segment_bytes(20_000);
    let mut writer = open(Path::new(&folder), options);
    for number in 0.. {
        let receipt = writer.append(record(number)).unwrap();
        println!("acknowledged {}", receipt.sequence);
    }
}

#[test]
fn a_killed_writer_keeps_its_word() {
    let folder = tempfile::tempdir().unwrap();
    let mut least = 0;
    for round in 1..=5_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "child_that_writes_until_it_is_killed",
                "--nocapture",
            ])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut acknowledged = None;
        for line in BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
        {
            let Some(sequence) = line
                .rsplit_once("acknowledged ")
                .and_then(|(_, number)| number.parse::<u64>().ok())
            else {
                continue;
            };
            acknowledged = Some(sequence);
            if sequence >= least + 150 * round {
                child.kill().unwrap();
                break;
            }
        }
        child.wait().unwrap();
        let acknowledged = acknowledged.expect("the child wrote nothing");
        // The lock went with the process, and every record it acknowledged is there.
        let writer = open(folder.path(), TrailOptions::default());
        assert!(
            writer.len() > acknowledged,
            "{} records, {acknowledged} acknowledged",
            writer.len()
        );
        least = writer.len();
        drop(writer);
        let verification = read(folder.path())
            .verify(&VerifyOptions::default())
            .unwrap();
        assert!(verification.is_intact(), "{verification:?}");
    }
}
