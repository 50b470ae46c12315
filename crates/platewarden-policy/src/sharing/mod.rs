//! Who an owner lets in: grants, declarations, revocations, each with its dates.
//!
//! The registry keeps what was in force when, so that any past search can be decided again as of its day. It answers
//! [`who_may_search`](Registry::who_may_search) by asking the law itself, and [`revoke`](Registry::revoke) turns an
//! audit's findings into an end of access, written to the audit trail.

mod access;
mod registry;
mod revocation;
mod revoking;

#[cfg(test)]
mod tests;

pub use access::{Access, Ground};
pub use registry::{FiledDeclaration, Grant, GrantId, Registry};
pub use revocation::{Revocation, RevocationId, RevocationScope, Revoke};
