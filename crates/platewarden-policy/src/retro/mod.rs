//! Retrospective audit: historical searches decided again under the law of their time.
