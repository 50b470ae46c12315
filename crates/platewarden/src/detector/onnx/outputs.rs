//! What a network gives: whether it is what the manifest says, and which of its detections are kept.

use super::Scratch;
use crate::{
    Detection, Error, Result,
    backend::ModelSignature,
    manifest::{DetectorContract, DetectorManifest},
    nms_contained,
};

/// Detections of one frame that go into suppression at most, the best of them: a network that fires everywhere must not
/// make a frame take seconds.
const MAX_BEFORE_SUPPRESSION: usize = 1000;

/// Compares the outputs that the contract reads with what it wants of them.
pub(super) fn check_outputs(
    manifest: &DetectorManifest,
    signature: &ModelSignature,
    mismatch: impl Fn(String, String, String) -> Error,
) -> Result<()> {
    let wanted = |name: &str| {
        manifest
            .output
            .as_deref()
            .is_none_or(|wanted| wanted == name)
    };
    let count = if manifest.contract == DetectorContract::Grid {
        usize::MAX
    } else {
        1
    };
    for output in signature
        .outputs
        .iter()
        .filter(|output| wanted(&output.name))
        .take(count)
    {
        let (rank, row) = (manifest.contract.rank(), manifest.contract.row_len());
        let (place, described) = if rank == 4 {
            (1, "second")
        } else {
            (rank - 1, "last")
        };
        // A file may leave its output's shape open; then the first run tells.
        let Some(dimensions) = output
            .dimensions
            .as_ref()
            .filter(|dimensions| !dimensions.is_empty())
        else {
            continue;
        };
        if dimensions.len() != rank || !dimensions.get(place).is_some_and(|size| size.admits(row)) {
            let expected = format!("{rank} dimensions, the {described} of them {row}");
            return Err(mismatch(
                format!("output `{}` of", output.name),
                expected,
                output.describe(),
            ));
        }
    }
    Ok(())
}

/// Keeps the best of the detections that cover one another, best first.
pub(super) fn suppress(scratch: &mut Scratch, manifest: &DetectorManifest) -> Vec<Detection> {
    let Scratch {
        found,
        boxes,
        scores,
        keep,
        ..
    } = scratch;
    if manifest.contract == DetectorContract::YoloEnd2End {
        // The network has done it.
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        return std::mem::take(found);
    }
    if found.len() > MAX_BEFORE_SUPPRESSION {
        found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(MAX_BEFORE_SUPPRESSION);
    }
    boxes.clear();
    boxes.extend(found.iter().map(|detection| detection.bounds));
    scores.clear();
    scores.extend(found.iter().map(|detection| detection.score));
    nms_contained(
        boxes,
        scores,
        manifest.max_iou,
        manifest.max_contained,
        keep,
    );
    keep.iter()
        .filter_map(|&index| found.get(index).copied())
        .collect()
}
