//! The rules that spoke, by verdict and kind of authority.

use maud::{Markup, html};
use platewarden_policy::model::AuthorityKind;

use crate::html::{grouped, mini, text};

use super::super::finding::Verdict;
use super::super::report::{AuditReport, RuleRow};
use super::{authority_class, authority_name, verdict_class, verdict_name};

pub(super) fn section(report: &AuditReport) -> Markup {
    html! {
        section id="rules" {
            h2 { "Rules that spoke" }
            @for verdict in [Verdict::Impermissible, Verdict::Questionable, Verdict::Insufficient] {
                @for kind in AuthorityKind::ALL {
                    (table(report, verdict, *kind))
                }
            }
            p class="soft" {
                "A search that breaks two rules counts under both. Statute, regulation, regulator’s position, contract, agency "
                "policy and engine rule are kept apart on purpose: only the first two are law."
            }
        }
    }
}

fn table(report: &AuditReport, verdict: Verdict, kind: AuthorityKind) -> Markup {
    let list: Vec<&RuleRow> = report
        .rules
        .iter()
        .filter(|row| row.verdict == verdict && row.rule.authority == kind)
        .collect();
    if list.is_empty() {
        return html! {};
    }
    let most = list.iter().map(|row| row.searches).max().unwrap_or(1);
    html! {
        h3 {
            (verdict_name(verdict)) ": " span class=(format!("kind {}", authority_class(kind))) { (authority_name(kind)) }
        }
        div class="scroll" {
            table {
                thead {
                    tr {
                        th { "Rule" } th { "Citation" } th class="n" { "Searches" }
                        th class="chart" { span class="hide" { "Chart" } }
                    }
                }
                tbody {
                    @for row in list {
                        tr {
                            td { b { (text(&row.rule.rule)) } br; span class="soft" { (text(&row.rule.message)) } }
                            td { (text(&row.rule.citation)) }
                            td class="n" { (grouped(row.searches)) }
                            td class="chart" { (mini(verdict_class(verdict), row.searches, most, 200)) }
                        }
                    }
                }
            }
        }
    }
}
