//! The crate's error type.

use std::fmt;
use std::path::Path;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A document contradicts itself or lacks a part.
    Invalid,
    /// A file or a stream could not be read or written.
    Io,
    /// A document is not in its format.
    Format,
    /// A step was taken in a state that does not allow it.
    State,
    /// A signature, digest or key is wrong.
    Signature,
    /// A rule of requests or of the resident refuses; [`Error::rule`] names it.
    Refused,
    /// The operating system gave no randomness.
    Randomness,
    /// The decision engine refused, or could not be loaded.
    Policy,
    /// The audit trail could not be read or written.
    Trail,
}

/// What can go wrong in this crate: of what kind, what was expected and found, and what to do.
///
/// ```
/// use platewarden_footage::{Cameras, ErrorKind};
/// let error = "[[camera]]\nname = 7".parse::<Cameras>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Format);
/// ```
pub struct Error(Box<Inner>);

type Source = Box<dyn std::error::Error + Send + Sync>;

struct Inner {
    kind: ErrorKind,
    rule: Option<&'static str>,
    context: String,
    /// What a rule found, as it stands in the audit trail.
    why: String,
    remedy: String,
    source: Option<Source>,
}

impl Error {
    fn new(kind: ErrorKind, context: String) -> Self {
        Self(Box::new(Inner {
            kind,
            rule: None,
            context,
            why: String::new(),
            remedy: String::new(),
            source: None,
        }))
    }

    fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = remedy.into();
        self
    }

    fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn invalid(what: &str, expected: &str, found: &str) -> Self {
        Self::new(
            ErrorKind::Invalid,
            format!("{what}: expected {expected}, found {found}"),
        )
    }

    /// Bytes that are not in their format.
    #[cfg(feature = "blinded")]
    pub(crate) fn malformed(what: &str, expected: &str, found: &str) -> Self {
        Self::new(
            ErrorKind::Format,
            format!("{what}: expected {expected}, found {found}"),
        )
    }

    pub(crate) fn io(action: &str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        let path = path.as_ref().display();
        Self::new(ErrorKind::Io, format!("cannot {action} `{path}`")).with_source(source)
    }

    pub(crate) fn stream(action: &str, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("cannot {action}")).with_source(source)
    }

    pub(crate) fn json(what: &str, source: serde_json::Error) -> Self {
        Self::new(
            ErrorKind::Format,
            format!("cannot read {what} from json: {source}"),
        )
        .with_source(source)
    }

    pub(crate) fn state(action: &str, state: &str, remedy: &str) -> Self {
        Self::new(
            ErrorKind::State,
            format!("cannot {action} while {state}: {remedy}"),
        )
        .with_remedy(remedy)
    }

    pub(crate) fn signature(problem: &str) -> Self {
        Self::new(ErrorKind::Signature, format!("signature: {problem}"))
    }

    pub(crate) fn refused(rule: &'static str, why: &str, remedy: &str) -> Self {
        let context = format!("refused by {rule}: {why}; {remedy}");
        let mut error = Self::new(ErrorKind::Refused, context).with_remedy(remedy);
        error.0.rule = Some(rule);
        why.clone_into(&mut error.0.why);
        error
    }

    pub(crate) fn randomness(why: &str) -> Self {
        let context = format!("no randomness from the operating system: {why}");
        Self::new(ErrorKind::Randomness, context)
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Id of the rule that refuses, such as `community-no-federal`.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        self.0.rule
    }

    /// What the rule found, without its id and the remedy.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.0.why
    }

    /// What to do, where more can be said than the message does.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        Some(self.0.remedy.as_str()).filter(|remedy| !remedy.is_empty())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.context)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("context", &self.0.context)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

impl From<platewarden_policy::Error> for Error {
    fn from(source: platewarden_policy::Error) -> Self {
        Self::new(ErrorKind::Policy, source.to_string()).with_source(source)
    }
}

impl From<platewarden_trail::Error> for Error {
    fn from(source: platewarden_trail::Error) -> Self {
        Self::new(ErrorKind::Trail, source.to_string()).with_source(source)
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
