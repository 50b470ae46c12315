//! Table after table: one bad one is named, and the others go on.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use platewarden_audit::{
    Error, ErrorKind,
    export::{Content, Opened, Position},
    retro::{AuditOptions, AuditReport, Auditor, FolderSink},
    sharing::{SharingAudit, SharingOptions, SharingReport},
};
use platewarden_policy::engine::Policy;

use crate::failure::{AnyError, with_causes};

/// What came out.
pub(super) struct Done {
    /// Of logs of searches and event logs, if there were any.
    pub(super) report: Option<AuditReport>,
    /// Of sharing lists, if there were any.
    pub(super) sharing: Option<SharingReport>,
    /// Tables that could not be read, or not to their end.
    pub(super) failed: usize,
}

/// Audits all tables and writes the reports.
pub(super) fn audit(
    policy: &Policy,
    options: AuditOptions,
    sharing: SharingOptions,
    mut opened: Vec<Opened>,
    out: &Path,
) -> Result<Done, AnyError> {
    if opened.iter().all(|table| table.content.is_err()) {
        return Err(none_readable(&mut opened));
    }
    let any = |test: fn(&Content) -> bool| {
        opened
            .iter()
            .any(|table| table.content.as_ref().is_ok_and(test))
    };
    let logs = any(|content| !matches!(content, Content::Sharing(_)));
    let lists = any(|content| matches!(content, Content::Sharing(_)));
    let mut run = Run {
        auditor: Auditor::new(policy, options)?,
        sink: logs.then(|| FolderSink::create(out)).transpose()?,
        // A registry that lacks the dataset is an error for lists alone.
        sharing: lists
            .then(|| SharingAudit::new(policy, sharing))
            .transpose()?,
        progress: Progress::new(&opened)?,
        failed: 0,
    };
    for table in opened {
        run.table(table)?;
    }
    run.progress.bar.finish_and_clear();
    let report = run.auditor.finish();
    let report = match run.sink {
        Some(sink) => {
            sink.finish(&report)?;
            Some(report)
        }
        None => None,
    };
    let sharing = run.sharing.map(SharingAudit::finish);
    if let Some(report) = &sharing {
        report.write(out)?;
    }
    Ok(Done {
        report,
        sharing,
        failed: run.failed,
    })
}

/// All of them named; the first error stands for the command.
fn none_readable(opened: &mut Vec<Opened>) -> AnyError {
    let lines: Vec<String> = opened
        .drain(..)
        .filter_map(|table| {
            let error = table.content.err()?;
            Some(format!("{}: {}", table.name, with_causes(&error)))
        })
        .collect();
    lines.join("\n").into()
}

struct Run<'p> {
    auditor: Auditor<'p>,
    sink: Option<FolderSink>,
    sharing: Option<SharingAudit<'p>>,
    progress: Progress,
    failed: usize,
}

impl Run<'_> {
    fn table(&mut self, table: Opened) -> Result<(), AnyError> {
        let name = table.name;
        let read = match (table.content, &mut self.sink, &mut self.sharing) {
            (Err(error), ..) => {
                self.auditor.skip(&name, &error);
                Err(error)
            }
            (Ok(Content::Searches(reader)), Some(sink), _) => {
                let progress = &self.progress;
                self.auditor
                    .read(&name, reader, sink, |position| progress.at(position))
            }
            (Ok(Content::Events(events)), Some(sink), _) => {
                self.auditor.read_events(&name, events, sink)
            }
            (Ok(Content::Sharing(list)), _, Some(sharing)) => sharing.read(&name, list),
            // What a table needs was made as soon as one table needed it.
            (Ok(_), ..) => Ok(()),
        };
        self.progress.bytes += table.bytes;
        match read {
            Ok(()) => Ok(()),
            Err(error) if is_of_the_file(&error) => {
                self.failed += 1;
                let text = with_causes(&error);
                self.progress
                    .bar
                    .suspend(|| eprintln!("error: {name}: {text}"));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether an error is the table's own, so that the others can go on.
fn is_of_the_file(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Input | ErrorKind::Format)
}

/// How far the reading has come.
struct Progress {
    bar: ProgressBar,
    bytes: u64,
}

impl Progress {
    fn new(opened: &[Opened]) -> Result<Self, AnyError> {
        let style =
            ProgressStyle::with_template("{bar:32} {percent:>3} % {msg} {elapsed}, {eta} left")?;
        let bytes = opened.iter().map(|table| table.bytes).sum();
        Ok(Self {
            bar: ProgressBar::new(bytes).with_style(style),
            bytes: 0,
        })
    }

    fn at(&self, position: Position) {
        self.bar.set_position(self.bytes + position.bytes);
        self.bar.set_message(format!("{} rows", position.rows));
    }
}
