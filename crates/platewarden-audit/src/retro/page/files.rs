//! The files, what they lack, and what could not be read.

use maud::{Markup, html};

use crate::html::{grouped, text};

use super::super::report::{AuditReport, FileRow};
use super::Days;

/// Facts that the record lacks, and facts that no log shows.
pub(super) fn missing(report: &AuditReport) -> Markup {
    html! {
        @if !report.missing.is_empty() {
            section id="missing" {
                h2 { "What the record does not show" }
                p {
                    "Searches with no other finding whose outcome depends on these facts. Ask the agencies for them before "
                    "drawing conclusions."
                }
                (facts(report.missing.iter().map(|f| (f.fact.as_str(), f.searches))))
            }
        }
        @if !report.presumed.is_empty() {
            section id="presumed" {
                h2 { "What no log shows" }
                p {
                    "Nothing was filled in for these: where a search has no finding, its outcome still depends on them."
                }
                (facts(report.presumed.iter().map(|f| (f.fact.as_str(), f.searches))))
            }
        }
    }
}

fn facts<'a>(rows: impl Iterator<Item = (&'a str, u64)>) -> Markup {
    html! {
        div class="scroll" {
            table class="narrow" {
                thead { tr { th { "Fact" } th class="n" { "Searches" } } }
                tbody {
                    @for (fact, searches) in rows { tr { td { (text(fact)) } td class="n" { (grouped(searches)) } } }
                }
            }
        }
    }
}

/// Changes of who may search.
pub(super) fn changes(report: &AuditReport) -> Markup {
    if report.sharing_changes.is_empty() {
        return html! {};
    }
    let days = Days::of(report);
    html! {
        section id="changes" {
            h2 { "Changes of who may search" }
            div class="scroll tall" {
                table {
                    thead { tr { th { "When" } th { "Event" } th { "Agency" } th { "Place" } th { "Row" } } }
                    tbody {
                        @for change in &report.sharing_changes {
                            tr {
                                td class="nw" { @if let Some(time) = change.time { (days.moment(time)) } @else { "unknown" } }
                                td { (text(&change.event)) }
                                td { (text(&change.agency)) }
                                td { (change.home.as_deref().unwrap_or("unknown")) }
                                td class="small" { (text(&change.file)) " line " (change.line) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn section(report: &AuditReport) -> Markup {
    html! {
        section id="files" {
            h2 { "Files and rows that could not be read" }
            div class="scroll" {
                table {
                    thead {
                        tr {
                            th { "File" }
                            @for title in ["Rows", "Not read", "Repeated", "Odd width", "Times without a zone", "Login of another"] {
                                th class="n" { (title) }
                            }
                            th { "Columns" }
                        }
                    }
                    tbody { @for file in &report.files { (row(file)) } }
                }
            }
            (unparsed(report))
        }
    }
}

fn row(file: &FileRow) -> Markup {
    let counts = [
        file.rows,
        file.unparsed,
        file.duplicates,
        file.ragged,
        file.naive_times,
        file.other_logins,
    ];
    let mut notes = Vec::new();
    if let Some(problem) = &file.problem {
        notes.push(format!("could not be read: {problem}"));
    } else if file.missing_columns.is_empty() {
        notes.push("lacks none".to_owned());
    } else {
        notes.push(format!("lacks {}", file.missing_columns.join(", ")));
    }
    if !file.joined_columns.is_empty() {
        notes.push(format!("read as one: {}", file.joined_columns.join("; ")));
    }
    if !file.ignored_columns.is_empty() {
        notes.push(format!("ignored: {}", file.ignored_columns.join(", ")));
    }
    if file.without_labels {
        notes.push("no labels: columns known by their content or by number".to_owned());
    }
    html! {
        tr {
            td { (text(&file.name)) }
            @for count in counts { td class="n" { (grouped(count)) } }
            td { @for note in notes { div { (text(&note)) } } }
        }
    }
}

fn unparsed(report: &AuditReport) -> Markup {
    if report.unparsed_samples.is_empty() {
        return html! {};
    }
    html! {
        details {
            summary {
                (grouped(report.unparsed)) " rows could not be read; the first " (report.unparsed_samples.len())
            }
            div class="scroll" {
                table {
                    thead { tr { th { "Row" } th { "Problem" } th { "Cells" } } }
                    tbody {
                        @for (file, row) in &report.unparsed_samples {
                            @let cells: Vec<&str> = row.cells.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
                            tr {
                                td class="nw" { (text(file)) " line " (row.line) }
                                td { (text(&row.problem)) }
                                td class="small" { (text(&cells.join(" · "))) }
                            }
                        }
                    }
                }
            }
        }
    }
}
