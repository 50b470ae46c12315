//! Finding what must go, without loading all.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use platewarden_trail::RetentionRecord;

use super::plan::{Retention, RetentionPlan, Standing};
use crate::model::{DatasetId, ReadMeta};

/// A read that must go.
#[derive(Clone, Debug, PartialEq)]
pub struct Due<K> {
    /// The caller's key of the read.
    pub key: K,
    /// When it was captured.
    pub captured_at: Option<Timestamp>,
    /// When it had to be gone.
    pub delete_by: Timestamp,
    /// The rule that says so.
    pub rule: Arc<str>,
    /// Citation of that rule.
    pub citation: String,
}

/// Reads to delete together, and those that a person must look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<K> {
    /// Reads that must go.
    pub due: Vec<Due<K>>,
    /// Reads that cannot be judged, with what has to be settled. They are not to be deleted.
    pub unsettled: Vec<(K, String)>,
    /// How many reads were looked at since the last batch.
    pub seen: u64,
    as_of: Timestamp,
}

impl<K> Batch<K> {
    /// What to write into the audit trail once the reads are gone: one record a rule.
    #[must_use]
    pub fn records(&self, dataset: &DatasetId) -> Vec<RetentionRecord> {
        let mut by_rule: BTreeMap<&str, RetentionRecord> = BTreeMap::new();
        for due in &self.due {
            let record = by_rule.entry(&due.rule).or_insert_with(|| RetentionRecord {
                dataset: dataset.to_string(),
                rule: due.rule.to_string(),
                citation: due.citation.clone(),
                as_of: Some(self.as_of),
                ..RetentionRecord::default()
            });
            record.deleted += 1;
            record.oldest = [record.oldest, due.captured_at].into_iter().flatten().min();
            record.newest = record.newest.max(due.captured_at);
        }
        by_rule.into_values().collect()
    }
}

/// Iterator over the batches of a sweep; see [`RetentionPlan::sweep`].
#[derive(Debug)]
pub struct Sweep<'p, I> {
    plan: &'p RetentionPlan<'p>,
    reads: I,
    size: usize,
}

impl RetentionPlan<'_> {
    /// Walks reads and yields those that must go, at most `size` (at least one) a batch. Memory is that of one batch,
    /// whatever the number of reads. The last batch may be short; a walk that finds nothing yields none.
    ///
    /// ```
    /// use platewarden_policy::model::{AgencyKind, AgencyRef, Dataset, ReadMeta, State, parse_instant};
    /// use platewarden_policy::packs::{PackSet, Unverified};
    /// use platewarden_policy::retention::RetentionPlan;
    /// let packs = PackSet::bundled(Unverified::Allow)?;
    /// let owner = AgencyRef::new("richmond-pd", AgencyKind::Local, State::Va);
    /// let dataset = Dataset::new("richmond", owner, State::Va);
    /// let plan = RetentionPlan::new(&packs, &dataset, parse_instant("2026-11-22")?);
    /// let reads = (0..60_u32).map(|age| (age, ReadMeta::aged(age)));
    /// let mut deleted = 0;
    /// for batch in plan.sweep(reads, 10) {
    ///     deleted += batch.due.len(); // here: delete them, then write `batch.records(&dataset.id)` to the trail
    /// }
    /// assert_eq!(deleted, 38);
    /// # Ok::<(), platewarden_policy::Error>(())
    /// ```
    pub fn sweep<K, R, I>(&self, reads: I, size: usize) -> Sweep<'_, I::IntoIter>
    where
        R: Borrow<ReadMeta>,
        I: IntoIterator<Item = (K, R)>,
    {
        Sweep {
            plan: self,
            reads: reads.into_iter(),
            size: size.max(1),
        }
    }
}

impl<K, R, I> Iterator for Sweep<'_, I>
where
    R: Borrow<ReadMeta>,
    I: Iterator<Item = (K, R)>,
{
    type Item = Batch<K>;

    fn next(&mut self) -> Option<Batch<K>> {
        let as_of = self.plan.as_of();
        let mut batch = Batch {
            due: Vec::new(),
            unsettled: Vec::new(),
            seen: 0,
            as_of,
        };
        for (key, read) in self.reads.by_ref() {
            batch.seen += 1;
            let read = read.borrow();
            match self.plan.of(read) {
                Retention {
                    standing: Standing::Due,
                    delete_by: Some(delete_by),
                    rule: Some(rule),
                    authority,
                    ..
                } => {
                    let citation = authority
                        .map(|authority| authority.citation.clone())
                        .unwrap_or_default();
                    batch.due.push(Due {
                        key,
                        captured_at: read.captured_at(as_of).into(),
                        delete_by,
                        rule,
                        citation,
                    });
                }
                Retention {
                    standing: Standing::Unsettled { why },
                    ..
                } => batch.unsettled.push((key, why)),
                _ => {}
            }
            if batch.due.len() + batch.unsettled.len() >= self.size {
                return Some(batch);
            }
        }
        (!batch.due.is_empty() || !batch.unsettled.is_empty()).then_some(batch)
    }
}
