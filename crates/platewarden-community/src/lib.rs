//! Requests to residents for footage: from the draft to the sealed hand-over.
//!
//! Only verified local or state agencies post, each for its own investigation, with a case number, an area and a window
//! of at most twelve hours; a moderator stands before publication. Residents opt in request by request, after a notice
//! that lists what goes along: the recordings, their address, their e-mail, to which agency, and which law governs how
//! long it is kept afterwards. Not answering leaves no trace anywhere; consent can be withdrawn until the hand-over.
//! Federal agencies cannot post, and cannot be a beneficiary that the request does not name.
//!
//! The order of steps is in the types: a draft has no `publish`, a hand-over no `withdraw`, so a wrong order does not
//! compile. Where the step comes from outside, [`StoredRequest`] and [`StoredConsent`] hold the same states as data and
//! turn a wrong order into an error. Every step is written to the audit trail before it takes effect.
//!
//! ```compile_fail,E0308
//! use platewarden_community::{CommunityRequest, RequestService, Draft, Moderation};
//! use platewarden_trail::{MemoryStore, TrailWriter};
//! fn unmoderated(service: &mut RequestService<TrailWriter<MemoryStore>>, draft: CommunityRequest<Draft>, at: jiff::Timestamp) {
//!     // A draft has not been submitted: there is nothing to moderate.
//!     service.publish(draft, Moderation::new("mod-1"), at);
//! }
//! ```
//!
//! ```compile_fail,E0308
//! use platewarden_community::{Consent, RequestService, Transferred};
//! use platewarden_trail::{MemoryStore, TrailWriter};
//! fn too_late(service: &mut RequestService<TrailWriter<MemoryStore>>, gone: Consent<Transferred>, at: jiff::Timestamp) {
//!     // What was handed over cannot be withdrawn.
//!     service.withdraw(gone, at);
//! }
//! ```
//!
//! ```compile_fail,E0308
//! use platewarden_community::{CommunityRequest, RequestService, Invitation, UnderModeration, Resident};
//! use platewarden_trail::{MemoryStore, TrailWriter};
//! fn too_early(service: &RequestService<TrailWriter<MemoryStore>>, request: &CommunityRequest<UnderModeration>, resident: Resident) {
//!     // Residents are asked only after publication.
//!     service.invite(request, resident);
//! }
//! ```
//!
//! This is made after published practice; the law of the place of capture and the platform's own rules apply besides.

mod agency;
mod area;
mod code;
mod consent;
mod error;
mod evidence;
mod folder;
mod form;
mod hash;
mod manifest;
mod notice;
mod request;
mod service;
mod stored;

#[cfg(test)]
mod tests;

pub use agency::{PostingAgency, Proof, VerifiedAgency, is_federal};
pub use area::{Area, Position};
pub use code::{Codes, InvestigationCode};
pub use consent::{Consent, Given, Transferred, Withdrawn};
pub use error::{Error, ErrorKind, Result};
pub use evidence::{EvidenceReceipt, EvidenceSystem, FileSource};
pub use folder::{FolderEvidence, FolderFiles};
pub use form::{MAX_WINDOW_HOURS, RequestForm, RetentionLaw};
pub use manifest::{ConsentRecord, Manifest, Recording, SealedManifest};
pub use notice::{Invitation, Notice, Resident, ShownNotice};
pub use request::{
    Closed, CommunityRequest, Draft, Moderation, Particulars, Published, Rejected, UnderModeration,
};
pub use service::{RequestService, StepRefused};
pub use stored::{RequestStep, StoredConsent, StoredRequest};
