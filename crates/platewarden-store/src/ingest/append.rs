//! Appending sealed rows to epochs: plates are numbered, filed under their tags and put into the dictionary.

use std::sync::{Arc, PoisonError};

use rustc_hash::FxHashMap;

use super::{GroupKey, new_epoch};
use crate::backend::{Batch, EpochBatch, EpochRow, HoldRow, ReadRow};
use crate::identity::Identity;
use crate::index::{decode_chunk, encode_chunk, row_tags};
use crate::keys::{EpochSecrets, open, seal};
use crate::model::{Origin, Plate, StoredKind, StoredRead, encode_read};
use crate::shelf::{Shelf, Writer, chunk_place, origin_place, read_place};
use crate::{Error, ErrorKind, Result};

/// A row before it is sealed.
#[derive(Debug)]
pub(crate) struct NewRow {
    /// The plate under which it lies.
    pub(crate) plate: String,
    pub(crate) tag: i64,
    pub(crate) read: StoredRead,
    /// For a sighting: plate and tag of its single reads, which come before it.
    pub(crate) members: Vec<(String, i64)>,
}

/// One write, as it grows.
pub(crate) struct Append<'a> {
    shelf: &'a Shelf,
    identity: &'a Identity,
    writer: &'a mut Writer,
    batch: Batch,
    seq: i64,
    clock: i64,
    new_origins: Vec<(String, Origin)>,
    last_epoch: Option<u32>,
    /// Plates that the epochs gain, by epoch.
    new_plates: FxHashMap<u32, FxHashMap<Plate, u32>>,
}

impl<'a> Append<'a> {
    /// `clock` is the latest instant that the store has acted on, in milliseconds.
    pub(crate) fn new(
        shelf: &'a Shelf,
        identity: &'a Identity,
        writer: &'a mut Writer,
        clock: i64,
    ) -> Self {
        let seq = writer.seq;
        Self {
            shelf,
            identity,
            writer,
            batch: Batch::default(),
            seq,
            clock,
            new_origins: Vec::new(),
            last_epoch: None,
            new_plates: FxHashMap::default(),
        }
    }

    /// The epoch of a group of reads, made where there is none.
    pub(crate) fn epoch_for(
        &mut self,
        dataset: u32,
        key: &GroupKey,
        last: u32,
    ) -> Result<(EpochRow, Arc<EpochSecrets>, bool)> {
        let found = self.writer.epochs.values().find(|epoch| {
            epoch.dataset == dataset
                && epoch.class == key.class
                && epoch.start == key.start
                && epoch.length == key.length
                && !epoch.closing
        });
        if let Some(epoch) = found.cloned()
            && let Some(secrets) = self.shelf.secrets(&epoch)?
        {
            return Ok((epoch, secrets, false));
        }
        let id = self.new_epoch_id(last);
        let (row, secrets) = new_epoch(self.shelf, id, dataset, key.class, key.start, key.length)?;
        Ok((row, secrets, true))
    }

    /// A number that no epoch ever had.
    pub(crate) fn new_epoch_id(&mut self, last: u32) -> u32 {
        let id = self
            .writer
            .next_epoch(last.max(self.last_epoch.unwrap_or(0)));
        self.last_epoch = Some(id);
        id
    }

    /// Adds rows to an epoch.
    pub(crate) fn rows(
        &mut self,
        mut epoch: EpochRow,
        secrets: &EpochSecrets,
        is_new: bool,
        rows: Vec<NewRow>,
    ) -> Result<()> {
        if !is_new {
            self.load_known(&epoch, secrets)?;
        }
        let mut postings = Vec::new();
        let mut reads = Vec::with_capacity(rows.len());
        let mut fresh: Vec<String> = Vec::new();
        for mut row in rows {
            if let StoredKind::Sighting { members, .. } = &mut row.read.kind {
                for (text, tag) in &row.members {
                    // One that was refused has no number and is left out.
                    members.extend(self.known_number(epoch.id, text).map(|plate| (plate, *tag)));
                }
            }
            let plate = self.plate_number(&epoch, &row.plate, &mut fresh)?;
            if fresh.len() + epoch.plates as usize == plate as usize + 1
                && fresh.last() == Some(&row.plate)
            {
                postings.extend(
                    row_tags(secrets, &row.plate)
                        .into_iter()
                        .map(|tag| (tag, plate)),
                );
            }
            let origin = self.origin(&row.read)?;
            let plain = encode_read(&row.read, epoch.start, origin);
            let place = read_place(epoch.id, plate, row.tag);
            let sealed = seal(&secrets.cipher, &mut self.writer.nonces, place, &plain)?;
            self.seq += 1;
            reads.push(ReadRow {
                plate,
                tag: row.tag,
                seq: self.seq,
                sealed,
            });
            let captured = row.read.core.captured_at.as_millisecond();
            epoch.oldest = epoch.oldest.min(captured);
            epoch.newest = epoch.newest.max(captured);
        }
        // In the order of the table, so that neighbours are written together.
        postings.sort_unstable();
        postings.dedup();
        reads.sort_by_key(|read| (read.plate, read.tag));
        let chunk = if fresh.is_empty() {
            None
        } else {
            let plain = encode_chunk(fresh.iter().map(String::as_str));
            let place = chunk_place(epoch.id, epoch.chunks);
            Some(seal(
                &secrets.cipher,
                &mut self.writer.nonces,
                place,
                &plain,
            )?)
        };
        let new_plates = u32::try_from(fresh.len()).unwrap_or(u32::MAX);
        self.batch.epochs.push(EpochBatch {
            epoch,
            is_new,
            postings,
            reads,
            new_plates,
            chunk,
        });
        Ok(())
    }

    /// Writes everything: returns how many rows are new.
    pub(crate) fn commit(mut self) -> Result<u64> {
        self.seal_batch()?;
        let gained = self.writer.backend.write(&self.batch);
        self.settle(gained)
    }

    /// Writes everything together with a hold.
    pub(crate) fn commit_hold(mut self, hold: &HoldRow) -> Result<u64> {
        self.seal_batch()?;
        let gained = self.writer.backend.put_hold(hold, &self.batch);
        let rows = self
            .batch
            .epochs
            .iter()
            .map(|epoch| epoch.reads.len() as u64)
            .collect();
        self.settle(gained.map(|()| rows))
    }

    fn seal_batch(&mut self) -> Result<()> {
        self.batch
            .meta
            .push(("seq", self.seq.to_le_bytes().to_vec()));
        self.batch
            .meta
            .push(("clock", self.clock.to_le_bytes().to_vec()));
        if let Some(last) = self.last_epoch {
            self.batch
                .meta
                .push(("last_epoch", last.to_le_bytes().to_vec()));
        }
        Ok(())
    }

    /// Brings what is kept in memory up to what was written, or forgets it where the write failed.
    fn settle(self, gained: Result<Vec<u64>>) -> Result<u64> {
        let gained = match gained {
            Ok(gained) => gained,
            Err(error) => {
                for epoch in &self.batch.epochs {
                    self.writer.known.remove(&epoch.epoch.id);
                }
                return Err(error);
            }
        };
        self.writer.seq = self.seq;
        let mut origins = self
            .shelf
            .origins
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for (text, origin) in self.new_origins {
            origins.push(origin);
            let number = u32::try_from(origins.len()).unwrap_or(u32::MAX);
            self.writer.origins.insert(text, number);
        }
        drop(origins);
        for (id, plates) in self.new_plates {
            self.writer.known.entry(id).or_default().extend(plates);
        }
        for (batch, gained) in self.batch.epochs.iter().zip(&gained) {
            let mut row = batch.epoch.clone();
            row.reads += gained;
            row.plates += batch.new_plates;
            row.chunks += u32::from(batch.chunk.is_some());
            self.writer.epochs.insert(row.id, row);
        }
        Ok(gained.iter().sum())
    }

    fn load_known(&mut self, epoch: &EpochRow, secrets: &EpochSecrets) -> Result<()> {
        if self.writer.known.contains_key(&epoch.id) {
            return Ok(());
        }
        // Days that are written to at once are few; what was written long ago need not stay in memory.
        if self.writer.known.len() >= 64 {
            self.writer.known.clear();
        }
        let mut known = FxHashMap::default();
        for (chunk, sealed) in self.writer.backend.chunks(epoch.id, 0)? {
            let plain = open(&secrets.cipher, chunk_place(epoch.id, chunk), &sealed)?;
            for plate in decode_chunk(&plain)? {
                let number = u32::try_from(known.len()).unwrap_or(u32::MAX);
                known.insert(plate, number);
            }
        }
        self.writer.known.insert(epoch.id, known);
        Ok(())
    }

    fn known_number(&self, epoch: u32, text: &str) -> Option<u32> {
        let plate = Plate::of(text);
        let of = |plates: Option<&FxHashMap<Plate, u32>>| {
            plates.and_then(|plates| plates.get(&plate).copied())
        };
        of(self.writer.known.get(&epoch)).or_else(|| of(self.new_plates.get(&epoch)))
    }

    /// The number of a plate in an epoch; a new one goes into `fresh`.
    fn plate_number(
        &mut self,
        epoch: &EpochRow,
        text: &str,
        fresh: &mut Vec<String>,
    ) -> Result<u32> {
        let plate = Plate::of(text);
        let known = self
            .writer
            .known
            .get(&epoch.id)
            .and_then(|known| known.get(&plate));
        let added = self.new_plates.entry(epoch.id).or_default();
        if let Some(number) = known.or_else(|| added.get(&plate)) {
            return Ok(*number);
        }
        let full = || {
            Error::new(
                ErrorKind::Full,
                "an epoch holds 2^32 plates",
                "use a shorter retention unit",
            )
        };
        let number = u32::try_from(fresh.len())
            .ok()
            .and_then(|fresh| epoch.plates.checked_add(fresh))
            .ok_or_else(full)?;
        added.insert(plate, number);
        fresh.push(text.to_owned());
        Ok(number)
    }

    /// The number of a camera and reader, from 1.
    fn origin(&mut self, read: &StoredRead) -> Result<u32> {
        let origin = Origin {
            camera: read.core.camera.clone(),
            reader: read.core.reader.clone(),
        };
        let text = serde_json::to_string(&origin).map_err(|source| {
            Error::invalid(
                "a camera cannot be written",
                "give finite numbers for its position",
            )
            .with_source(source)
        })?;
        if let Some(number) = self.writer.origins.get(&text) {
            return Ok(*number);
        }
        let before = self.writer.origins.len();
        let at = self
            .new_origins
            .iter()
            .position(|(known, _)| *known == text);
        let at = match at {
            Some(at) => at,
            None => {
                let number = u32::try_from(before + self.new_origins.len() + 1).unwrap_or(u32::MAX);
                let sealed = seal(
                    &self.identity.directory,
                    &mut self.writer.nonces,
                    origin_place(number),
                    text.as_bytes(),
                )?;
                self.batch.origins.push((number, sealed));
                self.new_origins.push((text, origin));
                self.new_origins.len() - 1
            }
        };
        Ok(u32::try_from(before + at + 1).unwrap_or(u32::MAX))
    }
}
