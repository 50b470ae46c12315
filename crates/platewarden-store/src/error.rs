//! The crate's error: what kind, what was done, what to do.

use std::borrow::Cow;
use std::fmt;

use crate::denial::Denial;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong, for a program to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The law, the owner's policy or a gate refuses the search; [`Error::denial`] has reasons and cures.
    Denied,
    /// A value given by the caller is not usable.
    Invalid,
    /// The master key does not open the keys.
    WrongKey,
    /// Keys and database belong to different stores.
    WrongDatabase,
    /// A newer version of this crate wrote the database.
    NewerSchema,
    /// The device or the quota is full.
    Full,
    /// The database cannot be written.
    ReadOnly,
    /// Another process has the store.
    Locked,
    /// A page, a row or a key file is damaged.
    Corrupt,
    /// A key that should be there is not.
    KeyMissing,
    /// The clock went backwards, or cannot be trusted.
    Clock,
    /// The trail cannot be written or read; without a record no row leaves.
    Trail,
    /// The operating system refused a file operation.
    Io,
    /// The database refused something that no other kind names.
    Database,
    /// The operating system gave no randomness.
    Randomness,
}

/// Why something could not be done, and the remedy.
///
/// ```
/// use platewarden_store::{ErrorKind, MasterKey};
/// let error = MasterKey::from_text("too short").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Invalid);
/// assert!(error.remedy().contains("64 hexadecimal digits"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    context: String,
    remedy: Cow<'static, str>,
    source: Option<Source>,
    denial: Option<Denial>,
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        context: impl Into<String>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            context: context.into(),
            remedy: remedy.into(),
            source: None,
            denial: None,
        }))
    }

    pub(crate) fn invalid(
        context: impl Into<String>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(ErrorKind::Invalid, context, remedy)
    }

    pub(crate) fn corrupt(what: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::Corrupt,
            format!("{what} is damaged"),
            "restore the database from its last backup; keys that were destroyed since stay destroyed",
        )
    }

    pub(crate) fn denied(denial: Denial) -> Self {
        let mut error = Self::new(
            ErrorKind::Denied,
            "the search is denied",
            "see the reasons and cures of the denial",
        );
        error.0.denial = Some(denial);
        error
    }

    pub(crate) fn io(action: &str, path: &std::path::Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let (kind, remedy) = match source.kind() {
            Io::StorageFull | Io::QuotaExceeded => (
                ErrorKind::Full,
                "make room on the device; nothing that was acknowledged is lost",
            ),
            Io::ReadOnlyFilesystem | Io::PermissionDenied => (
                ErrorKind::ReadOnly,
                "run as the owner of the store's folder, on a file system that can be written",
            ),
            _ => (ErrorKind::Io, "check the path and the device"),
        };
        Self::new(
            kind,
            format!("cannot {action} `{}`", path.display()),
            remedy,
        )
        .with_source(source)
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.0.remedy
    }

    /// Reasons and cures, where the search was denied.
    #[must_use]
    pub fn denial(&self) -> Option<&Denial> {
        self.0.denial.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.denial {
            Some(denial) => write!(f, "{}: {denial}", self.0.context),
            None => write!(f, "{}; {}", self.0.context, self.0.remedy),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("context", &self.0.context)
            .field("remedy", &self.0.remedy)
            .field("denial", &self.0.denial.as_ref().map(ToString::to_string))
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<platewarden_policy::Error> for Error {
    fn from(source: platewarden_policy::Error) -> Self {
        Self::new(
            ErrorKind::Invalid,
            "the policy refused its input",
            "see the cause",
        )
        .with_source(source)
    }
}
