//! When a read must be deleted, and what may keep it.
