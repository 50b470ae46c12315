//! `platewarden classify`: what search reasons give away.

use std::{
    io::{self, BufRead, BufWriter, Write},
    process::ExitCode,
};

use clap::Args;
use platewarden_policy::classifier::{Classification, Classifier, Lexicon};
use serde::Serialize;

use crate::failure::{Outcome, OutputError};

/// Classify search reasons: one text a line in, one JSON object a line out
///
/// Each line out has the label, the grade, and the terms that fired. Words, not intent: a clean text proves nothing.
#[derive(Args)]
#[command(after_help = "\
Example:
  $ printf 'assist I.C.E. with locate\\nburglary\\n' | platewarden classify
  {\"text\":\"assist I.C.E. with locate\",\"label\":\"immigration\",\"grade\":\"high\",\"signals\":[...]}
  {\"text\":\"burglary\",\"label\":\"none\",\"grade\":\"none\",\"text_purpose\":\"property_or_fraud\",\"signals\":[]}")]
pub(crate) struct Arguments {
    /// Print the lexicon's version and SHA-256
    #[arg(short = 'V', long = "version")]
    version: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    text: &'a str,
    /// The category of the strictest signal, or `none`.
    label: &'a str,
    /// `high`, `medium`, `low` or `none`.
    grade: &'a str,
    #[serde(flatten)]
    found: &'a Classification,
}

/// Classifies every line of standard input.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut output = BufWriter::new(io::stdout().lock());
    if arguments.version {
        let lexicon = Lexicon::bundled()?;
        writeln!(
            output,
            "lexicon {} sha256 {}",
            lexicon.version(),
            lexicon.sha256()
        )
        .and_then(|()| output.flush())
        .map_err(OutputError::from)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut input = io::stdin().lock();
    let mut classifier = Classifier::new();
    let mut bytes = Vec::new();
    while input
        .read_until(b'\n', &mut bytes)
        .map_err(|error| format!("cannot read standard input: {error}"))?
        > 0
    {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let found = classifier.classify_cached(text);
        let label = found
            .category()
            .map_or("none", |category| category.as_str());
        let grade = found.overall().map_or("none", |grade| grade.as_str());
        let line = Line {
            text,
            label,
            grade,
            found,
        };
        serde_json::to_writer(&mut output, &line).map_err(OutputError::from)?;
        output.write_all(b"\n").map_err(OutputError::from)?;
        bytes.clear();
    }
    output.flush().map_err(OutputError::from)?;
    Ok(ExitCode::SUCCESS)
}
