//! One finding of an audit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use platewarden_policy::classifier::Signal;
use platewarden_policy::model::{AuthorityKind, Effect, Reason};

/// What an audit says of one search; ordered from harmless to grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Made before the first day of the law of the place; house rules of today are not held against it.
    #[serde(rename = "before_law")]
    BeforeLaw,
    /// Nothing in the row speaks against it.
    #[serde(rename = "unremarkable")]
    Unremarkable,
    /// The record does not show that it was lawful.
    #[serde(rename = "insufficient_record")]
    Insufficient,
    /// Something in the row needs an explanation.
    #[serde(rename = "questionable")]
    Questionable,
    /// Barred by what the row itself says.
    #[serde(rename = "impermissible")]
    Impermissible,
}

impl Verdict {
    /// Every verdict, from harmless to grave.
    pub const ALL: &'static [Self] = &[
        Self::BeforeLaw,
        Self::Unremarkable,
        Self::Insufficient,
        Self::Questionable,
        Self::Impermissible,
    ];

    /// The word as printed in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeLaw => "before_law",
            Self::Unremarkable => "unremarkable",
            Self::Insufficient => "insufficient_record",
            Self::Questionable => "questionable",
            Self::Impermissible => "impermissible",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule that speaks against a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleHit {
    /// The rule.
    pub rule: String,
    /// The pack it stands in.
    pub pack: String,
    /// Whether it denies for good or curably.
    pub effect: Effect,
    /// Section or document.
    pub citation: String,
    /// What kind of authority that is: a regulator's position is not a statute.
    pub authority: AuthorityKind,
    /// The rule in words.
    pub message: String,
}

impl RuleHit {
    /// A reason of a decision.
    pub(crate) fn of(reason: &Reason) -> Self {
        Self {
            rule: reason.rule.to_string(),
            pack: reason.pack.to_string(),
            effect: reason.effect,
            citation: reason.authority.citation.clone(),
            authority: reason.authority.kind,
            message: reason.message.to_string(),
        }
    }
}

/// One search that needs attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How grave.
    pub verdict: Verdict,
    /// The highest authority that speaks against it, where one does.
    #[serde(default)]
    pub authority: Option<AuthorityKind>,
    /// The file.
    pub file: String,
    /// The line of the file, from 1.
    pub line: u64,
    /// The export's own ID, or the line.
    pub row_id: String,
    /// When the search was made.
    pub time: Timestamp,
    /// The searching agency, without markers.
    pub agency: String,
    /// The officer as recorded; blank or a mask where the log hides it.
    pub officer: String,
    /// The reason as recorded. It may hold plates and other personal data; see [`Finding::published_reason`].
    pub reason: String,
    /// The case number as recorded.
    pub case: String,
    /// The kind of search as recorded.
    pub search_type: String,
    /// How many networks were searched, where recorded.
    pub networks: Option<u32>,
    /// The rules that speak against it, the gravest first.
    pub rules: Vec<RuleHit>,
    /// What the texts gave away.
    pub signals: Vec<Signal>,
}

impl Finding {
    /// The reason with personal data blacked out.
    #[must_use]
    pub fn published_reason(&self) -> String {
        let ranges = self
            .signals
            .iter()
            .filter(|s| s.personal.is_some())
            .map(|s| s.span.clone());
        redact(&self.reason, ranges)
    }
}

/// A text with byte ranges replaced by a black bar.
pub(super) fn redact(text: &str, ranges: impl Iterator<Item = std::ops::Range<usize>>) -> String {
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort_unstable_by_key(|r| r.start);
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        if range.start >= at
            && let Some(part) = text.get(at..range.start)
        {
            clean.push_str(part);
            clean.push_str("█████");
            at = range.end;
        }
    }
    clean.push_str(text.get(at..).unwrap_or_default());
    clean
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn ranges_are_blacked_out() {
        assert_eq!(
            redact("plate ABC1234 é 1", [6..13, 17..18].into_iter()),
            "plate █████ é █████"
        );
        assert_eq!(redact("x", std::iter::empty()), "x");
        assert_eq!(redact("abc", [0..2, 1..3].into_iter()), "█████c");
    }
}
