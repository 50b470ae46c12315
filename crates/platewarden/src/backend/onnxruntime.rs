//! ONNX Runtime, found and loaded while the program runs.

use std::{
    any::Any,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use ort::{
    LoadDynamicError,
    environment::Environment,
    logging::LogLevel,
    session::{
        Session,
        builder::{AutoDevicePolicy, GraphOptimizationLevel, SessionBuilder},
    },
    value::{Outlet, TensorElementType, TensorRef, ValueType},
};

use super::{
    Dimension, ElementType, ExecutionProvider, LibraryCandidate, LibraryOrigin,
    MINIMUM_ONNXRUNTIME, Model, ModelSignature, ModelSource, Network, PortSignature, Tensor,
    TensorData, discovery::find_onnxruntime_libraries, library,
};
use crate::error::Failure;
use crate::{Error, Result};

/// The library and the environment of this process.
///
/// ONNX Runtime allows one environment in a process, for as long as it lives, so it stays here for ever: dropping the
/// last handle would end it and no other could be made.
static LOADED: OnceLock<Loaded> = OnceLock::new();
/// Keeps two threads from loading at once.
static LOADING: Mutex<()> = Mutex::new(());

/// A library in use.
pub(super) struct Loaded {
    environment: Environment,
    /// The file; `None` where the host application loaded it.
    pub(super) path: Option<PathBuf>,
    /// What led to it.
    pub(super) origin: Option<LibraryOrigin>,
    pub(super) version: Option<String>,
}

/// What came of looking for a library.
pub(super) enum Search {
    Loaded(&'static Loaded),
    NotFound {
        /// Files and places looked at.
        searched: Vec<PathBuf>,
        /// Why the first library found could not be used.
        unusable: Option<Error>,
    },
}

/// Loads the library that was named, or the first usable one that is found.
///
/// # Errors
///
/// Only when a library was named and cannot be used.
pub(super) fn load(named: Option<&Path>) -> Result<Search> {
    let _one_at_a_time = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = LOADED.get() {
        if let Some(named) = named {
            library::check(named)?;
            let same = loaded
                .path
                .as_deref()
                .is_some_and(|path| path.canonicalize().ok() == named.canonicalize().ok());
            if !same {
                return Err(Error::from(Failure::BackendUnavailable {
                    backend: "onnxruntime".into(),
                    reason: format!(
                        "this process already runs the library {}, and {} was asked for",
                        loaded.path.as_deref().map_or_else(
                            || "of its host".into(),
                            |path| path.display().to_string()
                        ),
                        named.display()
                    ),
                    suggestion: "name the same library for every engine of a process".into(),
                }));
            }
        }
        return Ok(Search::Loaded(loaded));
    }
    let candidates = match named {
        Some(path) => vec![LibraryCandidate {
            path: path.to_path_buf(),
            origin: LibraryOrigin::Option,
        }],
        None => find_onnxruntime_libraries(),
    };
    let mut unusable = None;
    for candidate in &candidates {
        match open(candidate) {
            Ok(loaded) => {
                return Ok(Search::Loaded(LOADED.get_or_init(|| loaded)));
            }
            Err(error) if candidate.origin.is_explicit() => return Err(error),
            // Never passed over in silence: whoever installed it wonders why it does not run.
            Err(error) => {
                log::warn!("{error}; found through {}", candidate.origin);
                unusable.get_or_insert(error);
            }
        }
    }
    Ok(Search::NotFound {
        searched: candidates
            .into_iter()
            .map(|candidate| candidate.path)
            .collect(),
        unusable,
    })
}

/// Loads one library and makes the environment.
fn open(candidate: &LibraryCandidate) -> Result<Loaded> {
    let path = candidate.path.as_path();
    library::check(path)?;
    // Always by path and before anything else of `ort`: without a library its other calls panic, making an error too.
    let builder = ort::init_from(path).map_err(|error| match error {
        LoadDynamicError::BadVersion { version_str, path } => Error::from(Failure::RuntimeTooOld {
            path,
            minimum: MINIMUM_ONNXRUNTIME,
            found: version_str,
        }),
        LoadDynamicError::MissingApi { path } => Error::from(Failure::RuntimeInvalid {
            path,
            minimum: MINIMUM_ONNXRUNTIME,
            reason: "it does not have the function OrtGetApiBase".into(),
        }),
        other => Error::from(Failure::RuntimeInvalid {
            path: path.to_path_buf(),
            minimum: MINIMUM_ONNXRUNTIME,
            reason: other.to_string(),
        }),
    })?;
    let environment = builder
        .with_name("platewarden")
        .with_telemetry(false)
        .with_logger(Arc::new(|level, _category, _id, _location, message| {
            let level = match level {
                LogLevel::Fatal | LogLevel::Error => log::Level::Error,
                LogLevel::Warning => log::Level::Warn,
                LogLevel::Info | LogLevel::Verbose => log::Level::Debug,
            };
            log::log!(target: "onnxruntime", level, "{message}");
        }))
        .build()
        .map_err(|error| {
            Error::from(Failure::BackendUnavailable {
                backend: "onnxruntime".into(),
                reason: error.message().to_owned(),
                suggestion:
                    "an application that makes an ONNX Runtime environment itself passes it to \
                         `adopt_onnxruntime_environment` first"
                        .into(),
            })
        })?;
    // The logger starts at the most talkative level, where formatting the messages would cost more than the network.
    environment.set_log_level(LogLevel::Warning);
    Ok(Loaded {
        environment,
        path: Some(path.to_path_buf()),
        origin: Some(candidate.origin),
        version: library::version_of(path),
    })
}

/// Takes over the host application's environment.
pub(super) fn adopt(environment: &dyn Any) -> Result<()> {
    let refused = |reason: &str, suggestion: &str| {
        Error::from(Failure::BackendUnavailable {
            backend: "onnxruntime".into(),
            reason: reason.into(),
            suggestion: suggestion.into(),
        })
    };
    let environment = environment.downcast_ref::<Environment>().ok_or_else(|| {
        refused(
            "what was given is no `ort::environment::Environment`",
            "depend on the same version of `ort` as platewarden",
        )
    })?;
    let _one_at_a_time = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    LOADED
        .set(Loaded {
            environment: environment.clone(),
            path: None,
            origin: None,
            version: None,
        })
        .map_err(|_| {
            refused(
                "an engine has already started one",
                "adopt the environment before building the first engine",
            )
        })
}

/// A network loaded by ONNX Runtime.
pub(super) struct OnnxNetwork {
    source: ModelSource,
    provider: ExecutionProvider,
    signature: ModelSignature,
}

impl OnnxNetwork {
    pub(super) fn load(source: ModelSource, provider: ExecutionProvider) -> Result<Self> {
        let mut network = Self {
            source,
            provider,
            signature: ModelSignature::default(),
        };
        // This session only reads the signature, so it need not be optimised.
        let session = network
            .commit(|builder| builder.with_optimization_level(GraphOptimizationLevel::Disable))?;
        network.signature = ModelSignature {
            inputs: session.inputs().iter().map(port_signature).collect(),
            outputs: session.outputs().iter().map(port_signature).collect(),
        };
        let inputs = network.signature.inputs.len();
        if inputs != 1 {
            return Err(network.failed(
                format!("it has {inputs} inputs, and one was expected"),
                "export the network with the image as its only input",
            ));
        }
        if network.source.outputs.is_empty() {
            network.source.outputs = network
                .signature
                .outputs
                .iter()
                .map(|port| port.name.clone())
                .collect();
        }
        if let Some(missing) = network
            .source
            .outputs
            .iter()
            .find(|name| network.signature.output(name).is_none())
        {
            return Err(network.failed(
                format!("it has no output `{missing}`"),
                "correct the name of the output in the manifest",
            ));
        }
        Ok(network)
    }

    fn failed(&self, reason: String, suggestion: &str) -> Error {
        Error::from(Failure::ModelLoad {
            path: self.source.path.clone(),
            reason,
            suggestion: suggestion.into(),
        })
    }

    /// Makes a session: one thread that does not spin, since the engine's own workers are what runs in parallel.
    fn commit(
        &self,
        configure: impl FnOnce(SessionBuilder) -> Result<SessionBuilder, ort::Error<SessionBuilder>>,
    ) -> Result<Session> {
        #[allow(
            clippy::expect_used,
            reason = "`load` is the one way to a network of this backend, and fills it"
        )]
        let loaded = LOADED
            .get()
            .expect("ONNX Runtime is loaded before its networks");
        let unexpected = |message: &str| {
            self.failed(
                format!("ONNX Runtime refused its settings: {message}"),
                "update onnxruntime, or choose the embedded backend",
            )
        };
        // Errors of the builder hold the builder, which no other thread may have, so only their text goes on.
        let builder = Session::builder(&loaded.environment)
            .map_err(|error| unexpected(error.message()))?
            .with_intra_threads(1)
            .and_then(|builder| builder.with_inter_threads(1))
            .and_then(|builder| builder.with_parallel_execution(false))
            .and_then(|builder| builder.with_intra_op_spinning(false))
            .and_then(|builder| builder.with_inter_op_spinning(false))
            // Without this `ort` asks for the most frugal device, which on some systems is not the CPU.
            .and_then(|builder| builder.with_auto_device(AutoDevicePolicy::PreferCPU))
            .map_err(|error| unexpected(error.message()))?;
        let mut builder =
            configure(self.register(builder)?).map_err(|error| unexpected(error.message()))?;
        builder
            .commit_from_memory(self.source.bytes.as_slice())
            .map_err(|error| {
                self.failed(
                    format!(
                        "ONNX Runtime found no network it can run: {}",
                        error.message()
                    ),
                    "give a whole .onnx file of an operator set that this ONNX Runtime knows",
                )
            })
    }

    /// Registers the execution provider. The CPU's is never registered: it is there anyway, and doing so would turn
    /// its memory arena off.
    fn register(&self, builder: SessionBuilder) -> Result<SessionBuilder> {
        use ort::ep;
        let provider: Option<ep::ExecutionProviderDispatch> = match self.provider {
            ExecutionProvider::Cpu => return Ok(builder),
            #[cfg(feature = "cuda")]
            ExecutionProvider::Cuda => Some(ep::CUDA::default().build()),
            #[cfg(feature = "tensorrt")]
            ExecutionProvider::TensorRt => Some(ep::TensorRT::default().build()),
            #[cfg(feature = "openvino")]
            ExecutionProvider::OpenVino => Some(ep::OpenVINO::default().build()),
            #[cfg(feature = "coreml")]
            ExecutionProvider::CoreMl => Some(ep::CoreML::default().build()),
            #[cfg(feature = "directml")]
            ExecutionProvider::DirectMl => Some(ep::DirectML::default().build()),
            #[allow(unreachable_patterns, reason = "depends on the features")]
            _ => None,
        };
        let Some(provider) = provider else {
            return Err(Error::from(Failure::BackendUnavailable {
                backend: "onnxruntime".into(),
                reason: format!(
                    "this build lacks the execution provider `{}`",
                    self.provider
                ),
                suggestion: format!("enable the Cargo feature `{}`", self.provider),
            }));
        };
        builder
            .with_execution_providers([provider.error_on_failure()])
            .map_err(|error| {
                Error::from(Failure::BackendUnavailable {
                    backend: "onnxruntime".into(),
                    reason: format!(
                        "the execution provider `{}` cannot be used: {}",
                        self.provider,
                        error.message()
                    ),
                    suggestion: "install an ONNX Runtime built with it and the drivers it needs"
                        .into(),
                })
            })
    }
}

impl Network for OnnxNetwork {
    fn signature(&self) -> &ModelSignature {
        &self.signature
    }

    fn prepare(&self, shape: &[Option<usize>]) -> Result<Box<dyn Model>> {
        // A dimension that is fixed when the session is made lets ONNX Runtime plan its memory once and fold away the
        // arithmetic on shapes.
        let dimensions = self
            .signature
            .inputs
            .first()
            .and_then(|input| input.dimensions.as_deref())
            .unwrap_or_default();
        let fixed: Vec<(&str, i64)> = dimensions
            .iter()
            .zip(shape)
            .filter_map(|(dimension, size)| match (dimension, size) {
                (Dimension::Symbol(name), Some(size)) if !name.is_empty() => {
                    Some((name.as_str(), i64::try_from(*size).ok()?))
                }
                _ => None,
            })
            .collect();
        let session = self.commit(|builder| {
            fixed.iter().try_fold(builder, |builder, (name, size)| {
                builder.with_dimension_override(name, *size)
            })
        })?;
        Ok(Box::new(OnnxModel {
            session,
            outputs: self.source.outputs.clone(),
            stage: self.source.stage,
        }))
    }
}

fn port_signature(outlet: &Outlet) -> PortSignature {
    let (element, dimensions) = match outlet.dtype() {
        ValueType::Tensor {
            ty,
            shape,
            dimension_symbols,
        } => {
            let element = match ty {
                TensorElementType::Float32 => Some(ElementType::F32),
                TensorElementType::Uint8 => Some(ElementType::U8),
                _ => None,
            };
            let dimension = |(index, size): (usize, &i64)| match usize::try_from(*size) {
                Ok(size) => Dimension::Fixed(size),
                Err(_) => {
                    Dimension::Symbol(dimension_symbols.get(index).cloned().unwrap_or_default())
                }
            };
            (
                element,
                Some(shape.iter().enumerate().map(dimension).collect()),
            )
        }
        _ => (None, None),
    };
    PortSignature {
        name: outlet.name().to_owned(),
        element,
        dimensions,
    }
}

struct OnnxModel {
    session: Session,
    outputs: Vec<String>,
    stage: &'static str,
}

impl Model for OnnxModel {
    fn run(&mut self, input: &mut Tensor, outputs: &mut Vec<Tensor>) -> Result<()> {
        let stage = self.stage;
        let failed = |reason: String| {
            Error::from(Failure::Inference {
                stage,
                reason,
                suggestion: "check that the network and its manifest belong together".into(),
            })
        };
        let refused = |error: ort::Error| {
            failed(format!(
                "ONNX Runtime could not run the network: {}",
                error.message()
            ))
        };
        let shape = input.shape();
        let values = match input.data() {
            TensorData::F32(data) => {
                let view = TensorRef::from_array_view((shape, data.as_slice())).map_err(refused)?;
                self.session.run(ort::inputs![view]).map_err(refused)?
            }
            TensorData::U8(data) => {
                let view = TensorRef::from_array_view((shape, data.as_slice())).map_err(refused)?;
                self.session.run(ort::inputs![view]).map_err(refused)?
            }
        };
        outputs.resize_with(self.outputs.len(), Tensor::default);
        for (slot, name) in outputs.iter_mut().zip(&self.outputs) {
            let value = values
                .get(name)
                .ok_or_else(|| failed(format!("the network gave no output `{name}`")))?;
            let (shape, data) = value.try_extract_tensor::<f32>().map_err(refused)?;
            let dimensions = shape.iter().map(|&size| usize::try_from(size).unwrap_or(0));
            slot.assign_f32(dimensions, data);
        }
        Ok(())
    }
}
