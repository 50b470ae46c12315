//! The table of agencies.

use maud::{Markup, html};
use platewarden_policy::model::Fact;

use crate::html::{grouped, percent, text};

use super::super::report::{AgencyRow, AuditReport};

/// Agencies shown; the summary in JSON has all of them.
const AGENCIES: usize = 300;

pub(super) fn section(report: &AuditReport) -> Markup {
    html! {
        section id="agencies" {
            h2 { "Agencies" }
            p class="tools" {
                input id="aq" type="search" placeholder="Filter by name or place" aria-label="Filter agencies";
                " " span id="an" class="soft" {}
            }
            div class="scroll tall" {
                table id="at" {
                    thead {
                        tr {
                            @for (title, sort) in [("Agency", "t"), ("Place", "t"), ("Kind", "t")] {
                                th data-sort=(sort) { (title) }
                            }
                            @for title in ["Searches", "Barred by law", "Barred by contract or house rule", "Questionable", "Insufficient", "Barred share"] {
                                th class="n" data-sort="n" { (title) }
                            }
                        }
                    }
                    tbody { @for agency in report.agencies.iter().take(AGENCIES) { (row(agency)) } }
                }
            }
            @if report.agencies.len() > AGENCIES {
                p class="soft" {
                    "The first " (AGENCIES) " of " (grouped(report.agencies.len() as u64)) " agencies; all of them are in "
                    code { "summary.json" } "."
                }
            }
        }
    }
}

fn row(agency: &AgencyRow) -> Markup {
    let counts = &agency.counts;
    let law = counts.impermissible_by.law();
    let place = match (&agency.home, &agency.doubt) {
        (Some(home), _) => home.clone(),
        (None, Some(doubt)) => format!("in doubt: {doubt}"),
        (None, None) => "unknown".to_owned(),
    };
    let kind = match agency.kind {
        Fact::Known(kind) => kind.as_str().replace('_', " "),
        Fact::Unknown => "unknown".to_owned(),
    };
    html! {
        tr {
            td { (text(&agency.name)) }
            td { (place) }
            td { (kind) }
            td class="n" { (grouped(counts.total())) }
            td class=(if law > 0 { "n bad" } else { "n" }) { (grouped(law)) }
            td class="n" { (grouped(counts.impermissible - law)) }
            td class="n" { (grouped(counts.questionable)) }
            td class="n" { (grouped(counts.insufficient)) }
            td class="n" { (percent(counts.impermissible, counts.total())) }
        }
    }
}
