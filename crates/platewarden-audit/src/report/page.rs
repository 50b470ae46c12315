//! The report as one page of HTML that loads nothing.

use maud::{Markup, html};

use crate::html::{Bar, Page, Part, bars, grouped, percent, shell, text};

use super::count::{OutcomeCounts, Row, TransparencyReport};

/// Rows that a chart shows; the table beneath it shows all.
const CHART_ROWS: usize = 20;

const STYLE: &str = include_str!("style.css");

/// Classes of the parts, in the order of [`OutcomeCounts::parts`].
const CLASSES: [&str; 6] = ["permit", "obliged", "partial", "curable", "deny", "other"];

impl TransparencyReport {
    /// The figures as one page of HTML with charts: no script, nothing loaded from anywhere, fit for printing.
    #[must_use]
    pub fn to_html(&self) -> String {
        // Purposes are code words of one vocabulary; agencies are names, and stay as they are.
        let readable = |row: &Row| Row {
            name: row.name.replace('_', " "),
            counts: row.counts,
        };
        let purposes: Vec<Row> = self.by_purpose.iter().map(readable).collect();
        let body = html! {
            main {
                header {
                    p class="kind" { "Transparency report" }
                    h1 { (text(&self.title)) }
                    p class="period" { "Searches of licence-plate reads, " (text(&self.period())) }
                }
                (self.figures())
                (self.outcomes())
                (outcome_section(
                    "Purposes",
                    "For what searches were asked, after the strictest of declared purpose, menu value and reason text.",
                    "purpose",
                    &purposes,
                ))
                (outcome_section("Agencies", "Who asked.", "agency", &self.by_agency))
                (outcome_section("Months", "When decisions were made, UTC.", "month", &self.by_month))
                (self.rules())
                (self.disclosures_section())
                (self.deletions_section())
                (self.revocations_section())
                (self.community_section())
                (self.footer())
            }
        };
        shell(&Page {
            title: &format!("Transparency report: {}", self.title),
            style: STYLE,
            script: None,
            body,
        })
    }

    fn figures(&self) -> Markup {
        let decisions = &self.decisions;
        let share = if decisions.total > 0 {
            format!(
                "{} of decisions",
                percent(decisions.denied(), decisions.total)
            )
        } else {
            String::new()
        };
        let disclosures = format!("in {} disclosures", grouped(self.disclosures.count));
        let figures = [
            (self.requests, "searches asked for", String::new()),
            (decisions.total, "decisions", String::new()),
            (decisions.denied(), "denied", share),
            (self.disclosures.reads, "reads handed out", disclosures),
        ];
        html! {
            ul class="figures" {
                @for (value, what, more) in figures {
                    li { b { (grouped(value)) } span { (what) } small { (more) } }
                }
            }
        }
    }

    fn outcomes(&self) -> Markup {
        let all = Row {
            name: "all decisions".to_owned(),
            counts: self.decisions,
        };
        let legend = OutcomeCounts::default().parts().into_iter().zip(CLASSES);
        section(
            "Outcomes",
            "What was answered to each search.",
            html! {
                ul class="legend" {
                    @for ((name, _), class) in legend { li { i class=(class) {} (name) } }
                }
                (chart("Decisions by outcome", std::slice::from_ref(&all)))
            },
        )
    }

    fn rules(&self) -> Markup {
        if self.denied_by_rule.is_empty() {
            return html! {};
        }
        let rows: Vec<Bar<'_>> = self
            .denied_by_rule
            .iter()
            .take(CHART_ROWS)
            .map(|row| Bar {
                label: &row.rule,
                parts: vec![Part {
                    class: "deny",
                    name: "",
                    value: row.decisions,
                }],
            })
            .collect();
        let what = "Decisions in which a rule denied the search, in whole or for some datasets. Several rules may deny one search.";
        section(
            "Denied by rule",
            what,
            html! {
                (bars("Decisions denied by rule", &rows))
                (table(&["rule", "authority", "kind of authority", "decisions"], 3, html! {
                    @for row in &self.denied_by_rule {
                        tr {
                            td { code { (text(&row.rule)) } }
                            td { (text(&row.citation)) }
                            td { (text(&row.authority_kind.replace('_', " "))) }
                            td class="n" { (grouped(row.decisions)) }
                        }
                    }
                }))
            },
        )
    }

    fn disclosures_section(&self) -> Markup {
        let sum = &self.disclosures;
        section(
            "Disclosures",
            "What left the system, and to whom.",
            html! {
                p {
                    (grouped(sum.count)) " disclosures handed out " (grouped(sum.reads)) " reads. " (grouped(sum.retention_faults))
                    " reads were found past their retention cap and withheld."
                }
                @if !sum.by_recipient.is_empty() {
                    (table(&["recipient", "disclosures"], 1, html! {
                        @for (recipient, count) in &sum.by_recipient {
                            tr { td { (text(recipient)) } td class="n" { (grouped(*count)) } }
                        }
                    }))
                }
            },
        )
    }

    fn deletions_section(&self) -> Markup {
        if self.deletions.is_empty() {
            return html! {};
        }
        section(
            "Deletions",
            "Reads deleted when their time was up.",
            table(
                &["rule", "authority", "reads"],
                2,
                html! {
                    @for row in &self.deletions {
                        tr {
                            td { code { (text(&row.rule)) } }
                            td { (text(&row.citation)) }
                            td class="n" { (grouped(row.deleted)) }
                        }
                    }
                },
            ),
        )
    }

    fn revocations_section(&self) -> Markup {
        if self.revocations.is_empty() {
            return html! {};
        }
        let columns = ["date", "revocation", "agencies", "reason"];
        section(
            "Revocations",
            "Access that was taken away or given back.",
            table(
                &columns,
                9,
                html! {
                    @for row in &self.revocations {
                        tr {
                            td class="d" { (row.at.strftime("%Y-%m-%d").to_string()) }
                            td { (text(&row.id)) }
                            td { (text(&row.agencies.join(", "))) }
                            td { (text(&row.reason)) }
                        }
                    }
                },
            ),
        )
    }

    fn community_section(&self) -> Markup {
        if self.community.is_empty() {
            return html! {};
        }
        let what = "Steps of requests to residents for footage. Who did not answer is not counted anywhere.";
        section(
            "Community requests",
            what,
            table(
                &["step", "count"],
                1,
                html! {
                    @for (step, count) in &self.community {
                        tr { td { (text(&step.replace('_', " "))) } td class="n" { (grouped(*count)) } }
                    }
                },
            ),
        )
    }

    fn footer(&self) -> Markup {
        html! {
            footer {
                @if self.unreadable > 0 {
                    p { (grouped(self.unreadable)) " records could not be read by this version and are counted nowhere above." }
                }
                @if let Some(trail) = &self.trail {
                    p {
                        "Counted over audit trail " code { (text(&trail.log_id)) } ": " (grouped(trail.records)) " records, "
                        (grouped(trail.vouched)) " covered by signed checkpoints; hash of the last "
                        code { (trail.head.to_string()) } "."
                    }
                }
                p { "The report names agencies, purposes and rules; no plate, person or case." }
            }
        }
    }
}

fn section(title: &str, what: &str, body: Markup) -> Markup {
    html! {
        section { h2 { (title) } p class="what" { (what) } (body) }
    }
}

fn outcome_section(title: &str, what: &str, column: &str, rows: &[Row]) -> Markup {
    if rows.is_empty() {
        return html! {};
    }
    let shown = rows.get(..CHART_ROWS).unwrap_or(rows);
    let names = OutcomeCounts::default().parts().map(|(name, _)| name);
    let columns: Vec<&str> = [column, "total"].into_iter().chain(names).collect();
    section(
        title,
        what,
        html! {
            (chart(title, shown))
            @if shown.len() < rows.len() {
                p class="what" { "The chart shows the first " (CHART_ROWS) " of " (rows.len()) "; the table shows all." }
            }
            (table(&columns, 1, html! {
                @for row in rows {
                    tr {
                        td { (text(&row.name)) }
                        td class="n" { (grouped(row.counts.total)) }
                        @for (_, count) in row.counts.parts() { td class="n" { (grouped(count)) } }
                    }
                }
            }))
        },
    )
}

fn chart(title: &str, rows: &[Row]) -> Markup {
    let parts = |counts: &OutcomeCounts| {
        let parts = counts.parts().into_iter().zip(CLASSES);
        parts
            .map(|((name, value), class)| Part { class, name, value })
            .collect()
    };
    let rows: Vec<Bar<'_>> = rows
        .iter()
        .map(|row| Bar {
            label: &row.name,
            parts: parts(&row.counts),
        })
        .collect();
    bars(title, &rows)
}

/// A table whose columns from `numbers` on are right-aligned.
fn table(columns: &[&str], numbers: usize, rows: Markup) -> Markup {
    html! {
        div class="scroll" {
            table {
                thead {
                    tr {
                        @for (index, column) in columns.iter().enumerate() {
                            th scope="col" class=[(index >= numbers).then_some("n")] { (column) }
                        }
                    }
                }
                tbody { (rows) }
            }
        }
    }
}
