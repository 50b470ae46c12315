//! Keyed tags of plates.
//!
//! A plate is one of some hundred million: an unkeyed hash of it is undone in seconds by trying all. These tags are keyed
//! with the epoch's key, so they say nothing without it, and go dark with it.

use crate::keys::EpochSecrets;
use crate::model::skeleton;

const EXACT: u8 = 1;
const SHAPE: u8 = 2;
const DEDUP: u8 = 3;

/// Tags are 48 bits, six bytes in a B-tree: with a million tags in an epoch one query in 300 million meets a wrong one,
/// and what it meets is opened and compared before it counts.
fn tag(secrets: &EpochSecrets, domain: u8, text: &str) -> i64 {
    let hash = secrets.keyed_hash(domain, &[text.as_bytes()]);
    let bytes = hash
        .as_bytes()
        .first_chunk::<8>()
        .copied()
        .unwrap_or_default();
    i64::from_le_bytes(bytes) & ((1 << 48) - 1)
}

/// The tag of the text itself.
pub(crate) fn exact_tag(secrets: &EpochSecrets, text: &str) -> i64 {
    tag(secrets, EXACT, text)
}

/// The tags under which a plate is filed: its text, its skeleton, and the skeleton with each one character left out.
pub(crate) fn row_tags(secrets: &EpochSecrets, text: &str) -> Vec<i64> {
    let mut tags = vec![exact_tag(secrets, text)];
    tags.extend(
        shapes(text, true)
            .iter()
            .map(|shape| tag(secrets, SHAPE, shape)),
    );
    tags
}

/// The tags under which a plate is looked for: its skeleton, and where one more difference is allowed the skeleton with
/// each one character left out. What two texts share shows one character replaced, missing or added.
pub(crate) fn query_tags(secrets: &EpochSecrets, text: &str, one_edit: bool) -> Vec<i64> {
    shapes(text, one_edit)
        .iter()
        .map(|shape| tag(secrets, SHAPE, shape))
        .collect()
}

fn shapes(text: &str, deletions: bool) -> Vec<String> {
    let whole = skeleton(text);
    let mut shapes = Vec::new();
    if deletions {
        shapes.extend(whole.char_indices().map(|(at, symbol)| {
            let (before, rest) = whole.split_at(at);
            let after = rest.get(symbol.len_utf8()..).unwrap_or_default();
            format!("{before}{after}")
        }));
    }
    shapes.push(whole);
    shapes.sort_unstable();
    shapes.dedup();
    shapes
}

/// What tells one read from another of its plate and epoch: camera, second and the digest of its crop.
pub(crate) fn dedup_tag(
    secrets: &EpochSecrets,
    camera: &str,
    second: i64,
    text: &str,
    digest: Option<&[u8; 32]>,
    kind: u8,
) -> i64 {
    let parts: [&[u8]; 5] = [
        camera.as_bytes(),
        &second.to_le_bytes(),
        text.as_bytes(),
        digest.map_or(&[], |digest| digest.as_slice()),
        &[kind],
    ];
    let hash = secrets.keyed_hash(DEDUP, &parts);
    i64::from_le_bytes(
        hash.as_bytes()
            .first_chunk::<8>()
            .copied()
            .unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;
    use crate::keys::SecretKey;

    fn meets(secrets: &EpochSecrets, stored: &str, asked: &str, one_edit: bool) -> bool {
        let stored = row_tags(secrets, stored);
        query_tags(secrets, asked, one_edit)
            .iter()
            .any(|tag| stored.contains(tag))
    }

    #[test]
    fn look_alikes_and_one_edit_meet() {
        let secrets = EpochSecrets::new(&SecretKey::generate().unwrap());
        assert!(
            meets(&secrets, "A8C1Z34", "ABCI234", false),
            "look-alikes alone"
        );
        assert!(meets(&secrets, "ABC1234", "ABX1234", true), "one replaced");
        assert!(meets(&secrets, "ABC1234", "ABC123", true), "one missing");
        assert!(meets(&secrets, "ABC1234", "ABCK1234", true), "one added");
        assert!(!meets(&secrets, "ABC1234", "ABX1234", false));
        assert!(!meets(&secrets, "ABC1234", "ABC1299", true), "two replaced");
    }

    #[test]
    fn tags_differ_from_key_to_key() {
        let one = EpochSecrets::new(&SecretKey::generate().unwrap());
        let other = EpochSecrets::new(&SecretKey::generate().unwrap());
        assert_ne!(exact_tag(&one, "ABC1234"), exact_tag(&other, "ABC1234"));
        assert_ne!(exact_tag(&one, "ABC1234"), exact_tag(&one, "ABC1235"));
    }
}
