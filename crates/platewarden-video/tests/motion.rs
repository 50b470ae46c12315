//! The motion gate on synthetic clips: what it skips, and what it misses by that.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::time::Duration;

use platewarden::{Backend, Engine, EngineOptions, Frame, PlateRead};
use platewarden_fixtures::{Clip, ClipRenderer, PlateMaker, clips};
use platewarden_video::source::VideoFrame;
use platewarden_video::tracking::{PassReader, TrackerOptions};
use platewarden_video::{MotionGate, MotionOptions};

#[derive(Debug, Default, Clone, Copy)]
struct Figures {
    frames: usize,
    skipped: usize,
    /// Plates that the engine reads in a frame, and those of them that the gate's reads lack.
    plates: usize,
    missed: usize,
}

impl Figures {
    fn add(&mut self, other: Self) {
        self.frames += other.frames;
        self.skipped += other.skipped;
        self.plates += other.plates;
        self.missed += other.missed;
    }
}

/// Reads every frame of a clip with and without the gate. A plate is missed where no read of the gate has its text and
/// overlaps it by half.
fn gate(engine: &Engine, maker: &PlateMaker, clip: &Clip, frames: usize) -> Figures {
    let renderer = ClipRenderer::new(maker, clip);
    let mut gate = MotionGate::new(MotionOptions::default());
    let mut gated = Vec::new();
    let mut figures = Figures::default();
    for index in (0..clip.frames).take(frames) {
        let scene = renderer.frame(index).unwrap();
        let frame = Frame::from(&scene.picture);
        let all = engine.read(&frame).unwrap();
        figures.frames += 1;
        if gate.is_changed(&frame).unwrap() {
            gated = engine.read(&frame).unwrap();
        } else {
            figures.skipped += 1;
        }
        figures.plates += all.len();
        let has = |plate: &PlateRead| {
            gated
                .iter()
                .any(|read| read.text == plate.text && read.bounds.iou(&plate.bounds) >= 0.5)
        };
        figures.missed += all.iter().filter(|plate| !has(plate)).count();
    }
    figures
}

/// A vehicle that stands still, day and night: only noise changes.
fn still(name: &str) -> Clip {
    let mut clip = clips().into_iter().find(|clip| clip.name == name).unwrap();
    for traveller in &mut clip.travellers {
        let middle = traveller
            .path
            .get(traveller.path.len() / 2)
            .copied()
            .unwrap();
        for waypoint in &mut traveller.path {
            (waypoint.x, waypoint.ground, waypoint.width) = (middle.x.clamp(0.3, 0.7), 0.8, 0.4);
        }
    }
    clip
}

fn engine() -> Engine {
    Engine::with_options(EngineOptions::default().with_backend(Backend::Auto)).unwrap()
}

#[test]
fn still_scenes_are_skipped_and_lose_nothing() {
    let (engine, maker) = (engine(), PlateMaker::bundled().unwrap());
    for name in ["crossing", "night"] {
        let figures = gate(&engine, &maker, &still(name), 12);
        assert_eq!(figures.skipped, 11, "{name}: {figures:?}");
    }
}

/// Where nothing moves, frames are not searched, and the vehicle that stands there is still seen and told.
#[test]
fn passes_of_a_still_scene_are_the_same_without_a_search() {
    let (engine, maker) = (engine(), PlateMaker::bundled().unwrap());
    let clip = still("crossing");
    let renderer = ClipRenderer::new(&maker, &clip);
    let frames: Vec<VideoFrame> = (0..8)
        .map(|index| {
            let scene = renderer.frame(index).unwrap();
            let at = Duration::from_millis(40 * index as u64);
            VideoFrame::from_image(scene.picture, at)
        })
        .collect();
    let watch = |motion| {
        let options = TrackerOptions::default().with_motion(motion);
        let mut reader = PassReader::new(engine.clone(), options).unwrap();
        let mut passes = Vec::new();
        for frame in &frames {
            passes.extend(reader.read(frame).unwrap());
        }
        passes.extend(reader.finish());
        let texts: Vec<(String, u32)> = passes
            .into_iter()
            .map(|pass| (pass.text, pass.frames))
            .collect();
        (texts, reader.tracker().statistics().unsearched)
    };
    let (all, searched) = watch(None);
    let (gated, unsearched) = watch(Some(MotionOptions::default()));
    assert_eq!((searched, unsearched), (0, 7));
    assert!(!all.is_empty());
    assert_eq!(all, gated);
}

#[test]
fn a_vehicle_that_drives_is_read_in_every_frame() {
    let (engine, maker) = (engine(), PlateMaker::bundled().unwrap());
    let clips = clips();
    let clip = clips.iter().find(|clip| clip.name == "crossing").unwrap();
    let figures = gate(&engine, &maker, clip, 30);
    assert_eq!(figures.missed, 0, "{figures:?}");
}

#[test]
#[ignore = "a measurement: prints the table of docs/performance.md"]
fn rates() {
    let (engine, maker) = (engine(), PlateMaker::bundled().unwrap());
    let mut moving = Figures::default();
    let all = clips();
    let still = [still("crossing"), still("night")];
    for (kind, clip) in all
        .iter()
        .map(|clip| ("moving", clip))
        .chain(still.iter().map(|clip| ("still", clip)))
    {
        let figures = gate(&engine, &maker, clip, usize::MAX);
        println!(
            "{kind} {}: {} of {} frames skipped, {} of {} plates missed",
            clip.name, figures.skipped, figures.frames, figures.missed, figures.plates
        );
        if kind == "moving" {
            moving.add(figures);
        }
    }
    println!("{moving:?}");
}
