//! One plate in one frame, as an object of Python.

use platewarden::{CharacterRead, Point};
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyList, PyTuple},
};
use serde::Serialize;

use crate::{
    error::{Fault, Result},
    json,
};

/// One plate in one frame. All coordinates are pixels of the frame that was read, x to the right and y down.
///
/// Reads with the same content are equal.
// It keeps the library's own read and makes objects of Python only of what is asked for: after a network has run the caches
// are cold, and to make all of them took 2 % of a frame.
#[pyclass(frozen, eq, module = "platewarden")]
#[derive(PartialEq)]
pub(crate) struct PlateRead {
    read: platewarden::PlateRead,
}

/// A read, with its text as plates print it: what the program `platewarden` writes.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    read: &'a platewarden::PlateRead,
    display: Option<String>,
}

/// The classes of the small parts.
struct Parts {
    point: Py<PyAny>,
    rect: Py<PyAny>,
    region: Py<PyAny>,
    candidate: Py<PyAny>,
    character: Py<PyAny>,
    alternative: Py<PyAny>,
}

static PARTS: PyOnceLock<Parts> = PyOnceLock::new();

impl Parts {
    fn of(py: Python<'_>) -> PyResult<&'static Self> {
        PARTS.get_or_try_init(py, || {
            let module = py.import("platewarden._parts")?;
            let class = |name: &str| module.getattr(name).map(Bound::unbind);
            Ok(Self {
                point: class("Point")?,
                rect: class("Rect")?,
                region: class("RegionGuess")?,
                candidate: class("Candidate")?,
                character: class("CharacterRead")?,
                alternative: class("Alternative")?,
            })
        })
    }
}

/// A number with the digits that JSON gives it, so that attributes and dictionaries hold the same: 0.9, not 0.8999999761581421.
fn number(value: f32) -> f64 {
    value
        .to_string()
        .parse()
        .unwrap_or_else(|_| f64::from(value))
}

impl PlateRead {
    fn written(&self) -> Result<String> {
        json::write(&Written {
            read: &self.read,
            display: self.read.display(),
        })
    }
}

impl From<platewarden::PlateRead> for PlateRead {
    fn from(read: platewarden::PlateRead) -> Self {
        Self { read }
    }
}

/// Reads as a list of Python.
pub(crate) fn list(
    py: Python<'_>,
    reads: Vec<platewarden::PlateRead>,
) -> PyResult<Bound<'_, PyList>> {
    let reads: Vec<Bound<'_, PlateRead>> = reads
        .into_iter()
        .map(|read| Bound::new(py, PlateRead::from(read)))
        .collect::<PyResult<_>>()?;
    PyList::new(py, reads)
}

#[pymethods]
impl PlateRead {
    /// The registration number as read, upper line first, without spaces or separators; empty where the plate was found but
    /// shows no text that could be read.
    #[getter]
    fn text(&self) -> &str {
        &self.read.text
    }

    /// The text that the recogniser alone finds most likely, before registration formats are weighed in.
    #[getter]
    fn raw_text(&self) -> &str {
        &self.read.raw_text
    }

    /// The text as the plate prints it (`WÜ·XY 123` for `WUXY123`), where the formats of its region settle that, else None.
    #[getter]
    fn display(&self) -> Option<String> {
        self.read.display()
    }

    /// Probability that the whole text is right, 0 to 1.
    #[getter]
    fn confidence(&self) -> f64 {
        number(self.read.confidence)
    }

    /// The characters of the text in order, as a tuple of CharacterRead.
    #[getter]
    fn characters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let parts = Parts::of(py)?;
        let make = |character: &CharacterRead| {
            let alternatives = character
                .alternatives
                .iter()
                .map(|other| {
                    let values = (other.symbol, number(other.confidence));
                    parts.alternative.bind(py).call1(values)
                })
                .collect::<PyResult<Vec<_>>>()?;
            let alternatives = PyTuple::new(py, alternatives)?;
            let values = (character.symbol, number(character.confidence), alternatives);
            parts.character.bind(py).call1(values)
        };
        let characters = self.read.characters.iter().map(make);
        PyTuple::new(py, characters.collect::<PyResult<Vec<_>>>()?)
    }

    /// The most likely texts, best first, as a tuple of Candidate.
    #[getter]
    fn candidates<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let parts = Parts::of(py)?;
        let candidates = self.read.candidates.iter().map(|candidate| {
            let values = (candidate.text.as_str(), number(candidate.confidence));
            parts.candidate.bind(py).call1(values)
        });
        PyTuple::new(py, candidates.collect::<PyResult<Vec<_>>>()?)
    }

    /// Lines the text stands in, 1 to 3; 0 where there is no text.
    #[getter]
    fn lines(&self) -> u8 {
        self.read.lines
    }

    /// Characters beside those of the text that are no Latin letter or digit or are cut off too far.
    #[getter]
    fn unknown_signs(&self) -> u8 {
        self.read.unknown_signs
    }

    /// The country or state that issued the plate, as a RegionGuess, where it can be guessed, else None.
    #[getter]
    fn region<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(region) = &self.read.region else {
            return Ok(None);
        };
        let values = (region.code.as_str(), number(region.confidence));
        Parts::of(py)?.region.bind(py).call1(values).map(Some)
    }

    /// The plate's corners as it is read, as four Points: top left, top right, bottom right, bottom left.
    #[getter]
    fn corners<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let point = Parts::of(py)?.point.bind(py);
        let make = |corner: Point| point.call1((number(corner.x), number(corner.y)));
        let corners = self.read.corners.map(make).into_iter();
        PyTuple::new(py, corners.collect::<PyResult<Vec<_>>>()?)
    }

    /// The upright box around the plate, as a Rect.
    #[getter]
    fn bounds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let bounds = &self.read.bounds;
        let values = [bounds.x, bounds.y, bounds.width, bounds.height].map(number);
        Parts::of(py)?
            .rect
            .bind(py)
            .call1(PyTuple::new(py, values)?)
    }

    /// Whether the plate reaches an edge of the frame, so that a part of it may be outside.
    #[getter]
    fn touches_edge(&self) -> bool {
        self.read.touches_edge
    }

    /// How sure the engine is that there is a plate, readable or not, 0 to 1.
    #[getter]
    fn detection_score(&self) -> f64 {
        number(self.read.detection_score)
    }

    /// Plain dictionaries and lists: the object that `platewarden read` prints for a plate.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let text = self.written()?;
        py.import("json")?.call_method1("loads", (text,))
    }

    /// The read in such a dictionary again.
    #[staticmethod]
    fn from_dict(py: Python<'_>, data: &Bound<'_, PyDict>) -> PyResult<Self> {
        let text = py.import("json")?.call_method1("dumps", (data,))?;
        let text: String = text.extract()?;
        let read = serde_json::from_str(&text).map_err(|error| {
            Fault::new(
                "json",
                format!("the dictionary is no plate read: {error}"),
                "give one that `to_dict` made",
            )
        })?;
        Ok(Self { read })
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        let py = slf.py();
        let make = slf.get_type().getattr("from_dict")?;
        Ok((make, (slf.get().to_dict(py)?,)))
    }

    fn __repr__(&self) -> String {
        format!(
            "<platewarden.PlateRead {:?} {}>",
            self.read.text,
            platewarden::percent(self.read.confidence)
        )
    }
}
