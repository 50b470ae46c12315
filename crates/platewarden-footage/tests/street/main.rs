//! The whole way of a request on a made-up street, and what may go wrong on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod documents;
mod faults;
mod flow;
mod server;
mod world;
