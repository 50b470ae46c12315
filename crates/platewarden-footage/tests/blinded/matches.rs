//! What matches, and what a question shows.

use std::collections::BTreeSet;

use platewarden_footage::blinded::{Evaluator, Reveal};

use super::common::{
    EXPIRES, SMALL, TestResult, WANTED, asked, at, batch, client, evaluator, rule,
};

#[test]
fn nothing_matches_but_what_is_asked_for() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let reads = [vec!["XY34ZZZ", "AB12CDF"], vec![], vec!["AB12CD"]];
    assert_eq!(asked(&mut evaluator, &reads)?, []);
    Ok(())
}

#[test]
fn a_read_that_looks_alike_matches_and_says_so() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    // The second candidate of the second read; separators and case count for nothing.
    let reads = [
        vec!["XY34ZZZ"],
        vec!["AB12CDF", "a8l-2 coe"],
        vec!["AB12CDE"],
    ];
    let found = asked(&mut evaluator, &reads)?;
    let texts: Vec<_> = found
        .iter()
        .map(|found| (found.read(), found.text()))
        .collect();
    assert_eq!(texts, [(1, "a8l-2 coe"), (2, "AB12CDE")]);
    // B or 8; 1, I or L; 2 or Z; 0, O, Q or D.
    assert!(
        found
            .iter()
            .all(|found| (found.target(), found.texts()) == (0, 48))
    );
    let notice = found.last().map(Reveal::to_string).unwrap_or_default();
    assert!(notice.contains("AB12CDE") && notice.contains("47 that look like it"));
    Ok(())
}

#[test]
fn each_plate_of_several_is_told_apart() -> TestResult {
    let plates = ["AB12CDE", "XK55RRT", "A812COE"];
    let mut evaluator = Evaluator::new(&plates, at(EXPIRES), SMALL)?;
    assert_eq!(evaluator.targets().len(), 2);
    let found = asked(&mut evaluator, &[["XK55RRT"], ["AB12CDE"]])?;
    let targets: BTreeSet<usize> = found.iter().map(Reveal::target).collect();
    assert_eq!((found.len(), targets), (2, BTreeSet::from([0, 1])));
    Ok(())
}

#[test]
fn a_text_of_several_reads_is_asked_once() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let reads = vec![[WANTED, "A812CDE"]; 500];
    let found = asked(&mut evaluator, &reads)?;
    assert_eq!(found.len(), 500);
    assert_eq!(evaluator.counts().evaluations(), 64);
    Ok(())
}

#[test]
fn questions_are_alike_whatever_is_asked() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let client = client(&mut evaluator)?;
    let many: Vec<String> = (0..64).map(|number| format!("P{number:04}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut elements = BTreeSet::new();
    for texts in [&[][..], &[WANTED], &[WANTED], &many] {
        let batch = batch(&client, texts)?;
        assert_eq!(batch.question().len(), evaluator.targets().question_bytes());
        let (head, body) = batch.question().split_at(52);
        assert_eq!(&head[4..36], evaluator.targets().public_key());
        elements.extend(body.as_chunks::<32>().0.iter().copied());
    }
    // The same text is another element each time.
    assert_eq!(elements.len(), 4 * 64);
    Ok(())
}

#[test]
fn more_texts_take_more_batches_unless_all_ask_as_many() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let client = client(&mut evaluator)?;
    let reads = |count: usize| -> Vec<[String; 1]> {
        (0..count).map(|number| [format!("P{number:04}")]).collect()
    };
    assert_eq!(client.batches(&reads(0))?.len(), 1);
    assert_eq!(client.batches(&reads(65))?.len(), 2);
    assert_eq!(
        rule(client.batches(&reads(129))),
        Some("blinded-device-cap")
    );
    let client = client.with_least_batches(2);
    assert_eq!(client.batches(&reads(0))?.len(), 2);
    Ok(())
}

/// Who is shown the plates, such as a judge's clerk, finds out whether the document asks for them and for nothing else.
#[test]
fn an_auditor_can_check_the_document() -> TestResult {
    let plates = ["AB12CDE", "XK55RRT"];
    let mut honest = Evaluator::new(&plates, at(EXPIRES), SMALL)?;
    let mut greedy = Evaluator::new(&["AB12CDE", "XK55RRT", "LM66NOP"], at(EXPIRES), SMALL)?;
    for (evaluator, expected) in [(&mut honest, true), (&mut greedy, false)] {
        let found = asked(evaluator, &plates.map(|plate| [plate]))?;
        let reads: BTreeSet<usize> = found.iter().map(Reveal::read).collect();
        let targets: BTreeSet<usize> = found.iter().map(Reveal::target).collect();
        assert_eq!(reads.len(), plates.len());
        assert_eq!(targets.len() == evaluator.targets().len(), expected);
    }
    Ok(())
}
