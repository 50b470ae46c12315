//! The two messages, as bytes.
//!
//! | question | answer |
//! |---|---|
//! | `PWQ1` | `PWA1` |
//! | public key, 32 bytes | proof, 64 bytes |
//! | device token, 16 bytes | |
//! | for each of the batch a blinded element, 32 bytes | for each of the batch an evaluated element, 32 bytes |

use super::suite::{ELEMENT_BYTES, Element, PROOF_BYTES};
use crate::{Error, Result};

/// Bytes of a device token.
pub(super) const TOKEN_BYTES: usize = 16;

const QUESTION: &[u8; 4] = b"PWQ1";
const ANSWER: &[u8; 4] = b"PWA1";

pub(super) const fn question_bytes(batch: usize) -> usize {
    QUESTION.len() + ELEMENT_BYTES + TOKEN_BYTES + batch * ELEMENT_BYTES
}

pub(super) const fn answer_bytes(batch: usize) -> usize {
    ANSWER.len() + PROOF_BYTES + batch * ELEMENT_BYTES
}

// What the module promises: both directions together within 64 KiB, for any batch that a request may state.
const _: () = {
    let most = super::limits::MAX_BATCH as usize;
    assert!(question_bytes(most) + answer_bytes(most) <= 64 * 1024);
};

/// What a device asks.
pub(super) struct Question<'a> {
    pub(super) public_key: &'a Element,
    pub(super) device: &'a [u8; TOKEN_BYTES],
    pub(super) elements: &'a [Element],
}

impl<'a> Question<'a> {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let head = [&QUESTION[..], self.public_key, self.device].concat();
        [&head, self.elements.as_flattened()].concat()
    }

    /// Takes a question apart; nothing is computed on the elements yet.
    pub(super) fn parse(bytes: &'a [u8], batch: usize) -> Result<Self> {
        let what = "a question";
        let rest = sized(what, bytes, question_bytes(batch), QUESTION)?;
        let (public_key, rest) = taken(what, rest)?;
        let (device, rest) = taken(what, rest)?;
        Ok(Self {
            public_key,
            device,
            elements: rest.as_chunks().0,
        })
    }
}

/// What the evaluating side answers.
pub(super) struct Answer<'a> {
    pub(super) proof: &'a [u8; PROOF_BYTES],
    pub(super) elements: &'a [Element],
}

impl<'a> Answer<'a> {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let head = [&ANSWER[..], self.proof].concat();
        [&head, self.elements.as_flattened()].concat()
    }

    /// Takes an answer apart.
    pub(super) fn parse(bytes: &'a [u8], batch: usize) -> Result<Self> {
        let what = "an answer";
        let rest = sized(what, bytes, answer_bytes(batch), ANSWER)?;
        let (proof, rest) = taken(what, rest)?;
        Ok(Self {
            proof,
            elements: rest.as_chunks().0,
        })
    }
}

/// What follows the mark of a message that has its one length.
fn sized<'a>(what: &str, bytes: &'a [u8], expected: usize, mark: &[u8; 4]) -> Result<&'a [u8]> {
    if bytes.len() != expected {
        let found = format!("{} bytes", bytes.len());
        return Err(Error::format(what, &format!("{expected} bytes"), &found));
    }
    bytes.strip_prefix(mark).ok_or_else(|| {
        let expected = format!("the mark {}", mark.escape_ascii());
        Error::format(what, &expected, "other bytes")
    })
}

/// The next part of a message.
fn taken<'a, const N: usize>(what: &str, bytes: &'a [u8]) -> Result<(&'a [u8; N], &'a [u8])> {
    bytes.split_first_chunk().ok_or_else(|| {
        let found = format!("{} bytes", bytes.len());
        Error::format(what, &format!("{N} more bytes"), &found)
    })
}
