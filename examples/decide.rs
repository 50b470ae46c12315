//! Decides searches: one JSON request a line on standard input, one JSON decision a line out.
//!
//! ```text
//! cargo run --release --example decide -- --explain < requests.jsonl
//! ```
//!
//! The order is kept. A line that is no request gives an error object in its place, and the run
//! goes on. Every line is written before the next one is read, so that it can serve a pipe.

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use platewarden_policy::Error;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{SearchRequest, parse_instant};
use platewarden_policy::packs::{PackSet, Unverified};

/// Decide searches of licence-plate reads: JSON lines in, JSON lines out.
#[derive(Debug, Parser)]
struct Options {
    /// Apply the law of this date or instant instead of each request's own `as_of`.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Use the packs of this folder instead of the bundled ones.
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Print decisions in words, for people.
    #[arg(long)]
    explain: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough.
        Err(Error::Stream { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
            eprintln!("decide: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    let as_of = options.as_of.as_deref().map(parse_instant).transpose()?;
    let packs = match &options.packs {
        Some(dir) => PackSet::from_dir(dir, Unverified::Allow)?,
        None => PackSet::bundled(Unverified::Allow)?,
    };
    eprintln!("decide: the packs are unverified engineering research, not legal advice");
    let policy = Policy::new(packs);
    let failed = |source| Error::Stream {
        action: "write to standard output",
        source,
    };
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut bytes = Vec::new();
    for number in 1_u64.. {
        bytes.clear();
        let length = input
            .read_until(b'\n', &mut bytes)
            .map_err(|source| Error::Stream {
                action: "read standard input",
                source,
            })?;
        if length == 0 {
            break;
        }
        let line = std::str::from_utf8(&bytes).map(str::trim);
        if line == Ok("") {
            continue;
        }
        let request = match line {
            Ok(line) => SearchRequest::from_json(line.trim_start_matches('\u{feff}'), as_of)
                .map_err(|e| e.to_string()),
            Err(error) => Err(format!("the line is not utf-8: {error}")),
        };
        let text = match request {
            Ok(request) => {
                let decision = policy.decide(&request);
                if options.explain {
                    decision.explain().to_string()
                } else {
                    serde_json::to_string(&decision)
                        .unwrap_or_else(|e| error_object(number, &e.to_string()))
                }
            }
            Err(error) => error_object(number, &error),
        };
        writeln!(output, "{text}")
            .and_then(|()| output.flush())
            .map_err(failed)?;
    }
    Ok(())
}

/// What stands in the place of a decision.
fn error_object(line: u64, error: &str) -> String {
    serde_json::json!({ "error": error, "line": line }).to_string()
}
