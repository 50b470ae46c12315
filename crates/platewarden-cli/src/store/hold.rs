//! `platewarden store hold`: reads kept longer, for a case and under another person's approval.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use platewarden_policy::model::HoldKind;
use platewarden_store::{HoldOrder, RowRef};

use super::{person::Person, place::Place};
use crate::{failure::Outcome, time::instant};

/// Keep reads longer for a case
///
/// The named reads are copied under a key of their own; the unit that they come from still goes on time. Ending a hold
/// destroys its key.
#[derive(Subcommand)]
#[allow(
    clippy::large_enum_variant,
    reason = "made once, from the command line"
)]
pub(super) enum Action {
    Add(AddArguments),
    List(ListArguments),
    End(EndArguments),
}

/// Place a hold on reads
#[derive(Args)]
pub(super) struct AddArguments {
    #[command(flatten)]
    place: Place,
    /// The reads, by the references that `search` prints
    #[arg(required = true, value_name = "REFERENCE")]
    reads: Vec<String>,
    /// The dataset that the person's agency owns, where no agency is named
    #[arg(long, value_name = "NAME")]
    dataset: String,
    #[command(flatten)]
    person: Person,
    /// Another verified person of the same agency, who approves
    #[arg(long, value_name = "ID")]
    approver: String,
    /// Why the law lets them be kept: ongoing_investigation, felony_evidence, prosecution, court_order ...
    #[arg(long, value_name = "KIND")]
    kind: HoldKind,
    /// The case
    #[arg(long, value_name = "NUMBER")]
    case: String,
    /// The order, statute or policy that asks for it
    #[arg(long, value_name = "TEXT")]
    authority: String,
    /// When the hold ends by itself: an instant, or as in `60 days`
    #[arg(long, value_name = "TIME")]
    expires: String,
    /// When somebody has to look whether it is still needed; not after its end
    #[arg(long, value_name = "TIME")]
    review: String,
}

/// List the holds
#[derive(Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    place: Place,
    /// Print JSON lines
    #[arg(long)]
    json: bool,
}

/// End a hold: its key is destroyed, and the copies with it
#[derive(Args)]
pub(super) struct EndArguments {
    #[command(flatten)]
    place: Place,
    /// The hold
    #[arg(value_name = "ID")]
    hold: String,
}

/// Does what the subcommand says.
pub(super) fn run(action: &Action) -> Outcome {
    match action {
        Action::Add(arguments) => add(arguments),
        Action::List(arguments) => list(arguments),
        Action::End(arguments) => {
            let store = arguments.place.open()?;
            store.end_hold(&arguments.hold)?;
            println!("{} ended, its key destroyed", arguments.hold);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn add(arguments: &AddArguments) -> Outcome {
    let store = arguments.place.open()?;
    let requester = arguments.person.actor(&store, &arguments.dataset)?;
    let order = HoldOrder {
        kind: arguments.kind,
        case: arguments.case.clone(),
        authority: arguments.authority.clone(),
        approver: arguments.person.colleague(&requester, &arguments.approver),
        requester,
        expires: instant("--expires", &arguments.expires)?,
        review: instant("--review", &arguments.review)?,
    };
    let reads: Vec<RowRef> = arguments.reads.iter().map(RowRef::from_text).collect();
    println!("{}", store.place_hold(&order, &reads)?);
    Ok(ExitCode::SUCCESS)
}

fn list(arguments: &ListArguments) -> Outcome {
    for hold in arguments.place.open()?.holds()? {
        if arguments.json {
            println!("{}", serde_json::to_string(&hold)?);
        } else {
            println!("{hold}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
