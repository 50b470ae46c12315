//! Sealing: ChaCha20-Poly1305 under a key of its own for each use, with the place of the bytes as associated data.

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, Payload};

use super::secret::fill_random;
use crate::{Error, ErrorKind, Result};

const NONCE_BYTES: usize = 12;

/// Where sealed bytes belong; they open nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealed<'a> {
    /// What they are: `read`, `dictionary` and so on.
    pub(crate) kind: &'a str,
    /// The epoch, or 0.
    pub(crate) epoch: u32,
    /// The row within it.
    pub(crate) row: u64,
    /// And what else tells the row from others.
    pub(crate) part: u64,
}

impl Sealed<'_> {
    fn associated(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32);
        bytes.push(crate::SCHEMA);
        bytes.extend_from_slice(&self.epoch.to_le_bytes());
        bytes.extend_from_slice(&self.row.to_le_bytes());
        bytes.extend_from_slice(&self.part.to_le_bytes());
        bytes.extend_from_slice(self.kind.as_bytes());
        bytes
    }
}

/// Nonces for many rows from one call to the operating system.
///
/// They are random, 96 bits: with at most 2^32 rows an epoch (the row number is 32 bits) two meet with a probability
/// below 2^-33.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    pool: Vec<u8>,
}

impl Nonces {
    pub(crate) fn next(&mut self) -> Result<[u8; NONCE_BYTES]> {
        if self.pool.len() < NONCE_BYTES {
            self.pool.resize(NONCE_BYTES * 256, 0);
            fill_random(&mut self.pool)?;
        }
        let at = self.pool.len() - NONCE_BYTES;
        let mut nonce = [0; NONCE_BYTES];
        for (to, from) in nonce.iter_mut().zip(self.pool.drain(at..)) {
            *to = from;
        }
        Ok(nonce)
    }
}

/// Nonce, ciphertext, tag.
pub(crate) fn seal(
    cipher: &ChaCha20Poly1305,
    nonces: &mut Nonces,
    place: Sealed<'_>,
    plain: &[u8],
) -> Result<Vec<u8>> {
    let nonce = nonces.next()?;
    let aad = place.associated();
    let payload = Payload {
        msg: plain,
        aad: &aad,
    };
    let sealed = cipher.encrypt(&nonce.into(), payload).map_err(|_| {
        Error::invalid(
            "a row is too large to be sealed",
            "leave out what is not a plate read",
        )
    })?;
    let mut bytes = Vec::with_capacity(NONCE_BYTES + sealed.len());
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// What was sealed.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`] where the bytes are not what was sealed for this place under this key.
pub(crate) fn open(cipher: &ChaCha20Poly1305, place: Sealed<'_>, bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = || {
        Error::new(
            ErrorKind::Corrupt,
            format!(
                "a sealed {} of epoch {} does not open",
                place.kind, place.epoch
            ),
            "the row was altered or moved: restore the database from its last backup",
        )
    };
    let (nonce, sealed) = bytes
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or_else(damaged)?;
    let aad = place.associated();
    let payload = Payload {
        msg: sealed,
        aad: &aad,
    };
    cipher
        .decrypt(&(*nonce).into(), payload)
        .map_err(|_| damaged())
}
