//! Exports of licence-plate search logs: read, decided again under the law of their day, and reported.
//!
//! | module | for |
//! |---|---|
//! | [`export`] | reading and writing the CSV exports of search logs |
//! | [`retro`] | audits of them, down to proposed revocations |
//! | [`report`] | the transparency report, counted from the audit trail |
//!
//! The law stands in [`platewarden_policy`], the trail in [`platewarden_trail`]; nothing of either is known below here.

mod error;

pub mod export;
pub mod report;
pub mod retro;

pub use error::{Error, Result};
