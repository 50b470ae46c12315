//! What is refused.

use platewarden_footage::blinded::{BlindedTargets, Evaluator, Limits};
use platewarden_footage::{Error, ErrorKind};

use super::common::{
    EXPIRES, SMALL, TestResult, WANTED, at, batch, client, evaluator, kind, rule, saved,
};

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
fn the_document_of_the_guide_is_one() -> TestResult {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/footage-blinded.md");
    let guide = std::fs::read_to_string(guide)?;
    let document = guide
        .split_once("```json\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .map(|(document, _)| document)
        .unwrap_or_default();
    let targets: BlindedTargets = serde_json::from_str(document)?;
    assert_eq!((targets.len(), *targets.limits()), (1, Limits::default()));
    Ok(())
}
