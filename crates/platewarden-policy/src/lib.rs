//! Who may search licence-plate reads, for what purpose, and why: decisions with citations, audit trail, retention.
//!
//! A [`model::SearchRequest`] goes in, a [`model::Decision`] comes out: one outcome per dataset, a
//! reason with a citation for each, the cures of a denial and the duties of a permit. The law is
//! data (rule packs, one per jurisdiction); the core is typed and denies whatever it does not know.
//!
//! This is engineering, not legal advice. The bundled packs are unverified: no person has yet
//! checked them at the official sources, and loading them is an explicit choice.

mod error;

pub mod classifier;
pub mod community;
pub mod engine;
pub mod export;
#[cfg(feature = "hotlist-check")]
pub mod hotlist_check;
pub mod model;
pub mod packs;
pub mod predicates;
pub mod report;
pub mod retention;
pub mod retro;
pub mod schema;
pub mod sharing;
pub mod trail;

pub use error::{Error, Result};
