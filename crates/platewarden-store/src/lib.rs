//! Licence-plate reads at rest: sealed under keys of a day, searched only through the law, forgotten by destroying keys.
//!
//! Nobody can search a [`Store`] without a decision: [`Store::search`] is the only way to rows, counts or existence. It
//! decides by the policy crate, writes the intent into the trail, looks, keeps back what the law has outlived, writes the
//! release down, and only then hands rows out.
//!
//! ```
//! use std::sync::Arc;
//! use platewarden_policy::engine::Policy;
//! use platewarden_policy::model::*;
//! use platewarden_policy::packs::Unverified;
//! use platewarden_store::{
//!     AuditorKey, Camera, DatasetSettings, ErrorKind, MemoryKeys, Observation, Search, Store, StoreOptions,
//! };
//!
//! let folder = tempfile::tempdir()?;
//! let options = StoreOptions::new(folder.path(), Arc::new(MemoryKeys::default()));
//! let auditor = AuditorKey::generate()?;
//! // One line says that unverified packs are accepted.
//! let store = Store::create(&options, Policy::bundled(Unverified::Allow)?, auditor.public())?;
//! let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
//! store.put_dataset(DatasetSettings::new(Dataset::new("springfield", police.to_ref(), State::Il)))?;
//! store.ingest("springfield", [Observation::new("A8C1234", Camera::new("elm-4th"), jiff::Timestamp::now()).into()])?;
//!
//! let officer = Actor::verified("officer-7", police);
//! let request = || SearchRequest::builder(officer.clone(), jiff::Timestamp::now())
//!     .plate("ABC1234")
//!     .purpose(Purpose::StolenVehicleOrPlate);
//! let denied = store.search(&Search::new(request().build()).in_dataset("springfield")).unwrap_err();
//! assert_eq!(denied.kind(), ErrorKind::Denied);
//! assert!(denied.to_string().contains("state `case_ref`"));
//!
//! let answer = store.search(&Search::new(request().case("26-001234").build()).in_dataset("springfield"))?;
//! assert_eq!(answer.rows[0].read.text, "A8C1234");
//! assert!(answer.rows[0].why[0].starts_with("B read as 8"));
//! assert!(store.verify(&Default::default())?.is_intact());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! | items | for |
//! |---|---|
//! | [`Observation`], [`Sighting`], [`Correction`] | what is stored; none of them is ever changed |
//! | [`Search`], [`Answer`], [`Denial`] | asking, and what comes back |
//! | [`DatasetSettings`] | whose reads, under which law, with which gates |
//! | [`KeyStore`], [`FolderKeys`], [`MasterKey`] | where keys lie: never in the database |
//! | [`AuditorKey`] | opens the plates in the trail |
//! | [`Receipt`], [`Hold`] | proof of what was deleted; what is kept longer, and why |
//!
//! The guide is `docs/store.md`.

mod backend;
mod clock;
mod dataset;
mod denial;
mod error;
mod gates;
mod identity;
mod index;
mod ingest;
mod keeping;
mod keys;
mod model;
mod reference;
mod search;
mod shelf;
mod stats;
mod store;
#[cfg(feature = "postgres")]
mod trail_postgres;
mod trail_store;

pub use clock::Clock;
pub use dataset::{DatasetSettings, GATES};
pub use denial::Denial;
pub use error::{Error, ErrorKind, Result};
pub use ingest::{ImportDefaults, Imported, Ingest, Ingested, Refusal};
pub use keeping::{Hold, HoldOrder, Receipt, Swept};
pub use keys::{
    AuditorKey, AuditorPublic, Fingerprint, FolderKeys, KeyState, KeyStore, MasterKey, MemoryKeys,
    SecretKey,
};
pub use model::{
    Camera, Character, Correction, Direction, Evidence, Observation, Reader, RegionGuess, Sighting,
    TextCandidate, normalise,
};
pub use reference::RowRef;
pub use search::{Answer, Approval, Area, Cursor, Row, RowKind, Search, Tolerance};
pub use stats::Stats;
pub use store::{Store, StoreOptions, StoreVerification, verify_folder};

/// Version of the layout of sealed rows; part of every sealing.
pub(crate) const SCHEMA: u8 = 1;

/// So many bytes from their hexadecimal digits.
pub(crate) fn array_of_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}
