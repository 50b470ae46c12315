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
    /// A recording could not be read, or a clip not be written.
    Video,
    /// A package could not be handed over; nothing of it was received.
    Delivery,
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
    is_missing_program: bool,
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
            is_missing_program: false,
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

    pub(crate) fn toml(what: &str, source: toml::de::Error) -> Self {
        Self::new(
            ErrorKind::Format,
            format!("cannot read {what} from toml: {source}"),
        )
        .with_source(source)
    }

    #[cfg(feature = "blinded")]
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

    pub(crate) fn delivery(to: &str, why: &str) -> Self {
        let context = format!("`{to}` did not take the package: {why}; nothing of it was received");
        Self::new(ErrorKind::Delivery, context)
            .with_remedy("try again: the same package is received once")
    }

    pub(crate) fn format(what: &str, expected: &str, found: &str) -> Self {
        Self::new(
            ErrorKind::Format,
            format!("{what}: expected {expected}, found {found}"),
        )
    }

    pub(crate) fn no_program(program: &Path, source: std::io::Error) -> Self {
        let remedy = "install ffmpeg, which brings ffprobe, or name it in PLATEWARDEN_FFMPEG";
        let context = format!("cannot run `{}`; {remedy}", program.display());
        let mut error = Self::new(ErrorKind::Video, context)
            .with_remedy(remedy)
            .with_source(source);
        error.0.is_missing_program = true;
        error
    }

    /// Whether a program that is needed is not there: no file can be read, not only this one.
    pub(crate) fn is_missing_program(&self) -> bool {
        self.0.is_missing_program
    }

    pub(crate) fn video(what: &str, why: &str) -> Self {
        Self::new(ErrorKind::Video, format!("{what}: {why}"))
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

impl From<platewarden_video::Error> for Error {
    fn from(source: platewarden_video::Error) -> Self {
        Self::new(ErrorKind::Video, source.to_string())
            .with_remedy(source.remedy().to_owned())
            .with_source(source)
    }
}

impl From<platewarden_video::source::SourceError> for Error {
    fn from(source: platewarden_video::source::SourceError) -> Self {
        platewarden_video::Error::from(source).into()
    }
}

impl From<platewarden::Error> for Error {
    fn from(source: platewarden::Error) -> Self {
        Self::new(ErrorKind::Video, source.to_string()).with_source(source)
    }
}

impl From<platewarden_community::Error> for Error {
    /// A rule of requests stays a rule, whichever crate asks it.
    fn from(source: platewarden_community::Error) -> Self {
        let kind = match source.kind() {
            platewarden_community::ErrorKind::Refused => ErrorKind::Refused,
            platewarden_community::ErrorKind::Io => ErrorKind::Io,
            platewarden_community::ErrorKind::Format => ErrorKind::Format,
            platewarden_community::ErrorKind::Signature => ErrorKind::Signature,
            _ => ErrorKind::Invalid,
        };
        let mut error = Self::new(kind, source.to_string());
        error.0.rule = source.rule();
        source.why().clone_into(&mut error.0.why);
        source
            .remedy()
            .unwrap_or_default()
            .clone_into(&mut error.0.remedy);
        error.with_source(source)
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
