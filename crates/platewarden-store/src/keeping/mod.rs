//! Forgetting by destroying keys, with receipts; keeping longer under holds.

mod hold;
mod receipt;
mod sweep;

pub(crate) use hold::HoldView;
pub use hold::{Hold, HoldOrder};
pub use receipt::Receipt;
pub use sweep::Swept;
