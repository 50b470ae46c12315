//! A name as a run of words.

/// One word of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In small letters, without apostrophes and the stops of an abbreviation: `sheriffs`, `us`.
    pub(super) folded: String,
    /// Whether every letter stands in capitals.
    pub(super) capitals: bool,
    /// Whether a comma, a parenthesis, a bracket or a dash parts it from the word before.
    pub(super) parted: bool,
    /// Whether `&`, `/` or `and` joins it to the word before.
    pub(super) joined: bool,
}

impl Word {
    pub(super) fn is(&self, folded: &str) -> bool {
        self.folded == folded
    }
}

/// Splits a name. A name without any capital is taken as if it stood in capitals: `peoria il pd`.
pub(super) fn words(name: &str) -> Vec<Word> {
    let small = !name.chars().any(char::is_uppercase);
    let mut list: Vec<Word> = Vec::new();
    let (mut text, mut parted, mut joined) = (String::new(), false, false);
    let mut end = |text: &mut String, parted: &mut bool, joined: &mut bool| {
        if text.is_empty() {
            return;
        }
        let folded = text.to_lowercase();
        if folded == "and" {
            *joined = true;
        } else {
            list.push(Word {
                capitals: small || !text.chars().any(char::is_lowercase),
                folded,
                parted: std::mem::take(parted),
                joined: std::mem::take(joined),
            });
        }
        text.clear();
    };
    let signs: Vec<char> = name.chars().collect();
    for (index, sign) in signs.iter().enumerate() {
        let single = text.chars().count() == 1 || text.ends_with('\u{0}');
        match sign {
            c if c.is_alphanumeric() => text.push(*c),
            '\'' | '\u{2019}' | '`' => {}
            // The stops of `U.S.` join its letters; any other stop ends the word.
            '.' if single_letters(&text)
                && single
                && signs.get(index + 1).is_some_and(|c| c.is_alphabetic())
                && signs.get(index + 2).is_none_or(|c| !c.is_alphabetic()) => {}
            '.' => end(&mut text, &mut parted, &mut joined),
            '&' | '/' => {
                end(&mut text, &mut parted, &mut joined);
                joined = true;
            }
            ',' | '(' | ')' | '[' | ']' | ':' | '|' | ';' => {
                end(&mut text, &mut parted, &mut joined);
                parted = true;
            }
            // A dash between blanks parts; one inside a word (`Miami-Dade`) does not.
            '-' | '\u{2013}' | '\u{2014}' => {
                end(&mut text, &mut parted, &mut joined);
                let blank = |at: Option<&char>| at.is_none_or(|c| c.is_whitespace());
                if blank(index.checked_sub(1).and_then(|i| signs.get(i)))
                    || blank(signs.get(index + 1))
                {
                    parted = true;
                }
            }
            _ => end(&mut text, &mut parted, &mut joined),
        }
    }
    end(&mut text, &mut parted, &mut joined);
    list
}

/// Whether the text is the letters of an abbreviation so far: one capital, or several joined by stops.
fn single_letters(text: &str) -> bool {
    !text.is_empty() && text.chars().all(char::is_uppercase)
}

/// A run of words to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    words: Vec<(String, bool)>,
    at_start: bool,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let (at_start, text) = match text.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let words = text
            .split_whitespace()
            // A name's `and` and `&` join words and are none.
            .filter(|word| *word != "and")
            .map(|word| {
                let capitals = word.chars().any(char::is_uppercase);
                (word.to_lowercase(), capitals)
            })
            .collect();
        Self { words, at_start }
    }

    /// Where the run begins, if it stands in the name.
    pub(super) fn find(&self, name: &[Word]) -> Option<usize> {
        let length = self.words.len();
        name.windows(length.max(1))
            .position(|run| self.is(run))
            .filter(|at| !self.at_start || *at == 0)
    }

    /// Whether the run is the whole of the words.
    pub(super) fn is(&self, run: &[Word]) -> bool {
        run.len() == self.words.len()
            && self
                .words
                .iter()
                .zip(run)
                .all(|((folded, capitals), word)| {
                    word.folded == *folded && (!capitals || word.capitals)
                })
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }
}
