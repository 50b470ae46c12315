//! Searches counted by verdict and by the authority behind it.

use platewarden_policy::model::AuthorityKind;
use serde::Serialize;

use super::finding::Verdict;

/// Searches by the highest authority that speaks against each: a house rule is never counted as a statute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ByAuthority {
    /// Statutes.
    pub statute: u64,
    /// Regulations.
    pub regulation: u64,
    /// Decisions of courts.
    pub court_decision: u64,
    /// Opinions of attorneys general.
    pub ag_opinion: u64,
    /// Positions of regulators.
    pub regulator_position: u64,
    /// Contracts.
    pub contract: u64,
    /// Policy of an agency, or the engine's cautious default.
    pub agency_policy: u64,
    /// Rules of the engine: identity, form, unknown facts.
    pub engine_rule: u64,
}

impl ByAuthority {
    pub(super) fn add(&mut self, kind: AuthorityKind) {
        let count = match kind {
            AuthorityKind::Statute => &mut self.statute,
            AuthorityKind::Regulation => &mut self.regulation,
            AuthorityKind::CourtDecision => &mut self.court_decision,
            AuthorityKind::AgOpinion => &mut self.ag_opinion,
            AuthorityKind::RegulatorPosition => &mut self.regulator_position,
            AuthorityKind::Contract => &mut self.contract,
            AuthorityKind::AgencyPolicy => &mut self.agency_policy,
            AuthorityKind::EngineRule => &mut self.engine_rule,
        };
        *count += 1;
    }

    /// Each kind of authority with its count, the highest first.
    #[must_use]
    pub const fn parts(&self) -> [(AuthorityKind, u64); 8] {
        [
            (AuthorityKind::Statute, self.statute),
            (AuthorityKind::Regulation, self.regulation),
            (AuthorityKind::CourtDecision, self.court_decision),
            (AuthorityKind::AgOpinion, self.ag_opinion),
            (AuthorityKind::RegulatorPosition, self.regulator_position),
            (AuthorityKind::Contract, self.contract),
            (AuthorityKind::AgencyPolicy, self.agency_policy),
            (AuthorityKind::EngineRule, self.engine_rule),
        ]
    }

    /// Searches against which law speaks, or a regulator's reading of it; neither contracts nor house rules.
    #[must_use]
    pub const fn law(&self) -> u64 {
        self.statute
            + self.regulation
            + self.court_decision
            + self.ag_opinion
            + self.regulator_position
    }

    /// The kinds that occur, in words: `27 by statute, 27 by agency policy`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let parts: Vec<String> = self
            .parts()
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| format!("{count} by {}", authority_words(kind)))
            .collect();
        if parts.is_empty() {
            "none".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

/// The kind of authority in running text.
#[must_use]
pub const fn authority_words(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Statute => "statute",
        AuthorityKind::Regulation => "regulation",
        AuthorityKind::CourtDecision => "court decision",
        AuthorityKind::AgOpinion => "opinion of an attorney general",
        AuthorityKind::RegulatorPosition => "position of a regulator",
        AuthorityKind::Contract => "contract",
        AuthorityKind::AgencyPolicy => "agency policy",
        AuthorityKind::EngineRule => "engine rule",
    }
}

/// Searches by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Made before the first day of the law of the place, and nothing else speaks against them.
    pub before_law: u64,
    /// Nothing speaks against them.
    pub unremarkable: u64,
    /// The record does not show that they were lawful.
    pub insufficient: u64,
    /// They need an explanation.
    pub questionable: u64,
    /// Barred by what the row itself says.
    pub impermissible: u64,
    /// The questionable ones by the authority that asks.
    pub questionable_by: ByAuthority,
    /// The impermissible ones by the authority that bars them.
    pub impermissible_by: ByAuthority,
}

impl Counts {
    pub(super) fn add(&mut self, verdict: Verdict, authority: Option<AuthorityKind>) {
        let by = match verdict {
            Verdict::BeforeLaw => {
                self.before_law += 1;
                return;
            }
            Verdict::Unremarkable => {
                self.unremarkable += 1;
                return;
            }
            Verdict::Insufficient => {
                self.insufficient += 1;
                return;
            }
            Verdict::Questionable => {
                self.questionable += 1;
                &mut self.questionable_by
            }
            Verdict::Impermissible => {
                self.impermissible += 1;
                &mut self.impermissible_by
            }
        };
        if let Some(kind) = authority {
            by.add(kind);
        }
    }

    /// All searches.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.before_law
            + self.unremarkable
            + self.insufficient
            + self.questionable
            + self.impermissible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_rule_is_no_statute() {
        let mut counts = Counts::default();
        counts.add(Verdict::Impermissible, Some(AuthorityKind::Statute));
        counts.add(Verdict::Impermissible, Some(AuthorityKind::AgencyPolicy));
        counts.add(Verdict::Questionable, Some(AuthorityKind::EngineRule));
        counts.add(Verdict::BeforeLaw, None);
        assert_eq!(
            counts.impermissible_by.in_words(),
            "1 by statute, 1 by agency policy"
        );
        assert_eq!(counts.impermissible_by.law(), 1);
        assert_eq!(counts.questionable_by.in_words(), "1 by engine rule");
        assert_eq!(counts.total(), 4);
        let kinds = counts.impermissible_by.parts().map(|(kind, _)| kind);
        assert_eq!(kinds.as_slice(), AuthorityKind::ALL);
    }
}
