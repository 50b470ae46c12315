//! Exports of licence-plate search logs: read, decided again under the law of their day, and reported.
//!
//! | module | for |
//! |---|---|
//! | [`export`] | reading and writing exports of search logs, event logs and sharing lists |
//! | [`retro`] | audits of them, down to proposed revocations |
//! | [`sharing`] | who is let in, compared with declarations and grants on file |
//! | [`report`] | the transparency report, counted from the audit trail |
//!
//! The law stands in [`platewarden_policy`], the trail in [`platewarden_trail`]; nothing of either is known below here.

mod error;
mod html;

pub mod export;
pub mod report;
pub mod retro;
pub mod sharing;

pub use error::{Error, ErrorKind, Result};
