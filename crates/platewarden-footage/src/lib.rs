//! Residents' own footage, read on the residents' own machine; nothing leaves but what was asked for and agreed to.
//!
//! A verified agency publishes a signed request. A resident's machine verifies it offline, asks the resident's own rules, reads
//! the recordings inside window and area, and shows what matches. Only after an explicit yes is a package made, in which
//! everything but the vehicle asked for is unrecognisable, and sealed to the agency's evidence key.

#[cfg(feature = "blinded")]
pub mod blinded;
mod error;

pub use error::{Error, ErrorKind, Result};
