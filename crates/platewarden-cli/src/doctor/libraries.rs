//! The ONNX Runtime libraries of this machine.

use std::io::{self, Write};

use platewarden::{
    BackendInfo,
    backend::{LibraryCandidate, onnxruntime_places},
};

use crate::failure::with_causes;

/// Lists the libraries that were found with what is wrong with each; where there is none, the places looked at.
pub(super) fn write(
    out: &mut impl Write,
    libraries: &[LibraryCandidate],
    info: Option<&BackendInfo>,
) -> io::Result<()> {
    let in_use = info.and_then(|info| info.library.as_ref());
    if libraries.is_empty() {
        writeln!(out, "ONNX Runtime: not found. Looked for in:")?;
        for place in onnxruntime_places() {
            writeln!(out, "  {} ({})", place.path.display(), place.origin)?;
        }
        return Ok(());
    }
    writeln!(out, "ONNX Runtime:")?;
    for library in libraries {
        let state = match library.inspect() {
            Ok(version) => {
                let version = version.unwrap_or_else(|| "of unknown version".to_owned());
                if in_use == Some(&library.path) {
                    format!("{version}, in use")
                } else if in_use.is_some() {
                    format!("{version}, comes later in the order")
                } else {
                    format!("{version}, not in use")
                }
            }
            Err(error) => format!("cannot be used: {}", with_causes(&error)),
        };
        writeln!(
            out,
            "  {} ({}): {state}",
            library.path.display(),
            library.origin
        )?;
    }
    Ok(())
}
