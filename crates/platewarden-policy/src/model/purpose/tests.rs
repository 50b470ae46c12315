#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

#[test]
fn kinds_round_trip() {
    for kind in PurposeKind::ALL {
        let purpose = Purpose::from(*kind);
        assert_eq!(purpose.kind(), *kind);
        let json = serde_json::to_string(&purpose).unwrap();
        assert_eq!(serde_json::from_str::<Purpose>(&json).unwrap(), purpose);
    }
}

#[test]
fn alerts_are_read_from_words_and_objects() {
    let amber = Purpose::MissingOrEndangered {
        alert: Some(Alert::Amber),
    };
    assert_eq!(Purpose::from_word("AMBER alert"), amber);
    let json = r#"{"kind":"missing_or_endangered","alert":"amber"}"#;
    assert_eq!(serde_json::from_str::<Purpose>(json).unwrap(), amber);
    assert!(serde_json::from_str::<Purpose>(&json.replace("amber", "AMBER")).is_err());
    assert!(serde_json::from_str::<Purpose>(r#"{"kind":"drug","allert":"amber"}"#).is_err());
}
