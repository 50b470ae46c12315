//! The native half of the Python package `platewarden`: engine, tracker, redaction and policy behind plain calls.
//!
//! Options, passes and decisions go over as JSON, whose keys are those of the library's own types; most classes that users see
//! are written in Python (`python/platewarden`) and made of it. A plate read alone is a class of its own here, for speed. Pixels are borrowed from the caller's array and never copied
//! where its rows are contiguous. Python's lock is released while networks run.

mod engine;
mod error;
mod json;
mod logging;
mod options;
mod picture;
mod pixels;
mod policy;
mod read;
mod redact;
mod tracker;

use pyo3::prelude::*;

/// The native half of `platewarden`; its classes are private, the package's own are the interface.
#[pymodule]
#[pyo3(name = "_native")]
fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    logging::install();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(picture::decode, module)?)?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<read::PlateRead>()?;
    module.add_class::<tracker::Tracker>()?;
    module.add_class::<redact::Redactor>()?;
    module.add_class::<policy::Policy>()?;
    module.add_class::<policy::Decision>()
}
