//! The trained networks of Platewarden with their manifest.
//!
//! The crate holds data and no code worth the name: `platewarden` includes it with its feature `bundled-models`, so that a
//! program finds and reads plates without any file beside it. What the networks were trained on, what they score and where
//! they are weak stands in `MODEL_CARD.md`; `train/` is the recipe.
//!
//! ```
//! assert!(platewarden_models::MANIFEST.contains("[detector]"));
//! assert!(platewarden_models::file("detector.onnx").is_some());
//! assert!(platewarden_models::file("states/states.onnx").is_some());
//! ```

/// The manifest that names the networks and says how to run them: TOML, read by `platewarden::Manifest`.
pub const MANIFEST: &str = include_str!("../manifest.toml");

/// The bytes of a file that [`MANIFEST`] names; `None` for any other name.
#[must_use]
pub fn file(name: &str) -> Option<&'static [u8]> {
    match name {
        "detector.onnx" => Some(include_bytes!("../detector.onnx")),
        "detector-int8.onnx" => Some(include_bytes!("../detector-int8.onnx")),
        "recognizer.onnx" => Some(include_bytes!("../recognizer.onnx")),
        "recognizer-int8.onnx" => Some(include_bytes!("../recognizer-int8.onnx")),
        _ => platewarden_models_states::file(name.strip_prefix("states/")?),
    }
}
