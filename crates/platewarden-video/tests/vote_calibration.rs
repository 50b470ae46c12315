//! Whether the confidence of a pass is what it says: made-up vehicles that are hard to read, whose errors repeat.
//!
//!     cargo test --release -p platewarden-video --test vote_calibration -- --ignored --nocapture
//!
//! Each seed is one vehicle of the project's generator: any design, by day, dusk or night, small in the picture. Blur, the
//! loss of size and stains on the plate last as long as the vehicle is in view, so that the same character is misread again
//! and again; noise is new in each frame. Networks read every frame once; the vote is then taken with several correlations.

#![cfg(feature = "bundled-models")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

use std::time::Duration;

use image::RgbImage;
use platewarden::{Detection, Engine, Frame, PlateRead};
use platewarden_fixtures::{
    Clip, ClipRenderer, Light, PlateMaker, PlateSpec, PlateTruth, Rng, Traveller, VehicleSpec,
    Waypoint,
};
use platewarden_video::tracking::{Observation, Pass, TrackRead, Tracker, TrackerOptions};

const VEHICLES: u64 = 240;
const FRAMES: usize = 12;
const SIZE: (u32, u32) = (640, 360);

/// What was seen and read of one frame: every detection is read.
type Seen = Vec<(Detection, PlateRead)>;

fn clip(maker: &PlateMaker, rng: &mut Rng) -> Clip {
    let designs = maker.designs();
    let plate = PlateSpec {
        design: Some((*rng.pick(&designs)).to_owned()),
        ..PlateSpec::default()
    };
    let width = rng.range(0.14, 0.42);
    let (x, ground) = (rng.range(0.3, 0.7), rng.range(0.7, 0.9));
    let (dx, grown) = (rng.range(-0.15, 0.15), rng.range(0.8, 1.25));
    let waypoint = |frame: f32, x: f32, width: f32| Waypoint {
        frame,
        x,
        ground,
        width,
    };
    Clip {
        name: "calibration",
        width: SIZE.0,
        height: SIZE.1,
        frames: FRAMES,
        rate: 12.5,
        light: *rng.pick(&[Light::Day, Light::Day, Light::Dusk, Light::Night]),
        travellers: vec![Traveller {
            look: VehicleSpec {
                plate: Some(plate),
                yaw: rng.range(-20.0, 20.0),
                roll: rng.range(-4.0, 4.0),
                seed: u64::from(rng.bits()),
                ..VehicleSpec::default()
            },
            path: vec![
                waypoint(0.0, x, width),
                waypoint(FRAMES as f32 - 1.0, x + dx, width * grown),
            ],
        }],
        seed: u64::from(rng.bits()),
    }
}

/// What is wrong with one vehicle's pictures, in all its frames.
struct Trouble {
    blur: f32,
    noise: f32,
    /// Stains at u, v of the plate, with their radius as a part of its height.
    stains: Vec<(f32, f32, f32)>,
}

impl Trouble {
    fn new(rng: &mut Rng) -> Self {
        let stains = if rng.chance(0.3) { 1 + rng.below(2) } else { 0 };
        Self {
            blur: if rng.chance(0.5) {
                rng.range(0.4, 1.6)
            } else {
                0.0
            },
            noise: rng.range(2.0, 18.0),
            stains: (0..stains)
                .map(|_| {
                    (
                        rng.range(0.1, 0.9),
                        rng.range(0.2, 0.8),
                        rng.range(0.1, 0.3),
                    )
                })
                .collect(),
        }
    }

    fn spoil(&self, mut picture: RgbImage, plates: &[PlateTruth], rng: &mut Rng) -> RgbImage {
        for plate in plates {
            let [a, b, c, d] = plate.corners;
            let height = (d[1] - a[1]).hypot(d[0] - a[0]);
            for &(u, v, radius) in &self.stains {
                let mix = |axis: usize| {
                    let (top, bottom) = (
                        a[axis] + (b[axis] - a[axis]) * u,
                        d[axis] + (c[axis] - d[axis]) * u,
                    );
                    top + (bottom - top) * v
                };
                let (x, y, radius) = (mix(0), mix(1), radius * height);
                for py in (y - radius).max(0.0) as u32..((y + radius) as u32).min(SIZE.1) {
                    for px in (x - radius).max(0.0) as u32..((x + radius) as u32).min(SIZE.0) {
                        if (px as f32 - x).hypot(py as f32 - y) <= radius {
                            picture.put_pixel(px, py, image::Rgb([92, 80, 66]));
                        }
                    }
                }
            }
        }
        if self.blur > 0.0 {
            picture = image::imageops::fast_blur(&picture, self.blur);
        }
        for value in picture.iter_mut() {
            *value = (f32::from(*value) + self.noise * rng.grain()).clamp(0.0, 255.0) as u8;
        }
        picture
    }
}

/// The frames of one vehicle, read, and its true text.
fn vehicle(maker: &PlateMaker, engine: &Engine, seed: u64) -> (String, Vec<Seen>) {
    let mut rng = Rng::new(7_000 + seed);
    let clip = clip(maker, &mut rng);
    let trouble = Trouble::new(&mut rng);
    let renderer = ClipRenderer::new(maker, &clip);
    let mut text = String::new();
    let frames = (0..FRAMES)
        .map(|index| {
            let scene = renderer.frame(index).unwrap();
            if let Some(plate) = scene.plates.first() {
                text.clone_from(&plate.text);
            }
            let picture = trouble.spoil(scene.picture, &scene.plates, &mut rng);
            let frame = Frame::from(&picture);
            let found = engine.detect(&frame).unwrap();
            let reads = engine.recognize(&frame, &found).unwrap();
            found
                .into_iter()
                .zip(reads)
                .filter_map(|(plate, read)| Some((plate, read?)))
                .collect()
        })
        .collect();
    (text, frames)
}

/// The pass that a tracker makes of a vehicle, the longest if there are several.
fn pass(frames: &[Seen], options: &TrackerOptions) -> Option<Pass> {
    let mut tracker = Tracker::new(options.clone()).unwrap();
    let mut passes = Vec::new();
    for (seen, index) in frames.iter().zip(0_u32..) {
        let plates: Vec<Observation> = seen.iter().map(|(plate, _)| plate.into()).collect();
        let at = Duration::from_millis(80) * index;
        let wanted = tracker.associate(at, u64::from(index), SIZE, &plates);
        let reads = wanted
            .into_iter()
            .map(|plate| (plate, TrackRead::from(&seen[plate].1)))
            .collect();
        passes.extend(tracker.commit(None, reads));
    }
    passes.extend(tracker.finish());
    passes.into_iter().max_by_key(|pass| pass.reads)
}

/// Confidences and whether each was right.
#[derive(Default)]
struct Reliability(Vec<(f32, bool)>);

impl Reliability {
    fn promised(&self) -> f32 {
        self.0.iter().map(|entry| entry.0).sum::<f32>() / self.0.len().max(1) as f32
    }

    fn right(&self) -> f32 {
        self.0.iter().filter(|entry| entry.1).count() as f32 / self.0.len().max(1) as f32
    }

    /// Expected calibration error over ten bins of equal width.
    fn expected_error(&self) -> f32 {
        (0..10)
            .map(|bin| {
                let within = |confidence: f32| ((confidence * 10.0) as usize).min(9) == bin;
                let part = Self(
                    self.0
                        .iter()
                        .copied()
                        .filter(|entry| within(entry.0))
                        .collect(),
                );
                (part.promised() - part.right()).abs() * part.0.len() as f32
            })
            .sum::<f32>()
            / self.0.len().max(1) as f32
    }

    fn row(&self, name: &str) {
        println!(
            "| {name} | {} | {:.1} % | {:.1} % | {:.3} |",
            self.0.len(),
            100.0 * self.right(),
            100.0 * self.promised(),
            self.expected_error()
        );
    }
}

#[test]
#[ignore = "minutes: run by hand with --release"]
fn confidence_of_passes_is_calibrated_on_hard_vehicles() {
    let maker = PlateMaker::bundled().unwrap();
    let engine = Engine::new().unwrap();
    let vehicles: Vec<(String, Vec<Seen>)> = (0..VEHICLES)
        .map(|seed| vehicle(&maker, &engine, seed))
        .collect();

    println!("| | count | right | promised | expected calibration error |\n|---|---|---|---|---|");
    let mut single = Reliability::default();
    for (text, frames) in &vehicles {
        for (_, read) in frames
            .iter()
            .flatten()
            .filter(|(_, read)| !read.text.is_empty())
        {
            single.0.push((read.confidence, read.text == *text));
        }
    }
    single.row("single reads");
    let mut in_force = Reliability::default();
    for (correlation, skip) in [
        (0.0, false),
        (0.1, false),
        (0.2, false),
        (0.3, false),
        (0.5, false),
        (1.0, false),
        (TrackerOptions::default().read_correlation, true),
    ] {
        let mut options = TrackerOptions::default()
            .with_skip_settled(skip)
            .with_minimum(2, 0.0);
        options.read_correlation = correlation;
        let mut passes = Reliability::default();
        for (text, frames) in &vehicles {
            if let Some(pass) = pass(frames, &options) {
                passes.0.push((pass.confidence, pass.text == *text));
            }
        }
        let settled = if skip {
            ", settled votes not read again"
        } else {
            ""
        };
        passes.row(&format!("passes, correlation {correlation}{settled}"));
        if skip {
            in_force = passes;
        }
    }
    assert!(in_force.0.len() as u64 > VEHICLES / 2, "too few passes");
    // A vote must beat a single read, and must not promise what it does not hold.
    assert!(in_force.right() > single.right());
    assert!(in_force.promised() < in_force.right() + 0.05);
    assert!(in_force.expected_error() < 0.12);
}
