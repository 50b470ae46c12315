//! Caps, tokens and the end of a key.

use platewarden_footage::ErrorKind;
use platewarden_footage::blinded::{
    BlindedClient, BlindedTargets, Counts, DeviceToken, Evaluator, SecretKey,
};

use super::common::{
    EXPIRES, SMALL, TestResult, WANTED, at, batch, client, evaluator, kind, rule, saved,
};

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
