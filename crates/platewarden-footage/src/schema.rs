//! The published JSON schemas of the documents that travel.
//!
//! The files under `schema/` are generated from the types; a test keeps them equal. A document with a key that its schema does not
//! know is refused.

use schemars::Schema;

use crate::{FootageRequest, PackageManifest};

/// The schema of a [`FootageRequest`].
#[must_use]
pub fn footage_request() -> Schema {
    schemars::schema_for!(FootageRequest)
}

/// The schema of a [`PackageManifest`].
#[must_use]
pub fn package_manifest() -> Schema {
    schemars::schema_for!(PackageManifest)
}
