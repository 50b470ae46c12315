//! Requests that name no plate: who learns of a match, what is refused, and what it costs.
#![cfg(feature = "blinded")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use jiff::Timestamp;
use platewarden_footage::blinded::{
    Batch, BlindedClient, BlindedTargets, Counts, DeviceToken, Evaluator, Limits, Reveal, SecretKey,
};
use platewarden_footage::{Error, ErrorKind};
use platewarden_text::confusion::{class_of, lookalikes};
use proptest::prelude::*;

type TestResult = Result<(), Box<dyn std::error::Error>>;

const WANTED: &str = "AB12CDE";
const EXPIRES: i64 = 1_000_000;

/// The smallest batches, so that tests are fast.
const SMALL: Limits = Limits {
    batch_size: 64,
    per_device: 128,
    per_request: 192,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

fn saved(_: &Counts) -> Result<(), Error> {
    Ok(())
}

fn evaluator(limits: Limits) -> Result<Evaluator, Error> {
    Evaluator::new(&[WANTED], at(EXPIRES), limits)
}

/// A side with a token of its own.
fn client(evaluator: &mut Evaluator) -> Result<BlindedClient, Error> {
    let token = evaluator.admit(at(0), saved)?;
    BlindedClient::new(evaluator.targets(), token)
}

/// The only batch of these texts, each a read of its own.
fn batch(client: &BlindedClient, texts: &[&str]) -> Result<Batch, Error> {
    let reads: Vec<[&str; 1]> = texts.iter().map(|text| [*text]).collect();
    let mut batches = client.batches(&reads)?;
    assert_eq!(batches.len(), 1);
    batches.pop().map_or_else(|| unreachable!("one batch"), Ok)
}

/// All matches of these reads.
fn asked<R: AsRef<[T]>, T: AsRef<str>>(
    evaluator: &mut Evaluator,
    reads: &[R],
) -> Result<Vec<Reveal>, Error> {
    let client = client(evaluator)?;
    let mut reveals = Vec::new();
    for batch in client.batches(reads)? {
        let answer = evaluator.evaluate(batch.question(), at(0), saved)?;
        reveals.extend(batch.finish(&answer)?);
    }
    Ok(reveals)
}

fn kind<T>(result: Result<T, Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn rule<T>(result: Result<T, Error>) -> Option<&'static str> {
    result.err().and_then(|error| error.rule())
}

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

#[test]
fn answers_under_another_key_are_refused() -> TestResult {
    let mut right = evaluator(SMALL)?;
    let mut wrong = evaluator(SMALL)?;
    let other = client(&mut wrong)?;
    let answer = wrong.evaluate(batch(&other, &[WANTED])?.question(), at(0), saved)?;
    let own = client(&mut right)?;
    let question = batch(&own, &[WANTED])?;
    assert_eq!(
        kind(wrong.evaluate(question.question(), at(0), saved)),
        Some(ErrorKind::Invalid)
    );
    assert_eq!(kind(question.finish(&answer)), Some(ErrorKind::Signature));

    // A side that takes on a foreign question, with another key than the document pins.
    let question = batch(&own, &[WANTED])?;
    let token = wrong.admit(at(0), saved)?;
    let mut forged = question.question().to_vec();
    forged[4..36].copy_from_slice(wrong.targets().public_key());
    forged[36..52].copy_from_slice(&hex::decode(token.to_string())?);
    let answer = wrong.evaluate(&forged, at(0), saved)?;
    assert_eq!(kind(question.finish(&answer)), Some(ErrorKind::Signature));
    Ok(())
}

#[test]
fn answers_to_another_batch_are_refused() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let client = client(&mut evaluator)?;
    let first = batch(&client, &[WANTED])?;
    let answer = evaluator.evaluate(first.question(), at(0), saved)?;
    let second = batch(&client, &[WANTED])?;
    assert_eq!(kind(second.finish(&answer)), Some(ErrorKind::Signature));
    assert_eq!(first.finish(&answer)?.len(), 1);
    Ok(())
}

#[test]
fn changed_answers_are_refused() -> TestResult {
    let limits = Limits {
        per_device: 1_024,
        per_request: 1_024,
        ..SMALL
    };
    let mut evaluator = evaluator(limits)?;
    let client = client(&mut evaluator)?;
    let changes: [fn(&mut Vec<u8>); 6] = [
        // Two evaluations exchanged.
        |answer| answer[68..132].rotate_left(32),
        // One evaluation in the place of another.
        |answer| answer.copy_within(68..100, 100),
        // The proof.
        |answer| answer[4] ^= 1,
        // No point, the identity, too short.
        |answer| answer[68..100].fill(0xff),
        |answer| answer[68..100].fill(0),
        |answer| answer.truncate(answer.len() - 32),
    ];
    for (at_change, change) in changes.iter().enumerate() {
        let batch = batch(&client, &[WANTED])?;
        let mut answer = evaluator.evaluate(batch.question(), at(0), saved)?;
        change(&mut answer);
        let expected = match at_change {
            0..3 => ErrorKind::Signature,
            _ => ErrorKind::Format,
        };
        assert_eq!(kind(batch.finish(&answer)), Some(expected), "{at_change}");
    }
    Ok(())
}

#[test]
fn malformed_questions_are_refused_and_not_counted() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let client = client(&mut evaluator)?;
    let good = batch(&client, &[WANTED])?;
    let changes: [fn(&mut Vec<u8>); 6] = [
        |question| question.clear(),
        |question| question.truncate(question.len() - 1),
        |question| question.extend([0; 32]),
        |question| question[0] = b'X',
        |question| question[52..84].fill(0),
        |question| question[52..84].fill(0xff),
    ];
    for change in changes {
        let mut question = good.question().to_vec();
        change(&mut question);
        assert_eq!(
            kind(evaluator.evaluate(&question, at(0), saved)),
            Some(ErrorKind::Format)
        );
    }
    assert_eq!(evaluator.counts().evaluations(), 0);
    Ok(())
}

#[test]
fn a_batch_is_answered_once() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let client = client(&mut evaluator)?;
    let batch = batch(&client, &[WANTED])?;
    evaluator.evaluate(batch.question(), at(0), saved)?;
    assert_eq!(
        rule(evaluator.evaluate(batch.question(), at(0), saved)),
        Some("blinded-replay")
    );
    // Neither for another device.
    let token = evaluator.admit(at(0), saved)?;
    let mut question = batch.question().to_vec();
    question[36..52].copy_from_slice(&hex::decode(token.to_string())?);
    assert_eq!(
        rule(evaluator.evaluate(&question, at(0), saved)),
        Some("blinded-replay")
    );
    assert_eq!(evaluator.counts().evaluations(), 64);
    Ok(())
}

#[test]
fn caps_hold_over_restarts() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let first = client(&mut evaluator)?;
    let second = client(&mut evaluator)?;
    let mut disk = String::new();
    let mut rules = Vec::new();
    for client in [&first, &first, &first, &second, &second] {
        let batch = batch(client, &[WANTED])?;
        let result = evaluator.evaluate(batch.question(), at(0), |counts| {
            disk = serde_json::to_string(counts).unwrap_or_default();
            Ok(())
        });
        rules.push(rule(result));
        // The process ends here; what is left is the document, the sealed key and the counts.
        let document = serde_json::to_string(evaluator.targets())?;
        let secret = evaluator.secret_key().map(|key| *key.as_bytes());
        let secret = SecretKey::from_bytes(secret.unwrap_or_default());
        drop(evaluator);
        let targets: BlindedTargets = serde_json::from_str(&document)?;
        evaluator = Evaluator::resume(targets, &secret, serde_json::from_str(&disk)?)?;
    }
    let cap = Some("blinded-device-cap");
    assert_eq!(rules, [None, None, cap, None, Some("blinded-request-cap")]);
    assert_eq!(evaluator.counts().evaluations(), 192);
    Ok(())
}

#[test]
fn nothing_is_given_that_was_not_saved() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let client = client(&mut evaluator)?;
    let question = batch(&client, &[WANTED])?;
    let full = |_: &Counts| {
        let disk = "no json".parse::<DeviceToken>();
        disk.map(|_| ())
    };
    assert_eq!(
        kind(evaluator.evaluate(question.question(), at(0), full)),
        Some(ErrorKind::Format)
    );
    assert_eq!(kind(evaluator.admit(at(0), full)), Some(ErrorKind::Format));
    assert_eq!(
        (
            evaluator.counts().evaluations(),
            evaluator.counts().devices()
        ),
        (0, 1)
    );
    // What was not given can be asked again.
    let answer = evaluator.evaluate(question.question(), at(0), saved)?;
    assert_eq!(question.finish(&answer)?.len(), 1);
    Ok(())
}

#[test]
fn only_admitted_devices_are_served() -> TestResult {
    let mut evaluator = evaluator(SMALL)?;
    let stranger: DeviceToken = "00112233445566778899aabbccddeeff".parse()?;
    let client = BlindedClient::new(evaluator.targets(), stranger)?;
    let question = batch(&client, &[WANTED])?;
    let result = evaluator.evaluate(question.question(), at(0), saved);
    assert_eq!(rule(result), Some("blinded-device-unknown"));
    for _ in 0..3 {
        evaluator.admit(at(0), saved)?;
    }
    assert_eq!(rule(evaluator.admit(at(0), saved)), Some("blinded-devices"));
    assert_eq!(format!("{stranger:?}"), "DeviceToken(..)");
    Ok(())
}

#[test]
fn the_key_dies_with_the_request() -> TestResult {
    let mut ended = evaluator(SMALL)?;
    let client = client(&mut ended)?;
    let question = batch(&client, &[WANTED])?;
    let late = ended.evaluate(question.question(), at(EXPIRES), saved);
    assert_eq!(kind(late), Some(ErrorKind::State));
    assert!(ended.is_destroyed() && ended.secret_key().is_none());
    // A clock that goes back does not bring it back.
    assert_eq!(
        kind(ended.evaluate(question.question(), at(0), saved)),
        Some(ErrorKind::State)
    );

    let mut closed = evaluator(SMALL)?;
    closed.destroy();
    assert_eq!(kind(closed.admit(at(0), saved)), Some(ErrorKind::State));
    Ok(())
}

#[test]
fn documents_are_checked() -> TestResult {
    let evaluator = evaluator(SMALL)?;
    let good = serde_json::to_value(evaluator.targets())?;
    assert!(serde_json::from_value::<BlindedTargets>(good.clone()).is_ok());
    let output = good["outputs"][0].clone();
    let zeros = "0".repeat(64);
    let changes = [
        ("suite", serde_json::json!("P256-SHA256")),
        ("public_key", serde_json::json!(zeros)),
        ("public_key", serde_json::json!("ff".repeat(32))),
        (
            "lookalikes",
            serde_json::json!("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ),
        ("outputs", serde_json::json!([])),
        ("outputs", serde_json::json!([output, output])),
        ("outputs", serde_json::json!(["00".repeat(8)])),
        (
            "outputs",
            serde_json::json!([output.as_str().map(str::to_uppercase)]),
        ),
        (
            "outputs",
            serde_json::json!((0..65).map(|n| format!("{n:032x}")).collect::<Vec<_>>()),
        ),
        (
            "limits",
            serde_json::json!({"batch_size": 0, "per_device": 0, "per_request": 0}),
        ),
        (
            "limits",
            serde_json::json!({"batch_size": 64, "per_device": 100, "per_request": 640}),
        ),
        (
            "limits",
            serde_json::json!({"batch_size": 1024, "per_device": 1024, "per_request": 1024}),
        ),
        (
            "limits",
            serde_json::json!({"batch_size": 64, "per_device": 128, "per_request": 64}),
        ),
        ("plate", serde_json::json!(WANTED)),
    ];
    for (key, value) in changes {
        let mut document = good.clone();
        document[key] = value;
        let result = serde_json::from_value::<BlindedTargets>(document.clone());
        assert!(result.is_err(), "{document}");
    }
    Ok(())
}

#[test]
fn states_of_other_requests_are_refused() -> TestResult {
    let first = evaluator(SMALL)?;
    let second = evaluator(SMALL)?;
    let targets = first.targets().clone();
    let (Some(own), Some(foreign)) = (first.secret_key(), second.secret_key()) else {
        unreachable!("neither was destroyed")
    };
    let counts = first.counts().clone();
    let resumed = Evaluator::resume(targets.clone(), &foreign, counts.clone());
    assert_eq!(kind(resumed), Some(ErrorKind::Invalid));
    let resumed = Evaluator::resume(targets.clone(), &own, second.counts().clone());
    assert_eq!(kind(resumed), Some(ErrorKind::Invalid));
    let zero = SecretKey::from_bytes([0; 32]);
    assert_eq!(
        kind(Evaluator::resume(targets.clone(), &zero, counts)),
        Some(ErrorKind::Format)
    );
    // Counts that cannot have come about: evaluations without a batch that was answered.
    let mut counts = serde_json::to_value(first.counts())?;
    counts["devices"]["00112233445566778899aabbccddeeff"] = serde_json::json!(64);
    let counts: Counts = serde_json::from_value(counts)?;
    assert_eq!(
        kind(Evaluator::resume(targets, &own, counts)),
        Some(ErrorKind::Invalid)
    );
    Ok(())
}

#[test]
fn plates_must_be_whole_and_stay_out_of_messages() -> TestResult {
    for plate in ["", "AB?2CDE", "AB*", "12345678901234567"] {
        let error = Evaluator::new(&[plate], at(EXPIRES), SMALL).err();
        assert_eq!(
            error.as_ref().map(Error::kind),
            Some(ErrorKind::Invalid),
            "{plate}"
        );
        let message = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(plate.is_empty() || !message.contains(plate));
    }
    let evaluator = evaluator(SMALL)?;
    let shown = format!("{evaluator:?} {:?}", evaluator.secret_key());
    let secret = evaluator
        .secret_key()
        .map(|key| hex::encode(key.as_bytes()));
    assert!(!shown.contains(WANTED) && !shown.contains(&secret.unwrap_or_default()));
    Ok(())
}

#[test]
fn messages_fit_into_64_kib() -> TestResult {
    let mut evaluator = evaluator(Limits::default())?;
    let client = client(&mut evaluator)?;
    let texts: Vec<String> = (0..512).map(|number| format!("P{number:04}X")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let batch = batch(&client, &texts)?;
    let answer = evaluator.evaluate(batch.question(), at(0), saved)?;
    assert_eq!((batch.question().len(), answer.len()), (16_436, 16_452));
    assert!(batch.question().len() + answer.len() <= 64 * 1024);
    assert_eq!(batch.finish(&answer)?, []);
    Ok(())
}

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
        let alike: String = wanted.chars().zip(choices).map(|(symbol, choice)| lookalike(symbol, choice)).collect();
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
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at_byte in any::<prop::sample::Index>(), bit in 0..8_u8) {
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

/// What 512 reads cost: `cargo test --release -p platewarden-footage --features blinded --test blinded -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures"]
fn figures() -> TestResult {
    const ROUNDS: u32 = 10;
    let mut evaluator = evaluator(Limits {
        per_device: 8_192,
        ..Limits::default()
    })?;
    let client = client(&mut evaluator)?;
    let reads: Vec<[String; 1]> = (0..512).map(|number| [format!("P{number:04}X")]).collect();
    let (mut blinding, mut evaluating, mut finishing) =
        (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let started = Instant::now();
    for _ in 0..ROUNDS {
        let start = ThreadTime::now();
        let batches = client.batches(&reads)?;
        blinding += start.elapsed();
        for batch in batches {
            let start = ThreadTime::now();
            let answer = evaluator.evaluate(batch.question(), at(0), saved)?;
            evaluating += start.elapsed();
            let start = ThreadTime::now();
            assert_eq!(batch.finish(&answer)?, []);
            finishing += start.elapsed();
        }
    }
    let each = |time: Duration| time.as_secs_f64() * 1e3 / f64::from(ROUNDS);
    println!("blind 512:    {:6.1} ms of CPU", each(blinding));
    println!(
        "evaluate 512: {:6.1} ms of CPU, the other side",
        each(evaluating)
    );
    println!("finish 512:   {:6.1} ms of CPU", each(finishing));
    println!("client:       {:6.1} ms of CPU", each(blinding + finishing));
    println!("all:          {:6.1} ms of time", each(started.elapsed()));
    let (question, answer) = (
        evaluator.targets().question_bytes(),
        evaluator.targets().answer_bytes(),
    );
    println!("bytes: {question} + {answer} = {}", question + answer);
    let plates: Vec<String> = (0..64).map(|number| format!("Q{number:03}")).collect();
    let start = ThreadTime::now();
    for _ in 0..ROUNDS {
        Evaluator::new(&plates, at(EXPIRES), Limits::default())?;
    }
    let rate = 64.0 / (each(start.elapsed()) / 1e3);
    println!("plates a second for the holder of the key: {rate:.0} on one core");
    assert!(blinding + finishing < ROUNDS * Duration::from_secs(1));
    Ok(())
}
