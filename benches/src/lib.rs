//! Criterion benches of Platewarden, and the pictures that they run on.

pub mod pictures;
