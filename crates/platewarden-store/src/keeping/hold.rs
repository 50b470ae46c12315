//! Holds: copies under a key of their own, for a case, with two persons behind them and an end.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use platewarden_policy::model::{Actor, Dataset, HoldKind, HoldRef, ReadMeta};
use platewarden_policy::retention::{RetentionPlan, Standing};
use platewarden_trail::HoldRecord;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::sweep::{Ground, Swept};
use crate::backend::{Class, EpochRow, HoldRow};
use crate::gates::may_approve;
use crate::index::dedup_tag;
use crate::ingest::{Append, NewRow, new_epoch};
use crate::keys::{EpochSecrets, Sealed, open, seal};
use crate::model::{StoredKind, StoredRead};
use crate::reference::RowPlace;
use crate::store::Store;
use crate::{Error, Result, RowRef};

/// A read that is to be held, and where it lies.
type Copied = (RowPlace, StoredRead);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct HoldOrder {
    /// Why the law lets reads be kept.
    pub kind: HoldKind,
    /// The case.
    pub case: String,
    /// Order, statute or policy that asks for it.
    pub authority: String,
    /// Who asks.
    pub requester: Actor,
    /// Another verified person, who approves.
    pub approver: Actor,
    /// When the hold ends by itself.
    pub expires: Timestamp,
    /// When somebody has to look whether it is still needed; not after the end.
    pub review: Timestamp,
}

/// A hold as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hold {
    /// Its name.
    pub id: String,
    /// The dataset of the reads.
    pub dataset: String,
    /// Why the law lets them be kept.
    pub kind: HoldKind,
    /// The case.
    pub case: String,
    /// Order, statute or policy that asks for it.
    pub authority: String,
    /// Who asked.
    pub requester: String,
    /// Who approved.
    pub approver: String,
    /// When it was placed.
    pub placed: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// When somebody has to look whether it is still needed.
    pub review: Timestamp,
    /// How many reads were copied.
    pub reads: u64,
    /// Epochs that they were copied from.
    sources: Vec<u32>,
}

impl Hold {
    pub(crate) fn reference(&self) -> HoldRef {
        let mut reference = HoldRef::new(self.id.as_str(), self.kind);
        reference.requested_at = Some(self.placed);
        reference.until = Some(self.expires);
        reference
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} reads of {} for case {}, until {}, review {}",
            self.id, self.reads, self.dataset, self.case, self.expires, self.review
        )
    }
}

/// A hold that a search is about.
#[derive(Clone, Debug)]
pub(crate) struct HoldView {
    pub(crate) row: HoldRow,
    pub(crate) hold: Hold,
    pub(crate) epoch: EpochRow,
}

fn place(number: u32) -> Sealed<'static> {
    Sealed {
        kind: "hold",
        epoch: 0,
        row: u64::from(number),
        part: 0,
    }
}

impl Store {
    /// Copies the named reads under a key of their own; the epoch that they come from still goes on time.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where the order lacks a part, the approver is not another
    /// verified person, the law of the data does not honour such a hold, or a reference names no row;
    /// [`ErrorKind::KeyMissing`](crate::ErrorKind::KeyMissing) where a row is gone.
    pub fn place_hold(&self, order: &HoldOrder, reads: &[RowRef]) -> Result<Hold> {
        let now = self.now()?;
        check(order, now)?;
        let places: Vec<RowPlace> = reads
            .iter()
            .map(|read| RowPlace::of(read, &self.identity))
            .collect::<Result<_>>()?;
        if places.iter().any(|place| place.shelf != 0) {
            return Err(Error::invalid(
                "a read that may never reach a device cannot be held",
                "hold a matched read",
            ));
        }
        let (dataset, name, copies) = self.copies(&places)?;
        self.check_law(&name, order, now)?;
        let shelf = &self.disk;
        let mut writer = shelf.writer();
        let last = self.last_epoch(&mut writer)?;
        let holds = writer.backend.holds()?;
        let number = holds.iter().map(|hold| hold.id).max().unwrap_or(0) + 1;
        let mut sources: Vec<u32> = places.iter().map(|place| place.epoch).collect();
        sources.sort_unstable();
        sources.dedup();
        let hold = Hold {
            id: format!("hold-{number}"),
            dataset: name,
            kind: order.kind,
            case: order.case.trim().to_owned(),
            authority: order.authority.trim().to_owned(),
            requester: order.requester.user.to_string(),
            approver: order.approver.user.to_string(),
            placed: now,
            expires: order.expires,
            review: order.review,
            reads: places.len() as u64,
            sources,
        };
        let captured = || {
            copies
                .iter()
                .map(|(_, read)| read.core.captured_at.as_millisecond())
        };
        let (start, end) = (captured().min().unwrap_or(0), captured().max().unwrap_or(0));
        let mut append = Append::new(shelf, &self.identity, &mut writer, now.as_millisecond());
        let id = append.new_epoch_id(last);
        let (epoch, secrets) = new_epoch(shelf, id, dataset, Class::Held, start, end - start + 1)?;
        let fingerprint = epoch.fingerprint.to_string();
        let rows = renumber(&secrets, copies);
        append.rows(epoch, &secrets, true, rows)?;
        let text = serde_json::to_vec(&hold).map_err(|source| {
            Error::invalid("a hold cannot be written", "report this").with_source(source)
        })?;
        let mut nonces = crate::keys::Nonces::default();
        let sealed = seal(&self.identity.directory, &mut nonces, place(number), &text)?;
        // Told first: a hold that the trail does not know of must not exist.
        self.trace(vec![record(&hold, "placed", &fingerprint).into()])?;
        append.commit_hold(&HoldRow {
            id: number,
            epoch: id,
            ended: false,
            sealed,
        })?;
        Ok(hold)
    }

    /// Whether the law of the data lets reads be kept so.
    fn check_law(&self, dataset: &str, order: &HoldOrder, now: Timestamp) -> Result<()> {
        let (_, settings) = self.known_dataset(dataset)?;
        let plan = RetentionPlan::new(self.policy().packs(), &settings.dataset, now);
        // A read that is far past any cap shows whether the hold would keep it.
        let old = now
            .checked_sub(SignedDuration::from_hours(24 * 365 * 50))
            .unwrap_or(Timestamp::MIN);
        let mut reference = HoldRef::new("asked", order.kind);
        reference.requested_at = Some(now);
        reference.until = Some(order.expires);
        let retention = plan.of(&ReadMeta::captured(old).with_hold(reference));
        match retention.standing {
            Standing::Keep | Standing::Held { .. } => Ok(()),
            Standing::Due | Standing::Unsettled { .. } => Err(Error::invalid(
                format!(
                    "the law of {dataset} does not honour a hold for {} ({})",
                    order.kind,
                    retention.rule.as_deref().unwrap_or("retention")
                ),
                "name the ground that the law has, or copy the reads into the case file while they exist",
            )),
        }
    }

    /// The named reads, opened, with the corrections beside them.
    fn copies(&self, places: &[RowPlace]) -> Result<(u32, String, Vec<Copied>)> {
        let gone = || {
            Error::new(
                crate::ErrorKind::KeyMissing,
                "a read is gone",
                "what was deleted cannot be held",
            )
        };
        let mut dataset = None;
        let mut copies = Vec::new();
        for place in places {
            let epoch = self
                .disk
                .writer()
                .epochs
                .get(&place.epoch)
                .cloned()
                .ok_or_else(gone)?;
            if *dataset.get_or_insert(epoch.dataset) != epoch.dataset {
                return Err(Error::invalid(
                    "reads of two datasets",
                    "place one hold for each dataset",
                ));
            }
            let secrets = self.disk.secrets(&epoch)?.ok_or_else(gone)?;
            let rows = self
                .disk
                .read(|backend| backend.reads(epoch.id, place.plate, i64::MAX))?;
            let before = copies.len();
            for row in rows {
                let read = self.disk.open_read(&epoch, &secrets, &row)?;
                let wanted = match &read.kind {
                    StoredKind::Correction { of, .. } => *of == (place.plate, place.tag),
                    _ => row.tag == place.tag,
                };
                if wanted {
                    copies.push((
                        RowPlace {
                            tag: row.tag,
                            ..*place
                        },
                        read,
                    ));
                }
            }
            if copies.len() == before {
                return Err(gone());
            }
        }
        let number =
            dataset.ok_or_else(|| Error::invalid("a hold on no read", "name the reads"))?;
        let name = self
            .all_settings()
            .into_iter()
            .find(|(known, _)| *known == number);
        let name = name
            .map(|(_, settings)| settings.dataset.id.to_string())
            .ok_or_else(gone)?;
        Ok((number, name, copies))
    }

    /// Ends a hold: its key is destroyed, and the copies with it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where there is no such hold.
    pub fn end_hold(&self, id: &str) -> Result<()> {
        let now = self.now()?;
        let view = self.hold_view(id)?.ok_or_else(|| {
            Error::invalid(
                format!("there is no hold `{id}`"),
                "see `Store::holds` for those that stand",
            )
        })?;
        self.end(&view, now)?;
        self.disk.writer().backend.truncate_log()
    }

    fn end(&self, view: &HoldView, now: Timestamp) -> Result<()> {
        let ground = Ground::new(view.epoch.id, "store-hold-ended", &view.hold.authority);
        let record = record(&view.hold, "ended", &view.epoch.fingerprint.to_string());
        self.erase(&self.disk, &view.epoch, &ground, now)?;
        self.disk.writer().backend.end_hold(view.row.id)?;
        self.trace(vec![record.into()])
    }

    pub(super) fn end_expired_holds(&self, now: Timestamp, swept: &mut Swept) -> Result<()> {
        for view in self.standing_holds()? {
            if view.hold.expires <= now {
                self.end(&view, now)?;
                swept.ended_holds.push(view.hold.id);
            }
        }
        Ok(())
    }

    /// The holds that stand.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) where one cannot be read.
    pub fn holds(&self) -> Result<Vec<Hold>> {
        Ok(self
            .standing_holds()?
            .into_iter()
            .map(|view| view.hold)
            .collect())
    }

    fn standing_holds(&self) -> Result<Vec<HoldView>> {
        let mut writer = self.disk.writer();
        let mut standing = Vec::new();
        for row in writer.backend.holds()?.into_iter().filter(|row| !row.ended) {
            let hold = self.open_hold(&row)?;
            // A crash between the end of the copies and that of the hold leaves a hold on nothing.
            if let Some(epoch) = writer.epochs.get(&row.epoch).filter(|epoch| !epoch.closing) {
                standing.push(HoldView {
                    epoch: epoch.clone(),
                    row,
                    hold,
                });
            }
        }
        Ok(standing)
    }

    fn open_hold(&self, row: &HoldRow) -> Result<Hold> {
        let text = open(&self.identity.directory, place(row.id), &row.sealed)?;
        serde_json::from_slice(&text).map_err(|_| Error::corrupt("a hold"))
    }

    pub(crate) fn hold_view(&self, id: &str) -> Result<Option<HoldView>> {
        Ok(self
            .standing_holds()?
            .into_iter()
            .find(|view| view.hold.id == id))
    }

    /// The dataset of a hold, as the policy sees it: its reads with the hold that keeps them.
    pub(crate) fn held_dataset(&self, view: &HoldView) -> Dataset {
        let Some((_, settings)) = self.settings(&view.hold.dataset) else {
            return Dataset::default();
        };
        let mut dataset = settings.dataset.clone();
        for captured in [view.epoch.oldest, view.epoch.newest] {
            if let Ok(at) = Timestamp::from_millisecond(captured) {
                dataset
                    .reads
                    .push(ReadMeta::captured(at).with_hold(view.hold.reference()));
            }
        }
        dataset
    }

    /// The holds that copied reads out of an epoch and stand.
    pub(super) fn holds_from(&self, epoch: u32) -> Result<Vec<String>> {
        let from = |view: &HoldView| view.hold.sources.contains(&epoch);
        Ok(self
            .standing_holds()?
            .into_iter()
            .filter(from)
            .map(|view| view.hold.id)
            .collect())
    }
}

fn check(order: &HoldOrder, now: Timestamp) -> Result<()> {
    let wrong = |what: &str, remedy: &'static str| Err(Error::invalid(what.to_owned(), remedy));
    if order.case.trim().is_empty() {
        return wrong("a hold without a case", "name the case");
    }
    if order.authority.trim().is_empty() {
        return wrong(
            "a hold without an authority",
            "name the order, statute or policy that asks for it",
        );
    }
    if !may_approve(&order.approver, &order.requester) {
        return wrong(
            "nobody else has approved the hold",
            "another person, verified and signed in with more than one factor, approves it",
        );
    }
    if order.expires <= now || order.review > order.expires || order.review <= now {
        return wrong(
            "a hold that does not end, or is never looked at",
            "give an end in the future and a review no later than the end",
        );
    }
    Ok(())
}

/// The copies with tags under the hold's key; corrections follow their reads to their new numbers.
fn renumber(secrets: &EpochSecrets, copies: Vec<Copied>) -> Vec<NewRow> {
    // A new epoch numbers its plates in the order in which they come.
    let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
    let mut number_of = |text: &str| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(text.to_owned()).or_insert(next)
    };
    let mut rows = Vec::new();
    for (place, read) in copies {
        let StoredRead { core, kind } = read;
        let text = core.text.clone();
        let tag = new_tag(secrets, &place, &text);
        let number = number_of(&text);
        let mut plates = vec![text.clone()];
        let kind = match kind {
            StoredKind::Correction { of, correction } => {
                let original = RowPlace {
                    plate: of.0,
                    tag: of.1,
                    ..place
                };
                number_of(&correction.text);
                plates.push(correction.text.clone());
                plates.dedup();
                StoredKind::Correction {
                    of: (number, new_tag(secrets, &original, &text)),
                    correction,
                }
            }
            StoredKind::Sighting {
                first_seen,
                last_seen,
                reads,
                agreeing_reads,
                ..
            } => {
                // Its single reads are held only where they are named themselves.
                StoredKind::Sighting {
                    first_seen,
                    last_seen,
                    reads,
                    agreeing_reads,
                    members: Vec::new(),
                }
            }
            StoredKind::Observation => StoredKind::Observation,
        };
        let read = StoredRead { core, kind };
        rows.extend(plates.into_iter().map(|plate| NewRow {
            plate,
            tag,
            read: read.clone(),
            members: Vec::new(),
        }));
    }
    rows
}

fn new_tag(secrets: &EpochSecrets, place: &RowPlace, text: &str) -> i64 {
    let from = format!("{}-{}-{}", place.epoch, place.plate, place.tag);
    dedup_tag(secrets, &from, 0, text, None, 3)
}

fn record(hold: &Hold, step: &str, fingerprint: &str) -> HoldRecord {
    HoldRecord {
        hold_id: hold.id.clone(),
        step: step.to_owned(),
        dataset: hold.dataset.clone(),
        hold_kind: hold.kind.to_string(),
        case_ref: hold.case.clone(),
        authority: hold.authority.clone(),
        requester: hold.requester.clone(),
        approver: hold.approver.clone(),
        expires: Some(hold.expires),
        review: Some(hold.review),
        reads: hold.reads,
        key_fingerprint: fingerprint.to_owned(),
    }
}
