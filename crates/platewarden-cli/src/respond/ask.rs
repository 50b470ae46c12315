//! The one question.

use std::io::{self, BufRead, Write};

/// Asks on standard output, and takes `yes` in full for a yes; an end of the input is a no.
pub(super) fn is_yes(question: &str) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    write!(
        out,
        "{question} Type `yes` to agree, anything else to decline: "
    )?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    writeln!(out)?;
    Ok(answer.trim() == "yes")
}
