//! Retrospective audit: historical searches decided again under the law of their time.
//!
//! An [`Auditor`] reads search-log exports row by row, turns each row into a request and asks the engine once, with
//! what the row does not show left unknown; nothing is filled in. What comes back is what holds whatever the unknown
//! parts are, and what hangs on them:
//!
//! | the law says | verdict |
//! |---|---|
//! | denied for good, whatever else is true | [`Verdict::Impermissible`] |
//! | denied whatever else is true, but an explanation or a paper could cure it; or held for somebody's release | [`Verdict::Questionable`] |
//! | it hangs on facts that the record could have shown: agency, reason, case, declaration | [`Verdict::Insufficient`] |
//! | it hangs at most on facts that no log shows, which the report lists | [`Verdict::Unremarkable`] |
//! | made before the first day of the law of the place | [`Verdict::BeforeLaw`] |
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
//! A finding is a question to put to an agency, not a judgement on a person.

mod agencies;
mod assemble;
mod auditor;
mod counts;
mod decide;
mod events;
mod finding;
mod folder;
mod options;
mod page;
mod question;
mod repeats;
mod report;
mod revoke;
mod sink;
mod tally;
mod texts;

pub use auditor::Auditor;
pub use counts::{ByAuthority, Counts, authority_words};
pub(crate) use decide::cure_words;
pub use finding::{Finding, RuleHit, Verdict};
pub use folder::FolderSink;
pub(crate) use folder::no_formula;
pub use options::AuditOptions;
pub use report::{
    Action, AgencyRow, AuditReport, Evidence, FileRow, MissingFact, MonthRow, ProposedRevocation,
    RuleRow, SharingChange, SignalRow, Unplaced,
};
pub use revoke::RevocationOrder;
pub use sink::{Collected, FindingSink};
