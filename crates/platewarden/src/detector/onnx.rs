//! A detector that runs a network.

mod outputs;

use std::sync::Arc;

use self::outputs::{check_outputs, suppress};
use super::{Detection, Detector};
use crate::error::Failure;
use crate::{
    Error, Frame, LetterboxGeometry, LetterboxSpec, Letterboxer, Normalization, Placement, Point,
    Quad, Rect, Result,
    backend::{ElementType, Network, Runtime, SessionPool, Tensor, TensorData},
    compat::{fastalpr, opencv},
    manifest::{DetectorContract, DetectorManifest, Manifest, Resize},
};

/// Finds plates with a network of one of the detector contracts.
///
/// The frame is scaled into the input shape that keeps most of its resolution, the network is run, and its output is
/// read by the contract in the manifest.
pub struct OnnxDetector {
    manifest: DetectorManifest,
    /// Smallest score of a detection that is kept.
    min_score: f32,
    /// The first input shape, and the others.
    shapes: (LetterboxSpec, Vec<LetterboxSpec>),
    pool: SessionPool<Scratch>,
}

/// What a worker keeps between frames.
#[derive(Default)]
struct Scratch {
    /// Made at the first frame, when the manifest's way of scaling is at hand.
    letterboxer: Option<Letterboxer>,
    found: Vec<Detection>,
    boxes: Vec<Rect>,
    scores: Vec<f32>,
    keep: Vec<usize>,
}

impl OnnxDetector {
    /// Loads the detector of a manifest. `min_score` replaces the manifest's smallest score.
    ///
    /// # Errors
    ///
    /// [`ModelLoad`](crate::ErrorKind::ModelLoad), [`ModelHash`](crate::ErrorKind::ModelHash) or
    /// [`ModelShape`](crate::ErrorKind::ModelShape) when the file is missing, is another one, or does not do what the
    /// manifest says.
    pub fn load(manifest: &Manifest, runtime: &Runtime, min_score: Option<f32>) -> Result<Self> {
        let source = manifest.load_detector()?;
        let path = source.path.clone();
        Self::from_network(
            manifest.detector.clone(),
            runtime.load(source)?,
            min_score,
            &path,
        )
    }

    /// A detector over a network that is loaded already. `path` names it in errors.
    ///
    /// # Errors
    ///
    /// [`ModelShape`](crate::ErrorKind::ModelShape) when the network's inputs and outputs are not those of the manifest.
    pub fn from_network(
        manifest: DetectorManifest,
        network: Arc<dyn Network>,
        min_score: Option<f32>,
        path: &std::path::Path,
    ) -> Result<Self> {
        let signature = network.signature();
        let mismatch = Error::model_shape(path);
        signature.checked_input(
            manifest.input.as_deref(),
            element(&manifest),
            manifest
                .shapes
                .iter()
                .map(|&size| input_shape(&manifest, size)),
            mismatch,
        )?;
        check_outputs(&manifest, signature, mismatch)?;
        let mut shapes = manifest.shapes.iter().map(|&[height, width]| {
            // The manifest's check keeps them far below the limits of u32.
            let (width, height) = (
                u32::try_from(width).unwrap_or(u32::MAX),
                u32::try_from(height).unwrap_or(u32::MAX),
            );
            LetterboxSpec::new(width, height)
                .with_channels(manifest.channels)
                .with_placement(manifest.placement)
                .with_padding(manifest.pad)
                .with_normalization(Normalization::uniform(manifest.scale, manifest.offset))
        });
        let first = shapes.next().ok_or_else(|| {
            Error::from(Failure::Manifest {
                path: path.to_path_buf(),
                reason: "its detector has no input shape".into(),
                suggestion: "list at least one in `detector.shapes`".into(),
            })
        })?;
        let shapes = (first, shapes.collect());
        let min_score = min_score.unwrap_or(manifest.min_score);
        Ok(Self {
            manifest,
            min_score,
            shapes,
            pool: SessionPool::new(network),
        })
    }

    /// The shape that keeps most of a frame's resolution, and of equals the smallest.
    fn shape_for(&self, frame: (u32, u32)) -> &LetterboxSpec {
        let kept = |spec: &LetterboxSpec| {
            let ratio = |input: u32, frame: u32| f64::from(input) / f64::from(frame.max(1));
            // Shapes that do not scale down are alike: there is nothing more to keep.
            ratio(spec.width, frame.0)
                .min(ratio(spec.height, frame.1))
                .min(1.0)
        };
        let (first, others) = &self.shapes;
        others.iter().fold(first, |best, spec| {
            let order = kept(spec)
                .total_cmp(&kept(best))
                .then_with(|| best.elements().cmp(&spec.elements()));
            if order.is_ge() { spec } else { best }
        })
    }

    /// The shape of the input tensor.
    fn shape_of(&self, spec: &LetterboxSpec) -> [usize; 4] {
        input_shape(&self.manifest, [spec.height as usize, spec.width as usize])
    }

    fn failed(&self, reason: String) -> Error {
        Error::from(Failure::Inference {
            stage: "detector",
            reason,
            suggestion: "check that the network and its manifest belong together".into(),
        })
    }

    /// Reads the outputs into `found`, in frame coordinates and before suppression.
    fn parse(
        &self,
        outputs: &[Tensor],
        geometry: &LetterboxGeometry,
        found: &mut Vec<Detection>,
    ) -> Result<()> {
        found.clear();
        match self.manifest.contract {
            DetectorContract::Grid => outputs
                .iter()
                .try_for_each(|map| self.parse_grid(map, geometry, found)),
            _ => self.parse_rows(
                outputs.first().unwrap_or(&Tensor::default()),
                geometry,
                found,
            ),
        }
    }

    fn parse_rows(
        &self,
        output: &Tensor,
        geometry: &LetterboxGeometry,
        found: &mut Vec<Detection>,
    ) -> Result<()> {
        let row_len = self.manifest.contract.row_len();
        let data = output
            .as_f32()
            .ok_or_else(|| self.failed("its output is not of 32-bit floating point".into()))?;
        if output.shape().len() != self.manifest.contract.rank()
            || output.shape().last() != Some(&row_len)
        {
            return Err(self.failed(format!(
                "its output is of shape {:?}, and the contract wants rows of {row_len} in {} dimensions",
                output.shape(),
                self.manifest.contract.rank()
            )));
        }
        for row in data.chunks_exact(row_len) {
            let (x1, y1, x2, y2, score, corners) = match (self.manifest.contract, row) {
                (DetectorContract::Quads, &[x1, y1, x2, y2, score, ref corners @ ..]) => {
                    (x1, y1, x2, y2, score, <&[f32; 8]>::try_from(corners).ok())
                }
                (DetectorContract::Boxes, &[x1, y1, x2, y2, score]) => {
                    (x1, y1, x2, y2, score, None)
                }
                (DetectorContract::YoloEnd2End, &[_, x1, y1, x2, y2, class, score]) => {
                    if !fastalpr::is_wanted(class, &self.manifest.classes) {
                        continue;
                    }
                    (x1, y1, x2, y2, score, None)
                }
                _ => continue,
            };
            let area = Rect::from_edges(x1, y1, x2, y2);
            let bounds = match (self.manifest.contract, self.manifest.placement) {
                (DetectorContract::YoloEnd2End, Placement::Centered) => {
                    fastalpr::from_centered(&area, geometry)
                }
                _ => geometry.rect_to_frame(&area),
            };
            self.push(bounds, score, corners.copied(), geometry, found);
        }
        Ok(())
    }

    /// Reads the map of one stride.
    #[allow(
        clippy::cast_precision_loss,
        reason = "cells and strides are far below 2^24"
    )]
    fn parse_grid(
        &self,
        map: &Tensor,
        geometry: &LetterboxGeometry,
        found: &mut Vec<Detection>,
    ) -> Result<()> {
        let (input_width, input_height) = geometry.input_size();
        let mismatch = || {
            self.failed(format!(
                "an output is of shape {:?}, and the contract wants 1x13xHxW with the proportions of the input \
                 {input_height}x{input_width}",
                map.shape()
            ))
        };
        let (&[1, 13, rows, columns], Some(data)) = (map.shape(), map.as_f32()) else {
            return Err(mismatch());
        };
        let stride = (input_height as usize).checked_div(rows).unwrap_or(0);
        if stride == 0
            || stride * rows != input_height as usize
            || stride * columns != input_width as usize
        {
            return Err(mismatch());
        }
        let cells = rows * columns;
        let stride = stride as f32;
        // The logit that belongs to the smallest score: nearly all cells are done with after one comparison.
        let least = (self.min_score / (1.0 - self.min_score)).ln();
        for (cell, &logit) in data.iter().take(cells).enumerate() {
            if !(logit >= least) {
                continue;
            }
            let channel = |channel: usize| data.get(channel * cells + cell).copied().unwrap_or(0.0);
            let center = Point::new(
                ((cell % columns) as f32 + 0.5) * stride,
                ((cell / columns) as f32 + 0.5) * stride,
            );
            // Limited as in training, so that a stray value makes no endless box.
            let reach = |side: usize| channel(1 + side).clamp(-4.0, 4.0).exp() * stride;
            let area = Rect::from_edges(
                center.x - reach(0),
                center.y - reach(1),
                center.x + reach(2),
                center.y + reach(3),
            );
            let mut corners = [0.0; 8];
            for ((corner, base), index) in corners
                .chunks_exact_mut(2)
                .zip(area.to_quad().corners())
                .zip(0..)
            {
                if let [x, y] = corner {
                    *x = base.x + channel(5 + 2 * index) * area.width;
                    *y = base.y + channel(6 + 2 * index) * area.height;
                }
            }
            let bounds = geometry.rect_to_frame(&area);
            self.push(
                bounds,
                1.0 / (1.0 + (-logit).exp()),
                Some(corners),
                geometry,
                found,
            );
        }
        Ok(())
    }

    /// Adds a detection with its box in pixels of the frame and its corners in pixels of the input to `found`, where it is
    /// one.
    fn push(
        &self,
        bounds: Rect,
        score: f32,
        corners: Option<[f32; 8]>,
        geometry: &LetterboxGeometry,
        found: &mut Vec<Detection>,
    ) {
        // The comparison is written so that a score that is no number is dropped.
        if !(score >= self.min_score) {
            return;
        }
        let (width, height) = geometry.frame_size();
        let clipped = bounds.clamp_to(width, height);
        if clipped.is_empty() {
            return;
        }
        let quad = match corners {
            Some([ax, ay, bx, by, cx, cy, dx, dy]) => {
                let quad = Quad::new(
                    Point::new(ax, ay),
                    Point::new(bx, by),
                    Point::new(cx, cy),
                    Point::new(dx, dy),
                );
                // Corners that make no plate would make no crop either; the box still does.
                Some(geometry.quad_to_frame(&quad)).filter(|quad| !quad.is_degenerate())
            }
            None => None,
        };
        let quad = quad.unwrap_or_else(|| bounds.to_quad());
        found.push(Detection {
            quad,
            bounds: clipped,
            score: score.min(1.0),
        });
    }
}

/// The type of the input's elements.
fn element(manifest: &DetectorManifest) -> ElementType {
    if manifest.space_to_depth {
        ElementType::U8
    } else {
        ElementType::F32
    }
}

/// The shape of the input tensor for a picture of this height and width.
fn input_shape(manifest: &DetectorManifest, [height, width]: [usize; 2]) -> [usize; 4] {
    let channels = manifest.channels.count();
    if manifest.space_to_depth {
        [1, 4 * channels, height / 2, width / 2]
    } else {
        [1, channels, height, width]
    }
}

impl Detector for OnnxDetector {
    fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Detection>> {
        let spec = self.shape_for(frame.size());
        let shape = self.shape_of(spec);
        self.pool.check_out(&shape.map(Some))?.with(|session| {
            session.input.reset(element(&self.manifest), &shape);
            let resize = self.manifest.resize;
            let letterboxer = session
                .scratch
                .letterboxer
                .get_or_insert_with(|| Letterboxer::new(resize.quality()));
            let geometry = match session.input.data_mut() {
                TensorData::U8(blocks) => letterboxer.fill_space_to_depth(frame, spec, blocks)?,
                TensorData::F32(input) => {
                    if resize == Resize::OpencvLinear && opencv::letterbox(frame, spec, input) {
                        spec.geometry(frame.size())
                    } else {
                        letterboxer.fill(frame, spec, input)?
                    }
                }
            };
            session.run()?;
            self.parse(&session.outputs, &geometry, &mut session.scratch.found)?;
            Ok(suppress(&mut session.scratch, &self.manifest))
        })
    }

    fn input_size(&self, frame: (u32, u32)) -> Option<(u32, u32)> {
        let spec = self.shape_for(frame);
        Some((spec.width, spec.height))
    }

    fn warm_up(&self, workers: usize) -> Result<()> {
        let (first, others) = &self.shapes;
        std::iter::once(first).chain(others).try_for_each(|spec| {
            let (shape, element) = (self.shape_of(spec), element(&self.manifest));
            self.pool
                .warm_up(&shape.map(Some), element, &shape, workers)
        })
    }
}
