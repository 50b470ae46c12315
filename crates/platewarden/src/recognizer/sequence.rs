//! From the probabilities of symbols at each step to texts.
//!
//! Both recogniser contracts give a matrix of steps by symbols in which one symbol, the blank, stands for no character.
//! They differ in two rules. With CTC, the same symbol in neighbouring steps is one character; with fixed slots it is two.
//! And with CTC many paths through the matrix spell the same text, whose probability is the sum over all of them, which a
//! prefix beam search approximates from below; with fixed slots each character has its own place, and a text's
//! probability is that of its most likely path, as the packages that such networks come from have it.

mod tree;

use self::tree::{NO_SYMBOL, Node, Prefix, ROOT, Seen, Tree, sort};
use super::reading::Reading;
use crate::{Alternative, Candidate, CharacterRead, calibration::Calibration};

/// Prefixes kept after each step. On plates, widths above this change no candidate among the first five.
const BEAM: usize = 24;
/// Symbols below this probability open no new prefix; the mass lost this way is far below a confidence's last digit.
const NEGLIGIBLE: f32 = 1e-4;
/// Alternatives below this probability are not reported.
const ALTERNATIVE: f32 = 1e-3;
/// Alternatives reported for each character.
const ALTERNATIVES: usize = 5;

/// How a matrix of probabilities spells a text.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    /// Symbols in the order of the classes.
    pub(super) alphabet: Vec<char>,
    /// Class of the blank.
    pub(super) blank: usize,
    /// Whether the same symbol in neighbouring steps is one character.
    pub(super) collapse: bool,
    /// Lines the steps are divided into.
    pub(super) lines: usize,
    pub(super) calibration: Calibration,
}

/// What may come before a state on a path.
struct Rule {
    class: usize,
    /// The state itself.
    stay: bool,
    /// The state before the last one.
    skip: bool,
}

impl Decoder {
    /// The `count` most likely texts of one plate. `matrix` holds the probabilities step by step; it is tempered in
    /// place.
    pub(super) fn decode(&self, matrix: &mut [f32], count: usize) -> Reading {
        let width = self.alphabet.len();
        if width == 0 {
            return Reading::default();
        }
        for step in matrix.chunks_exact_mut(width) {
            for p in step.iter_mut() {
                // A network that gives what is no number gives no probability.
                if !(*p > 0.0) {
                    *p = 0.0;
                }
            }
            self.calibration.temper(step);
        }
        let (nodes, prefixes) = self.search(matrix);
        let spell = |mut node: usize| {
            let mut symbols = Vec::new();
            while let Some(&Node { parent, symbol }) = nodes.get(node).filter(|_| node != ROOT) {
                symbols.push(symbol);
                node = parent;
            }
            symbols.reverse();
            symbols
        };
        let empty = prefixes
            .iter()
            .find(|p| p.node == ROOT)
            .map_or(0.0, |p| p.blank + p.symbol);
        let found: Vec<(Vec<usize>, f64)> = prefixes
            .iter()
            .filter(|prefix| prefix.node != ROOT)
            .take(count)
            .map(|prefix| (spell(prefix.node), prefix.blank + prefix.symbol))
            .collect();
        let logarithms = self.logarithms(matrix, found.iter().flat_map(|(symbols, _)| symbols));
        let candidates = found
            .into_iter()
            .map(|(symbols, probability)| self.describe(matrix, &logarithms, &symbols, probability))
            .collect();
        Reading::new(candidates, empty)
    }

    /// Prefix beam search: the tree of prefixes and those that are left after the last step, best first.
    fn search(&self, matrix: &[f32]) -> (Vec<Node>, Vec<Prefix>) {
        let mut tree = Tree::new();
        let mut beam = vec![Prefix {
            node: ROOT,
            blank: 1.0,
            symbol: 0.0,
        }];
        let mut next: Vec<Prefix> = Vec::new();
        // The symbols that open prefixes at a step.
        let mut symbols: Vec<(usize, f64)> = Vec::new();
        for (index, step) in matrix.chunks_exact(self.alphabet.len()).enumerate() {
            let blank = step.get(self.blank).copied().map_or(0.0, f64::from);
            symbols.clear();
            symbols.extend(
                step.iter()
                    .enumerate()
                    .filter(|&(symbol, &p)| symbol != self.blank && p >= NEGLIGIBLE)
                    .map(|(symbol, &p)| (symbol, f64::from(p))),
            );
            let repeat = |last: usize| match step.get(last) {
                Some(&p) if self.collapse => f64::from(p),
                _ => 0.0,
            };
            if symbols.is_empty() {
                // Most steps: no prefix grows.
                for prefix in &mut beam {
                    let kept = (
                        (prefix.blank + prefix.symbol) * blank,
                        prefix.symbol * repeat(tree.last(prefix.node)),
                    );
                    (prefix.blank, prefix.symbol) = kept;
                }
                sort(&mut beam);
                continue;
            }
            next.clear();
            for prefix in &beam {
                let total = prefix.blank + prefix.symbol;
                let last = tree.last(prefix.node);
                let kept = (total * blank, prefix.symbol * repeat(last));
                self.add(&mut next, &mut tree, index, prefix.node, kept);
                for &(symbol, p) in &symbols {
                    // With CTC a second character of the same symbol needs a blank before it.
                    let from = if self.collapse && symbol == last {
                        prefix.blank
                    } else {
                        total
                    };
                    let mass = from * p;
                    if mass <= 0.0 {
                        continue;
                    }
                    let node = tree.child(prefix.node, symbol);
                    self.add(&mut next, &mut tree, index, node, (0.0, mass));
                }
            }
            sort(&mut next);
            next.truncate(BEAM);
            std::mem::swap(&mut beam, &mut next);
        }
        (tree.nodes, beam)
    }

    /// Adds paths to a prefix of the beam that step `index` makes: those that end in a blank, and the others.
    fn add(
        &self,
        beam: &mut Vec<Prefix>,
        tree: &mut Tree,
        index: usize,
        node: usize,
        (blank, symbol): (f64, f64),
    ) {
        let Some(seen) = tree.seen.get_mut(node) else {
            return;
        };
        match beam.get_mut(seen.place).filter(|_| seen.step == index) {
            None => {
                *seen = Seen {
                    step: index,
                    place: beam.len(),
                };
                beam.push(Prefix {
                    node,
                    blank,
                    symbol,
                });
            }
            Some(prefix) if self.collapse => {
                prefix.blank += blank;
                prefix.symbol += symbol;
            }
            Some(prefix) if blank + symbol > prefix.blank + prefix.symbol => {
                (prefix.blank, prefix.symbol) = (blank, symbol);
            }
            Some(_) => {}
        }
    }

    /// Logarithms of the probabilities, for the blank and the classes in use alone: the texts of one plate share most of
    /// their characters, and to take each logarithm once for all of them is most of what decoding costs.
    fn logarithms<'a>(
        &'a self,
        matrix: &[f32],
        classes: impl Iterator<Item = &'a usize>,
    ) -> Vec<f64> {
        let width = self.alphabet.len();
        let mut used = vec![false; width];
        for &class in classes.chain([&self.blank]) {
            if let Some(used) = used.get_mut(class) {
                *used = true;
            }
        }
        let logarithm = |(&p, &used): (&f32, &bool)| {
            if used {
                f64::from(p.max(f32::MIN_POSITIVE)).ln()
            } else {
                f64::NEG_INFINITY
            }
        };
        matrix
            .chunks_exact(width)
            .flat_map(|row| row.iter().zip(&used).map(logarithm))
            .collect()
    }

    /// The characters of a text at the steps that the most likely path puts them.
    fn describe(
        &self,
        matrix: &[f32],
        logarithms: &[f64],
        symbols: &[usize],
        probability: f64,
    ) -> Candidate {
        let width = self.alphabet.len();
        let total = matrix.len() / width;
        let mut used = vec![false; self.lines.max(1)];
        let characters = self
            .align(matrix, logarithms, symbols)
            .into_iter()
            .zip(symbols)
            .map(|(step, &symbol)| {
                if let Some(line) = used.get_mut(step * self.lines / total.max(1)) {
                    *line = true;
                }
                let row = matrix
                    .get(step * width..(step + 1) * width)
                    .unwrap_or_default();
                let mut alternatives: Vec<Alternative> = row
                    .iter()
                    .zip(&self.alphabet)
                    .enumerate()
                    .filter(|&(other, (&p, _))| {
                        other != symbol && other != self.blank && p >= ALTERNATIVE
                    })
                    .map(|(_, (&confidence, &symbol))| Alternative::new(symbol, confidence))
                    .collect();
                alternatives.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
                alternatives.truncate(ALTERNATIVES);
                let confidence = row.get(symbol).copied().unwrap_or(0.0);
                CharacterRead::new(self.symbol(symbol), confidence, alternatives)
            })
            .collect();
        let text: String = symbols.iter().map(|&symbol| self.symbol(symbol)).collect();
        let lines = used.into_iter().filter(|&line| line).count();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a probability; a plate has a few lines"
        )]
        Candidate::new(text, probability as f32)
            .with_characters(characters)
            .with_lines(lines as u8)
    }

    fn symbol(&self, class: usize) -> char {
        self.alphabet
            .get(class)
            .copied()
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// For each character of a text, the step at which the most likely path (Viterbi) is surest of it.
    fn align(&self, matrix: &[f32], logarithms: &[f64], symbols: &[usize]) -> Vec<usize> {
        let width = self.alphabet.len();
        // States alternate: blank, first character, blank, second character, ..., blank.
        let states = 2 * symbols.len() + 1;
        let class = |state: usize| {
            if state.is_multiple_of(2) {
                self.blank
            } else {
                symbols.get(state / 2).copied().unwrap_or(NO_SYMBOL)
            }
        };
        let rules: Vec<Rule> = (0..states)
            .map(|state| {
                let odd = state % 2 == 1;
                Rule {
                    class: class(state),
                    stay: self.collapse || !odd,
                    // With CTC only between different symbols.
                    skip: state >= 2 && odd && !(self.collapse && class(state) == class(state - 2)),
                }
            })
            .collect();
        // A class that the matrix lacks has no probability.
        let impossible = f64::from(f32::MIN_POSITIVE).ln();
        let mut best = vec![f64::NEG_INFINITY; states];
        let mut next = best.clone();
        let mut back: Vec<u8> = Vec::with_capacity(states * (matrix.len() / width));
        for (t, row) in logarithms.chunks_exact(width).enumerate() {
            // Of the two states before.
            let (mut one, mut two) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
            for (state, ((slot, &same), rule)) in next.iter_mut().zip(&best).zip(&rules).enumerate()
            {
                let (mut came, mut from) = (f64::NEG_INFINITY, 0u8);
                if t == 0 {
                    if state <= 1 {
                        came = 0.0;
                    }
                } else {
                    if rule.stay {
                        came = same;
                    }
                    if one > came {
                        (came, from) = (one, 1);
                    }
                    if rule.skip && two > came {
                        (came, from) = (two, 2);
                    }
                }
                *slot = came + row.get(rule.class).copied().unwrap_or(impossible);
                back.push(from);
                (two, one) = (one, same);
            }
            std::mem::swap(&mut best, &mut next);
        }
        let steps = back.len() / states;
        let tail = |state: usize| best.get(state).copied().unwrap_or(f64::NEG_INFINITY);
        let mut state = if states > 1 && tail(states - 2) > tail(states - 1) {
            states - 2
        } else {
            states - 1
        };
        let mut places = vec![(0usize, f32::NEG_INFINITY); symbols.len()];
        for t in (0..steps).rev() {
            if state % 2 == 1 {
                let p = matrix
                    .get(t * width..)
                    .and_then(|row| row.get(class(state)))
                    .copied()
                    .unwrap_or(0.0);
                if let Some(place) = places.get_mut(state / 2)
                    && p > place.1
                {
                    *place = (t, p);
                }
            }
            state -= usize::from(back.get(t * states + state).copied().unwrap_or(0)).min(state);
        }
        places.into_iter().map(|(step, _)| step).collect()
    }
}

#[cfg(test)]
mod tests;
