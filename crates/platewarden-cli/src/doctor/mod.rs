//! `platewarden doctor`: what this machine offers, what runs, and what would be faster.

mod ffmpeg;
mod libraries;
mod processor;
mod python;

use std::{
    env,
    io::{self, Write},
    thread,
};

use clap::Args;
use platewarden::{
    Backend, BackendInfo, Engine, Error,
    backend::{LibraryCandidate, find_onnxruntime_libraries},
};

use crate::{
    engine::EngineArguments,
    failure::{Outcome, OutputError, all_well, with_causes},
};

/// Say which backend runs the networks and why, what is missing, and what to type
#[derive(Args)]
#[command(after_help = "Exit status: 0 plates can be read, 1 they cannot, 2 wrong usage.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    engine: EngineArguments,
}

/// Looks at the machine and starts an engine.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let engine = Engine::with_options(arguments.engine.options());
    let libraries = find_onnxruntime_libraries();
    let mut out = io::stdout().lock();
    report(&mut out, &engine, &libraries).map_err(OutputError::from)?;
    Ok(all_well(engine.is_ok()))
}

fn report(
    out: &mut impl Write,
    engine: &Result<Engine, Error>,
    libraries: &[LibraryCandidate],
) -> io::Result<()> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    writeln!(
        out,
        "platewarden {} on {} {}, {processors} processors",
        env!("CARGO_PKG_VERSION"),
        env::consts::OS,
        env::consts::ARCH,
    )?;
    writeln!(out, "processor: {}", processor::features())?;
    writeln!(out, "ffmpeg: {}", ffmpeg::describe())?;
    let info = engine.as_ref().ok().and_then(Engine::backend);
    match engine {
        Ok(engine) => {
            let name = info.map_or_else(|| "unknown".to_owned(), BackendInfo::to_string);
            writeln!(out, "backend: {name}")?;
            if let Some(precision) = engine.precision() {
                writeln!(out, "networks: run in {precision}")?;
            }
        }
        Err(error) => writeln!(out, "backend: none; {}", with_causes(error))?,
    }
    libraries::write(out, libraries, info)?;
    if info.is_some_and(|info| info.backend == Backend::OnnxRuntime) {
        return writeln!(
            out,
            "Nothing is missing: this is the faster of the two backends."
        );
    }
    python::write_advice(out)
}
