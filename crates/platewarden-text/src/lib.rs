//! What can be said about a plate's text without a picture.
//!
//! * [`confusion`]: the project's one table of glyphs that are taken for one another.
//! * [`syntax`]: the registration formats of the world's larger fleets, and what they say about a doubtful reading.
//!
//! The engine weighs readings with both and re-exports them; the store of reads searches by them. They stand in a crate of
//! their own so that a store needs no networks.

pub mod confusion;
pub mod syntax;
