//! What the tests share.

use jiff::Timestamp;
use platewarden_footage::blinded::{Batch, BlindedClient, Counts, Evaluator, Limits, Reveal};
use platewarden_footage::{Error, ErrorKind};

pub(crate) type TestResult = Result<(), Box<dyn std::error::Error>>;

pub(crate) const WANTED: &str = "AB12CDE";
pub(crate) const EXPIRES: i64 = 1_000_000;

/// The smallest batches, so that tests are fast.
pub(crate) const SMALL: Limits = Limits {
    batch_size: 64,
    per_device: 128,
    per_request: 192,
};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

pub(crate) fn saved(_: &Counts) -> Result<(), Error> {
    Ok(())
}

pub(crate) fn evaluator(limits: Limits) -> Result<Evaluator, Error> {
    Evaluator::new(&[WANTED], at(EXPIRES), limits)
}

/// A side with a token of its own.
pub(crate) fn client(evaluator: &mut Evaluator) -> Result<BlindedClient, Error> {
    let token = evaluator.admit(at(0), saved)?;
    BlindedClient::new(evaluator.targets(), token)
}

/// The only batch of these texts, each a read of its own.
pub(crate) fn batch(client: &BlindedClient, texts: &[&str]) -> Result<Batch, Error> {
    let reads: Vec<[&str; 1]> = texts.iter().map(|text| [*text]).collect();
    let mut batches = client.batches(&reads)?;
    assert_eq!(batches.len(), 1);
    batches.pop().map_or_else(|| unreachable!("one batch"), Ok)
}

/// All matches of these reads.
pub(crate) fn asked<R: AsRef<[T]>, T: AsRef<str>>(
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

pub(crate) fn kind<T>(result: Result<T, Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

pub(crate) fn rule<T>(result: Result<T, Error>) -> Option<&'static str> {
    result.err().and_then(|error| error.rule())
}
