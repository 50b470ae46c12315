//! When a read must be deleted, what sets the date, and what may keep it.
//!
//! The caps come from the rule packs of the place of capture, from a local ordinance and from the owner's own policy
//! ([`Dataset::local_cap_days`](crate::model::Dataset::local_cap_days),
//! [`Dataset::unmatched_cap_days`](crate::model::Dataset::unmatched_cap_days)); the earliest date wins. A hold keeps a
//! read past a law's cap only where that law says so.
//!
//! * [`retention`] answers for one read; [`RetentionPlan`] for many of one dataset.
//! * [`RetentionPlan::sweep`] walks any number of reads and yields what must go, in batches, with memory for one batch.
//! * [`RetentionPlan::screen`] stands between a store and whoever searches: a read past its cap never comes out of it,
//!   and is reported as a fault.

mod plan;
mod screen;
mod sweep;

#[cfg(test)]
mod tests;

pub use plan::{Retention, RetentionPlan, Standing, retention};
pub use screen::{Screen, Withheld};
pub use sweep::{Batch, Due, Sweep};
