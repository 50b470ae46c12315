//! The one question.

use std::{
    io::{self, BufRead, Write},
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use crate::interrupt;

/// How soon a signal is noticed.
const PATIENCE: Duration = Duration::from_millis(100);

/// Asks on standard output, and takes `yes` in full for a yes; an end of the input and a signal are a no.
pub(super) fn is_yes(question: &str) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    write!(
        out,
        "{question} Type `yes` to agree, anything else to decline: "
    )?;
    out.flush()?;
    // A signal does not end a read from the terminal: it is waited for beside it.
    let (answers, answered) = mpsc::channel();
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        // Nobody waits any more where a signal came first.
        let _ = answers.send(read.map(|_| answer));
    });
    let answer = loop {
        match answered.recv_timeout(PATIENCE) {
            Ok(answer) => break answer?,
            Err(RecvTimeoutError::Timeout) if !interrupt::is_raised() => {}
            Err(_) => break String::new(),
        }
    };
    writeln!(out)?;
    Ok(answer.trim() == "yes")
}
