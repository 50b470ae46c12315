//! Who may search licence-plate reads, for what purpose, and why: decisions with citations, audit trail, retention.
