//! Warns of packs that seem to carry bills that were never enacted.
//!
//! A bill that died reads like law in old notes and news. Which bills those are is data (`packs/not-enacted.toml`): a
//! finding is a warning for whoever reviews the pack, and never keeps a pack from loading, because next year's statute
//! may bear an old bill's number.

use jiff::civil::Date;
use serde::Deserialize;

use super::Pack;
use crate::error::Error;
use crate::error::Failure;
use crate::model::Authority;

/// A bill that did not become law, and how it would show in a pack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bill {
    /// The pack into which it would belong.
    pack: String,
    /// How it is cited; case, spaces and punctuation do not matter.
    #[serde(default)]
    names: Vec<String>,
    /// A year in which nothing of that legislature took effect.
    #[serde(default)]
    barren_year: Option<i16>,
    /// Whether only this bill would have brought a general retention limit.
    #[serde(default)]
    sets_cap: bool,
    /// The first day on which a rule could no longer rest on this bill; later rules are not suspected.
    suspect_until: Date,
    /// What became of it.
    fate: String,
}

/// The bills that were not enacted, as a list of their own.
///
/// ```
/// use platewarden_policy::packs::{NotEnacted, Pack};
/// let text = "[pack]\nid = \"us-il\"\ntitle = \"Illinois\"\nversion = \"1\"\nkind = \"law\"\njurisdictions = [\"US-IL\"]\nverified_on = \"\"\n\
///     [[retention]]\nid = \"x\"\ncap = \"30 days\"\nmessage = \"m\"\n\
///     authority = { cite = \"SB 3257\", kind = \"statute\", confidence = \"recall_low\" }\n";
/// let findings = NotEnacted::bundled().lint(&Pack::parse("us-il.toml", text)?);
/// assert!(findings.iter().all(|finding| finding.line == 8));
/// assert!(findings.iter().any(|finding| finding.problem.contains("SB 3257")));
/// # Ok::<(), platewarden_policy::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotEnacted {
    bill: Vec<Bill>,
}

/// One thing in a pack that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line in the file.
    pub line: usize,
    /// What is suspect.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl NotEnacted {
    /// The list that comes with the crate.
    #[must_use]
    #[allow(
        clippy::expect_used,
        reason = "the file is part of the crate, and a test reads it"
    )]
    pub fn bundled() -> Self {
        Self::parse(
            "not-enacted.toml",
            include_str!("../../packs/not-enacted.toml"),
        )
        .expect("the bundled list is read by the tests of this crate")
    }

    /// A list of one's own; `file` names it in errors.
    ///
    /// # Errors
    ///
    /// [`Pack`](crate::ErrorKind::Pack) with file and line where the text is not such a list.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            Error::from(Failure::Pack {
                file: file.to_owned(),
                line: before.map(|before| before.matches('\n').count() + 1),
                problem: error.message().trim().replace('\n', " "),
                remedy: "see `packs/not-enacted.toml` for the form".to_owned(),
            })
        })
    }

    /// What in a pack seems to rest on a bill that was not enacted. The pack loads all the same.
    #[must_use]
    pub fn lint(&self, pack: &Pack) -> Vec<Finding> {
        let mut findings = Vec::new();
        for bill in self.bill.iter().filter(|bill| bill.pack == pack.id()) {
            for rule in pack.rules() {
                bill.check(
                    &rule.authority,
                    [rule.id.as_ref(), &rule.message],
                    rule.line,
                    &mut findings,
                );
            }
            for clause in &pack.retention {
                bill.check(
                    &clause.authority,
                    [clause.id.as_ref(), &clause.message],
                    clause.line,
                    &mut findings,
                );
                if bill.sets_cap
                    && clause.cap.is_some()
                    && clause.owner.is_empty()
                    && bill.suspects(&clause.authority)
                {
                    findings.push(Finding {
                        line: clause.line,
                        problem: format!(
                            "a general retention limit, which only a bill would have set: {}",
                            bill.fate
                        ),
                        remedy:
                            "remove the clause, or limit it to the owner whose own statute sets it"
                                .to_owned(),
                    });
                }
            }
        }
        findings.sort_by_key(|finding| finding.line);
        findings
    }
}

impl Bill {
    /// A rule of a later day may rest on an act that bears the same number.
    fn suspects(&self, authority: &Authority) -> bool {
        authority
            .effective
            .from
            .is_none_or(|from| from < self.suspect_until)
    }

    fn check(&self, authority: &Authority, texts: [&str; 2], line: usize, out: &mut Vec<Finding>) {
        if !self.suspects(authority) {
            return;
        }
        let mut texts = [authority.citation.as_str()].into_iter().chain(texts);
        if texts.any(|text| self.names.iter().any(|name| cites(text, name))) {
            out.push(Finding {
                line,
                problem: format!("the rule seems to rest on a bill that is not law: {}", self.fate),
                remedy: "remove the rule, and put history into a comment or `note`; or correct the list where the bill was enacted after all".to_owned(),
            });
        }
        let year = authority.effective.from.map(Date::year);
        if year.is_some() && year == self.barren_year {
            out.push(Finding {
                line,
                problem: format!("the rule takes effect in a year of which it is known that nothing was enacted: {}", self.fate),
                remedy: "correct the date, or the list where something was enacted after all".to_owned(),
            });
        }
    }
}

/// Whether a text cites a bill by this name, and not a longer number that begins like it.
fn cites(text: &str, name: &str) -> bool {
    let fold = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let (text, name) = (fold(text), fold(name));
    !name.is_empty()
        && text.match_indices(&name).any(|(at, _)| {
            let rest = text.get(at + name.len()..).unwrap_or_default();
            !rest.starts_with(|c: char| c.is_ascii_digit())
        })
}
