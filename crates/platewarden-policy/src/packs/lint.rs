//! Refuses packs that carry bills that were never enacted.
//!
//! A bill that died reads like law in old notes and news. The list is kept by hand, with the day
//! and the way in which each bill failed.

/// A bill that must not appear in a pack's rules.
struct Dead {
    /// The jurisdiction's prefix of pack ids.
    pack: &'static str,
    /// Ways in which the bill is written, folded to letters and digits.
    names: &'static [&'static str],
    /// What became of it.
    fate: &'static str,
}

const DEAD: &[Dead] = &[
    Dead {
        pack: "us-il",
        names: &["sb3257", "senatebill3257"],
        fate: "Illinois SB 3257 (retention) was re-referred to committee on 2026-05-22 and not enacted",
    },
    Dead {
        pack: "us-il",
        names: &["hb5151", "housebill5151"],
        fate: "Illinois HB 5151 stalled and was not enacted",
    },
    Dead {
        pack: "us-il",
        names: &["hb5231", "housebill5231"],
        fate: "Illinois HB 5231 stalled and was not enacted",
    },
    Dead {
        pack: "us-ca",
        names: &["sb274", "senatebill274"],
        fate: "California SB 274 was vetoed on 2025-10-01",
    },
    Dead {
        pack: "us-ca",
        names: &["sb1013", "senatebill1013"],
        fate: "California SB 1013 died on 2026-08-31",
    },
    Dead {
        pack: "us-co",
        names: &["sb26070", "sb2026070"],
        fate: "Colorado SB26-070 was lost",
    },
    Dead {
        pack: "us-co",
        names: &["sb26071", "sb2026071"],
        fate: "Colorado SB26-071 was lost",
    },
    Dead {
        pack: "us-ma",
        names: &["h3755"],
        fate: "Massachusetts H.3755 is pending",
    },
    Dead {
        pack: "us-federal",
        names: &["hr10221", "hr9800", "hr9716", "hr8470"],
        fate: "the federal bills of 2026 were introduced only",
    },
];

/// Years in which a legislature enacted nothing on plate readers.
const BARREN_YEARS: &[(&str, &str, &str)] =
    &[("us-mn", "from2026", "the Minnesota bills of 2026 died")];

/// Retention caps that only a dead bill would have brought.
const DEAD_CAPS: &[(&str, &str)] = &[
    (
        "us-il",
        "625 ILCS 5/2-130 sets no retention limit; only SB 3257, which was not enacted, would have",
    ),
    (
        "us-ca",
        "California sets no statewide retention limit; only SB 274 (vetoed) and SB 1013 (died) would have",
    ),
];

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line in the file.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// Looks through a pack's text for bills that were not enacted.
///
/// Comments and `note` values may speak of such bills; rules, retention clauses and citations may
/// not. `file` is used only where the text does not say which pack it is.
///
/// ```
/// use platewarden_policy::packs::lint;
/// let text = "[pack]\nid = \"us-il\"\n[[retention]]\nid = \"x\"\ncap = \"30 days\"\nauthority = { cite = \"SB 3257\" }\n";
/// let findings = lint("us-il.toml", text);
/// assert_eq!(findings[0].line, 5);
/// assert!(findings.iter().any(|f| f.problem.contains("SB 3257")));
/// ```
#[must_use]
pub fn lint(file: &str, text: &str) -> Vec<Finding> {
    let value = |line: &str, key: &str| -> Option<String> {
        let rest = line
            .trim()
            .strip_prefix(key)?
            .trim_start()
            .strip_prefix('=')?;
        rest.trim()
            .trim_start_matches(['"', '\''])
            .split(['"', '\''])
            .next()
            .map(str::to_owned)
    };
    let id = text
        .lines()
        .find_map(|line| value(line, "id"))
        .unwrap_or_else(|| file.to_owned());
    let mut findings = Vec::new();
    let mut owner_clause = false;
    let mut in_retention = false;
    let mut cap_line = None;
    let mut close = |in_retention: bool, owner_clause: bool, cap_line: Option<usize>| {
        let dead = DEAD_CAPS.iter().find(|(pack, _)| *pack == id);
        if let (true, false, Some(line), Some((_, why))) =
            (in_retention, owner_clause, cap_line, dead)
        {
            findings.push(Finding {
                line,
                problem: format!("retention cap in `{id}`: {why}"),
                remedy: "remove the clause, or limit it to the owner whose own statute sets it"
                    .to_owned(),
            });
        }
    };
    let mut named = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = without_comment(line);
        if code.trim_start().starts_with('[') {
            close(in_retention, owner_clause, cap_line);
            in_retention = code.trim() == "[[retention]]";
            owner_clause = false;
            cap_line = None;
        }
        if value(code, "owner").is_some() {
            owner_clause = true;
        }
        if value(code, "cap").is_some_and(|cap| cap != "none") {
            cap_line = Some(index + 1);
        }
        if value(code, "note").is_some() {
            continue;
        }
        let folded: String = code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        for (_, year, fate) in BARREN_YEARS
            .iter()
            .filter(|(pack, year, _)| *pack == id && folded.contains(year))
        {
            named.push(Finding {
                line: index + 1,
                problem: format!(
                    "a rule takes effect in {} although {fate}",
                    year.trim_start_matches("from")
                ),
                remedy: "remove the rule, or correct the date".to_owned(),
            });
        }
        for dead in DEAD.iter().filter(|d| id.starts_with(d.pack)) {
            if dead.names.iter().any(|name| contains_number(&folded, name)) {
                named.push(Finding {
                    line: index + 1,
                    problem: format!("a rule rests on a bill that is not law: {}", dead.fate),
                    remedy: "remove the rule; put history into a comment or `note`".to_owned(),
                });
            }
        }
    }
    close(in_retention, owner_clause, cap_line);
    findings.extend(named);
    findings
}

/// The part of a TOML line before a comment.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return line.get(..at).unwrap_or(line),
            _ => {}
        }
    }
    line
}

/// Whether `name` occurs and is not the head of a longer number.
fn contains_number(folded: &str, name: &str) -> bool {
    folded.match_indices(name).any(|(at, _)| {
        !folded
            .get(at + name.len()..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|c| c.is_ascii_digit())
    })
}
