//! What networks that belong together take and give, written down beside their files.
//!
//! A manifest is a TOML file. It names each network's file, its SHA-256, its *contract* (the meaning of its output), and
//! how pixels become its input. Nothing is guessed from a tensor's shape: a network that differs from its manifest is
//! refused when it is loaded.
//!
//! ```toml
//! schema = 1
//! name = "my-networks"
//!
//! [detector]
//! file = "detector.onnx"            # beside the manifest
//! sha256 = "…"                      # optional; checked when given
//! contract = "quads"                # or "grid", "boxes", "yolo-end2end"
//! shapes = [[288, 512], [384, 384]] # height and width the network may be run at
//!
//! [detector.int8]                   # optional: the same network in 8-bit integers
//! file = "detector-int8.onnx"
//!
//! [recognizer]
//! file = "recognizer.onnx"
//! contract = "ctc"                  # or "slots"
//! shape = [64, 128]
//! alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
//! blank = "_"
//!
//! # Optional: a network that tells the states of one country apart, run on plates that `recognizer.regions` place there.
//! # [subdivision]
//! # file = "states.onnx"
//! # shape = [96, 192]
//! # regions = ["US-AK", "US-AL"]     # the classes of its output
//! ```

mod check;
mod contract;
mod file;
mod networks;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};

pub use self::contract::{CropShape, DetectorContract, Layout, RecognizerContract, Resize};
use self::file::File;
pub use self::networks::{
    CalibrationManifest, DetectorManifest, Int8File, RecognizerManifest, SubdivisionManifest,
    VerificationManifest,
};
use crate::error::Failure;
use crate::{
    Error, Result,
    backend::{ModelBytes, ModelSource},
};

/// The version of the manifest's own format that this crate reads.
const SCHEMA: u32 = 1;
/// Model files above this size are refused before they are read: the networks of this field are a few megabytes.
const MAX_MODEL_BYTES: u64 = 512 << 20;
/// Manifests above this size are refused before they are read.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// Networks that belong together and how to run them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Manifest {
    /// Name of the set, for people.
    pub name: String,
    /// Version of the set, for people; may be empty.
    pub version: String,
    /// The network that finds plates.
    pub detector: DetectorManifest,
    /// The network that reads them.
    pub recognizer: RecognizerManifest,
    /// The network that tells a country's subdivisions apart, where there is one.
    pub subdivision: Option<SubdivisionManifest>,
    /// Where the manifest came from, for error messages.
    origin: PathBuf,
    store: Store,
}

/// Where the model files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    /// In the manifest's folder.
    Folder,
    /// In the program itself.
    #[cfg_attr(
        not(feature = "bundled-models"),
        allow(dead_code, reason = "made by that feature")
    )]
    Bundled(BundledFile),
}

/// Looks a bundled file up by its name. A type of its own because functions have no address to compare.
#[derive(Clone, Copy)]
struct BundledFile(fn(&str) -> Option<&'static [u8]>);

impl std::fmt::Debug for BundledFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BundledFile")
    }
}

impl PartialEq for BundledFile {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for BundledFile {}

impl Manifest {
    /// Reads a manifest from a file. The model files it names are looked for in the same folder, when they are loaded.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) when the file cannot be read, else as [`parse`](Self::parse).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = read_at_most(path, MAX_MANIFEST_BYTES)
            .map_err(Error::io("read", path))?
            .ok_or_else(|| {
                Error::from(Failure::Manifest {
                    path: path.to_path_buf(),
                    reason: format!("it has more than {MAX_MANIFEST_BYTES} bytes"),
                    suggestion: "give the manifest, not the model it names".into(),
                })
            })?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Error::from(Failure::Manifest {
                path: path.to_path_buf(),
                reason: "it is not text".into(),
                suggestion: "give a TOML file; a model file is named inside it".into(),
            })
        })?;
        Self::parse(&text, path)
    }

    /// Reads a manifest from text. `origin` stands for its file: errors name it, and model files are looked for in its
    /// folder.
    ///
    /// # Errors
    ///
    /// [`Manifest`](crate::ErrorKind::Manifest) when it is no such file or contradicts itself,
    /// [`UnknownContract`](crate::ErrorKind::UnknownContract) for a contract this version does not know.
    ///
    /// ```
    /// use platewarden::{ErrorKind, Manifest};
    ///
    /// let error = Manifest::parse("name = 'no networks'", "my.toml").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Manifest);
    /// ```
    pub fn parse(text: &str, origin: impl Into<PathBuf>) -> Result<Self> {
        Self::parse_in(text, origin.into(), Store::Folder)
    }

    /// The manifest of the networks that come with this crate.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) in a build without the Cargo feature `bundled-models`; else none
    /// in a release, and the same as [`parse`](Self::parse) while the bundled files are being changed.
    pub fn bundled() -> Result<Self> {
        #[cfg(feature = "bundled-models")]
        return Self::parse_in(
            platewarden_models::MANIFEST,
            PathBuf::from("platewarden-models/manifest.toml"),
            Store::Bundled(BundledFile(platewarden_models::file)),
        );
        #[cfg(not(feature = "bundled-models"))]
        return Err(Error::from(Failure::InvalidOption {
            option: "models",
            expected:
                "the path of a manifest, for this build lacks the Cargo feature `bundled-models`"
                    .into(),
            found: "none".into(),
        }));
    }

    fn parse_in(text: &str, origin: PathBuf, store: Store) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| {
            Error::from(Failure::Manifest {
                path: origin.clone(),
                reason: error.to_string().trim_end().to_owned(),
                suggestion:
                    "correct it after the example in the documentation of `platewarden::manifest`"
                        .into(),
            })
        })?;
        if file.schema != SCHEMA {
            return Err(Error::from(Failure::Manifest {
                path: origin,
                reason: format!("its schema is {}, and this version reads schema {SCHEMA}", file.schema),
                suggestion: "use the manifest that came with this version of platewarden, or update platewarden".into(),
            }));
        }
        let (detector, recognizer) = (
            file.detector.checked(&origin)?,
            file.recognizer.checked(&origin)?,
        );
        let manifest = Self {
            name: file.name,
            version: file.version,
            detector,
            recognizer,
            subdivision: file.subdivision.map(file::SubdivisionFile::checked),
            origin,
            store,
        };
        check::validate(&manifest)?;
        Ok(manifest)
    }

    /// The manifest with its networks in 8-bit integers in the place of the others; where there are none, the others stay.
    ///
    /// ```
    /// # #[cfg(feature = "bundled-models")] {
    /// use platewarden::Manifest;
    ///
    /// let manifest = Manifest::bundled()?.into_int8();
    /// assert!(manifest.detector.int8.is_none() && manifest.load_detector().is_ok());
    /// # }
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    #[must_use]
    pub fn into_int8(mut self) -> Self {
        if let Some(int8) = self.detector.int8.take() {
            (self.detector.file, self.detector.sha256) = (int8.file, int8.sha256);
            self.detector.space_to_depth = int8.space_to_depth;
        }
        if let Some(int8) = self.recognizer.int8.take() {
            (self.recognizer.file, self.recognizer.sha256) = (int8.file, int8.sha256);
        }
        if let Some(subdivision) = &mut self.subdivision
            && let Some(int8) = subdivision.int8.take()
        {
            (subdivision.file, subdivision.sha256) = (int8.file, int8.sha256);
        }
        self
    }

    /// The file the manifest was read from, or a name that stands for it.
    pub fn origin(&self) -> &Path {
        &self.origin
    }

    /// Loads the detector's file and checks its hash.
    ///
    /// # Errors
    ///
    /// [`ModelLoad`](crate::ErrorKind::ModelLoad) when the file is missing or cannot be read,
    /// [`ModelHash`](crate::ErrorKind::ModelHash) when it is another one.
    pub fn load_detector(&self) -> Result<ModelSource> {
        let d = &self.detector;
        let (path, bytes) = self.load(&d.file, d.sha256.as_deref())?;
        Ok(ModelSource {
            path,
            stage: "detector",
            bytes,
            outputs: d.output.iter().cloned().collect(),
        })
    }

    /// Loads the recogniser's file and checks its hash.
    ///
    /// # Errors
    ///
    /// The same as [`load_detector`](Self::load_detector).
    pub fn load_recognizer(&self) -> Result<ModelSource> {
        let r = &self.recognizer;
        let (path, bytes) = self.load(&r.file, r.sha256.as_deref())?;
        let outputs = r.output.iter().chain(&r.region_output).cloned().collect();
        Ok(ModelSource {
            path,
            stage: "recognizer",
            bytes,
            outputs,
        })
    }

    /// Loads the file of the network that tells subdivisions apart and checks its hash; `None` where there is no such network.
    ///
    /// # Errors
    ///
    /// The same as [`load_detector`](Self::load_detector).
    pub fn load_subdivision(&self) -> Result<Option<ModelSource>> {
        let Some(s) = &self.subdivision else {
            return Ok(None);
        };
        let (path, bytes) = self.load(&s.file, s.sha256.as_deref())?;
        Ok(Some(ModelSource {
            path,
            stage: "subdivision",
            bytes,
            outputs: s.output.iter().cloned().collect(),
        }))
    }

    fn load(&self, file: &str, sha256: Option<&str>) -> Result<(PathBuf, ModelBytes)> {
        let path = self.origin.parent().unwrap_or(Path::new("")).join(file);
        let failed = |reason: String, suggestion: String| {
            Error::from(Failure::ModelLoad {
                path: path.clone(),
                reason,
                suggestion,
            })
        };
        let bytes = match self.store {
            Store::Bundled(BundledFile(lookup)) => {
                ModelBytes::Static(lookup(file).ok_or_else(|| {
                    failed(
                        "it is not part of this build".into(),
                        "give the manifest of other networks".into(),
                    )
                })?)
            }
            Store::Folder => {
                let bytes = read_at_most(&path, MAX_MODEL_BYTES).map_err(|error| {
                    failed(
                        format!("it cannot be read: {error}"),
                        format!(
                            "put it beside its manifest {} or correct `file` there",
                            self.origin.display()
                        ),
                    )
                })?;
                ModelBytes::Shared(Arc::from(bytes.ok_or_else(|| {
                    failed(
                        format!("it has more than {MAX_MODEL_BYTES} bytes"),
                        "give the model file".into(),
                    )
                })?))
            }
        };
        if let Some(expected) = sha256 {
            let found = hex(&Sha256::digest(bytes.as_slice()));
            if !expected.eq_ignore_ascii_case(&found) {
                return Err(Error::from(Failure::ModelHash {
                    path,
                    expected: expected.into(),
                    found,
                }));
            }
        }
        Ok((path, bytes))
    }
}

/// The content of a file, or `None` when it is longer than `limit`.
fn read_at_most(path: &Path, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    // One byte more than the limit tells a longer file apart, whatever its metadata says.
    fs::File::open(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
