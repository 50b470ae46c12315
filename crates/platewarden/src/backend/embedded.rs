//! The embedded backend: networks run by the pure-Rust `rten`, one thread each.
//!
//! `rten` runs a network inside a rayon pool of its own. Called from a worker of another rayon pool, that would make
//! the worker wait by stealing work, which here is the next frame: it would start on top of the frame that waits, and
//! so on, each with buffers of its own. So every prepared network has a thread that lives inside its pool and is fed
//! through a channel; a worker that waits on a channel steals nothing.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use rten::{
    DataType, Dimension as RtenDimension, ModelOptions, NodeId, RunOptions, ThreadPool, ValueType,
    ValueView,
};

use super::{
    Dimension, ElementType, Model, ModelBytes, ModelSignature, ModelSource, Network, PortSignature,
    Tensor, TensorData,
};
use crate::error::Failure;
use crate::{Error, Result};

/// What the channels carry: the input with the buffer for the outputs, there and back.
type Work = (Tensor, Vec<Tensor>);
type Done = (Tensor, Vec<Tensor>, Result<()>);

/// A network and what is needed to run it, shared by all its workers.
struct Graph {
    model: rten::Model,
    input: NodeId,
    outputs: Vec<NodeId>,
    stage: &'static str,
}

/// A network loaded by the embedded backend.
pub(super) struct EmbeddedNetwork {
    graph: Arc<Graph>,
    signature: ModelSignature,
}

impl EmbeddedNetwork {
    pub(super) fn load(source: ModelSource) -> Result<Self> {
        let failed = |reason: String, suggestion: &str| {
            Error::from(Failure::ModelLoad {
                path: source.path.clone(),
                reason,
                suggestion: suggestion.into(),
            })
        };
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let loaded = match &source.bytes {
            ModelBytes::Static(bytes) => options.load_static_slice(bytes),
            ModelBytes::Shared(bytes) => options.load(bytes.to_vec()),
        };
        let model = loaded.map_err(|error| {
            failed(
                format!("the embedded backend found no network it can run: {error}"),
                "give a whole .onnx file, or install ONNX Runtime (`pip install onnxruntime`) for operators it lacks",
            )
        })?;
        let port = |id: NodeId| port_signature(&model, id);
        let signature = ModelSignature {
            inputs: model.input_ids().iter().copied().map(port).collect(),
            outputs: model.output_ids().iter().copied().map(port).collect(),
        };
        let &[input] = model.input_ids() else {
            return Err(failed(
                format!(
                    "it has {} inputs, and one was expected",
                    model.input_ids().len()
                ),
                "export the network with the image as its only input",
            ));
        };
        let outputs = if source.outputs.is_empty() {
            model.output_ids().to_vec()
        } else {
            let find = |name: &String| {
                model.find_node(name).ok_or_else(|| {
                    failed(
                        format!("it has no output `{name}`"),
                        "correct the name of the output in the manifest",
                    )
                })
            };
            source.outputs.iter().map(find).collect::<Result<_>>()?
        };
        Ok(Self {
            graph: Arc::new(Graph {
                model,
                input,
                outputs,
                stage: source.stage,
            }),
            signature,
        })
    }
}

fn port_signature(model: &rten::Model, id: NodeId) -> PortSignature {
    let info = model.node_info(id);
    let element = match info.as_ref().and_then(rten::NodeInfo::dtype) {
        Some(ValueType::Tensor(DataType::Float)) => Some(ElementType::F32),
        Some(ValueType::Tensor(DataType::UInt8)) => Some(ElementType::U8),
        _ => None,
    };
    let dimensions = info.as_ref().and_then(rten::NodeInfo::shape).map(|shape| {
        let dimension = |dimension: RtenDimension| match dimension {
            RtenDimension::Fixed(size) => Dimension::Fixed(size),
            RtenDimension::Symbolic(name) => Dimension::Symbol(name),
        };
        shape.into_iter().map(dimension).collect()
    });
    PortSignature {
        name: info
            .and_then(|info| info.name().map(str::to_owned))
            .unwrap_or_default(),
        element,
        dimensions,
    }
}

impl Network for EmbeddedNetwork {
    fn signature(&self) -> &ModelSignature {
        &self.signature
    }

    fn prepare(&self, _: &[Option<usize>]) -> Result<Box<dyn Model>> {
        Ok(Box::new(EmbeddedModel::start(Arc::clone(&self.graph))?))
    }
}

/// The caller's end of a thread that runs the network.
struct EmbeddedModel {
    work: SyncSender<Work>,
    done: Receiver<Done>,
}

impl EmbeddedModel {
    fn start(graph: Arc<Graph>) -> Result<Self> {
        let (work, incoming) = sync_channel::<Work>(1);
        let (outgoing, done) = sync_channel::<Done>(1);
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        thread::Builder::new()
            .name(format!("platewarden-{}", graph.stage))
            .spawn(move || {
                let inside = Arc::clone(&pool);
                // Ends when the caller's ends of the channels are dropped.
                pool.run(move || {
                    while let Ok((input, mut outputs)) = incoming.recv() {
                        let result = graph.run(&input, &mut outputs, &inside);
                        if outgoing.send((input, outputs, result)).is_err() {
                            break;
                        }
                    }
                });
            })
            .map_err(|error| {
                Error::from(Failure::Threads {
                    reason: error.to_string(),
                })
            })?;
        Ok(Self { work, done })
    }
}

impl Model for EmbeddedModel {
    fn run(&mut self, input: &mut Tensor, outputs: &mut Vec<Tensor>) -> Result<()> {
        let ended = || {
            Error::from(Failure::Panicked {
                reason: "the thread that runs a network has ended".into(),
            })
        };
        self.work
            .send((std::mem::take(input), std::mem::take(outputs)))
            .map_err(|_| ended())?;
        let (returned, filled, result) = self.done.recv().map_err(|_| ended())?;
        *input = returned;
        *outputs = filled;
        result
    }
}

impl Graph {
    fn run(&self, input: &Tensor, outputs: &mut Vec<Tensor>, pool: &Arc<ThreadPool>) -> Result<()> {
        let failed = |reason: String| {
            Error::from(Failure::Inference {
                stage: self.stage,
                reason,
                suggestion: "check that the network and its manifest belong together".into(),
            })
        };
        let view = match input.data() {
            TensorData::F32(data) => ValueView::from_shape(input.shape(), data.as_slice())
                .map_err(|e| failed(e.to_string()))?,
            TensorData::U8(data) => ValueView::from_shape(input.shape(), data.as_slice())
                .map_err(|e| failed(e.to_string()))?,
        };
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
        let values = self
            .model
            .run(
                vec![(self.input, view.into())],
                &self.outputs,
                Some(options),
            )
            .map_err(|error| {
                failed(format!(
                    "the embedded backend could not run the network: {error}"
                ))
            })?;
        outputs.resize_with(values.len(), Tensor::default);
        for (slot, value) in outputs.iter_mut().zip(values) {
            let tensor = value
                .into_tensor::<f32>()
                .ok_or_else(|| failed("an output is not of 32-bit floating point".into()))?;
            let shape = rten_tensor::Layout::shape(&tensor).to_vec();
            *slot = Tensor::from_f32(&shape, tensor.into_data())
                .ok_or_else(|| failed("an output does not fill its shape".into()))?;
        }
        Ok(())
    }
}
