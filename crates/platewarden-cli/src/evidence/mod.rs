//! `platewarden evidence`: the agency's side of footage that residents volunteer.

mod certify;
mod keys;
mod open;
mod publish;

use std::path::Path;

use clap::{Args, Subcommand};
use platewarden_footage::Trust;

use crate::failure::{AnyError, Outcome, about};

/// Ask residents for footage, and open what they volunteer
///
/// A verifier certifies agencies and revokes them. An agency signs requests with its own key and opens packages with the key of its
/// evidence account. Residents answer with `platewarden respond`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden evidence keys keys
  platewarden evidence certify agency.json --verified-by onboarding-2 --account evidence-17 \\
      --verifier keys/verifier.key --agency-key keys/agency.pub --trust trust.json --out certificate.json
  platewarden evidence publish form.json --plate WE2907R --certificate certificate.json --key keys/agency.key \\
      --evidence-key keys/evidence.pub --officer det-4 --moderator mod-1 --out request.json
  platewarden evidence open inbox/*.pwseal --key keys/evidence.key --out opened

docs/footage.md is the guide.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Keys(keys::Arguments),
    Certify(certify::Arguments),
    Revoke(certify::RevokeArguments),
    Publish(publish::Arguments),
    Log(publish::LogArguments),
    Open(open::Arguments),
}

/// Does what the subcommand says.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    match &arguments.action {
        Action::Keys(arguments) => keys::run(arguments),
        Action::Certify(arguments) => certify::run(arguments),
        Action::Revoke(arguments) => certify::revoke(arguments),
        Action::Publish(arguments) => publish::run(arguments),
        Action::Log(arguments) => publish::log(arguments),
        Action::Open(arguments) => open::run(arguments),
    }
}

pub(crate) fn read(path: &Path) -> Result<String, AnyError> {
    std::fs::read_to_string(path).map_err(about("read", path))
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, AnyError> {
    serde_json::from_str(&read(path)?).map_err(about("read", path))
}

fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), AnyError> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    std::fs::write(path, text).map_err(about("write", path))
}

pub(crate) fn read_trust(path: &Path) -> Result<Trust, AnyError> {
    read_json(path)
}
