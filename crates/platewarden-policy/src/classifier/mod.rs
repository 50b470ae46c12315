//! What a free-text reason says: sensitive purposes, federal nexus, emptiness, personal data.
//!
//! A reason cell holds a menu value, free text, or both (`<menu value> - <free text>`). The classifier
//! folds the text (letter case, accents, look-alike letters, digits for letters, spaced or dotted
//! single letters, misspellings), finds the terms of a versioned [`Lexicon`], and grades each by its
//! context:
//!
//! | grade | meaning | example |
//! |---|---|---|
//! | [`Grade::High`] | states a prohibited purpose | `ICE detainer`, `had an abortion, search for female` |
//! | [`Grade::Medium`] | may well be one: a person must look | `HSI`, `Assist CBP Investigation` |
//! | [`Grade::Low`] | keep for a sample: a crime is named, the term is denied, or another sense is likely | `HSI Narcotics`, `not immigration`, `black ice` |
//!
//! The classifier sees words, not intent: a menu value or an innocent text hides it. It therefore only
//! ever tightens a decision; a clean text never rescues a bad declared purpose. Its lexicon is mostly
//! English with some Spanish, German and French, and was tuned on synthetic rows.
//!
//! ```
//! use platewarden_policy::classifier::{Grade, SignalCategory, classify};
//!
//! let found = classify("assist I.C.E. with locate");
//! assert_eq!(found.overall(), Some(Grade::High));
//! assert_eq!(found.category(), Some(SignalCategory::Immigration));
//! assert_eq!(&"assist I.C.E. with locate"[found.signals[0].span.clone()], "assist I.C.E");
//!
//! assert_eq!(classify("crash on black ice, police on scene").overall(), Some(Grade::Low));
//! assert_eq!(classify("burglary suspect vehicle").overall(), None);
//! ```

mod bundled;
mod cell;
mod compile;
mod distance;
mod find;
mod grade;
mod join;
mod letters;
mod lexicon;
mod load;
mod menu;
mod name;
mod normalize;
mod pattern;
mod personal;
mod repair;
mod signal;
mod source;
mod tokens;

use std::ops::Range;

use rustc_hash::FxHashMap;

use find::{Finder, Hit};
use normalize::Folded;
use tokens::Words;

pub use lexicon::Lexicon;
pub use menu::MenuValue;
pub use signal::{Classification, Grade, PersonalDataKind, Signal, SignalCategory, Spelling};

/// Classifies one reason cell with the bundled lexicon.
///
/// For many cells use a [`Classifier`], which keeps its working memory.
#[must_use]
pub fn classify(text: &str) -> Classification {
    thread_local! {
        static CLASSIFIER: std::cell::RefCell<Classifier<'static>> = std::cell::RefCell::new(Classifier::new());
    }
    CLASSIFIER.with_borrow_mut(|classifier| classifier.classify(text))
}

/// A classifier with working memory, for bulk use on one thread.
#[derive(Debug)]
pub struct Classifier<'l> {
    /// `None` only if the bundled data were faulty: then every text is held.
    lexicon: Option<&'l Lexicon>,
    folded: Folded,
    words: Words,
    finder: Finder,
    menu_key: String,
    hits: Vec<Hit<'l>>,
    personal: Vec<(PersonalDataKind, usize, usize)>,
    cache: FxHashMap<Box<str>, Classification>,
    nothing: Classification,
}

/// Texts remembered by [`Classifier::classify_cached`] before the memory is emptied.
const REMEMBERED: usize = 16_384;

impl Default for Classifier<'static> {
    fn default() -> Self {
        Self::new()
    }
}

impl Classifier<'static> {
    /// A classifier over the bundled lexicon.
    #[must_use]
    pub fn new() -> Self {
        Self::over(Lexicon::bundled().ok())
    }
}

impl<'l> Classifier<'l> {
    /// A classifier over a lexicon of one's own.
    #[must_use]
    pub fn with_lexicon(lexicon: &'l Lexicon) -> Self {
        Self::over(Some(lexicon))
    }

    fn over(lexicon: Option<&'l Lexicon>) -> Self {
        Self {
            lexicon,
            folded: Folded::default(),
            words: Words::default(),
            finder: Finder::default(),
            menu_key: String::new(),
            hits: Vec::new(),
            personal: Vec::new(),
            cache: FxHashMap::default(),
            nothing: Classification::default(),
        }
    }

    /// Classifies one reason cell.
    pub fn classify(&mut self, text: &str) -> Classification {
        let Some(lexicon) = self.lexicon else {
            return held(text);
        };
        let split = lexicon.menu.split(text, &mut self.menu_key);
        let named = split.map_or(0, |s| menu_classes(lexicon, s.value));
        self.folded.fold(&lexicon.letters, text);
        let from = self.folded_offset(split.map_or(0, |s| s.free_text_at));
        self.words.read(lexicon, &self.folded, from);
        self.finder
            .find(lexicon, &self.words, &self.folded, named, &mut self.hits);
        personal::find(
            lexicon,
            &self.words,
            self.finder.classes(),
            &self.folded,
            &mut self.personal,
        );

        let mut result = Classification {
            text_purpose: self.finder.purpose(lexicon),
            menu: split.map(|s| s.value.text.clone()),
            menu_purpose: split.map(|s| s.value.purpose),
            signals: Vec::new(),
        };
        self.collect(&mut result, split);
        let said = result.text_purpose.is_some()
            || result.signals.iter().any(|s| {
                !matches!(
                    s.category,
                    SignalCategory::PersonalData | SignalCategory::Training
                )
            });
        if !said {
            self.note_emptiness(lexicon, split.is_some(), text, &mut result);
        }
        result.signals.sort_by_key(|s| {
            (
                !s.category.is_sensitive(),
                std::cmp::Reverse(s.grade),
                s.category,
                s.span.start,
            )
        });
        result
    }

    /// As [`Classifier::classify`], remembering recent texts: search logs repeat a few thousand reasons.
    pub fn classify_cached(&mut self, text: &str) -> &Classification {
        if self.cache.len() >= REMEMBERED && !self.cache.contains_key(text) {
            self.cache.clear();
        }
        if !self.cache.contains_key(text) {
            let fresh = self.classify(text);
            self.cache.insert(text.into(), fresh);
        }
        // Just put in, if it was not there.
        self.cache.get(text).unwrap_or(&self.nothing)
    }

    /// Version and SHA-256 of the lexicon.
    #[must_use]
    pub fn lexicon(&self) -> Option<&'l Lexicon> {
        self.lexicon
    }

    /// A text that says nothing, or nothing but a name. Beside a menu value a terse text is normal, a name is not.
    fn note_emptiness(
        &self,
        lexicon: &Lexicon,
        menu: bool,
        text: &str,
        result: &mut Classification,
    ) {
        let whole = 0..text.len();
        if Finder::is_vague(&self.words, lexicon) {
            if !menu {
                let signal = plain_signal(SignalCategory::Vague, "says nothing", whole);
                result.signals.push(signal);
            }
        } else if let Some((start, end)) =
            name::bare_name(lexicon, &self.words, self.finder.classes(), menu)
        {
            let span = self.span(start, end);
            result.signals.push(Signal {
                personal: Some(PersonalDataKind::Name),
                ..plain_signal(SignalCategory::PersonalData, "a bare name", span)
            });
            if !menu {
                let signal = plain_signal(SignalCategory::Vague, "a bare name", whole);
                result.signals.push(signal);
            }
        }
    }

    fn folded_offset(&self, original: usize) -> usize {
        if original == 0 {
            return 0;
        }
        (0..self.folded.bytes.len())
            .find(|i| self.folded.start_of(*i) >= original)
            .unwrap_or(self.folded.bytes.len())
    }

    fn span(&self, start: usize, end: usize) -> Range<usize> {
        self.folded.start_of(start)..self.folded.end_of(end.saturating_sub(1))
    }

    fn collect(&self, result: &mut Classification, split: Option<menu::Split>) {
        if let Some((split, grade)) = split.and_then(|s| Some((s, s.value.immigration_grade()?))) {
            result.signals.push(Signal {
                grade,
                ..plain_signal(
                    SignalCategory::Immigration,
                    "menu value",
                    0..split.value_end,
                )
            });
        }
        for hit in &self.hits {
            let signal = Signal {
                category: hit.term.category,
                grade: hit.grade,
                term: hit.term.id.clone(),
                span: self.span(hit.start, hit.end),
                obfuscated: hit.spelling >= Spelling::Spaced,
                spelling: hit.spelling,
                names_crime: hit.names_crime,
                because: hit.because.map(str::to_owned),
                personal: None,
            };
            // The body is named whatever the search is for; only another sense of the word undoes it.
            if hit.term.nexus && (hit.grade > Grade::Low || hit.because == Some("a crime is named"))
            {
                result.signals.push(Signal {
                    category: SignalCategory::FederalNexus,
                    grade: Grade::High,
                    because: None,
                    ..signal.clone()
                });
            }
            result.signals.push(signal);
        }
        for (kind, start, end) in &self.personal {
            let signal = plain_signal(
                SignalCategory::PersonalData,
                "personal data",
                self.span(*start, *end),
            );
            result.signals.push(Signal {
                personal: Some(*kind),
                ..signal
            });
        }
    }
}

fn plain_signal(category: SignalCategory, term: &str, span: Range<usize>) -> Signal {
    Signal {
        category,
        grade: Grade::Low,
        term: term.to_owned(),
        span,
        obfuscated: false,
        spelling: Spelling::Plain,
        names_crime: false,
        because: None,
        personal: None,
    }
}

/// The answer without a lexicon: nothing is known of the text, so a person must look.
fn held(text: &str) -> Classification {
    let signal = Signal {
        grade: Grade::High,
        ..plain_signal(
            SignalCategory::Immigration,
            "lexicon unavailable",
            0..text.len(),
        )
    };
    Classification {
        signals: vec![signal],
        ..Classification::default()
    }
}

/// Classes of crimes that a menu value names beside the free text.
fn menu_classes(lexicon: &Lexicon, value: &MenuValue) -> u128 {
    let crime = lexicon
        .purposes
        .iter()
        .filter(|(_, p)| *p == value.purpose)
        .fold(0, |all, (bits, _)| all | bits);
    if value.purpose.is_crime_or_danger() && crime & lexicon.masks.crime == 0 {
        crime | lexicon.masks.crime
    } else {
        crime
    }
}
