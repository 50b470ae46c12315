//! Requests that name no plate.
//!
//! A request document carries, instead of plates, outputs of a verifiable oblivious pseudorandom function: RFC 9497, mode
//! VOPRF, suite ristretto255-SHA512, by the crate [`voprf`], under a key that was made for this request alone. A resident's
//! machine has its own reads' texts evaluated without telling them, verifies against the public key that the document pins
//! that the right key was used, and compares by itself. **The resident learns of a match; the agency does not.**
//!
//! ```text
//! evaluating side                              resident's machine
//! Evaluator::new(plates) ── BlindedTargets, in the signed document ──▶ BlindedClient::new
//! Evaluator::admit ──────── DeviceToken ─────────────────────────────▶
//! Evaluator::evaluate ◀──── Batch::question ────────────────────────── BlindedClient::batches(reads)
//!                  └─────── answer ──────────────────────────────────▶ Batch::finish ──▶ Reveal, for the notice
//! ```
//!
//! Transport is the caller's: questions and answers are bytes of one length each, 16,436 and 16,452 at the default batch of
//! 512 evaluations, and at most 64 KiB together at any batch size that a request may state.
//!
//! What is evaluated is not a plate but its skeleton, in which one symbol stands for all that look alike
//! ([`class_of`](platewarden_text::confusion::class_of)): an oblivious function compares for equality alone, and a read may
//! have taken an O for a 0. The document states the table, and a machine with another one refuses it.
//!
//! # Why 16 bytes of an output
//!
//! A text that is not asked for has an output that meets one of 64 targets with probability 2⁻¹²²; over all of the 2²² ≈ 4
//! million evaluations that a request can have it is 2⁻¹⁰⁰. Eight bytes would do for that. They would not do against whoever
//! makes the key: among the 106 million ≈ 2²⁷ skeletons of three letters and four digits are 2⁵² pairs, so that some 2¹¹ keys
//! would have to be tried until two plates share an output of eight bytes, one to be shown to a judge and the other to be
//! searched. With 16 bytes it is 2⁷⁵ keys, and 2¹⁰² evaluations. All 64 bytes would add nothing but length.
//!
//! # What it does not do
//!
//! Whoever holds the key can find out the plates of the document, and whoever gets evaluations can try out plates;
//! [`Limits`] counts the latter. Each evaluation also answers a static Diffie-Hellman question: the cap of 2²² of them costs
//! at most 11 bits of the group's security (RFC 9497, section 7.2.3). `docs/footage-blinded.md` says who learns what.

mod client;
mod counts;
mod evaluator;
mod hex_bytes;
mod limits;
mod random;
mod reveal;
mod skeleton;
mod suite;
mod targets;
#[cfg(test)]
mod vectors;
mod wire;

pub use client::{Batch, BlindedClient};
pub use counts::{Counts, DeviceToken};
pub use evaluator::{Evaluator, SecretKey};
pub use limits::Limits;
pub use reveal::Reveal;
pub use targets::BlindedTargets;
