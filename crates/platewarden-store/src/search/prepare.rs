//! From what was asked to what is decided: one spelling, the store's own facts, and a digest of it all.

use jiff::{SignedDuration, Timestamp};
use platewarden_policy::model::{
    AccessMode, CaseRef, Dataset, RequestId, SearchRequest, StoreFacts, Target,
};
use platewarden_policy::permit::QueryDigest;
use platewarden_trail::RequestRecord;

use super::asked::{Area, Search, Tolerance};
use super::cursor::Position;
use crate::gates::put_approval;
use crate::index::{Pattern, Query};
use crate::keeping::HoldView;
use crate::model::skeleton;
use crate::store::Store;
use crate::{Direction, Error, Result, normalise};

/// Fewer fixed characters than these are no plate.
const MIN_FIXED: usize = 3;
/// More rows than these are a search in bulk.
const BULK_ROWS: u32 = 1_000;
/// A hotlist whose source was not brought up to date for longer than this is out of date.
const LIST_HOURS: i64 = 24;

const USER: u8 = 1;
const PLATE: u8 = 2;

/// What is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Plate(String),
    Pattern(Pattern),
    Anything,
}

/// A search that is ready to be decided and run.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) request: SearchRequest,
    /// Digest of everything that changes the rows.
    pub(crate) digest: QueryDigest,
    /// The same without the cursor: pages of one answer share it.
    pub(crate) search_digest: [u8; 32],
    pub(crate) wanted: Wanted,
    pub(crate) tolerance: Tolerance,
    pub(crate) cameras: Vec<String>,
    pub(crate) area: Option<Area>,
    pub(crate) region: Option<String>,
    pub(crate) direction: Option<Direction>,
    pub(crate) min_probability: f32,
    pub(crate) limit: u32,
    pub(crate) position: Option<Position>,
    pub(crate) hold: Option<HoldView>,
    pub(crate) user_pseudonym: String,
    pub(crate) plate_pseudonym: Option<String>,
    /// What was looked for, for the auditor.
    pub(crate) description: String,
}

impl Store {
    pub(super) fn prepare(&self, search: &Search, now: Timestamp) -> Result<Prepared> {
        let mut request = search.request.clone();
        let wanted = wanted(&mut request)?;
        if search.limit > BULK_ROWS {
            request.mode = AccessMode::BulkExport;
        }
        request.as_of = now;
        if request.id.as_str().is_empty() {
            request.id = RequestId(hex::encode(crate::keys::random::<12>()?));
        }
        let hold = self.put_datasets(&mut request, search)?;
        put_approval(
            &mut request,
            search.approval.as_ref().map(|approval| &approval.approver),
        );
        let user = format!("{}/{}", request.actor.agency.id, request.actor.user);
        let user_pseudonym = self.identity.pseudonym(USER, &user.to_lowercase());
        let shape = match &wanted {
            Wanted::Plate(text) => Some(skeleton(text)),
            Wanted::Pattern(pattern) => Some(pattern.normalised()),
            Wanted::Anything => None,
        };
        let plate_pseudonym = shape
            .as_ref()
            .map(|shape| self.identity.pseudonym(PLATE, shape));
        request.store = Some(self.facts(
            &request,
            search,
            &user_pseudonym,
            plate_pseudonym.as_deref(),
            now,
        ));
        let description = description(search, &wanted);
        let search_digest = digest_of(&description, &user_pseudonym, search.limit, &request);
        let cursor = search.after.as_ref();
        let position = cursor
            .map(|cursor| Position::of(cursor, &search_digest, &self.identity))
            .transpose()?;
        let digest = QueryDigest::of(&[
            &search_digest,
            cursor.map_or("", |cursor| cursor.as_str()).as_bytes(),
        ]);
        Ok(Prepared {
            request,
            digest,
            search_digest,
            wanted,
            tolerance: search.tolerance,
            cameras: search.cameras.clone(),
            area: search.area,
            region: search.region.clone(),
            direction: search.direction,
            min_probability: search.min_probability,
            limit: search.limit,
            position,
            hold,
            user_pseudonym,
            plate_pseudonym,
            description,
        })
    }

    /// Puts the store's own facts of the datasets into the request; those of a hold with the reads that it keeps.
    fn put_datasets(
        &self,
        request: &mut SearchRequest,
        search: &Search,
    ) -> Result<Option<HoldView>> {
        let Some(id) = &search.hold else {
            request.datasets = request
                .datasets
                .iter()
                .map(|asked| self.own_facts(asked))
                .collect();
            return Ok(None);
        };
        let hold = self.hold_view(id)?;
        let held = hold
            .as_ref()
            .map_or_else(Dataset::default, |hold| self.held_dataset(hold));
        request.datasets = vec![held];
        Ok(hold)
    }

    /// The dataset as the store knows it; of one that it does not know, nothing is known, and unknown denies.
    fn own_facts(&self, asked: &Dataset) -> Dataset {
        let known = self
            .settings(asked.id.as_str())
            .map(|(_, settings)| settings.dataset.clone());
        known.unwrap_or_else(|| Dataset {
            id: asked.id.clone(),
            ..Dataset::default()
        })
    }

    fn facts(
        &self,
        request: &SearchRequest,
        search: &Search,
        user: &str,
        plate: Option<&str>,
        now: Timestamp,
    ) -> StoreFacts {
        // A later page of one answer is no new search of the plate.
        let again = u32::from(search.after.is_none());
        let before = plate.map_or(0, |plate| self.repeats().count(user, plate, now));
        let case = request
            .case_ref
            .as_ref()
            .map(CaseRef::id)
            .unwrap_or_default();
        let own = |data: &Dataset| data.owner.id == request.actor.agency.id;
        let case_in_pattern = request
            .datasets
            .iter()
            .filter(|data| own(data))
            .all(|data| {
                self.settings(data.id.as_str())
                    .is_none_or(|(_, settings)| settings.accepts_case(case))
            });
        let limit = now
            .checked_sub(SignedDuration::from_hours(LIST_HOURS))
            .unwrap_or(Timestamp::MIN);
        StoreFacts {
            searches_of_plate: before + again,
            case_in_pattern,
            list_is_stale: search
                .list_updated
                .is_none_or(|updated| updated < limit || updated > now),
        }
    }
}

/// Digest of everything that changes the rows but the cursor.
fn digest_of(description: &str, user: &str, limit: u32, request: &SearchRequest) -> [u8; 32] {
    let names: Vec<&str> = request
        .datasets
        .iter()
        .map(|data| data.id.as_str())
        .collect();
    let digest = QueryDigest::of(&[
        description.as_bytes(),
        user.as_bytes(),
        &limit.to_le_bytes(),
        format!("{:?}", request.window).as_bytes(),
        format!("{names:?}").as_bytes(),
    ]);
    *digest.as_bytes()
}

/// What is looked for, in one spelling; makes the mode at least as strict as what it is.
fn wanted(request: &mut SearchRequest) -> Result<Wanted> {
    let text = match &request.target {
        Some(Target::Plate { text } | Target::PartialPlate { text }) => Some(text.clone()),
        Some(Target::Area { .. }) | None => None,
        Some(Target::Description { .. } | Target::Prompt { .. }) => {
            return Err(Error::invalid(
                "the store holds no descriptions of vehicles and answers no prompts",
                "search for a plate, a pattern or an area",
            ));
        }
    };
    if request.mode == AccessMode::HotlistAdd || request.mode == AccessMode::OwnerJoin {
        return Err(Error::invalid(
            format!("`{}` is no search of stored reads", request.mode),
            "decide hotlist entries with `Policy::decide` before they are entered; owners of vehicles are not stored here",
        ));
    }
    let ordinary = matches!(
        request.mode,
        AccessMode::HistoricalPlate | AccessMode::HistoricalPartial | AccessMode::HotlistMatch
    );
    let Some(text) = text else {
        if ordinary {
            request.mode = AccessMode::AreaTime;
        }
        return Ok(Wanted::Anything);
    };
    if text.contains(['?', '*']) {
        let pattern = Pattern::parse(&text);
        if ordinary {
            // Next to nothing of a plate looks at everybody, whatever it calls itself.
            request.mode = if pattern.fixed() < MIN_FIXED {
                AccessMode::AreaTime
            } else {
                AccessMode::HistoricalPartial
            };
        }
        request.target = Some(Target::PartialPlate {
            text: pattern.normalised(),
        });
        return Ok(Wanted::Pattern(pattern));
    }
    let plate = normalise(&text);
    if plate.chars().count() < 2 {
        return Err(Error::invalid(
            format!("`{text}` is no plate"),
            "a plate has at least two letters or digits; for a part of one use `?` and `*`",
        ));
    }
    request.target = Some(Target::Plate {
        text: plate.clone(),
    });
    Ok(Wanted::Plate(plate))
}

/// What was looked for, as JSON: sealed to the auditor, and part of the digest.
fn description(search: &Search, wanted: &Wanted) -> String {
    let (kind, text) = match wanted {
        Wanted::Plate(text) => ("plate", text.clone()),
        Wanted::Pattern(pattern) => ("pattern", pattern.normalised()),
        Wanted::Anything => ("anything", String::new()),
    };
    serde_json::json!({
        "kind": kind, "text": text, "tolerance": search.tolerance, "cameras": search.cameras, "area": search.area,
        "region": search.region, "direction": search.direction, "min_probability": search.min_probability,
        "hold": search.hold,
    })
    .to_string()
}

impl Prepared {
    /// What a dictionary is scanned for; `None` for everything.
    pub(super) fn query(&self) -> Option<Query> {
        match &self.wanted {
            Wanted::Plate(text) => Some(Query::plate(
                text,
                match self.tolerance {
                    Tolerance::Exact | Tolerance::LookAlikes => 0,
                    Tolerance::OneEdit => 1,
                    Tolerance::TwoEdits => 2,
                },
            )),
            Wanted::Pattern(pattern) => Some(Query::pattern(pattern.clone())),
            Wanted::Anything => None,
        }
    }

    /// Takes the plate out of a record: its pseudonym stands in its place, and the plate itself goes into the intent,
    /// sealed to the auditor.
    pub(super) fn mask(&self, record: &mut RequestRecord, store: &Store) {
        if let Some(pseudonym) = &self.plate_pseudonym {
            record.query_elements.clear();
            record
                .query_elements
                .insert("plate_pseudonym".to_owned(), pseudonym.clone());
        }
        record
            .query_elements
            .insert("user_pseudonym".to_owned(), self.user_pseudonym.clone());
        // A denied search has no intent; the auditor must be able to read it too.
        if let Ok(sealed) = store.identity.auditor.seal(&self.description) {
            record
                .query_elements
                .insert("query_sealed".to_owned(), sealed);
        }
        if let Wanted::Plate(plate) = &self.wanted {
            for text in [&mut record.purpose_text, &mut record.suspicion]
                .into_iter()
                .flatten()
            {
                *text = without_plate(text, plate);
            }
        }
    }
}

/// A text with every spelling of a plate in it replaced.
fn without_plate(text: &str, plate: &str) -> String {
    let wanted = skeleton(plate);
    let mut shape = String::new();
    // For each byte of the shape, where its character begins and ends in the text.
    let mut places = Vec::new();
    for (at, symbol) in text.char_indices() {
        let folded = skeleton(&normalise(&symbol.to_string()));
        places.extend(std::iter::repeat_n(
            (at, at + symbol.len_utf8()),
            folded.len(),
        ));
        shape.push_str(&folded);
    }
    let mut out = String::new();
    let mut done = 0;
    for (at, found) in shape.match_indices(&wanted) {
        let (Some((from, _)), Some((_, to))) = (places.get(at), places.get(at + found.len() - 1))
        else {
            continue;
        };
        out.push_str(text.get(done..*from).unwrap_or_default());
        out.push_str("[plate]");
        done = *to;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plate_is_taken_out_of_the_reason() {
        assert_eq!(
            without_plate("stolen abc-1234, silver", "ABC1234"),
            "stolen [plate], silver"
        );
        assert_eq!(
            without_plate("A8C 1Z34 twice: ABC1234", "ABC1234"),
            "[plate] twice: [plate]"
        );
        assert_eq!(without_plate("nothing here", "ABC1234"), "nothing here");
    }
}
