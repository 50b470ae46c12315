//! What the recogniser's probabilities are worth as evidence.

use super::scratch::Item;
use crate::syntax::symbol::Symbols;

/// From this strength on, syntax alone decides between symbols that plates draw alike.
const FULL_SHARING_STRENGTH: f64 = 0.5;

/// Applies the temperature, makes the evidence sum to at most 1, and returns what is left to readings
/// that are not listed.
pub(super) fn temper(items: &mut [Item], temperature: f64) -> f64 {
    let sum: f64 = items.iter().map(|item| item.given).sum();
    let mut rest = (1.0 - sum).max(0.0);
    let tempered = temperature.is_finite() && temperature > 0.0 && temperature != 1.0;
    if tempered {
        items
            .iter_mut()
            .for_each(|item| item.evidence = item.given.powf(1.0 / temperature));
        rest = rest.powf(1.0 / temperature);
    }
    let total = rest + items.iter().map(|item| item.evidence).sum::<f64>();
    // Below 1 only by the temperature, above it also by added readings or sloppy inputs.
    if total > 0.0 && (total > 1.0 || tempered) {
        items.iter_mut().for_each(|item| item.evidence /= total);
        rest /= total;
    }
    rest
}

/// Lets candidates that look the same share their evidence, as far as formats that draw them alike
/// explain them. The sum over candidates that look the same stays as it was.
pub(super) fn share_between_look_alikes(items: &mut [Item], strength: f64) {
    if items
        .iter()
        .all(|item| item.lifts.iter().skip(1).all(|lift| *lift <= 0.0))
    {
        return;
    }
    let blend = (strength / FULL_SHARING_STRENGTH).min(1.0);
    for at in 0..items.len() {
        let shared = items
            .get(at)
            .map_or(0.0, |item| shared_evidence(item, items));
        if let Some(item) = items.get_mut(at) {
            item.shared = (1.0 - blend) * item.evidence + blend * shared;
        }
    }
    for at in 0..items.len() {
        let (mut before, mut after) = (0.0, 0.0);
        let symbols = items.get(at).and_then(|item| item.symbols);
        for other in look_alikes(items, symbols, 3) {
            before += other.evidence;
            after += other.shared;
        }
        if let Some(item) = items.get_mut(at) {
            item.score = if after > 0.0 {
                item.shared * before / after
            } else {
                item.evidence
            };
        }
    }
    items.iter_mut().for_each(|item| item.evidence = item.score);
}

/// Evidence of an item, averaged over the explanations: formats that draw all symbols differently take
/// its own evidence, the others the mean over the candidates that look the same on their plates.
fn shared_evidence(item: &Item, items: &[Item]) -> f64 {
    // A reading that the recogniser excluded stays excluded.
    if item.evidence <= 0.0 {
        return 0.0;
    }
    // 1 stands for the unknown format, in which all symbols differ.
    let [distinct, ..] = item.lifts;
    let mut explained = (1.0 + distinct) * item.evidence;
    let mut weight = 1.0 + distinct;
    for (kind, lift) in item
        .lifts
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, lift)| **lift > 0.0)
    {
        let (mut sum, mut count) = (0.0, 0.0);
        for other in look_alikes(items, item.symbols, kind).filter(|other| other.evidence > 0.0) {
            sum += other.evidence;
            count += 1.0;
        }
        if count > 0.0 {
            explained += lift * sum / count;
            weight += lift;
        }
    }
    explained / weight
}

/// The items that cannot be told from `symbols` where a plate draws alike what `kind` says.
fn look_alikes(
    items: &[Item],
    symbols: Option<Symbols>,
    kind: usize,
) -> impl Iterator<Item = &Item> {
    let fold = move |symbols: Symbols| symbols.folded(kind & 1 != 0, kind & 2 != 0);
    let folded = symbols.map(fold);
    items
        .iter()
        .filter(move |item| folded.is_some() && item.symbols.map(fold) == folded)
}
