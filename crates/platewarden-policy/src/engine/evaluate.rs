//! Asking the rules: all of them first, then the engine's defaults, which ask what the law has said.

use std::sync::Arc;

use jiff::Timestamp;

use super::collect::Collector;
use super::context::{Context, LawSaid};
use super::retention;
use super::verdict::{Says, Verdict};
use crate::model::PackVersion;
use crate::packs::{Pack, PackKind, PackSet, Rule, Side};

/// Asks everything that applies to one dataset: law of the data, law of the officer, overlays, retention, engine.
pub(super) fn dataset<'p>(
    packs: &'p PackSet,
    c: &mut Context<'_>,
    used: &mut Vec<Arc<PackVersion>>,
) -> Collector {
    let asked = asked(packs, c);
    for (pack, _) in &asked {
        if !used
            .iter()
            .any(|version| Arc::ptr_eq(version, pack.version()))
        {
            used.push(Arc::clone(pack.version()));
        }
    }
    // The engine's defaults come last: they ask what the law has said, whatever the order of its rules.
    let as_of = c.request.as_of;
    let mut verdicts = Vec::with_capacity(16);
    let ask = |defaults: bool, c: &Context<'_>, verdicts: &mut Vec<Verdict<'p>>| {
        let rules = speaking(&asked, as_of).filter(|(_, rule)| rule.asks_the_law == defaults);
        verdicts.extend(rules.filter_map(|(pack, rule)| Verdict::of(pack, rule, c)));
    };
    ask(false, c, &mut verdicts);
    let mut law = LawSaid::default();
    verdicts.iter().for_each(|verdict| verdict.add_to(&mut law));
    c.law = law;
    ask(true, c, &mut verdicts);

    let mut out = Collector::default();
    for verdict in verdicts {
        match verdict.says {
            Says::Notes {
                reason,
                obligations,
            } => {
                reason.into_iter().for_each(|reason| out.note(reason));
                obligations.into_iter().for_each(|duty| out.oblige(duty));
            }
            Says::Denies { reason, cures } => out.deny(reason, &cures),
            Says::Depends { reason, cures, on } => out.leave_open(reason, cures, &on),
        }
    }
    retention::apply(packs, c, &mut out);
    out
}

/// The rules in force of those packs, on their side.
fn speaking<'a, 'p: 'a>(
    asked: &'a [(&'p Pack, Side)],
    as_of: Timestamp,
) -> impl Iterator<Item = (&'p Pack, &'p Rule)> + 'a {
    asked.iter().flat_map(move |(pack, side)| {
        let rules = pack.rules().iter();
        let rules = rules.filter(move |rule| rule.side == *side && rule.in_force.contains(as_of));
        rules.map(move |rule| (*pack, rule))
    })
}

/// The packs that have a say, and on which side.
fn asked<'p>(packs: &'p PackSet, c: &Context<'_>) -> Vec<(&'p Pack, Side)> {
    let mut asked: Vec<(&Pack, Side)> = Vec::with_capacity(8);
    let place = c.data.captured_in.known().copied();
    if let Some(place) = place {
        asked.extend(packs.covering(place).map(|pack| (pack, Side::Holder)));
    }
    if let Some(owner) = c.data.owner.jurisdiction.known() {
        // The owner's law follows its data; law that covers both places speaks once.
        let covers = |pack: &&Pack| {
            place.is_some_and(|place| packs.covering(place).any(|other| other.id() == pack.id()))
        };
        let laws = packs
            .covering(*owner)
            .filter(|pack| pack.kind() == PackKind::Law);
        asked.extend(
            laws.filter(|pack| !covers(pack))
                .map(|pack| (pack, Side::Holder)),
        );
    }
    if let Some(home) = c.request.actor.agency.jurisdiction.known() {
        asked.extend(packs.covering(*home).map(|pack| (pack, Side::Actor)));
    }
    let overlays = c.data.overlays.iter();
    asked.extend(
        overlays
            .filter_map(|id| packs.overlay(id.as_str()))
            .map(|pack| (pack, Side::Any)),
    );
    asked.extend(packs.engine().map(|pack| (pack, Side::Any)));
    asked
}
