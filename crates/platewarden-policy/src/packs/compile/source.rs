//! The text of a pack, for errors that say where.

use crate::error::{Error, Failure};

/// The file under compilation, for error messages.
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    pub(super) fn line(&self, offset: usize) -> usize {
        self.text
            .as_bytes()
            .iter()
            .take(offset)
            .filter(|b| **b == b'\n')
            .count()
            + 1
    }

    pub(super) fn error(
        &self,
        line: Option<usize>,
        problem: String,
        remedy: impl Into<String>,
    ) -> Error {
        Error::from(Failure::Pack {
            file: self.file.to_owned(),
            line,
            problem,
            remedy: remedy.into(),
        })
    }

    pub(super) fn at(&self, offset: usize, problem: String, remedy: impl Into<String>) -> Error {
        self.error(Some(self.line(offset)), problem, remedy)
    }

    pub(super) fn at_start(&self, problem: String, remedy: impl Into<String>) -> Error {
        self.error(Some(1), problem, remedy)
    }

    pub(super) fn at_key(&self, key: &str, problem: String, remedy: impl Into<String>) -> Error {
        match self.text.find(key) {
            Some(offset) => self.at(offset, problem, remedy),
            None => self.at_start(problem, remedy),
        }
    }

    pub(super) fn toml(&self, error: &toml::de::Error) -> Error {
        let message = error.message();
        // Our own readers say what to do behind a semicolon.
        if let Some((problem, remedy)) = message.split_once("; ") {
            let line = error.span().map(|span| self.line(span.start));
            return self.error(line, problem.trim().to_owned(), remedy.trim());
        }
        let remedy = if message.contains("unknown field") || message.contains("unknown variant") {
            "remove the key or correct its spelling; docs/policy.md lists every key"
        } else if message.contains("missing field") {
            "add the missing key; docs/policy.md lists every key"
        } else {
            "correct the file; docs/policy.md shows the format"
        };
        self.error(
            error.span().map(|span| self.line(span.start)),
            message.trim().replace('\n', " "),
            remedy,
        )
    }
}
