//! The worked cases: who asks, for what, of whose data, and what the answer must be, with citation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod law_text;
mod logs;
mod neighbours;
mod officers;
mod support;
mod worked;
