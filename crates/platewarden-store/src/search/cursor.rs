//! Where a page ended.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identity::Identity;
use crate::{Error, Result};

/// Where a page of an answer ended. It holds for the same search alone, and keeps its place while reads arrive: rows
/// written after the first page was made are not on the later ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor as it was written down.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The cursor as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// In which order rows are handed out: likeliest first, then newest, then by reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Rank {
    /// The probability's bits, turned round: for numbers from 0 to 1 they order as the numbers do.
    pub(crate) improbability: u32,
    pub(crate) age: i64,
    pub(crate) reference: String,
}

impl Rank {
    pub(crate) fn new(probability: f32, captured: i64, reference: &str) -> Self {
        Self {
            improbability: u32::MAX - probability.clamp(0.0, 1.0).to_bits(),
            age: -captured,
            reference: reference.to_owned(),
        }
    }
}

/// What a cursor says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Highest row numbers of device and memory when the first page was made.
    pub(crate) up_to: [i64; 2],
    pub(crate) last: Rank,
}

const CURSOR: u8 = 2;

impl Position {
    pub(crate) fn cursor(&self, search: &[u8; 32], identity: &Identity) -> Result<Cursor> {
        let mut bytes = serde_json::to_vec(self).map_err(|source| {
            Error::invalid("a cursor cannot be written", "report this").with_source(source)
        })?;
        let mac = identity.mac(CURSOR, &signed(&bytes, search));
        bytes.extend_from_slice(&mac);
        Ok(Cursor(hex::encode(bytes)))
    }

    pub(crate) fn of(cursor: &Cursor, search: &[u8; 32], identity: &Identity) -> Result<Self> {
        let wrong = || {
            Error::invalid(
                "the cursor belongs to another search",
                "repeat the search that it came with, and change nothing but the cursor",
            )
        };
        let bytes = hex::decode(cursor.as_str()).map_err(|_| wrong())?;
        let (body, mac) = bytes.split_last_chunk::<16>().ok_or_else(wrong)?;
        if identity.mac(CURSOR, &signed(body, search)) != *mac {
            return Err(wrong());
        }
        serde_json::from_slice(body).map_err(|_| wrong())
    }
}

fn signed(body: &[u8], search: &[u8; 32]) -> Vec<u8> {
    [search.as_slice(), body].concat()
}
