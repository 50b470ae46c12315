//! What holds for any plates and any bytes.

use platewarden_footage::blinded::{Evaluator, Reveal};
use platewarden_text::confusion::{class_of, lookalikes};
use proptest::prelude::*;

use super::common::{EXPIRES, SMALL, WANTED, asked, at, batch, client, evaluator, saved};

/// Another symbol of the same class, or the same.
fn lookalike(symbol: char, choice: usize) -> char {
    let others = lookalikes(symbol).map(|(other, _)| other);
    let alike: Vec<char> = others
        .filter(|other| class_of(*other) == class_of(symbol))
        .collect();
    let choice = choice.checked_rem(alike.len());
    choice
        .and_then(|choice| alike.get(choice).copied())
        .unwrap_or(symbol)
}

fn skeleton(text: &str) -> String {
    text.chars().map(class_of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn exactly_the_reads_of_the_same_look_match(
        wanted in "[A-Z0-9]{2,8}",
        others in prop::collection::vec("[A-Z0-9]{2,3}", 0..20),
        choices in prop::collection::vec(any::<usize>(), 8),
    ) {
        let mut evaluator = Evaluator::new(&[&wanted], at(EXPIRES), SMALL)?;
        let alike: String = wanted
            .chars()
            .zip(choices)
            .map(|(symbol, choice)| lookalike(symbol, choice))
            .collect();
        let reads: Vec<[String; 1]> = others.into_iter().chain([alike]).map(|text| [text]).collect();
        let expected: Vec<usize> = reads
            .iter()
            .enumerate()
            .filter(|(_, [text])| skeleton(text) == skeleton(&wanted))
            .map(|(read, _)| read)
            .collect();
        prop_assert!(expected.contains(&(reads.len() - 1)));
        let found: Vec<usize> = asked(&mut evaluator, &reads)?.iter().map(Reveal::read).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        at_byte in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut evaluator = evaluator(SMALL)?;
        let client = client(&mut evaluator)?;
        prop_assert!(evaluator.evaluate(&bytes, at(0), saved).is_err());
        prop_assert!(batch(&client, &[WANTED])?.finish(&bytes).is_err());
        // One bit of a good answer.
        let batch = batch(&client, &[WANTED])?;
        let mut answer = evaluator.evaluate(batch.question(), at(0), saved)?;
        answer[at_byte.index(4 + 64 + 64 * 32)] ^= 1 << bit;
        prop_assert!(batch.finish(&answer).is_err());
    }
}
