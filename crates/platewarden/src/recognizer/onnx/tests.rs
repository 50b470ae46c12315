use super::*;
use crate::CharacterRead;

fn decoded(text: &str, probability: f32) -> Candidate {
    let characters = text
        .chars()
        .map(|symbol| CharacterRead::new(symbol, 0.9, Vec::new()))
        .collect();
    Candidate::new(text, probability).with_characters(characters)
}

#[test]
fn unknown_signs_are_counted_and_left_out_of_texts() {
    let candidates = vec![
        decoded("1?2", 0.4),
        decoded("13", 0.3),
        decoded("12", 0.1),
        decoded("??", 0.05),
    ];
    let mut reading = Reading::new(candidates, 0.1);
    leave_out('?', &mut reading);
    let found: Vec<_> = reading
        .candidates
        .iter()
        .map(|c| (c.text.as_str(), c.unknown_signs, c.characters.len()))
        .collect();
    assert_eq!(found, [("12", 1, 2), ("13", 0, 2)]);
    let sum: f32 = reading.candidates.iter().map(|c| c.confidence).sum();
    assert!((sum - 0.8).abs() < 1e-6);
    assert!((reading.empty - 0.15).abs() < 1e-6);
}
