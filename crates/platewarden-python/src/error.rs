//! Errors of the library as exceptions of Python.

use std::{fmt::Debug, path::PathBuf};

use pyo3::{prelude::*, types::PyTuple};

/// What went wrong, on its way to Python: becomes a `platewarden.Error`.
pub(crate) struct Fault {
    /// The kind in Python's spelling, such as `frame_too_large`.
    kind: String,
    /// What was expected, and what was found.
    context: String,
    /// What to do about it.
    remedy: String,
    /// The file or folder that it is about.
    path: Option<PathBuf>,
}

pub(crate) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A fault that only Python's side can make.
    pub(crate) fn new(kind: &str, context: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            context: context.into(),
            remedy: remedy.into(),
            path: None,
        }
    }

    /// The exception as an object, to be raised or handed out in a list.
    pub(crate) fn into_object(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let class = py.import("platewarden._errors")?.getattr("Error")?;
        let arguments = (self.context, self.kind, self.remedy, self.path);
        class.call1(PyTuple::new(
            py,
            [
                arguments.0.into_pyobject(py)?.into_any(),
                arguments.1.into_pyobject(py)?.into_any(),
                arguments.2.into_pyobject(py)?.into_any(),
                arguments.3.into_pyobject(py)?.into_any(),
            ],
        )?)
    }
}

/// The name of a kind in Python's spelling: `FrameTooLarge` becomes `frame_too_large`.
fn kind_of(kind: impl Debug) -> String {
    let mut name = String::new();
    for (index, letter) in format!("{kind:?}").chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

impl From<platewarden::Error> for Fault {
    fn from(error: platewarden::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&platewarden::Error> for Fault {
    fn from(error: &platewarden::Error) -> Self {
        Self {
            kind: kind_of(error.kind()),
            context: error.context(),
            remedy: error.remedy().to_owned(),
            path: error.path().map(PathBuf::from),
        }
    }
}

impl From<platewarden_video::Error> for Fault {
    fn from(error: platewarden_video::Error) -> Self {
        match error.engine() {
            Some(engine) => Self::from(engine),
            None => Self::new(&kind_of(error.kind()), error.context(), error.remedy()),
        }
    }
}

impl From<platewarden_policy::Error> for Fault {
    fn from(error: platewarden_policy::Error) -> Self {
        let remedy = match error.kind() {
            platewarden_policy::ErrorKind::UnverifiedPack => {
                "pass `allow_unverified=True` if that is acceptable"
            }
            _ => error.remedy(),
        };
        Self::new(&kind_of(error.kind()), error.context(), remedy)
    }
}

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> Self {
        Python::attach(|py| match fault.into_object(py) {
            Ok(object) => Self::from_value(object),
            Err(error) => error,
        })
    }
}
