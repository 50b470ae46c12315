//! The seam to whatever system keeps evidence.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::manifest::SealedManifest;
use crate::Error;

/// What an evidence system answers when it has everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceReceipt {
    /// Its own identifier of what it received.
    pub evidence_id: String,
}

/// A system that keeps evidence: a vendor's, or [`FolderEvidence`](super::FolderEvidence).
pub trait EvidenceSystem {
    /// Its name, for the audit trail.
    fn name(&self) -> &str;

    /// Takes over the files of a manifest. It must read every file that the manifest lists, check length and digest,
    /// and keep manifest and notice with the files; all of it or nothing. The same manifest given twice is received
    /// once.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from having everything; nothing was then received.
    fn receive(
        &mut self,
        manifest: &SealedManifest,
        files: &mut dyn FileSource,
    ) -> Result<EvidenceReceipt, Error>;
}

/// Where the files of a manifest come from.
pub trait FileSource {
    /// The contents of one file by its name.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotFound`] where there is none of that name, or whatever else keeps it from being read.
    fn open(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>>;
}

impl FileSource for BTreeMap<String, Vec<u8>> {
    fn open(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let bytes = self.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(bytes.as_slice()))
    }
}
