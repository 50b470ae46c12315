//! Classifies search reasons: one text a line on standard input, one JSON object a line on standard output.
//!
//! ```console
//! $ printf 'assist I.C.E. with locate\nburglary\n' | cargo run --release --example classify
//! {"text":"assist I.C.E. with locate","label":"immigration","grade":"high","signals":[...]}
//! {"text":"burglary","label":"none","grade":"none","text_purpose":"property_or_fraud","signals":[]}
//! ```

use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use platewarden_policy::classifier::{Classification, Classifier, Lexicon};
use serde::Serialize;

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

const USAGE: &str = "usage: classify [--version] < REASONS > JSONL

One reason a line on standard input, one JSON object a line on standard output: label, grade, and the terms that fired.
Words, not intent: a clean text proves nothing.

  -V, --version  the lexicon's version and SHA-256
  -h, --help     this text";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        // Whoever reads the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("classify: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<ExitCode> {
    if std::env::args().any(|arg| arg == "--help" || arg == "-h") {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    if std::env::args().any(|arg| arg == "--version" || arg == "-V") {
        if let Ok(lexicon) = Lexicon::bundled() {
            println!("lexicon {} sha256 {}", lexicon.version(), lexicon.sha256());
        }
        return Ok(ExitCode::SUCCESS);
    }
    if std::env::args().len() > 1 {
        eprintln!("{USAGE}");
        return Ok(ExitCode::from(2));
    }
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut classifier = Classifier::new();
    let mut bytes = Vec::new();
    while input.read_until(b'\n', &mut bytes)? > 0 {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let found = classifier.classify_cached(text);
        let label = found
            .category()
            .map_or("none", |category| category.as_str());
        let grade = found.overall().map_or("none", |grade| grade.as_str());
        serde_json::to_writer(
            &mut output,
            &Line {
                text,
                label,
                grade,
                found,
            },
        )?;
        output.write_all(b"\n")?;
        bytes.clear();
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}
