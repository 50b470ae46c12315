//! One file per job: read plates, decide searches, audit logs.
