//! Figures at the top, by month and by signal.

use maud::{Markup, html};
use platewarden_policy::classifier::{Grade, SignalCategory};

use crate::html::{Bar, Part, columns, grouped, percent, share_bar, text};

use super::super::counts::{ByAuthority, authority_words};
use super::super::finding::Verdict;
use super::super::report::{Action, AuditReport, MonthRow};
use super::{Days, authority_class, verdict_class, verdict_name};

/// Months shown; the summary in JSON has all of them.
const MONTHS: usize = 36;

pub(super) fn section(report: &AuditReport) -> Markup {
    let counts = &report.counts;
    let tiles = [
        (
            Verdict::Impermissible,
            counts.impermissible,
            "barred by what the row itself says",
            Some(&counts.impermissible_by),
        ),
        (
            Verdict::Questionable,
            counts.questionable,
            "need an explanation from the agency",
            Some(&counts.questionable_by),
        ),
        (
            Verdict::Insufficient,
            counts.insufficient,
            "the record does not show that they were lawful",
            None,
        ),
        (
            Verdict::Unremarkable,
            counts.unremarkable,
            "nothing in the row speaks against them",
            None,
        ),
        (
            Verdict::BeforeLaw,
            counts.before_law,
            "made before the first day of the law of the place",
            None,
        ),
    ];
    let parts = tiles.map(|(verdict, value, ..)| Part {
        class: verdict_class(verdict),
        name: verdict_name(verdict),
        value,
    });
    html! {
        section class="tiles" aria-label="Summary" {
            @for (verdict, count, words, by) in tiles {
                @if count > 0 || verdict != Verdict::BeforeLaw {
                    div class=(format!("tile {}", verdict_class(verdict))) {
                        b { (grouped(count)) }
                        span class="name" { (verdict_name(verdict)) }
                        span class="sub" { (percent(count, counts.total())) " of searches; " (words) }
                        @if let Some(by) = by { (authorities(by)) }
                    }
                }
            }
        }
        (share_bar("Share of verdicts", &parts))
        (in_short(report))
    }
}

/// What speaks against the searches of a tile, law first: a house rule is never shown as a statute.
fn authorities(by: &ByAuthority) -> Markup {
    html! {
        ul class="by" {
            @for (kind, count) in by.parts().into_iter().filter(|(_, count)| *count > 0) {
                li { b class=(authority_class(kind)) { (grouped(count)) } " by " (authority_words(kind)) }
            }
        }
    }
}

fn in_short(report: &AuditReport) -> Markup {
    let counts = &report.counts;
    let revoke = report
        .revocations
        .iter()
        .filter(|r| r.action == Action::Revoke)
        .count();
    html! {
        p class="plain" {
            b { "In short: " }
            "of " (grouped(counts.total())) " distinct searches, " (grouped(counts.impermissible))
            " are barred by what their own rows say (" (counts.impermissible_by.in_words()) ") and "
            (grouped(counts.questionable)) " need an explanation (" (counts.questionable_by.in_words()) "). "
            (revoke)
            @if revoke == 1 { " agency of another state or federal body is" }
            @else { " agencies of other states or federal bodies are" }
            " proposed for revocation. "
            @if let Some(first) = report.law_begins.filter(|_| counts.before_law > 0) {
                (grouped(counts.before_law)) " were made before " (Days::of(report).day(first))
                ", the first day of the law of the place, and are not judged by house rules of today. "
            }
            (grouped(report.duplicates)) " rows repeat a search already counted; " (grouped(report.unparsed))
            " rows could not be read and are listed below, none was dropped."
        }
    }
}

/// Columns of barred and questionable searches by month.
pub(super) fn months(report: &AuditReport) -> Markup {
    if report.months.is_empty() {
        return html! {};
    }
    let skipped = report.months.len().saturating_sub(MONTHS);
    let shown: Vec<(String, &MonthRow)> = report
        .months
        .iter()
        .skip(skipped)
        .map(|month| (format!("{}-{:02}", month.year, month.month), month))
        .collect();
    let bars: Vec<Bar<'_>> = shown
        .iter()
        .map(|(label, month)| Bar {
            label,
            parts: vec![
                Part {
                    class: "v3",
                    name: "barred by law",
                    value: month.counts.impermissible_by.law(),
                },
                Part {
                    class: "v3h",
                    name: "barred by contract, policy or engine rule",
                    value: month.counts.impermissible - month.counts.impermissible_by.law(),
                },
                Part {
                    class: "v2",
                    name: "questionable",
                    value: month.counts.questionable,
                },
            ],
        })
        .collect();
    html! {
        section id="months" {
            h2 { "By month" }
            p class="soft" { "Months of " (text(&report.zone)) "." }
            div class="scroll" { (columns("Barred and questionable searches by month", &bars)) }
            p class="legend" {
                span class="dot v3" {} "Barred by law " span class="dot v3h" {} "Barred by contract, policy or engine rule "
                span class="dot v2" {} "Questionable"
            }
        }
    }
}

pub(super) fn signals(report: &AuditReport) -> Markup {
    let mut categories: Vec<SignalCategory> = report.signals.iter().map(|s| s.category).collect();
    categories.dedup();
    let of = |category, grade| {
        let found = report
            .signals
            .iter()
            .find(|s| s.category == category && s.grade == grade);
        grouped(found.map_or(0, |s| s.searches))
    };
    html! {
        section id="signals" {
            h2 { "What the reasons say" }
            p {
                "Whatever the law makes of it: terms found in reasons and prompts. " b { "High" }
                " states a sensitive purpose, " b { "medium" } " may be one, " b { "low" }
                " is kept for a review sample (a crime is named beside it, it is denied, or another sense is likely)."
            }
            div class="scroll" {
                table class="narrow" {
                    thead { tr { th { "Category" } th class="n" { "High" } th class="n" { "Medium" } th class="n" { "Low" } } }
                    tbody {
                        @for category in categories {
                            tr {
                                td { (category.as_str().replace('_', " ")) }
                                @for grade in [Grade::High, Grade::Medium, Grade::Low] {
                                    td class="n" { (of(category, grade)) }
                                }
                            }
                        }
                        tr { td { "says nothing (vague)" } td class="n" colspan="3" { (grouped(report.vague)) } }
                        tr { td { "holds personal data" } td class="n" colspan="3" { (grouped(report.personal_data)) } }
                    }
                }
            }
        }
    }
}
