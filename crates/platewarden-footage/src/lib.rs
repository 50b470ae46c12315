//! Residents' own footage, read on the residents' own machine; nothing leaves but what was asked for and agreed to.
//!
//! ```text
//! agency                               resident's machine
//! moderated request ─sign─▶ FootageRequest ─verify─▶ rules and law ─▶ recordings in window and area
//!                                                                         │ read in memory
//!                           sealed package ◀─seal─ explicit yes ◀─notice─ matches, everything else made unrecognisable
//! ```
//!
//! - [`FootageRequest`]: a signed document that anyone verifies offline against [`Trust`]: verifiers' keys and their revocations;
//! - [`Rules`] and [`Cameras`]: what a resident lets be asked, and where the cameras stand;
//! - [`Selection`] and [`Scanner`]: recordings within window and area, and what matches in them. What does not match is forgotten as
//!   it is read: there is no answer that says "no match", and no count;
//! - [`obscure()`]: one vehicle stays, everything else becomes unrecognisable;
//! - [`ConsentNotice`] and [`Consent`]: what leaves, to whom, for how long. A package is made from a consent alone:
//!
//! ```compile_fail,E0308
//! use platewarden_footage::{ConsentNotice, Trust, VerifiedRequest, seal_package};
//! fn unasked(request: &VerifiedRequest, notice: ConsentNotice, trust: &Trust, at: jiff::Timestamp) {
//!     // The notice was shown; nobody has said yes.
//!     seal_package(request, &notice, trust, "engine", at, "package.pwseal".as_ref());
//! }
//! ```
//!
//! - [`seal_package`] and [`open_package`]: HPKE to the agency's [`EvidenceKey`], with a manifest of everything in it;
//! - [`PackageReceiver`]: a folder or a server, which have a package whole or not at all;
//! - `blinded` (feature): requests that name no plate, by an oblivious function (RFC 9497);
//! - [`PublicLog`]: who asked how often, for everybody, without a plate in it.
//!
//! The guide is `docs/footage.md`; who may post, and what a request may say, is the business of `platewarden-community`.

#[cfg(feature = "blinded")]
pub mod blinded;
mod cameras;
mod canonical;
mod certificate;
mod delivery;
mod document;
mod error;
mod keys;
mod notice;
mod obscure;
mod package;
mod recordings;
mod register;
mod rules;
mod scan;
pub mod schema;
mod seal;
#[cfg(feature = "blinded")]
mod unnamed;

pub use cameras::{CameraSite, Cameras, TimeSource};
pub use certificate::{
    AgencyCertificate, AgencyStatement, Revocation, RevocationList, SignedRevocations, Trust,
};
pub use delivery::{PackageFolder, PackageReceiver, PackageServer};
pub use document::{
    FootageRequest, MAX_PLATES, MAX_SQUARE_KILOMETRES, RequestBody, Sought, VerifiedRequest,
    WantedPlate,
};
pub use error::{Error, ErrorKind, Result};
pub use keys::{
    EvidenceKey, new_signing_key, signing_key, verifying_hex, verifying_key, write_secret,
};
pub use notice::{Consent, ConsentNotice, ConsentStatement, Disclosed, Prepared};
pub use obscure::{ObscureOptions, Obscured, obscure};
pub use package::{
    OpenedPackage, PackageManifest, PackagedFile, SealedPackage, open_package, package_header,
    seal_package,
};
pub use recordings::{Footage, LeftOut, Selection};
pub use register::{LogEntry, Opening, PublicLog};
pub use rules::Rules;
pub use scan::{FootageMatch, PlateAt, Scanner};
pub use seal::SealHeader;
#[cfg(feature = "blinded")]
pub use unnamed::{client_of, reveal};
