//! Proposed revocations and referrals, and agencies of which nothing is proposed.

use maud::{Markup, html};

use crate::html::{grouped, mini, text};

use super::super::report::{Action, AuditReport, ProposedRevocation};
use super::Days;

/// Evidence rows shown per agency; the revocation list has more.
const EVIDENCE: usize = 60;

pub(super) fn section(report: &AuditReport) -> Markup {
    let groups = [
        ("Revoke access", Action::Revoke),
        ("Refer to the agency and its oversight", Action::Refer),
    ];
    html! {
        section id="revocations" {
            h2 { "Proposed revocations" }
            @if report.revocations.is_empty() {
                p { "No agency whose place is known made a search that a statute or a regulator bars on its face." }
            } @else {
                p {
                    "Agencies with at least one search that a statute, regulation, court, attorney general or regulator bars "
                    "on its face; contracts and house rules propose nothing. " b { "Revoke" }
                    " stands for agencies of other states and federal bodies, " b { "refer" }
                    " for agencies under the same law as the data. A person decides; the full evidence is in "
                    code { "revocations.json" } " and " code { "revocations.csv" } "."
                }
            }
            @for (title, action) in groups { (group(report, title, action)) }
            (unplaced(report))
        }
    }
}

fn group(report: &AuditReport, title: &str, action: Action) -> Markup {
    let list: Vec<&ProposedRevocation> = report
        .revocations
        .iter()
        .filter(|r| r.action == action)
        .collect();
    if list.is_empty() {
        return html! {};
    }
    let most = list.iter().map(|r| r.impermissible).max().unwrap_or(1);
    let days = Days::of(report);
    html! {
        h3 { (title) " " span class="count" { (list.len()) } }
        div class="rev" { @for row in list { (proposal(row, most, &days)) } }
    }
}

fn proposal(row: &ProposedRevocation, most: u64, days: &Days) -> Markup {
    let shown = row.evidence.len().min(EVIDENCE) as u64;
    html! {
        details {
            summary {
                span class="who" { (text(&row.agency)) }
                (mini("v3", row.impermissible, most, 120))
                span class="num" { (grouped(row.impermissible)) " barred" }
                span class="num soft" { "of " (grouped(row.searches)) " searches" }
                span class="when" { (days.day(row.first)) " – " (days.day(row.last)) }
            }
            div class="inner" {
                div {
                    h4 { "Barred" }
                    p { (row.impermissible_by.in_words()) }
                    h4 { "Grounds" }
                    ul {
                        @for (ground, count) in row.grounds.iter().take(8) {
                            li { (text(ground)) " " span class="soft" { "× " (grouped(*count)) } }
                        }
                    }
                    h4 { "Reasons as recorded" }
                    ul class="reasons" {
                        @for (reason, count) in row.reasons.iter().take(10) {
                            li {
                                q { @if reason.is_empty() { i { "blank" } } @else { (text(reason)) } }
                                " " span class="soft" { "× " (grouped(*count)) }
                            }
                        }
                    }
                }
                div {
                    h4 { "Evidence rows" }
                    ol class="rows" {
                        @for evidence in row.evidence.iter().take(EVIDENCE) {
                            li { (text(&evidence.file)) " line " (evidence.line) " " code { (text(&evidence.row_id)) } }
                        }
                    }
                    @if row.impermissible > shown { p class="soft" { "and " (grouped(row.impermissible - shown)) " more" } }
                }
            }
        }
    }
}

fn unplaced(report: &AuditReport) -> Markup {
    if report.unplaced.is_empty() {
        return html! {};
    }
    html! {
        h3 { "Nothing proposed: first say who and where they are " span class="count" { (report.unplaced.len()) } }
        p class="soft" { "An entry in the agencies file settles it; doubt never leads to a proposal." }
        div class="scroll" {
            table {
                thead { tr { th { "Agency" } th { "Why" } th class="n" { "Barred by law" } } }
                tbody {
                    @for row in &report.unplaced {
                        tr { td { (text(&row.agency)) } td { (text(&row.why)) } td class="n" { (grouped(row.impermissible)) } }
                    }
                }
            }
        }
    }
}
