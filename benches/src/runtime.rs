//! ONNX Runtime without anything of ours around it: what a frame costs at the least.

use std::{path::PathBuf, sync::OnceLock};

use ort::{environment::Environment, session::Session, value::TensorRef};
use platewarden::{Backend, Engine, EngineOptions, Manifest, Precision, backend};

use crate::Outcome;

/// The library, where there is one: the one that the engine would take.
pub fn library() -> Option<PathBuf> {
    Some(
        backend::find_onnxruntime_libraries()
            .into_iter()
            .next()?
            .path,
    )
}

/// The environment of this process, made here and handed to the engine; `None` without a library that can be used.
fn environment() -> Option<&'static Environment> {
    static ENVIRONMENT: OnceLock<Option<Environment>> = OnceLock::new();
    ENVIRONMENT
        .get_or_init(|| {
            let builder = ort::init_from(library()?).ok()?;
            let environment = builder.with_telemetry(false).build().ok()?;
            environment.set_log_level(ort::logging::LogLevel::Warning);
            backend::adopt_onnxruntime_environment(&environment).ok()?;
            Some(environment)
        })
        .as_ref()
}

/// Whether ONNX Runtime can be used. To be called before the first engine is built: it makes the environment.
pub fn is_available() -> bool {
    environment().is_some()
}

/// A session with one thread and nothing else around it.
pub struct Bare {
    session: Session,
    shape: Vec<usize>,
    input: Input,
}

/// What is fed to it.
enum Input {
    Numbers(Vec<f32>),
    Bytes(Vec<u8>),
}

impl Bare {
    /// A session of a network for one shape, its symbolic dimensions fixed.
    ///
    /// # Errors
    /// Without ONNX Runtime, or where it cannot run the network.
    pub fn new(network: &[u8], shape: &[usize], fixed: &[(&str, i64)]) -> Outcome<Self> {
        let numbers = noise(shape).map(|byte| f32::from(byte) / 255.0);
        Self::fed(network, shape, fixed, Input::Numbers(numbers.collect()))
    }

    fn fed(network: &[u8], shape: &[usize], fixed: &[(&str, i64)], input: Input) -> Outcome<Self> {
        let environment = environment().ok_or("no ONNX Runtime was found")?;
        let plain =
            |error: ort::Error<ort::session::builder::SessionBuilder>| error.message().to_owned();
        let mut builder = Session::builder(environment)?
            .with_intra_threads(1)
            .and_then(|builder| builder.with_inter_threads(1))
            .and_then(|builder| builder.with_intra_op_spinning(false))
            .and_then(|builder| builder.with_inter_op_spinning(false))
            .map_err(plain)?;
        for &(name, size) in fixed {
            builder = builder.with_dimension_override(name, size).map_err(plain)?;
        }
        Ok(Self {
            session: builder.commit_from_memory(network)?,
            shape: shape.to_vec(),
            input,
        })
    }

    /// The bundled detector for an input of this height and width.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn detector(precision: Precision, [height, width]: [usize; 2]) -> Outcome<Self> {
        let manifest = manifest(precision)?;
        let channels = manifest.detector.channels.count();
        let bytes = manifest.load_detector()?.bytes;
        if manifest.detector.space_to_depth {
            let (rows, columns) = (height / 2, width / 2);
            let fixed = [("rows", rows as i64), ("columns", columns as i64)];
            let shape = [1, 4 * channels, rows, columns];
            let picture = Input::Bytes(noise(&shape).collect());
            return Self::fed(bytes.as_slice(), &shape, &fixed, picture);
        }
        let fixed = [("height", height as i64), ("width", width as i64)];
        Self::new(bytes.as_slice(), &[1, channels, height, width], &fixed)
    }

    /// The bundled recogniser for this many plates at once.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn recognizer(precision: Precision, batch: usize) -> Outcome<Self> {
        let manifest = manifest(precision)?;
        let [height, width] = manifest.recognizer.shape;
        let channels = manifest.recognizer.channels.count();
        let bytes = manifest.load_recognizer()?.bytes;
        Self::new(
            bytes.as_slice(),
            &[batch, channels, height, width],
            &[("batch", batch as i64)],
        )
    }

    /// Runs the network once and drops what it gives.
    ///
    /// # Errors
    /// Where ONNX Runtime fails.
    pub fn run(&mut self) -> Outcome {
        let shape = self.shape.as_slice();
        match &self.input {
            Input::Numbers(numbers) => {
                let view = TensorRef::from_array_view((shape, numbers.as_slice()))?;
                self.session.run(ort::inputs![view])?;
            }
            Input::Bytes(bytes) => {
                let view = TensorRef::from_array_view((shape, bytes.as_slice()))?;
                self.session.run(ort::inputs![view])?;
            }
        }
        Ok(())
    }
}

/// Bytes for an input of this shape, always the same.
fn noise(shape: &[usize]) -> impl Iterator<Item = u8> {
    (0..shape.iter().product()).map(|i: usize| (i.wrapping_mul(2_654_435_761) >> 20 & 255) as u8)
}

/// The arithmetic that the engine takes on ONNX Runtime on this machine.
///
/// # Errors
/// Where an engine cannot be built to be asked.
pub fn precision() -> Outcome<Precision> {
    let options = EngineOptions::default().with_backend(Backend::OnnxRuntime);
    Ok(Engine::with_options(options)?
        .precision()
        .unwrap_or_default())
}

/// The bundled manifest for a precision.
///
/// # Errors
/// Those of [`precision`] for `Auto`.
pub fn manifest(wanted: Precision) -> Outcome<Manifest> {
    let manifest = Manifest::bundled()?;
    let in_force = match wanted {
        Precision::Auto => precision()?,
        named => named,
    };
    Ok(match in_force {
        Precision::Fp32 => manifest,
        _ => manifest.into_int8(),
    })
}
