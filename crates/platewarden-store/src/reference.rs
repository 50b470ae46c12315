//! Names of rows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identity::Identity;
use crate::{Error, Result};

/// Names a row. It carries a code that only the store can make, so that nobody names a row that was not released to
/// somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowRef(String);

impl RowRef {
    /// A reference as it was written down.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RowRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a row lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowPlace {
    pub(crate) shelf: u8,
    pub(crate) epoch: u32,
    pub(crate) plate: u32,
    pub(crate) tag: i64,
}

const REFERENCE: u8 = 1;

impl RowPlace {
    fn bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        let parts = [self.shelf]
            .into_iter()
            .chain(self.epoch.to_be_bytes())
            .chain(self.plate.to_be_bytes())
            .chain(self.tag.to_be_bytes());
        for (to, from) in bytes.iter_mut().zip(parts) {
            *to = from;
        }
        bytes
    }

    pub(crate) fn reference(self, identity: &Identity) -> RowRef {
        let bytes = self.bytes();
        RowRef(hex::encode(bytes) + &hex::encode(identity.mac(REFERENCE, &bytes)))
    }

    /// The place that a reference names.
    pub(crate) fn of(reference: &RowRef, identity: &Identity) -> Result<Self> {
        let wrong = || {
            Error::invalid(
                format!("`{reference}` names no row of this store"),
                "give the reference as a search returned it",
            )
        };
        let bytes = crate::array_of_hex::<33>(reference.as_str()).ok_or_else(wrong)?;
        let (place, mac) = bytes.split_first_chunk::<17>().ok_or_else(wrong)?;
        if identity.mac(REFERENCE, place) != mac {
            return Err(wrong());
        }
        let [shelf, rest @ ..] = place;
        let (epoch, rest) = rest.split_first_chunk::<4>().ok_or_else(wrong)?;
        let (plate, rest) = rest.split_first_chunk::<4>().ok_or_else(wrong)?;
        let tag: [u8; 8] = rest.try_into().map_err(|_| wrong())?;
        Ok(Self {
            shelf: *shelf,
            epoch: u32::from_be_bytes(*epoch),
            plate: u32::from_be_bytes(*plate),
            tag: i64::from_be_bytes(tag),
        })
    }
}
