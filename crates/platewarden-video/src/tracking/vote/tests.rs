//! Tests of the vote.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]
use platewarden_text::{Alternative, Candidate, CharacterRead};

use super::*;

const RULES: VoteRules = VoteRules {
    correlation: 0.3,
    half_life: Duration::ZERO,
};

fn vote(reads: &[TrackRead]) -> Outcome {
    let mut vote = Vote::default();
    for (at, read) in reads.iter().enumerate() {
        vote.add(read.clone(), Duration::from_millis(40 * at as u64), &RULES);
    }
    vote.outcome(Duration::from_secs(1), &RULES)
}

/// A read of "AB12" in which one place is torn between two characters.
fn torn(place: usize, other: char, share: f32) -> TrackRead {
    let mut read = TrackRead::from_text("AB12", 0.9);
    let right = read.characters[place].symbol;
    let mut text: Vec<char> = read.text.chars().collect();
    text[place] = other;
    let wrong: String = text.iter().collect();
    let mut candidates = vec![
        Candidate::new(wrong, share),
        Candidate::new("AB12", 0.95 - share),
    ];
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut shares = [(other, share), (right, 0.95 - share)];
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let [(first, sure), (second, rest)] = shares;
    let alternatives = vec![Alternative::new(second, rest)];
    read.characters[place] = CharacterRead::new(first, sure, alternatives);
    read.text = candidates[0].text.clone();
    read.confidence = candidates[0].confidence;
    read.candidates = candidates;
    read
}

#[test]
fn errors_at_different_places_outvote_each_other() {
    // No single read shows the right text; the product of the characters does.
    let reads = [torn(0, '4', 0.5), torn(1, '8', 0.5), torn(3, 'Z', 0.5)];
    assert!(reads.iter().all(|read| read.text != "AB12"));
    let outcome = vote(&reads);
    assert_eq!(outcome.text, "AB12");
    assert!(outcome.confidence > 0.8, "{outcome:?}");
}

#[test]
fn text_that_no_read_listed_is_composed() {
    let mut reads = [torn(0, '4', 0.6), torn(1, '8', 0.6), torn(3, 'Z', 0.6)];
    for read in &mut reads {
        read.candidates.truncate(1);
    }
    assert_eq!(vote(&reads).text, "AB12");
}

#[test]
fn lengths_may_differ() {
    let reads = [
        TrackRead::from_text("AB12", 0.8),
        TrackRead::from_text("AB1", 0.6),
        TrackRead::from_text("AB12", 0.8),
        TrackRead::from_text("AAB12", 0.5),
    ];
    let outcome = vote(&reads);
    assert_eq!((outcome.text.as_str(), outcome.agreeing), ("AB12", 2));
    assert_eq!(outcome.characters.len(), 4);
}

#[test]
fn one_read_keeps_its_own_confidence() {
    let outcome = vote(&[TrackRead::from_text("AB12", 0.7)]);
    assert!((outcome.confidence - 0.7).abs() < 0.01, "{outcome:?}");
}

#[test]
fn more_agreement_is_surer_but_never_certain() {
    let few = vote(&vec![TrackRead::from_text("AB12", 0.7); 2]).confidence;
    let many = vote(&vec![TrackRead::from_text("AB12", 0.7); 20]).confidence;
    assert!(0.7 < few && few < many && many < 0.95, "{few} {many}");
}

#[test]
fn disagreement_lowers_confidence() {
    let outcome = vote(&[
        TrackRead::from_text("AB12", 0.8),
        TrackRead::from_text("AB12", 0.8),
        TrackRead::from_text("XY99", 0.8),
    ]);
    assert_eq!(outcome.text, "AB12");
    assert!(outcome.confidence < 0.8);
}

#[test]
fn old_reads_fade() {
    let rules = VoteRules {
        half_life: Duration::from_secs(1),
        ..RULES
    };
    let mut vote = Vote::default();
    for _ in 0..3 {
        vote.add(TrackRead::from_text("OLD1", 0.8), Duration::ZERO, &rules);
    }
    vote.add(
        TrackRead::from_text("NEW1", 0.8),
        Duration::from_secs(10),
        &rules,
    );
    assert_eq!(vote.outcome(Duration::from_secs(10), &rules).text, "NEW1");
}

#[test]
fn memory_is_bounded() {
    let mut vote = Vote::default();
    for n in 0..500_u32 {
        let read = TrackRead::from_text(format!("T{n:04}"), 0.5);
        vote.add(read, Duration::from_millis(u64::from(n)), &RULES);
    }
    assert!(vote.reads.len() <= MOST_READS && vote.texts.len() <= MOST_TEXTS);
    assert!(
        vote.reads
            .iter()
            .all(|read| read.logs.len() == vote.texts.len())
    );
    assert_eq!(vote.reads(), 500);
}

/// Reads of one vehicle share a part of their errors; the vote's confidence must not promise more than it holds.
#[test]
fn confidence_is_honest_when_errors_repeat() {
    let mut state = 0x1234_5678_9abc_def1_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 24) as f32
    };
    let (mut promised, mut right, vehicles) = (0.0, 0.0, 600);
    for _ in 0..vehicles {
        // A quarter of the vehicles have a dirty character that is misread in most frames.
        let dirty = random() < 0.25;
        let reads: Vec<TrackRead> = (0..6)
            .map(|_| {
                let wrong = if dirty {
                    random() < 0.55
                } else {
                    random() < 0.05
                };
                TrackRead::from_text(if wrong { "A812" } else { "AB12" }, 0.8)
            })
            .collect();
        let outcome = vote(&reads);
        promised += outcome.confidence;
        right += f32::from(u8::from(outcome.text == "AB12"));
    }
    let (promised, right) = (promised / vehicles as f32, right / vehicles as f32);
    // It errs on the side of doubt.
    assert!(
        promised < right + 0.02,
        "promised {promised}, right {right}"
    );
    assert!(
        promised > right - 0.12,
        "promised {promised}, right {right}"
    );
}
