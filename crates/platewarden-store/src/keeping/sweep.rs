//! The sweep: keys are destroyed, rows deleted, the log truncated, a receipt signed.
//!
//! In this order, so that a crash at any point leaves something that the next start finishes: the epoch is marked, the key
//! destroyed, the rows deleted together with the receipt's writing, the log truncated, the trail told.

use jiff::Timestamp;
use platewarden_policy::model::{HitOutcome, ReadMeta};
use platewarden_policy::retention::{Retention, RetentionPlan, Standing};
use platewarden_trail::{Record, RetentionRecord};
use serde::{Deserialize, Serialize};

use super::receipt::Receipt;
use crate::backend::{Class, EpochRow, ReceiptRow};
use crate::shelf::Shelf;
use crate::store::Store;
use crate::{Error, Result};

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// One receipt for each key that was destroyed.
    pub receipts: Vec<Receipt>,
    /// Reads deleted one by one because the others of their unit have time left.
    pub single_reads: u64,
    /// Holds that ended because their time was up.
    pub ended_holds: Vec<String>,
    /// Units that a person must look at: a fact is missing or duties collide. They were left alone.
    pub unsettled: u64,
}

/// Why an epoch goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ground {
    epoch: u32,
    rule: String,
    citation: String,
}

impl Ground {
    pub(super) fn new(epoch: u32, rule: &str, citation: &str) -> Self {
        Self {
            epoch,
            rule: rule.to_owned(),
            citation: citation.to_owned(),
        }
    }

    fn of(epoch: u32, retention: &Retention) -> Self {
        let citation = retention
            .authority
            .as_ref()
            .map(|authority| authority.citation.clone());
        Self::new(
            epoch,
            retention.rule.as_deref().unwrap_or("retention"),
            &citation.unwrap_or_default(),
        )
    }
}

/// Stands for a key that was destroyed before, when an old backup brought rows of it back.
const RESTORED: (&str, &str) = (
    "store-restored",
    "Platewarden store: rows of a destroyed key",
);

impl Store {
    /// Deletes what has to go: for each unit whose time is up the key is destroyed, the rows deleted, the write-ahead log
    /// truncated, and a receipt signed and written into the trail. Reads past their cap in a unit that others keep alive
    /// are deleted one by one. Expired holds end.
    ///
    /// Whether or not it runs, a read past its cap is never returned.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Clock`](crate::ErrorKind::Clock) where time went backwards: then nothing is deleted. What a failure
    /// in the middle leaves is finished by the next sweep or the next opening.
    pub fn sweep(&self) -> Result<Swept> {
        let now = self.now()?;
        self.finish_sweeps()?;
        let mut swept = Swept::default();
        self.end_expired_holds(now, &mut swept)?;
        for shelf in [&self.disk, &self.volatile] {
            let mut epochs: Vec<EpochRow> = shelf.writer().epochs.values().cloned().collect();
            epochs.sort_by_key(|epoch| epoch.id);
            for epoch in epochs.iter().filter(|epoch| epoch.class != Class::Held) {
                self.sweep_epoch(shelf, epoch, now, &mut swept)?;
            }
        }
        self.trace_receipts()?;
        let latest = self.high_water.milliseconds();
        self.disk
            .writer()
            .backend
            .set_meta("clock", &latest.to_le_bytes())?;
        // Last, so that nothing at all is left in the log.
        self.disk.writer().backend.truncate_log()?;
        Ok(swept)
    }

    fn sweep_epoch(
        &self,
        shelf: &Shelf,
        epoch: &EpochRow,
        now: Timestamp,
        swept: &mut Swept,
    ) -> Result<()> {
        let Some(settings) = self.dataset_of(epoch) else {
            return Ok(());
        };
        let plan = RetentionPlan::new(self.policy().packs(), &settings.dataset, now);
        if shelf.secrets(epoch)?.is_none() {
            swept.receipts.push(self.erase(
                shelf,
                epoch,
                &Ground::new(epoch.id, RESTORED.0, RESTORED.1),
                now,
            )?);
            return Ok(());
        }
        let of = |milliseconds: i64| -> Result<Retention> {
            let at = Timestamp::from_millisecond(milliseconds)
                .map_err(|_| Error::corrupt("an epoch"))?;
            let mut meta = ReadMeta::captured(at);
            meta.matched = (epoch.class == Class::Matched).then_some(HitOutcome::Alarm);
            Ok(plan.of(&meta))
        };
        if epoch.reads == 0 && epoch.oldest > epoch.newest {
            return Ok(());
        }
        let (newest, oldest) = (of(epoch.newest)?, of(epoch.oldest)?);
        if newest.is_due() {
            swept
                .receipts
                .push(self.erase(shelf, epoch, &Ground::of(epoch.id, &newest), now)?);
        } else if oldest.is_due() {
            swept.single_reads += self.delete_single(shelf, epoch, &plan, now)?;
        } else if matches!(newest.standing, Standing::Unsettled { .. }) {
            swept.unsettled += 1;
        }
        Ok(())
    }

    fn dataset_of(&self, epoch: &EpochRow) -> Option<std::sync::Arc<crate::DatasetSettings>> {
        let settings = self.all_settings();
        settings
            .into_iter()
            .find(|(number, _)| *number == epoch.dataset)
            .map(|(_, settings)| settings)
    }

    /// Deletes the reads of a living epoch whose time is up.
    fn delete_single(
        &self,
        shelf: &Shelf,
        epoch: &EpochRow,
        plan: &RetentionPlan<'_>,
        now: Timestamp,
    ) -> Result<u64> {
        let Some(secrets) = shelf.secrets(epoch)? else {
            return Ok(0);
        };
        let mut writer = shelf.writer();
        let mut due = Vec::new();
        let mut record: Option<RetentionRecord> = None;
        writer.backend.all_reads(epoch.id, i64::MAX, &mut |row| {
            let read = shelf.open_read(epoch, &secrets, &row)?;
            let mut meta = ReadMeta::captured(read.core.captured_at);
            meta.matched = read.core.matched;
            let retention = plan.of(&meta);
            if retention.is_due() {
                due.push((row.plate, row.tag));
                let record = record.get_or_insert_with(|| RetentionRecord {
                    rule: retention.rule.as_deref().unwrap_or_default().to_owned(),
                    citation: retention
                        .authority
                        .as_ref()
                        .map(|one| one.citation.clone())
                        .unwrap_or_default(),
                    as_of: Some(now),
                    ..RetentionRecord::default()
                });
                record.deleted += 1;
            }
            Ok(())
        })?;
        let Some(mut record) = record else {
            return Ok(0);
        };
        writer.backend.delete_reads(epoch.id, &due)?;
        if let Some(row) = writer.epochs.get_mut(&epoch.id) {
            row.reads = row.reads.saturating_sub(due.len() as u64);
        }
        drop(writer);
        record.dataset = self
            .dataset_of(epoch)
            .map(|one| one.dataset.id.to_string())
            .unwrap_or_default();
        self.trace(vec![record.into()])?;
        Ok(due.len() as u64)
    }

    /// Destroys an epoch: afterwards no copy of its rows can be opened.
    pub(super) fn erase(
        &self,
        shelf: &Shelf,
        epoch: &EpochRow,
        ground: &Ground,
        now: Timestamp,
    ) -> Result<Receipt> {
        let note = serde_json::to_vec(ground).unwrap_or_default();
        {
            let mut writer = shelf.writer();
            writer.backend.set_meta("closing", &note)?;
            writer.backend.close_epoch(epoch.id)?;
            if let Some(row) = writer.epochs.get_mut(&epoch.id) {
                row.closing = true;
            }
        }
        self.finish_erase(shelf, epoch, ground, now)
    }

    fn finish_erase(
        &self,
        shelf: &Shelf,
        epoch: &EpochRow,
        ground: &Ground,
        now: Timestamp,
    ) -> Result<Receipt> {
        shelf.keys.destroy(&epoch.key_name)?;
        shelf.forget(epoch.id);
        let receipt = self.new_receipt(epoch, ground, now)?;
        let row = ReceiptRow {
            number: receipt.number,
            body: receipt.to_json()?,
            traced: false,
        };
        if shelf.number == 1 {
            // Its receipt outlives the memory.
            self.disk.writer().backend.put_receipt(&row)?;
        }
        let mut writer = shelf.writer();
        writer.backend.erase_epoch(epoch.id, &row)?;
        writer.epochs.remove(&epoch.id);
        writer.known.remove(&epoch.id);
        Ok(receipt)
    }

    fn new_receipt(&self, epoch: &EpochRow, ground: &Ground, now: Timestamp) -> Result<Receipt> {
        let last = self.disk.writer().backend.receipts()?.pop();
        let last = last.map(|row| Receipt::from_json(&row.body)).transpose()?;
        let at =
            |milliseconds: i64| Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX);
        let carried = if epoch.class == Class::Held {
            Vec::new()
        } else {
            self.holds_from(epoch.id)?
        };
        Ok(Receipt {
            number: last.as_ref().map_or(1, |last| last.number + 1),
            dataset: self
                .dataset_of(epoch)
                .map(|one| one.dataset.id.to_string())
                .unwrap_or_default(),
            epoch: epoch.id,
            key_fingerprint: epoch.fingerprint.to_string(),
            reads: epoch.reads,
            from: at(epoch.start),
            to: at(epoch.end()),
            rule: ground.rule.clone(),
            citation: ground.citation.clone(),
            destroyed_at: now,
            holds: carried,
            previous: last.as_ref().map(Receipt::digest).unwrap_or_default(),
            signature: String::new(),
        }
        .signed(&self.identity))
    }

    /// Finishes what a crash left half done.
    pub(crate) fn finish_sweeps(&self) -> Result<()> {
        let now = self.now()?;
        let closing: Vec<EpochRow> = self
            .disk
            .writer()
            .epochs
            .values()
            .filter(|epoch| epoch.closing)
            .cloned()
            .collect();
        let found = !closing.is_empty();
        for epoch in closing {
            let note = self
                .disk
                .writer()
                .backend
                .meta("closing")?
                .unwrap_or_default();
            let ground = serde_json::from_slice::<Ground>(&note)
                .ok()
                .filter(|ground| ground.epoch == epoch.id)
                .unwrap_or_else(|| {
                    Ground::new(
                        epoch.id,
                        "store-interrupted",
                        "Platewarden store: interrupted sweep",
                    )
                });
            self.finish_erase(&self.disk, &epoch, &ground, now)?;
        }
        if found {
            self.disk.writer().backend.truncate_log()?;
        }
        self.trace_receipts()
    }

    /// Tells the trail of receipts that it does not have yet.
    fn trace_receipts(&self) -> Result<()> {
        let untold: Vec<ReceiptRow> = self
            .disk
            .writer()
            .backend
            .receipts()?
            .into_iter()
            .filter(|row| !row.traced)
            .collect();
        for row in untold {
            let record: Record = Receipt::from_json(&row.body)?.to_record().into();
            self.trace(vec![record])?;
            self.disk.writer().backend.receipt_traced(row.number)?;
        }
        Ok(())
    }

    /// All receipts, oldest first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) where one cannot be read.
    pub fn receipts(&self) -> Result<Vec<Receipt>> {
        let rows = self.disk.read(|backend| backend.receipts())?;
        rows.iter()
            .map(|row| Receipt::from_json(&row.body))
            .collect()
    }

    /// The public key by which receipts are checked, in hexadecimal digits.
    #[must_use]
    pub fn receipt_key(&self) -> String {
        hex::encode(self.identity.verifying_key().to_bytes())
    }
}
