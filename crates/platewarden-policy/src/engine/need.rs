//! Whether what a rule needs is there, and what would help where it is not.

use std::borrow::Cow;
use std::sync::Arc;

use enumset::EnumSet;

use super::context::Context;
use super::truth::Truth;
use super::unknowns::RequestField;
use crate::model::{
    CertificationKind, Court, Cure, Fact, Jurisdiction, LegalProcess, PurposeKind, Suspicion,
};
use crate::packs::Need;
use crate::predicates::statute_key;

impl Need {
    /// Whether it is met.
    pub(super) fn eval(&self, c: &Context<'_>) -> Truth {
        match self {
            Self::Declaration {
                jurisdiction, keys, ..
            } => c.given(
                declared(*jurisdiction, keys, c),
                &[RequestField::Declarations],
            ),
            Self::Certification(kind) => {
                c.given(certified(*kind, c), &[RequestField::Certifications])
            }
            Self::Process { .. } => c.given(self.process(c), &[RequestField::LegalProcess]),
            Self::Suspicion { level, .. } => c.given(
                suspicion_level(&c.request.suspicion) >= *level,
                &[RequestField::Suspicion],
            ),
            Self::Predicate(predicate) => predicate.eval(c),
            Self::Any(list) => list
                .iter()
                .fold(Truth::False, |met, need| met.or(need.eval(c))),
        }
    }

    fn process(&self, c: &Context<'_>) -> bool {
        let Self::Process {
            warrant_only,
            federal_court,
            state_courts,
            any_court,
            ..
        } = self
        else {
            return false;
        };
        let court = match &c.request.legal_process {
            Some(LegalProcess::JudicialWarrant { court, .. }) => court,
            Some(LegalProcess::CourtOrder { court, .. }) if !warrant_only => court,
            _ => return false,
        };
        *any_court
            || match court {
                Fact::Known(Court::Federal) => *federal_court,
                Fact::Known(Court::State { state }) => state_courts.contains(state),
                Fact::Known(Court::Foreign) | Fact::Unknown => false,
            }
    }

    /// The part of the request in which it belongs.
    pub(super) fn field(&self) -> Cow<'static, str> {
        match self {
            Self::Declaration { .. } => Cow::Borrowed("actor.agency.declarations"),
            Self::Certification(kind) => Cow::Owned(format!("certifications.{kind}")),
            Self::Process { .. } => Cow::Borrowed("legal_process"),
            Self::Suspicion { .. } => Cow::Borrowed("suspicion"),
            Self::Predicate(predicate) => Cow::Borrowed(predicate.as_str()),
            Self::Any(list) => list.first().map_or(Cow::Borrowed("any"), Self::field),
        }
    }

    /// What would help where it is missing.
    pub(super) fn cures(&self, c: &Context<'_>, cures: &mut Vec<Cure>) {
        cures.push(match self {
            Self::Declaration { code, statute, .. } => Cure::FileDeclaration {
                jurisdiction: Arc::clone(code),
                statute: Arc::clone(statute),
            },
            Self::Certification(kind) => Cure::AttachCertification {
                certification: *kind,
            },
            Self::Process { name, .. } => Cure::ObtainProcess {
                process: Arc::clone(name),
            },
            Self::Suspicion { name, .. } => Cure::StateSuspicion {
                degree: Arc::clone(name),
            },
            Self::Predicate(predicate) => Cure::StateFact {
                field: Arc::from(match predicate.eval(c) {
                    Truth::Unknown(fields) => fields.first(),
                    Truth::True | Truth::False => predicate.as_str(),
                }),
            },
            Self::Any(list) => return list.iter().for_each(|need| need.cures(c, cures)),
        });
    }
}

fn certified(kind: CertificationKind, c: &Context<'_>) -> bool {
    let named = matches!(
        kind,
        CertificationKind::SupervisorRelease
            | CertificationKind::CounselRelease
            | CertificationKind::SeniorAuthorization
    );
    c.request.certifications.iter().any(|paper| {
        // A release is a person's: without a name nobody has released anything.
        let by = paper.by.as_deref().unwrap_or_default();
        paper.kind == kind && (!named || !by.trim().is_empty())
    })
}

fn declared(jurisdiction: Jurisdiction, keys: &[String], c: &Context<'_>) -> bool {
    let mut filed = c.request.actor.agency.declarations.iter();
    filed.any(|declaration| {
        let scope: EnumSet<PurposeKind> = declaration.scope.iter().copied().collect();
        declaration.jurisdiction == jurisdiction
            && same_statute(&declaration.statute, keys)
            && declaration.in_force(c.request.as_of)
            && (scope.is_empty() || c.purposes.all.is_subset(scope))
    })
}

fn suspicion_level(suspicion: &Suspicion) -> u8 {
    let stated = |level: u8, facts: &str| if facts.trim().is_empty() { 0 } else { level };
    match suspicion {
        Suspicion::None => 0,
        Suspicion::ArticulableFacts { facts } => stated(1, facts),
        Suspicion::ReasonableSuspicion { facts } => stated(2, facts),
        Suspicion::ProbableCause { facts } => stated(3, facts),
    }
}

/// Whether a declaration's statute is one of the spellings that a pack accepts.
///
/// A longer citation (a subsection, the publisher in front) passes; another statute does not. The
/// declaration's jurisdiction is compared separately.
fn same_statute(given: &str, wanted: &[String]) -> bool {
    let given = statute_key(given);
    wanted.iter().any(|key| given.contains(key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{same_statute, statute_key};

    #[test]
    fn statutes_are_compared_without_punctuation() {
        let wanted = [statute_key("5/2-130"), statute_key("IL-2-130")];
        for given in ["625 ILCS 5/2-130", "625 ILCS 5/2-130(c)", "il 2-130"] {
            assert!(same_statute(given, &wanted), "{given}");
        }
        assert!(!same_statute("2026 N.M. Laws ch. 20", &wanted));
        assert!(!same_statute("", &wanted));
    }
}
