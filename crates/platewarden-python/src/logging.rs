//! What the library logs, in Python's own logging.

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;

/// Hands records to the loggers `platewarden` and `onnxruntime` of Python.
struct ToPython;

static TO_PYTHON: ToPython = ToPython;

/// Sends the library's log to Python from now on.
pub(crate) fn install() {
    // Where the program that embeds Python has a logger of its own, that one stays.
    if log::set_logger(&TO_PYTHON).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// The logger for a target, `None` for those of other libraries.
fn logger_of(target: &str) -> Option<&'static str> {
    ["platewarden", "onnxruntime"]
        .into_iter()
        .find(|name| target.starts_with(name))
}

impl Log for ToPython {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Info && logger_of(metadata.target()).is_some()
    }

    fn log(&self, record: &Record<'_>) {
        let Some(name) = logger_of(record.target()).filter(|_| self.enabled(record.metadata()))
        else {
            return;
        };
        // The numbers of Python's module `logging`.
        let level = match record.level() {
            Level::Error => 40,
            Level::Warn => 30,
            _ => 20,
        };
        let message = record.args().to_string();
        // An interpreter that is ending takes no records any more, and one that a record could not reach has no one to tell.
        let _ = Python::try_attach(|py| -> PyResult<()> {
            let logger = py.import("logging")?.call_method1("getLogger", (name,))?;
            logger.call_method1("log", (level, "%s", message))?;
            Ok(())
        });
    }

    fn flush(&self) {}
}
