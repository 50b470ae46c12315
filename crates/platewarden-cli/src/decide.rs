//! `platewarden decide`: JSON requests in, JSON decisions out.

use std::{
    io::{self, BufRead, Write},
    path::PathBuf,
    process::ExitCode,
    str::Utf8Error,
};

use clap::Args;
use jiff::Timestamp;
use platewarden_policy::{
    engine::Policy,
    model::{SearchRequest, parse_instant},
    packs::{PackSet, Unverified},
};

use crate::failure::{Outcome, OutputError};

/// Decide searches of licence-plate reads: JSON lines in, JSON lines out
///
/// One JSON request a line on standard input, one JSON decision a line out. The order is kept. A line that is no request
/// gives an error object in its place, and the run goes on. Every line is written before the next one is read, so that
/// it can serve a pipe.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden decide --explain < requests.jsonl
  platewarden decide --as-of 2025-06-30 < requests.jsonl > decisions.jsonl")]
pub(crate) struct Arguments {
    /// Apply the law of this date or instant instead of each request's own `as_of`
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Use the packs of this folder instead of the bundled ones
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Print decisions in words, for people
    #[arg(long)]
    explain: bool,
}

/// Decides every line of standard input.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let as_of = arguments.as_of.as_deref().map(parse_instant).transpose()?;
    let packs = match &arguments.packs {
        Some(folder) => PackSet::from_dir(folder, Unverified::Allow)?,
        None => PackSet::bundled(Unverified::Allow)?,
    };
    log::warn!("{UNVERIFIED}");
    let policy = Policy::new(packs);
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut bytes = Vec::new();
    for number in 1_u64.. {
        bytes.clear();
        let length = input
            .read_until(b'\n', &mut bytes)
            .map_err(|error| format!("cannot read standard input: {error}"))?;
        if length == 0 {
            break;
        }
        let line = std::str::from_utf8(&bytes).map(str::trim);
        if line == Ok("") {
            continue;
        }
        let text = match request(line, as_of) {
            Ok(request) => {
                let decision = policy.decide(&request);
                if arguments.explain {
                    decision.explain().to_string()
                } else {
                    serde_json::to_string(&decision)?
                }
            }
            Err(error) => serde_json::json!({ "error": error, "line": number }).to_string(),
        };
        writeln!(output, "{text}")
            .and_then(|()| output.flush())
            .map_err(OutputError::from)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Said wherever the bundled packs decide.
pub(crate) const UNVERIFIED: &str =
    "the rule packs are unverified engineering research: check each citation";

fn request(
    line: Result<&str, Utf8Error>,
    as_of: Option<Timestamp>,
) -> Result<SearchRequest, String> {
    let line = line.map_err(|error| format!("the line is not utf-8: {error}"))?;
    SearchRequest::from_json(line.trim_start_matches('\u{feff}'), as_of)
        .map_err(|error| error.to_string())
}
