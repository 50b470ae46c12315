#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use jiff::Timestamp;
use proptest::prelude::*;

use platewarden_policy::model::parse_instant;
use platewarden_trail::{
    CommunityRecord, DecisionRecord, DisclosureRecord, MemoryStore, ReasonRecord, Record,
    RequestRecord, RetentionRecord, RevocationRecord, Trail, TrailOptions, TrailWriter,
};

use super::*;
use crate::ErrorKind;

fn day(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

fn decision(agency: &str, purpose: &str, outcome: &str, rules: &[&str]) -> Record {
    let reasons = rules.iter().map(|rule| ReasonRecord {
        rule: (*rule).into(),
        effect: "deny".into(),
        citation: format!("cite {rule}"),
        authority_kind: "statute".into(),
        ..Default::default()
    });
    DecisionRecord {
        agency_id: agency.into(),
        purpose_code: purpose.into(),
        outcome: outcome.into(),
        reasons: reasons.collect(),
        ..Default::default()
    }
    .into()
}

fn trail(records: Vec<(Record, &str)>) -> Trail<MemoryStore> {
    let store = MemoryStore::default();
    let mut writer = TrailWriter::open(store.clone(), TrailOptions::default()).unwrap();
    writer
        .append_all(records.into_iter().map(|(record, at)| (record, day(at))))
        .unwrap();
    Trail::new(store)
}

fn sample() -> Trail<MemoryStore> {
    trail(vec![
        (
            RequestRecord {
                request_id: "r".into(),
                ..Default::default()
            }
            .into(),
            "2026-09-30",
        ),
        (
            decision("springfield-pd", "violent_crime", "permit", &[]),
            "2026-10-01",
        ),
        (
            decision("springfield-pd", "drug", "permit_with_obligations", &[]),
            "2026-10-02",
        ),
        (
            decision(
                "dallas-pd",
                "civil_immigration",
                "deny",
                &["il-2-130-b2", "il-2-130-b2", "il-2-130-c"],
            ),
            "2026-10-03",
        ),
        (
            decision(
                "dallas-pd",
                "violent_crime",
                "deny_curable",
                &["il-2-130-c"],
            ),
            "2026-11-04",
        ),
        (
            decision("dallas-pd", "violent_crime", "partial", &["va-f"]),
            "2026-11-05",
        ),
        (
            DisclosureRecord {
                result_count: 12,
                recipients: vec!["a".into(), "b".into()],
                retention_faults: 1,
                ..Default::default()
            }
            .into(),
            "2026-11-05",
        ),
        (
            RetentionRecord {
                rule: "va-cap".into(),
                citation: "Va. Code 2.2-5517".into(),
                deleted: 40,
                ..Default::default()
            }
            .into(),
            "2026-11-06",
        ),
        (
            RetentionRecord {
                rule: "va-cap".into(),
                citation: "Va. Code 2.2-5517".into(),
                deleted: 2,
                ..Default::default()
            }
            .into(),
            "2026-11-07",
        ),
        (
            RevocationRecord {
                revocation_id: "rev-1".into(),
                agencies: vec!["dallas-pd".into()],
                reason: "immigration searches".into(),
                ..Default::default()
            }
            .into(),
            "2026-11-08",
        ),
        (
            CommunityRecord {
                step: "published".into(),
                ..Default::default()
            }
            .into(),
            "2026-11-09",
        ),
    ])
}

#[test]
fn everything_is_counted_once() {
    let report = ReportBuilder::new("Springfield")
        .over_trail(&sample())
        .unwrap()
        .finish();
    assert_eq!(
        (
            report.requests,
            report.decisions.total,
            report.decisions.denied()
        ),
        (1, 5, 2)
    );
    assert_eq!(
        report.decisions.parts().map(|(_, count)| count),
        [1, 1, 1, 1, 1, 0]
    );
    assert_eq!(report.by_purpose[0].name, "violent_crime");
    assert_eq!(report.by_purpose[0].counts.total, 3);
    assert_eq!(
        report
            .by_agency
            .iter()
            .map(|row| (row.name.as_str(), row.counts.total))
            .collect::<Vec<_>>(),
        [("dallas-pd", 3), ("springfield-pd", 2)]
    );
    assert_eq!(
        report
            .by_month
            .iter()
            .map(|row| row.name.as_str())
            .collect::<Vec<_>>(),
        ["2026-10", "2026-11"]
    );
    let rules: Vec<_> = report
        .denied_by_rule
        .iter()
        .map(|row| (row.rule.as_str(), row.decisions))
        .collect();
    assert_eq!(rules, [("il-2-130-c", 2), ("il-2-130-b2", 1), ("va-f", 1)]);
    assert_eq!(
        (
            report.disclosures.reads,
            report.disclosures.retention_faults
        ),
        (12, 1)
    );
    assert_eq!(report.deletions[0].deleted, 42);
    assert_eq!(report.revocations.len(), 1);
    assert_eq!(report.community["published"], 1);
    let statement = report.trail.as_ref().unwrap();
    assert_eq!((statement.records, statement.vouched), (11, 0));
    let back: TransparencyReport = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    assert_eq!(back, report);
}

#[test]
fn the_period_bounds_what_is_counted() {
    let report = ReportBuilder::new("x")
        .with_period(day("2026-11-01"), day("2026-11-05"))
        .over_trail(&sample())
        .unwrap()
        .finish();
    assert_eq!(
        (
            report.requests,
            report.decisions.total,
            report.disclosures.count
        ),
        (0, 1, 0)
    );
    assert!(report.period().starts_with("2026-11-01"));
}

#[test]
fn a_broken_trail_gives_no_report() {
    let store = MemoryStore::default();
    let mut writer = TrailWriter::open(store.clone(), TrailOptions::default()).unwrap();
    writer.append(DisclosureRecord::default()).unwrap();
    let mut bytes = platewarden_trail::MemoryStore::segment(&store, 0).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    store.replace_segment(0, bytes);
    let error = ReportBuilder::new("x")
        .over_trail(&Trail::new(store))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Trail);
    assert!(
        error.context().starts_with("audit trail record 0"),
        "{error}"
    );
}

#[test]
fn markdown_and_html_show_the_figures() {
    let report = ReportBuilder::new("Springfield")
        .over_trail(&sample())
        .unwrap()
        .finish();
    let markdown = report.to_markdown();
    assert!(
        markdown.contains("| dallas-pd | 3 | 0 | 0 | 1 | 1 | 1 | 0 |"),
        "{markdown}"
    );
    assert!(markdown.contains("| il-2-130-c | cite il-2-130-c | statute | 2 |"));
    let html = report.to_html();
    for part in [
        "<svg",
        "il-2-130-b2",
        "cite il-2-130-b2",
        "Va. Code 2.2-5517",
        "rev-1",
        "40.0 % of decisions",
    ] {
        assert!(html.contains(part), "{part}");
    }
    // Nothing is loaded, nothing runs.
    for part in ["http://", "https://", "<script", "src=", "@import", "url("] {
        assert!(!html.contains(part), "{part}");
    }
}

#[test]
fn an_empty_report_is_a_report() {
    let report = ReportBuilder::new("nobody")
        .over_trail(&trail(vec![]))
        .unwrap()
        .finish();
    assert!(report.to_html().contains("</html>"));
    assert!(report.to_markdown().contains("Decisions: 0"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in the trail, the page has the elements it would have without it.
    #[test]
    fn text_stays_text(evil in ".{0,40}", name in prop::sample::select(vec!["<script>alert(1)</script>", "\"><img src=x onerror=y>", "'&'", "</title></svg>", "| a | b |\n# x"])) {
        let tags = |html: &str| html.matches('<').count();
        let page = |text: &str| {
            let records = vec![
                (decision(text, text, "deny", &[text]), "2026-10-01"),
                (RevocationRecord { revocation_id: text.into(), agencies: vec![text.into()], reason: text.into(), ..Default::default() }.into(), "2026-10-01"),
                (DisclosureRecord { recipients: vec![text.into()], ..Default::default() }.into(), "2026-10-01"),
                (CommunityRecord { step: text.into(), ..Default::default() }.into(), "2026-10-01"),
            ];
            ReportBuilder::new(text).over_trail(&trail(records)).unwrap().finish()
        };
        let plain = page("plain");
        for text in [evil.as_str(), name] {
            let report = page(text);
            prop_assert_eq!(tags(&report.to_html()), tags(&plain.to_html()));
            prop_assert_eq!(report.to_markdown().lines().count(), plain.to_markdown().lines().count());
        }
    }
}
