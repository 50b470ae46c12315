//! Who may search licence-plate reads, for what purpose, and why: decisions with citations, retention, sharing.
//!
//! A [`model::SearchRequest`] goes in, a [`model::Decision`] comes out: one outcome per dataset, a
//! reason with a citation for each, the cures of a denial and the duties of a permit. The law is
//! data (rule packs, one per jurisdiction); the core is typed and denies whatever it does not know.
//!
//! # A first decision
//!
//! ```
//! use platewarden_policy::engine::Policy;
//! use platewarden_policy::model::*;
//! use platewarden_policy::packs::Unverified;
//!
//! // One line says that unverified packs are accepted; without it nothing loads.
//! let policy = Policy::bundled(Unverified::Allow)?;
//! let houston = Agency::new("houston-pd", AgencyKind::Local, State::Tx);
//! let springfield = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
//! let reads = Dataset::new("springfield-reads", springfield.to_ref(), State::Il).with_share(ShareGrant::Network);
//! let as_of = parse_instant("2026-11-22").unwrap();
//! let request = SearchRequest::builder(Actor::verified("officer-7", houston), as_of)
//!     .plate("AB12345")
//!     .purpose(Purpose::ViolentCrime)
//!     .case("26-001234")
//!     .dataset(reads)
//!     .build();
//!
//! let decision = policy.decide(&request);
//! assert_eq!(decision.outcome, Outcome::DenyCurable);
//! assert_eq!(decision.reasons[0].authority.citation, "625 ILCS 5/2-130(c)");
//! assert!(matches!(decision.cures[0], Cure::FileDeclaration { .. }));
//! # Ok::<(), platewarden_policy::Error>(())
//! ```
//!
//! # What is where
//!
//! | module | for |
//! |---|---|
//! | [`model`] | requests, agencies, datasets, purposes, decisions; their JSON has a published [`schema`] |
//! | [`packs`], [`predicates`] | the law as data: loading, checking, the conditions that tables cannot say |
//! | [`engine`] | from a request to a decision |
//! | [`classifier`] | what a reason text gives away |
//! | [`permit`] | what a store of reads asks for before a row leaves |
//! | [`retention`] | when a read must go; sweeping; keeping over-age reads out of answers |
//! | [`sharing`] | grants, declarations, revocations with their dates; who may search |
//! | [`record`] | what of a request and a decision goes into the audit trail ([`platewarden_trail`]) |
//!
//! Audits of search logs are the business of `platewarden-audit`, requests to residents for footage of
//! `platewarden-community`.
//!
//! # What holds everywhere
//!
//! * **Unknown denies.** A [`Fact`](model::Fact) that nobody stated is unknown, never false; whatever depends on it is
//!   denied, curably. Evaluation has no error: a problem is a denial.
//! * **Only the law of the day.** Rules carry dates, and [`SearchRequest::as_of`](model::SearchRequest::as_of) chooses.
//! * **The same bytes.** Request, packs and `as_of` decide the decision's JSON byte for byte; nothing reads a clock.
//! * **Overlays, menu values and texts only tighten.** They add purposes and rules, and no rule lifts a denial.
//! * **No row disappears.** What cannot be parsed is kept, counted and listed.
//!
//! A service keeps one [`engine::Policy`] (cheap to clone, `Send` and `Sync`), one [`sharing::Registry`] and one
//! [`platewarden_trail::TrailWriter`], and for each search: completes agency and dataset from the registry, writes the request,
//! decides, writes the decision, runs the query on the permitted datasets, and keeps over-age reads back with
//! [`retention`]. The guide for compliance staff is `docs/policy.md`; formats of the trail are in `docs/audit-trail.md`.
//!
//! The bundled packs are unverified: no person has yet checked them at the official sources, and loading them is an
//! explicit choice.

mod error;

pub mod classifier;
pub mod engine;
#[cfg(feature = "hotlist-check")]
pub mod hotlist_check;
pub mod model;
pub mod packs;
pub mod permit;
pub mod predicates;
pub mod record;
pub mod retention;
pub mod schema;
pub mod sharing;

pub use error::{Error, ErrorKind, Result};
