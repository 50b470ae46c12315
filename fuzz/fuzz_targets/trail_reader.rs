//! Whatever bytes lie in a trail's segment: reading, verifying and opening end with an answer, and what opening leaves
//! is a trail that verifies.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platewarden_trail::{
    DisclosureRecord, MemoryStore, Trail, TrailOptions, TrailWriter, VerifyOptions, verify_export,
};

fuzz_target!(|data: &[u8]| {
    // The first two bytes choose where, in a good trail of a few records, the rest is laid over or appended.
    let Some(([a, b], bytes)) = data.split_first_chunk::<2>() else {
        return;
    };
    let store = MemoryStore::default();
    {
        let Ok(mut writer) = TrailWriter::open(store.clone(), TrailOptions::default()) else {
            return;
        };
        for number in 0..3 {
            let record = DisclosureRecord {
                request_id: format!("r-{number}"),
                ..Default::default()
            };
            writer.append(record).expect("memory takes it");
        }
    }
    let mut segment = store.segment(0).unwrap_or_default();
    let at = usize::from(u16::from_le_bytes([*a, *b])) % (segment.len() + 1);
    segment.truncate(at);
    segment.extend_from_slice(bytes);
    store.replace_segment(0, segment);

    let trail = Trail::new(store.clone());
    let _ = trail
        .entries()
        .expect("memory is read")
        .map(|entry| entry.map(|entry| entry.record().is_ok()))
        .count();
    let _ = trail
        .verify(&VerifyOptions::default())
        .expect("memory is read");
    let _ = TrailWriter::open(store.clone(), TrailOptions::default()).map(|_| ());
    let options = TrailOptions::default().with_damage_set_aside(true);
    if TrailWriter::open(store, options).is_ok() {
        // Records with good checksums and bad links are for `verify` to find, not for opening.
        let _ = trail
            .verify(&VerifyOptions::default())
            .expect("memory is read");
    }
    let _ = verify_export(data, &[]);
});
