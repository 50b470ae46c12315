//! What can be said about a plate's text without a picture.
//!
//! * [`Candidate`] and [`CharacterRead`]: a text that a plate may show, and one of its characters.
//! * [`percent`]: a probability as it is shown to people.
//! * [`symbol`]: the 36 symbols and their index.
//! * [`confusion`]: the project's one table of glyphs that are taken for one another.
//! * [`syntax`]: the registration formats of the world's larger fleets, and what they say about a doubtful reading.
//!
//! The engine weighs readings with them and re-exports them; the store of reads searches by them. They stand in a crate of
//! their own so that a store needs no networks.

pub mod confusion;
mod percent;
mod reading;
pub mod symbol;
pub mod syntax;

pub use percent::percent;
pub use reading::{Alternative, Candidate, CharacterRead};
