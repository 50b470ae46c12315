//! The lexicon's pattern language: `word(s)`, `stem*`, `*part*`, `a|b`, `@class`, `~`, `~@class`.

use crate::Result;

use super::lexicon::Item;
use super::source::{invalid, plural};

/// What the words and class names of a pattern are resolved by.
pub(super) trait Vocabulary {
    /// The entry of a word, made if there is none.
    fn word_id(&mut self, word: &str) -> u32;
    /// The bit set of a class or of a group of classes.
    fn class_bits(&self, name: &str) -> Result<u128>;
}

/// The items of a pattern; words are interned as they are met.
pub(super) fn parse(words: &mut impl Vocabulary, text: &str) -> Result<Vec<Item>> {
    // In texts "B&E" falls into two letters, so it does here.
    let spaced = text.replace('&', " ");
    let mut parts: Vec<String> = Vec::new();
    // Single letters in a row arrive joined from the tokeniser ("8 u s c" is read as "8 usc").
    let mut joining = false;
    for part in spaced.split_whitespace() {
        let single =
            part.len() == 1 && part.bytes().all(|b| b.is_ascii_lowercase()) && !text.contains('&');
        match parts.last_mut() {
            Some(last) if single && joining => last.push_str(part),
            _ => parts.push(part.to_owned()),
        }
        joining = single;
    }
    parts.iter().map(|part| item(words, part)).collect()
}

fn item(words: &mut impl Vocabulary, text: &str) -> Result<Item> {
    if text == "~" {
        return Ok(Item::Gap);
    }
    if text == "*" {
        return Ok(Item::Any);
    }
    if let Some(name) = text.strip_prefix("~@") {
        return Ok(Item::GapOf(words.class_bits(name)?));
    }
    if let Some(name) = text.strip_prefix('@') {
        return Ok(Item::Class(words.class_bits(name)?));
    }
    if text.contains('|') {
        let parts = text.split('|').map(|part| item(words, part));
        return Ok(Item::AnyOf(parts.collect::<Result<_>>()?));
    }
    if let Some(word) = text.strip_suffix("(s)") {
        return Ok(Item::AnyOf(vec![
            Item::Word(words.word_id(word)),
            Item::Word(words.word_id(&plural(word))),
        ]));
    }
    let long_enough = |part: &str| {
        if part.len() < 3 {
            Err(invalid(
                "at least three letters beside `*`",
                text.to_owned(),
            ))
        } else {
            Ok(Box::from(part))
        }
    };
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() && !b.is_ascii_uppercase());
    match (text.strip_prefix('*'), text.strip_suffix('*')) {
        (Some(rest), _) => Ok(Item::Inner(long_enough(rest.trim_end_matches('*'))?)),
        (None, Some(stem)) => Ok(Item::Stem(long_enough(stem)?)),
        (None, None) if plain => Ok(Item::Word(words.word_id(text))),
        (None, None) => Err(invalid(
            "a pattern of lower-case letters and digits",
            text.to_owned(),
        )),
    }
}
