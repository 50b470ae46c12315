#![allow(
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "tests"
)]

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn decoder(alphabet: &str, collapse: bool, lines: usize) -> Decoder {
    let alphabet: Vec<char> = alphabet.chars().collect();
    Decoder {
        blank: alphabet.len() - 1,
        alphabet,
        collapse,
        lines,
        calibration: Calibration::default(),
    }
}

/// Every text a matrix may spell with its exact probability, by trying every path.
fn by_brute_force(decoder: &Decoder, matrix: &[f32]) -> Vec<(String, f64)> {
    let width = decoder.alphabet.len();
    let steps = matrix.len() / width;
    let mut texts: HashMap<String, f64> = HashMap::new();
    for path in 0..width.pow(u32::try_from(steps).unwrap_or(0)) {
        let (mut rest, mut text, mut last, mut p) = (path, String::new(), NO_SYMBOL, 1.0);
        for step in 0..steps {
            let class = rest % width;
            rest /= width;
            p *= f64::from(matrix[step * width + class]);
            if class != decoder.blank && !(decoder.collapse && class == last) {
                text.push(decoder.alphabet[class]);
            }
            last = class;
        }
        let found = texts.entry(text).or_default();
        *found = if decoder.collapse {
            *found + p
        } else {
            p.max(*found)
        };
    }
    let mut texts: Vec<_> = texts.into_iter().collect();
    texts.sort_by(|a, b| b.1.total_cmp(&a.1));
    texts
}

proptest! {
    #[test]
    fn beam_search_finds_the_exact_probabilities(
        raw in prop::collection::vec(0.02f32..1.0, 15),
        collapse in any::<bool>(),
    ) {
        let decoder = decoder("AB_", collapse, 1);
        let mut matrix = raw;
        for step in matrix.chunks_exact_mut(3) {
            let sum: f32 = step.iter().sum();
            step.iter_mut().for_each(|p| *p /= sum);
        }
        let exact = by_brute_force(&decoder, &matrix);
        let found = decoder.decode(&mut matrix, 3);
        let empty = exact.iter().find(|(text, _)| text.is_empty()).map_or(0.0, |(_, p)| *p);
        prop_assert!((found.empty - empty).abs() < 1e-5 || empty < 0.02);
        // A beam holds the best texts of this alphabet whole, up to what it dropped on the way.
        let (text, p) = exact.iter().find(|(text, _)| !text.is_empty()).cloned().unwrap_or_default();
        let best = &found.candidates[0];
        prop_assert!(best.text == text || (f64::from(best.confidence) - p).abs() < 0.02, "{best:?} {text} {p}");
        prop_assert!(found.candidates.iter().all(|c| c.characters.len() == c.text.chars().count()));
        prop_assert!(found.candidates.iter().map(|c| f64::from(c.confidence)).sum::<f64>() <= 1.0 + 1e-5);
    }
}

/// A matrix that spells `path` (one symbol a step) with this much certainty.
fn spelled(decoder: &Decoder, path: &str, certainty: f32) -> Vec<f32> {
    let width = decoder.alphabet.len();
    let rest = (1.0 - certainty) / (width - 1) as f32;
    path.chars()
        .flat_map(|symbol| {
            decoder
                .alphabet
                .iter()
                .map(move |&c| if c == symbol { certainty } else { rest })
        })
        .collect()
}

#[test]
fn repeats_are_one_character_only_with_ctc() {
    for (collapse, expected) in [(true, "AAB"), (false, "AAAB")] {
        let decoder = decoder("AB_", collapse, 1);
        let texts = decoder.decode(&mut spelled(&decoder, "AA_AB__", 0.97), 5);
        assert_eq!(texts.candidates[0].text, expected);
        assert!(
            texts.candidates[0]
                .characters
                .iter()
                .all(|c| c.confidence > 0.96)
        );
    }
}

#[test]
fn characters_carry_their_own_alternatives() {
    let decoder = decoder("08B_", true, 1);
    let mut matrix = spelled(&decoder, "_0_8_", 0.97);
    // The second character is as good as a B.
    matrix[3 * 4..4 * 4].copy_from_slice(&[0.01, 0.5, 0.45, 0.04]);
    let texts = decoder.decode(&mut matrix, 5);
    let best = &texts.candidates[0];
    assert_eq!(best.text, "08");
    assert!((best.characters[1].confidence - 0.5).abs() < 1e-3);
    assert_eq!(best.characters[1].alternatives[0].symbol, 'B');
    assert_eq!(texts.candidates[1].text, "0B");
    assert_eq!(
        texts.candidates[1].characters[1].alternatives[0].symbol,
        '8'
    );
    assert!(best.confidence > texts.candidates[1].confidence);
}

#[test]
fn lines_are_told_by_where_the_characters_stand() {
    let decoder = decoder("AB_", true, 2);
    let lines = |path: &str| {
        decoder
            .decode(&mut spelled(&decoder, path, 0.97), 1)
            .candidates[0]
            .lines
    };
    assert_eq!(lines("_A_B______"), 1);
    assert_eq!(lines("______A_B_"), 1);
    assert_eq!(lines("_A____B___"), 2);
}

#[test]
fn nothing_reads_as_nothing() {
    let decoder = decoder("AB_", true, 1);
    let texts = decoder.decode(&mut spelled(&decoder, "____", 0.99), 5);
    assert!(texts.empty > 0.95, "{}", texts.empty);
    assert!(texts.candidates[0].confidence < 0.05);
    assert_eq!(decoder.decode(&mut [], 5), Reading::new(vec![], 1.0));
    let broken = decoder.decode(&mut [f32::NAN; 12], 5);
    assert_eq!(broken.candidates, []);
}
