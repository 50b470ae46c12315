//! The public log of requests: who asked how often, without a plate in it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use hex::ToHex as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::canonical;
use crate::document::FootageRequest;
use crate::{Error, Result};

const ENTRY: &str = "log entry";

/// One published request, as everybody may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// Its number, from 0.
    pub number: u64,
    /// Digest of the entry before: 64 hexadecimal digits, zeros for the first.
    pub previous: String,
    /// The code by which residents and officers name the request.
    pub code: String,
    /// Id of the agency.
    pub agency: String,
    /// The purpose.
    pub purpose: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// Minutes of footage asked for.
    pub window_minutes: i64,
    /// How many plates it names.
    pub plates: usize,
    /// SHA-256 of the document's signature and of a secret of the request, so that whoever holds both can show later which
    /// document this was, and nobody can try plates against it: 64 hexadecimal digits.
    pub commitment: String,
}

/// Opens the commitment of one entry: kept by the agency, told to an auditor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// 64 hexadecimal digits.
    pub secret: String,
}

fn commitment(request: &FootageRequest, secret: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"platewarden footage v1: commitment\n");
    hasher.update(secret.as_bytes());
    hasher.update(request.signature.as_bytes());
    hasher.finalize().encode_hex()
}

impl Opening {
    /// Whether an entry is of this document.
    #[must_use]
    pub fn opens(&self, entry: &LogEntry, request: &FootageRequest) -> bool {
        entry.commitment == commitment(request, &self.secret)
    }
}

/// The public log: JSON lines, each naming the digest of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicLog {
    entries: Vec<LogEntry>,
}

impl PublicLog {
    /// Reads a log and checks its chain. A file that is not there is an empty log.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where it cannot be read, [`ErrorKind::Format`](crate::ErrorKind::Format) for a line
    /// that is no entry, [`ErrorKind::Signature`](crate::ErrorKind::Signature) where an entry was altered, moved or taken out.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            other => other.map_err(|source| Error::io("read", path, source))?,
        };
        let mut log = Self::default();
        for line in text.lines() {
            let entry: LogEntry = serde_json::from_str(line)
                .map_err(|source| Error::json("an entry of the public log", source))?;
            if entry.number != log.next_number() || entry.previous != log.head()? {
                return Err(Error::signature(&format!(
                    "entry {} of the public log does not follow the one before it: something was altered, moved or taken out",
                    entry.number
                )));
            }
            log.entries.push(entry);
        }
        Ok(log)
    }

    /// Appends a request to the log in a file, and gives what opens its commitment.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and where the file cannot be written.
    pub fn append(path: &Path, request: &FootageRequest) -> Result<(LogEntry, Opening)> {
        let log = Self::read(path)?;
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::randomness(&error.to_string()))?;
        let opening = Opening {
            secret: hex::encode(secret),
        };
        let particulars = &request.request.particulars;
        let form = particulars.form();
        let entry = LogEntry {
            number: log.next_number(),
            previous: log.head()?,
            code: particulars.code().to_string(),
            agency: particulars.agency().id.to_string(),
            purpose: form.purpose.to_string(),
            published_at: request.request.published.published_at,
            window_minutes: form.window.end.duration_since(form.window.start).as_mins(),
            plates: request.request.plates.len(),
            commitment: commitment(request, &opening.secret),
        };
        let line =
            serde_json::to_string(&entry).map_err(|source| Error::json("an entry", source))?;
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| writeln!(file, "{line}").and_then(|()| file.sync_all()))
            .map_err(|source| Error::io("append to", path, source))?;
        Ok((entry, opening))
    }

    /// The entries, in the order in which they were published.
    #[must_use]
    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// How many requests each agency has published.
    #[must_use]
    pub fn by_agency(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.agency.as_str()).or_default() += 1;
        }
        counts
    }

    /// Digest of the last entry: whoever keeps it will notice if anything before it changes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Format`](crate::ErrorKind::Format) where the entry cannot be written as JSON.
    pub fn head(&self) -> Result<String> {
        self.entries.last().map_or_else(
            || Ok("0".repeat(64)),
            |entry| canonical::digest(ENTRY, entry),
        )
    }

    fn next_number(&self) -> u64 {
        self.entries.len() as u64
    }
}
