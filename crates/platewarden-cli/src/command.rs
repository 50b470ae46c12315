//! The subcommands.

use clap::Subcommand;

#[cfg(feature = "store")]
use crate::store;
#[cfg(feature = "law")]
use crate::{audit, classify, decide, request};
use crate::{completions, doctor, evaluate, failure::Outcome, read};
#[cfg(feature = "footage")]
use crate::{evidence, respond};
#[cfg(feature = "video")]
use crate::{redact, watch};

/// What the program is asked to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Read(read::Arguments),
    #[cfg(feature = "video")]
    Watch(watch::Arguments),
    #[cfg(feature = "video")]
    Redact(redact::Arguments),
    #[cfg(feature = "law")]
    Decide(decide::Arguments),
    #[cfg(feature = "law")]
    Classify(classify::Arguments),
    #[cfg(feature = "law")]
    Audit(audit::Arguments),
    #[cfg(feature = "law")]
    Request(request::Arguments),
    #[cfg(feature = "store")]
    Store(store::Arguments),
    #[cfg(feature = "footage")]
    Respond(respond::Arguments),
    #[cfg(feature = "footage")]
    Evidence(evidence::Arguments),
    Evaluate(evaluate::Arguments),
    Doctor(doctor::Arguments),
    Completions(completions::CompletionArguments),
    Man(completions::ManArguments),
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::Read(arguments) => read::run(arguments),
            #[cfg(feature = "video")]
            Self::Watch(arguments) => watch::run(arguments),
            #[cfg(feature = "video")]
            Self::Redact(arguments) => redact::run(arguments),
            #[cfg(feature = "law")]
            Self::Decide(arguments) => decide::run(arguments),
            #[cfg(feature = "law")]
            Self::Classify(arguments) => classify::run(arguments),
            #[cfg(feature = "law")]
            Self::Audit(arguments) => audit::run(arguments),
            #[cfg(feature = "law")]
            Self::Request(arguments) => request::run(arguments),
            #[cfg(feature = "store")]
            Self::Store(arguments) => store::run(arguments),
            #[cfg(feature = "footage")]
            Self::Respond(arguments) => respond::run(arguments),
            #[cfg(feature = "footage")]
            Self::Evidence(arguments) => evidence::run(arguments),
            Self::Evaluate(arguments) => evaluate::run(arguments),
            Self::Doctor(arguments) => doctor::run(arguments),
            Self::Completions(arguments) => completions::completions(arguments),
            Self::Man(arguments) => completions::man(arguments),
        }
    }
}
