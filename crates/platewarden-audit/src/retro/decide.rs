//! What the law says of one kind of row.

use std::collections::BTreeSet;

use platewarden_policy::classifier::Classifier;
use platewarden_policy::engine::{Policy, Residual};
use platewarden_policy::model::{AuthorityKind, CertificationKind, Cure, Dataset, Effect, Reason};

use super::finding::{RuleHit, Verdict};
use super::question::{Filled, Row};

/// One decision, shared by all rows that have the same key.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// The highest authority that speaks against the search.
    pub(super) authority: Option<AuthorityKind>,
    pub(super) rules: Vec<RuleHit>,
    /// What the outcome depends on, and the record could have shown.
    pub(super) missing: Vec<String>,
    /// What the outcome depends on although no log shows it.
    pub(super) presumed: Vec<String>,
}

/// What a fact that nobody knows is to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// The record could have shown it, and does not.
    OfTheRecord,
    /// No log of this sort shows it.
    OfAllLogs,
}

impl Judgement {
    /// Asks the law once, with what is unknown left unknown.
    pub(super) fn of(
        row: &Row<'_>,
        policy: &Policy,
        data: &Dataset,
        classifier: &mut Classifier<'static>,
        before_law: bool,
    ) -> Self {
        let decision = row.decide(policy, data, classifier);
        // House rules of today were nobody's law before the law of the place had its first day.
        let counts =
            |reason: &Reason| !before_law || reason.authority.kind < AuthorityKind::AgencyPolicy;
        let datasets = decision.per_dataset.iter();
        let denials: Vec<&Reason> = datasets
            .clone()
            .flat_map(|d| &d.denials)
            .filter(|r| counts(r))
            .collect();
        let open: Vec<&Residual> = datasets
            .flat_map(|d| &d.residual)
            .filter(|r| counts(&r.reason))
            .collect();
        let for_good = |reason: &&Reason| reason.effect == Effect::Deny;
        if denials.iter().any(for_good) {
            // Beside a denial for good the curable ones are details.
            return Self::found(Verdict::Impermissible, denials.into_iter().filter(for_good));
        }
        let holds = open
            .iter()
            .filter(|rule| is_hold(rule))
            .map(|rule| &rule.reason);
        let asks: Vec<&Reason> = denials.into_iter().chain(holds).collect();
        if !asks.is_empty() {
            return Self::found(Verdict::Questionable, asks.into_iter());
        }
        let gaps = |rule: &Residual, wanted: Gap| {
            rule.depends_on
                .iter()
                .any(|field| gap(field, rule, row) == wanted)
        };
        let of_record: Vec<&Residual> = open
            .iter()
            .copied()
            .filter(|rule| gaps(rule, Gap::OfTheRecord))
            .collect();
        if !of_record.is_empty() {
            let mut found = Self::found(
                Verdict::Insufficient,
                of_record.iter().map(|rule| &rule.reason),
            );
            let words = of_record.iter().flat_map(|rule| {
                let fields = rule.depends_on.iter();
                fields
                    .filter(|field| gap(field, rule, row) == Gap::OfTheRecord)
                    .map(|field| fact_words(field, rule))
            });
            found.missing = distinct(words);
            return found;
        }
        let words = open
            .iter()
            .flat_map(|rule| rule.depends_on.iter().map(|field| fact_words(field, rule)));
        Self {
            verdict: if before_law {
                Verdict::BeforeLaw
            } else {
                Verdict::Unremarkable
            },
            authority: None,
            rules: Vec::new(),
            missing: Vec::new(),
            presumed: if before_law {
                Vec::new()
            } else {
                distinct(words)
            },
        }
    }

    fn found<'r>(verdict: Verdict, reasons: impl Iterator<Item = &'r Reason>) -> Self {
        let mut rules: Vec<RuleHit> = Vec::new();
        for reason in reasons {
            let known = |rule: &RuleHit| *rule.rule == *reason.rule && *rule.pack == *reason.pack;
            if !rules.iter().any(known) {
                rules.push(RuleHit::of(reason));
            }
        }
        rules.sort_by_key(|r| (std::cmp::Reverse(r.effect), r.authority, r.rule.clone()));
        Self {
            verdict,
            authority: rules.iter().map(|rule| rule.authority).min(),
            rules,
            missing: Vec::new(),
            presumed: Vec::new(),
        }
    }
}

fn distinct(words: impl Iterator<Item = String>) -> Vec<String> {
    words.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether the row itself calls for somebody's release: the hold is then the finding, whoever may have released it.
fn is_hold(rule: &Residual) -> bool {
    rule.cures.iter().any(|cure| {
        matches!(
            cure,
            Cure::AttachCertification {
                certification: CertificationKind::SupervisorRelease
                    | CertificationKind::CounselRelease,
            }
        )
    })
    // A rule that may not apply at all holds nothing.
    && rule.depends_on.iter().all(|field| *field == "certifications")
}

/// Whether the record could have shown a fact.
fn gap(field: &str, rule: &Residual, row: &Row<'_>) -> Gap {
    let shown = match field {
        "actor.user" => row.key.name == Filled::Blank,
        // A rule that a case number would not settle asks for something else of the case, such as a hotlist's date.
        "case_ref" => row.key.case == Filled::Blank && is_settled_by(rule, field),
        "purpose" | "purpose_detail" => match row.key.reason {
            Filled::Hidden => false,
            // That words name no purpose of the closed list is no fault of the row; a law's list may still want one.
            Filled::Said if row.says_something() => {
                rule.reason.authority.kind < AuthorityKind::AgencyPolicy
            }
            Filled::Said | Filled::Blank => true,
        },
        "actor.agency.kind" | "actor.agency.jurisdiction" | "actor.agency.declarations" => true,
        _ => false,
    };
    if shown {
        Gap::OfTheRecord
    } else {
        Gap::OfAllLogs
    }
}

/// Whether stating the fact would settle the rule in the searcher's favour.
fn is_settled_by(rule: &Residual, wanted: &str) -> bool {
    rule.cures
        .iter()
        .any(|cure| matches!(cure, Cure::StateFact { field } if **field == *wanted))
}

/// A fact in words.
fn fact_words(field: &str, rule: &Residual) -> String {
    let words = match field {
        "actor.agency.declarations" => {
            return format!("a declaration under {}", rule.reason.authority.citation);
        }
        "actor.agency.kind" | "actor.agency.jurisdiction" => "which agency searched",
        "actor.user" => "who searched",
        "actor.person_proofed" => "whether the account was bound to one verified person",
        "actor.mfa" => "whether the session was opened with more than one factor",
        "actor.credential_shared" => "whether more than one person used the account",
        "actor.training_valid_until" => "whether the training of the searcher held",
        "actor.contact" => "name, telephone, e-mail and address of the searcher",
        "purpose_detail" | "purpose" => "a reason in words",
        "case_ref" if is_settled_by(rule, field) => "a case number",
        "case_ref" => "whether a hotlist entry behind the search had lapsed",
        "certifications" => "which papers were attached",
        "offence" | "offence.level" | "offence.jurisdiction" | "offence.code" => "the offence",
        "suspicion" => "on what suspicion the search was made",
        "on_behalf_of" => "for whom the search was made",
        "transfer_intended_to" => "to whom results went",
        "window" => "which time was searched",
        "networks_searched" => "how many networks were searched",
        field => return format!("`{field}`"),
    };
    words.to_owned()
}

/// What would have to be shown, in words.
pub(crate) fn cure_words(cure: &Cure) -> Option<String> {
    Some(match cure {
        Cure::StateFact { field } => match &**field {
            "actor.agency.kind" | "actor.agency.jurisdiction" => "which agency it is".to_owned(),
            field => format!("`{field}`"),
        },
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
