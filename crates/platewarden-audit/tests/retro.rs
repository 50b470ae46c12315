//! Audits of small logs with known content.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use platewarden_audit::export::{Column, EventReader, Reader, Row, SyntheticLog};
use platewarden_audit::retro::{
    Action, AuditOptions, AuditReport, Auditor, Collected, Finding, FolderSink, RevocationOrder,
    Verdict,
};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{
    Actor, Agency, AgencyId, AgencyKind, AuthorityKind, Dataset, Declaration, Fact, Outcome,
    Purpose, SearchRequest, ShareGrant, State, Status, parse_instant,
};
use platewarden_policy::packs::Unverified;
use platewarden_policy::sharing::Registry;
use platewarden_trail::{MemoryStore, Trail, TrailOptions, TrailWriter, VerifyOptions};

const HEADER: &str = "\u{feff}ID, Name, Org Name, Total Networks Searched, Time Frame, License Plate, Reason, Case #, Search Time, Search Type\n";

fn audit_with(rows: &str, options: AuditOptions) -> (AuditReport, Collected) {
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let mut auditor = Auditor::new(&policy, options).unwrap();
    let mut found = Collected::default();
    let file = format!("{HEADER}{rows}");
    auditor
        .read(
            "test.csv",
            Reader::new(file.as_bytes()).unwrap(),
            &mut found,
            |_| {},
        )
        .unwrap();
    (auditor.finish(), found)
}

fn audit(rows: &str) -> (AuditReport, Collected) {
    audit_with(rows, AuditOptions::new(State::Il))
}

fn row(id: &str, org: &str, reason: &str, case: &str, time: &str) -> String {
    format!(
        "{id},J. Doe,{org},12,\"01/01/2026, 01:00:00 AM UTC\n01/02/2026, 01:00:00 AM UTC\",ABC1234,\"{reason}\",{case},\"{time}\",lookup\n"
    )
}

const IN_FORCE: &str = "03/04/2026, 10:00:00 AM UTC";

fn only(found: &Collected) -> &Finding {
    assert_eq!(found.findings.len(), 1, "{:#?}", found.findings);
    &found.findings[0]
}

#[test]
fn a_stated_immigration_purpose_is_barred_on_its_face() {
    for reason in [
        "IMMIGRATION VIOLATION",
        "I.C.E.",
        "Immigration (civil/administrative) - ",
        "Traffic Infraction - ICE detainer",
    ] {
        let (report, found) = audit(&row("a", "Houston TX PD", reason, "24-1", IN_FORCE));
        let finding = only(&found);
        assert_eq!(finding.verdict, Verdict::Impermissible, "{reason}");
        let statute = finding
            .rules
            .iter()
            .find(|r| r.citation.contains("2-130(b)(2)"))
            .unwrap();
        assert_eq!(statute.authority, AuthorityKind::Statute);
        assert_eq!(report.revocations.len(), 1);
        assert_eq!(
            (
                report.revocations[0].action,
                report.revocations[0].evidence[0].row_id.as_str()
            ),
            (Action::Revoke, "a")
        );
    }
}

#[test]
fn an_agency_of_the_same_state_is_referred_not_revoked() {
    let (report, _) = audit(&row("a", "Aurora IL PD", "immigration", "24-1", IN_FORCE));
    assert_eq!(report.revocations[0].action, Action::Refer);
}

#[test]
fn the_law_of_the_time_decides() {
    let (_, found) = audit(&row(
        "a",
        "Houston TX PD",
        "burglary",
        "24-1",
        "12/15/2023, 10:00:00 AM UTC",
    ));
    assert!(found.findings.is_empty());
    // Federal access: the regulator's position dates from 2025-08-25.
    let (_, before) = audit(&row(
        "a",
        "[Federal] US Border Patrol",
        "narcotics",
        "24-1",
        "08/24/2025, 10:00:00 AM UTC",
    ));
    let (_, after) = audit(&row(
        "a",
        "[Federal] US Border Patrol",
        "narcotics",
        "24-1",
        "08/27/2025, 10:00:00 AM UTC",
    ));
    assert!(
        before
            .findings
            .iter()
            .all(|f| f.verdict != Verdict::Impermissible)
    );
    assert_eq!(
        only(&after).rules[0].authority,
        AuthorityKind::RegulatorPosition
    );
}

#[test]
fn ordinary_searches_are_no_findings_and_missing_papers_are_only_counted() {
    let (report, found) = audit(&row(
        "a",
        "Aurora IL PD",
        "stolen vehicle",
        "24-1",
        IN_FORCE,
    ));
    assert!(found.findings.is_empty());
    assert_eq!(report.counts.unremarkable, 1);
    let (report, found) = audit(&row(
        "a",
        "Houston TX PD",
        "stolen vehicle",
        "24-1",
        IN_FORCE,
    ));
    assert!(found.findings.is_empty());
    assert_eq!(report.counts.insufficient, 1, "no declaration is on record");
    assert!(
        report
            .missing
            .iter()
            .any(|m| m.fact.contains("declaration")),
        "{:?}",
        report.missing
    );
    assert!(report.revocations.is_empty());
}

#[test]
fn what_needs_an_explanation_is_questionable() {
    for (reason, case) in [("HSI", "24-1"), ("inv", "")] {
        let (_, found) = audit(&row("a", "Aurora IL PD", reason, case, IN_FORCE));
        assert_eq!(only(&found).verdict, Verdict::Questionable, "{reason}");
    }
    // A vague reason with a case behind it, and a case number in the reason, are good enough.
    for (reason, case) in [("inv", "24-1"), ("24-001234", "")] {
        let (_, found) = audit(&row("a", "Aurora IL PD", reason, case, IN_FORCE));
        assert!(found.findings.is_empty(), "{reason}: {:?}", found.findings);
    }
}

#[test]
fn inactive_agencies_and_backward_windows_are_found() {
    let (_, found) = audit(&row(
        "a",
        "Aurora IL PD [Inactive]",
        "burglary",
        "24-1",
        IN_FORCE,
    ));
    assert_eq!(only(&found).verdict, Verdict::Impermissible);
    let backwards = row("a", "Aurora IL PD", "burglary", "24-1", IN_FORCE)
        .replace("01/02/2026, 01:00", "12/02/2025, 01:00");
    assert_eq!(only(&audit(&backwards).1).verdict, Verdict::Questionable);
}

#[test]
fn a_directory_speaks_for_agencies() {
    let mut options = AuditOptions::new(State::Il);
    let declaration = Declaration {
        id: "d-1".into(),
        jurisdiction: State::Il.into(),
        statute: "625 ILCS 5/2-130".to_owned(),
        text_sha256: None,
        signed_by: Some("chief".to_owned()),
        signed_at: Fact::Known("2026-03-01T00:00:00Z".parse().unwrap()),
        expires: None,
        scope: Vec::new(),
    };
    options.directory = vec![
        Agency {
            name: "Houston TX PD".to_owned(),
            ..Agency::new("houston", AgencyKind::Local, State::Tx).with_declaration(declaration)
        },
        Agency {
            name: "Dallas TX PD".to_owned(),
            ..Agency::new("dallas", AgencyKind::Local, State::Tx).with_status(Status::Revoked {
                by: None,
                network: Some(State::Il.into()),
                dataset: None,
                reason: None,
                since: None,
            })
        },
    ];
    let rows = [
        row(
            "before",
            "Houston TX PD",
            "burglary",
            "24-1",
            "02/04/2026, 10:00:00 AM UTC",
        ),
        row("after", "Houston TX PD", "burglary", "24-1", IN_FORCE),
        row("revoked", "Dallas TX PD", "burglary", "24-1", IN_FORCE),
    ];
    let (report, found) = audit_with(&rows.concat(), options);
    assert_eq!(report.counts.unremarkable, 1);
    let verdict = |id: &str| {
        found
            .findings
            .iter()
            .find(|f| f.row_id == id)
            .map(|f| f.verdict)
    };
    assert_eq!(
        verdict("before"),
        Some(Verdict::Questionable),
        "the declaration came later"
    );
    assert_eq!(verdict("revoked"), Some(Verdict::Impermissible));
}

#[test]
fn no_row_is_lost_and_repetitions_count_once() {
    let good = row("a", "Houston TX PD", "immigration", "24-1", IN_FORCE);
    let broken = row("b", "Houston TX PD", "immigration", "24-1", "some day");
    let short = "c,only,three\n";
    let (report, found) = audit(&format!("{good}{good}{broken}{short}"));
    assert_eq!((report.rows, report.duplicates, report.unparsed), (4, 1, 2));
    assert_eq!(
        report.counts.total() + report.duplicates + report.unparsed,
        report.rows
    );
    assert_eq!(found.unparsed[0].1.cells[0], "b");
    assert_eq!(found.unparsed[0].1.line, 6);
    assert_eq!(found.findings.len(), 1);
}

#[test]
fn masks_hide_and_do_not_accuse() {
    let masked = row("a", "***", "***", "REDACTED", IN_FORCE)
        .replace("J. Doe", "***")
        .replace("ABC1234", "***");
    let (report, found) = audit(&masked);
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    assert_eq!(report.counts.insufficient, 1);
}

#[test]
fn every_era_of_header_is_read() {
    for header in [
        "Name,Org Name,Total Networks Searched,Total Devices Searched,Time Frame,License Plate,Reason,Case #,Filters,Search Time,Search Type",
        "ID, Name, Org Name, Total Networks Searched, Total Devices Searched, Time Frame, License Plate, Reason, Case #, Filters, Search Time, Search Type, Text Prompt, Moderation",
        "ID, Name, Org Name, Total Networks Searched, Time Frame, License Plate, Reason, Case #, Filters, Search Time, Search Type, Text Prompt, Moderation",
        "ID, Name, Org Name, Total Networks Searched, Time Frame, License Plate, Reason, Case #, Filters, Search Time, Search Type",
        "printed ID,userID,networkCount,Search Time,Reason",
        "\u{feff}\"ID\", Search Date, Search Time, Reason, Org Name,,Surplus",
    ] {
        let labels: Vec<&str> = header
            .trim_start_matches('\u{feff}')
            .split(',')
            .map(|l| l.trim().trim_matches('"'))
            .collect();
        let cell = |label: &&str| match *label {
            "Search Time" if header.contains("Search Date") => "1:27:03 PM",
            "Search Time" => "\"01/05/2026, 01:27:03 PM UTC\"",
            "Search Date" => "1/5/2026",
            "Reason" => "burglary",
            "Time Frame" => "\"01/01/2026, 01:00:00 AM UTC\r\n01/05/2026, 01:00:00 AM UTC\"",
            "Total Devices Searched" => "——",
            "Total Networks Searched" | "networkCount" => "0",
            _ => "x",
        };
        let line: Vec<&str> = labels.iter().map(cell).collect();
        let file = format!("{header}\r\n{}\r\n", line.join(","));
        let mut reader = Reader::new(file.as_bytes()).unwrap();
        let Some(Row::Search(record)) = reader.next_row().unwrap() else {
            panic!("{header}")
        };
        assert_eq!(record.time.to_string(), "2026-01-05T13:27:03Z", "{header}");
        assert_eq!(record.cell(Column::Reason), Some("burglary"));
        assert_eq!((record.networks(), record.devices()), (None, None));
        if header.contains("Time Frame") {
            assert!(record.time_frame().is_some());
        }
        assert!(reader.next_row().unwrap().is_none());
    }
    assert!(Reader::new("a,b\n1,2\n".as_bytes()).is_err());
    assert!(Reader::new("".as_bytes()).is_err());
}

#[test]
fn a_synthetic_log_is_audited_down_to_the_revocation_list() {
    let mut file = Vec::new();
    let planted = SyntheticLog::new(3).rows(20_000).write(&mut file).unwrap();
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut auditor = Auditor::new(&policy, AuditOptions::new(State::Il)).unwrap();
    let mut sink = FolderSink::create(folder.path()).unwrap();
    auditor
        .read(
            "synthetic.csv",
            Reader::new(file.as_slice()).unwrap(),
            &mut sink,
            |_| {},
        )
        .unwrap();
    let report = auditor.finish();
    sink.finish(&report).unwrap();
    assert_eq!(report.rows, planted.rows);
    assert_eq!(
        (report.duplicates > 0, report.unparsed),
        (planted.duplicates > 0, planted.broken)
    );
    assert!(
        report.counts.impermissible >= planted.immigration,
        "{:?} {planted:?}",
        report.counts
    );
    let limit = planted.immigration + planted.protected + planted.barred_accounts + 60;
    assert!(
        report.counts.impermissible <= limit,
        "{:?} {planted:?}",
        report.counts
    );
    assert!(
        report
            .revocations
            .iter()
            .any(|r| r.action == Action::Revoke && !r.evidence.is_empty())
    );
    for name in [
        "findings.jsonl",
        "findings.csv",
        "unparsed.jsonl",
        "summary.json",
        "revocations.json",
        "revocations.csv",
        "report.html",
    ] {
        assert!(
            folder.path().join(name).metadata().unwrap().len() > 0,
            "{name}"
        );
    }
    let lines = std::fs::read_to_string(folder.path().join("findings.jsonl")).unwrap();
    let grave = report.counts.impermissible + report.counts.questionable;
    assert_eq!(lines.lines().count() as u64, grave);
    let first: Finding = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(!first.rules.is_empty());
}

#[test]
fn the_report_escapes_everything() {
    let evil = "<script>alert(1)</script>";
    let (report, _) = audit(&row(
        "<img src=x>",
        &format!("{evil} TX PD"),
        &format!("immigration {evil}"),
        "24-1",
        IN_FORCE,
    ));
    let folder = tempfile::tempdir().unwrap();
    FolderSink::create(folder.path())
        .unwrap()
        .finish(&report)
        .unwrap();
    let html = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(!html.contains(evil) && !html.contains("<img"));
    assert!(html.contains("&lt;script&gt;"));
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("url("));
}

#[test]
fn proposals_become_revocations_with_their_evidence() {
    let rows = [
        row("ev-1", "Houston TX PD", "ICE detainer", "24-1", IN_FORCE),
        row("ev-2", "Houston TX PD", "ICE detainer", "24-2", IN_FORCE),
        row(
            "ev-3",
            "Reno NV PD [Inactive]",
            "IMMIGRATION",
            "24-3",
            IN_FORCE,
        ),
        row("ev-4", "Peoria IL PD", "immigration hold", "24-4", IN_FORCE),
        row("ev-5", "Dallas TX PD", "stolen vehicle", "24-5", IN_FORCE),
        row("ev-6", "Reno NV PD", "ICE warrant", "24-6", IN_FORCE),
    ]
    .concat();
    let (report, found) = audit(&rows);

    let springfield = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    let mut houston = Agency::new("tx-houston", AgencyKind::Local, State::Tx)
        .with_declaration(declaration_in_force());
    houston.name = "HOUSTON TX PD".to_owned();
    let mut registry = Registry::default();
    registry.add_agency(houston.clone());
    registry.add_dataset(
        Dataset::new("springfield", springfield.to_ref(), State::Il)
            .with_share(ShareGrant::Network),
    );

    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let now = parse_instant("2026-11-22").unwrap();
    let search = |registry: &Registry, at| {
        let agency = registry
            .agency_for(&"tx-houston".into(), &"springfield".into(), at)
            .unwrap();
        let data = registry
            .dataset_for(&"springfield".into(), &"tx-houston".into(), at)
            .unwrap();
        let request = SearchRequest::builder(Actor::verified("officer-7", agency), at)
            .plate("AB12345")
            .purpose(Purpose::ViolentCrime)
            .case("26-1")
            .dataset(data)
            .build();
        policy.decide(&request)
    };
    assert!(search(&registry, now).outcome.permits_any());

    let store = MemoryStore::default();
    let mut trail = TrailWriter::open(store.clone(), TrailOptions::default()).unwrap();
    let order = RevocationOrder::new("springfield", "Records Officer Doe", "rev-2026");
    let mut apply =
        |registry: &mut Registry| report.revoke(|_| true, &order, registry, now, &mut trail);
    // Nobody's decision is none.
    let nobody = RevocationOrder::new("springfield", " ", "rev");
    assert!(
        report
            .revoke(
                |_| true,
                &nobody,
                &mut registry.clone(),
                now,
                &mut TrailWriter::open(MemoryStore::default(), TrailOptions::default()).unwrap()
            )
            .is_err()
    );
    let filed = apply(&mut registry).unwrap();
    // Illinois's own agency is referred, Dallas did nothing; the same audit again revokes nobody twice.
    assert_eq!(filed, ["rev-2026-1", "rev-2026-2"]);
    assert!(apply(&mut registry).unwrap().is_empty());

    let of = |agency: &str| {
        registry
            .revocations()
            .iter()
            .find(|r| r.agencies == [AgencyId::from(agency)])
            .unwrap()
    };
    let revocation = of("tx-houston");
    assert_eq!(
        revocation.evidence,
        ["test.csv:2 ev-1", "test.csv:4 ev-2"],
        "the line on which each row begins"
    );
    assert!(
        revocation.reason.contains("2-130(b)(2)"),
        "{}",
        revocation.reason
    );
    // Two names of one agency: one revocation, nothing of the evidence lost.
    let mut reno = of("Reno NV PD").evidence.clone();
    reno.sort();
    assert_eq!(reno, ["test.csv:12 ev-6", "test.csv:6 ev-3"]);
    for reference in &revocation.evidence {
        assert!(
            found
                .findings
                .iter()
                .any(|f| *reference == format!("{}:{} {}", f.file, f.line, f.row_id))
        );
    }

    let after = search(&registry, now);
    assert_eq!(after.outcome, Outcome::Deny);
    assert!(
        after
            .reasons
            .iter()
            .any(|r| &*r.rule == "engine-agency-revoked")
    );
    // The day before, access stood.
    let before = parse_instant("2026-11-20").unwrap();
    assert!(search(&registry, before).outcome.permits_any());

    let entries: Vec<_> = Trail::new(store.clone())
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().record().unwrap())
        .collect();
    assert_eq!(entries.len(), 2);
    assert!(
        matches!(&entries[0], platewarden_trail::Record::Revocation(r) if r.evidence == revocation.evidence)
    );
    assert!(
        Trail::new(store)
            .verify(&VerifyOptions::default())
            .unwrap()
            .fault
            .is_none()
    );

    // The registry is a file between runs.
    let json = serde_json::to_string(&registry).unwrap();
    assert_eq!(serde_json::from_str::<Registry>(&json).unwrap(), registry);
}

fn declaration_in_force() -> Declaration {
    Declaration {
        id: "decl-1".into(),
        jurisdiction: State::Il.into(),
        statute: "625 ILCS 5/2-130".to_owned(),
        text_sha256: None,
        signed_by: Some("Chief".to_owned()),
        signed_at: Fact::Known(parse_instant("2025-02-01").unwrap()),
        expires: None,
        scope: Vec::new(),
    }
}

#[test]
fn rows_are_found_again_by_their_line_whatever_ends_it() {
    let rows = [
        row("a", "Houston TX PD", "ICE detainer", "24-1", IN_FORCE),
        "\n\n".to_owned(),
        row("b", "Houston TX PD", "ICE detainer", "24-2", IN_FORCE),
        row("c", "Houston TX PD", "ICE detainer", "24-3", IN_FORCE),
    ]
    .concat();
    let file = format!("{HEADER}{rows}");
    let trimmed = file.trim_end().to_owned();
    for text in [
        &file,
        &trimmed,
        &file.replace('\n', "\r\n"),
        &trimmed.replace('\n', "\r\n"),
    ] {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let mut lines = Vec::new();
        while let Some(found) = reader.next_row().unwrap() {
            let Row::Search(record) = found else {
                panic!("every row is one");
            };
            lines.push(record.line);
        }
        assert_eq!(lines, [2, 6, 8]);
    }
}

#[test]
fn two_capitals_that_may_be_anything_propose_nothing() {
    let rows = [
        row("a", "Kern County CA SD", "ICE detainer", "24-1", IN_FORCE),
        row("b", "Fairfax CO PD", "ICE detainer", "24-2", IN_FORCE),
        row("c", "***", "ICE detainer", "24-3", IN_FORCE),
        row("d", "Rapid City SD", "ICE detainer", "24-4", IN_FORCE),
    ];
    let (report, found) = audit(&rows.concat());
    // All four are barred by what they say; one agency alone is known to be of another state.
    assert_eq!(found.findings.len(), 4);
    assert_eq!(report.counts.impermissible, 4);
    let proposed: Vec<&str> = report
        .revocations
        .iter()
        .map(|r| r.agency.as_str())
        .collect();
    assert_eq!(proposed, ["Kern County CA SD"]);
    let mut unplaced: Vec<(&str, bool)> = report
        .unplaced
        .iter()
        .map(|u| (u.agency.as_str(), u.why.contains("doubt")))
        .collect();
    unplaced.sort_unstable();
    assert_eq!(
        unplaced,
        [
            ("(agency not recorded)", false),
            ("Fairfax CO PD", true),
            ("Rapid City SD", true)
        ]
    );
}

#[test]
fn without_a_column_of_agencies_the_owner_is_the_searcher() {
    let file = "ID,userID,networkCount,Search Time,Reason\n\
                a,J. Doe,12,\"03/04/2026, 10:00:00 AM UTC\",stolen vehicle\n\
                b,J. Doe,12,\"03/04/2026, 11:00:00 AM UTC\",ICE detainer\n";
    let audit = |owner: Option<&str>| {
        let policy = Policy::bundled(Unverified::Allow).unwrap();
        let mut options = AuditOptions::new(State::Il);
        options.owner = owner.map(str::to_owned);
        let mut auditor = Auditor::new(&policy, options).unwrap();
        let mut found = Collected::default();
        let reader = Reader::new(file.as_bytes()).unwrap();
        auditor
            .read("portal.csv", reader, &mut found, |_| {})
            .unwrap();
        (auditor.finish(), found)
    };
    let (report, found) = audit(Some("Springfield Police"));
    assert_eq!(report.counts.unremarkable, 1);
    assert_eq!(only(&found).agency, "Springfield Police");
    assert_eq!(report.revocations[0].action, Action::Refer);
    // Without an owner nobody is accused.
    let (report, _) = audit(None);
    assert!(report.revocations.is_empty());
    assert_eq!(report.unplaced.len(), 1);
}

#[test]
fn counts_keep_statute_and_house_rule_apart() {
    let rows = [
        row("statute", "Houston TX PD", "ICE detainer", "24-1", IN_FORCE),
        row(
            "engine",
            "Aurora IL PD [Inactive]",
            "burglary",
            "24-2",
            IN_FORCE,
        ),
        row(
            "policy",
            "Aurora IL PD",
            "my ex girlfriend",
            "24-3",
            IN_FORCE,
        ),
    ];
    let (report, found) = audit(&rows.concat());
    let by = report.counts.impermissible_by;
    assert_eq!((by.statute, by.engine_rule), (1, 1), "{by:?}");
    assert_eq!(by.law(), 1);
    let parts: u64 = by.parts().iter().map(|(_, count)| count).sum();
    assert_eq!(parts, report.counts.impermissible);
    let of = |id: &str| {
        found
            .findings
            .iter()
            .find(|f| f.row_id == id)
            .and_then(|f| f.authority)
    };
    assert_eq!(of("statute"), Some(AuthorityKind::Statute));
    assert_eq!(of("engine"), Some(AuthorityKind::EngineRule));
    assert_eq!(of("policy"), Some(AuthorityKind::AgencyPolicy));
    // House rules propose nothing.
    let proposed: Vec<&str> = report
        .revocations
        .iter()
        .map(|r| r.agency.as_str())
        .collect();
    assert_eq!(proposed, ["Houston TX PD"]);
}

#[test]
fn nothing_is_held_against_searches_before_the_law() {
    let (report, found) = audit(&row(
        "a",
        "Houston TX PD",
        "ICE detainer",
        "24-1",
        "12/15/2023, 10:00:00 AM UTC",
    ));
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    assert_eq!(
        (report.counts.before_law, report.counts.impermissible),
        (1, 0)
    );
    assert!(report.law_begins.is_some());
}

#[test]
fn months_are_those_of_the_place() {
    // Half past midnight UTC on the first of March is the last of February in Illinois.
    let (report, _) = audit(&row(
        "a",
        "Aurora IL PD",
        "burglary",
        "24-1",
        "03/01/2026, 12:30:00 AM UTC",
    ));
    assert_eq!((report.months[0].year, report.months[0].month), (2026, 2));
    assert_eq!(report.zone, "America/Chicago");
    assert_eq!(report.naive_zone, None);
    let (report, _) = audit(&row(
        "a",
        "Aurora IL PD",
        "burglary",
        "24-1",
        "03/01/2026 12:30",
    ));
    assert_eq!(
        report.naive_zone.as_deref(),
        Some("UTC"),
        "a naive time is told"
    );
    assert_eq!(report.files[0].naive_times, 1);
}

#[test]
fn a_login_of_another_is_found_where_the_record_shows_both() {
    let file = "ID,Account,Officer,Org Name,Reason,Case #,Search Time\n\
                a,Jane Smith,John Doe,Aurora IL PD,burglary,24-1,2026-03-04T10:00:00Z\n\
                b,John Doe,John Doe,Aurora IL PD,burglary,24-2,2026-03-04T10:00:00Z\n";
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let mut auditor = Auditor::new(&policy, AuditOptions::new(State::Il)).unwrap();
    let mut found = Collected::default();
    auditor
        .read(
            "log.csv",
            Reader::new(file.as_bytes()).unwrap(),
            &mut found,
            |_| {},
        )
        .unwrap();
    let finding = only(&found);
    assert_eq!(
        (finding.row_id.as_str(), finding.authority),
        ("a", Some(AuthorityKind::EngineRule))
    );
    assert!(
        finding
            .rules
            .iter()
            .any(|r| r.rule == "engine-shared-credential")
    );
    assert_eq!(auditor.finish().files[0].other_logins, 1);
}

#[test]
fn an_event_log_shows_hotlist_entries_and_changes_of_sharing() {
    let file = "Event Id,Timestamp,User,Event Type,Entity Type,Entity Details\n\
                1,2026-03-05T13:27:03Z,chief,create,networkShare,\"Organization: Houston TX PD\nScope: all\"\n\
                2,2026-03-06T13:27:03Z,chief,create,Custom Hotlist Entry,\"License: ABC123\nReason: ICE detainer\nCase: 1\"\n\
                3,2026-03-07T13:27:03Z,chief,create,Custom Hotlist Entry,\"License: ABC124\nReason: stolen vehicle\nCase: 2\"\n\
                4,some day,chief,create,Custom Hotlist Entry,\"License: ABC125\"\n";
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let mut options = AuditOptions::new(State::Il);
    options.owner = Some("Springfield IL PD".to_owned());
    let mut auditor = Auditor::new(&policy, options).unwrap();
    let mut found = Collected::default();
    let events = EventReader::new(file.as_bytes()).unwrap();
    auditor
        .read_events("events.csv", events, &mut found)
        .unwrap();
    let report = auditor.finish();
    assert_eq!((report.rows, report.unparsed), (3, 1));
    assert_eq!(only(&found).row_id, "2");
    let change = &report.sharing_changes[0];
    assert_eq!(
        (change.agency.as_str(), change.home.as_deref()),
        ("Houston TX PD", Some("US-TX"))
    );
}

#[test]
fn no_search_hides_behind_a_chosen_collision() {
    // Under a key that nobody else knows the same row has another digest in every audit, so none can be aimed at it.
    let text = format!(
        "{HEADER}{}",
        row("a", "Aurora IL PD", "burglary", "24-1", IN_FORCE)
    );
    let digest = |key: u8| {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let Some(Row::Search(record)) = reader.next_row().unwrap() else {
            panic!("a search")
        };
        record.duplicate_key(&[key; 32])
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
    assert_ne!(digest(1) >> 64, digest(2) >> 64);
    // Cells that run into the same bytes are two searches.
    let file = "Org Name,Reason,Search Time\n\
                Aurora IL PDb,urglary,2026-03-04T10:00:00Z\nAurora IL PD,burglary,2026-03-04T10:00:00Z\n";
    let mut reader = Reader::new(file.as_bytes()).unwrap();
    let mut keys = Vec::new();
    while let Some(Row::Search(record)) = reader.next_row().unwrap() {
        keys.push(record.duplicate_key(&[0; 32]));
    }
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_partial_entry_of_the_agencies_file_adds_to_the_name() {
    let mut options = AuditOptions::new(State::Il);
    options.directory =
        vec![serde_json::from_str(r#"{"name": "Fairfax CO PD", "state": "VA"}"#).unwrap()];
    let (report, _) = audit_with(
        &row("a", "Fairfax CO PD", "ICE detainer", "24-1", IN_FORCE),
        options,
    );
    assert_eq!(report.revocations[0].action, Action::Revoke);
    let agency = &report.agencies[0];
    assert_eq!(
        (agency.home.as_deref(), agency.kind),
        (Some("US-VA"), Fact::Known(AgencyKind::Local))
    );
}
