//! Where sealed rows lie. A backend sees epochs, tags and ciphertext; it never sees a plate, a time or a camera.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

#[cfg(feature = "postgres")]
pub(crate) use self::postgres::{Postgres, Server, failed};
pub(crate) use sqlite::Sqlite;

use crate::Result;
use crate::keys::Fingerprint;

/// What kind of reads an epoch holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Reads that matched nothing: the law keeps them for the shortest time.
    Unmatched,
    /// Reads that matched a hotlist.
    Matched,
    /// Copies under a hold.
    Held,
}

impl Class {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Unmatched => 0,
            Self::Matched => 1,
            Self::Held => 2,
        }
    }

    pub(crate) fn of_number(number: i64) -> Option<Self> {
        [Self::Unmatched, Self::Matched, Self::Held]
            .into_iter()
            .find(|class| class.number() == number)
    }
}

/// One epoch: reads of one dataset, one retention unit and one class, under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EpochRow {
    pub(crate) id: u32,
    pub(crate) dataset: u32,
    /// First instant of the unit, in milliseconds since 1970.
    pub(crate) start: i64,
    /// Length of the unit, in milliseconds.
    pub(crate) length: i64,
    pub(crate) class: Class,
    /// Set before the key is destroyed; from then on nothing is read or written.
    pub(crate) closing: bool,
    /// Under which name the key lies in the key store.
    pub(crate) key_name: String,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) reads: u64,
    pub(crate) plates: u32,
    pub(crate) chunks: u32,
    /// Capture time of the oldest and newest read, in milliseconds since 1970.
    pub(crate) oldest: i64,
    pub(crate) newest: i64,
}

impl EpochRow {
    pub(crate) fn end(&self) -> i64 {
        self.start.saturating_add(self.length)
    }
}

/// A sealed row: found by its plate's number, told from others of the plate by its tag, ordered by `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadRow {
    pub(crate) plate: u32,
    pub(crate) tag: i64,
    pub(crate) seq: i64,
    pub(crate) sealed: Vec<u8>,
}

/// What one epoch gains in a batch.
#[derive(Debug)]
pub(crate) struct EpochBatch {
    /// The epoch as it was before; `oldest` and `newest` as they are with the batch.
    pub(crate) epoch: EpochRow,
    pub(crate) is_new: bool,
    /// Tag and plate.
    pub(crate) postings: Vec<(i64, u32)>,
    pub(crate) reads: Vec<ReadRow>,
    pub(crate) new_plates: u32,
    /// The sealed texts of the new plates.
    pub(crate) chunk: Option<Vec<u8>>,
}

/// A write that happens whole or not at all.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) origins: Vec<(u32, Vec<u8>)>,
    pub(crate) epochs: Vec<EpochBatch>,
    pub(crate) meta: Vec<(&'static str, Vec<u8>)>,
}

/// A hold as it lies: everything but its state is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HoldRow {
    pub(crate) id: u32,
    pub(crate) epoch: u32,
    pub(crate) ended: bool,
    pub(crate) sealed: Vec<u8>,
}

/// A receipt as it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReceiptRow {
    pub(crate) number: u64,
    pub(crate) body: String,
    /// Whether the trail has it.
    pub(crate) traced: bool,
}

/// How much lies where; for `stats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) bytes: u64,
}

/// Where sealed rows lie.
pub(crate) trait Backend: Send {
    fn meta(&mut self, key: &str) -> Result<Option<Vec<u8>>>;
    fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<()>;
    fn datasets(&mut self) -> Result<Vec<(u32, String)>>;
    fn put_dataset(&mut self, id: u32, body: &str) -> Result<()>;
    fn origins(&mut self) -> Result<Vec<(u32, Vec<u8>)>>;
    fn epochs(&mut self) -> Result<Vec<EpochRow>>;
    /// Highest `seq` so far, 0 where there is none.
    fn last_seq(&mut self) -> Result<i64>;
    /// Writes a batch; rows that are there already are left as they are. Returns how many rows each epoch gained.
    fn write(&mut self, batch: &Batch) -> Result<Vec<u64>>;
    /// Plates filed under any of these tags; with repeats.
    fn plates(&mut self, epoch: u32, tags: &[i64]) -> Result<Vec<u32>>;
    /// Rows of a plate up to a `seq`.
    fn reads(&mut self, epoch: u32, plate: u32, up_to: i64) -> Result<Vec<ReadRow>>;
    /// One row.
    fn read(&mut self, epoch: u32, plate: u32, tag: i64) -> Result<Option<ReadRow>>;
    /// All rows of an epoch up to a `seq`, in batches.
    fn all_reads(
        &mut self,
        epoch: u32,
        up_to: i64,
        each: &mut dyn FnMut(ReadRow) -> Result<()>,
    ) -> Result<()>;
    /// Sealed texts from one chunk on.
    fn chunks(&mut self, epoch: u32, from: u32) -> Result<Vec<(u32, Vec<u8>)>>;
    /// Deletes single rows.
    fn delete_reads(&mut self, epoch: u32, rows: &[(u32, i64)]) -> Result<()>;
    /// Marks an epoch before its key is destroyed.
    fn close_epoch(&mut self, epoch: u32) -> Result<()>;
    /// Deletes an epoch and writes its receipt, both or neither.
    fn erase_epoch(&mut self, epoch: u32, receipt: &ReceiptRow) -> Result<()>;
    fn put_receipt(&mut self, receipt: &ReceiptRow) -> Result<()>;
    fn receipts(&mut self) -> Result<Vec<ReceiptRow>>;
    fn receipt_traced(&mut self, number: u64) -> Result<()>;
    fn holds(&mut self) -> Result<Vec<HoldRow>>;
    /// Writes a hold and its rows, both or neither.
    fn put_hold(&mut self, hold: &HoldRow, batch: &Batch) -> Result<()>;
    fn end_hold(&mut self, hold: u32) -> Result<()>;
    /// Leaves nothing of deleted rows in the write-ahead log.
    fn truncate_log(&mut self) -> Result<()>;
    fn usage(&mut self) -> Result<Usage>;
}
