//! Memory of frames, used again and again.

use std::sync::{Arc, Mutex, PoisonError};

/// Spare memory of frames of one source.
///
/// The bound keeps a burst from pinning memory for ever.
#[derive(Debug)]
pub(crate) struct BufferPool {
    spare: Mutex<Vec<Vec<u8>>>,
    keep: usize,
}

impl BufferPool {
    pub(crate) fn new(keep: usize) -> Arc<Self> {
        Arc::new(Self {
            spare: Mutex::new(Vec::new()),
            keep,
        })
    }

    /// `length` bytes of any content.
    pub(crate) fn take(self: &Arc<Self>, length: usize) -> Buffer {
        let spare = self
            .spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut bytes = spare.unwrap_or_default();
        bytes.resize(length, 0);
        Buffer {
            bytes,
            home: Some(Arc::clone(self)),
        }
    }

    fn give_back(&self, bytes: Vec<u8>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < self.keep {
            spare.push(bytes);
        }
    }
}

/// Bytes that go back to their pool when dropped.
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    home: Option<Arc<BufferPool>>,
}

impl Buffer {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, home: None }
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self::from(self.bytes.clone())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            home.give_back(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_and_bounded() {
        let pool = BufferPool::new(1);
        let first = pool.take(64);
        let address = first.bytes().as_ptr();
        let second = pool.take(64);
        drop(first);
        drop(second);
        assert_eq!(pool.spare.lock().map(|spare| spare.len()).unwrap_or(0), 1);
        let again = pool.take(32);
        assert_eq!(again.bytes().as_ptr(), address);
        assert_eq!(again.bytes().len(), 32);
    }
}
