//! The report for people: one HTML file that needs nothing from elsewhere.
//!
//! Every text from the log is escaped, officers are not named, and personal data in reasons is blacked out.

mod agencies;
mod files;
mod findings;
mod method;
mod proposals;
mod rules;
mod summary;

use maud::{Markup, html};
use platewarden_policy::model::AuthorityKind;

use crate::html::{Page, grouped, shell, text};

use super::finding::Verdict;
use super::report::AuditReport;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The whole page.
pub(super) fn page(report: &AuditReport) -> String {
    let body = html! {
        (head(report))
        main {
            (summary::section(report))
            (proposals::section(report))
            (rules::section(report))
            (summary::months(report))
            (summary::signals(report))
            (agencies::section(report))
            (findings::section(report))
            (files::missing(report))
            (files::changes(report))
            (files::section(report))
            (method::section(report))
        }
    };
    shell(&Page {
        title: &format!("Search audit, {}", report.place),
        style: STYLE,
        script: Some(SCRIPT),
        body,
    })
}

fn head(report: &AuditReport) -> Markup {
    let days = Days::of(report);
    let period = report.period.map_or_else(
        || "no dated search".to_owned(),
        |(first, last)| format!("{} to {}", days.day(first), days.day(last)),
    );
    html! {
        header {
            p class="kicker" { "Retrospective audit of searches" }
            h1 { "Plate reads captured in " (text(&report.place)) }
            p class="lede" {
                "Searches of reads"
                @if let Some(owner) = &report.owner { " held by " b { (text(owner)) } }
                ", " (period) ". " (grouped(report.rows)) " rows from " (report.files.len())
                @if report.files.len() == 1 { " file." } @else { " files." }
            }
            nav {
                a href="#revocations" { "Proposed revocations" }
                a href="#rules" { "Rules" }
                a href="#agencies" { "Agencies" }
                a href="#findings" { "Findings" }
                a href="#files" { "Files" }
                a href="#method" { "Method and limits" }
            }
        }
    }
}

/// Days and times on the clocks of the report.
pub(super) struct Days(jiff::tz::TimeZone);

impl Days {
    pub(super) fn of(report: &AuditReport) -> Self {
        Self(jiff::tz::TimeZone::get(&report.zone).unwrap_or(jiff::tz::TimeZone::UTC))
    }

    pub(super) fn day(&self, time: jiff::Timestamp) -> String {
        self.0.to_datetime(time).date().to_string()
    }

    pub(super) fn moment(&self, time: jiff::Timestamp) -> String {
        self.0.to_datetime(time).to_string().replace('T', " ")
    }
}

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::BeforeLaw => "Before the law",
        Verdict::Unremarkable => "No finding",
        Verdict::Insufficient => "Insufficient record",
        Verdict::Questionable => "Questionable",
        Verdict::Impermissible => "Impermissible",
    }
}

const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::BeforeLaw | Verdict::Unremarkable => "v0",
        Verdict::Insufficient => "v1",
        Verdict::Questionable => "v2",
        Verdict::Impermissible => "v3",
    }
}

/// The class of a kind of authority: law is set off from house rules.
const fn authority_class(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Statute | AuthorityKind::Regulation | AuthorityKind::CourtDecision => "law",
        AuthorityKind::AgOpinion | AuthorityKind::RegulatorPosition => "reading",
        AuthorityKind::Contract | AuthorityKind::AgencyPolicy | AuthorityKind::EngineRule => {
            "house"
        }
    }
}

const fn authority_name(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Statute => "Statute",
        AuthorityKind::Regulation => "Regulation",
        AuthorityKind::CourtDecision => "Court decision",
        AuthorityKind::AgOpinion => "Attorney General",
        AuthorityKind::RegulatorPosition => "Regulator’s position",
        AuthorityKind::Contract => "Contract",
        AuthorityKind::AgencyPolicy => "Agency policy",
        AuthorityKind::EngineRule => "Engine rule",
    }
}
