//! Retrospective audit: historical searches decided again under the law of their time.
//!
//! An [`Auditor`] reads search-log exports row by row, turns each row into a request and asks the
//! engine twice:
//!
//! 1. in the searcher's favour: whatever the log does not show is taken to have been in order. A search
//!    that is denied even so is [`Verdict::Impermissible`] on its face; one that is denied curably is
//!    [`Verdict::Questionable`] and needs an explanation;
//! 2. as recorded: only what no export ever shows is taken to have been in order. A search that falls
//!    here alone is [`Verdict::Insufficient`]: the record does not show that it was lawful.
//!
//! So missing facts do not flood the findings, and nothing is excused that the row itself gives away.
//!
//! Memory does not grow with the rows: decisions are remembered by what they depend on, duplicates are
//! kept by the hour and written out, aggregates are bounded, and findings leave through a
//! [`FindingSink`] as they are made.
//!
//! ```
//! use platewarden_policy::engine::Policy;
//! use platewarden_audit::export::{Reader, SyntheticLog};
//! use platewarden_policy::model::State;
//! use platewarden_policy::packs::Unverified;
//! use platewarden_audit::retro::{AuditOptions, Auditor, Collected};
//!
//! let mut file = Vec::new();
//! SyntheticLog::new(1).rows(2_000).write(&mut file)?;
//! let policy = Policy::bundled(Unverified::Allow)?;
//! let mut auditor = Auditor::new(&policy, AuditOptions::new(State::Il))?;
//! let mut found = Collected::default();
//! auditor.read("june.csv", Reader::new(file.as_slice())?, &mut found, |_| {})?;
//! let report = auditor.finish();
//! assert_eq!(report.rows, 2_000);
//! assert!(found.findings.iter().any(|f| f.rules.iter().any(|r| r.citation.contains("2-130(b)(2)"))));
//! # Ok::<(), platewarden_audit::Error>(())
//! ```
//!
//! Engineering, not legal advice: a finding is a question to put to an agency, not a judgement on a person.

mod audit;
mod finding;
mod html;
mod profile;
mod reading;
mod report;
mod revoke;
mod seen;
mod sink;

pub use audit::{AuditOptions, Auditor};
pub use finding::{Finding, RuleHit, Verdict};
pub use report::{
    Action, AgencyRow, AuditReport, Evidence, FileRow, MissingFact, MonthRow, ProposedRevocation,
    RuleRow, SignalRow,
};
pub use revoke::RevocationOrder;
pub use sink::{Collected, FindingSink, FolderSink};
