//! Whether a network is the one that its manifest describes.

use std::path::Path;

use super::super::cut;
use crate::{
    Error, Result,
    backend::Network,
    manifest::{Layout, RecognizerManifest},
};

/// Compares a network with its manifest; tells how many plates it takes at once.
pub(super) fn check(
    manifest: &RecognizerManifest,
    network: &dyn Network,
    path: &Path,
) -> Result<usize> {
    let signature = network.signature();
    let mismatch = Error::model_shape(path);
    let ([height, width], channels) = (manifest.shape, manifest.channels.count());
    let wanted = match manifest.layout {
        Layout::Nchw => [1, channels, height, width],
        Layout::Nhwc => [1, height, width, channels],
    };
    let input = signature.checked_input(
        manifest.input.as_deref(),
        manifest.element,
        [wanted],
        mismatch,
    )?;
    let text = match &manifest.output {
        Some(name) => signature.output(name),
        None => signature.outputs.first(),
    };
    let region = manifest
        .region_output
        .as_ref()
        .and_then(|name| signature.output(name));
    for (output, rank, row) in [
        (text, 3, manifest.alphabet.len()),
        (region, 2, manifest.regions.len()),
    ] {
        let Some((output, dimensions)) =
            output.and_then(|output| Some((output, output.dimensions.as_ref()?)))
        else {
            continue;
        };
        let last = dimensions.last().is_some_and(|last| last.admits(row));
        // A file may leave its output's shape open; then the first run tells.
        if !dimensions.is_empty() && (dimensions.len() != rank || !last) {
            let expected = format!("{rank} dimensions, the last of them {row}");
            return Err(mismatch(
                format!("output `{}` of", output.name),
                expected,
                output.describe(),
            ));
        }
    }
    Ok(cut::batch(input))
}
