//! Community requests for footage: from draft to sealed hand-over.
