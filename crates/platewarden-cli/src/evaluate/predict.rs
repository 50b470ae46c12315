//! What the engine reads in labelled pictures.

use cpu_time::ProcessTime;
use image::RgbImage;
use platewarden::{Detection, Engine, Frame, PlateRead, Rect};
use serde::{Deserialize, Serialize};

use crate::{labels::LabelledPicture, picture};

/// Where plates are read.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Boxes {
    /// Where the detector finds them.
    Detector,
    /// In the labelled boxes.
    Truth,
}

/// What a system reads in a picture: a line of the predictions.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Prediction {
    pub(super) image: String,
    /// Milliseconds of processor time.
    #[serde(default)]
    pub(super) ms: Option<f64>,
    #[serde(default)]
    pub(super) plates: Vec<PlatePrediction>,
}

/// A plate that a system reads.
#[derive(Serialize, Deserialize)]
pub(super) struct PlatePrediction {
    /// Left and top edge, width and height in pixels of the picture.
    pub(super) bbox: [f64; 4],
    /// The detector's score.
    #[serde(default = "certain")]
    pub(super) score: f64,
    #[serde(default)]
    pub(super) text: String,
    /// Of the whole text.
    #[serde(default)]
    pub(super) confidence: Option<f64>,
    /// Best first.
    #[serde(default)]
    pub(super) candidates: Vec<String>,
}

fn certain() -> f64 {
    1.0
}

/// The predictions of pictures that are read together, each with the reason where it failed.
pub(super) fn predict(
    engine: &Engine,
    labelled: &[LabelledPicture],
    boxes: Boxes,
) -> Vec<(Prediction, Option<String>)> {
    let pictures: Vec<Result<RgbImage, String>> = labelled
        .iter()
        .map(|labelled| picture::load(&labelled.path).map_err(|error| error.to_string()))
        .collect();
    let started = ProcessTime::now();
    let results: Vec<platewarden::Result<Vec<PlateRead>>> = match boxes {
        Boxes::Detector => {
            let frames: Vec<Frame<'_>> = pictures.iter().flatten().map(Frame::from).collect();
            engine.read_batch(&frames)
        }
        Boxes::Truth => labelled
            .iter()
            .zip(&pictures)
            .filter_map(|(labelled, picture)| Some((labelled, picture.as_ref().ok()?)))
            .map(|(labelled, picture)| {
                let reads = engine.recognize(&Frame::from(picture), &plates(labelled))?;
                Ok(reads.into_iter().flatten().collect())
            })
            .collect(),
    };
    let ms = 1e3 * started.elapsed().as_secs_f64() / results.len().max(1) as f64;
    let mut results = results.into_iter();
    labelled
        .iter()
        .zip(pictures)
        .map(|(labelled, picture)| {
            let reads = picture.and_then(|_| {
                let reads = results.next().unwrap_or_else(|| Ok(Vec::new()));
                reads.map_err(|error| error.to_string())
            });
            let (reads, failure) = match reads {
                Ok(reads) => (reads, None),
                Err(failure) => (Vec::new(), Some(failure)),
            };
            let prediction = Prediction {
                image: labelled.name.clone(),
                ms: Some(ms),
                plates: reads.into_iter().map(PlatePrediction::from).collect(),
            };
            (prediction, failure)
        })
        .collect()
}

/// The labelled plates of a picture, as if a detector had found them.
fn plates(labelled: &LabelledPicture) -> Vec<Detection> {
    labelled
        .plates
        .iter()
        .map(|plate| {
            let bounds = plate.bounds();
            Detection {
                quad: plate.corners.unwrap_or_else(|| bounds.to_quad()),
                bounds,
                score: 1.0,
            }
        })
        .collect()
}

impl From<PlateRead> for PlatePrediction {
    fn from(read: PlateRead) -> Self {
        let Rect {
            x,
            y,
            width,
            height,
        } = read.bounds;
        Self {
            bbox: [x, y, width, height].map(as_written),
            score: as_written(read.detection_score),
            text: read.text,
            confidence: Some(as_written(read.confidence)),
            candidates: read
                .candidates
                .into_iter()
                .map(|candidate| candidate.text)
                .collect(),
        }
    }
}

/// The number whose digits are those of a file of predictions, so that scores of both are the same to the last digit.
fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}
