//! The crate's error type.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

/// What sort of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be opened or read.
    Input,
    /// A file was read and is not what was expected.
    Format,
    /// A result could not be written.
    Output,
    /// The options contradict themselves, or name what is not there.
    Options,
    /// The law could not be asked.
    Policy,
    /// The audit trail could not be read or written.
    Trail,
}

/// What went wrong: its kind, where it happened, what to do, and the cause.
///
/// ```
/// use platewarden_audit::ErrorKind;
/// use platewarden_audit::export::Reader;
/// let error = Reader::new("a,b\n1,2\n".as_bytes()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Format);
/// assert!(error.remedy().unwrap().contains("--column"));
/// ```
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    context: String,
    remedy: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error without a cause of its own. Sinks outside this crate make theirs with it.
    #[must_use]
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            context: context.into(),
            remedy: None,
            source: None,
        }))
    }

    /// The same error with what to do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What sort of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was attempted, and what was found.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.0.context
    }

    /// What to do, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    pub(crate) fn file(
        kind: ErrorKind,
        action: &str,
        path: &Path,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(kind, format!("cannot {action} `{}`", path.display())).with_source(source)
    }

    pub(crate) fn reading(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Input, "cannot read the table").with_source(source)
    }

    pub(crate) fn writing(what: &str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Output, format!("cannot write {what}")).with_source(source)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.context)?;
        match &self.0.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

impl From<platewarden_policy::Error> for Error {
    fn from(source: platewarden_policy::Error) -> Self {
        Self::new(ErrorKind::Policy, "the law could not be asked").with_source(source)
    }
}

impl From<platewarden_trail::Error> for Error {
    fn from(source: platewarden_trail::Error) -> Self {
        Self::new(ErrorKind::Trail, "the audit trail could not be used").with_source(source)
    }
}
