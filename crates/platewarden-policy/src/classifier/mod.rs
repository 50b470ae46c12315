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

mod distance;
mod grammar;
mod lexicon;
mod menu;
mod normalize;
mod personal;
mod signal;
mod tokens;

use std::ops::Range;

use grammar::{Grammar, Hit};
pub use lexicon::Lexicon;
pub use menu::{MENU, MenuValue};
use normalize::Folded;
use rustc_hash::FxHashMap;
pub use signal::{Classification, Grade, PersonalDataKind, Signal, SignalCategory, Spelling};
use tokens::Words;

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
    grammar: Grammar,
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
            grammar: Grammar::default(),
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
        let split = menu::split(text);
        let named = split.as_ref().map_or(0, |s| menu_classes(lexicon, s.value));
        self.folded.fold(text);
        let from = split.as_ref().map_or(0, |s| s.free_text_at);
        let from = self.folded_offset(from);
        self.words.read(lexicon, &self.folded, from);
        self.grammar
            .read(lexicon, &self.words, &self.folded, named, &mut self.hits);
        personal::find(
            lexicon,
            &self.words,
            self.grammar.classes(),
            &self.folded,
            &mut self.personal,
        );

        let mut result = Classification {
            text_purpose: self.grammar.purpose(lexicon),
            menu: split.as_ref().map(|s| s.value.text.to_owned()),
            menu_purpose: split.as_ref().map(|s| s.value.purpose),
            signals: Vec::new(),
        };
        self.collect(&mut result, split.as_ref().map(|s| s.value), text);
        let said = result.text_purpose.is_some()
            || result.signals.iter().any(|s| {
                !matches!(
                    s.category,
                    SignalCategory::PersonalData | SignalCategory::Training
                )
            });
        if split.is_none() && !said && self.grammar.is_vague(&self.words, lexicon) {
            result.signals.push(plain_signal(
                SignalCategory::Vague,
                "says nothing",
                0..text.len(),
            ));
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

    fn collect(&self, result: &mut Classification, menu: Option<MenuValue>, text: &str) {
        if let Some((value, grade)) =
            menu.and_then(|value| value.immigration_grade().map(|grade| (value, grade)))
        {
            let end = value.text.len().min(text.len());
            result.signals.push(Signal {
                grade,
                ..plain_signal(SignalCategory::Immigration, "menu value", 0..end)
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
fn menu_classes(lexicon: &Lexicon, value: MenuValue) -> u128 {
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
