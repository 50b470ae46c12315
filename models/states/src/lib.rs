//! The network of Platewarden that tells American states apart, as data.
//!
//! A crate of its own because a registry takes crates of up to 10 MB; `platewarden-models` hands its files out beside the other
//! networks', and the manifest and the model card are there.
//!
//! ```
//! assert!(platewarden_models_states::file("states.onnx").is_some());
//! ```

/// The bytes of a file of this network; `None` for any other name.
#[must_use]
pub fn file(name: &str) -> Option<&'static [u8]> {
    match name {
        "states.onnx" => Some(include_bytes!("../states.onnx")),
        "states-int8.onnx" => Some(include_bytes!("../states-int8.onnx")),
        _ => None,
    }
}
