//! The comparison for people: one HTML file that needs nothing from elsewhere.

use maud::{Markup, html};
use platewarden_policy::model::Fact;

use crate::html::{Page, grouped, shell, text};

use super::report::{SharedOrganization, SharingReport, Standing};

const STYLE: &str = include_str!("../report/style.css");

pub(super) fn page(report: &SharingReport) -> String {
    let body = html! {
        main {
            header {
                p class="kind" { "Who is let in" }
                h1 { "Sharing of reads captured in " (text(&report.data_in)) }
                p class="period" {
                    @if let Some(owner) = &report.owner { "Held by " (text(owner)) ". " }
                    "Law and files as of " (report.as_of.strftime("%Y-%m-%d %H:%M UTC").to_string()) ". Lists: "
                    (text(&report.files.join(", "))) "."
                }
            }
            ul class="figures" {
                @for standing in [Standing::Revoked, Standing::Barred, Standing::Lacking, Standing::InOrder] {
                    li { b { (grouped(report.count(standing) as u64)) } span { (standing.words()) } small {} }
                }
            }
            @for standing in Standing::ALL { (section(report, standing)) }
            footer {
                p {
                    "Each organisation was asked about by one ordinary case of a stolen vehicle with everything stated that a "
                    "law may want stated of the case; a search for another purpose is decided by itself."
                    @if !report.has_registry { " No registry was given: nothing is said of grants on file." }
                }
            }
        }
    };
    shell(&Page {
        title: &format!("Sharing, {}", report.data_in),
        style: STYLE,
        script: None,
        body,
    })
}

fn section(report: &SharingReport, standing: Standing) -> Markup {
    let list: Vec<&SharedOrganization> = report
        .organizations
        .iter()
        .filter(|o| o.standing == standing)
        .collect();
    if list.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { (heading(standing)) " (" (grouped(list.len() as u64)) ")" }
            div class="scroll" {
                table {
                    thead { tr { th { "Organisation" } th { "Place" } th { "Kind" } th { "Why" } th { "On file" } th { "Row" } } }
                    tbody { @for row in list { (organization(row)) } }
                }
            }
        }
    }
}

fn heading(standing: Standing) -> String {
    let words = standing.words();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn organization(row: &SharedOrganization) -> Markup {
    let place = match (&row.home, &row.doubt) {
        (Some(home), _) => home.clone(),
        (None, Some(doubt)) => format!("in doubt: {doubt}"),
        (None, None) => "unknown".to_owned(),
    };
    let kind = match row.kind {
        Fact::Known(kind) => kind.as_str().replace('_', " "),
        Fact::Unknown => "unknown".to_owned(),
    };
    let why = row.standing != Standing::NotLetIn;
    html! {
        tr {
            td { (text(&row.name)) }
            td { (place) }
            td { (kind) }
            td {
                @if why {
                    @for rule in &row.rules {
                        div { (text(&rule.citation)) " (" (rule.authority.as_str().replace('_', " ")) "): " (text(&rule.message)) }
                    }
                    @for fact in &row.lacking { div { "missing: " (text(fact)) } }
                }
            }
            td {
                @for id in &row.declarations { div { "declaration " (text(id)) } }
                @if let Some(grant) = &row.grant {
                    div { @if grant.is_empty() { "the dataset’s own share" } @else { "grant " (text(grant)) } }
                }
            }
            td { (text(&row.file)) " line " (row.line) }
        }
    }
}
