#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::io::{self, Read};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::entry::Scratch;
use super::frame::{FRAME_HEADER_BYTES, Frames, SEGMENT_HEADER_BYTES, SegmentHeader, Step};
use super::*;

fn at(second: u64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + i64::try_from(second).unwrap()).unwrap()
}

fn record(number: u64) -> Record {
    match number % 4 {
        0 => RequestRecord {
            request_id: format!("r-{number}"),
            user_id: "jdoe".into(),
            agency_id: "us-il-springfield-pd".into(),
            access_mode: "historical_plate".into(),
            query_elements: [("plate".to_owned(), format!("XYZ{number}"))].into(),
            purpose_code: "stolen_vehicle_or_plate".into(),
            case_ref: Some(format!("case 26-{number}")),
            ..Default::default()
        }
        .into(),
        1 => DecisionRecord {
            request_id: format!("r-{}", number - 1),
            agency_id: "us-il-springfield-pd".into(),
            outcome: "permit".into(),
            ..Default::default()
        }
        .into(),
        2 => DisclosureRecord {
            request_id: format!("r-{}", number - 2),
            agency_id: "us-il-springfield-pd".into(),
            result_count: number,
            recipients: vec!["us-il-springfield-pd".into()],
            ..Default::default()
        }
        .into(),
        _ => RetentionRecord {
            dataset: "d-1".into(),
            rule: "va-cap".into(),
            deleted: number,
            ..Default::default()
        }
        .into(),
    }
}

fn options() -> TrailOptions {
    TrailOptions::default()
}

/// A log of `count` records in segments of at most `segment_bytes`.
fn log_in_segments(count: u64, segment_bytes: u64) -> MemoryStore {
    let store = MemoryStore::default();
    let mut writer =
        TrailWriter::open(store.clone(), options().with_segment_bytes(segment_bytes)).unwrap();
    for number in 0..count {
        writer.append_at(record(number), at(number)).unwrap();
    }
    store
}

fn log(count: u64) -> MemoryStore {
    log_in_segments(count, 1 << 30)
}

fn verify(store: &MemoryStore) -> Verification {
    Trail::new(store.clone())
        .verify(&VerifyOptions::default())
        .unwrap()
}

fn fault(store: &MemoryStore) -> Fault {
    verify(store).fault.expect("a fault")
}

/// Header and frames of a segment, with the entry in each frame.
fn split(bytes: &[u8]) -> (Vec<u8>, Vec<(Vec<u8>, Entry)>) {
    let (header, rest) = bytes.split_at(SEGMENT_HEADER_BYTES);
    let mut frames = Frames::new(rest, 0);
    let mut out = Vec::new();
    let mut start = 0;
    loop {
        let entry = match frames.step().unwrap() {
            Step::Body(body) => entry::decode(body).unwrap(),
            Step::End => return (header.to_vec(), out),
            other => panic!("{other:?}"),
        };
        let end = usize::try_from(frames.offset()).unwrap();
        out.push((rest[start..end].to_vec(), entry));
        start = end;
    }
}

fn join(header: &[u8], frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    frames
        .into_iter()
        .fold(header.to_vec(), |mut bytes, frame| {
            bytes.extend_from_slice(&frame);
            bytes
        })
}

fn frame_of(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::put(entry, &mut bytes).unwrap();
    bytes
}

fn rehashed(mut entry: Entry) -> Entry {
    entry.hash = Scratch::default().hash(&entry);
    entry
}

#[test]
fn records_come_back_as_they_were_written() {
    let store = log_in_segments(40, 2_000);
    assert!(store.segments().unwrap().len() > 3, "several segments");
    let trail = Trail::new(store.clone());
    for (number, entry) in (0_u64..).zip(trail.entries().unwrap()) {
        let entry = entry.unwrap();
        assert_eq!(entry.sequence(), number);
        assert_eq!(entry.at(), at(number));
        assert_eq!(entry.record().unwrap(), record(number));
    }
    assert_eq!(trail.entries().unwrap().count(), 40);
    assert_eq!(
        trail
            .entries_from(33)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .sequence(),
        33
    );
    assert_eq!(
        trail.entry(17).unwrap().unwrap().record().unwrap(),
        record(17)
    );
    assert_eq!(trail.entry(40).unwrap(), None);
    let verification = verify(&store);
    assert!(verification.is_intact(), "{verification:?}");
    assert_eq!(verification.records, 40);
}

#[test]
fn writing_goes_on_where_it_stopped() {
    let store = log_in_segments(7, 1_500);
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    assert_eq!((writer.len(), writer.recovered()), (7, None));
    assert_eq!(writer.append_at(record(7), at(7)).unwrap().sequence, 7);
    assert!(verify(&store).is_intact());
}

#[test]
fn a_batch_lands_whole_and_in_order() {
    let store = MemoryStore::default();
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    let receipts = writer
        .append_all((0..9).map(|number| (record(number), at(number))))
        .unwrap();
    assert_eq!(
        receipts
            .iter()
            .map(|receipt| receipt.sequence)
            .collect::<Vec<_>>(),
        (0..9).collect::<Vec<_>>()
    );
    assert_eq!(receipts.last().unwrap().hash, writer.head());
    assert!(verify(&store).is_intact());
    assert_eq!(writer.append_all([]).unwrap(), []);
}

#[test]
fn a_write_cut_short_at_any_byte_loses_nothing_before_it() {
    let whole = log(6).segment(0).unwrap();
    let (_, frames) = split(&whole);
    let mut ends = vec![SEGMENT_HEADER_BYTES];
    for (frame, _) in &frames {
        ends.push(ends.last().unwrap() + frame.len());
    }
    for len in 1..whole.len() {
        let store = MemoryStore::default();
        store.replace_segment(0, whole[..len].to_vec());
        let before = ends
            .iter()
            .filter(|end| **end <= len)
            .count()
            .saturating_sub(1) as u64;
        let torn = if len < SEGMENT_HEADER_BYTES {
            len
        } else {
            len - ends.iter().filter(|end| **end <= len).max().unwrap()
        };
        // A reader beside the writer sees the records that are whole, and no error.
        assert_eq!(
            Trail::new(store.clone())
                .entries()
                .unwrap()
                .map(Result::unwrap)
                .count() as u64,
            before,
            "{len}"
        );

        let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
        assert_eq!(
            writer.recovered().map_or(0, |cut| cut.bytes),
            torn as u64,
            "{len}"
        );
        let mended = u64::from(torn > 0);
        assert_eq!(
            writer.append_at(record(before), at(99)).unwrap().sequence,
            before + mended,
            "{len}"
        );
        let verification = verify(&store);
        assert!(verification.is_intact(), "{len}: {verification:?}");
        let entries: Vec<Entry> = Trail::new(store.clone())
            .entries()
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (number, entry) in (0..before).zip(&entries) {
            assert_eq!(entry.record().unwrap(), record(number), "{len}");
        }
        if torn > 0 {
            assert_eq!(entries[usize::try_from(before).unwrap()].kind(), "recovery");
            assert_eq!(
                store.aside().concat(),
                whole[len - torn..len],
                "the bytes cut off are kept"
            );
        }
    }
}

#[test]
fn zeros_that_the_device_never_got_are_a_torn_end() {
    let store = log(5);
    let mut bytes = store.segment(0).unwrap();
    bytes.extend_from_slice(&[0; 700]);
    store.replace_segment(0, bytes);
    let writer = TrailWriter::open(store.clone(), options()).unwrap();
    assert_eq!(writer.recovered().unwrap().bytes, 700);
    assert!(verify(&store).is_intact());
}

#[test]
fn a_segment_that_was_begun_and_no_more_is_taken_back() {
    let store = log(5);
    store.replace_segment(5, vec![b'P'; 20]);
    let writer = TrailWriter::open(store.clone(), options()).unwrap();
    assert_eq!(writer.len(), 6);
    assert_eq!(store.segments().unwrap(), [0]);
    assert!(verify(&store).is_intact());
}

#[test]
fn damage_before_whole_records_is_never_cut_off_unasked() {
    let whole = log(6).segment(0).unwrap();
    let (header, frames) = split(&whole);
    let third = header.len() + frames[0].0.len() + frames[1].0.len();
    for byte in third..third + frames[2].0.len() {
        let store = MemoryStore::default();
        let mut bytes = whole.clone();
        bytes[byte] ^= 0x40;
        store.replace_segment(0, bytes.clone());
        let error = TrailWriter::open(store.clone(), options())
            .map(|_| ())
            .unwrap_err();
        assert!(
            error.kind() == ErrorKind::TrailDamaged && error.context().contains("record 2 belongs"),
            "{byte}: {error}"
        );
        assert_eq!(store.segment(0).unwrap(), bytes, "nothing was touched");

        let writer =
            TrailWriter::open(store.clone(), options().with_damage_set_aside(true)).unwrap();
        assert_eq!(
            writer.len(),
            3,
            "two whole records and the one that tells of the cut"
        );
        assert_eq!(store.aside().concat(), bytes[third..]);
        assert!(verify(&store).is_intact());
    }
}

#[test]
fn verify_names_the_record_of_any_byte_flipped() {
    let store = log_in_segments(9, 1_500);
    for segment in store.segments().unwrap() {
        let whole = store.segment(segment).unwrap();
        let (header, frames) = split(&whole);
        for byte in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1 << (byte % 8);
            store.replace_segment(segment, bytes);
            let mut end = header.len();
            let inside = frames
                .iter()
                .take_while(|(frame, _)| {
                    end += frame.len();
                    end <= byte
                })
                .count() as u64;
            let expected = if byte < header.len() {
                segment
            } else {
                segment + inside
            };
            let found = fault(&store);
            assert_eq!(
                found.sequence, expected,
                "byte {byte} of segment {segment}: {found}"
            );
        }
        store.replace_segment(segment, whole);
    }
    assert!(verify(&store).is_intact());
}

/// Replaces records of a one-segment log by what `change` makes of the frames.
fn tampered(count: u64, change: impl FnOnce(&mut Vec<(Vec<u8>, Entry)>)) -> MemoryStore {
    let store = log(count);
    let (header, mut frames) = split(&store.segment(0).unwrap());
    change(&mut frames);
    store.replace_segment(0, join(&header, frames.into_iter().map(|(frame, _)| frame)));
    store
}

#[test]
fn altered_without_a_new_hash() {
    for number in 0..6 {
        let store = tampered(6, |frames| {
            let (frame, entry) = &mut frames[number];
            entry.fields[0].value = "\"someone else\"".into();
            *frame = frame_of(entry);
        });
        let found = fault(&store);
        assert_eq!(
            (found.sequence, found.kind),
            (number as u64, FaultKind::Altered),
            "{found}"
        );
    }
}

#[test]
fn altered_and_hashed_anew() {
    for number in 0..5 {
        let store = tampered(6, |frames| {
            let (frame, entry) = &mut frames[number];
            entry.fields[0].value = "\"someone else\"".into();
            *frame = frame_of(&rehashed(entry.clone()));
        });
        let verification = verify(&store);
        let found = verification.fault.unwrap();
        assert_eq!(
            (found.sequence, found.kind),
            (number as u64, FaultKind::Altered),
            "{found}"
        );
        assert_eq!(verification.records, number as u64);
    }
}

#[test]
fn a_link_that_was_changed() {
    for number in 1..5 {
        let store = tampered(6, |frames| {
            let (frame, entry) = &mut frames[number];
            entry.previous = Digest::blake3(b"another");
            *frame = frame_of(&rehashed(entry.clone()));
        });
        assert_eq!(fault(&store).sequence, number as u64);
    }
}

#[test]
fn the_last_record_hashed_anew_shows_by_a_checkpoint() {
    let key = CheckpointKey::from_seed(&[3; 32]);
    let store = log(6);
    let checkpoint = TrailWriter::open(store.clone(), options())
        .unwrap()
        .checkpoint(&key)
        .unwrap();
    let (header, mut frames) = split(&store.segment(0).unwrap());
    let (frame, entry) = &mut frames[5];
    entry.fields[0].value = "\"someone else\"".into();
    *frame = frame_of(&rehashed(entry.clone()));
    store.replace_segment(0, join(&header, frames.into_iter().map(|(frame, _)| frame)));
    let found = fault(&store);
    assert_eq!(found.kind, FaultKind::Rewritten { until: 5 }, "{found}");
    // Without the stored one, the copy kept elsewhere does the same.
    let bare = MemoryStore::default();
    bare.replace_segment(0, store.segment(0).unwrap());
    assert!(verify(&bare).is_intact());
    let options = VerifyOptions::default().with_checkpoint(checkpoint);
    assert!(!Trail::new(bare).verify(&options).unwrap().is_intact());
}

#[test]
fn removed_reordered_repeated() {
    for number in 0..5 {
        let found = fault(&tampered(6, |frames| {
            frames.remove(number);
        }));
        assert_eq!(
            (found.sequence, found.kind),
            (number as u64, FaultKind::Removed { count: 1 }),
            "{found}"
        );
        let found = fault(&tampered(6, |frames| frames.swap(number, number + 1)));
        assert_eq!(
            (found.sequence, found.kind),
            (
                number as u64,
                FaultKind::Reordered {
                    found: number as u64 + 1
                }
            ),
            "{found}"
        );
        let found = fault(&tampered(6, |frames| {
            let twice = frames[number].clone();
            frames.insert(number + 1, twice);
        }));
        assert_eq!(
            (found.sequence, found.kind),
            (number as u64, FaultKind::Repeated),
            "{found}"
        );
    }
    let found = fault(&tampered(8, |frames| {
        frames.drain(2..5);
    }));
    assert_eq!(
        (found.sequence, found.kind),
        (2, FaultKind::Removed { count: 3 })
    );
}

#[test]
fn a_record_of_another_log_does_not_fit() {
    let (_, others) = split(&log(6).segment(0).unwrap());
    let found = fault(&tampered(6, |frames| frames[3] = others[3].clone()));
    assert_eq!(found.sequence, 3, "{found}");
}

#[test]
fn a_segment_gone_or_exchanged() {
    let store = log_in_segments(20, 1_500);
    let segments = store.segments().unwrap();
    let middle = store.segment(segments[2]).unwrap();
    let mut writable = store.clone();
    writable.truncate(segments[2], 0).unwrap();
    let found = fault(&store);
    assert_eq!(found.sequence, segments[2]);
    assert_eq!(
        found.kind,
        FaultKind::Removed {
            count: segments[3] - segments[2]
        }
    );
    store.replace_segment(segments[2], middle);
    assert!(verify(&store).is_intact());

    let foreign = log_in_segments(20, 1_500);
    store.replace_segment(segments[2], foreign.segment(segments[2]).unwrap());
    let found = fault(&store);
    assert_eq!(
        (found.sequence, found.kind),
        (segments[2], FaultKind::Segment),
        "{found}"
    );
}

#[test]
fn a_cut_off_end_shows_by_a_checkpoint() {
    let key = CheckpointKey::from_seed(&[3; 32]);
    let store = log(6);
    TrailWriter::open(store.clone(), options())
        .unwrap()
        .checkpoint(&key)
        .unwrap();
    let verification = verify(&store);
    assert!(verification.is_intact());
    assert_eq!((verification.vouched, verification.checkpoints), (6, 1));

    let (header, frames) = split(&store.segment(0).unwrap());
    store.replace_segment(
        0,
        join(&header, frames.into_iter().take(4).map(|(frame, _)| frame)),
    );
    let found = fault(&store);
    assert_eq!(
        (found.sequence, found.kind),
        (4, FaultKind::Truncated { count: 2 }),
        "{found}"
    );
    let error = TrailWriter::open(store, options()).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TrailTruncated);
    assert!(
        error
            .context()
            .contains("has 4 records, its last checkpoint states 6"),
        "{error}"
    );
}

#[test]
fn checkpoints_of_others_do_not_count() {
    let store = log(6);
    let stranger = CheckpointKey::from_seed(&[9; 32]);
    let trusted = CheckpointKey::from_seed(&[3; 32]);
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    let good = writer.checkpoint(&stranger).unwrap();
    let options = VerifyOptions::default().with_trusted_key(trusted.public());
    let verification = Trail::new(store.clone()).verify(&options).unwrap();
    assert_eq!(
        (verification.vouched, verification.checkpoints_ignored),
        (0, 1)
    );

    let forged = Checkpoint { records: 9, ..good };
    let verification = Trail::new(store)
        .verify(&VerifyOptions::default().with_checkpoint(forged))
        .unwrap();
    assert_eq!(verification.fault.unwrap().kind, FaultKind::Checkpoint);

    let elsewhere = TrailWriter::open(log(2), super::TrailOptions::default())
        .unwrap()
        .checkpoint(&trusted)
        .unwrap();
    let verification = Trail::new(log(6))
        .verify(&VerifyOptions::default().with_checkpoint(elsewhere))
        .unwrap();
    assert_eq!(verification.fault.unwrap().kind, FaultKind::Checkpoint);
}

#[test]
fn an_empty_trail_is_intact_until_a_checkpoint_says_otherwise() {
    let store = MemoryStore::default();
    assert!(verify(&store).is_intact());
    let key = CheckpointKey::from_seed(&[3; 32]);
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    assert!(writer.is_empty());
    writer.checkpoint(&key).unwrap();
    assert!(verify(&store).is_intact());
    writer.append_at(record(0), at(0)).unwrap();
    assert!(verify(&store).is_intact());
    let checkpoint = writer.checkpoint(&key).unwrap();
    let verification = Trail::new(MemoryStore::default())
        .verify(&VerifyOptions::default().with_checkpoint(checkpoint))
        .unwrap();
    assert_eq!(
        verification.fault.unwrap().kind,
        FaultKind::Truncated { count: 1 }
    );
}

#[test]
fn an_oversized_record_is_refused_and_the_trail_goes_on() {
    let store = log(2);
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    let large = DisclosureRecord {
        recipients: vec!["x".repeat(MAX_RECORD_BYTES)],
        ..Default::default()
    };
    let error = writer.append(large).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Trail);
    assert!(error.context().contains("record 2:"), "{error}");
    assert_eq!(writer.append_at(record(2), at(2)).unwrap().sequence, 2);
    assert!(verify(&store).is_intact());
}

/// A store whose device can be made to fail, and that counts what it was asked to do.
#[derive(Clone, Default)]
struct Faulty {
    inner: MemoryStore,
    state: Arc<Mutex<FaultyState>>,
}

#[derive(Default)]
struct FaultyState {
    /// Bytes that the next `append` still takes before the device is full.
    room: Option<usize>,
    truncate_fails: bool,
    sync_fails: bool,
    syncs: usize,
}

impl TrailRead for Faulty {
    fn segments(&self) -> io::Result<Vec<u64>> {
        self.inner.segments()
    }
    fn open(&self, first: u64) -> io::Result<Box<dyn Read + '_>> {
        self.inner.open(first)
    }
    fn checkpoints(&self) -> io::Result<Vec<u8>> {
        self.inner.checkpoints()
    }
}

impl TrailWrite for Faulty {
    fn create(&mut self, first: u64, header: &[u8]) -> io::Result<()> {
        self.inner.create(first, header)
    }
    fn append(&mut self, first: u64, bytes: &[u8]) -> io::Result<()> {
        let room = self.state.lock().unwrap().room.take();
        match room {
            Some(room) => {
                self.inner.append(first, &bytes[..room.min(bytes.len())])?;
                Err(io::ErrorKind::StorageFull.into())
            }
            None => self.inner.append(first, bytes),
        }
    }
    fn truncate(&mut self, first: u64, len: u64) -> io::Result<()> {
        if self.state.lock().unwrap().truncate_fails {
            return Err(io::Error::other("the device is gone"));
        }
        self.inner.truncate(first, len)
    }
    fn set_aside(&mut self, first: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.inner.set_aside(first, offset, bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.syncs += 1;
        if state.sync_fails {
            Err(io::Error::other("the device is gone"))
        } else {
            Ok(())
        }
    }
    fn append_checkpoint(&mut self, line: &[u8]) -> io::Result<()> {
        self.inner.append_checkpoint(line)
    }
}

#[test]
fn a_full_device_takes_nothing_back_that_was_acknowledged() {
    for room in 0..400 {
        let store = Faulty::default();
        let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
        writer.append_at(record(0), at(0)).unwrap();
        store.state.lock().unwrap().room = Some(room);
        assert_eq!(
            writer.append_at(record(1), at(1)).unwrap_err().kind(),
            ErrorKind::Stream
        );
        assert_eq!(
            writer.append_at(record(1), at(2)).unwrap().sequence,
            1,
            "room again"
        );
        drop(writer);
        assert!(verify(&store.inner).is_intact());
        assert_eq!(verify(&store.inner).records, 2);
    }
}

#[test]
fn a_failure_that_cannot_be_taken_back_stops_the_writer() {
    let store = Faulty::default();
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    writer.append_at(record(0), at(0)).unwrap();
    {
        let mut state = store.state.lock().unwrap();
        state.room = Some(50);
        state.truncate_fails = true;
    }
    assert!(writer.append_at(record(1), at(1)).is_err());
    assert_eq!(
        writer.append_at(record(1), at(1)).unwrap_err().kind(),
        ErrorKind::TrailBroken
    );
    assert_eq!(
        writer
            .checkpoint(&CheckpointKey::from_seed(&[1; 32]))
            .unwrap_err()
            .kind(),
        ErrorKind::TrailBroken
    );
    store.state.lock().unwrap().truncate_fails = false;
    drop(writer);
    let writer = TrailWriter::open(store.clone(), options()).unwrap();
    assert_eq!(writer.recovered().unwrap().bytes, 50);
    assert!(verify(&store.inner).is_intact());

    let store = Faulty::default();
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    store.state.lock().unwrap().sync_fails = true;
    assert!(writer.append_at(record(0), at(0)).is_err());
    store.state.lock().unwrap().sync_fails = false;
    assert_eq!(
        writer.append_at(record(1), at(1)).unwrap_err().kind(),
        ErrorKind::TrailBroken,
        "a flush that failed is not trusted the second time"
    );
}

#[test]
fn the_device_is_flushed_as_the_policy_says() {
    let syncs = |policy: FsyncPolicy| {
        let store = Faulty::default();
        let mut writer = TrailWriter::open(store.clone(), options().with_fsync(policy)).unwrap();
        for number in 0..10 {
            writer.append_at(record(number), at(number)).unwrap();
        }
        let appended = store.state.lock().unwrap().syncs;
        writer
            .checkpoint(&CheckpointKey::from_seed(&[1; 32]))
            .unwrap();
        (appended, store.state.lock().unwrap().syncs)
    };
    assert_eq!(syncs(FsyncPolicy::EveryRecord), (10, 10));
    assert_eq!(syncs(FsyncPolicy::OnCheckpoint), (0, 1));
    assert_eq!(
        syncs(FsyncPolicy::Interval(Duration::from_secs(3600))),
        (0, 1)
    );
    assert_eq!(syncs(FsyncPolicy::Interval(Duration::ZERO)), (10, 10));
}

#[test]
fn a_redacted_copy_hides_and_verifies() {
    let key = CheckpointKey::from_seed(&[3; 32]);
    let store = log_in_segments(20, 2_000);
    let mut writer = TrailWriter::open(store.clone(), options()).unwrap();
    writer.checkpoint(&key).unwrap();
    writer.append_at(record(20), at(20)).unwrap();
    let trail = Trail::new(store);
    let mut copy = Vec::new();
    assert_eq!(
        export(&trail, &ExportOptions::new(Redaction::public()), &mut copy).unwrap(),
        21
    );
    let text = String::from_utf8(copy.clone()).unwrap();
    for secret in ["XYZ", "jdoe", "case 26"] {
        assert!(!text.contains(secret), "{secret} shows");
    }
    assert!(text.contains("us-il-springfield-pd"));
    let found = verify_export(copy.as_slice(), &[key.public()]).unwrap();
    assert!(found.is_intact(), "{found:?}");
    assert_eq!(
        (found.records, found.vouched, found.head),
        (21, 20, writer.head())
    );
    assert!(found.disclosed > 0 && found.withheld > 0);

    let part = ExportOptions::new(Redaction::nothing()).with_range(5..12);
    let mut copy = Vec::new();
    assert_eq!(export(&trail, &part, &mut copy).unwrap(), 7);
    let found = verify_export(copy.as_slice(), &[]).unwrap();
    assert!(found.is_intact(), "{found:?}");
    assert_eq!((found.first, found.records, found.disclosed), (5, 7, 0));
    for range in [0..0, 7..7, 21..30, 99..100] {
        let mut copy = Vec::new();
        assert_eq!(
            export(
                &trail,
                &ExportOptions::new(Redaction::everything()).with_range(range),
                &mut copy
            )
            .unwrap(),
            0
        );
        assert!(verify_export(copy.as_slice(), &[]).unwrap().is_intact());
    }
}

#[test]
fn lines_removed_from_or_moved_in_a_copy_show() {
    let trail = Trail::new(log(8));
    let mut copy = Vec::new();
    export(&trail, &ExportOptions::new(Redaction::public()), &mut copy).unwrap();
    let lines: Vec<String> = String::from_utf8(copy)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    for number in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(number);
        assert!(
            !verify_export(fewer.join("\n").as_bytes(), &[])
                .unwrap()
                .is_intact(),
            "line {number} removed"
        );
        if number + 1 < lines.len() {
            let mut moved = lines.clone();
            moved.swap(number, number + 1);
            assert!(
                !verify_export(moved.join("\n").as_bytes(), &[])
                    .unwrap()
                    .is_intact(),
                "line {number} moved"
            );
        }
    }
}

#[test]
fn one_field_can_be_opened_later() {
    let trail = Trail::new(log(8));
    let mut copy = Vec::new();
    export(&trail, &ExportOptions::new(Redaction::public()), &mut copy).unwrap();
    let text = String::from_utf8(copy).unwrap();
    let line = text.lines().nth(5).unwrap();
    let opening = open_field(&trail, 4, "query_elements").unwrap().unwrap();
    assert_eq!(opening.value, r#"{"plate":"XYZ4"}"#);
    assert!(verify_opening(line, &opening).unwrap());
    let lie = Opening {
        value: r#"{"plate":"XYZ5"}"#.into(),
        ..opening.clone()
    };
    assert!(!verify_opening(line, &lie).unwrap());
    assert!(
        verify_opening(
            line,
            &Opening {
                sequence: 5,
                ..opening.clone()
            }
        )
        .is_err()
    );
    assert!(
        verify_opening(
            line,
            &Opening {
                name: "nothing".into(),
                ..opening
            }
        )
        .is_err()
    );
    assert_eq!(open_field(&trail, 4, "nothing").unwrap(), None);
    assert_eq!(open_field(&trail, 8, "query_elements").unwrap(), None);
}

#[test]
fn a_broken_trail_is_not_exported() {
    let store = tampered(6, |frames| {
        frames.remove(2);
    });
    let refused = export(
        &Trail::new(store),
        &ExportOptions::new(Redaction::public()),
        Vec::new(),
    );
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Trail);
    assert!(error.context().contains("record 2:"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any change to any field of any record, with all hashes inside that record made good, is found at that record.
    #[test]
    fn a_careful_forger_is_found_at_the_right_record(number in 0_usize..19, field in 0_usize..32, text in "[a-z]{1,8}", drop in any::<bool>()) {
        let store = tampered(20, |frames| {
            let (frame, entry) = &mut frames[number];
            let field = field % entry.fields.len();
            if drop { entry.fields.remove(field); } else { entry.fields[field].value = format!("\"!{text}\""); }
            *frame = frame_of(&rehashed(entry.clone()));
        });
        let found = fault(&store);
        prop_assert_eq!((found.sequence, found.kind), (number as u64, FaultKind::Altered));
    }

    /// Bytes changed in a redacted copy either show or change nothing of what it says.
    #[test]
    fn a_changed_copy_shows(position in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
        let trail = Trail::new(log(6));
        let mut copy = Vec::new();
        export(&trail, &ExportOptions::new(Redaction::public()), &mut copy).unwrap();
        let before = verify_export(copy.as_slice(), &[]).unwrap();
        let at = position.index(copy.len());
        let old = std::mem::replace(&mut copy[at], byte);
        let after = verify_export(copy.as_slice(), &[]).unwrap();
        let same_case = old.eq_ignore_ascii_case(&byte) || (old == b'T' && byte == b' ');
        prop_assert!(!after.is_intact() || (after == before && same_case), "{} for {} at {}", byte as char, old as char, at);
    }

    /// Reading and verifying any bytes ends without a panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), keep in any::<prop::sample::Index>()) {
        let store = log(3);
        let mut mixed = store.segment(0).unwrap();
        mixed.truncate(keep.index(mixed.len()));
        mixed.extend_from_slice(&bytes);
        store.replace_segment(0, mixed);
        let trail = Trail::new(store.clone());
        let _ = trail.entries().unwrap().count();
        let _ = trail.verify(&VerifyOptions::default()).unwrap();
        let _ = TrailWriter::open(store.clone(), options().with_damage_set_aside(true)).unwrap();
        prop_assert!(verify(&store).is_intact());
    }
}

#[test]
fn heads_of_segments_survive_their_bytes() {
    let header = SegmentHeader {
        log_id: [5; 16],
        first: 77,
        previous: Digest::blake3(b"x"),
    };
    let bytes = header.encode();
    assert_eq!(
        (bytes.len(), SegmentHeader::decode(&bytes)),
        (SEGMENT_HEADER_BYTES, Some(header))
    );
    assert_eq!(FRAME_HEADER_BYTES, 16);
}
