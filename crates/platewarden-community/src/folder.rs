//! Evidence in a folder on disk.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::evidence::{EvidenceReceipt, EvidenceSystem, FileSource};
use super::manifest::{Hashing, Recording, SealedManifest, check_name};
use crate::Error;

const MANIFEST: &str = "manifest.json";
const SEAL: &str = "manifest.sha256";
const FILES: &str = "files";

/// One folder a hand-over: `CODE/DIGEST/` with `manifest.json`, `manifest.sha256` (as `sha256sum` writes and checks
/// it) and `files/`. A hand-over appears under its name only when it is complete and flushed to the device.
#[derive(Clone, Debug)]
pub struct FolderEvidence {
    root: PathBuf,
}

impl FolderEvidence {
    /// Evidence under a root folder, which is made where it does not exist.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where it cannot be made.
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|source| Error::io("make", &root, source))?;
        Ok(Self { root })
    }

    /// Where a hand-over lies.
    #[must_use]
    pub fn folder(&self, manifest: &SealedManifest) -> PathBuf {
        self.root.join(evidence_id(manifest))
    }

    /// Reads a hand-over back and checks everything: seal, notice, and length and digest of every file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where something cannot be read, [`ErrorKind::Signature`](crate::ErrorKind::Signature) where something is not what was sealed.
    pub fn check(folder: &Path) -> Result<SealedManifest, Error> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|source| Error::io("read", &path, source))
        };
        let seal = read(SEAL)?;
        let stated = seal.split_whitespace().next().unwrap_or_default().parse()?;
        let manifest = SealedManifest::open(read(MANIFEST)?, stated)?;
        let files = folder.join(FILES);
        for recording in &manifest.manifest().files {
            check_name(&recording.name)?;
            let path = files.join(&recording.name);
            let mut file = File::open(&path).map_err(|source| Error::io("open", &path, source))?;
            copy(&mut file, &mut io::sink(), recording)?;
        }
        let listed = manifest.manifest().files.len();
        let found = fs::read_dir(&files)
            .map_err(|source| Error::io("list", &files, source))?
            .count();
        if found != listed {
            return Err(Error::signature(&format!(
                "the manifest lists {listed} files, the folder holds {found}"
            )));
        }
        Ok(manifest)
    }

    fn write(
        folder: &Path,
        manifest: &SealedManifest,
        files: &mut dyn FileSource,
    ) -> Result<(), Error> {
        let target = folder.join(FILES);
        fs::create_dir_all(&target).map_err(|source| Error::io("make", &target, source))?;
        for recording in &manifest.manifest().files {
            check_name(&recording.name)?;
            let path = target.join(&recording.name);
            // Two recordings of one name, or of names that the disk takes for one, must not merge.
            let mut out =
                File::create_new(&path).map_err(|source| Error::io("create", &path, source))?;
            let mut source = files
                .open(&recording.name)
                .map_err(|source| Error::io("open", &recording.name, source))?;
            copy(&mut source, &mut out, recording)?;
            out.sync_all()
                .map_err(|source| Error::io("flush", &path, source))?;
        }
        let seal = format!("{}  {MANIFEST}\n", manifest.sha256());
        for (name, text) in [(MANIFEST, manifest.json()), (SEAL, seal.as_str())] {
            let path = folder.join(name);
            let written = File::create_new(&path).and_then(|mut file| {
                file.write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
            });
            written.map_err(|source| Error::io("write", &path, source))?;
        }
        Ok(())
    }
}

impl EvidenceSystem for FolderEvidence {
    fn name(&self) -> &str {
        "folder"
    }

    fn receive(
        &mut self,
        manifest: &SealedManifest,
        files: &mut dyn FileSource,
    ) -> Result<EvidenceReceipt, Error> {
        let folder = self.folder(manifest);
        let receipt = EvidenceReceipt {
            evidence_id: evidence_id(manifest),
        };
        if folder.exists() {
            return Self::check(&folder).map(|_| receipt);
        }
        let partial = folder.with_extension("partial");
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(|source| Error::io("remove", &partial, source))?;
        }
        let done = Self::write(&partial, manifest, files).and_then(|()| {
            fs::rename(&partial, &folder).map_err(|source| Error::io("rename", &partial, source))
        });
        if let Err(error) = done {
            // Nothing may be left of a hand-over that failed; the error that matters is the first.
            let _ = fs::remove_dir_all(&partial);
            return Err(error);
        }
        if let Some(parent) = folder.parent().filter(|_| cfg!(unix)) {
            let synced = File::open(parent).and_then(|parent| parent.sync_all());
            synced.map_err(|source| Error::io("flush", parent, source))?;
        }
        Ok(receipt)
    }
}

fn evidence_id(manifest: &SealedManifest) -> String {
    let digest = manifest.sha256().to_string();
    format!(
        "{}/{}",
        manifest.manifest().investigation_code,
        digest.get(..16).unwrap_or_default()
    )
}

/// Copies a file and checks that it is what the manifest lists.
fn copy(source: &mut dyn Read, target: &mut dyn Write, recording: &Recording) -> Result<(), Error> {
    let mut hashing = Hashing::new();
    let mut buffer = vec![0_u8; 1 << 16];
    let failed = |source| Error::stream("copy a recording", source);
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        let part = buffer.get(..read).unwrap_or_default();
        hashing.write_all(part).map_err(failed)?;
        target.write_all(part).map_err(failed)?;
    }
    let (sha256, bytes) = hashing.finish();
    if (sha256, bytes) != (recording.sha256, recording.bytes) {
        return Err(Error::signature(&format!(
            "recording `{}` is not the one that was consented to: {bytes} bytes with SHA-256 {sha256}, {} with {} expected",
            recording.name, recording.bytes, recording.sha256
        )));
    }
    Ok(())
}

/// Files of a folder, by their names.
#[derive(Clone, Debug)]
pub struct FolderFiles(pub PathBuf);

impl FileSource for FolderFiles {
    fn open(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        check_name(name).map_err(io::Error::other)?;
        Ok(Box::new(File::open(self.0.join(name))?))
    }
}
