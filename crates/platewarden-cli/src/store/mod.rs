//! `platewarden store`: reads at rest, searched only through the law.

mod hold;
mod import;
mod init;
mod person;
pub(crate) mod place;
mod report;
mod search;

use clap::{Args, Subcommand};

use crate::failure::Outcome;

/// Keep reads sealed, search them only through the law, forget them on time
///
/// A store is a folder with sealed reads and a trail of everything that was done with them. The keys lie beside it, not in
/// it: whoever copies the folder alone can open nothing. Every search is decided by the rule packs first, recorded whatever
/// comes of it, and answered only if it is permitted.
#[derive(Args)]
#[command(after_help = "\
Ends with 0 where all went well, 1 where something failed, 2 for wrong usage, 3 where the law, the owner's policy or a gate
refuses.

Examples:
  platewarden store init plates --dataset springfield --owner springfield-pd --in US-IL
  platewarden store import plates passes.jsonl --dataset springfield --camera elm-4th --start '1 hour ago'
  platewarden store search plates --user officer-7 --verified --plate 42TKF7 --purpose stolen_vehicle --case 26-001234
  platewarden store sweep plates
  platewarden store verify plates

docs/store.md is the guide.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
#[allow(
    clippy::large_enum_variant,
    reason = "made once, from the command line"
)]
enum Action {
    Init(init::Arguments),
    Import(import::Arguments),
    Search(search::Arguments),
    Sweep(report::SweepArguments),
    #[command(subcommand)]
    Hold(hold::Action),
    Receipts(report::ReceiptsArguments),
    Verify(report::VerifyArguments),
    Stats(report::StatsArguments),
}

/// Does what the subcommand says.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    match &arguments.action {
        Action::Init(arguments) => init::run(arguments),
        Action::Import(arguments) => import::run(arguments),
        Action::Search(arguments) => search::run(arguments),
        Action::Sweep(arguments) => report::sweep(arguments),
        Action::Hold(action) => hold::run(action),
        Action::Receipts(arguments) => report::receipts(arguments),
        Action::Verify(arguments) => report::verify(arguments),
        Action::Stats(arguments) => report::stats(arguments),
    }
}
