//! Sealing a package to the agency's evidence key (HPKE, RFC 9180, base mode), in pieces of bounded size.
//!
//! ```text
//! "PWSEAL1\n"  length (u32, big endian)  header (JSON)  { length (u32)  piece } ...
//! ```
//!
//! The header is the `info` of the key schedule, so that nothing of it can be altered. Pieces are numbered by the context, and the
//! last one is marked, in its length by the highest bit and in what is authenticated: none can be altered, moved, left out or cut
//! off.

use std::io::{self, Read, Write};

use hpke::aead::{AeadCtxS, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};

use crate::keys::{EvidenceKey, Kem, evidence_public};
use crate::{Error, Result};

const MAGIC: &[u8; 8] = b"PWSEAL1\n";
/// Bytes of a piece before it is sealed.
const PIECE: usize = 64 * 1024;
/// Bytes that sealing adds to a piece: the tag of ChaCha20-Poly1305.
const TAG: usize = 16;
/// Longest header that is read.
const LONGEST_HEADER: usize = 4096;
const SUITE: &str = "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305";
/// Set in the length of the last piece.
const LAST_BIT: u32 = 1 << 31;
/// Authenticated with a piece: whether more follow.
const MORE: &[u8] = b"more";
const LAST: &[u8] = b"last";

/// What everybody can read of a sealed package: to whom it is sealed, for which request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealHeader {
    /// The suite.
    pub suite: String,
    /// The code of the request.
    pub code: String,
    /// SHA-256 of the request.
    pub request_sha256: String,
    /// The key to which it is sealed.
    pub evidence_key: String,
    /// The encapsulated key: 64 hexadecimal digits.
    pub encapsulated: String,
}

/// Seals what is written to it.
pub(crate) struct SealingWriter<W: Write> {
    out: W,
    context: AeadCtxS<ChaCha20Poly1305, HkdfSha256, Kem>,
    waiting: Vec<u8>,
}

impl<W: Write> SealingWriter<W> {
    pub(crate) fn new(
        mut out: W,
        evidence_key: &str,
        code: &str,
        request_sha256: &str,
    ) -> Result<Self> {
        let public = evidence_public(evidence_key)?;
        // The context needs the header, and the header the encapsulated key: the shared secret is made first.
        let mut header = SealHeader {
            suite: SUITE.to_owned(),
            code: code.to_owned(),
            request_sha256: request_sha256.to_owned(),
            evidence_key: evidence_key.to_owned(),
            encapsulated: String::new(),
        };
        let failed = |error: hpke::HpkeError| {
            Error::signature(&format!("cannot seal to the evidence key: {error}"))
        };
        let (encapsulated, context) = hpke::setup_sender::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeS::Base,
            &public,
            &info(&header)?,
        )
        .map_err(failed)?;
        header.encapsulated = hex::encode(encapsulated.to_bytes());
        let json = serde_json::to_vec(&header).map_err(|source| Error::json("a header", source))?;
        let written = out
            .write_all(MAGIC)
            .and_then(|()| write_length(&mut out, json.len(), 0))
            .and_then(|()| out.write_all(&json));
        written.map_err(|source| Error::stream("write a package", source))?;
        Ok(Self {
            out,
            context,
            waiting: Vec::with_capacity(PIECE),
        })
    }

    fn seal(&mut self, mark: &[u8], bit: u32) -> io::Result<()> {
        let sealed = self
            .context
            .seal(&self.waiting, mark)
            .map_err(io::Error::other)?;
        self.waiting.clear();
        write_length(&mut self.out, sealed.len(), bit)?;
        self.out.write_all(&sealed)
    }

    /// Seals the last piece.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.seal(LAST, LAST_BIT)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == PIECE {
            self.seal(MORE, 0)?;
        }
        let taken = bytes.len().min(PIECE - self.waiting.len());
        self.waiting
            .extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What is bound into the key schedule: the header but for the encapsulated key, which the schedule binds by itself.
fn info(header: &SealHeader) -> Result<Vec<u8>> {
    let bound = SealHeader {
        encapsulated: String::new(),
        ..header.clone()
    };
    serde_json_canonicalizer::to_vec(&bound).map_err(|source| Error::json("a header", source))
}

fn write_length(out: &mut impl Write, length: usize, bit: u32) -> io::Result<()> {
    let length = u32::try_from(length).map_err(io::Error::other)?;
    out.write_all(&(length | bit).to_be_bytes())
}

/// A length, and whether the bit of the last piece is set in it.
fn read_length(from: &mut impl Read, most: usize) -> Result<(usize, bool)> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes).map_err(|_| cut_off())?;
    let word = u32::from_be_bytes(bytes);
    let length = (word & !LAST_BIT) as usize;
    if length > most {
        return Err(Error::format(
            "package",
            &format!("a part of at most {most} bytes"),
            &length.to_string(),
        ));
    }
    Ok((length, word & LAST_BIT != 0))
}

fn cut_off() -> Error {
    Error::signature("the package is cut off")
}

/// Reads the header alone.
pub(crate) fn read_header(from: &mut impl Read) -> Result<SealHeader> {
    let mut magic = [0; 8];
    let is_package = from.read_exact(&mut magic).is_ok() && &magic == MAGIC;
    if !is_package {
        return Err(Error::format(
            "package",
            "a file that begins with `PWSEAL1`",
            "something else",
        ));
    }
    let mut json = vec![0; read_length(from, LONGEST_HEADER)?.0];
    from.read_exact(&mut json).map_err(|_| cut_off())?;
    serde_json::from_slice(&json).map_err(|source| Error::json("the header of a package", source))
}

/// Opens a package into `out`, which is complete only where this returns `Ok`.
pub(crate) fn open(
    from: &mut impl Read,
    key: &EvidenceKey,
    out: &mut impl Write,
) -> Result<SealHeader> {
    let header = read_header(from)?;
    if header.evidence_key != key.public() {
        return Err(Error::signature(&format!(
            "the package is sealed to {}, the key given is {}",
            header.evidence_key,
            key.public()
        )));
    }
    let wrong = || Error::signature("the package was altered, or sealed to another key");
    let bytes = hex::decode(&header.encapsulated).map_err(|_| wrong())?;
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&bytes).map_err(|_| wrong())?;
    let mut context = hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &key.secret,
        &encapsulated,
        &info(&header)?,
    )
    .map_err(|_| wrong())?;
    loop {
        let (length, is_last) = read_length(from, PIECE + TAG)?;
        let mut sealed = vec![0; length];
        from.read_exact(&mut sealed).map_err(|_| cut_off())?;
        let mark = if is_last { LAST } else { MORE };
        let piece = context.open(&sealed, mark).map_err(|_| wrong())?;
        out.write_all(&piece)
            .map_err(|source| Error::stream("write what was opened", source))?;
        if is_last {
            break;
        }
    }
    match from.read(&mut [0]) {
        Ok(0) => Ok(header),
        Ok(_) => Err(Error::signature(
            "something follows after the package's end",
        )),
        Err(source) => Err(Error::stream("read a package", source)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use super::*;

    fn sealed(bytes: &[u8], key: &EvidenceKey) -> Vec<u8> {
        let mut writer = SealingWriter::new(Vec::new(), key.public(), "7K3MZ-Q9D4X", "00").unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn opened(package: &[u8], key: &EvidenceKey) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        open(&mut &package[..], key, &mut out).map(|_| out)
    }

    #[test]
    fn what_is_sealed_is_opened_whatever_its_length() {
        let key = EvidenceKey::new().unwrap();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            assert_eq!(
                opened(&sealed(&bytes, &key), &key).unwrap(),
                bytes,
                "{length}"
            );
        }
    }

    #[test]
    fn nothing_of_a_package_can_be_altered_cut_off_or_added() {
        let key = EvidenceKey::new().unwrap();
        let package = sealed(&vec![5; PIECE + 100], &key);
        for at in (0..package.len()).step_by(997).chain(0..600) {
            let mut altered = package.clone();
            altered[at] ^= 1;
            assert!(opened(&altered, &key).is_err(), "byte {at}");
        }
        for length in (0..package.len()).step_by(1009) {
            assert!(opened(&package[..length], &key).is_err(), "{length} bytes");
        }
        // Cut off where a piece ends.
        let second = package.len() - (100 + TAG + 4);
        assert!(opened(&package[..second], &key).is_err());
        assert!(opened(&[package.as_slice(), &[0]].concat(), &key).is_err());
        assert!(opened(&package, &EvidenceKey::new().unwrap()).is_err());
    }
}
