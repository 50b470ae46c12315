//! What is handed over: clips with their manifest, sealed to the agency.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::certificate::Trust;
use crate::document::{FootageRequest, VerifiedRequest};
use crate::keys::EvidenceKey;
use crate::notice::{Consent, ConsentStatement};
use crate::obscure::Obscured;
use crate::seal::{self, SealHeader, SealingWriter};
use crate::{Error, Result};

const MANIFEST: &str = "manifest.json";
const NOTICE: &str = "notice.txt";
const REQUEST: &str = "request.json";
/// Longest document within a package that is read into memory.
const LONGEST_DOCUMENT: u64 = 16 * 1024 * 1024;

/// One clip or photograph of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackagedFile {
    /// Its name in the package.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of its contents: 64 hexadecimal digits.
    pub sha256: String,
    /// SHA-256 of the recording that it was cut from, which stays with the resident.
    pub recording_sha256: String,
    /// Name of the camera.
    pub camera: String,
    /// The plate asked for.
    pub wanted: String,
    /// What was read.
    pub read: String,
    /// Probability that it is the plate asked for, 0 to 1: a lead to be verified by eye.
    pub probability: f32,
    /// When the vehicle was first seen.
    pub seen_from: Timestamp,
    /// When it was last seen.
    pub seen_to: Timestamp,
    /// What was made unrecognisable, and how.
    pub obscured: Obscured,
}

/// What a package holds, on which request and consent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageManifest {
    /// Version of this format: 1.
    pub version: u32,
    /// The code of the request.
    pub code: String,
    /// SHA-256 of the request, as in its log: 64 hexadecimal digits.
    pub request_sha256: String,
    /// Number of the case.
    pub case_number: String,
    /// Id of the agency that receives it.
    pub agency: String,
    /// The files.
    pub files: Vec<PackagedFile>,
    /// Program and networks that read the recordings, with their versions.
    pub engine: String,
    /// The consent.
    pub consent: ConsentStatement,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

/// A sealed package in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedPackage {
    /// The file.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its contents: 64 hexadecimal digits.
    pub sha256: String,
    /// What is in it.
    pub manifest: PackageManifest,
}

/// A package that was opened.
#[derive(Clone, Debug)]
pub struct OpenedPackage {
    /// What could be read without the key.
    pub header: SealHeader,
    /// What is in it.
    pub manifest: PackageManifest,
    /// The notice that the resident said yes to.
    pub notice: String,
    /// The request that it answers.
    pub request: FootageRequest,
    /// The folder in which the files lie.
    pub folder: PathBuf,
}

/// Length and SHA-256 of a file.
pub(crate) fn digest_of(path: &Path) -> Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path).map_err(|source| Error::io("open", path, source))?;
    let (mut buffer, mut bytes) = (vec![0; 1 << 16], 0);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((bytes, hex::encode(hasher.finalize()))),
            Ok(read) => {
                hasher.update(buffer.get(..read).unwrap_or_default());
                bytes += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(Error::io("read", path, source)),
        }
    }
}

/// Seals what a resident said yes to, into a new file. `engine` says which program and networks read the recordings.
///
/// The request is verified once more, with the newest revocations. A package that could not be finished is removed.
///
/// # Errors
///
/// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the request does not hold any more; [`ErrorKind::Io`](crate::ErrorKind::Io)
/// where the package cannot be written, such as for a full disk.
pub fn seal_package(
    request: &VerifiedRequest,
    consent: &Consent,
    trust: &Trust,
    engine: &str,
    at: Timestamp,
    out: &Path,
) -> Result<SealedPackage> {
    request.still_holds(trust, at)?;
    let manifest = manifest(request, consent, engine, at)?;
    let partial = out.with_extension("partial");
    let done = write(request, consent, &manifest, &partial).and_then(|()| {
        fs::rename(&partial, out).map_err(|source| Error::io("rename", &partial, source))
    });
    if let Err(error) = done {
        // The error that matters is the first.
        let _ = fs::remove_file(&partial);
        return Err(error);
    }
    let (bytes, sha256) = digest_of(out)?;
    Ok(SealedPackage {
        path: out.to_owned(),
        bytes,
        sha256,
        manifest,
    })
}

fn manifest(
    request: &VerifiedRequest,
    consent: &Consent,
    engine: &str,
    at: Timestamp,
) -> Result<PackageManifest> {
    let particulars = request.particulars();
    let files = consent.notice.clips.iter().map(|clip| {
        let (bytes, sha256) = digest_of(&clip.path)?;
        let (_, recording_sha256) = digest_of(&clip.found.footage.path)?;
        Ok(PackagedFile {
            name: clip.name.clone(),
            bytes,
            sha256,
            recording_sha256,
            camera: clip.found.footage.camera.clone(),
            wanted: clip.found.wanted.clone(),
            read: clip.found.read.clone(),
            probability: clip.found.probability,
            seen_from: clip.found.seen.0,
            seen_to: clip.found.seen.1,
            obscured: clip.obscured.clone(),
        })
    });
    Ok(PackageManifest {
        version: 1,
        code: particulars.code().to_string(),
        request_sha256: request.sha256().to_owned(),
        case_number: particulars.form().case_number.clone(),
        agency: particulars.agency().id.to_string(),
        files: files.collect::<Result<_>>()?,
        engine: engine.to_owned(),
        consent: consent.record.clone(),
        sealed_at: at,
    })
}

fn write(
    request: &VerifiedRequest,
    consent: &Consent,
    manifest: &PackageManifest,
    out: &Path,
) -> Result<()> {
    let failed = |source| Error::io("write", out, source);
    let file = File::create(out).map_err(failed)?;
    let sealing = SealingWriter::new(
        BufWriter::new(file),
        &request.body().evidence_key,
        &manifest.code,
        request.sha256(),
    )?;
    let mut archive = tar::Builder::new(sealing);
    let json = |what: &str, value: serde_json::Result<Vec<u8>>| {
        value.map_err(|source| Error::json(what, source))
    };
    let documents = [
        (
            MANIFEST,
            json("a manifest", serde_json::to_vec_pretty(manifest))?,
        ),
        (NOTICE, consent.notice.text.clone().into_bytes()),
        (
            REQUEST,
            json("a request", serde_json::to_vec_pretty(request.document()))?,
        ),
    ];
    for (name, bytes) in &documents {
        archive
            .append_data(&mut header(bytes.len() as u64), name, bytes.as_slice())
            .map_err(failed)?;
    }
    for clip in &consent.notice.clips {
        let file =
            File::open(&clip.path).map_err(|source| Error::io("open", &clip.path, source))?;
        let length = file
            .metadata()
            .map_err(|source| Error::io("look at", &clip.path, source))?
            .len();
        archive
            .append_data(&mut header(length), &clip.name, BufReader::new(file))
            .map_err(failed)?;
    }
    let file = archive
        .into_inner()
        .and_then(SealingWriter::finish)
        .map_err(failed)?;
    let file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)
}

/// Nothing of the resident's machine: no owner, no time.
fn header(length: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o600);
    header.set_mtime(0);
    header
}

/// What everybody can read of a package, without a key.
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) where the file cannot be opened, [`ErrorKind::Format`](crate::ErrorKind::Format) where it is
/// no package.
pub fn package_header(package: &Path) -> Result<SealHeader> {
    let file = File::open(package).map_err(|source| Error::io("open", package, source))?;
    seal::read_header(&mut BufReader::new(file))
}

/// Opens a package into a new folder, and checks everything in it: seal, files, notice, request.
///
/// # Errors
///
/// [`ErrorKind::Signature`](crate::ErrorKind::Signature) where anything is not what was sealed, or the key is another one;
/// [`ErrorKind::Io`](crate::ErrorKind::Io) where the folder is there already or cannot be written. Nothing is left of a package that
/// is not whole.
pub fn open_package(package: &Path, key: &EvidenceKey, folder: &Path) -> Result<OpenedPackage> {
    let file = File::open(package).map_err(|source| Error::io("open", package, source))?;
    fs::create_dir(folder).map_err(|source| Error::io("make the new folder", folder, source))?;
    let opened = unpack(&mut BufReader::new(file), key, folder);
    if opened.is_err() {
        // The error that matters is the first.
        let _ = fs::remove_dir_all(folder);
    }
    opened
}

fn unpack(package: &mut impl Read, key: &EvidenceKey, folder: &Path) -> Result<OpenedPackage> {
    let archive = folder.join("archive.tar");
    let failed = |source| Error::io("write", &archive, source);
    let mut out = BufWriter::new(File::create_new(&archive).map_err(failed)?);
    let header = seal::open(package, key, &mut out)?;
    out.into_inner()
        .map_err(|error| failed(error.into_error()))?
        .sync_all()
        .map_err(failed)?;
    let found = extract(&archive, folder)?;
    fs::remove_file(&archive).map_err(|source| Error::io("remove", &archive, source))?;
    check(header, found, folder)
}

/// Length and SHA-256 of each file, by its name.
type Found = BTreeMap<String, (u64, String)>;

fn extract(archive: &Path, folder: &Path) -> Result<Found> {
    let failed = |source| Error::io("read", archive, source);
    let mut archive = tar::Archive::new(BufReader::new(File::open(archive).map_err(failed)?));
    let mut found = Found::new();
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let name = entry.path().map_err(failed)?.to_string_lossy().into_owned();
        let is_plain = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if !is_plain || name.starts_with('.') || !entry.header().entry_type().is_file() {
            return Err(Error::signature(&format!(
                "the package holds `{name}`, which no package holds"
            )));
        }
        let path = folder.join(&name);
        let mut out =
            File::create_new(&path).map_err(|source| Error::io("create", &path, source))?;
        io::copy(&mut entry, &mut out).map_err(|source| Error::io("write", &path, source))?;
        found.insert(name, digest_of(&path)?);
    }
    Ok(found)
}

fn check(header: SealHeader, mut found: Found, folder: &Path) -> Result<OpenedPackage> {
    let mut document = |name: &str| {
        let length = found.remove(name).map(|(length, _)| length);
        if length.is_none_or(|length| length > LONGEST_DOCUMENT) {
            return Err(Error::signature(&format!("the package holds no `{name}`")));
        }
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(|source| Error::io("read", &path, source))
    };
    let (manifest, notice, request) = (document(MANIFEST)?, document(NOTICE)?, document(REQUEST)?);
    let manifest: PackageManifest = serde_json::from_str(&manifest)
        .map_err(|source| Error::json("the manifest of a package", source))?;
    let request = FootageRequest::from_json(&request)?;
    let said = |what: &str, is_so: bool| {
        if is_so {
            Ok(())
        } else {
            Err(Error::signature(&format!(
                "{what} is not what the manifest says"
            )))
        }
    };
    said(
        "the header",
        header.code == manifest.code && header.request_sha256 == manifest.request_sha256,
    )?;
    said("the request", request.digest()? == manifest.request_sha256)?;
    said(
        "the notice",
        hex::encode(Sha256::digest(notice.as_bytes())) == manifest.consent.notice_sha256,
    )?;
    for file in &manifest.files {
        let stated = (file.bytes, file.sha256.clone());
        said(
            &format!("`{}`", file.name),
            found.remove(&file.name) == Some(stated),
        )?;
    }
    said("what else is in the package", found.is_empty())?;
    Ok(OpenedPackage {
        header,
        manifest,
        notice,
        request,
        folder: folder.to_owned(),
    })
}
