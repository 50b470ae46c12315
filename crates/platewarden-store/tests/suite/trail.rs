//! What is written down, and that nothing leaves without it.

use platewarden_policy::model::State;
use platewarden_trail::{FileStore, Record, Trail};

use crate::support::{Bench, is_in_files, read};

fn records(bench: &Bench) -> Vec<Record> {
    let trail = Trail::new(FileStore::reader(bench.data().join("trail")).unwrap());
    trail
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().record().unwrap())
        .collect()
}

#[test]
fn a_search_leaves_intent_and_release_and_a_denial_its_reasons() {
    if !is_in_files() {
        return;
    }
    let bench = Bench::new(State::Il);
    bench.ingest([read("ABC1234", 5), read("A8C1234", 6)]);
    let answer = bench.store().search(&bench.plate("ABC1234")).unwrap();
    let mut denied = bench
        .request()
        .plate("ABC1234")
        .reason("stolen ABC 1234, red")
        .build();
    denied.case_ref = None;
    bench
        .store()
        .search(&platewarden_store::Search::new(denied).in_dataset("reads"))
        .unwrap_err();
    let records = records(&bench);
    let kinds: Vec<&str> = records.iter().map(Record::kind).collect();
    assert_eq!(
        kinds,
        [
            "request",
            "decision",
            "intent",
            "disclosure",
            "release",
            "request",
            "decision"
        ]
    );
    let (Record::Intent(intent), Record::Release(release)) = (&records[2], &records[4]) else {
        panic!()
    };
    assert_eq!((release.count, answer.rows.len()), (2, 2));
    assert_eq!(release.permit_id, intent.permit_id);
    assert!(
        bench
            .auditor
            .open(&intent.query_sealed)
            .unwrap()
            .contains("ABC1234")
    );
    let Record::Request(request) = &records[5] else {
        panic!()
    };
    assert_eq!(request.purpose_text.as_deref(), Some("stolen [plate], red"));
    // The same person and plate have the same pseudonyms; nothing tells the plate.
    assert_eq!(
        request.query_elements.get("plate_pseudonym"),
        intent.plate_pseudonym.as_ref()
    );
    assert!(!format!("{records:?}").contains("ABC1234"));
    // The release's root is that of the rows handed out.
    let mut tree = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
    for row in &answer.rows {
        tree.push(row.reference.as_str().as_bytes().to_vec());
    }
    let root: Vec<u8> = tree.root().as_bytes().to_vec();
    assert_eq!(release.merkle_root.unwrap().as_bytes().as_slice(), root);
}
