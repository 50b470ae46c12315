//! The published JSON schemas of requests and decisions.
//!
//! The files under `schema/` are generated from the types; a test keeps them equal. They describe
//! the canonical form, which is the only one that is read; where nothing but a kind is said, its word may stand for the object.

use schemars::Schema;

use crate::model::{Decision, SearchRequest};

/// The schema of a [`SearchRequest`].
#[must_use]
pub fn search_request() -> Schema {
    schemars::schema_for!(SearchRequest)
}

/// The schema of a [`Decision`].
#[must_use]
pub fn decision() -> Schema {
    schemars::schema_for!(Decision)
}
