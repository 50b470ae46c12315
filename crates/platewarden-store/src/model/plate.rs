//! Plate texts: one spelling, packed into eight bytes, and their look-alike skeleton.

use platewarden_text::confusion::class_of;

/// Digits and letters.
pub(crate) const SYMBOLS: usize = 36;

/// Longest text that is packed into one number: 37^12 is below 2^63.
const PACKED_SYMBOLS: usize = 12;

/// A plate's text in the one spelling in which it is stored and searched: letters upper-case, no space, hyphen, dot or
/// other mark between them.
///
/// ```
/// use platewarden_store::normalise;
/// assert_eq!(normalise("b-ab 1234"), "BAB1234");
/// ```
#[must_use]
pub fn normalise(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// A text as stored in a dictionary: eight bytes where it fits, else as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Plate {
    Packed(u64),
    Long(String),
}

impl Plate {
    pub(crate) fn of(text: &str) -> Self {
        pack(text).map_or_else(|| Self::Long(text.to_owned()), Self::Packed)
    }
}

/// Index of a digit or letter, 0 to 35.
pub(crate) fn symbol_index(symbol: char) -> Option<usize> {
    symbol.to_digit(36).map(|digit| digit as usize)
}

/// The text as a number in base 37, the first symbol lowest; `None` where it is longer than twelve symbols or holds
/// anything but digits and Latin letters.
pub(crate) fn pack(text: &str) -> Option<u64> {
    if text.len() > PACKED_SYMBOLS {
        return None;
    }
    text.chars().rev().try_fold(0_u64, |number, symbol| {
        // Lower-case letters have no place in a normalised text: they would come back in upper case.
        let index = symbol_index(symbol).filter(|_| !symbol.is_ascii_lowercase())?;
        Some(number * 37 + index as u64 + 1)
    })
}

/// The text of a packed number.
pub(crate) fn unpack(mut number: u64) -> String {
    let mut text = String::with_capacity(PACKED_SYMBOLS);
    while number > 0 {
        let digit = (number % 37) as u32;
        number /= 37;
        let symbol = digit
            .checked_sub(1)
            .and_then(|index| char::from_digit(index, 36));
        text.push(symbol.map_or('?', |symbol| symbol.to_ascii_uppercase()));
    }
    text
}

/// The text with each symbol replaced by the one that stands for its look-alikes: `O0DQ`, `1IL`, `2Z`, `5S`, `8B`,
/// `6G`, `UV`.
pub(crate) fn skeleton(text: &str) -> String {
    text.chars().map(class_of).collect()
}

/// Which classes of look-alikes stand in a packed text: one bit each.
pub(crate) fn class_mask(mut number: u64) -> u64 {
    let mut mask = 0;
    while number > 0 {
        let digit = number % 37;
        number /= 37;
        if let Some(bit) = usize::try_from(digit)
            .ok()
            .and_then(|digit| CLASS_BITS.get(digit))
        {
            mask |= bit;
        }
    }
    mask
}

/// For each base-37 digit the bit of its class.
static CLASS_BITS: std::sync::LazyLock<[u64; 37]> = std::sync::LazyLock::new(|| {
    let mut bits = [0; 37];
    for (index, bit) in bits.iter_mut().skip(1).enumerate() {
        let symbol = char::from_digit(u32::try_from(index).unwrap_or(0), 36)
            .map_or('0', |symbol| symbol.to_ascii_uppercase());
        *bit = 1 << symbol_index(class_of(symbol)).unwrap_or(index);
    }
    bits
});

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn texts_are_packed_and_unpacked() {
        for text in ["", "0", "A", "AB123CD", "ZZZZZZZZZZZZ", "000000000000"] {
            assert_eq!(unpack(pack(text).unwrap()), text);
        }
        assert_eq!(pack("ZZZZZZZZZZZZZ"), None);
        assert_eq!(pack("ÄB123"), None);
        assert_eq!(pack("ab"), None);
        assert_ne!(pack("0A"), pack("A"));
    }

    #[test]
    fn look_alikes_share_a_skeleton_and_its_mask() {
        assert_eq!(skeleton("BOIZSG"), skeleton("801256"));
        assert_eq!(
            class_mask(pack("BOIZSG").unwrap()),
            class_mask(pack("801256").unwrap())
        );
        assert_ne!(
            class_mask(pack("A").unwrap()),
            class_mask(pack("K").unwrap())
        );
    }
}
