//! Frames in, plate reads out.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use platewarden::{Frame, PlateRead, decode};
use pyo3::{prelude::*, types::PyList};
use serde::Serialize;

use crate::{
    error::{Fault, Result},
    json, options,
    pixels::Pixels,
    read,
};

/// A loaded engine; every call that runs a network releases Python's lock.
#[pyclass(frozen, module = "platewarden._native")]
pub(crate) struct Engine {
    engine: platewarden::Engine,
}

/// A detection: corners from the top left clockwise, the box around them, the score.
#[derive(Serialize)]
struct Found {
    corners: [platewarden::Point; 4],
    bounds: platewarden::Rect,
    score: f32,
}

/// Which networks an engine runs.
#[derive(Serialize)]
struct Networks {
    name: String,
    detector: Option<String>,
    recognizer: Option<String>,
    subdivision: Option<String>,
}

impl Engine {
    /// The engine itself, for what is built on it.
    pub(crate) const fn engine(&self) -> &platewarden::Engine {
        &self.engine
    }

    fn pixels(&self, frame: &Bound<'_, PyAny>, color: Option<&str>) -> Result<Pixels> {
        Pixels::of(frame, color, &self.engine.options().limits)
    }

    fn read_encoded(&self, bytes: &[u8]) -> Result<Vec<PlateRead>> {
        let picture = decode(bytes, &self.engine.options().limits)?;
        Ok(self.engine.read(&Frame::from(&picture))?)
    }

    fn read_path(&self, path: &Path) -> Result<Vec<PlateRead>> {
        let bytes = std::fs::read(path).map_err(platewarden::Error::io("read", path))?;
        self.read_encoded(&bytes)
    }
}

#[pymethods]
impl Engine {
    /// Loads the networks as the options (a JSON object) say.
    #[new]
    fn new(py: Python<'_>, options: &str) -> Result<Self> {
        let options = options::engine(options)?;
        let engine = py.detach(|| platewarden::Engine::with_options(options))?;
        Ok(Self { engine })
    }

    /// What runs the networks, as a JSON object.
    fn backend(&self) -> Result<String> {
        json::write(&self.engine.backend())
    }

    /// Name and digests of the networks, as a JSON object; a digest that the manifest does not state is null.
    fn networks(&self) -> Result<String> {
        let networks = self.engine.networks().map(|manifest| Networks {
            name: manifest.name.clone(),
            detector: manifest.detector.sha256.clone(),
            recognizer: manifest.recognizer.sha256.clone(),
            subdivision: manifest
                .subdivision
                .as_ref()
                .and_then(|network| network.sha256.clone()),
        });
        json::write(&networks)
    }

    /// The arithmetic of the networks, as the option is spelt.
    fn precision(&self) -> Option<String> {
        self.engine
            .precision()
            .map(|precision| precision.to_string())
    }

    /// Runs every network once for each thread.
    fn warm_up(&self, py: Python<'_>) -> Result<()> {
        Ok(py.detach(|| self.engine.warm_up())?)
    }

    /// The reads of a frame.
    fn read<'py>(
        &self,
        py: Python<'py>,
        frame: &Bound<'py, PyAny>,
        color: Option<&str>,
    ) -> PyResult<Bound<'py, PyList>> {
        let pixels = self.pixels(frame, color)?;
        let reads =
            py.detach(|| -> Result<Vec<PlateRead>> { Ok(self.engine.read(&pixels.frame()?)?) })?;
        read::list(py, reads)
    }

    /// Seconds that the library alone takes for a frame, with nothing of Python: what `benches/overhead.py` compares with.
    fn seconds_without_python(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        color: Option<&str>,
    ) -> Result<f64> {
        let pixels = self.pixels(frame, color)?;
        let frame = pixels.frame()?;
        py.detach(|| {
            let start = Instant::now();
            let reads = self.engine.read(&frame)?;
            let seconds = start.elapsed().as_secs_f64();
            drop(reads);
            Ok(seconds)
        })
    }

    /// The plates found in a frame, as JSON.
    fn detect(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        color: Option<&str>,
    ) -> Result<String> {
        let pixels = self.pixels(frame, color)?;
        py.detach(|| {
            let found: Vec<Found> = self
                .engine
                .detect(&pixels.frame()?)?
                .iter()
                .map(|plate| Found {
                    corners: plate.quad.corners(),
                    bounds: plate.bounds,
                    score: plate.score,
                })
                .collect();
            json::write(&found)
        })
    }

    /// The reads of many frames: for each, in their order, a list or the error of that frame.
    fn read_batch<'py>(
        &self,
        py: Python<'py>,
        frames: Vec<Bound<'py, PyAny>>,
        color: Option<&str>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (mut pixels, mut refused) = (Vec::new(), Vec::new());
        for frame in &frames {
            match self.pixels(frame, color) {
                Ok(frame) => {
                    pixels.push(frame);
                    refused.push(None);
                }
                Err(fault) => refused.push(Some(fault)),
            }
        }
        let mut reads = py
            .detach(|| self.engine.read_batch(&pixels))
            .into_iter()
            .map(|reads| reads.map_err(Fault::from));
        refused
            .into_iter()
            .filter_map(|fault| fault.map(Err).or_else(|| reads.next()))
            .map(|result| match result {
                Ok(reads) => Ok(read::list(py, reads)?.into_any()),
                Err(fault) => fault.into_object(py),
            })
            .collect()
    }

    /// The reads of an encoded picture.
    fn read_bytes<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyList>> {
        let reads = py.detach(|| self.read_encoded(bytes))?;
        read::list(py, reads)
    }

    /// The reads of a picture's file.
    fn read_file<'py>(&self, py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyList>> {
        let reads = py.detach(|| self.read_path(&path))?;
        read::list(py, reads)
    }

    /// The plate within these corners, straightened: a numpy array of (height, width, 3), RGB.
    fn rectify<'py>(
        &self,
        py: Python<'py>,
        frame: &Bound<'py, PyAny>,
        corners: [(f32, f32); 4],
        height: u32,
        color: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let pixels = self.pixels(frame, color)?;
        let [a, b, c, d] = corners.map(|(x, y)| platewarden::Point::new(x, y));
        let picture = py
            .detach(|| {
                let quad = platewarden::Quad::new(a, b, c, d);
                self.engine.rectify(&pixels.frame()?, &quad, height)
            })
            .map_err(Fault::from)?;
        crate::picture::rgb_array(py, &picture)
    }
}
