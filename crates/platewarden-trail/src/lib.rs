//! The audit trail: an append-only, hash-chained log of requests, decisions, disclosures, revocations, community
//! steps and deletions.
//!
//! * Written by one [`TrailWriter`], read by any number of [`Trail`]s beside it.
//! * Safe against a crash in the middle of a write: a torn end is found and cut on opening, nothing before it is lost.
//! * [`Trail::verify`] names the first record that was altered, removed or reordered; signed [`Checkpoint`]s show that
//!   the end was cut off.
//! * [`export`] writes a redacted copy for the public that still verifies: every field is committed to by a salted
//!   hash, and what is withheld keeps its commitment.
//! * Bytes lie in a folder ([`FileStore`]), in memory ([`MemoryStore`]), or behind traits of your own.
//!
//! ```
//! use platewarden_trail::{DecisionRecord, MemoryStore, Trail, TrailOptions, TrailWriter, VerifyOptions};
//! let store = MemoryStore::default();
//! let mut writer = TrailWriter::open(store.clone(), TrailOptions::default())?;
//! writer.append(DecisionRecord { request_id: "r-1".into(), outcome: "deny".into(), ..Default::default() })?;
//! assert!(Trail::new(store).verify(&VerifyOptions::default())?.is_intact());
//! # Ok::<(), platewarden_trail::Error>(())
//! ```

mod checkpoint;
mod commit;
mod digest;
mod end;
mod entry;
mod error;
mod export;
mod export_verify;
mod field;
mod file;
mod finding;
mod frame;
mod options;
mod reader;
mod record;
mod redaction;
mod store;
mod verify;
mod walk;
mod writer;

#[cfg(test)]
mod tests;

pub use checkpoint::{Checkpoint, CheckpointKey, PublicKey};
pub use digest::Digest;
pub use entry::Entry;
pub use error::{Error, ErrorKind, Result};
pub use export::{ExportOptions, Opening, export, open_field};
pub use export_verify::{ExportFault, ExportVerification, verify_export, verify_opening};
pub use field::{Field, MAX_FIELDS};
pub use file::FileStore;
pub use finding::{Fault, FaultKind, Verification, VerifyOptions};
pub use frame::MAX_RECORD_BYTES;
pub use options::{FsyncPolicy, TrailOptions};
pub use reader::{Entries, Trail};
pub use record::{
    CommunityRecord, DecisionRecord, DisclosureRecord, HoldRecord, IntentRecord, ReasonRecord,
    Record, RecoveryRecord, ReleaseRecord, RequestRecord, RetentionRecord, RevocationRecord,
};
pub use redaction::Redaction;
pub use store::{MemoryStore, TrailRead, TrailWrite};
pub use writer::{AuditSink, Receipt, TrailWriter};

/// Bytes of the operating system's randomness.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::from(error::Failure::Randomness {
            why: error.to_string(),
        })
    })?;
    Ok(bytes)
}
