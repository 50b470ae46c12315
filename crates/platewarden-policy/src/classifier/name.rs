//! A cell that holds a name and nothing else.

use super::lexicon::{Lexicon, MIXED, NUMBER, UNKNOWN};
use super::tokens::{Token, Words};

/// More words than this are no bare name.
const LONGEST: usize = 4;

/// The byte range, in the folded text, of a name that is all the text says: `Gonzalez`, `Smith, John`, `JOHN Q SMITH`.
///
/// A word that nothing is known of counts as a surname where a listed name stands beside it, or nothing else does and no
/// menu value gives the reason.
/// Numbers and fillers may stand around it (`Smith 26-00123`).
pub(super) fn bare_name(
    lexicon: &Lexicon,
    words: &Words,
    classes: &[u128],
    menu: bool,
) -> Option<(usize, usize)> {
    let (surname, given) = (lexicon.masks.surname, lexicon.masks.given_name);
    let mut name: Option<(usize, usize)> = None;
    let (mut parts, mut listed, mut others) = (0, 0, 0);
    for (token, bits) in words.tokens.iter().zip(classes) {
        match part(lexicon, words, *token, *bits, surname | given)? {
            Part::Listed => {
                listed += 1;
                parts += 1;
            }
            Part::Unlisted => parts += 1,
            Part::Filler => {
                others += usize::from(!matches!(token.entry, NUMBER | MIXED));
                continue;
            }
        }
        name = Some((name.map_or(token.start, |(start, _)| start), token.end));
    }
    let bare = listed > 0 || (parts == 1 && others == 0 && !menu);
    name.filter(|_| bare && parts <= LONGEST)
}

enum Part {
    /// A given name or a surname of the lexicon.
    Listed,
    /// A word of letters that nothing is known of.
    Unlisted,
    /// A number, an initial, or a word that says nothing.
    Filler,
}

/// `None` for a word that says something else.
fn part(lexicon: &Lexicon, words: &Words, token: Token, bits: u128, names: u128) -> Option<Part> {
    let length = token.end - token.start;
    if matches!(token.entry, NUMBER | MIXED) || length == 1 {
        return Some(Part::Filler);
    }
    if token.entry == UNKNOWN {
        return (5..=16).contains(&length).then_some(Part::Unlisted);
    }
    let entry = words.entry(lexicon, token.entry)?;
    if bits & names != 0 && bits & !names == 0 && !entry.vague {
        return Some(Part::Listed);
    }
    entry.vague.then_some(Part::Filler)
}
