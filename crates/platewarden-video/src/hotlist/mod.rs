//! Lists of wanted plates and their matches.
//!
//! A [`Hotlist`] is matched against reads and passes by probability: how likely is it that the plate that was read is the
//! one listed? The reader's own alternatives count, and so do glyphs that are taken for one another, to the extent that a
//! [`Tolerance`] allows; [`Tolerance::preview`] shows what it would accept before it is used. Whether an entry may produce
//! a hit at all is asked of a [`PolicyCheck`], which there is no way around.
//!
//! A [`Hit`] is a lead, not a fact: a list of a million plates meets look-alikes of honest people's plates every day. Each
//! hit says so, and carries the picture to look at.
//!
//! ```
//! use jiff::Timestamp;
//! use platewarden_video::hotlist::{Hotlist, HotlistEntry, PermitAll, Tolerance};
//! use platewarden_video::tracking::TrackRead;
//!
//! let mut list = Hotlist::new("stolen");
//! list.add(HotlistEntry::new("AB12 CDE", "stolen vehicle")?.with_agency("Anytown Police"));
//! let now: Timestamp = "2026-11-22T12:00:00Z".parse()?;
//!
//! // The reader saw an 8 where the list has a B.
//! let read = TrackRead::from_text("A812CDE", 0.9);
//! let checked = list.check(&read, now, &Tolerance::default(), &PermitAll);
//! assert_eq!(checked.hits.len(), 1);
//! let hit = &checked.hits[0];
//! assert!(hit.probability < 0.1 && !hit.is_exact && hit.notice.contains("verify by eye"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod enumerate;
mod glyphs;
mod hit;
mod index;
mod list;
mod load;
mod matching;
mod policy;
mod preview;
mod tolerance;

pub use entry::HotlistEntry;
pub use hit::{Checked, Hit, VERIFY_BY_EYE};
pub use list::Hotlist;
pub use load::{LoadReport, RejectedRow};
pub use policy::{PermitAll, PolicyCheck, Verdict};
pub use preview::Misread;
pub use tolerance::Tolerance;
