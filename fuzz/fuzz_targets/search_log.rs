//! Any bytes as a search log: no panic, and no row lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platewarden_audit::export::{EventReader, Reader, Row};

fuzz_target!(|data: &[u8]| {
    // With a header of our own, so that most inputs reach the rows.
    let mut file =
        b"ID, Org Name, Time Frame, License Plate, Reason, Search Time, Search Type\n".to_vec();
    file.extend_from_slice(data);
    for input in [data, file.as_slice()] {
        if let Ok(mut reader) = Reader::new(input) {
            let mut rows = 0;
            while let Ok(Some(row)) = reader.next_row() {
                rows += 1;
                if let Row::Search(record) = row {
                    let _ = (
                        record.time_frame(),
                        record.mode(),
                        record.duplicate_key(&[0; 32]),
                        record.is_login_of_another(),
                        record.row_id(),
                    );
                    if let Some(org) = record.org() {
                        let _ = org.to_agency();
                    }
                }
            }
            assert_eq!(reader.position().rows, rows);
        }
        if let Ok(reader) = EventReader::new(input) {
            let _ = reader.take(1_000).filter_map(Result::ok).count();
        }
    }
});
