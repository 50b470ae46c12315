//! The engine that several subcommands run.

use std::path::PathBuf;

use clap::Args;
use platewarden::{Backend, EngineOptions, Precision};

/// Which networks run, and on what.
#[derive(Args)]
pub(crate) struct EngineArguments {
    /// Manifest of the networks to run, instead of those that come with platewarden
    #[arg(long, alias = "manifest", value_name = "MANIFEST")]
    model: Option<PathBuf>,
    /// Library that runs the networks: auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
    /// Arithmetic of the networks: fp32, int8 or auto, what is fast on this machine; name one where results of several machines or
    /// runs must agree to the last digit
    #[arg(long, default_value = "auto")]
    precision: Precision,
}

impl EngineArguments {
    /// Default options with what the arguments say.
    pub(crate) fn options(&self) -> EngineOptions {
        let options = EngineOptions::default()
            .with_backend(self.backend)
            .with_precision(self.precision);
        match &self.model {
            Some(manifest) => options.with_models(manifest),
            None => options,
        }
    }
}
