//! How much lies where: for whoever runs the store. No figure is told by plate, camera or time of day.

use jiff::Timestamp;
use serde::Serialize;

use crate::backend::{Class, EpochRow};
use crate::store::Store;
use crate::{Error, Result};

/// How much lies where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Datasets.
    pub datasets: u64,
    /// Retention units on the device, each under a key of its own.
    pub units_on_device: u64,
    /// Reads on the device, copies under holds left out.
    pub reads_on_device: u64,
    /// Reads in memory alone.
    pub reads_in_memory: u64,
    /// Capture time of the oldest read in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_in_memory: Option<Timestamp>,
    /// Reads under holds.
    pub reads_held: u64,
    /// Keys destroyed so far.
    pub receipts: u64,
    /// Bytes of the database.
    pub bytes: u64,
    /// Records of the trail.
    pub trail_records: u64,
}

impl Store {
    /// How much lies where. Totals over everything: what was read of a plate is told by a search alone.
    ///
    /// # Errors
    ///
    /// Whatever keeps the database from being read.
    pub fn stats(&self) -> Result<Stats> {
        let (device, bytes) = {
            let mut writer = self.disk.writer();
            let epochs: Vec<EpochRow> = writer.epochs.values().cloned().collect();
            (epochs, writer.backend.usage()?.bytes)
        };
        let memory: Vec<EpochRow> = self.volatile.writer().epochs.values().cloned().collect();
        let reads = |epochs: &[EpochRow], held: bool| -> u64 {
            let of = |epoch: &&EpochRow| (epoch.class == Class::Held) == held;
            epochs.iter().filter(of).map(|epoch| epoch.reads).sum()
        };
        let oldest = memory
            .iter()
            .filter(|epoch| epoch.reads > 0)
            .map(|epoch| epoch.oldest)
            .min();
        Ok(Stats {
            datasets: self.datasets().len() as u64,
            units_on_device: device
                .iter()
                .filter(|epoch| epoch.class != Class::Held)
                .count() as u64,
            reads_on_device: reads(&device, false),
            reads_in_memory: reads(&memory, false),
            oldest_in_memory: oldest
                .map(Timestamp::from_millisecond)
                .transpose()
                .map_err(|_| Error::corrupt("an epoch"))?,
            reads_held: reads(&device, true),
            receipts: self.receipts()?.len() as u64,
            bytes,
            trail_records: self.trail_len(),
        })
    }
}
