//! Neighbouring cases: what stands between and beside the worked ones.
