//! The likely classes of look-alikes that a read may belong to.

use platewarden_text::symbol::SYMBOLS;

use super::glyphs::{Distribution, class_index};
use super::index::Key;

/// Classes of one place with their probabilities, most probable first.
type Classes = Vec<(usize, f32)>;

/// Calls `found` with the key of every sequence of classes whose probability is at least `least`.
///
/// A text is never more probable than its sequence of classes, so that no text above `least` is missed. Probabilities of
/// sequences add up to at most `first`, so that there are at most `first / least` of them.
pub(super) fn for_each_key(
    places: &[Distribution],
    first: f32,
    least: f32,
    found: &mut impl FnMut(Key),
) {
    let classes: Vec<Classes> = places.iter().map(classes_of).collect();
    // Greatest probability that the places from each on can still contribute.
    let mut best_from = vec![1.0_f32];
    for place in classes.iter().rev() {
        let best = place.first().map_or(0.0, |class| class.1);
        let after = best_from.last().copied().unwrap_or(1.0);
        best_from.push(after * best);
    }
    best_from.reverse();
    descend(
        &classes,
        best_from.get(1..).unwrap_or_default(),
        first,
        least,
        Key::default(),
        found,
    );
}

fn descend(
    classes: &[Classes],
    best_from: &[f32],
    probability: f32,
    least: f32,
    key: Key,
    found: &mut impl FnMut(Key),
) {
    let Some((place, rest)) = classes.split_first() else {
        if probability >= least {
            found(key);
        }
        return;
    };
    let (best_of_rest, later) = match best_from.split_first() {
        Some((best, later)) => (*best, later),
        None => (1.0, best_from),
    };
    for &(class, share) in place {
        let reached = probability * share;
        if reached * best_of_rest < least {
            // The others of this place are less probable still.
            return;
        }
        descend(rest, later, reached, least, key.followed_by(class), found);
    }
}

fn classes_of(place: &Distribution) -> Classes {
    let mut sums = [0.0_f32; SYMBOLS];
    for (index, probability) in place.iter().enumerate() {
        if let Some(sum) = sums.get_mut(class_index(index)) {
            *sum += probability;
        }
    }
    let mut classes: Classes = sums
        .into_iter()
        .enumerate()
        .filter(|(_, probability)| *probability > 0.0)
        .collect();
    classes.sort_by(|a, b| b.1.total_cmp(&a.1));
    classes
}
