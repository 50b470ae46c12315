//! Criterion benches of Platewarden, the frames that they run on, and what they compare with.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times, counts and pixels, all far below 2^24"
)]

pub mod artefact;
pub mod canned;
pub mod clips;
pub mod hot_path;
pub mod inputs;
pub mod pictures;
pub mod process;
pub mod runtime;
pub mod traffic;

/// What a bench may end with.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
