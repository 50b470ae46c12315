//! Pictures made here, as arrays of Python.

use image::RgbImage;
use platewarden::Limits;
use pyo3::{prelude::*, types::PyByteArray};

use crate::error::Fault;

/// An encoded picture as a numpy array of (height, width, 3), RGB.
#[pyfunction]
pub(crate) fn decode<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let picture = py
        .detach(|| platewarden::decode(bytes, &Limits::default()))
        .map_err(Fault::from)?;
    rgb_array(py, &picture)
}

/// Bytes of rows without padding as a writable numpy array of this shape (height, width and, where there are any, channels).
pub(crate) fn array<'py>(
    py: Python<'py>,
    bytes: &[u8],
    shape: &[u32],
) -> PyResult<Bound<'py, PyAny>> {
    let bytes = PyByteArray::new(py, bytes);
    let flat = py
        .import("numpy")?
        .call_method1("frombuffer", (bytes, "uint8"))?;
    flat.call_method1("reshape", (shape.to_vec(),))
}

/// An RGB picture as a numpy array of (height, width, 3).
pub(crate) fn rgb_array<'py>(py: Python<'py>, image: &RgbImage) -> PyResult<Bound<'py, PyAny>> {
    array(py, image.as_raw(), &[image.height(), image.width(), 3])
}
