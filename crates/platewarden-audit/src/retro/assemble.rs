//! From aggregates to the report.

use std::cmp::Reverse;

use platewarden_policy::classifier::Lexicon;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{Agency, Fact, PackVersion};
use platewarden_policy::packs::PackKind;
use rustc_hash::FxHashMap;

use crate::export::zone_name;

use super::agencies::{Agencies, Entry};
use super::options::AuditOptions;
use super::report::{
    Action, AgencyRow, AuditReport, FileRow, MissingFact, MonthRow, ProposedRevocation, RuleRow,
    SignalRow, Unplaced,
};
use super::tally::{AgencyTally, Tally};

/// What becomes of one agency with barred searches.
enum Proposal {
    Made(ProposedRevocation),
    Not(Unplaced),
}

pub(super) fn report(
    mut tally: Tally,
    policy: &Policy,
    options: &AuditOptions,
    agencies: &Agencies,
    files: Vec<FileRow>,
) -> AuditReport {
    let (mut rows, mut revocations, mut unplaced) = (Vec::new(), Vec::new(), Vec::new());
    for (index, tally) in std::mem::take(&mut tally.agencies).into_iter().enumerate() {
        let Some(entry) = agencies
            .entries
            .get(index)
            .filter(|_| tally.counts.total() > 0)
        else {
            continue;
        };
        let agency = agencies
            .profiles
            .get(entry.profile as usize)
            .map(|p| &p.agency);
        rows.push(row(entry, agency, &tally));
        if tally.barred >= options.revoke_from.max(1) {
            match proposal(entry, agency, tally, options) {
                Proposal::Made(made) => revocations.push(made),
                Proposal::Not(why) => unplaced.push(why),
            }
        }
    }
    rank(&mut rows, &mut revocations, &mut unplaced);
    let rules = ranked_rules(&mut tally);
    #[allow(
        clippy::expect_used,
        reason = "part of the program, and read when the auditor's classifier was made"
    )]
    let lexicon = Lexicon::bundled().expect("the bundled lexicon is well formed");
    AuditReport {
        data_in: options.data_in.to_string(),
        place: place(policy, options),
        owner: options.owner.clone(),
        overlays: options.overlays.clone(),
        rows: files.iter().map(|f| f.rows).sum(),
        unparsed: files.iter().map(|f| f.unparsed).sum(),
        duplicates: files.iter().map(|f| f.duplicates).sum(),
        files,
        zone: zone_name(&options.clocks()),
        naive_zone: None,
        sharing_changes: Vec::new(),
        law_begins: policy.packs().law_begins(options.data_in),
        period: tally.period,
        counts: tally.counts,
        months: months(&mut tally),
        agencies: rows,
        packs: packs(policy, options, &rules),
        rules,
        signals: signals(&mut tally),
        vague: tally.vague,
        personal_data: tally.personal,
        missing: facts(&mut tally.missing),
        presumed: facts(&mut tally.presumed),
        revocations,
        unplaced,
        lexicon: (lexicon.version().to_owned(), lexicon.sha256().to_owned()),
        samples: tally.take_samples(),
        unparsed_samples: std::mem::take(&mut tally.unparsed_samples),
    }
}

fn row(entry: &Entry, agency: Option<&Agency>, tally: &AgencyTally) -> AgencyRow {
    AgencyRow {
        name: entry.name.clone(),
        kind: agency.map_or(Fact::Unknown, |a| a.kind),
        home: agency
            .and_then(|a| a.jurisdiction.known())
            .map(ToString::to_string),
        doubt: entry.doubt.clone(),
        counts: tally.counts,
    }
}

/// A proposal needs an agency, and a place for it: doubt proposes nothing.
fn proposal(
    entry: &Entry,
    agency: Option<&Agency>,
    tally: AgencyTally,
    options: &AuditOptions,
) -> Proposal {
    let home = agency.and_then(|a| a.jurisdiction.known().copied());
    let not = |why: &str| {
        Proposal::Not(Unplaced {
            agency: entry.name.clone(),
            why: why.to_owned(),
            impermissible: tally.barred,
        })
    };
    if entry.nobody {
        return not("the log names no agency");
    }
    let (Some(home), Some((first, last))) = (home, tally.period) else {
        let why = entry.doubt.as_ref().map_or_else(
            || "the name says no place".to_owned(),
            |doubt| format!("the name leaves the place in doubt, {doubt}"),
        );
        return not(&why);
    };
    Proposal::Made(ProposedRevocation {
        agency: entry.name.clone(),
        action: if home == options.data_in {
            Action::Refer
        } else {
            Action::Revoke
        },
        impermissible: tally.barred,
        impermissible_by: tally.barred_by,
        questionable: tally.counts.questionable,
        searches: tally.counts.total(),
        first,
        last,
        grounds: ranked(tally.grounds),
        reasons: ranked(tally.reasons),
        evidence: tally.evidence,
    })
}

fn rank(rows: &mut [AgencyRow], revocations: &mut [ProposedRevocation], unplaced: &mut [Unplaced]) {
    rows.sort_by(|a, b| {
        let grave = |row: &AgencyRow| {
            let counts = &row.counts;
            Reverse((
                counts.impermissible_by.law(),
                counts.impermissible,
                counts.questionable,
                counts.insufficient,
            ))
        };
        grave(a).cmp(&grave(b)).then_with(|| a.name.cmp(&b.name))
    });
    revocations.sort_by(|a, b| {
        (a.action, Reverse(a.impermissible), &a.agency).cmp(&(
            b.action,
            Reverse(b.impermissible),
            &b.agency,
        ))
    });
    unplaced.sort_by(|a, b| {
        (Reverse(a.impermissible), &a.agency).cmp(&(Reverse(b.impermissible), &b.agency))
    });
}

/// The gravest verdict first, then the highest authority, then the most frequent.
fn ranked_rules(tally: &mut Tally) -> Vec<RuleRow> {
    let mut rules: Vec<RuleRow> = std::mem::take(&mut tally.rules).into_values().collect();
    rules.sort_by(|a, b| {
        let rank = |row: &RuleRow| {
            (
                Reverse(row.verdict),
                row.rule.authority,
                Reverse(row.searches),
            )
        };
        rank(a)
            .cmp(&rank(b))
            .then_with(|| a.rule.rule.cmp(&b.rule.rule))
    });
    rules
}

fn packs(policy: &Policy, options: &AuditOptions, rules: &[RuleRow]) -> Vec<PackVersion> {
    let packs = policy.packs();
    let used = |id: &str| {
        rules.iter().any(|row| row.rule.pack == id)
            || packs.covering(options.data_in).any(|pack| pack.id() == id)
    };
    let mut versions: Vec<PackVersion> = packs
        .iter()
        .filter(|pack| used(pack.id()))
        .map(|pack| (**pack.version()).clone())
        .collect();
    versions.sort();
    versions
}

fn place(policy: &Policy, options: &AuditOptions) -> String {
    let law = policy
        .packs()
        .covering(options.data_in)
        .find(|pack| pack.kind() == PackKind::Law);
    law.map_or_else(
        || options.data_in.to_string(),
        |pack| pack.title().to_owned(),
    )
}

fn months(tally: &mut Tally) -> Vec<MonthRow> {
    let months = std::mem::take(&mut tally.months).into_iter();
    months
        .map(|((year, month), counts)| MonthRow {
            year,
            month,
            counts,
        })
        .collect()
}

fn signals(tally: &mut Tally) -> Vec<SignalRow> {
    let signals = std::mem::take(&mut tally.signals).into_iter();
    signals
        .map(|((category, grade), searches)| SignalRow {
            category,
            grade,
            searches,
        })
        .collect()
}

fn facts(counts: &mut FxHashMap<String, u64>) -> Vec<MissingFact> {
    ranked(std::mem::take(counts))
        .into_iter()
        .map(|(fact, searches)| MissingFact { fact, searches })
        .collect()
}

fn ranked(counts: FxHashMap<String, u64>) -> Vec<(String, u64)> {
    let mut list: Vec<(String, u64)> = counts.into_iter().collect();
    list.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
    list
}
