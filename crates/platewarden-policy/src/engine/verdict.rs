//! What one rule says of one request.

use std::sync::Arc;

use super::context::Context;
use super::truth::{Fields, Truth};
use crate::model::{AuthorityKind, Cure, Effect, FactRef, Obligation, Reason};
use crate::packs::{LawState, Pack, Rule, RuleEffect, Side};

/// Hours within which an emergency search must be completed and reviewed.
const EXIGENCY_HOURS: u32 = 24;

/// A rule that has something to say, and what.
pub(super) struct Verdict<'p> {
    pub(super) rule: &'p Rule,
    /// Whether its condition holds; never false.
    holds: Truth,
    pub(super) says: Says,
}

/// What it says.
pub(super) enum Says {
    /// The search has this ground, or these duties come with it.
    Notes {
        reason: Option<Reason>,
        obligations: Vec<Obligation>,
    },
    /// The search is denied.
    Denies { reason: Reason, cures: Vec<Cure> },
    /// The search is denied with that effect, or not, depending on these facts.
    Depends {
        reason: Reason,
        /// What would settle it in the searcher's favour.
        cures: Vec<Cure>,
        on: Fields,
    },
}

impl<'p> Verdict<'p> {
    /// Asks a rule. `None` where its condition does not hold, or where it has nothing to say.
    pub(super) fn of(pack: &'p Pack, rule: &'p Rule, c: &Context<'_>) -> Option<Self> {
        let holds = rule.when.eval(c);
        if holds == Truth::False {
            return None;
        }
        let says = match rule.effect {
            RuleEffect::Permit if holds.is_true() => notes(pack, rule, Effect::Permit, c),
            RuleEffect::Permit => return None,
            RuleEffect::Oblige if holds.is_true() || !c.partial => {
                notes(pack, rule, Effect::Oblige, c)
            }
            RuleEffect::Oblige => return None,
            RuleEffect::Deny => deny(pack, rule, &holds, c),
            RuleEffect::DenyUnless => deny_unless(pack, rule, &holds, c),
        };
        Some(Self { rule, holds, says })
    }

    /// Adds what the rule says to what the law has said.
    pub(super) fn add_to(&self, law: &mut super::context::LawSaid) {
        let rule = self.rule;
        let denies = matches!(rule.effect, RuleEffect::Deny | RuleEffect::DenyUnless);
        if denies && rule.side == Side::Holder && rule.authority.kind != AuthorityKind::AgencyPolicy
        {
            match &self.holds {
                Truth::True => law.addressed |= rule.when.purposes(),
                Truth::Unknown(fields) => {
                    law.perhaps.push((rule.when.purposes(), fields.clone()));
                }
                Truth::False => {}
            }
        }
        if rule.side == Side::Any {
            return;
        }
        match &self.says {
            Says::Denies { reason, .. } => law.denied |= reason.effect == Effect::Deny,
            Says::Depends { reason, on, .. } if reason.effect == Effect::Deny => {
                law.may_deny.push(on.clone());
            }
            Says::Depends { .. } | Says::Notes { .. } => {}
        }
    }
}

fn reason(pack: &Pack, rule: &Rule, effect: Effect, facts: Vec<FactRef>) -> Reason {
    Reason {
        rule: Arc::clone(&rule.id),
        pack: Arc::clone(pack.arc_id()),
        effect,
        authority: Arc::clone(&rule.authority),
        message: Arc::clone(&rule.message),
        facts,
    }
}

fn notes(pack: &Pack, rule: &Rule, effect: Effect, c: &Context<'_>) -> Says {
    let obligations = rule.duties.iter().filter_map(|duty| duty.obligation(c));
    let mut facts = rule.when.facts(c);
    if effect == Effect::Permit && rule.side == Side::Any {
        // That nothing denies is worth as much as what was read.
        let told = |state: Option<LawState>| state.map_or("unknown", LawState::as_str);
        facts.push(FactRef::new("law of the data", told(c.holder_law)));
        facts.push(FactRef::new("law of the officer", told(c.actor_law)));
    }
    Says::Notes {
        reason: Some(reason(pack, rule, effect, facts)),
        obligations: obligations.collect(),
    }
}

/// Whether an emergency sets the rule aside.
fn waived(rule: &Rule, c: &Context<'_>) -> Truth {
    if rule.waivable {
        c.exigency()
    } else {
        Truth::False
    }
}

/// What a search owes whose emergency set a rule aside: completion and review.
fn owed(c: &Context<'_>) -> Says {
    let mut obligations = vec![Obligation::SupervisorReview {
        within_hours: EXIGENCY_HOURS,
    }];
    if !c.case_given().is_true() {
        obligations.push(Obligation::CompleteCaseRef {
            within_hours: EXIGENCY_HOURS,
        });
    }
    Says::Notes {
        reason: None,
        obligations,
    }
}

fn deny(pack: &Pack, rule: &Rule, holds: &Truth, c: &Context<'_>) -> Says {
    let mut facts = rule.when.facts(c);
    let effect = if rule.cures.is_empty() {
        Effect::Deny
    } else {
        Effect::DenyCurable
    };
    match holds.clone().and(!waived(rule, c)) {
        Truth::False => owed(c),
        Truth::Unknown(on) if c.partial => Says::Depends {
            reason: reason(pack, rule, effect, facts),
            cures: rule.cures.clone(),
            on,
        },
        Truth::Unknown(on) => {
            facts.push(FactRef::new(on.first(), "unknown"));
            Says::Denies {
                reason: reason(pack, rule, Effect::DenyCurable, facts),
                cures: vec![Cure::StateFact {
                    field: Arc::from(on.first()),
                }],
            }
        }
        Truth::True => Says::Denies {
            reason: reason(pack, rule, effect, facts),
            cures: rule.cures.clone(),
        },
    }
}

fn deny_unless(pack: &Pack, rule: &Rule, holds: &Truth, c: &Context<'_>) -> Says {
    let needs = rule.needs.iter();
    let met = needs.fold(Truth::True, |met, need| met.and(need.eval(c)));
    if met.is_true() {
        if rule.duties.is_empty() || (c.partial && !holds.is_true()) {
            return Says::Notes {
                reason: None,
                obligations: Vec::new(),
            };
        }
        return notes(pack, rule, Effect::Oblige, c);
    }
    let waived = waived(rule, c);
    if waived.is_true() {
        return owed(c);
    }
    let mut facts = rule.when.facts(c);
    if c.partial
        && let Truth::Unknown(on) = holds.clone().and(!met).and(!waived)
    {
        let mut cures = rule.cures.clone();
        if cures.is_empty() {
            let open = rule.needs.iter().filter(|need| !need.eval(c).is_true());
            open.for_each(|need| need.cures(c, &mut cures));
        }
        return Says::Depends {
            reason: reason(pack, rule, Effect::DenyCurable, facts),
            cures,
            on,
        };
    }
    let mut cures = rule.cures.clone();
    for need in rule.needs.iter().filter(|need| !need.eval(c).is_true()) {
        facts.push(FactRef::new(need.field(), "missing"));
        // A pack that lists cures knows them better than the form of the need does.
        if rule.cures.is_empty() {
            need.cures(c, &mut cures);
        }
    }
    if let Truth::Unknown(on) = holds {
        facts.push(FactRef::new(on.first(), "unknown"));
        cures.push(Cure::StateFact {
            field: Arc::from(on.first()),
        });
    }
    Says::Denies {
        reason: reason(pack, rule, Effect::DenyCurable, facts),
        cures,
    }
}
