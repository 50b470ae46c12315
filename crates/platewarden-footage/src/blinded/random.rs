//! The randomness of the operating system.

use rand_core::{CryptoRng, RngCore};

use crate::{Error, Result};

/// The randomness of the operating system for a library that cannot be told of its failure: the failure is kept, and
/// [`with_randomness`] throws away whatever was made of the bytes.
pub(super) struct SystemRandom {
    failure: Option<getrandom::Error>,
}

impl RngCore for SystemRandom {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            self.failure = Some(error);
            // Not zero: a scalar is drawn again until it is not.
            bytes.fill(1);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for SystemRandom {}

/// What `work` makes with the randomness of the operating system, if that never failed.
pub(super) fn with_randomness<T>(work: impl FnOnce(&mut SystemRandom) -> Result<T>) -> Result<T> {
    let mut random = SystemRandom { failure: None };
    let made = work(&mut random);
    match random.failure {
        None => made,
        Some(error) => Err(Error::randomness(&error.to_string())),
    }
}

/// Random bytes.
pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::randomness(&error.to_string()))?;
    Ok(bytes)
}
