//! After the first frame of a size, the steps before and after the networks allocate nothing.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{FORMATS, Pixels};
use platewarden::{
    Channels, LetterboxSpec, Letterboxer, Normalization, Rect, Rectifier, RectifySpec,
    ResizeQuality, nms,
};

#[test]
fn letterbox_rectify_and_suppression_allocate_nothing_once_warm() {
    let spec = LetterboxSpec::new(384, 224);
    let plate = RectifySpec::new(128, 64)
        .with_channels(Channels::Rgb)
        .with_margin(0.06, 0.06);
    let quads = [
        Rect::new(300.0, 200.0, 500.0, 120.0),
        Rect::new(20.0, 30.0, 90.0, 20.0),
    ]
    .map(|rect| rect.to_quad());
    let boxes: Vec<Rect> = (0..200)
        .map(|i| Rect::new((i % 20) as f32 * 7.0, (i / 20) as f32 * 9.0, 30.0, 12.0))
        .collect();
    let scores: Vec<f32> = (0..200).map(|i| (i * 37 % 200) as f32 / 200.0).collect();

    for format in FORMATS {
        for quality in [ResizeQuality::Area, ResizeQuality::Bilinear] {
            let pixels = Pixels::flat(format, (1280, 720), [90, 120, 60]);
            let mut letterboxer = Letterboxer::new(quality);
            let mut rectifier = Rectifier::new();
            let mut input = vec![0.0; spec.elements()];
            let mut bytes = vec![0; plate.elements()];
            let mut numbers = vec![0.0; plate.elements()];
            let mut keep = Vec::new();
            let mut frame_by_frame = || {
                let frame = pixels.frame();
                letterboxer.fill(&frame, &spec, &mut input).unwrap();
                nms(&boxes, &scores, 0.5, &mut keep);
                for quad in &quads {
                    rectifier.bytes(&frame, quad, &plate, &mut bytes).unwrap();
                    rectifier
                        .numbers(&frame, quad, &plate, &Normalization::SIGNED, &mut numbers)
                        .unwrap();
                }
            };
            frame_by_frame();
            let counted = allocation_counter::measure(|| {
                for _ in 0..5 {
                    frame_by_frame();
                }
            });
            assert_eq!(counted.count_total, 0, "{format} {quality:?}: {counted:?}");
        }
    }
}
