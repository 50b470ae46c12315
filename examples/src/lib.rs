//! One file per job: read plates, decide searches, audit logs. Here is what several of them share.

pub mod labels;
