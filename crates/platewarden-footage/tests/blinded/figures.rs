//! What it costs.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use platewarden_footage::blinded::{Evaluator, Limits};

use super::common::{EXPIRES, TestResult, at, batch, client, evaluator, saved};

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

/// What 512 reads cost: `cargo test -p platewarden-footage --test blinded -- --ignored --nocapture`.
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
