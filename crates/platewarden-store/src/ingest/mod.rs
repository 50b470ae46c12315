//! Writing reads: in batches, each once, and never those that must not be kept.

mod append;
mod import;

pub(crate) use append::{Append, NewRow};
pub use import::{ImportDefaults, Imported};

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use platewarden_policy::model::ReadMeta;
use platewarden_policy::retention::RetentionPlan;

use std::sync::Arc;

use crate::backend::{Class, EpochRow};
use crate::dataset::{DatasetSettings, Unit};
use crate::index::dedup_tag;
use crate::keys::{EpochSecrets, Fingerprint, SecretKey, random};
use crate::model::{StoredKind, StoredRead};
use crate::reference::RowPlace;
use crate::shelf::{Shelf, Writer};
use crate::store::Store;
use crate::{Correction, Error, ErrorKind, Observation, Result, RowRef, Sighting};

/// How many items are written and flushed together.
const BATCH: usize = 1_000;
/// How far a camera's clock may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// Longest text of a plate, in characters.
const MAX_TEXT: usize = 32;

/// Something to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Ingest {
    /// One read.
    Observation(Box<Observation>),
    /// One vehicle over several frames.
    Sighting(Box<Sighting>),
}

impl From<Observation> for Ingest {
    fn from(read: Observation) -> Self {
        Self::Observation(Box::new(read))
    }
}

impl From<Sighting> for Ingest {
    fn from(sighting: Sighting) -> Self {
        Self::Sighting(Box::new(sighting))
    }
}

/// An item that was not written, by its place among those given, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its place.
    pub index: u64,
    /// What was expected, and what came.
    pub why: String,
}

/// What became of the items given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ingested {
    /// Rows written.
    pub written: u64,
    /// Rows that were there already: same camera, second, plate and crop.
    pub repeated: u64,
    /// Items never written because their plate is on the dataset's list.
    pub ignored: u64,
    /// Items never written because they matched nothing and the dataset keeps no such reads.
    pub unmatched: u64,
    /// Items that cannot be written.
    pub refused: Vec<Refusal>,
}

impl Store {
    /// Writes reads into a dataset. A batch of them is on the device before the next begins; what is there already is
    /// not written again, so that an import that was cut short can be repeated.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] where there is no such dataset, [`ErrorKind::Full`], [`ErrorKind::Clock`] and whatever
    /// keeps a batch from being written; batches before it stay. An item that cannot be written is refused and named, and
    /// the others go on.
    pub fn ingest(
        &self,
        dataset: &str,
        items: impl IntoIterator<Item = Ingest>,
    ) -> Result<Ingested> {
        let (number, settings) = self.known_dataset(dataset)?;
        let mut done = Ingested::default();
        let mut items = items.into_iter().enumerate().peekable();
        while items.peek().is_some() {
            let batch: Vec<(usize, Ingest)> = items.by_ref().take(BATCH).collect();
            self.batch(number, &settings, batch, &mut done)?;
        }
        Ok(done)
    }

    fn batch(
        &self,
        number: u32,
        settings: &DatasetSettings,
        items: Vec<(usize, Ingest)>,
        done: &mut Ingested,
    ) -> Result<()> {
        let now = self.now()?;
        let packs = self.policy().packs();
        let mut sorter = Sorter {
            plan: RetentionPlan::new(packs, &settings.dataset, now),
            ignored: settings.ignored_plates.iter().map(String::as_str).collect(),
            settings,
            units: [false, true].map(|matched| Unit::of(settings, packs, now, matched)),
            now,
            groups: BTreeMap::new(),
        };
        for (index, item) in items {
            sorter.item(index, item, done);
        }
        let groups = std::mem::take(&mut sorter.groups);
        for shelf in [&self.disk, &self.volatile] {
            let own = groups
                .iter()
                .filter(|(key, _)| key.volatile == (shelf.number == 1));
            self.write_groups(shelf, number, own, done)?;
        }
        Ok(())
    }

    fn write_groups<'g>(
        &self,
        shelf: &Shelf,
        dataset: u32,
        groups: impl Iterator<Item = (&'g GroupKey, &'g Vec<Item>)>,
        done: &mut Ingested,
    ) -> Result<()> {
        let mut writer = shelf.writer();
        let last = self.last_epoch(&mut writer)?;
        let mut append = Append::new(
            shelf,
            &self.identity,
            &mut writer,
            self.high_water.milliseconds(),
        );
        let mut asked = 0;
        for (key, reads) in groups {
            let (epoch, secrets, is_new) = append.epoch_for(dataset, key, last)?;
            let rows = rows_of(&epoch, &secrets, reads);
            asked += rows.len() as u64;
            append.rows(epoch, &secrets, is_new, rows)?;
        }
        if asked > 0 {
            let written = append.commit()?;
            done.written += written;
            done.repeated += asked - written;
        }
        Ok(())
    }

    /// Appends a correction beside a read that a search has returned. The read itself stays as it is, and both are found.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] where the reference names no row or the correction has no text or author;
    /// [`ErrorKind::KeyMissing`] where the read's epoch is gone.
    pub fn correct(&self, reference: &RowRef, text: &str, by: &str, why: &str) -> Result<()> {
        let now = self.now()?;
        let text = crate::normalise(text);
        check_text(&text).map_err(|why| Error::invalid(why, "give the plate as it should read"))?;
        if by.trim().is_empty() {
            return Err(Error::invalid(
                "a correction without an author",
                "say who corrects",
            ));
        }
        let place = RowPlace::of(reference, &self.identity)?;
        let shelf = self.shelf(place.shelf)?;
        let mut writer = shelf.writer();
        let gone = || {
            Error::new(
                ErrorKind::KeyMissing,
                "the read is gone",
                "what was deleted cannot be corrected",
            )
        };
        let epoch = writer.epochs.get(&place.epoch).cloned().ok_or_else(gone)?;
        let secrets = shelf.secrets(&epoch)?.ok_or_else(gone)?;
        let row = writer
            .backend
            .read(epoch.id, place.plate, place.tag)?
            .ok_or_else(gone)?;
        let mut core = shelf.open_read(&epoch, &secrets, &row)?.core;
        core.characters.clear();
        core.candidates.clear();
        core.evidence = None;
        let correction = Correction {
            text: text.clone(),
            by: by.to_owned(),
            why: why.to_owned(),
            at: now,
        };
        let tag = dedup_tag(&secrets, by, now.as_second(), &text, None, 2);
        let mut plates = vec![core.text.clone(), text];
        plates.dedup();
        let rows = plates
            .into_iter()
            .map(|plate| NewRow {
                plate,
                tag,
                read: StoredRead {
                    core: core.clone(),
                    kind: StoredKind::Correction {
                        of: (place.plate, place.tag),
                        correction: correction.clone(),
                    },
                },
                members: Vec::new(),
            })
            .collect();
        let mut append = Append::new(shelf, &self.identity, &mut writer, now.as_millisecond());
        append.rows(epoch, &secrets, false, rows)?;
        append.commit().map(|_| ())
    }

    pub(crate) fn shelf(&self, number: u8) -> Result<&Shelf> {
        match number {
            0 => Ok(&self.disk),
            1 => Ok(&self.volatile),
            _ => Err(Error::corrupt("a reference")),
        }
    }

    /// The highest number of an epoch that was ever used, from what is there and from the receipts.
    pub(crate) fn last_epoch(&self, writer: &mut Writer) -> Result<u32> {
        let last = writer.backend.meta("last_epoch")?;
        Ok(last
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, u32::from_le_bytes))
    }
}

/// Which epoch a read belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupKey {
    pub(crate) volatile: bool,
    pub(crate) class: Class,
    pub(crate) start: i64,
    pub(crate) length: i64,
}

/// Sorts items into epochs, and out.
struct Sorter<'a> {
    plan: RetentionPlan<'a>,
    ignored: HashSet<&'a str>,
    settings: &'a DatasetSettings,
    /// Units of unmatched and of matched reads.
    units: [Unit; 2],
    now: Timestamp,
    groups: BTreeMap<GroupKey, Vec<Item>>,
}

/// A read with the single reads behind it.
pub(crate) struct Item {
    read: StoredRead,
    members: Vec<Observation>,
}

impl Sorter<'_> {
    fn item(&mut self, index: usize, item: Ingest, done: &mut Ingested) {
        let (best, kind, members) = match item {
            Ingest::Observation(read) => (*read, StoredKind::Observation, Vec::new()),
            Ingest::Sighting(sighting) => {
                let kind = StoredKind::Sighting {
                    first_seen: sighting.first_seen,
                    last_seen: sighting.last_seen,
                    reads: sighting.reads,
                    agreeing_reads: sighting.agreeing_reads,
                    members: Vec::new(),
                };
                (sighting.best, kind, sighting.observations)
            }
        };
        // The single reads first: the sighting refers to them.
        for member in &members {
            self.read(
                index,
                member.clone(),
                StoredKind::Observation,
                Vec::new(),
                done,
            );
        }
        self.read(index, best, kind, members, done);
    }

    fn read(
        &mut self,
        index: usize,
        mut core: Observation,
        kind: StoredKind,
        members: Vec<Observation>,
        done: &mut Ingested,
    ) {
        core.text = crate::normalise(&core.text);
        for candidate in &mut core.candidates {
            candidate.text = crate::normalise(&candidate.text);
        }
        let mut meta = ReadMeta::captured(core.captured_at);
        meta.matched = core.matched;
        if self.ignored.contains(core.text.as_str()) {
            done.ignored += 1;
            return;
        }
        if !meta.is_match() && !self.settings.keep_unmatched {
            done.unmatched += 1;
            return;
        }
        if let Err(why) = self.check(&core, &meta) {
            done.refused.push(Refusal {
                index: index as u64,
                why,
            });
            return;
        }
        let matched = meta.is_match();
        let [unmatched_unit, matched_unit] = self.units;
        let (class, unit) = if matched {
            (Class::Matched, matched_unit)
        } else {
            (Class::Unmatched, unmatched_unit)
        };
        let start = core.captured_at.as_millisecond().div_euclid(unit.length) * unit.length;
        let key = GroupKey {
            volatile: unit.volatile,
            class,
            start,
            length: unit.length,
        };
        self.groups.entry(key).or_default().push(Item {
            read: StoredRead { core, kind },
            members,
        });
    }

    fn check(&self, core: &Observation, meta: &ReadMeta) -> Result<(), String> {
        check_text(&core.text)?;
        if core.camera.id.trim().is_empty() {
            return Err("no camera is named".to_owned());
        }
        if core.captured_at > self.now.checked_add(AHEAD).unwrap_or(Timestamp::MAX) {
            return Err(format!(
                "captured at {}, which is in the future",
                core.captured_at
            ));
        }
        let retention = self.plan.of(meta);
        if retention.is_due() {
            let rule = retention.rule.as_deref().unwrap_or("retention");
            return Err(format!(
                "captured at {}: past its cap already ({rule})",
                core.captured_at
            ));
        }
        Ok(())
    }
}

fn check_text(text: &str) -> Result<(), String> {
    match text.chars().count() {
        2..=MAX_TEXT => Ok(()),
        count => Err(format!(
            "a plate of {count} characters; expected 2 to {MAX_TEXT}"
        )),
    }
}

/// The rows of a group, tagged; sightings refer to their single reads in the same epoch.
fn rows_of(epoch: &EpochRow, secrets: &EpochSecrets, items: &[Item]) -> Vec<NewRow> {
    let tag = |core: &Observation, kind: u8| {
        let digest = core.evidence.as_ref().map(|evidence| &evidence.digest);
        dedup_tag(
            secrets,
            &core.camera.id,
            core.captured_at.as_second(),
            &core.text,
            digest,
            kind,
        )
    };
    let within = |core: &&Observation| {
        let captured = core.captured_at.as_millisecond();
        captured >= epoch.start && captured < epoch.end()
    };
    items
        .iter()
        .map(|item| {
            let core = &item.read.core;
            let kind = u8::from(matches!(item.read.kind, StoredKind::Sighting { .. }));
            let members = item.members.iter().filter(within).map(|member| {
                let mut member = member.clone();
                member.text = crate::normalise(&member.text);
                let tag = tag(&member, 0);
                (member.text, tag)
            });
            NewRow {
                plate: core.text.clone(),
                tag: tag(core, kind),
                read: item.read.clone(),
                members: members.collect(),
            }
        })
        .collect()
}

/// A new epoch with its key in the key store, before the first row of it is written.
pub(crate) fn new_epoch(
    shelf: &Shelf,
    id: u32,
    dataset: u32,
    class: Class,
    start: i64,
    length: i64,
) -> Result<(EpochRow, Arc<EpochSecrets>)> {
    let key = SecretKey::generate()?;
    // A random part, so that a key whose rows a crash kept from being written does not take the name.
    let key_name = format!("epoch-{id}-{}", hex::encode(random::<4>()?));
    shelf.keys.put(&key_name, &key)?;
    let fingerprint: Fingerprint = key.fingerprint();
    let secrets = Arc::new(EpochSecrets::new(&key));
    shelf.remember(id, Arc::clone(&secrets));
    let row = EpochRow {
        id,
        dataset,
        start,
        length,
        class,
        closing: false,
        key_name,
        fingerprint,
        reads: 0,
        plates: 0,
        chunks: 0,
        oldest: i64::MAX,
        newest: i64::MIN,
    };
    Ok((row, secrets))
}
