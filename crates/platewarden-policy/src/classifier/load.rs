//! Lexicons from their files: the bundled one and one's own.

use std::path::Path;
use std::sync::LazyLock;

use crate::{Error, Result};

use super::bundled::FILES;
use super::compile::{Compiler, digest};
use super::lexicon::Lexicon;
use super::menu::MenuValue;
use super::source::{Source, invalid, menu_key};

impl Lexicon {
    /// The lexicon compiled into this crate.
    ///
    /// # Errors
    ///
    /// When the bundled data is faulty, which a test of this crate rules out.
    pub fn bundled() -> Result<&'static Self, &'static Error> {
        static LEXICON: LazyLock<Result<Lexicon>> =
            LazyLock::new(|| Lexicon::from_files(FILES.iter().copied()));
        LEXICON.as_ref()
    }

    /// Compiles a lexicon from its files: names, for messages and the digest, and TOML texts.
    ///
    /// Each file is a part of the whole in the form of those in the crate's `lexicon` folder. Of two purposes of one
    /// rank the one whose class comes first is reported, so the order of the files counts.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where a file is no TOML of that form, a list holds an entry twice, a class is
    /// unknown, a pattern is empty, or a term that names a process has a rule that would lower it.
    pub fn from_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let files: Vec<(&str, &str)> = files.into_iter().collect();
        let source = Source::join(files.iter().copied())?;
        let mut lexicon = Compiler::new(&source)?.compile(&source)?;
        lexicon.sha256 = digest(files);
        Ok(lexicon)
    }

    /// Compiles the lexicon of a folder: every `.toml` file in it and below, in the order of their paths.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) as [`Lexicon::from_files`]; also where the folder cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(folder, folder, &mut files)
            .map_err(|e| invalid("a readable folder", format!("{}: {e}", folder.display())))?;
        files.sort();
        Self::from_files(
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
    }
}

impl MenuValue {
    /// The menu value of this text in the bundled lexicon; letter case, punctuation and `and` do not matter.
    ///
    /// ```
    /// use platewarden_policy::classifier::MenuValue;
    /// use platewarden_policy::model::PurposeKind;
    /// let value = MenuValue::from_text("drugs/narcotics").map(|v| v.purpose);
    /// assert_eq!(value, Some(PurposeKind::Drug));
    /// ```
    #[must_use]
    pub fn from_text(text: &str) -> Option<&'static Self> {
        Lexicon::bundled().ok()?.menu.named(&menu_key(text))
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|e| e == "toml") {
            let name = path.strip_prefix(root).unwrap_or(&path);
            let name = name.to_string_lossy().replace('\\', "/");
            files.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
