//! The sealed list of what is handed over.

use std::io::{self, Read};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use platewarden_policy::model::{AgencyRef, TimeWindow};
use platewarden_trail::Digest;

use super::agency::PostingAgency;
use super::code::InvestigationCode;
use super::hash::sha256;
use crate::Error;

/// One file that a resident shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// File name, without a folder.
    pub name: String,
    /// When it begins.
    pub captured_from: Timestamp,
    /// When it ends.
    pub captured_to: Timestamp,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of the contents.
    pub sha256: Digest,
}

impl Recording {
    /// Reads a file once for its length and digest.
    ///
    /// ```
    /// use platewarden_community::Recording;
    /// use platewarden_policy::model::parse_instant;
    /// let (from, to) = (parse_instant("2026-11-20T21:00:00Z")?, parse_instant("2026-11-20T21:01:00Z")?);
    /// let recording = Recording::read("porch.mp4", from, to, &b"the video"[..]).unwrap();
    /// assert_eq!(recording.bytes, 9);
    /// # Ok::<(), platewarden_community::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for a name that is empty, has a folder in it or could be mistaken for one;
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where the file cannot be read.
    pub fn read(
        name: &str,
        from: Timestamp,
        to: Timestamp,
        mut contents: impl Read,
    ) -> Result<Self, Error> {
        check_name(name)?;
        let mut hasher = Hashing {
            hasher: Sha256::new(),
            bytes: 0,
        };
        io::copy(&mut contents, &mut hasher)
            .map_err(|source| Error::stream("read a recording", source))?;
        let (sha256, bytes) = hasher.finish();
        Ok(Self {
            name: name.to_owned(),
            captured_from: from,
            captured_to: to,
            bytes,
            sha256,
        })
    }
}

/// Names end up as file names on machines that we do not know.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let plain = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' '));
    let edges = name.starts_with(['.', ' ', '-']) || name.ends_with(['.', ' ']);
    if name.is_empty() || name.len() > 120 || !plain || edges {
        return Err(Error::invalid(
            "name of a recording",
            "1 to 120 bytes of letters, digits, spaces, dots, dashes and underscores, beginning with a letter, digit or underscore",
            &format!("`{}`", name.chars().take(130).collect::<String>()),
        ));
    }
    Ok(())
}

/// Counts and hashes what is written to it.
pub(super) struct Hashing {
    hasher: Sha256,
    bytes: u64,
}

impl Hashing {
    pub(super) fn new() -> Self {
        Self {
            hasher: Sha256::new(),
            bytes: 0,
        }
    }

    pub(super) fn finish(self) -> (Digest, u64) {
        (
            Digest::from_bytes(self.hasher.finalize().into()),
            self.bytes,
        )
    }
}

impl io::Write for Hashing {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.hasher.update(buffer);
        self.bytes += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Who consented, to what notice, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    /// Pseudonym of the resident, the same as in the audit trail.
    pub resident: String,
    /// Street address, which goes along.
    pub address: String,
    /// E-mail address, which goes along.
    pub email: String,
    /// When the notice was shown.
    pub notice_shown_at: Timestamp,
    /// SHA-256 of the notice.
    pub notice_sha256: Digest,
    /// When consent was given.
    pub given_at: Timestamp,
}

/// What is handed over, to whom, and on what consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format: 1.
    pub version: u32,
    /// Code of the request.
    pub investigation_code: InvestigationCode,
    /// Number of the case.
    pub case_number: String,
    /// The agency that receives it.
    pub receiving_agency: PostingAgency,
    /// The other agencies named in the notice; it may go to no one else.
    pub named_recipients: Vec<AgencyRef>,
    /// The window asked about.
    pub window: TimeWindow,
    /// The files.
    pub files: Vec<Recording>,
    /// The consent.
    pub consent: ConsentRecord,
    /// The notice, word for word.
    pub notice_text: String,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

/// A manifest whose bytes are fixed by their digest; the digest stands in the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedManifest {
    manifest: Manifest,
    json: String,
    sha256: Digest,
}

impl SealedManifest {
    pub(super) fn seal(manifest: Manifest) -> Result<Self, Error> {
        let json = serde_json::to_string_pretty(&manifest)
            .map_err(|source| Error::json("a manifest", source))?;
        let sha256 = sha256(json.as_bytes());
        Ok(Self {
            manifest,
            json,
            sha256,
        })
    }

    /// Opens a sealed manifest: checks that its bytes have the digest stated, and that its notice has the digest that
    /// the consent names.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Signature`](crate::ErrorKind::Signature) where a digest does not match, [`ErrorKind::Format`](crate::ErrorKind::Format) where the text is no manifest.
    pub fn open(json: impl Into<String>, stated: Digest) -> Result<Self, Error> {
        let json = json.into();
        let found = sha256(json.as_bytes());
        if found != stated {
            return Err(Error::signature(&format!(
                "the manifest was sealed as {stated}, its bytes give {found}"
            )));
        }
        let manifest: Manifest =
            serde_json::from_str(&json).map_err(|source| Error::json("a manifest", source))?;
        let notice = sha256(manifest.notice_text.as_bytes());
        if notice != manifest.consent.notice_sha256 {
            return Err(Error::signature(&format!(
                "consent was given to notice {}, the manifest holds {notice}",
                manifest.consent.notice_sha256
            )));
        }
        Ok(Self {
            manifest,
            json,
            sha256: stated,
        })
    }

    /// What it says.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its bytes: the text that was sealed.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// SHA-256 of its bytes.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        self.sha256
    }
}
