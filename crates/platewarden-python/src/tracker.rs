//! From the frames of one camera to one pass for each vehicle.

use std::sync::{Mutex, PoisonError};

use platewarden::Limits;
use platewarden_video::tracking::{Pass, PassReader};
use pyo3::prelude::*;
use serde::Serialize;

use crate::{engine::Engine, error::Result, json, options, picture::rgb_array, pixels::Pixels};

/// A tracker with its engine.
#[pyclass(frozen, module = "platewarden._native")]
pub(crate) struct Tracker {
    state: Mutex<State>,
    limits: Limits,
}

struct State {
    reader: PassReader,
    /// Frames taken in.
    frames: u64,
}

/// A pass, with its text as plates print it.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    pass: &'a Pass,
    display: Option<String>,
}

/// A pass as JSON with its evidence: an array (height, width, 3) of RGB, and where it was cut from its frame.
type Handed<'py> = (String, Option<Bound<'py, PyAny>>);

fn hand_over(py: Python<'_>, passes: Vec<Pass>) -> PyResult<Vec<Handed<'_>>> {
    let passes = passes.into_iter().map(|pass| {
        let told = Told {
            display: pass.display(),
            pass: &pass,
        };
        let text = json::write(&told)?;
        let evidence = pass.evidence.as_ref();
        let evidence = evidence.map(|evidence| rgb_array(py, &evidence.image));
        Ok((text, evidence.transpose()?))
    });
    passes.collect()
}

#[pymethods]
impl Tracker {
    /// A tracker on an engine, with options (a JSON object).
    #[new]
    fn new(engine: &Engine, options: &str) -> Result<Self> {
        let engine = engine.engine().clone();
        let limits = engine.options().limits;
        let reader = PassReader::new(engine, options::tracker(options)?)?;
        Ok(Self {
            state: Mutex::new(State { reader, frames: 0 }),
            limits,
        })
    }

    /// Takes in the next frame, `at` seconds from the start of the source, and gives the passes that are complete.
    fn read<'py>(
        &self,
        py: Python<'py>,
        frame: &Bound<'py, PyAny>,
        at: f64,
        color: Option<&str>,
    ) -> PyResult<Vec<Handed<'py>>> {
        let pixels = Pixels::of(frame, color, &self.limits)?;
        let at = options::seconds("at", at)?;
        // Another thread may hold the state and want Python's lock, so that the lock is given away first.
        let passes = py.detach(|| -> Result<Vec<Pass>> {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let index = state.frames;
            state.frames += 1;
            Ok(state.reader.read_at(&pixels.frame()?, at, index)?)
        })?;
        hand_over(py, passes)
    }

    /// Ends all that is in view.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Vec<Handed<'py>>> {
        let passes = py.detach(|| {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.reader.finish()
        });
        hand_over(py, passes)
    }

    /// What was done so far, as a JSON object.
    fn statistics(&self, py: Python<'_>) -> Result<String> {
        let statistics = py.detach(|| {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.reader.tracker().statistics()
        });
        json::write(&statistics)
    }
}
