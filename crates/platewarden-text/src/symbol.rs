//! The 36 symbols of plate texts, and the one index by which tables hold them.

/// Number of symbols: the digits, then the letters.
pub const SYMBOLS: usize = 36;

/// Index of a digit or a capital letter: `0`-`9` are 0 to 9, `A`-`Z` are 10 to 35; `None` for any other character.
///
/// ```
/// use platewarden_text::symbol::{SYMBOLS, char_of, index_of};
///
/// assert_eq!((index_of('7'), index_of('A'), index_of('a')), (Some(7), Some(10), None));
/// assert!((0..SYMBOLS).all(|index| char_of(index).and_then(index_of) == Some(index)));
/// ```
#[must_use]
pub const fn index_of(symbol: char) -> Option<usize> {
    match symbol {
        '0'..='9' => Some(symbol as usize - '0' as usize),
        'A'..='Z' => Some(symbol as usize - 'A' as usize + 10),
        _ => None,
    }
}

/// The symbol of an index; `None` from [`SYMBOLS`] on.
#[must_use]
pub const fn char_of(index: usize) -> Option<char> {
    match index {
        0..=9 => Some((b'0' + index as u8) as char),
        10..=35 => Some((b'A' + (index as u8 - 10)) as char),
        _ => None,
    }
}
