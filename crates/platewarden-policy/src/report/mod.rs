//! Transparency reports.
