//! The program `platewarden`: one subcommand a module.
//!
//! A new one is a module with `Arguments` and `run`, a variant of [`command::Command`] and an arm of its `run`.

mod command;
mod completions;
mod engine;
mod failure;
#[cfg(feature = "video")]
mod interrupt;
mod logging;
mod picture;

#[cfg(feature = "law")]
mod audit;
#[cfg(feature = "law")]
mod classify;
#[cfg(feature = "law")]
mod decide;
mod doctor;
mod evaluate;
#[cfg(feature = "footage")]
mod evidence;
mod labels;
mod read;
#[cfg(feature = "video")]
mod redact;
#[cfg(feature = "law")]
mod request;
#[cfg(feature = "footage")]
mod respond;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "law")]
mod time;
#[cfg(feature = "video")]
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::{command::Command, logging::LogArguments};

/// Read licence plates on an ordinary processor, and decide who may search the reads.
///
/// Log lines go to standard error; RUST_LOG chooses them more finely than -v and -q, as in RUST_LOG=platewarden=debug.
#[derive(Parser)]
#[command(name = "platewarden", version, max_term_width = 100)]
#[command(after_help = "`platewarden COMMAND --help` says what a command does and how it ends.")]
struct Program {
    #[command(flatten)]
    log: LogArguments,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let program = Program::parse();
    program.log.install();
    program
        .command
        .run()
        .unwrap_or_else(|error| failure::report(&*error))
}
