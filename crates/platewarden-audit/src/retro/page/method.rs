//! How the audit was made, and what it cannot say.

use maud::{Markup, html};

use crate::html::text;

use super::super::report::AuditReport;

pub(super) fn section(report: &AuditReport) -> Markup {
    let unverified = report.packs.iter().filter(|p| !p.verified).count();
    html! {
        section id="method" {
            h2 { "Method and limits" }
            ul {
                li { "Every search was decided again under the rules in force at its own second." }
                li {
                    b { "Impermissible" } ": denied whatever else is true, with no cure. " b { "Questionable" }
                    ": denied, but an explanation or a paper could cure it. " b { "Insufficient record" }
                    ": the outcome depends on facts that the record does not show. " b { "Before the law" }
                    ": made before the first day of the law of the place."
                }
                li {
                    "Counts name the highest authority that speaks against a search: statute, regulation, court, attorney "
                    "general, regulator, contract, agency policy, engine rule."
                }
                li { "Words are no proof of intent, and a menu value can hide it. A finding is a question to an agency, not a judgement on a person." }
                li {
                    "An agency’s place and kind are taken from its name unless a directory was given. A place is taken only "
                    "where the name leaves no other reading."
                }
                li { "Months and days are those of " (text(&report.zone)) "." }
                @if let Some(zone) = &report.naive_zone {
                    li {
                        b { "Times without a zone" } " were read on the clocks of " (text(zone))
                        "; how many there are in each file stands in the table of files."
                    }
                }
                @if unverified > 0 {
                    li {
                        b { (unverified) " of " (report.packs.len()) " rule packs used are unverified" }
                        ": nobody has yet checked them against the official text. Check each citation before relying on it."
                    }
                }
            }
            p class="soft small" { "Packs: " (text(&packs(report))) ". Overlays: " (text(&overlays(report))) ". "
                "Reason lexicon " (text(&report.lexicon.0)) " (sha256 " (short(&report.lexicon.1)) "…)." }
        }
    }
}

fn packs(report: &AuditReport) -> String {
    let pack = |p: &platewarden_policy::model::PackVersion| {
        format!(
            "{} {} (sha256 {}…)",
            p.id.as_str(),
            p.version,
            short(&p.sha256)
        )
    };
    report.packs.iter().map(pack).collect::<Vec<_>>().join("; ")
}

fn overlays(report: &AuditReport) -> String {
    if report.overlays.is_empty() {
        "none".to_owned()
    } else {
        report.overlays.join(", ")
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
