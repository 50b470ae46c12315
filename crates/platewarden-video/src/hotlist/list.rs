//! A list of wanted plates.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::entry::HotlistEntry;
use super::hit::{Checked, Hit, VERIFY_BY_EYE};
use super::index::Index;
use super::matching::Matcher;
use super::policy::{PolicyCheck, Verdict};
use super::tolerance::Tolerance;
use crate::tracking::{Pass, TrackRead};

/// A list of wanted plates, indexed for matching.
///
/// A million entries take about 200 MB and match a read in a few microseconds: the bench `video` measures it.
#[derive(Clone, Debug, Default)]
pub struct Hotlist {
    name: String,
    entries: Vec<HotlistEntry>,
    index: Index,
    texts: HashSet<Arc<str>>,
}

impl Hotlist {
    /// An empty list.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds an entry.
    pub fn add(&mut self, mut entry: HotlistEntry) {
        let texts = &mut self.texts;
        entry.share_texts(&mut |text| match texts.get(&text) {
            Some(known) => Arc::clone(known),
            None => {
                texts.insert(Arc::clone(&text));
                text
            }
        });
        self.index.push(entry.plate());
        self.entries.push(entry);
    }

    /// Makes room for entries to come.
    pub fn reserve(&mut self, entries: usize) {
        self.entries.reserve(entries);
        self.index.reserve(entries);
    }

    /// Number of entries, expired ones among them.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in the order they were added.
    #[must_use]
    pub fn entries(&self) -> &[HotlistEntry] {
        &self.entries
    }

    /// Removes the entries that no longer hold at a time, and says how many they were.
    ///
    /// Expired entries never match; this frees their memory.
    pub fn remove_expired(&mut self, at: Timestamp) -> usize {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.is_expired(at));
        let removed = before - self.entries.len();
        if removed > 0 {
            self.index = Index::default();
            self.index.reserve(self.entries.len());
            for entry in &self.entries {
                self.index.push(entry.plate());
            }
        }
        removed
    }

    /// The hits of one read.
    ///
    /// Entries that have expired, or that `policy` withholds, give none.
    pub fn check(
        &self,
        read: &TrackRead,
        at: Timestamp,
        tolerance: &Tolerance,
        policy: &dyn PolicyCheck,
    ) -> Checked {
        let mut checked = Checked::default();
        for (number, probability) in Matcher::new(&self.entries, &self.index, read, tolerance).run()
        {
            let Some(entry) = self.entries.get(number) else {
                continue;
            };
            if entry.is_expired(at) {
                continue;
            }
            let obligations = match policy.check(entry, at) {
                Verdict::Permit => Vec::new(),
                Verdict::PermitWith { obligations } => obligations,
                Verdict::Withhold { reason } => {
                    checked.withheld.push(reason);
                    continue;
                }
            };
            checked.hits.push(Hit {
                notice: VERIFY_BY_EYE,
                list: self.name.clone(),
                is_exact: read.text == entry.plate(),
                entry: entry.clone(),
                read: read.text.clone(),
                probability,
                at,
                obligations,
                pass: None,
            });
        }
        checked.hits.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then_with(|| a.entry.plate().cmp(b.entry.plate()))
        });
        checked
    }

    /// The hits of a pass; each carries the pass and its evidence.
    pub fn check_pass(
        &self,
        pass: &Pass,
        at: Timestamp,
        tolerance: &Tolerance,
        policy: &dyn PolicyCheck,
    ) -> Checked {
        let mut checked = self.check(&TrackRead::from(pass), at, tolerance, policy);
        for hit in &mut checked.hits {
            hit.pass = Some(Box::new(pass.clone()));
        }
        checked
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use platewarden::RegionGuess;
    use platewarden_text::{Alternative, Candidate, CharacterRead};

    use super::super::PermitAll;
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn list(plates: &[&str]) -> Hotlist {
        let mut list = Hotlist::new("test");
        for plate in plates {
            list.add(HotlistEntry::new(plate, "stolen vehicle").unwrap());
        }
        list
    }

    fn plates(checked: &Checked) -> Vec<&str> {
        checked.hits.iter().map(|hit| hit.entry.plate()).collect()
    }

    #[test]
    fn exact_text_has_the_probability_of_its_candidate() {
        let list = list(&["AB12CDE", "XY99ZZZ"]);
        let read = TrackRead::from_text("AB12CDE", 0.93);
        let checked = list.check(&read, now(), &Tolerance::default(), &PermitAll);
        assert_eq!(plates(&checked), ["AB12CDE"]);
        assert!((checked.hits[0].probability - 0.93).abs() < 1e-3);
        assert!(checked.hits[0].is_exact);
    }

    #[test]
    fn likelier_glyphs_rank_higher_and_unlikely_ones_do_not_match() {
        let list = list(&["A812CDE", "AX12CDE", "AB12CDE"]);
        let mut read = TrackRead::from_text("AB12CDE", 0.6);
        read.characters[1] = CharacterRead::new('B', 0.6, vec![Alternative::new('8', 0.35)]);
        let checked = list.check(&read, now(), &Tolerance::default(), &PermitAll);
        assert_eq!(plates(&checked), ["AB12CDE", "A812CDE"]);
    }

    #[test]
    fn strict_tolerance_takes_no_lookalikes() {
        let list = list(&["A812CDE"]);
        let read = TrackRead::from_text("AB12CDE", 0.9);
        assert!(
            list.check(&read, now(), &Tolerance::strict(), &PermitAll)
                .hits
                .is_empty()
        );
    }

    #[test]
    fn candidates_of_other_lengths_match() {
        let list = list(&["AB12CD"]);
        let mut read = TrackRead::from_text("AB12CDE", 0.6);
        read.candidates.push(Candidate::new("AB12CD", 0.3));
        let checked = list.check(&read, now(), &Tolerance::default(), &PermitAll);
        assert_eq!(plates(&checked), ["AB12CD"]);
        assert!((checked.hits[0].probability - 0.3).abs() < 1e-3);
    }

    #[test]
    fn region_that_differs_counts_against_it() {
        let mut list = Hotlist::new("regions");
        list.add(HotlistEntry::new("AB12CDE", "x").unwrap().with_region("FR"));
        let mut read = TrackRead::from_text("AB12CDE", 0.9);
        read.region = Some(RegionGuess::new("GB", 0.999));
        let checked = list.check(&read, now(), &Tolerance::default(), &PermitAll);
        assert!(checked.hits.is_empty());
        read.region = Some(RegionGuess::new("FR", 0.999));
        assert_eq!(
            list.check(&read, now(), &Tolerance::default(), &PermitAll)
                .hits
                .len(),
            1
        );
    }

    #[test]
    fn expired_entries_give_no_hit_and_can_be_removed() {
        let mut list = Hotlist::new("expiry");
        for (plate, expires) in [
            ("OLD1", "2026-11-01T00:00:00Z"),
            ("NEW1", "2026-12-01T00:00:00Z"),
        ] {
            let entry = HotlistEntry::new(plate, "x").unwrap();
            list.add(entry.with_expiry(expires.parse().unwrap()));
        }
        let check = |list: &Hotlist, text| {
            let read = TrackRead::from_text(text, 0.9);
            list.check(&read, now(), &Tolerance::default(), &PermitAll)
                .hits
                .len()
        };
        assert_eq!((check(&list, "OLD1"), check(&list, "NEW1")), (0, 1));
        assert_eq!(list.remove_expired(now()), 1);
        assert_eq!((list.len(), check(&list, "NEW1")), (1, 1));
    }

    #[test]
    fn withheld_entries_are_never_told() {
        struct Never;
        impl PolicyCheck for Never {
            fn check(&self, _: &HotlistEntry, _: Timestamp) -> Verdict {
                Verdict::Withhold {
                    reason: "forbidden here".to_owned(),
                }
            }
        }
        let list = list(&["AB12CDE"]);
        let read = TrackRead::from_text("AB12CDE", 0.99);
        let checked = list.check(&read, now(), &Tolerance::default(), &Never);
        assert!(checked.hits.is_empty());
        assert_eq!(checked.withheld, ["forbidden here"]);
    }
}
