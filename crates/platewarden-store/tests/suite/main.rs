//! The store from outside: searches, gates, keeping and forgetting, bad input, and what a crash leaves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod canary;
mod errors;
mod gates;
mod import;
mod keeping;
mod kill;
mod public;
mod search;
mod support;
mod trail;
