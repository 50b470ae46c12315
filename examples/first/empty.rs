//! Nothing but a place for the example.
