//! The pattern language of registration formats, expanded to plain sequences of symbol sets.
//!
//! | written | means |
//! |---|---|
//! | `A`-`Z`, `0`-`9` | that very symbol |
//! | `l` | any letter |
//! | `d` | any digit |
//! | `x` | any letter or digit |
//! | `[A-HJ6]` | one of these |
//! | `[^IOQ]` | any letter but these (`[^0]`: any digit but these) |
//! | `(AB\|C)` | one of these alternatives |
//! | `e?` | `e` or nothing |
//! | `e{3}`, `e{1,4}` | `e` three times; one to four times |
//! | `<name>` | the fragment of that name in the same file |
//! | space, `-` | nothing: they make patterns readable |
//!
//! There is no unbounded repetition: registration numbers are short, and a bounded language expands
//! to a set of fixed-length sequences, which the matcher tests all at once (see `matcher`).

use std::collections::BTreeMap;

use super::symbol::{MAX_SYMBOLS, SymbolSet};
use crate::symbol::index_of;

/// A set of symbols for each position of a registration number.
pub(super) type Sequence = Vec<SymbolSet>;

/// More sequences than this mean a mistake in the pattern, and would bloat the matcher.
const MAX_SEQUENCES: usize = 8192;
/// Deepest nesting of groups and fragments; also what stops a fragment that names itself.
const MAX_DEPTH: u8 = 16;

/// Expands a pattern to the sequences that it accepts, or says what is wrong with it.
pub(super) fn expand(
    pattern: &str,
    fragments: &BTreeMap<&str, &str>,
) -> Result<Vec<Sequence>, String> {
    let sequences = Parser::new(pattern, fragments, Spaces::Ignored, 0)?.parse_all()?;
    if sequences.iter().any(Vec::is_empty) {
        return Err("the pattern accepts an empty registration number".to_owned());
    }
    Ok(merge(sequences))
}

/// Expands a pattern to sequences in which an empty set stands for each space between groups of symbols.
pub(super) fn expand_grouped(
    pattern: &str,
    fragments: &BTreeMap<&str, &str>,
) -> Result<Vec<Sequence>, String> {
    Parser::new(pattern, fragments, Spaces::Kept, 0)?.parse_all()
}

/// What becomes of the spaces of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spaces {
    Ignored,
    Kept,
}

struct Parser<'a> {
    spaces: Spaces,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    fragments: &'a BTreeMap<&'a str, &'a str>,
    depth: u8,
}

impl<'a> Parser<'a> {
    fn new(
        pattern: &'a str,
        fragments: &'a BTreeMap<&'a str, &'a str>,
        spaces: Spaces,
        depth: u8,
    ) -> Result<Self, String> {
        if depth > MAX_DEPTH {
            return Err(format!(
                "groups and fragments are nested deeper than {MAX_DEPTH}"
            ));
        }
        Ok(Self {
            spaces,
            rest: pattern.chars().peekable(),
            fragments,
            depth,
        })
    }

    fn parse_all(mut self) -> Result<Vec<Sequence>, String> {
        let sequences = self.alternatives()?;
        match self.rest.next() {
            None => Ok(sequences),
            Some(found) => Err(format!("`{found}` closes nothing")),
        }
    }

    /// Up to the end of the pattern or an unmatched `)`.
    fn alternatives(&mut self) -> Result<Vec<Sequence>, String> {
        let mut all = self.concatenation()?;
        while self.rest.next_if_eq(&'|').is_some() {
            all.extend(self.concatenation()?);
            check_count(all.len())?;
        }
        Ok(match self.spaces {
            Spaces::Ignored => merge(all),
            // A space and a symbol at one place cannot be merged.
            Spaces::Kept => all,
        })
    }

    fn concatenation(&mut self) -> Result<Vec<Sequence>, String> {
        let mut all = vec![Vec::new()];
        while let Some(element) = self.element()? {
            let (least, most) = self.repetition()?;
            let once = all;
            let mut power = once;
            all = if least == 0 {
                power.clone()
            } else {
                Vec::new()
            };
            for count in 1..=most {
                power = join(&power, &element)?;
                if count >= least {
                    all.extend(power.iter().cloned());
                }
            }
            check_count(all.len())?;
        }
        Ok(all)
    }

    /// One element, or `None` at the end of a group or of the pattern.
    fn element(&mut self) -> Result<Option<Vec<Sequence>>, String> {
        loop {
            let Some(&next) = self.rest.peek() else {
                return Ok(None);
            };
            if matches!(next, '|' | ')') {
                return Ok(None);
            }
            self.rest.next();
            let set = match next {
                ' ' | '-' if self.spaces == Spaces::Ignored => continue,
                ' ' | '-' => SymbolSet::EMPTY,
                'l' => SymbolSet::LETTERS,
                'd' => SymbolSet::DIGITS,
                'x' => SymbolSet::ALL,
                '[' => self.class()?,
                '(' => return self.group().map(Some),
                '<' => return self.fragment().map(Some),
                other => index_of(other)
                    .map(|index| SymbolSet::single(index as u8))
                    .ok_or_else(|| format!("`{other}` is not part of the pattern language"))?,
            };
            return Ok(Some(vec![vec![set]]));
        }
    }

    fn group(&mut self) -> Result<Vec<Sequence>, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!(
                "groups and fragments are nested deeper than {MAX_DEPTH}"
            ));
        }
        let sequences = self.alternatives()?;
        self.depth -= 1;
        match self.rest.next() {
            Some(')') => Ok(sequences),
            _ => Err("`(` is never closed".to_owned()),
        }
    }

    fn fragment(&mut self) -> Result<Vec<Sequence>, String> {
        let mut name = String::new();
        loop {
            match self.rest.next() {
                Some('>') => break,
                Some(letter) => name.push(letter),
                None => return Err("`<` is never closed".to_owned()),
            }
        }
        let pattern = self
            .fragments
            .get(name.as_str())
            .ok_or_else(|| format!("there is no fragment `{name}` in this file"))?;
        Self::new(pattern, self.fragments, self.spaces, self.depth + 1)?
            .parse_all()
            .map_err(|reason| format!("in fragment `{name}`: {reason}"))
    }

    fn class(&mut self) -> Result<SymbolSet, String> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut set = SymbolSet::EMPTY;
        loop {
            let symbol = match self.rest.next() {
                Some(']') => break,
                other => class_symbol(other)?,
            };
            let last = if self.rest.next_if_eq(&'-').is_some() {
                class_symbol(self.rest.next())?
            } else {
                symbol
            };
            if last < symbol {
                return Err("a range in `[...]` runs backwards".to_owned());
            }
            for index in symbol..=last {
                set = set.union(SymbolSet::single(index));
            }
        }
        let set = match (negated, set) {
            (false, set) => set,
            (true, set) if set.is_subset(SymbolSet::LETTERS) => SymbolSet::LETTERS.minus(set),
            (true, set) if set.is_subset(SymbolSet::DIGITS) => SymbolSet::DIGITS.minus(set),
            (true, _) => return Err("`[^...]` mixes letters and digits".to_owned()),
        };
        if set.is_empty() {
            Err("`[...]` accepts nothing".to_owned())
        } else {
            Ok(set)
        }
    }

    fn repetition(&mut self) -> Result<(usize, usize), String> {
        if self.rest.next_if_eq(&'?').is_some() {
            return Ok((0, 1));
        }
        if self.rest.next_if_eq(&'{').is_none() {
            return Ok((1, 1));
        }
        let least = self.number()?;
        let most = if self.rest.next_if_eq(&',').is_some() {
            self.number()?
        } else {
            least
        };
        if self.rest.next() != Some('}') {
            return Err("`{` wants `{n}` or `{least,most}`".to_owned());
        }
        if least > most || most == 0 || most > MAX_SYMBOLS {
            return Err(format!(
                "`{{{least},{most}}}` is no count of 1 to {MAX_SYMBOLS}"
            ));
        }
        Ok((least, most))
    }

    fn number(&mut self) -> Result<usize, String> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        digits
            .parse()
            .map_err(|_| "`{` wants `{n}` or `{least,most}`".to_owned())
    }
}

fn class_symbol(found: Option<char>) -> Result<u8, String> {
    match found {
        None => Err("`[` is never closed".to_owned()),
        Some(found) => index_of(found)
            .map(|index| index as u8)
            .ok_or_else(|| format!("`{found}` cannot stand in `[...]`: only `0-9` and `A-Z`")),
    }
}

fn check_count(count: usize) -> Result<(), String> {
    if count > MAX_SEQUENCES {
        return Err(format!(
            "the pattern expands to more than {MAX_SEQUENCES} alternatives"
        ));
    }
    Ok(())
}

fn join(heads: &[Sequence], tails: &[Sequence]) -> Result<Vec<Sequence>, String> {
    check_count(heads.len().saturating_mul(tails.len()))?;
    let mut joined = Vec::with_capacity(heads.len() * tails.len());
    for head in heads {
        for tail in tails {
            let symbols = head.iter().chain(tail).filter(|set| !set.is_empty());
            if symbols.count() > MAX_SYMBOLS {
                return Err(format!(
                    "the pattern accepts more than {MAX_SYMBOLS} symbols"
                ));
            }
            joined.push(head.iter().chain(tail).copied().collect());
        }
    }
    Ok(joined)
}

/// Joins sequences that differ at one position only, so that a list of 700 district codes becomes
/// some 200 sequences. The set of accepted numbers stays the same.
pub(super) fn merge(mut sequences: Vec<Sequence>) -> Vec<Sequence> {
    loop {
        let before = sequences.len();
        // From the back: codes in a list share their beginnings more than their ends.
        for position in (0..MAX_SYMBOLS).rev() {
            let mut merged: BTreeMap<Sequence, SymbolSet> = BTreeMap::new();
            let mut shorter = Vec::new();
            for mut sequence in sequences {
                let Some(slot) = sequence.get_mut(position) else {
                    shorter.push(sequence);
                    continue;
                };
                let set = std::mem::replace(slot, SymbolSet::EMPTY);
                let entry = merged.entry(sequence).or_insert(SymbolSet::EMPTY);
                *entry = entry.union(set);
            }
            sequences = shorter;
            sequences.extend(merged.into_iter().map(|(mut sequence, set)| {
                if let Some(slot) = sequence.get_mut(position) {
                    *slot = set;
                }
                sequence
            }));
        }
        sequences.sort_unstable();
        sequences.dedup();
        if sequences.len() == before {
            return sequences;
        }
    }
}

/// Numbers that a sequence accepts.
pub(super) fn size(sequence: &[SymbolSet]) -> f64 {
    sequence.iter().map(|set| f64::from(set.len())).product()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use crate::syntax::symbol::Symbols;

    fn accepts(pattern: &str, text: &str) -> bool {
        let fragments = BTreeMap::from([("uk", "[A-HJ-PR-Z]"), ("two", "<uk>{2}")]);
        let symbols = Symbols::parse(text).unwrap();
        expand(pattern, &fragments).unwrap().iter().any(|sequence| {
            sequence.len() == symbols.len()
                && sequence
                    .iter()
                    .zip(symbols.as_slice())
                    .all(|(set, symbol)| set.contains(*symbol))
        })
    }

    #[test]
    fn elements() {
        for (pattern, yes, no) in [
            (
                "ll dd lll",
                vec!["AB12CDE"],
                vec!["AB1CDE", "1B12CDE", "AB12CD1"],
            ),
            ("L-d", vec!["L1"], vec!["A1"]),
            ("[A-C5]d", vec!["A0", "C9", "50"], vec!["D0", "60"]),
            ("[^IOQ]d", vec!["A1"], vec!["I1", "11"]),
            ("[^0]d", vec!["10"], vec!["00", "A0"]),
            (
                "(AB|C)d?",
                vec!["AB", "C", "AB1", "C1"],
                vec!["A", "B1", "CC"],
            ),
            (
                "l{1,2}d{2}",
                vec!["A12", "AB12"],
                vec!["12", "ABC12", "A123"],
            ),
            ("(ld){2}", vec!["A1B2"], vec!["A1", "A1B2C3", "AB12"]),
            (
                "(l|dd){0,2}X",
                vec!["X", "AX", "12X", "A12X", "1234X"],
                vec!["1X", "ABCX"],
            ),
            ("<two>x", vec!["AB1", "ABC"], vec!["IB1"]),
        ] {
            for text in yes {
                assert!(accepts(pattern, text), "{pattern} refuses {text}");
            }
            for text in no {
                assert!(!accepts(pattern, text), "{pattern} accepts {text}");
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        let fragments = BTreeMap::from([("loop", "l<loop>"), ("bad", "l(")]);
        for (pattern, reason) in [
            ("", "empty"),
            ("l?", "empty"),
            ("l(", "never closed"),
            ("l)", "closes nothing"),
            ("[A", "never closed"),
            ("[]", "accepts nothing"),
            ("[^A-Z]", "accepts nothing"),
            ("[B-A]", "backwards"),
            ("[^A1]", "mixes"),
            ("[a]", "cannot stand"),
            ("l{", "wants"),
            ("l{3,2}", "no count"),
            ("l{0}", "no count"),
            ("l{13}", "no count"),
            ("l{7}d{6}", "more than 12 symbols"),
            ("<none>", "no fragment `none`"),
            ("<loop>", "nested deeper"),
            ("<bad>", "in fragment `bad`"),
            ("l*", "not part of"),
            ("é", "not part of"),
            ("(l|d|AB){12}", "symbols"),
            ("(A0|B1){12}", "symbols"),
        ] {
            let message = expand(pattern, &fragments).unwrap_err();
            assert!(message.contains(reason), "{pattern}: {message}");
        }
    }

    #[test]
    fn a_pattern_that_explodes_is_refused() {
        // 2^6 times 4^4 sequences, none of which differ at one position only before the end.
        let message = expand("(A0|B1){6}", &BTreeMap::new()).map(|all| all.len());
        assert_eq!(message, Ok(64));
        let pattern = "(A|BB){1,6}(C|DD)(A0|B1|C2|D3|E4|F5){2}(A|BB)(C|DD)(E|FF)";
        assert!(expand(pattern, &BTreeMap::new()).is_err());
    }

    #[test]
    fn merging_keeps_the_accepted_set() {
        let codes = "(AA|AB|AC|BA|BB|BC|C|D|ABX)";
        let sequences = expand(codes, &BTreeMap::new()).unwrap();
        assert_eq!(sequences.len(), 3, "{sequences:?}");
        let total: f64 = sequences.iter().map(|sequence| size(sequence)).sum();
        assert!((total - 9.0).abs() < f64::EPSILON);
    }
}
