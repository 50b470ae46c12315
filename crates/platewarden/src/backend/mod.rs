//! Running a network: one small trait, two implementations.
//!
//! ONNX Runtime runs the networks where its library is found on the machine; the embedded pure-Rust
//! backend runs the same files everywhere else. Nothing outside this module knows which of the two is at work.

mod discovery;
mod embedded;
#[cfg(feature = "onnxruntime")]
mod library;
#[cfg(feature = "onnxruntime")]
mod onnxruntime;
mod pool;
mod tensor;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

/// Oldest ONNX Runtime whose interface this crate can use; newer ones keep that interface.
pub const MINIMUM_ONNXRUNTIME: &str = "1.24";

pub(crate) use self::pool::SessionPool;
pub use self::{
    discovery::{
        LibraryCandidate, LibraryOrigin, LibraryPlace, find_onnxruntime_libraries,
        onnxruntime_places,
    },
    tensor::{Dimension, ElementType, ModelSignature, PortSignature, Tensor, TensorData},
};
use crate::error::Failure;
use crate::{Error, Result};

/// A network that is ready to run, owned by one worker at a time.
///
/// This is the seam between the engine and the libraries that execute networks. Implement it to drive a
/// [`Detector`](crate::Detector) or a [`Recognizer`](crate::Recognizer) from an accelerator of your own, or with
/// canned answers in a test.
pub trait Model: Send {
    /// Runs the network once.
    ///
    /// `input` is taken by mutable reference so that an implementation may move it to another thread and back; its
    /// content is unchanged when the call returns. `outputs` receives one tensor for each output name the network was
    /// loaded with, in that order; what it held before is overwritten, so that a caller can reuse its memory.
    ///
    /// # Errors
    ///
    /// [`Inference`](crate::ErrorKind::Inference) when the network cannot be run with this input.
    fn run(&mut self, input: &mut Tensor, outputs: &mut Vec<Tensor>) -> Result<()>;
}

/// A loaded network from which workers get their own [`Model`].
pub trait Network: Send + Sync {
    /// Names, element types and dimensions of the network's inputs and outputs, as its file declares them.
    fn signature(&self) -> &ModelSignature;

    /// Makes a [`Model`] for inputs of this shape (`None` for a dimension that changes from call to call).
    ///
    /// # Errors
    ///
    /// [`ModelLoad`](crate::ErrorKind::ModelLoad) when the library cannot prepare the network for this shape.
    fn prepare(&self, shape: &[Option<usize>]) -> Result<Box<dyn Model>>;
}

/// The library that runs the networks, as a user asks for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Backend {
    /// ONNX Runtime where its library is found, the embedded backend otherwise.
    #[default]
    Auto,
    /// ONNX Runtime, or an error that says how to install it.
    OnnxRuntime,
    /// The pure-Rust backend, which needs nothing but this crate.
    Embedded,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::OnnxRuntime => "onnxruntime",
            Self::Embedded => "embedded",
        })
    }
}

impl FromStr for Backend {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self> {
        match s {
            "auto" => Ok(Self::Auto),
            "onnxruntime" => Ok(Self::OnnxRuntime),
            "embedded" => Ok(Self::Embedded),
            other => Err(Error::from(Failure::InvalidOption {
                option: "backend",
                expected: "auto, onnxruntime or embedded".into(),
                found: format!("`{other}`"),
            })),
        }
    }
}

/// The device ONNX Runtime runs the networks on.
///
/// Each provider but the CPU needs the Cargo feature of its name and an ONNX Runtime library built with it. A provider
/// that cannot be set up is an error, never a silent fall back to the CPU.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ExecutionProvider {
    /// The CPU; always there.
    #[default]
    Cpu,
    /// NVIDIA GPUs (feature `cuda`).
    Cuda,
    /// NVIDIA GPUs through TensorRT (feature `tensorrt`).
    TensorRt,
    /// Intel devices (feature `openvino`).
    OpenVino,
    /// Apple devices (feature `coreml`).
    CoreMl,
    /// Windows GPUs (feature `directml`).
    DirectMl,
}

impl fmt::Display for ExecutionProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
            Self::OpenVino => "openvino",
            Self::CoreMl => "coreml",
            Self::DirectMl => "directml",
        })
    }
}

/// What runs the networks of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BackendInfo {
    /// [`Backend::OnnxRuntime`] or [`Backend::Embedded`], never [`Backend::Auto`].
    pub backend: Backend,
    /// Version of the library, where it can be told (`1.24.2`).
    pub version: Option<String>,
    /// File the library was loaded from; `None` for the embedded backend.
    pub library: Option<PathBuf>,
    /// Device the networks run on.
    pub execution_provider: ExecutionProvider,
}

impl fmt::Display for BackendInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.backend {
            Backend::Embedded => f.write_str("the embedded backend")?,
            _ => f.write_str("ONNX Runtime")?,
        }
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        if self.execution_provider != ExecutionProvider::Cpu {
            write!(f, " on {}", self.execution_provider)?;
        }
        if let Some(library) = &self.library {
            write!(f, " ({})", library.display())?;
        }
        Ok(())
    }
}

/// The bytes of a model file, shared by every session made from them.
#[derive(Clone)]
pub enum ModelBytes {
    /// Part of the program, for example by `include_bytes!`.
    Static(&'static [u8]),
    /// Read from a file.
    Shared(Arc<[u8]>),
}

impl ModelBytes {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl fmt::Debug for ModelBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelBytes({} bytes)", self.as_slice().len())
    }
}

/// A model file to load: its bytes, the name errors call it by, and the outputs wanted from it.
#[derive(Debug, Clone)]
pub struct ModelSource {
    /// Name for error messages, usually the path.
    pub path: PathBuf,
    /// What the network does, for error messages: `detector` or `recognizer`.
    pub stage: &'static str,
    /// Content of the `.onnx` file.
    pub bytes: ModelBytes,
    /// Names of the outputs that [`Model::run`] returns, in that order; empty for all outputs in the file's order.
    pub outputs: Vec<String>,
}

/// A backend that has been chosen and started, ready to load networks.
#[derive(Debug, Clone)]
pub struct Runtime {
    info: BackendInfo,
}

impl Runtime {
    /// Starts the backend asked for.
    ///
    /// `library` names the ONNX Runtime library to load and overrides the search of [`find_onnxruntime_libraries`].
    /// A library that was named explicitly (here or by `PLATEWARDEN_ORT` or `ORT_DYLIB_PATH`) and cannot be used is an
    /// error even for [`Backend::Auto`]: whoever names a library wants that one.
    ///
    /// # Errors
    ///
    /// - [`RuntimeInvalid`](crate::ErrorKind::RuntimeInvalid) or [`RuntimeTooOld`](crate::ErrorKind::RuntimeTooOld) when a
    ///   library that was named cannot be used;
    /// - [`RuntimeMissing`](crate::ErrorKind::RuntimeMissing) for [`Backend::OnnxRuntime`] when no usable library was
    ///   found;
    /// - [`BackendUnavailable`](crate::ErrorKind::BackendUnavailable) when this build lacks the backend or the execution
    ///   provider.
    pub fn start(
        backend: Backend,
        provider: ExecutionProvider,
        library: Option<&Path>,
    ) -> Result<Self> {
        if backend == Backend::Embedded {
            return Self::embedded(provider, "as was asked for");
        }
        #[cfg(feature = "onnxruntime")]
        {
            match onnxruntime::load(library)? {
                onnxruntime::Search::Loaded(loaded) => {
                    let info = BackendInfo {
                        backend: Backend::OnnxRuntime,
                        version: loaded.version.clone(),
                        library: loaded.path.clone(),
                        execution_provider: provider,
                    };
                    let why = loaded
                        .origin
                        .map_or_else(String::new, |origin| format!(", found through {origin}"));
                    announce(&info, &why);
                    Ok(Self { info })
                }
                // A library that is there but will not do says more than the list of places without one.
                onnxruntime::Search::NotFound { searched, unusable }
                    if backend == Backend::OnnxRuntime =>
                {
                    Err(unusable.unwrap_or(Error::from(Failure::RuntimeMissing {
                        searched,
                        minimum: MINIMUM_ONNXRUNTIME,
                    })))
                }
                onnxruntime::Search::NotFound { unusable, .. } => {
                    let why = match unusable {
                        Some(_) => "for no ONNX Runtime that was found can be used",
                        None => "for no ONNX Runtime was found",
                    };
                    Self::embedded(provider, why)
                }
            }
        }
        #[cfg(not(feature = "onnxruntime"))]
        {
            let _ = library;
            if backend == Backend::OnnxRuntime {
                return Err(Error::from(Failure::BackendUnavailable {
                    backend: backend.to_string(),
                    reason: "this build lacks the Cargo feature `onnxruntime`".into(),
                    suggestion: "enable the feature or choose the embedded backend".into(),
                }));
            }
            Self::embedded(
                provider,
                "for this build lacks the Cargo feature `onnxruntime`",
            )
        }
    }

    fn embedded(provider: ExecutionProvider, why: &str) -> Result<Self> {
        if provider != ExecutionProvider::Cpu {
            return Err(Error::from(Failure::BackendUnavailable {
                backend: "embedded".into(),
                reason: format!(
                    "it runs on the CPU alone, and the execution provider `{provider}` was asked for"
                ),
                suggestion: "install an ONNX Runtime built with that provider, or ask for `cpu`"
                    .into(),
            }));
        }
        let info = BackendInfo {
            backend: Backend::Embedded,
            version: None,
            library: None,
            execution_provider: ExecutionProvider::Cpu,
        };
        announce(
            &info,
            &format!(
                ", {why}; with ONNX Runtime reading is about four times as fast, and `platewarden doctor` says what to type"
            ),
        );
        Ok(Self { info })
    }

    /// What runs the networks.
    pub fn info(&self) -> &BackendInfo {
        &self.info
    }

    /// Loads a network.
    ///
    /// # Errors
    ///
    /// [`ModelLoad`](crate::ErrorKind::ModelLoad) when the bytes are no network that this backend can run.
    pub fn load(&self, source: ModelSource) -> Result<Arc<dyn Network>> {
        match self.info.backend {
            #[cfg(feature = "onnxruntime")]
            Backend::OnnxRuntime => Ok(Arc::new(onnxruntime::OnnxNetwork::load(
                source,
                self.info.execution_provider,
            )?)),
            _ => Ok(Arc::new(embedded::EmbeddedNetwork::load(source)?)),
        }
    }
}

/// Says once per process which backend runs: a line per engine would be noise.
fn announce(info: &BackendInfo, why: &str) {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| log::info!("networks run on {info}{why}"));
}

/// Hands the engine an ONNX Runtime environment that the host application made with the same version of the `ort`
/// crate.
///
/// ONNX Runtime allows one environment in a process. An application that uses `ort` itself makes its own
/// `ort::environment::Environment` and passes a reference to it here before it builds its first engine; without this,
/// whichever comes second fails. The parameter is type-erased so that the exact version of `ort` stays out of this
/// crate's interface.
///
/// # Errors
///
/// [`BackendUnavailable`](crate::ErrorKind::BackendUnavailable) when the value is no such environment or when an engine has
/// already started one.
#[cfg(feature = "onnxruntime")]
pub fn adopt_onnxruntime_environment(environment: &dyn std::any::Any) -> Result<()> {
    onnxruntime::adopt(environment)
}
