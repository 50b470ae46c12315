//! Requests that name no plate: who learns of a match, what is refused, and what it costs.
#![cfg(feature = "blinded")]
#![allow(
    clippy::indexing_slicing,
    reason = "a test may fail; messages have the length that the document states"
)]

mod caps;
mod common;
mod figures;
mod matches;
mod properties;
mod refusals;
