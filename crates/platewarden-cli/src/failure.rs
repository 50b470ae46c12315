//! How the program ends: 0 all well, 1 something failed, 2 wrong usage, 3 a search of a store refused.

use std::{error::Error, fmt, io, path::Path, process::ExitCode};

/// An error of any crate.
pub(crate) type AnyError = Box<dyn Error>;

/// How a subcommand ends.
pub(crate) type Outcome = Result<ExitCode, AnyError>;

/// The exit status of wrong usage, which clap uses too.
const WRONG_USAGE: u8 = 2;

/// Standard output cannot be written to.
#[derive(Debug)]
pub(crate) struct OutputError(io::Error);

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl From<serde_json::Error> for OutputError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot write to standard output")
    }
}

impl Error for OutputError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// A command line that is wrong in a way that shows only when it is carried out.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for UsageError {}

/// Success, or failure where something went wrong on the way.
pub(crate) fn all_well(well: bool) -> ExitCode {
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Says on standard error what went wrong, and how the program ends.
pub(crate) fn report(error: &(dyn Error + 'static)) -> ExitCode {
    if let Some(OutputError(cause)) = error.downcast_ref()
        && cause.kind() == io::ErrorKind::BrokenPipe
    {
        // Whoever reads the output has seen enough: `platewarden read photos | head`.
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {}", with_causes(error));
    if is_wrong_usage(error) {
        ExitCode::from(WRONG_USAGE)
    } else {
        ExitCode::FAILURE
    }
}

/// An option out of its range is wrong usage, whoever finds out.
fn is_wrong_usage(error: &(dyn Error + 'static)) -> bool {
    let of_engine =
        |error: &platewarden::Error| error.kind() == platewarden::ErrorKind::InvalidOption;
    #[cfg(feature = "video")]
    if let Some(error) = error.downcast_ref::<platewarden_video::Error>() {
        return error.kind() == platewarden_video::ErrorKind::InvalidOption
            || error.engine().is_some_and(of_engine);
    }
    error.is::<UsageError>() || error.downcast_ref().is_some_and(of_engine)
}

/// The message of an error with those of its causes that it does not repeat itself.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let message = next.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = next.source();
    }
    text
}

/// Names the file that an error is about.
pub(crate) fn about<E: fmt::Display>(action: &str, path: &Path) -> impl FnOnce(E) -> AnyError {
    let what = format!("cannot {action} {}", path.display());
    move |error| format!("{what}: {error}").into()
}
