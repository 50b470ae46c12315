//! Who is let in, compared with the declarations and grants on file.
//!
//! Networks export lists of organisations with what each shares. For every organisation that a list lets in, the law is
//! asked about an ordinary case of a stolen vehicle, with everything stated that a law may want stated of the case: what
//! is then denied is denied to the organisation. In Illinois that is the first question under 625 ILCS 5/2-130(c): is
//! there a declaration?
//!
//! ```
//! use platewarden_audit::export::SharingReader;
//! use platewarden_audit::sharing::{SharingAudit, SharingOptions, Standing};
//! use platewarden_policy::engine::Policy;
//! use platewarden_policy::model::{State, parse_instant};
//! use platewarden_policy::packs::Unverified;
//!
//! let list = "Organization Name,Networks Shared With Me,Networks I'm Sharing\n\
//!             Houston TX PD,,Springfield IL PD\nPeoria IL PD,,Springfield IL PD\nReno NV PD,Reno NV PD,\n";
//! let policy = Policy::bundled(Unverified::Allow)?;
//! let options = SharingOptions::new(State::Il, parse_instant("2026-11-22")?);
//! let mut audit = SharingAudit::new(&policy, options)?;
//! audit.read("sharing.csv", SharingReader::new(list.as_bytes())?)?;
//! let report = audit.finish();
//! let standing: Vec<_> = report.organizations.iter().map(|o| (o.name.as_str(), o.standing)).collect();
//! assert_eq!(
//!     standing,
//!     [
//!         ("Houston TX PD", Standing::Lacking),
//!         ("Peoria IL PD", Standing::InOrder),
//!         ("Reno NV PD", Standing::NotLetIn),
//!     ]
//! );
//! assert!(report.organizations[0].lacking[0].contains("declaration"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod folder;
mod page;
mod report;

pub use audit::{SharingAudit, SharingOptions};
pub use report::{SharedOrganization, SharingReport, Standing};
