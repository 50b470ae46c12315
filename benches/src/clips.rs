//! Frames of a synthetic video, as a decoder hands them over.

use std::time::Duration;

use platewarden::PixelFormat;
use platewarden_fixtures::{Clip, ClipRenderer, PlateMaker, clips};
use platewarden_video::source::VideoFrame;

/// The first `count` frames of the clip with two vehicles at once, drawn at another size, as I420 of BT.601.
///
/// Sides are even.
///
/// # Errors
/// Where the clip cannot be drawn.
pub fn two_vehicles(
    (width, height): (u32, u32),
    count: usize,
) -> Result<Vec<VideoFrame>, Box<dyn std::error::Error>> {
    let maker = PlateMaker::bundled()?;
    let clip = clips()
        .into_iter()
        .find(|clip| clip.name == "two-at-once")
        .ok_or("the clip is missing")?;
    let clip = Clip {
        width,
        height,
        ..clip
    };
    let renderer = ClipRenderer::new(&maker, &clip);
    (0..count)
        .map(|index| {
            // A clip is over after its own frames: then it begins anew.
            let picture = renderer.frame(index % clip.frames)?.picture;
            let at = Duration::from_secs_f64(index as f64 / f64::from(clip.rate));
            Ok(VideoFrame::new(
                i420(&picture),
                PixelFormat::I420,
                width,
                height,
                at,
            )?)
        })
        .collect()
}

/// A picture as I420 of ITU-R BT.601, limited range, one colour for each four pixels.
fn i420(picture: &image::RgbImage) -> Vec<u8> {
    let weigh = |pixel: &image::Rgb<u8>, weights: [f32; 3], zero: f32| {
        let sum: f32 = pixel
            .0
            .iter()
            .zip(weights)
            .map(|(value, weight)| f32::from(*value) * weight)
            .sum();
        (sum + zero).round() as u8
    };
    let mut bytes: Vec<u8> = picture
        .pixels()
        .map(|pixel| weigh(pixel, [0.2568, 0.5041, 0.0979], 16.0))
        .collect();
    for weights in [[-0.1482, -0.2910, 0.4392], [0.4392, -0.3678, -0.0714]] {
        for row in picture.rows().step_by(2) {
            bytes.extend(row.step_by(2).map(|pixel| weigh(pixel, weights, 128.0)));
        }
    }
    bytes
}
