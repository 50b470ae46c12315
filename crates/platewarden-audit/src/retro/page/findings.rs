//! The first findings, row by row.

use maud::{Markup, html};

use crate::html::{grouped, text};

use super::super::finding::Finding;
use super::super::report::AuditReport;
use super::{Days, authority_name, verdict_class, verdict_name};

pub(super) fn section(report: &AuditReport) -> Markup {
    let all = report.counts.impermissible + report.counts.questionable;
    let mut rules: Vec<&str> = report
        .samples
        .iter()
        .flat_map(|f| f.rules.iter().map(|r| r.rule.as_str()))
        .collect();
    rules.sort_unstable();
    rules.dedup();
    let days = Days::of(report);
    html! {
        section id="findings" {
            h2 { "Findings" }
            p {
                "The first " (grouped(report.samples.len() as u64)) " of " (grouped(all))
                " searches found impermissible or questionable; all of them are in " code { "findings.csv" } " and "
                code { "findings.jsonl" }
                ". Personal data in reasons is blacked out; officers are named in the sealed JSON lines only."
            }
            p class="tools" {
                select id="fv" aria-label="Verdict" {
                    option value="" { "All verdicts" } option { "Impermissible" } option { "Questionable" }
                }
                " "
                select id="fr" aria-label="Rule" {
                    option value="" { "All rules" }
                    @for rule in rules { option { (text(rule)) } }
                }
                " "
                input id="fq" type="search" placeholder="Agency, reason, row id" aria-label="Filter findings";
                " " span id="fn" class="soft" {}
            }
            div class="scroll tall" {
                table id="ft" {
                    thead {
                        tr {
                            th { "Verdict" } th { "Highest authority" } th { "Search time (" (text(&report.zone)) ")" }
                            th { "Agency" } th { "Reason" } th { "Rules" } th { "Row" }
                        }
                    }
                    tbody { @for finding in &report.samples { (row(finding, &days)) } }
                }
            }
        }
    }
}

fn row(finding: &Finding, days: &Days) -> Markup {
    let keys: Vec<&str> = finding.rules.iter().map(|r| r.rule.as_str()).collect();
    html! {
        tr data-r=(text(&format!("|{}|", keys.join("|")))) {
            td { span class=(format!("tag {}", verdict_class(finding.verdict))) { (verdict_name(finding.verdict)) } }
            td { @if let Some(kind) = finding.authority { (authority_name(kind)) } }
            td class="nw" { (days.moment(finding.time)) }
            td { (text(&finding.agency)) }
            td class="reason" { (marked(finding)) }
            td class="small" {
                @for rule in &finding.rules { span title=(text(&rule.citation)) { (text(&rule.rule)) } br; }
            }
            td class="small" { (text(&finding.file)) " line " (finding.line) br; code { (text(&finding.row_id)) } }
        }
    }
}

/// A run of the reason and what is done with it.
enum Run<'a> {
    Plain(&'a str),
    Term(&'a str),
    Personal,
}

/// The reason with the terms that fired marked and personal data blacked out.
fn marked(finding: &Finding) -> Markup {
    if finding.reason.is_empty() {
        return html! { i class="soft" { "blank" } };
    }
    html! {
        @for run in runs(finding) {
            @match run {
                Run::Plain(part) => (text(part)),
                Run::Term(part) => mark { (text(part)) },
                Run::Personal => span class="black" title="personal data" { "█████" },
            }
        }
    }
}

fn runs(finding: &Finding) -> Vec<Run<'_>> {
    let reason = finding.reason.as_str();
    let mut spans: Vec<(usize, usize, bool)> = finding
        .signals
        .iter()
        .filter(|s| s.category.is_sensitive() || s.personal.is_some())
        .map(|s| (s.span.start, s.span.end, s.personal.is_some()))
        .collect();
    // Personal data first where spans begin alike: a bar must never give way to a mark.
    spans.sort_unstable_by_key(|(start, end, personal)| {
        (*start, !*personal, std::cmp::Reverse(*end))
    });
    let overlaps_personal = |start: usize, end: usize| {
        let mut personal = finding.signals.iter().filter(|s| s.personal.is_some());
        personal.any(|s| s.span.start < end && start < s.span.end)
    };
    let mut runs = Vec::new();
    let mut at = 0;
    for (start, end, personal) in spans {
        if start < at || (!personal && overlaps_personal(start, end)) {
            continue;
        }
        let (Some(before), Some(part)) = (reason.get(at..start), reason.get(start..end)) else {
            continue;
        };
        runs.push(Run::Plain(before));
        runs.push(if personal {
            Run::Personal
        } else {
            Run::Term(part)
        });
        at = end;
    }
    runs.push(Run::Plain(reason.get(at..).unwrap_or_default()));
    runs
}
