//! What rustfmt does not see: imports that stand in the wrong group, and headings of doc comments without a line after them.

use std::collections::BTreeSet;

/// A line and what is wrong with it.
pub(crate) type Finding = (usize, &'static str);

/// Where an import comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Standard,
    Other,
    Here,
}

/// Looks at the text of a file.
pub(crate) fn findings(text: &str) -> Vec<Finding> {
    let lines: Vec<&str> = text.lines().collect();
    let mut findings = headings(&lines);
    findings.extend(imports(&lines));
    findings
}

/// Headings that are not followed by an empty line of the comment.
fn headings(lines: &[&str]) -> Vec<Finding> {
    let following = lines.iter().skip(1).chain([&""]);
    lines
        .iter()
        .zip(following)
        .enumerate()
        .filter(|(_, (line, next))| {
            let line = line.trim();
            ["///", "//!"].iter().any(|comment| {
                let heading = line.strip_prefix(comment).map(str::trim);
                let is_heading = heading
                    .is_some_and(|text| ["# Errors", "# Panics", "# Safety"].contains(&text));
                is_heading && next.trim() != *comment
            })
        })
        .map(|(index, _)| (index + 1, "an empty line of the comment follows a heading"))
        .collect()
}

/// Groups of imports that mix the standard library, other crates and this one.
fn imports(lines: &[&str]) -> Vec<Finding> {
    let modules: BTreeSet<&str> = lines.iter().filter_map(|line| module(line)).collect();
    let mut findings = Vec::new();
    let mut group: Option<Origin> = None;
    let mut is_within = false;
    for (index, line) in lines.iter().enumerate() {
        if is_within {
            is_within = !line.contains(';');
        } else if let Some(path) = line.strip_prefix("use ") {
            is_within = !line.contains(';');
            let found = origin(path, &modules);
            if group.is_some_and(|group| group != found) {
                let what = "imports of the standard library, of other crates and of this one stand in groups of their own";
                findings.push((index + 1, what));
            }
            group = Some(found);
        } else if !line.starts_with("#[cfg(") {
            group = None;
        }
    }
    findings
}

/// The name of a module that a line declares.
fn module(line: &str) -> Option<&str> {
    let rest = line.trim_start();
    let rest = rest.strip_prefix("pub ").unwrap_or(rest);
    let rest = rest.strip_prefix("pub(crate) ").unwrap_or(rest);
    rest.strip_prefix("mod ")?.split([';', ' ', '{']).next()
}

fn origin(path: &str, modules: &BTreeSet<&str>) -> Origin {
    let first = path
        .trim_start_matches("::")
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap_or_default();
    match first {
        "std" | "core" | "alloc" => Origin::Standard,
        "crate" | "super" | "self" => Origin::Here,
        name if modules.contains(name) => Origin::Here,
        _ => Origin::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_headings_are_looked_at() {
        let good = "mod a;\n\nuse std::{\n    fmt,\n};\n\nuse serde::Serialize;\n\nuse crate::x;\nuse a::B;\n\n/// # Errors\n///\n/// Never.\nfn f() {}\n";
        assert_eq!(findings(good), []);
        let bad = "use std::fmt;\nuse serde::Serialize;\n\nuse crate::x;\n\n/// # Errors\n/// Always.\nfn f() {}\n";
        let lines: Vec<usize> = findings(bad).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [6, 2]);
    }
}
