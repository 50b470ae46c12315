//! What is looked for: a plate with differences allowed, or a pattern.

use platewarden_text::confusion::class_of;

use crate::model::{class_mask, pack, skeleton, symbol_index, unpack};

/// Longest packed text.
const LONGEST: usize = 12;

/// A pattern of a partial plate: `?` is one character, `*` any run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// One of a class of look-alikes.
    Class(char),
    Any,
    Run,
}

impl Pattern {
    /// A pattern as people type it; marks that are no part of a plate are left out.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        for symbol in text.chars().flat_map(char::to_uppercase) {
            match symbol {
                '?' => parts.push(Part::Any),
                '*' if parts.last() == Some(&Part::Run) => {}
                '*' => parts.push(Part::Run),
                symbol if symbol.is_alphanumeric() => {
                    parts.extend(skeleton(&symbol.to_string()).chars().map(Part::Class));
                }
                _ => {}
            }
        }
        Self { parts }
    }

    /// How many characters it fixes.
    pub(crate) fn fixed(&self) -> usize {
        self.parts
            .iter()
            .filter(|part| matches!(part, Part::Class(_)))
            .count()
    }

    /// The pattern in one spelling.
    pub(crate) fn normalised(&self) -> String {
        let symbol = |part: &Part| match part {
            Part::Class(symbol) => *symbol,
            Part::Any => '?',
            Part::Run => '*',
        };
        self.parts.iter().map(symbol).collect()
    }

    fn mask(&self) -> u64 {
        let bit = |part: &Part| match part {
            Part::Class(symbol) => symbol_index(*symbol).map_or(0, |index| 1 << index),
            _ => 0,
        };
        self.parts.iter().fold(0, |mask, part| mask | bit(part))
    }

    /// Whether a text, as look-alike classes, follows the pattern: two cursors and one place to go back to, so that it
    /// takes at most length times length steps.
    fn matches(&self, text: &[char]) -> bool {
        let (mut at, mut part) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while let Some(symbol) = text.get(at) {
            match self.parts.get(part) {
                Some(Part::Class(class)) if class == symbol => (at, part) = (at + 1, part + 1),
                Some(Part::Any) => (at, part) = (at + 1, part + 1),
                Some(Part::Run) => {
                    back = Some((at, part + 1));
                    part += 1;
                }
                _ => match back {
                    Some((from, after)) => {
                        back = Some((from + 1, after));
                        (at, part) = (from + 1, after);
                    }
                    None => return false,
                },
            }
        }
        self.parts
            .get(part..)
            .is_some_and(|rest| rest.iter().all(|part| *part == Part::Run))
    }
}

/// What a dictionary is scanned for.
#[derive(Clone, Debug)]
pub(crate) enum Query {
    /// A plate, with at most so many characters replaced, missing or added beyond look-alikes.
    Plate {
        skeleton: Vec<char>,
        /// The same for packed plates; `None` where it is too long.
        bits: Option<Bits>,
        mask: u64,
        edits: u32,
    },
    /// A pattern, look-alikes included.
    Pattern { pattern: Pattern, mask: u64 },
}

impl Query {
    pub(crate) fn plate(text: &str, edits: u32) -> Self {
        let shape = skeleton(text);
        let mask = pack(&shape).map_or(u64::MAX, class_mask);
        Self::Plate {
            bits: Bits::of(&shape),
            skeleton: shape.chars().collect(),
            mask,
            edits,
        }
    }

    pub(crate) fn pattern(pattern: Pattern) -> Self {
        let mask = pattern.mask();
        Self::Pattern { pattern, mask }
    }

    /// Whether a text with these classes can match at all.
    pub(crate) fn may_match(&self, mask: u64) -> bool {
        match self {
            // Each edit takes at most one class away and brings at most one.
            Self::Plate {
                mask: asked, edits, ..
            } => *asked == u64::MAX || (asked ^ mask).count_ones() <= 2 * edits,
            Self::Pattern { mask: asked, .. } => asked & !mask == 0,
        }
    }

    pub(crate) fn matches_packed(&self, packed: u64) -> bool {
        match self {
            Self::Plate {
                bits: Some(bits),
                edits,
                ..
            } => bits.distance(packed) <= *edits,
            _ => self.matches(&unpack(packed)),
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let shape: Vec<char> = text.chars().map(class_of).collect();
        match self {
            Self::Plate {
                skeleton, edits, ..
            } => within(skeleton, &shape, *edits),
            Self::Pattern { pattern, .. } => pattern.matches(&shape),
        }
    }
}

/// A plate's classes of look-alikes, for edit distances to packed plates by bits: a column of the table of distances is
/// two words, its differences downwards that are +1 and those that are -1 (Myers, J. ACM 46:3, 1999; Hyyrö's form for
/// distances between whole texts).
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    /// For each base-37 digit the places at which the plate has its class; digits come from the first character on.
    places: [u16; 37],
    length: u32,
}

impl Bits {
    /// `None` for an empty text and for one too long to be packed.
    fn of(skeleton: &str) -> Option<Self> {
        let length = skeleton.chars().count();
        if length == 0 || length > LONGEST {
            return None;
        }
        let mut places = [0; 37];
        for (digit, slot) in places.iter_mut().enumerate().skip(1) {
            let class = char::from_digit(u32::try_from(digit - 1).ok()?, 36)
                .map(|symbol| class_of(symbol.to_ascii_uppercase()))?;
            for (place, symbol) in skeleton.chars().enumerate() {
                *slot |= u16::from(symbol == class) << place;
            }
        }
        let length = u32::try_from(length).ok()?;
        Some(Self { places, length })
    }

    /// Edits between the plate and a packed one, look-alikes taken for one another.
    fn distance(&self, mut packed: u64) -> u32 {
        let last = 1_u16 << (self.length - 1);
        let (mut up, mut down) = (u16::MAX, 0_u16);
        let mut distance = self.length;
        while packed > 0 {
            let digit = usize::try_from(packed % 37).unwrap_or(0);
            packed /= 37;
            let same = self.places.get(digit).copied().unwrap_or(0);
            let vertical = same | down;
            let horizontal = ((same & up).wrapping_add(up) ^ up) | same;
            let rises = down | !(horizontal | up);
            let falls = up & horizontal;
            distance += u32::from(rises & last != 0);
            distance -= u32::from(falls & last != 0);
            let rises = (rises << 1) | 1;
            up = (falls << 1) | !(vertical | rises);
            down = rises & vertical;
        }
        distance
    }
}

/// Whether two texts are at most so many edits apart.
fn within(a: &[char], b: &[char], edits: u32) -> bool {
    let edits = edits as usize;
    if a.len().abs_diff(b.len()) > edits {
        return false;
    }
    if b.len() > LONGEST * 4 {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut best = left;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, above) in b.iter().zip(row.iter_mut().skip(1)) {
            let cost = (diagonal + usize::from(x != y))
                .min(*above + 1)
                .min(left + 1);
            diagonal = *above;
            *above = cost;
            left = cost;
            best = best.min(cost);
        }
        if best > edits {
            return false;
        }
    }
    row.last().is_some_and(|last| *last <= edits)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_match_look_alikes() {
        let matches =
            |pattern: &str, text: &str| Query::pattern(Pattern::parse(pattern)).matches(text);
        assert!(matches("AB?12*", "AB912"));
        assert!(matches("AB?12*", "A8Q12XYZ"));
        assert!(!matches("AB?12", "AB912X"));
        assert!(matches("*34", "ABC1234"));
        assert!(matches("*1*4", "ABCI234"));
        assert!(!matches("A*K", "ABC1234"));
        assert!(matches("**", ""));
        assert_eq!(Pattern::parse("a-b ?**").fixed(), 2);
        assert_eq!(Pattern::parse("a-o ?**").normalised(), "A0?*");
    }

    #[test]
    fn the_known_double_misread_is_found_and_the_unrelated_plate_is_not() {
        assert!(Query::plate("ABC1234", 2).matches("A8C1Z34"));
        assert!(Query::plate("ABC1234", 0).matches("A8C1Z34"));
        assert!(!Query::plate("ABC1234", 1).matches("ABC1299"));
    }

    proptest! {
        #[test]
        fn the_mask_never_hides_a_match(
            text in "[A-Z0-9]{4,8}", at in 0_usize..8, other in "[A-Z0-9]", second in 0_usize..8, drop in any::<bool>(),
        ) {
            let mut changed: Vec<char> = text.chars().collect();
            let at = at % changed.len();
            changed[at] = other.chars().next().unwrap();
            let second = second % changed.len();
            if drop { changed.remove(second); }
            let changed: String = changed.into_iter().collect();
            let query = Query::plate(&text, 2);
            prop_assert!(query.matches(&changed));
            prop_assert!(query.may_match(class_mask(pack(&changed).unwrap())));
        }

        #[test]
        fn bits_count_the_edits_that_the_table_counts(asked in "[A-Z0-9]{1,12}", read in "[A-Z0-9]{1,12}") {
            let shape = |text: &str| -> Vec<char> { skeleton(text).chars().collect() };
            let bits = Bits::of(&skeleton(&asked)).unwrap();
            let distance = bits.distance(pack(&read).unwrap());
            let (asked, read) = (shape(&asked), shape(&read));
            prop_assert!(within(&asked, &read, distance));
            prop_assert!(distance == 0 || !within(&asked, &read, distance - 1));
        }

        #[test]
        fn a_pattern_with_any_character_hidden_matches(text in "[A-Z0-9]{4,8}", at in 0_usize..8) {
            let mut pattern: Vec<char> = text.chars().collect();
            let at = at % pattern.len();
            pattern[at] = '?';
            let pattern: String = pattern.into_iter().collect();
            let query = Query::pattern(Pattern::parse(&pattern));
            prop_assert!(query.matches(&text));
            prop_assert!(query.may_match(class_mask(pack(&text).unwrap())));
        }
    }
}
