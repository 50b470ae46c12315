//! Plates made unreadable.

use std::time::Duration;

use platewarden::PixelFormat;
use platewarden_video::{
    redact::{RedactOptions, areas_to_redact, find_plates, redact_frame, redaction_engine},
    source::VideoFrame,
};
use pyo3::prelude::*;

use crate::{error::Result, json, options, picture::array, pixels::Pixels};

/// An engine that finds plates to redact, with the way in which it does.
#[pyclass(frozen, module = "platewarden._native")]
pub(crate) struct Redactor {
    engine: platewarden::Engine,
    options: RedactOptions,
}

impl Redactor {
    /// The frame with its plates made unreadable, and the areas as JSON.
    fn redact(
        &self,
        pixels: &Pixels,
        keep: &[String],
        keep_confidence: f32,
    ) -> Result<(VideoFrame, String)> {
        let frame = pixels.frame()?;
        let plates = find_plates(&self.engine, &frame, &self.options)?;
        let reads = if keep.is_empty() {
            Vec::new()
        } else {
            self.engine.recognize(&frame, &plates)?
        };
        let areas = areas_to_redact(
            &plates,
            &reads,
            |read| read.confidence >= keep_confidence && keep.contains(&read.text),
            &self.options,
        );
        let (width, height) = pixels.size();
        let mut copy = VideoFrame::new(
            pixels.packed(),
            pixels.format(),
            width,
            height,
            Duration::ZERO,
        )?;
        redact_frame(&mut copy, &areas, self.options.style);
        Ok((copy, json::write(&areas)?))
    }
}

#[pymethods]
impl Redactor {
    /// Loads the networks; both options are JSON objects.
    #[new]
    fn new(py: Python<'_>, engine: &str, options: &str) -> Result<Self> {
        let (engine, options) = (options::engine(engine)?, options::redact(options)?);
        let engine = py.detach(|| redaction_engine(engine, &options))?;
        Ok(Self { engine, options })
    }

    /// What runs the networks, as a JSON object.
    fn backend(&self) -> Result<String> {
        json::write(&self.engine.backend())
    }

    /// A copy of the frame without its plates, and the areas as JSON.
    #[pyo3(name = "redact")]
    fn py_redact<'py>(
        &self,
        py: Python<'py>,
        frame: &Bound<'py, PyAny>,
        color: Option<&str>,
        keep: Vec<String>,
        keep_confidence: f32,
    ) -> PyResult<(Bound<'py, PyAny>, String)> {
        let pixels = Pixels::of(frame, color, &self.engine.options().limits)?;
        let (copy, areas) = py.detach(|| self.redact(&pixels, &keep, keep_confidence))?;
        let (width, height) = pixels.size();
        let picture = if copy.format() == PixelFormat::Gray8 {
            array(py, copy.pixels(), &[height, width])?
        } else {
            array(py, copy.pixels(), &[height, width, 3])?
        };
        Ok((picture, areas))
    }
}
