//! Digests of documents.

use platewarden_trail::Digest;
use sha2::{Digest as _, Sha256};

pub(super) fn sha256(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}
