//! Counts the instructions of our own stages and compares them with `instructions.json`: the one measure of speed that a
//! busy machine does not disturb.
//!
//!     cargo run --release -p platewarden-benches --bin instructions             # prints, fails where a stage costs 5 % more
//!     cargo run --release -p platewarden-benches --bin instructions -- --update # takes the counts as the new baseline
//!
//! Runs itself under Valgrind's `callgrind`, which counts within [`counted`] alone: what comes before it, a run of the networks above
//! all, differs from time to time by as much as a stage costs. Without Valgrind it says so and ends. Counts depend on the compiler and
//! on the vectors of the processor, so those of others than the baseline's are printed and not judged.

use std::{
    collections::BTreeMap,
    fs,
    hint::black_box,
    path::PathBuf,
    process::{Command, ExitCode},
};

use clap::Parser;
use platewarden::{
    Detector, Frame, Letterboxer, Limits, Normalization, PixelFormat, Quad, Recognizer, Rect,
    Rectifier, ResizeQuality, nms,
    syntax::{PlateSyntax, RankOptions, RegionPrior, Scratch},
};
use platewarden_benches::{
    Outcome,
    artefact::{publish, table},
    canned, inputs,
    pictures::Picture,
};
use platewarden_policy::{engine::Policy, model::State, packs::Unverified};
use serde::{Deserialize, Serialize};

/// Growth that fails.
const LIMIT: f64 = 0.05;
/// Repetitions before those that are counted: they fill buffers.
const UNCOUNTED: usize = 2;
/// Repetitions that are counted.
const TIMES: usize = 4;

const BUILT_WITH: &str = env!("BUILT_WITH");
/// A frame of 1280x720 with one plate.
const PICTURE: &[u8] = include_bytes!("../../../fixtures/data/night_1280x720.jpg");

#[derive(Parser)]
struct Arguments {
    /// Write the counts into the baseline
    #[arg(long)]
    update: bool,
    /// Run this stage and do nothing else: what the program does under Valgrind
    #[arg(long, value_name = "STAGE")]
    run: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Baseline {
    compiler: String,
    architecture: String,
    /// Instructions of one run of each stage.
    instructions: BTreeMap<String, u64>,
}

/// Where the plate of [`PICTURE`] was drawn (`fixtures/data/expected.json`), so that counts do not depend on the networks.
fn plate() -> Quad {
    let (left, top, right, bottom) = (591.33, 462.82, 739.25, 494.65);
    Rect::new(left, top, right - left, bottom - top).to_quad()
}

const STAGES: [&str; 9] = [
    "decode_jpeg_720p",
    "letterbox_rgb_720p",
    "letterbox_nv12_720p",
    "letterbox_and_boxes_720p",
    "nms_200",
    "rectify",
    "rectify_and_texts",
    "syntax",
    "policy_decision",
];

/// What is counted; Valgrind knows it by its name.
#[inline(never)]
fn counted(work: &mut dyn FnMut() -> Outcome) -> Outcome {
    (0..TIMES).try_for_each(|_| work())
}

fn run(stage: &str) -> Outcome {
    let decode = || platewarden::decode(PICTURE, &Limits::default());
    let image = decode()?;
    let frame = Frame::from(&image);
    let repeat = |work: &mut dyn FnMut() -> Outcome| {
        (0..UNCOUNTED).try_for_each(|_| work())?;
        counted(work)
    };
    let spec = canned::letterbox_spec();
    match stage {
        "decode_jpeg_720p" => repeat(&mut || {
            black_box(decode()?);
            Ok(())
        }),
        "letterbox_rgb_720p" | "letterbox_nv12_720p" => {
            let format = if stage.contains("nv12") {
                PixelFormat::Nv12
            } else {
                PixelFormat::Rgb8
            };
            let picture = Picture::from_rgb(&image, format);
            let frame = picture.frame()?;
            let mut letterboxer = Letterboxer::new(ResizeQuality::Area);
            let mut input = vec![0.0; spec.elements()];
            repeat(&mut || {
                black_box(letterboxer.fill(black_box(&frame), &spec, &mut input)?);
                Ok(())
            })
        }
        "letterbox_and_boxes_720p" => {
            let (detector, _) = canned::parts(&frame)?;
            repeat(&mut || {
                black_box(detector.detect(black_box(&frame))?);
                Ok(())
            })
        }
        "nms_200" => {
            let boxes: Vec<Rect> = (0..200)
                .map(|i| Rect::new((i % 20) as f32 * 7.0, (i / 20) as f32 * 9.0, 30.0, 12.0))
                .collect();
            let scores: Vec<f32> = (0..200).map(|i| (i * 37 % 200) as f32 / 200.0).collect();
            let mut keep = Vec::new();
            repeat(&mut || {
                nms(black_box(&boxes), black_box(&scores), 0.5, &mut keep);
                Ok(())
            })
        }
        "rectify" => {
            let quad = plate();
            let spec = canned::rectify_spec();
            let mut rectifier = Rectifier::new();
            let mut plate = vec![0.0; spec.elements()];
            repeat(&mut || {
                black_box(rectifier.numbers(
                    black_box(&frame),
                    &quad,
                    &spec,
                    &Normalization::SIGNED,
                    &mut plate,
                )?);
                Ok(())
            })
        }
        "rectify_and_texts" => {
            let quad = plate();
            let (_, recognizer) = canned::parts(&frame)?;
            repeat(&mut || {
                black_box(recognizer.recognize(black_box(&frame), &[quad])?);
                Ok(())
            })
        }
        "syntax" => {
            let syntax = PlateSyntax::bundled();
            let prior = RegionPrior::uniform(syntax);
            let candidates = inputs::candidates();
            let (options, mut scratch) = (RankOptions::default(), Scratch::default());
            repeat(&mut || {
                black_box(syntax.rank(black_box(&candidates), &prior, &options, &mut scratch));
                Ok(())
            })
        }
        "policy_decision" => {
            let policy = Policy::bundled(Unverified::Allow)?;
            let request = inputs::request(State::Il)?
                .dataset(inputs::dataset(State::Il))
                .build();
            repeat(&mut || {
                black_box(policy.decide(black_box(&request)));
                Ok(())
            })
        }
        other => Err(format!("no stage `{other}`; there are {}", STAGES.join(", ")).into()),
    }
}

/// What the counts belong to: some stages have a version for wider vectors.
fn architecture() -> String {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        return "x86_64+avx2".into();
    }
    std::env::consts::ARCH.into()
}

/// Instructions of one run of a stage.
fn count(stage: &str) -> Outcome<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=instructions::counted*")
        .arg(std::env::current_exe()?)
        .args(["--run", stage])
        // The embedded backend's threads would make counts differ from run to run.
        .env("RTEN_NUM_THREADS", "1")
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected: Option<u64> = said.lines().find_map(|line| {
        line.split_once("Collected : ")?
            .1
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    });
    match collected {
        // Nothing, where the function is not known by its name: a count that could never grow.
        Some(collected) if output.status.success() && collected > 0 => Ok(collected / TIMES as u64),
        _ => Err(format!("{stage} failed under valgrind: {said}").into()),
    }
}

fn judge(update: bool) -> Outcome<bool> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json"));
    let baseline: Option<Baseline> = match fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes)?),
        Err(_) => None,
    };
    let comparable = baseline.as_ref().is_some_and(|baseline| {
        baseline.compiler == BUILT_WITH
            && baseline.architecture == architecture()
            && !cfg!(debug_assertions)
    });
    let mut found = Baseline {
        compiler: BUILT_WITH.to_owned(),
        architecture: architecture(),
        instructions: BTreeMap::new(),
    };
    let (mut rows, mut worse) = (Vec::new(), Vec::new());
    for stage in STAGES {
        let now = count(stage)?;
        found.instructions.insert(stage.to_owned(), now);
        let before = baseline
            .as_ref()
            .and_then(|baseline| baseline.instructions.get(stage))
            .copied();
        let change = before.map(|before| now as f64 / before as f64 - 1.0);
        if change.is_some_and(|change| change > LIMIT) {
            worse.push(stage);
        }
        rows.push([
            stage.to_owned(),
            now.to_string(),
            before.map_or_else(|| "-".into(), |before| before.to_string()),
            change.map_or_else(|| "-".into(), |change| format!("{:+.1} %", 100.0 * change)),
        ]);
    }
    let markdown = format!(
        "Instructions, {BUILT_WITH}, {}\n\n{}",
        found.architecture,
        table(["stage", "instructions", "baseline", "change"], &rows)
    );
    publish("instructions", &markdown, &found)?;
    if update {
        if cfg!(debug_assertions) {
            return Err("a baseline is taken with --release".into());
        }
        fs::write(&path, serde_json::to_string_pretty(&found)? + "\n")?;
        println!("written to {}", path.display());
        return Ok(true);
    }
    if !comparable {
        println!(
            "not judged: the baseline is that of another compiler, architecture or profile; `--update` takes a new one"
        );
        return Ok(true);
    }
    if worse.is_empty() {
        return Ok(true);
    }
    println!(
        "more than {:.0} % above the baseline: {}; `--update` accepts it",
        100.0 * LIMIT,
        worse.join(", ")
    );
    Ok(false)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.run {
        Some(stage) => run(&stage).map(|()| true),
        None if Command::new("valgrind").arg("--version").output().is_err() => {
            println!("skipped: valgrind is not installed (Debian: apt-get install valgrind)");
            Ok(true)
        }
        None => judge(arguments.update),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
