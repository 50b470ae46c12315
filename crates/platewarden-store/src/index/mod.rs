//! Finding plates without having them on disk: keyed tags, and dictionaries that are sealed on disk and packed in memory.

mod dictionary;
mod matching;
mod pattern;
mod tags;

pub(crate) use dictionary::{Dictionary, decode_chunk, encode_chunk};
pub(crate) use matching::Matcher;
pub(crate) use pattern::{Pattern, Query};
pub(crate) use tags::{dedup_tag, exact_tag, query_tags, row_tags};
