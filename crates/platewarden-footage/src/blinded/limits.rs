//! Batch size and caps of a request.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The fewest evaluations of a batch: fewer would say too much about how many reads there are.
pub(super) const MIN_BATCH: u16 = 64;

/// The most evaluations of a batch: question and answer of 64 bytes for each stay below 64 KiB together.
pub(super) const MAX_BATCH: u16 = 1_000;

/// The most evaluations that a request may give one device.
pub(super) const MAX_PER_DEVICE: u32 = 8_192;

/// The most evaluations that a request may give in all.
pub(super) const MAX_PER_REQUEST: u32 = 4_194_304;

/// How many evaluations a batch has, and how many the evaluating side gives.
///
/// Whoever gets an evaluation can test one look-alike text against the request, so that the caps bound how much of the
/// plates of a place can be tried out. Three letters and four digits, a usual form, have 22³ · 10⁴ ≈ 106 million skeletons:
/// the 2,048 evaluations that a device has by default reach one in 52,000 of them, the 1,048,576 of a request one in 101, and
/// the most that a request may state, 4,194,304, one in 25. Caps do not hinder anybody from trying one plate, as one's own.
///
/// ```
/// use platewarden_footage::blinded::Limits;
///
/// let limits = Limits::default();
/// assert_eq!((limits.batch_size, limits.per_device, limits.per_request), (512, 2_048, 1_048_576));
/// assert!(limits.check().is_ok());
/// let mut uneven = limits;
/// uneven.per_device = 1_000;
/// assert!(uneven.check().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Evaluations of a batch, 64 to 1,000: a batch with fewer texts is filled up with random inputs.
    pub batch_size: u16,
    /// Evaluations for one device over the life of the request, a multiple of the batch size up to 8,192.
    pub per_device: u32,
    /// Evaluations for all devices over the life of the request, a multiple of the batch size from the cap of one device up
    /// to 4,194,304.
    pub per_request: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_size: 512,
            per_device: 2_048,
            per_request: 1_048_576,
        }
    }
}

impl Limits {
    /// Whether the limits are within their bounds.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) with the first that is not.
    pub fn check(&self) -> Result<()> {
        let batch = u32::from(self.batch_size);
        let within = |what: &str, found: u32, least: u32, most: u32| {
            if !(least..=most).contains(&found) {
                let expected = format!("{least} to {most} evaluations");
                return Err(Error::invalid(what, &expected, &found.to_string()));
            }
            if !found.is_multiple_of(batch) {
                let expected = format!("a multiple of the batch size, {batch}");
                return Err(Error::invalid(what, &expected, &found.to_string()));
            }
            Ok(())
        };
        within("the batch size", batch, MIN_BATCH.into(), MAX_BATCH.into())?;
        within(
            "the cap of a device",
            self.per_device,
            batch,
            MAX_PER_DEVICE,
        )?;
        within(
            "the cap of the request",
            self.per_request,
            self.per_device,
            MAX_PER_REQUEST,
        )
    }

    /// The most devices that can be admitted: as many as can have a batch each.
    pub(super) fn devices(&self) -> usize {
        let devices = self.per_request / u32::from(self.batch_size.max(1));
        usize::try_from(devices).unwrap_or(usize::MAX)
    }
}
