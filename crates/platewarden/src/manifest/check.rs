//! What a manifest may say.

use super::{Manifest, RecognizerManifest, Resize, SubdivisionManifest};
use crate::error::Failure;
use crate::{Channels, Error, Result, backend::ElementType};

/// Whether a manifest contradicts itself.
///
/// # Errors
///
/// [`Manifest`](crate::ErrorKind::Manifest) with the first contradiction.
pub(super) fn validate(manifest: &Manifest) -> Result<()> {
    let checks = detector_checks(manifest)
        .into_iter()
        .chain(recognizer_checks(&manifest.recognizer))
        .chain(manifest.subdivision.iter().flat_map(subdivision_checks));
    match checks.into_iter().find(|(holds, ..)| !holds) {
        None => Ok(()),
        Some((_, reason, suggestion)) => Err(Error::from(Failure::Manifest {
            path: manifest.origin.clone(),
            reason: reason.into(),
            suggestion: suggestion.into(),
        })),
    }
}

/// Whether it holds, what is wrong where it does not, and what to do then.
type Check = (bool, &'static str, &'static str);

/// What holds for the detector, and for both networks.
fn detector_checks(manifest: &Manifest) -> [Check; 6] {
    let (d, r) = (&manifest.detector, &manifest.recognizer);
    [
        (
            !d.shapes.is_empty(),
            "detector.shapes is empty",
            "list at least one height and width",
        ),
        (
            d.shapes
                .iter()
                .chain([&r.shape])
                .all(|[h, w]| (8..=8192).contains(h) && (8..=8192).contains(w)),
            "a height or width lies outside 8..8192",
            "give the size of the network's input in pixels",
        ),
        (
            unit(d.min_score) && unit(d.max_iou) && unit(d.max_contained),
            "detector.min_score, max_iou or max_contained lies outside 0..1",
            "give a share",
        ),
        (
            [d.scale, d.offset, r.scale, r.offset]
                .iter()
                .all(|v| v.is_finite()),
            "a scale or offset is not finite",
            "give the numbers the network was trained with",
        ),
        (
            !(d.space_to_depth || d.int8.as_ref().is_some_and(|int8| int8.space_to_depth))
                || (d.resize != Resize::OpencvLinear
                    && d.shapes.iter().flatten().all(|size| size % 2 == 0)),
            "detector.space_to_depth is given with an odd height or width, or with resize = \"opencv-linear\"",
            "give even sizes, and scale by area or bilinear",
        ),
        (
            d.channels != Channels::Gray,
            "detector.color is gray",
            "detectors take rgb or bgr",
        ),
    ]
}

fn recognizer_checks(r: &RecognizerManifest) -> [Check; 14] {
    [
        (
            !r.int8.as_ref().is_some_and(|int8| int8.space_to_depth),
            "recognizer.int8.space_to_depth is given",
            "leave it out: it is for detectors",
        ),
        (
            r.alphabet.len() >= 2,
            "recognizer.alphabet has fewer than two symbols",
            "list the classes of the output",
        ),
        (
            r.alphabet
                .iter()
                .enumerate()
                .all(|(i, c)| !r.alphabet.iter().skip(i + 1).any(|other| other == c)),
            "recognizer.alphabet has a symbol twice",
            "list every class once, the blank too",
        ),
        (
            r.alphabet.contains(&r.blank),
            "recognizer.blank is no symbol of the alphabet",
            "add it to the alphabet",
        ),
        (
            r.unknown
                .is_none_or(|unknown| unknown != r.blank && r.alphabet.contains(&unknown)),
            "recognizer.unknown is the blank or no symbol of the alphabet",
            "name another symbol of the alphabet, or leave it out",
        ),
        (
            (1..=4).contains(&r.lines),
            "recognizer.lines lies outside 1..4",
            "give the number of lines of the output",
        ),
        (
            r.margin.iter().all(|m| (-0.5..=1.0).contains(m)),
            "recognizer.margin lies outside -0.5..1",
            "give shares of the plate's width and height",
        ),
        (
            r.output.is_some() || r.region_output.is_none(),
            "recognizer.output is missing beside the name of another output",
            "name the output with the text as well",
        ),
        (
            r.region_output.is_some() != r.regions.is_empty(),
            "one of recognizer.region_output and recognizer.regions is missing",
            "give both or none",
        ),
        (
            r.verification
                .as_ref()
                .is_none_or(|v| unit(v.min_score) && !v.length.is_empty()),
            "recognizer.verification.min_score lies outside 0..1, or length is empty",
            "give a probability, and a weight for each length of the text from 0 on",
        ),
        (
            r.calibration.temperature > 0.0,
            "recognizer.calibration.temperature is not above 0",
            "1 changes nothing",
        ),
        (
            r.calibration.slope > 0.0,
            "recognizer.calibration.slope is not above 0",
            "1 changes nothing",
        ),
        (
            r.calibration.intercept.is_finite(),
            "recognizer.calibration.intercept is not finite",
            "0 changes nothing",
        ),
        (
            r.element == ElementType::F32 || (r.scale == 1.0 && r.offset == 0.0),
            "recognizer.scale or offset is given for bytes",
            "leave them out where element is u8",
        ),
    ]
}

fn subdivision_checks(s: &SubdivisionManifest) -> [Check; 7] {
    let country = |code: &String| code.split_once('-').map(|(country, _)| country.to_owned());
    let first = s.regions.first().and_then(country);
    [
        (
            !s.int8.as_ref().is_some_and(|int8| int8.space_to_depth),
            "subdivision.int8.space_to_depth is given",
            "leave it out: it is for detectors",
        ),
        (
            first.is_some() && s.regions.iter().all(|code| country(code) == first),
            "subdivision.regions are not all of one country",
            "list codes of ISO 3166-2 such as US-CA",
        ),
        (
            s.shape.iter().all(|size| (8..=8192).contains(size)),
            "a height or width of subdivision.shape lies outside 8..8192",
            "give the size of the network's input in pixels",
        ),
        (
            s.margin.iter().all(|m| (-0.5..=1.0).contains(m)),
            "subdivision.margin lies outside -0.5..1",
            "give shares of the plate's width and height",
        ),
        (
            s.scale.is_finite() && s.offset.is_finite(),
            "subdivision.scale or offset is not finite",
            "give the numbers the network was trained with",
        ),
        (
            s.temperature > 0.0 && s.temperature.is_finite(),
            "subdivision.temperature is not above 0",
            "1 changes nothing",
        ),
        (
            unit(s.min_share) && unit(s.recognizer_weight),
            "subdivision.min_share or recognizer_weight lies outside 0..1",
            "give a probability and a power",
        ),
    ]
}

fn unit(value: f32) -> bool {
    (0.0..=1.0).contains(&value)
}
