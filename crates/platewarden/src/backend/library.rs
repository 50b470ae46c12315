//! Looks at a file before it is loaded into the process.
//!
//! The system's loader maps a library into memory and trusts it: a file cut short ends the process with a signal
//! instead of an error. So the file's own headers are read first.

use std::{env::consts::ARCH, fs::File, path::Path};

use object::{
    Architecture, FileKind, Object, ObjectKind, ObjectSegment,
    read::{ReadCache, ReadRef},
};

use super::MINIMUM_ONNXRUNTIME;
use crate::error::Failure;
use crate::{Error, Result};

/// Checks that `path` is a whole shared library for this machine.
///
/// # Errors
///
/// [`RuntimeInvalid`](crate::ErrorKind::RuntimeInvalid) with what is wrong with it.
pub(super) fn check(path: &Path) -> Result<()> {
    inspect(path).map_err(|reason| {
        Error::from(Failure::RuntimeInvalid {
            path: path.to_path_buf(),
            minimum: MINIMUM_ONNXRUNTIME,
            reason,
        })
    })
}

fn inspect(path: &Path) -> Result<(), String> {
    let metadata = path
        .metadata()
        .map_err(|error| format!("it cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("it is not a file".into());
    }
    let file = File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let cache = ReadCache::new(file);
    let length = (&cache)
        .len()
        .map_err(|()| "its length cannot be told".to_owned())?;
    let kind = FileKind::parse(&cache).map_err(|_| "it is not a shared library".to_owned())?;
    if matches!(kind, FileKind::MachOFat32 | FileKind::MachOFat64) {
        // One file with a library per processor; the loader picks the one that fits.
        return Ok(());
    }
    let object = object::File::parse(&cache)
        .map_err(|error| format!("it is damaged or cut short: {error}"))?;
    // Windows' libraries are told from its programs by a flag that `object` reports as `Dynamic` too.
    if object.kind() != ObjectKind::Dynamic {
        return Err("it is not a shared library".into());
    }
    if architecture_name(object.architecture()).is_some_and(|name| name != ARCH) {
        return Err(format!(
            "it is built for {:?} and this program for {ARCH}",
            object.architecture()
        ));
    }
    for segment in object.segments() {
        let (start, size) = segment.file_range();
        if start.checked_add(size).is_none_or(|end| end > length) {
            return Err(format!("it is cut short after {length} bytes"));
        }
    }
    Ok(())
}

/// The name that [`ARCH`] has for an architecture; `None` for the ones this crate is not built for.
fn architecture_name(architecture: Architecture) -> Option<&'static str> {
    match architecture {
        Architecture::X86_64 => Some("x86_64"),
        Architecture::Aarch64 => Some("aarch64"),
        Architecture::I386 => Some("x86"),
        Architecture::Arm => Some("arm"),
        Architecture::Riscv64 => Some("riscv64"),
        Architecture::S390x => Some("s390x"),
        Architecture::PowerPc64 => Some("powerpc64"),
        _ => None,
    }
}

/// Version of a library, from its own name or from the Python package it belongs to.
pub(super) fn version_of(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let from_name = |name: &str, prefix: &str, suffix: &str| {
        let version = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
        (version.contains('.') && version.chars().all(|c| c.is_ascii_digit() || c == '.'))
            .then(|| version.to_owned())
    };
    let name = path.file_name()?.to_str()?;
    let own = from_name(name, "libonnxruntime.so.", "")
        .or_else(|| from_name(name, "libonnxruntime.", ".dylib"));
    own.or_else(|| {
        let site_packages = path.parent()?.parent()?.parent()?;
        std::fs::read_dir(site_packages)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .find_map(|name| from_name(&name, "onnxruntime-", ".dist-info"))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use std::fs;

    use super::*;

    fn reason(path: &Path) -> String {
        check(path).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_library_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("libonnxruntime.so");
        fs::write(&text, "not a library at all, only text\n".repeat(20)).unwrap();
        assert!(
            reason(&text).contains("it is not a shared library"),
            "{}",
            reason(&text)
        );
        assert!(reason(folder.path()).contains("it is not a file"));
        assert!(reason(&folder.path().join("missing")).contains("cannot be read"));
        fs::write(&text, b"\x7fELF").unwrap();
        assert!(reason(&text).contains("no ONNX Runtime library"));
        fs::write(&text, b"").unwrap();
        assert!(check(&text).is_err());
    }

    #[test]
    fn a_library_cut_short_is_refused() {
        // The test's own program is an ELF file of the right processor and, being position-independent, of the kind
        // `Dynamic`.
        let whole = fs::read(std::env::current_exe().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libonnxruntime.so");
        fs::write(&path, &whole).unwrap();
        check(&path).unwrap();
        for part in [64, 4096, whole.len() / 2] {
            fs::write(&path, &whole[..part]).unwrap();
            assert!(check(&path).is_err(), "cut at {part} of {}", whole.len());
        }
        let mut foreign = whole;
        // Offset 18 of an ELF header names the processor; 183 is aarch64, 62 is x86-64.
        foreign[18] = if foreign[18] == 183 { 62 } else { 183 };
        fs::write(&path, &foreign).unwrap();
        assert!(reason(&path).contains("built for"), "{}", reason(&path));
    }
}
