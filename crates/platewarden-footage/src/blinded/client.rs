//! The resident's side.

use std::collections::BTreeMap;
use std::fmt;

use super::counts::DeviceToken;
use super::random::{random_bytes, with_randomness};
use super::reveal::Reveal;
use super::skeleton::Skeleton;
use super::suite::{Blinding, PublicKey, blind, finalize, truncated};
use super::targets::BlindedTargets;
use super::wire::{Answer, Question};
use crate::{Error, Result};

/// The resident's side of one request: asks for evaluations of its own reads' texts, without telling them.
///
/// [`Evaluator`](super::Evaluator) has an example.
#[derive(Clone)]
pub struct BlindedClient {
    targets: BlindedTargets,
    public_key: PublicKey,
    device: DeviceToken,
    least_batches: usize,
}

impl BlindedClient {
    /// A side for what a verified request document carries, with the token that this device was handed for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) for a key that is none.
    pub fn new(targets: &BlindedTargets, device: DeviceToken) -> Result<Self> {
        Ok(Self {
            public_key: PublicKey::from_bytes(targets.public_key())?,
            targets: targets.clone(),
            device,
            least_batches: 1,
        })
    }

    /// Asks for at least this many batches. Padding hides the number of texts within a batch, and the number of batches still
    /// tells how many batches were needed; a number that is the same for every resident hides that too.
    #[must_use]
    pub fn with_least_batches(mut self, batches: usize) -> Self {
        self.least_batches = batches.max(1);
        self
    }

    /// Blinds the look-alike skeletons of the reads, each read with its candidate texts. Each skeleton is asked once, however
    /// many reads have it; the rest of each batch is filled up with random inputs. There is a batch even where there is no
    /// read. A text that is no whole plate is not asked: nothing can match it.
    ///
    /// # Errors
    ///
    /// Refused by `blinded-device-cap` where more is needed than this device can have for the request;
    /// [`ErrorKind::Randomness`](crate::ErrorKind::Randomness) where the operating system has none.
    pub fn batches<R: AsRef<[T]>, T: AsRef<str>>(&self, reads: &[R]) -> Result<Vec<Batch>> {
        let mut asked: BTreeMap<Skeleton, Vec<Asking>> = BTreeMap::new();
        for (read, texts) in reads.iter().enumerate() {
            for text in texts.as_ref() {
                let Some(skeleton) = Skeleton::of(text.as_ref()) else {
                    continue;
                };
                let asking = asked.entry(skeleton).or_default();
                // The first candidate stands for the others of its look.
                if asking.last().is_none_or(|last| last.read != read) {
                    let text = text.as_ref().to_owned();
                    asking.push(Asking { read, text });
                }
            }
        }
        let limits = self.targets.limits();
        let size = usize::from(limits.batch_size);
        let batches = asked.len().div_ceil(size).max(self.least_batches);
        let affordable = limits.per_device / u32::from(limits.batch_size);
        if u32::try_from(batches).map_or(true, |batches| batches > affordable) {
            return Err(Error::refused(
                "blinded-device-cap",
                &format!(
                    "{} different texts need {batches} batches, and a device has {affordable}",
                    asked.len()
                ),
                "ask with fewer reads, as those of a part of the time",
            ));
        }
        let mut asked = asked.into_iter();
        (0..batches)
            .map(|_| self.batch(asked.by_ref().take(size).collect(), size))
            .collect()
    }

    /// One batch of these skeletons and as many random inputs as it lacks.
    fn batch(&self, asked: Vec<(Skeleton, Vec<Asking>)>, size: usize) -> Result<Batch> {
        let mut inputs: Vec<Vec<u8>> = asked.iter().map(|(skeleton, _)| skeleton.input()).collect();
        while inputs.len() < size {
            // Without the prefix of plates: such an input can be no plate's.
            inputs.push(random_bytes::<32>()?.to_vec());
        }
        let (blindings, elements): (Vec<Blinding>, Vec<_>) = with_randomness(|random| {
            let blinded = inputs.iter().map(|input| blind(input, random));
            blinded.collect()
        })?;
        let question = Question {
            public_key: self.targets.public_key(),
            device: self.device.as_bytes(),
            elements: &elements,
        };
        Ok(Batch {
            question: question.to_bytes(),
            asked,
            inputs,
            blindings,
            public_key: self.public_key,
            targets: self.targets.clone(),
        })
    }
}

impl fmt::Debug for BlindedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlindedClient")
            .field("targets", &self.targets)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

/// A read that has a skeleton, and its text of that skeleton.
struct Asking {
    read: usize,
    text: String,
}

/// One question and what it takes to understand its answer, once.
///
/// It is used up by [`finish`](Self::finish), whatever comes of that: after a failure the texts are blinded anew.
#[must_use = "a batch that is not sent and finished finds nothing"]
pub struct Batch {
    question: Vec<u8>,
    /// The first inputs; the others are random.
    asked: Vec<(Skeleton, Vec<Asking>)>,
    inputs: Vec<Vec<u8>>,
    blindings: Vec<Blinding>,
    public_key: PublicKey,
    targets: BlindedTargets,
}

impl Batch {
    /// What is sent to the evaluating side: [`BlindedTargets::question_bytes`] bytes. The blinded elements in it are
    /// uniformly random whatever is asked, so that not even the holder of the key learns anything from them.
    #[must_use]
    pub fn question(&self) -> &[u8] {
        &self.question
    }

    /// Verifies the proof against the key that the request pins, and says which reads match; in the order of their positions.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) for an answer of another length or with an element that is none,
    /// [`ErrorKind::Signature`](crate::ErrorKind::Signature) where the proof does not hold: under another key, to another
    /// question, or changed. No part of such an answer is used.
    pub fn finish(self, answer: &[u8]) -> Result<Vec<Reveal>> {
        let answer = Answer::parse(answer, self.inputs.len())?;
        let outputs = finalize(
            &self.inputs,
            &self.blindings,
            answer.elements,
            answer.proof,
            &self.public_key,
        )?;
        let mut reveals = Vec::new();
        for ((skeleton, asking), output) in self.asked.into_iter().zip(outputs) {
            let Some(target) = self.targets.position(&truncated(&output)?) else {
                continue;
            };
            reveals.extend(asking.into_iter().map(|Asking { read, text }| Reveal {
                read,
                text,
                target,
                texts: skeleton.texts(),
            }));
        }
        reveals.sort_by_key(|reveal| (reveal.read, reveal.target));
        Ok(reveals)
    }
}

/// Without what is asked.
impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("evaluations", &self.inputs.len())
            .finish_non_exhaustive()
    }
}
