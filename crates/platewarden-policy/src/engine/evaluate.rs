//! Asking the rules.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{
    AuthorityKind, CertificationKind, Court, Cure, DatasetDecision, Effect, Fact, FactRef,
    LegalProcess, Obligation, PackVersion, Reason, Site, Suspicion,
};
use crate::packs::{Duty, Mask, Need, Pack, PackKind, PackSet, Rule, RuleEffect, Side, When, bit};
use crate::predicates::{Tri, same_statute};

use super::collect::Collector;
use super::context::Context;
use super::retention;

/// Hours within which an emergency search must be completed and reviewed.
const EXIGENCY_HOURS: u32 = 24;

/// Decides one dataset: law of the data, law of the officer, overlays, retention, engine rules.
pub(super) fn dataset(
    packs: &PackSet,
    c: &mut Context<'_>,
    used: &mut Vec<Arc<PackVersion>>,
) -> DatasetDecision {
    let mut out = Collector::default();
    let place = c.data.captured_in.known().copied();
    let owner = c
        .data
        .owner
        .jurisdiction
        .known()
        .copied()
        .filter(|owner| Some(*owner) != place);
    if let Some(place) = place {
        for pack in packs.covering(place) {
            run(pack, Side::Holder, c, &mut out, used);
        }
    }
    if let Some(owner) = owner {
        // The owner's law follows its data; law that covers both places has already spoken.
        for pack in packs.covering(owner).filter(|p| p.kind() == PackKind::Law) {
            if !place.is_some_and(|place| packs.covering(place).any(|p| p.id() == pack.id())) {
                run(pack, Side::Holder, c, &mut out, used);
            }
        }
    }
    if let Some(home) = c.request.actor.agency.jurisdiction.known() {
        for pack in packs.covering(*home) {
            run(pack, Side::Actor, c, &mut out, used);
        }
    }
    for id in &c.data.overlays {
        if let Some(pack) = packs.overlay(id.as_str()) {
            run(pack, Side::Any, c, &mut out, used);
        }
    }
    retention::apply(packs, c, &mut out);
    // Last, because it asks what the law has already said.
    for pack in packs.engine() {
        run(pack, Side::Any, c, &mut out, used);
    }
    out.finish(c.data.id.clone())
}

fn run(
    pack: &Pack,
    side: Side,
    c: &mut Context<'_>,
    out: &mut Collector,
    used: &mut Vec<Arc<PackVersion>>,
) {
    if !used.iter().any(|v| Arc::ptr_eq(v, pack.version())) {
        used.push(Arc::clone(pack.version()));
    }
    for rule in pack.rules() {
        if rule.side == side && rule.in_force.contains(c.request.as_of) {
            apply(pack, rule, c, out);
        }
    }
}

fn apply(pack: &Pack, rule: &Rule, c: &mut Context<'_>, out: &mut Collector) {
    let holds = when(&rule.when, c);
    if holds == Tri::False {
        return;
    }
    let is_law = rule.authority.kind != AuthorityKind::AgencyPolicy;
    match rule.effect {
        RuleEffect::Permit => {
            if holds == Tri::True {
                out.note(reason(pack, rule, Effect::Permit, facts(&rule.when, c)));
            }
        }
        RuleEffect::Oblige => {
            duties(&rule.duties, c, out);
            out.note(reason(pack, rule, Effect::Oblige, facts(&rule.when, c)));
        }
        RuleEffect::Deny => {
            if rule.side == Side::Holder && holds == Tri::True && is_law {
                c.addressed |= rule.when.purpose;
            }
            if waived(rule, c, out) {
                return;
            }
            match holds {
                Tri::Unknown(field) => deny_unknown(pack, rule, field, c, out),
                _ if rule.cures.is_empty() => {
                    c.law_denied |= rule.side != Side::Any;
                    out.deny(reason(pack, rule, Effect::Deny, facts(&rule.when, c)), &[]);
                }
                _ => out.deny(
                    reason(pack, rule, Effect::DenyCurable, facts(&rule.when, c)),
                    &rule.cures,
                ),
            }
        }
        RuleEffect::DenyUnless => {
            if rule.side == Side::Holder && holds == Tri::True && is_law {
                c.addressed |= rule.when.purpose;
            }
            let missing: Vec<&Need> = rule.needs.iter().filter(|need| !met(need, c)).collect();
            if missing.is_empty() {
                if !rule.duties.is_empty() {
                    duties(&rule.duties, c, out);
                    out.note(reason(pack, rule, Effect::Oblige, facts(&rule.when, c)));
                }
                return;
            }
            if waived(rule, c, out) {
                return;
            }
            let mut facts = facts(&rule.when, c);
            let mut cures = rule.cures.clone();
            for need in missing {
                facts.push(FactRef::new(need_field(need), "missing"));
                // A pack that lists cures knows them better than the form of the need does.
                if rule.cures.is_empty() {
                    need_cures(need, c, &mut cures);
                }
            }
            if let Tri::Unknown(field) = holds {
                facts.push(FactRef::new(field, "unknown"));
                cures.push(Cure::StateFact {
                    field: Arc::from(field),
                });
            }
            out.deny(reason(pack, rule, Effect::DenyCurable, facts), &cures);
        }
    }
}

fn deny_unknown(
    pack: &Pack,
    rule: &Rule,
    field: &'static str,
    c: &Context<'_>,
    out: &mut Collector,
) {
    let mut facts = facts(&rule.when, c);
    facts.push(FactRef::new(field, "unknown"));
    let cure = Cure::StateFact {
        field: Arc::from(field),
    };
    out.deny(reason(pack, rule, Effect::DenyCurable, facts), &[cure]);
}

/// Whether an emergency sets the rule aside; it then owes completion and review.
fn waived(rule: &Rule, c: &Context<'_>, out: &mut Collector) -> bool {
    if !rule.waivable || !c.exigency() {
        return false;
    }
    if !c.case_given() {
        out.oblige(Obligation::CompleteCaseRef {
            within_hours: EXIGENCY_HOURS,
        });
    }
    out.oblige(Obligation::SupervisorReview {
        within_hours: EXIGENCY_HOURS,
    });
    true
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

/// All conditions together: false if any is false, else unknown if any is unknown.
fn when(w: &When, c: &Context<'_>) -> Tri {
    let request = c.request;
    let purposes = c.purposes.mask;
    // The cheap tests first: most rules end here.
    if (w.purpose != 0 && w.purpose & purposes == 0)
        || (w.mode != 0 && w.mode & bit!(request.mode) == 0)
        || w.mode_not & bit!(request.mode) != 0
        || (w.scope != 0 && w.scope & bit!(request.scope) == 0)
        || (w.requester != 0 && w.requester & c.requester == 0)
        || w.requester_not & c.requester != 0
        || (w.recipient != 0 && w.recipient & c.recipient == 0)
        || (w.party != 0 && w.party & party(c) == 0)
    {
        return Tri::False;
    }
    // With no purpose at all the engine's own rule denies; a closed list has nothing to compare.
    if w.purpose_not != 0 && purposes & !w.purpose_not == 0 {
        return Tri::False;
    }
    let mut unknown = None;
    let mut all = true;
    let mut ask = |tri: Tri| match tri {
        Tri::True => {}
        Tri::False => all = false,
        Tri::Unknown(field) => unknown = unknown.or(Some(field)),
    };
    if w.agency_kind | w.agency_kind_not != 0 {
        let kind = request.actor.agency.kind.known().map(|k| bit!(*k));
        ask(within(
            w.agency_kind,
            w.agency_kind_not,
            kind,
            "actor.agency.kind",
        ));
    }
    if w.from_states | w.from_states_not != 0 {
        let home = request.actor.agency.jurisdiction.known();
        let home = home.map(|j| j.state().map_or(0, |s| bit!(s)));
        ask(within(
            w.from_states,
            w.from_states_not,
            home,
            "actor.agency.jurisdiction",
        ));
    }
    if w.offence_level | w.offence_level_not != 0 {
        let level = request
            .offence
            .as_ref()
            .and_then(|o| o.level.known())
            .map(|v| bit!(*v));
        ask(within(
            w.offence_level,
            w.offence_level_not,
            level,
            "offence.level",
        ));
    }
    if w.offence_jurisdiction | w.offence_jurisdiction_not != 0 {
        let whose = c.offence_jurisdiction().known().map(|v| bit!(*v));
        ask(within(
            w.offence_jurisdiction,
            w.offence_jurisdiction_not,
            whose,
            "offence.jurisdiction",
        ));
    }
    if w.operator != 0 {
        ask(within(
            w.operator,
            0,
            c.operator.map(|v| bit!(v)),
            "datasets.operator",
        ));
    }
    if w.device != 0 {
        ask(within(
            w.device,
            0,
            c.data.device.known().map(|v| bit!(*v)),
            "datasets.device",
        ));
    }
    if w.match_list | w.match_list_not != 0 {
        let list = request.match_list.known().map(|v| bit!(*v));
        ask(within(w.match_list, w.match_list_not, list, "match_list"));
    }
    for predicate in &w.predicate {
        ask(predicate.eval(c));
    }
    for predicate in &w.unless {
        ask(match predicate.eval(c) {
            Tri::True => Tri::False,
            Tri::False => Tri::True,
            unknown @ Tri::Unknown(_) => unknown,
        });
    }
    if let Some(length) = w.older_than {
        ask(older_than(length, c));
    }
    match (all, unknown) {
        (false, _) => Tri::False,
        (true, Some(field)) => Tri::Unknown(field),
        (true, None) => Tri::True,
    }
}

fn party(c: &Context<'_>) -> Mask {
    c.requester | c.recipient
}

fn within(wanted: Mask, unwanted: Mask, value: Option<Mask>, field: &'static str) -> Tri {
    match value {
        None => Tri::Unknown(field),
        Some(bit) => Tri::from((wanted == 0 || wanted & bit != 0) && unwanted & bit == 0),
    }
}

/// Whether any read in question, or the window, reaches back further than `length`.
fn older_than(length: crate::packs::Length, c: &Context<'_>) -> Tri {
    let horizon = length.before(c.request.as_of);
    if c.data.reads.is_empty() {
        return c
            .request
            .window
            .map_or(Tri::Unknown("window"), |w| Tri::from(w.start < horizon));
    }
    let mut unknown = false;
    for read in &c.data.reads {
        match read.captured_at(c.request.as_of) {
            Fact::Known(at) if at < horizon => return Tri::True,
            Fact::Known(_) => {}
            Fact::Unknown => unknown = true,
        }
    }
    if unknown {
        Tri::Unknown("datasets.reads.captured_at")
    } else {
        Tri::False
    }
}

/// The facts behind a rule's conditions, in the request's own words.
fn facts(w: &When, c: &Context<'_>) -> Vec<FactRef> {
    let mut out = Vec::with_capacity(4);
    let request = c.request;
    if w.purpose | w.purpose_not != 0 {
        let offending = if w.purpose != 0 {
            c.purposes.mask & w.purpose
        } else {
            c.purposes.mask & !w.purpose_not
        };
        for kind in crate::model::PurposeKind::ALL
            .iter()
            .filter(|k| offending & bit!(**k) != 0)
        {
            out.push(FactRef::new("purpose", kind.as_str()));
        }
    }
    if w.mode | w.mode_not != 0 {
        out.push(FactRef::new("mode", request.mode.as_str()));
    }
    if w.scope != 0 {
        out.push(FactRef::new("scope", request.scope.as_str()));
    }
    if w.requester | w.requester_not | w.party | w.recipient | w.agency_kind | w.agency_kind_not
        != 0
    {
        let agency = &request.actor.agency;
        out.push(FactRef::new(
            "actor.agency.kind",
            agency.kind.known().map_or("unknown", |k| k.as_str()),
        ));
    }
    if w.requester | w.requester_not | w.party | w.from_states | w.from_states_not != 0 {
        let home: Cow<'static, str> = match request.actor.agency.jurisdiction {
            Fact::Known(crate::model::Jurisdiction::State(state)) => Cow::Borrowed(state.as_str()),
            Fact::Known(other) => other.code(),
            Fact::Unknown => Cow::Borrowed("unknown"),
        };
        out.push(FactRef::new("actor.agency.jurisdiction", home));
    }
    if w.recipient & c.recipient != 0 || w.party & c.recipient != 0 {
        for party in c.beneficiaries() {
            out.push(FactRef::new(
                "on_behalf_of or transfer_intended_to",
                party.id.0.clone(),
            ));
        }
    }
    if w.offence_level | w.offence_level_not != 0 {
        let level = request.offence.as_ref().and_then(|o| o.level.known());
        out.push(FactRef::new(
            "offence.level",
            level.map_or("unknown", |v| v.as_str()),
        ));
    }
    if w.offence_jurisdiction | w.offence_jurisdiction_not != 0 {
        out.push(FactRef::new(
            "offence.jurisdiction",
            c.offence_jurisdiction()
                .known()
                .map_or("unknown", |v| v.as_str()),
        ));
    }
    if w.match_list | w.match_list_not != 0 {
        out.push(FactRef::new(
            "match_list",
            request.match_list.known().map_or("unknown", |v| v.as_str()),
        ));
    }
    for predicate in &w.predicate {
        out.push(FactRef::new("condition", predicate.as_str()));
    }
    out
}

fn met(need: &Need, c: &Context<'_>) -> bool {
    match need {
        Need::Declaration { .. } => declaration(need, c).is_some(),
        Need::Certification(kind) => {
            let named = matches!(
                kind,
                CertificationKind::SupervisorRelease
                    | CertificationKind::CounselRelease
                    | CertificationKind::SeniorAuthorization
            );
            c.request.certifications.iter().any(|cert| {
                // A release is a person's: without a name nobody has released anything.
                cert.kind == *kind
                    && (!named
                        || cert
                            .by
                            .as_deref()
                            .is_some_and(|name| !name.trim().is_empty()))
            })
        }
        Need::Process {
            warrant_only,
            federal_court,
            state_courts,
            any_court,
            ..
        } => {
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
        Need::Suspicion { level, .. } => suspicion_level(&c.request.suspicion) >= *level,
        Need::Predicate(predicate) => predicate.eval(c) == Tri::True,
        Need::Any(list) => list.iter().any(|need| met(need, c)),
    }
}

/// The id of the declaration or certification that meets a need.
fn declaration<'a>(need: &Need, c: &'a Context<'_>) -> Option<&'a str> {
    let Need::Declaration {
        jurisdiction, keys, ..
    } = need
    else {
        return None;
    };
    let filed = c.request.actor.agency.declarations.iter().find(|d| {
        d.jurisdiction == *jurisdiction
            && same_statute(&d.statute, keys)
            && d.in_force(c.request.as_of)
            && (d.scope.is_empty()
                || d.scope.iter().fold(0, |all, k| all | bit!(*k)) & c.purposes.mask
                    == c.purposes.mask)
    });
    filed.map(|d| d.id.as_str())
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

fn need_field(need: &Need) -> Cow<'static, str> {
    match need {
        Need::Declaration { .. } => Cow::Borrowed("actor.agency.declarations"),
        Need::Certification(kind) => Cow::Owned(format!("certifications.{kind}")),
        Need::Process { .. } => Cow::Borrowed("legal_process"),
        Need::Suspicion { .. } => Cow::Borrowed("suspicion"),
        Need::Predicate(predicate) => Cow::Borrowed(predicate.as_str()),
        Need::Any(list) => list.first().map_or(Cow::Borrowed("any"), need_field),
    }
}

fn need_cures(need: &Need, c: &Context<'_>, cures: &mut Vec<Cure>) {
    cures.push(match need {
        Need::Declaration { code, statute, .. } => Cure::FileDeclaration {
            jurisdiction: Arc::clone(code),
            statute: Arc::clone(statute),
        },
        Need::Certification(kind) => Cure::AttachCertification {
            certification: *kind,
        },
        Need::Process { name, .. } => Cure::ObtainProcess {
            process: Arc::clone(name),
        },
        Need::Suspicion { name, .. } => Cure::StateSuspicion {
            degree: Arc::clone(name),
        },
        Need::Predicate(predicate) => match predicate.eval(c) {
            Tri::Unknown(field) => Cure::StateFact {
                field: Arc::from(field),
            },
            _ => Cure::StateFact {
                field: Arc::from(predicate.as_str()),
            },
        },
        Need::Any(list) => {
            for need in list {
                need_cures(need, c, cures);
            }
            return;
        }
    });
}

fn duties(list: &[Duty], c: &Context<'_>, out: &mut Collector) {
    for duty in list {
        match duty {
            Duty::Fixed(obligation) => out.oblige(obligation.clone()),
            Duty::AttachDeclaration => {
                let agency = c.request.actor.agency.declarations.iter().find(|d| {
                    c.data.captured_in.is(&d.jurisdiction) && d.in_force(c.request.as_of)
                });
                let attached = c
                    .request
                    .certifications
                    .iter()
                    .find(|cert| cert.kind == CertificationKind::WrittenCertification);
                let id = agency.map(|d| &d.id).or(attached.map(|cert| &cert.id));
                out.oblige(Obligation::AttachDeclaration {
                    id: id.map(|id| id.0.clone()).unwrap_or_default(),
                });
            }
            Duty::AttachProcess => {
                if let Some(process) = &c.request.legal_process {
                    let (LegalProcess::JudicialWarrant { id, .. }
                    | LegalProcess::CourtOrder { id, .. }
                    | LegalProcess::Subpoena { id }
                    | LegalProcess::AdministrativeWarrant { form: id }) = process;
                    out.oblige(Obligation::AttachProcess { id: id.clone() });
                }
            }
            Duty::RecordFederalNexus => {
                if let Some(agency) = c.federal_nexus() {
                    out.oblige(Obligation::RecordFederalNexus {
                        agency: agency.to_owned(),
                    });
                }
            }
            Duty::SuppressSites => {
                let mut sites: Vec<Site> = c.data.sensitive_places.clone();
                sites.extend(
                    c.data
                        .reads
                        .iter()
                        .flat_map(|read| read.site.iter().copied()),
                );
                sites.sort_unstable();
                sites.dedup();
                if !sites.is_empty() {
                    out.oblige(Obligation::SuppressSites { sites });
                }
            }
        }
    }
}
