//! The trail of a store, wherever its bytes lie.

use std::io::{self, Read};

use platewarden_trail::{TrailRead, TrailWrite};

/// A trail's bytes behind a pointer, so that a [`Store`](crate::Store) is one type.
pub(crate) struct AnyTrail(Box<dyn TrailWrite + Send>);

impl AnyTrail {
    pub(crate) fn new(store: impl TrailWrite + Send + 'static) -> Self {
        Self(Box::new(store))
    }
}

impl std::fmt::Debug for AnyTrail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnyTrail")
    }
}

impl TrailRead for AnyTrail {
    fn segments(&self) -> io::Result<Vec<u64>> {
        self.0.segments()
    }

    fn open(&self, first: u64) -> io::Result<Box<dyn Read + '_>> {
        self.0.open(first)
    }

    fn checkpoints(&self) -> io::Result<Vec<u8>> {
        self.0.checkpoints()
    }
}

impl TrailWrite for AnyTrail {
    fn create(&mut self, first: u64, header: &[u8]) -> io::Result<()> {
        self.0.create(first, header)
    }

    fn append(&mut self, first: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.append(first, bytes)
    }

    fn truncate(&mut self, first: u64, len: u64) -> io::Result<()> {
        self.0.truncate(first, len)
    }

    fn set_aside(&mut self, first: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.set_aside(first, offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }

    fn append_checkpoint(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.append_checkpoint(line)
    }
}
