//! Criterion benches of Platewarden.
