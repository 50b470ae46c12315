//! What the law says of one kind of row.

use std::collections::BTreeSet;

use platewarden_policy::model::{AuthorityKind, Cure, Decision, Effect, Outcome};

use super::finding::{RuleHit, Verdict};

/// One decision, shared by all rows that have the same key.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// The highest authority that speaks against the search.
    pub(super) authority: Option<AuthorityKind>,
    pub(super) rules: Vec<RuleHit>,
    /// What the record would have to show.
    pub(super) missing: Vec<String>,
    /// What the outcome depends on although no log shows it.
    pub(super) presumed: Vec<String>,
}

impl Judgement {
    pub(super) fn of(decision: &Decision, curable: Verdict, before_law: bool) -> Self {
        let verdict = match (decision.outcome.permits_any(), curable) {
            (true, _) => Verdict::Unremarkable,
            (false, Verdict::Insufficient) => Verdict::Insufficient,
            (false, _) if decision.outcome == Outcome::Deny => Verdict::Impermissible,
            (false, _) => curable,
        };
        let mut rules = rules(decision, verdict);
        // House rules of today were nobody's law before the law of the place had its first day.
        if before_law {
            rules.retain(|rule| rule.authority < AuthorityKind::AgencyPolicy);
        }
        if verdict == Verdict::Unremarkable || rules.is_empty() {
            return Self {
                verdict: if before_law {
                    Verdict::BeforeLaw
                } else {
                    Verdict::Unremarkable
                },
                authority: None,
                rules: Vec::new(),
                missing: Vec::new(),
                presumed: Vec::new(),
            };
        }
        Self {
            verdict,
            authority: rules.iter().map(|rule| rule.authority).min(),
            rules,
            missing: missing(decision),
            presumed: Vec::new(),
        }
    }
}

/// The rules that decide, the gravest first.
fn rules(decision: &Decision, verdict: Verdict) -> Vec<RuleHit> {
    let deciding = |effect: Effect| match verdict {
        Verdict::BeforeLaw | Verdict::Unremarkable => false,
        // Beside a denial for good the curable ones are details; beside none they are the finding.
        Verdict::Impermissible => effect == Effect::Deny,
        Verdict::Questionable | Verdict::Insufficient => effect.denies(),
    };
    let reasons = decision
        .reasons
        .iter()
        .chain(decision.per_dataset.iter().flat_map(|d| &d.reasons));
    let mut rules: Vec<RuleHit> = Vec::new();
    for reason in reasons.filter(|r| deciding(r.effect)) {
        let known = |rule: &RuleHit| *rule.rule == *reason.rule && *rule.pack == *reason.pack;
        if !rules.iter().any(known) {
            rules.push(RuleHit::of(reason));
        }
    }
    rules.sort_by_key(|r| (std::cmp::Reverse(r.effect), r.authority, r.rule.clone()));
    rules
}

fn missing(decision: &Decision) -> Vec<String> {
    let cures = decision
        .cures
        .iter()
        .chain(decision.per_dataset.iter().flat_map(|d| &d.cures));
    let words: BTreeSet<String> = cures.filter_map(cure_words).collect();
    words.into_iter().collect()
}

/// What would have to be shown.
pub(crate) fn cure_words(cure: &Cure) -> Option<String> {
    Some(match cure {
        Cure::StateFact { field } => fact_words(field),
        Cure::FileDeclaration {
            jurisdiction,
            statute,
        } => format!("a declaration under {jurisdiction} {statute}"),
        Cure::AttachCertification { certification } => {
            format!("a {}", certification.as_str().replace('_', " "))
        }
        Cure::ObtainProcess { process } => format!("a process: {process}"),
        Cure::StateSuspicion { degree } => format!("facts for {degree}"),
        Cure::NarrowScope { .. } | Cure::Act { .. } | Cure::NoCure => return None,
    })
}

/// A field of a request in words.
pub(crate) fn fact_words(field: &str) -> String {
    match field {
        "actor.agency.kind" | "actor.agency.jurisdiction" => "which agency searched".to_owned(),
        "actor.user" => "who searched".to_owned(),
        "purpose_detail" | "purpose" => "a reason in words".to_owned(),
        "case_ref" => "a case number".to_owned(),
        field => format!("`{field}`"),
    }
}
