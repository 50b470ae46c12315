//! The marks that networks put before, behind and into names.

use super::vocabulary::VOCABULARY;
use super::words::words;

/// A name parted from its marks.
pub(super) struct Marked<'a> {
    pub(super) name: &'a str,
    pub(super) federal: bool,
    pub(super) closed: bool,
}

/// Parts the marks from both ends, as long as there are any; marks in the middle count and stay.
pub(super) fn part(cell: &str) -> Marked<'_> {
    let mut marked = Marked {
        name: cell.trim(),
        federal: false,
        closed: false,
    };
    while let Some((mark, rest)) = mark_at_end(marked.name).or_else(|| mark_at_start(marked.name)) {
        match mark {
            Mark::Federal => marked.federal = true,
            Mark::Closed => marked.closed = true,
        }
        marked.name = rest;
    }
    if VOCABULARY
        .closed_phrases
        .find(&words(marked.name))
        .is_some()
    {
        marked.closed = true;
    }
    marked
}

#[derive(Clone, Copy)]
enum Mark {
    Federal,
    Closed,
}

fn mark(text: &str) -> Option<Mark> {
    let words = words(text);
    if let [word] = words.as_slice()
        && (word.is("federal") || word.is("fed"))
    {
        return Some(Mark::Federal);
    }
    let vocabulary = &*VOCABULARY;
    (vocabulary.closed_marks.is(&words) || vocabulary.closed_phrases.is(&words))
        .then_some(Mark::Closed)
}

/// `Name [Mark]`, `Name (Mark)`, `Name - Mark`; the rest of the name is never empty.
fn mark_at_end(name: &str) -> Option<(Mark, &str)> {
    let open = match name.chars().last()? {
        ']' => '[',
        ')' => '(',
        '}' => '{',
        '*' => '*',
        _ => return dashed(name),
    };
    let inner_end = name.len() - 1;
    let start = name.get(..inner_end)?.rfind(open)?;
    let inner = name.get(start + 1..inner_end)?;
    let rest = name.get(..start)?.trim_end_matches([' ', '-', '*']);
    mark(inner)
        .filter(|_| !rest.is_empty())
        .map(|mark| (mark, rest))
}

fn dashed(name: &str) -> Option<(Mark, &str)> {
    let (rest, last) = name
        .rsplit_once(" - ")
        .or_else(|| name.rsplit_once(" – "))
        .or_else(|| name.rsplit_once(": "))?;
    mark(last)
        .filter(|_| !rest.trim().is_empty())
        .map(|mark| (mark, rest.trim_end()))
}

/// `[Mark] Name`, `(Mark) Name`, `Mark - Name`, `Mark: Name`, `*Mark* Name`.
fn mark_at_start(name: &str) -> Option<(Mark, &str)> {
    let close = match name.chars().next()? {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        '*' => '*',
        _ => {
            let (first, rest) = name
                .split_once(" - ")
                .or_else(|| name.split_once(" – "))
                .or_else(|| name.split_once(": "))?;
            return mark(first)
                .filter(|_| !rest.trim().is_empty())
                .map(|mark| (mark, rest.trim_start()));
        }
    };
    let end = name.get(1..)?.find(close)? + 1;
    let inner = name.get(1..end)?;
    let rest = name
        .get(end + 1..)?
        .trim_start_matches([' ', '-', ':', '*']);
    mark(inner)
        .filter(|_| !rest.is_empty())
        .map(|mark| (mark, rest))
}
