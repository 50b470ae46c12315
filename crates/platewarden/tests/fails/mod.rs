//! What an error must say.

use platewarden::{ErrorKind, Result};

/// Checks that a call failed, of this kind, and with these words in what it found.
#[track_caller]
pub(crate) fn assert_fails<T>(result: Result<T>, kind: ErrorKind, words: &[&str]) {
    let error = result.err();
    assert!(
        error.is_some(),
        "expected an error of kind {kind:?}, found none"
    );
    let Some(error) = error else { return };
    assert_eq!(error.kind(), kind, "{error}");
    for word in words {
        assert!(error.context().contains(word), "no `{word}`: {error}");
    }
}
