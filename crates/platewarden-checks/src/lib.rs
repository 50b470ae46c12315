//! Checks of the house: no module cycles inside a crate, no function over 80 lines, imports in groups, headings of doc comments
//! followed by an empty line.
//!
//! A cycle is one among the children of a module: where `a` and `b` are siblings, and something in `a` (or below it) names
//! something that is defined in `b` (or below it), there may be no way back. That a parent names its children and they name
//! it is how modules are put together, and no cycle here. Code under `#[cfg(test)]` does not count.

mod cycles;
mod parse;
mod resolve;
mod style;

use std::{
    collections::BTreeSet,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Most lines of a function, from its name to its closing brace.
pub const MAX_LINES: usize = 80;

/// What was looked at and what is wrong.
#[derive(Debug, Default)]
pub struct Report {
    /// Crates looked at.
    pub crates: usize,
    /// Modules in them.
    pub modules: usize,
    /// Functions in those.
    pub functions: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Something to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Modules that name one another in a circle.
    Cycle {
        /// Name of the crate.
        package: String,
        /// The module whose children they are; empty for the crate itself.
        parent: String,
        /// The children, each with a file and line at which it names the next, the last the first.
        members: Vec<(String, String)>,
    },
    /// A line that is not in the style of the house.
    Style {
        /// Its file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// What is expected.
        what: &'static str,
    },
    /// A function that is too long.
    LongFunction {
        /// Its file.
        file: PathBuf,
        /// The line of its name.
        line: usize,
        /// Its name.
        name: String,
        /// Its lines.
        lines: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cycle {
                package,
                parent,
                members,
            } => {
                let parent = if parent.is_empty() { "crate" } else { parent };
                write!(f, "{package}: modules of `{parent}` form a cycle:")?;
                for (name, place) in members {
                    write!(f, "\n    {name} ({place})")?;
                }
                Ok(())
            }
            Self::Style { file, line, what } => write!(f, "{}:{line}: {what}", file.display()),
            Self::LongFunction {
                file,
                line,
                name,
                lines,
            } => write!(
                f,
                "{}:{line}: `{name}` has {lines} lines; at most {MAX_LINES} are allowed",
                file.display()
            ),
        }
    }
}

/// Checks every crate in `crates/` under `root`.
///
/// # Errors
///
/// A file that cannot be read or is no Rust.
pub fn check_workspace(root: &Path) -> io::Result<Report> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root.join("crates"))? {
        folders.push(entry?.path());
    }
    folders.sort();
    let mut report = Report::default();
    for folder in folders {
        if folder.join("Cargo.toml").is_file() {
            check_crate(root, &folder, &mut report)?;
        }
    }
    report.problems.sort();
    Ok(report)
}

/// What is known to be wrong and waits to be mended: lines of [`Problem::key`], comments after `#`.
///
/// # Errors
///
/// A file that is there and cannot be read.
pub fn allowed(root: &Path) -> io::Result<BTreeSet<String>> {
    let path = root.join("crates/platewarden-checks/allowed.txt");
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    Ok(fs::read_to_string(path)?
        .lines()
        .filter_map(|line| line.split('#').next())
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

impl Problem {
    /// One line that names it and does not change when lines above it do.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Cycle {
                package,
                parent,
                members,
            } => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                let parent = if parent.is_empty() { "crate" } else { parent };
                format!("cycle {package} {parent}: {}", names.join(" "))
            }
            Self::Style { file, .. } => format!("style {}", file.display()),
            Self::LongFunction { file, name, .. } => {
                format!("long {} {name}", file.display())
            }
        }
    }
}

/// Checks one crate, which has `src/lib.rs` or `src/main.rs`, and adds to the report; files are named from `base` on.
///
/// # Errors
///
/// A file that cannot be read or is no Rust.
pub fn check_crate(base: &Path, folder: &Path, report: &mut Report) -> io::Result<()> {
    let package = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for root in ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file)) {
        if !root.is_file() {
            continue;
        }
        let modules = parse::modules(base, &root)?;
        report.modules += modules.len();
        let files: BTreeSet<&PathBuf> = modules.iter().map(|module| &module.file).collect();
        for file in files {
            let text = fs::read_to_string(base.join(file))?;
            report
                .problems
                .extend(
                    style::findings(&text)
                        .into_iter()
                        .map(|(line, what)| Problem::Style {
                            file: file.clone(),
                            line,
                            what,
                        }),
                );
        }
        for module in &modules {
            report.functions += module.functions.len();
            report.problems.extend(
                module
                    .functions
                    .iter()
                    .filter(|function| function.lines > MAX_LINES)
                    .map(|function| Problem::LongFunction {
                        file: module.file.clone(),
                        line: function.line,
                        name: function.name.clone(),
                        lines: function.lines,
                    }),
            );
        }
        let edges = resolve::edges(&modules);
        let found = cycles::among_siblings(&edges);
        report
            .problems
            .extend(found.into_iter().map(|cycle| Problem::Cycle {
                package: package.clone(),
                parent: cycle.parent,
                members: cycle.members,
            }));
    }
    report.crates += 1;
    Ok(())
}
