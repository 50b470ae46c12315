//! Looking for rows under a grant, and keeping back what it does not cover.

use std::collections::HashSet;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use jiff::Timestamp;
use platewarden_policy::model::{Dataset, HoldRef, ReadMeta, Site};
use platewarden_policy::permit::Grant;
use platewarden_policy::retention::RetentionPlan;
use platewarden_trail::{Digest, ReleaseRecord};

use super::answer::{Row, RowKind};
use super::asked::Tolerance;
use super::cursor::{Cursor, Position, Rank};
use super::prepare::{Prepared, Wanted};
use crate::backend::{Backend, Class, EpochRow};
use crate::index::{Matcher, Query, exact_tag, query_tags};
use crate::keys::EpochSecrets;
use crate::model::{StoredKind, StoredRead};
use crate::reference::RowPlace;
use crate::shelf::{Shelf, lock};
use crate::store::Store;
use crate::{Correction, Observation, Result};

/// What a search has found, screened and ranked.
pub(crate) struct Found {
    pub(crate) rows: Vec<Row>,
    pub(crate) next: Option<Cursor>,
    /// Rows found past their cap.
    pub(crate) faults: u64,
}

impl Found {
    pub(super) fn release(&self, permit_id: &str, prepared: &Prepared) -> ReleaseRecord {
        ReleaseRecord {
            permit_id: permit_id.to_owned(),
            request_id: prepared.request.id.to_string(),
            agency_id: prepared.request.actor.agency.id.to_string(),
            outcome: "released".to_owned(),
            count: self.rows.len() as u64,
            merkle_root: Some(Digest::from_bytes(self.merkle_root())),
            retention_faults: self.faults,
        }
    }

    /// Root of the Merkle tree over the rows' references.
    pub(crate) fn merkle_root(&self) -> [u8; 32] {
        let mut tree = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for row in &self.rows {
            tree.push(row.reference.as_str().as_bytes().to_vec());
        }
        let root = tree.root();
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(root.as_bytes()) {
            *to = *from;
        }
        bytes
    }
}

/// Runs a search. Takes the grant by value: it serves once.
pub(super) fn rows(
    store: &Store,
    grant: Grant,
    prepared: &Prepared,
    now: Timestamp,
) -> Result<Found> {
    let up_to = match &prepared.position {
        Some(position) => position.up_to,
        None => [store.disk.writer().seq, store.volatile.writer().seq],
    };
    let limit = prepared.limit.min(grant.caps().max_rows) as usize;
    let mut look = Look {
        store,
        prepared,
        query: prepared.query(),
        matcher: match &prepared.wanted {
            Wanted::Plate(text) => Matcher::plate(text),
            Wanted::Pattern(pattern) => Matcher::pattern(pattern.clone()),
            Wanted::Anything => Matcher::anything(),
        },
        up_to,
        limit,
        kept: Vec::new(),
        faults: 0,
    };
    let packs = store.issuer.policy().packs();
    for (dataset, clip_from, suppressed) in grant.datasets() {
        let plan = RetentionPlan::new(packs, dataset, now);
        let scope = Scope {
            dataset,
            clip_from,
            suppressed,
            plan,
            held: held(prepared),
        };
        look.dataset(&scope)?;
    }
    look.finish()
}

fn held(prepared: &Prepared) -> Option<HoldRef> {
    prepared.hold.as_ref().map(|hold| hold.hold.reference())
}

/// What a grant says of one dataset, ready to screen by.
struct Scope<'a> {
    dataset: &'a Dataset,
    clip_from: Option<Timestamp>,
    suppressed: &'a [Site],
    plan: RetentionPlan<'a>,
    held: Option<HoldRef>,
}

struct Look<'a> {
    store: &'a Store,
    prepared: &'a Prepared,
    query: Option<Query>,
    matcher: Matcher,
    up_to: [i64; 2],
    limit: usize,
    kept: Vec<(Rank, Row)>,
    faults: u64,
}

/// A read that may answer, with the corrections that stand beside it.
struct Candidate {
    place: RowPlace,
    read: StoredRead,
    corrections: Vec<Correction>,
}

impl Look<'_> {
    fn dataset(&mut self, scope: &Scope<'_>) -> Result<()> {
        let Some((number, _)) = self.store.settings(scope.dataset.id.as_str()) else {
            return Ok(());
        };
        for shelf in [&self.store.disk, &self.store.volatile] {
            shelf.read(|backend| {
                for epoch in backend.epochs()? {
                    if epoch.dataset == number && self.concerns(&epoch, scope) {
                        self.epoch(shelf, backend, &epoch, scope)?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Whether an epoch can hold rows for this search at all.
    fn concerns(&self, epoch: &EpochRow, scope: &Scope<'_>) -> bool {
        if let Some(hold) = &self.prepared.hold {
            return epoch.class == Class::Held && epoch.id == hold.row.epoch;
        }
        let window = self.prepared.request.window;
        let from = scope.clip_from.max(window.map(|window| window.start));
        epoch.class != Class::Held
            && from.is_none_or(|from| epoch.end() > from.as_millisecond())
            && window.is_none_or(|window| epoch.start < window.end.as_millisecond())
    }

    fn epoch(
        &mut self,
        shelf: &Shelf,
        backend: &mut dyn Backend,
        epoch: &EpochRow,
        scope: &Scope<'_>,
    ) -> Result<()> {
        // Where the key was destroyed there is nothing, whatever rows an old backup brought back.
        let Some(secrets) = shelf.secrets(epoch)? else {
            return Ok(());
        };
        let secrets = &*secrets;
        let up_to = self
            .up_to
            .get(usize::from(shelf.number))
            .copied()
            .unwrap_or(0);
        let mut candidates = Vec::new();
        match self.plates(shelf, backend, epoch, secrets)? {
            Some(plates) => {
                for plate in plates {
                    self.plate(
                        shelf,
                        backend,
                        epoch,
                        secrets,
                        plate,
                        up_to,
                        &mut candidates,
                    )?;
                }
            }
            None => self.everything(shelf, backend, epoch, secrets, up_to, &mut candidates)?,
        }
        for candidate in candidates {
            self.offer(candidate, scope);
        }
        Ok(())
    }

    /// The plates that may answer; `None` where all may.
    fn plates(
        &self,
        shelf: &Shelf,
        backend: &mut dyn Backend,
        epoch: &EpochRow,
        secrets: &EpochSecrets,
    ) -> Result<Option<Vec<u32>>> {
        let tags = match (&self.prepared.wanted, self.prepared.tolerance) {
            (Wanted::Anything, _) => return Ok(None),
            (Wanted::Plate(text), Tolerance::Exact) => Some(vec![exact_tag(secrets, text)]),
            (Wanted::Plate(text), Tolerance::LookAlikes) => Some(query_tags(secrets, text, false)),
            (Wanted::Plate(text), Tolerance::OneEdit) => Some(query_tags(secrets, text, true)),
            (Wanted::Plate(_), Tolerance::TwoEdits) | (Wanted::Pattern(_), _) => None,
        };
        let mut plates = match (tags, &self.query) {
            (Some(tags), _) => backend.plates(epoch.id, &tags)?,
            (None, Some(query)) => {
                let dictionary = shelf.dictionary(backend, epoch, secrets)?;
                let mut plates = Vec::new();
                lock(&dictionary).scan(query, |plate| plates.push(plate));
                plates
            }
            (None, None) => return Ok(None),
        };
        plates.sort_unstable();
        plates.dedup();
        Ok(Some(plates))
    }

    /// Whether a text answers; tags of 48 bits may meet a wrong one.
    fn answers(&self, text: &str) -> bool {
        match (&self.prepared.wanted, &self.query) {
            (Wanted::Plate(plate), _) if self.prepared.tolerance == Tolerance::Exact => {
                plate == text
            }
            (_, Some(query)) => query.matches(text),
            (_, None) => true,
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one place")]
    fn plate(
        &self,
        shelf: &Shelf,
        backend: &mut dyn Backend,
        epoch: &EpochRow,
        secrets: &EpochSecrets,
        plate: u32,
        up_to: i64,
        out: &mut Vec<Candidate>,
    ) -> Result<()> {
        let rows = backend.reads(epoch.id, plate, up_to)?;
        let mut opened = Vec::with_capacity(rows.len());
        for row in rows {
            opened.push((row.tag, shelf.open_read(epoch, secrets, &row)?));
        }
        // Under a plate lie its reads, corrections of them, and corrections of other reads that were found to show it.
        let mut elsewhere = Vec::new();
        for (_, read) in &opened {
            if let StoredKind::Correction { of, correction } = &read.kind
                && of.0 != plate
                && self.answers(&correction.text)
            {
                elsewhere.push(*of);
            }
        }
        assemble(
            shelf,
            epoch,
            plate,
            opened,
            |candidate| self.answers(&candidate.read.core.text),
            out,
        );
        for of in elsewhere {
            let mut opened = Vec::new();
            for row in backend.reads(epoch.id, of.0, up_to)? {
                opened.push((row.tag, shelf.open_read(epoch, secrets, &row)?));
            }
            let wanted = |candidate: &Candidate| candidate.place.tag == of.1;
            assemble(shelf, epoch, of.0, opened, wanted, out);
        }
        Ok(())
    }

    fn everything(
        &self,
        shelf: &Shelf,
        backend: &mut dyn Backend,
        epoch: &EpochRow,
        secrets: &EpochSecrets,
        up_to: i64,
        out: &mut Vec<Candidate>,
    ) -> Result<()> {
        // Rows come by plate, so that a plate's corrections are beside its reads.
        let mut plate = 0;
        let mut opened: Vec<(i64, StoredRead)> = Vec::new();
        backend.all_reads(epoch.id, up_to, &mut |row| {
            if row.plate != plate {
                assemble(
                    shelf,
                    epoch,
                    plate,
                    std::mem::take(&mut opened),
                    |_| true,
                    out,
                );
                plate = row.plate;
            }
            opened.push((row.tag, shelf.open_read(epoch, secrets, &row)?));
            Ok(())
        })?;
        assemble(shelf, epoch, plate, opened, |_| true, out);
        Ok(())
    }

    /// Screens a candidate and keeps it if it is among the best.
    fn offer(&mut self, candidate: Candidate, scope: &Scope<'_>) {
        let core = &candidate.read.core;
        if !self.passes(core) || !self.may_leave(core, scope) {
            return;
        }
        let (probability, why) = self.weigh(&candidate);
        if probability < self.prepared.min_probability {
            return;
        }
        let reference = candidate.place.reference(&self.store.identity);
        let rank = Rank::new(
            probability,
            core.captured_at.as_millisecond(),
            reference.as_str(),
        );
        if self
            .prepared
            .position
            .as_ref()
            .is_some_and(|position| rank <= position.last)
        {
            return;
        }
        let row = Row {
            reference,
            dataset: scope.dataset.id.clone(),
            kind: self.kind(&candidate),
            read: candidate.read.core,
            corrections: candidate.corrections,
            probability,
            why,
            hold: self.prepared.hold.as_ref().map(|hold| hold.hold.id.clone()),
        };
        self.kept.push((rank, row));
        if self.kept.len() > self.limit.saturating_mul(4).max(4_096) {
            self.cut();
        }
    }

    fn kind(&self, candidate: &Candidate) -> RowKind {
        match &candidate.read.kind {
            StoredKind::Sighting {
                first_seen,
                last_seen,
                reads,
                agreeing_reads,
                members,
            } => RowKind::Sighting {
                first_seen: *first_seen,
                last_seen: *last_seen,
                reads: *reads,
                agreeing_reads: *agreeing_reads,
                observations: members
                    .iter()
                    .map(|(plate, tag)| {
                        RowPlace {
                            plate: *plate,
                            tag: *tag,
                            ..candidate.place
                        }
                        .reference(&self.store.identity)
                    })
                    .collect(),
            },
            StoredKind::Observation | StoredKind::Correction { .. } => RowKind::Observation,
        }
    }

    /// The filters of the search.
    fn passes(&self, core: &Observation) -> bool {
        let asked = self.prepared;
        let window = asked.request.window;
        let camera = &core.camera;
        let position = camera.latitude.zip(camera.longitude);
        window
            .is_none_or(|window| core.captured_at >= window.start && core.captured_at < window.end)
            && (asked.cameras.is_empty() || asked.cameras.contains(&camera.id))
            && asked
                .area
                .is_none_or(|area| position.is_some_and(|(lat, lon)| area.contains(lat, lon)))
            && asked
                .direction
                .is_none_or(|direction| core.direction == Some(direction))
            && asked.region.as_ref().is_none_or(|code| {
                core.region
                    .as_ref()
                    .is_some_and(|region| region.code.eq_ignore_ascii_case(code))
            })
    }

    /// Retention and the grant's own limits, row by row, whether or not anybody has swept.
    fn may_leave(&mut self, core: &Observation, scope: &Scope<'_>) -> bool {
        let mut meta = ReadMeta::captured(core.captured_at);
        meta.matched = core.matched;
        meta.site.clone_from(&core.camera.sites);
        meta.hold.clone_from(&scope.held);
        let retention = scope.plan.of(&meta);
        if !retention.may_be_returned() {
            self.faults += u64::from(retention.is_due());
            return false;
        }
        let clipped =
            scope.held.is_none() && scope.clip_from.is_some_and(|from| core.captured_at < from);
        !clipped
            && !core
                .camera
                .sites
                .iter()
                .any(|site| scope.suppressed.contains(site))
    }

    fn weigh(&self, candidate: &Candidate) -> (f32, Vec<String>) {
        let mut verdict = self.matcher.weigh(&candidate.read.core);
        for correction in &candidate.corrections {
            let mut corrected = candidate.read.core.clone();
            corrected.text.clone_from(&correction.text);
            corrected.confidence = 0.99;
            corrected.characters.clear();
            corrected.candidates.clear();
            let other = self.matcher.weigh(&corrected);
            if other.probability > verdict.probability {
                let who = format!(
                    "corrected by {} from {}",
                    correction.by, candidate.read.core.text
                );
                verdict.probability = other.probability;
                verdict.why = std::iter::once(who).chain(other.why).collect();
            }
        }
        (verdict.probability, verdict.why)
    }

    /// Keeps the best rows, one more than are asked for.
    fn cut(&mut self) {
        self.kept.sort_by(|a, b| a.0.cmp(&b.0));
        let mut seen = HashSet::new();
        self.kept
            .retain(|(rank, _)| seen.insert(rank.reference.clone()));
        self.kept.truncate(self.limit + 1);
    }

    fn finish(mut self) -> Result<Found> {
        self.cut();
        let more = self.kept.len() > self.limit;
        self.kept.truncate(self.limit);
        let next = match self.kept.last() {
            Some((last, _)) if more => {
                let position = Position {
                    up_to: self.up_to,
                    last: last.clone(),
                };
                Some(position.cursor(&self.prepared.search_digest, &self.store.identity)?)
            }
            _ => None,
        };
        let rows = self.kept.into_iter().map(|(_, row)| row).collect();
        Ok(Found {
            rows,
            next,
            faults: self.faults,
        })
    }
}

/// Puts a plate's reads together with the corrections that stand beside them.
fn assemble(
    shelf: &Shelf,
    epoch: &EpochRow,
    plate: u32,
    opened: Vec<(i64, StoredRead)>,
    wanted: impl Fn(&Candidate) -> bool,
    out: &mut Vec<Candidate>,
) {
    let mut corrections = Vec::new();
    let mut reads = Vec::new();
    for (tag, read) in opened {
        match read.kind {
            StoredKind::Correction { of, correction } if of.0 == plate => {
                corrections.push((of.1, correction))
            }
            StoredKind::Correction { .. } => {}
            _ => reads.push((tag, read)),
        }
    }
    corrections.sort_by_key(|(_, correction)| correction.at);
    for (tag, read) in reads {
        let own = corrections.iter().filter(|(of, _)| *of == tag);
        let candidate = Candidate {
            place: RowPlace {
                shelf: shelf.number,
                epoch: epoch.id,
                plate,
                tag,
            },
            read,
            corrections: own.map(|(_, correction)| correction.clone()).collect(),
        };
        if wanted(&candidate) {
            out.push(candidate);
        }
    }
}
