//! The synthetic clips of the project's generator, read with the networks that come with it: one pass for each vehicle.

#![cfg(feature = "bundled-models")]
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a test may fail"
)]

mod made_up;

use std::path::Path;
use std::time::Duration;

use platewarden::Engine;
use platewarden_fixtures::{Clip, ClipRenderer, ExpectedPass, PlateMaker, clips, passes};
use platewarden_video::source::{
    FfmpegOptions, FfmpegSource, FolderSource, FrameSource, find_ffmpeg,
};
use platewarden_video::tracking::{Pass, PassKind, PassReader, TrackerOptions};

/// Writes the frames as numbered pictures and gives the passes to expect.
fn render(maker: &PlateMaker, clip: &Clip, folder: &Path) -> Vec<ExpectedPass> {
    let renderer = ClipRenderer::new(maker, clip);
    let truths: Vec<_> = (0..clip.frames)
        .map(|index| {
            let scene = renderer.frame(index).unwrap();
            scene
                .picture
                .save(folder.join(format!("{index}.png")))
                .unwrap();
            scene.plates
        })
        .collect();
    passes(&truths)
}

fn watch(engine: &Engine, mut source: impl FrameSource) -> (Vec<Pass>, PassReader) {
    let options = TrackerOptions::default().with_parking(Duration::from_millis(1600), None);
    let mut reader = PassReader::new(engine.clone(), options).unwrap();
    let mut found = Vec::new();
    while let Some(frame) = source.next_frame().unwrap() {
        found.extend(reader.read(&frame).unwrap());
    }
    found.extend(reader.finish());
    assert!(source.statistics().is_balanced());
    (found, reader)
}

fn compare(clip: &Clip, expected: &[ExpectedPass], found: &[Pass], from: &str) {
    let mut right: Vec<&str> = expected.iter().map(|pass| pass.text.as_str()).collect();
    let mut read: Vec<&str> = found.iter().map(|pass| pass.text.as_str()).collect();
    right.sort_unstable();
    read.sort_unstable();
    assert_eq!(right, read, "{} from {from}: {found:#?}", clip.name);
    for expected in expected {
        let pass = found
            .iter()
            .find(|pass| pass.text == expected.text)
            .unwrap();
        let kind = if expected.parked {
            PassKind::Parked
        } else {
            PassKind::Passed
        };
        assert_eq!(pass.kind, kind, "{}: {}", clip.name, pass.text);
        assert!(pass.evidence.is_some());
        // The best frame is one in which the plate stood clear of edges and other vehicles.
        let clear = expected.first_frame.saturating_sub(2)..=expected.last_frame + 2;
        assert!(clear.contains(&(pass.best_frame as usize)), "{pass:?}");
    }
}

#[test]
fn every_vehicle_of_every_clip_is_one_pass() {
    let maker = PlateMaker::bundled().unwrap();
    let engine = Engine::new().unwrap();
    let with_ffmpeg = made_up::has_ffmpeg();
    let mut saved = 0;
    for clip in clips() {
        let folder = tempfile::tempdir().unwrap();
        let expected = render(&maker, &clip, folder.path());
        let source = FolderSource::open(folder.path(), f64::from(clip.rate)).unwrap();
        let (found, reader) = watch(&engine, source);
        compare(&clip, &expected, &found, "a folder");
        saved += reader.tracker().statistics().reads_saved;
        if with_ffmpeg {
            let video = folder.path().join("clip.mp4");
            let rate = clip.rate.to_string();
            let encoded = std::process::Command::new(find_ffmpeg())
                .args(["-v", "error", "-framerate", &rate, "-i"])
                .arg(folder.path().join("%d.png"))
                .args(["-c:v", "libx264", "-crf", "16", "-pix_fmt", "yuv420p"])
                .arg(&video)
                .status()
                .unwrap();
            assert!(encoded.success());
            let source = FfmpegSource::open(&video, FfmpegOptions::default()).unwrap();
            let (found, _) = watch(&engine, source);
            compare(&clip, &expected, &found, "ffmpeg");
        }
    }
    assert!(saved > 0, "no read was saved");
}
