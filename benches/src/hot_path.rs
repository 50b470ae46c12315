//! The figures of the hot path, taken in one run: what a frame costs, how much of that is the networks', which stage takes
//! what, how it grows with threads, and what a fresh process needs.
//!
//! Times are processor time of the process, in which one thread works at a time (the embedded backend has threads of its
//! own), so that other programs disturb them less; what is compared with one
//! another is measured by turns. Each figure is the median over rounds.

use std::{collections::BTreeMap, hint::black_box, path::Path, time::Instant};

use cpu_time::ProcessTime;
use platewarden::{
    Backend, Engine, EngineOptions, Letterboxer, Normalization, PixelFormat, Precision, Rectifier,
    ResizeQuality,
};
use serde::Serialize;

use crate::{
    Outcome,
    artefact::{processor, table},
    canned,
    pictures::Picture,
    process::{self, OneProcess},
    runtime::{self, Bare},
    traffic::{FULL_HD, HD, LENGTH, Traffic},
};

/// Everything that one run found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Processor the run took place on.
    pub processor: String,
    /// Libraries that ran the networks.
    pub backends: Vec<String>,
    /// What frames cost.
    pub frames: Vec<FrameCost>,
    /// Where the time of a 720p frame with one plate goes.
    pub stages: Vec<StageCost>,
    /// Frames read at the same time.
    pub scaling: Vec<Scaling>,
    /// Fresh processes.
    pub processes: Vec<(String, OneProcess)>,
}

/// What frames of one kind cost, on one thread.
#[derive(Debug, Serialize)]
pub struct FrameCost {
    /// Library that ran the networks.
    pub backend: String,
    /// `720p` or `1080p`.
    pub size: String,
    /// Layout of the pixels.
    pub format: String,
    /// Frames of a hundred that hold a plate.
    pub percent: usize,
    /// Plates cut out and given to the recogniser, a frame.
    pub plates: f64,
    /// Milliseconds of processor time a frame.
    pub ms: f64,
    /// The same in [`Engine::read_batch`], which reads plates of several frames together.
    pub batch_ms: f64,
    /// Milliseconds of the same networks alone, run as often; on ONNX Runtime only.
    pub bare_ms: Option<f64>,
}

impl FrameCost {
    /// What is added to the networks, as a share of them.
    #[must_use]
    pub fn overhead(&self) -> Option<f64> {
        Some(self.ms / self.bare_ms? - 1.0)
    }
}

/// One stage of a frame with one plate.
#[derive(Debug, Serialize)]
pub struct StageCost {
    /// Name.
    pub stage: String,
    /// Microseconds a frame.
    pub us: f64,
}

/// Frames a second on one thread and on several.
#[derive(Debug, Serialize)]
pub struct Scaling {
    /// Library that ran the networks.
    pub backend: String,
    /// Threads.
    pub threads: usize,
    /// Frames a second on one thread.
    pub one: f64,
    /// Frames a second on all of them.
    pub all: f64,
}

/// The median; 0 of nothing.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Milliseconds of processor time of `work`.
///
/// # Errors
/// Those of `work`.
pub fn cpu_ms(work: &mut dyn FnMut() -> Outcome) -> Outcome<f64> {
    let start = ProcessTime::now();
    work()?;
    Ok(1e3 * start.elapsed().as_secs_f64())
}

/// Medians of several pieces of work, run by turns after one turn that does not count.
///
/// # Errors
/// Those of the work.
pub fn by_turns(rounds: usize, work: &mut [&mut dyn FnMut() -> Outcome]) -> Outcome<Vec<f64>> {
    let mut times = vec![Vec::with_capacity(rounds); work.len()];
    for round in 0..=rounds {
        for (times, work) in times.iter_mut().zip(work.iter_mut()) {
            let ms = cpu_ms(*work)?;
            if round > 0 {
                times.push(ms);
            }
        }
    }
    Ok(times.into_iter().map(median).collect())
}

/// The backends that can be used here, ONNX Runtime first.
#[must_use]
pub fn backends() -> Vec<Backend> {
    if runtime::is_available() {
        vec![Backend::OnnxRuntime, Backend::Embedded]
    } else {
        vec![Backend::Embedded]
    }
}

fn engine(backend: Backend, threads: usize) -> Outcome<Engine> {
    let options = EngineOptions::default()
        .with_backend(backend)
        .with_threads(threads);
    Ok(Engine::with_options(options)?)
}

/// Overhead over the bare networks that fails, for frames of 720p in RGB with one plate each. Far above what is found,
/// so that a busy machine does not trip it.
const MOST_OVERHEAD: f64 = 0.4;
/// Speed-up that fails, as a share of the number of threads.
const LEAST_SCALING: f64 = 0.6;

impl Report {
    /// The ratios that are out of bounds, in words.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let overheads = self
            .frames
            .iter()
            .filter(|f| f.percent == 100 && f.size == "720p" && f.format == "RGB8");
        let overheads = overheads
            .filter_map(FrameCost::overhead)
            .filter(|&share| share > MOST_OVERHEAD)
            .map(|share| {
                format!(
                    "{:.0} % over the bare networks, at most {:.0} % allowed",
                    100.0 * share,
                    100.0 * MOST_OVERHEAD
                )
            });
        let scaling = self
            .scaling
            .iter()
            .filter(|s| s.all < LEAST_SCALING * s.threads as f64 * s.one)
            .map(|s| {
                let least = LEAST_SCALING * s.threads as f64;
                format!(
                    "{} threads are {:.2} times one on {}, at least {least:.2} wanted",
                    s.threads,
                    s.all / s.one,
                    s.backend
                )
            });
        overheads.chain(scaling).collect()
    }

    /// Takes all figures, `rounds` times each. `program` is the program `one_process`.
    ///
    /// # Errors
    /// Where something cannot be run.
    pub fn measure(rounds: usize, program: &Path) -> Outcome<Self> {
        let backends = backends();
        let mut report = Self {
            processor: processor(),
            backends: Vec::new(),
            frames: Vec::new(),
            stages: Vec::new(),
            scaling: Vec::new(),
            processes: Vec::new(),
        };
        // First: the page cache is as warm as it gets, and nothing else of ours runs.
        for &backend in &backends {
            for _ in 0..rounds.clamp(1, 5) {
                let one =
                    process::measure(program, &backend.to_string(), 2, LENGTH * rounds.min(10))?;
                report.processes.push((backend.to_string(), one));
            }
        }
        let hd = Traffic::new(HD, PixelFormat::Rgb8)?;
        let full_hd = Traffic::new(FULL_HD, PixelFormat::Rgb8)?;
        let others = [
            (hd.in_format(PixelFormat::Nv12), PixelFormat::Nv12),
            (full_hd.in_format(PixelFormat::Nv12), PixelFormat::Nv12),
            (full_hd, PixelFormat::Rgb8),
        ];
        for &backend in &backends {
            let engine = engine(backend, 1)?;
            report.backends.push(
                engine
                    .backend()
                    .map_or_else(String::new, ToString::to_string),
            );
            for percent in [0, 20, 50, 100] {
                report.frames.push(frame_cost(
                    rounds,
                    &engine,
                    backend,
                    &hd,
                    PixelFormat::Rgb8,
                    percent,
                )?);
            }
            for (traffic, format) in &others {
                report
                    .frames
                    .push(frame_cost(rounds, &engine, backend, traffic, *format, 100)?);
            }
            report.scaling.push(scaling(rounds, backend, &hd)?);
        }
        report.stages = stages(rounds, &hd)?;
        Ok(report)
    }

    /// The figures as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "Hot path on {}; networks on {}\n\n",
            self.processor,
            self.backends.join(" and ")
        );
        let rows: Vec<_> = self
            .frames
            .iter()
            .map(|f| {
                [
                    f.backend.clone(),
                    format!("{} {}", f.size, f.format),
                    format!("{} %", f.percent),
                    format!("{:.1}", f.plates),
                    format!("{:.2}", f.ms),
                    format!("{:.0}", 1e3 / f.ms),
                    format!("{:.2}", f.batch_ms),
                    f.bare_ms
                        .map_or_else(|| "-".into(), |ms| format!("{ms:.2}")),
                    f.overhead()
                        .map_or_else(|| "-".into(), |share| format!("{:.1} %", 100.0 * share)),
                ]
            })
            .collect();
        out += &table(
            [
                "backend",
                "frames",
                "with a plate",
                "plates cut",
                "ms CPU a frame",
                "frames/s a thread",
                "ms in a batch",
                "ms bare networks",
                "overhead",
            ],
            &rows,
        );
        out += "\nStages of a 720p RGB frame with one plate, one thread\n\n";
        let total: f64 = self.stages.iter().map(|stage| stage.us).sum();
        let rows: Vec<_> = self
            .stages
            .iter()
            .map(|stage| {
                [
                    stage.stage.clone(),
                    format!("{:.0}", stage.us),
                    format!("{:.1} %", 100.0 * stage.us / total),
                ]
            })
            .collect();
        out += &table(["stage", "us", "share"], &rows);
        out += "\nThreads (720p RGB, every frame with a plate, wall clock)\n\n";
        let rows: Vec<_> = self
            .scaling
            .iter()
            .map(|s| {
                [
                    s.backend.clone(),
                    format!("{:.0}", s.one),
                    s.threads.to_string(),
                    format!("{:.0}", s.all),
                    format!("{:.2}", s.all / s.one),
                ]
            })
            .collect();
        out += &table(
            [
                "backend",
                "frames/s, 1 thread",
                "threads",
                "frames/s",
                "times",
            ],
            &rows,
        );
        out += "\nA fresh process, networks bundled (median)\n\n";
        let mut kinds: BTreeMap<&str, Vec<&OneProcess>> = BTreeMap::new();
        for (backend, one) in &self.processes {
            kinds.entry(backend).or_default().push(one);
        }
        let rows: Vec<_> = kinds
            .into_iter()
            .map(|(backend, all)| {
                let of =
                    |get: fn(&OneProcess) -> f64| median(all.iter().map(|one| get(one)).collect());
                [
                    backend.to_owned(),
                    format!("{:.0}", of(|one| one.built_ms)),
                    format!("{:.0}", of(|one| one.first_read_ms)),
                    format!("{:.0}", of(|one| one.first_read_mb)),
                    format!("{:.0}", of(|one| one.peak_mb)),
                ]
            })
            .collect();
        out + &table(
            [
                "backend",
                "ms to engine",
                "ms to first read",
                "peak MB then",
                "peak MB, 2 workers",
            ],
            &rows,
        )
    }
}

fn frame_cost(
    rounds: usize,
    engine: &Engine,
    backend: Backend,
    traffic: &Traffic,
    format: PixelFormat,
    percent: usize,
) -> Outcome<FrameCost> {
    let pictures = traffic.sequence(percent);
    let frames = pictures
        .iter()
        .map(|picture| picture.frame())
        .collect::<platewarden::Result<Vec<_>>>()?;
    // The networks are to be run exactly as often, and with as many plates at once, as the engine does.
    let batches = frames
        .iter()
        .map(|frame| Ok(engine.detect(frame)?.len()))
        .collect::<Outcome<Vec<_>>>()?;
    let mut read = || {
        for frame in &frames {
            black_box(engine.read(frame)?);
        }
        Ok(())
    };
    let mut together = || {
        for reads in engine.read_batch(&frames) {
            black_box(reads?);
        }
        Ok(())
    };
    let per_frame = |ms: f64| ms / frames.len().max(1) as f64;
    let taken = if backend == Backend::OnnxRuntime {
        let mut detector = Bare::detector(Precision::Auto, canned::INPUT)?;
        let mut recognizers = BTreeMap::new();
        for &batch in batches.iter().filter(|&&batch| batch > 0) {
            if let std::collections::btree_map::Entry::Vacant(free) = recognizers.entry(batch) {
                free.insert(Bare::recognizer(Precision::Auto, batch)?);
            }
        }
        let mut bare = || {
            for batch in &batches {
                detector.run()?;
                if let Some(recognizer) = recognizers.get_mut(batch) {
                    recognizer.run()?;
                }
            }
            Ok(())
        };
        by_turns(rounds, &mut [&mut read, &mut together, &mut bare])?
    } else {
        by_turns(rounds, &mut [&mut read, &mut together])?
    };
    let taken = |index: usize| taken.get(index).map(|&ms| per_frame(ms));
    let size = pictures.first().map_or((0, 0), |picture| picture.size());
    Ok(FrameCost {
        backend: backend.to_string(),
        size: format!("{}p", size.1),
        format: format.to_string(),
        percent,
        plates: per_frame(batches.iter().sum::<usize>() as f64),
        ms: taken(0).unwrap_or_default(),
        batch_ms: taken(1).unwrap_or_default(),
        bare_ms: taken(2),
    })
}

/// Where the time goes. Our own stages are told apart by an engine whose networks answer at once.
fn stages(rounds: usize, traffic: &Traffic) -> Outcome<Vec<StageCost>> {
    const REPEAT: usize = 10;
    let picture: &Picture = traffic.plates().first().ok_or("no picture")?;
    let frame = picture.frame()?;
    let engine = canned::engine(&frame)?;
    let found = engine.detect(&frame)?;
    let quad = found.first().ok_or("no plate")?.quad;
    let (spec, plate_spec) = (canned::letterbox_spec(), canned::rectify_spec());
    let mut letterboxer = Letterboxer::new(ResizeQuality::Area);
    let mut rectifier = Rectifier::new();
    let mut input = vec![0.0; spec.elements()];
    let mut plate = vec![0.0; plate_spec.elements()];
    let many = |work: &mut dyn FnMut() -> Outcome| (0..REPEAT).try_for_each(|_| work());
    let mut letterbox = || {
        many(&mut || {
            letterboxer.fill(&frame, &spec, &mut input)?;
            Ok(())
        })
    };
    let mut rectify = || {
        many(&mut || {
            rectifier.numbers(
                &frame,
                &quad,
                &plate_spec,
                &Normalization::SIGNED,
                &mut plate,
            )?;
            Ok(())
        })
    };
    let mut detect = || {
        many(&mut || {
            black_box(engine.detect(&frame)?);
            Ok(())
        })
    };
    let mut recognize = || {
        many(&mut || {
            black_box(engine.recognize(&frame, &found)?);
            Ok(())
        })
    };
    let mut read = || {
        many(&mut || {
            black_box(engine.read(&frame)?);
            Ok(())
        })
    };
    let ours = by_turns(
        rounds,
        &mut [
            &mut letterbox,
            &mut rectify,
            &mut detect,
            &mut recognize,
            &mut read,
        ],
    )?;
    let ours: Vec<f64> = ours
        .into_iter()
        .map(|ms| 1e3 * ms / REPEAT as f64)
        .collect();
    let &[letterbox, rectify, detect, recognize, read] = ours.as_slice() else {
        return Err("not all stages were measured".into());
    };
    let mut stages = vec![
        ("letterbox", letterbox),
        ("maps to boxes, suppression", detect - letterbox),
        ("rectify", rectify),
        ("probabilities to texts, syntax", recognize - rectify),
        ("hand over", read - detect - recognize),
    ];
    if runtime::is_available() {
        let mut detector = Bare::detector(Precision::Auto, canned::INPUT)?;
        let mut recognizer = Bare::recognizer(Precision::Auto, 1)?;
        let mut detector = || many(&mut || detector.run());
        let mut recognizer = || many(&mut || recognizer.run());
        let networks = by_turns(rounds, &mut [&mut detector, &mut recognizer])?;
        if let &[detector, recognizer] = networks.as_slice() {
            stages.insert(1, ("detector's network", 1e3 * detector / REPEAT as f64));
            stages.insert(
                4,
                ("recogniser's network", 1e3 * recognizer / REPEAT as f64),
            );
        }
    }
    let cost = |(stage, us): (&str, f64)| StageCost {
        stage: stage.to_owned(),
        us: us.max(0.0),
    };
    Ok(stages.into_iter().map(cost).collect())
}

fn scaling(rounds: usize, backend: Backend, traffic: &Traffic) -> Outcome<Scaling> {
    let threads = std::thread::available_parallelism()?.get();
    let frames: Vec<_> = std::iter::repeat_n(traffic.sequence(100), 4)
        .flatten()
        .collect();
    let mut rates = [
        (engine(backend, 1)?, Vec::new()),
        (engine(backend, threads)?, Vec::new()),
    ];
    for round in 0..=rounds {
        for (engine, rates) in &mut rates {
            let start = Instant::now();
            engine
                .read_batch(&frames)
                .into_iter()
                .collect::<platewarden::Result<Vec<_>>>()?;
            if round > 0 {
                rates.push(frames.len() as f64 / start.elapsed().as_secs_f64());
            }
        }
    }
    let [one, all] = rates.map(|(_, rates)| median(rates));
    Ok(Scaling {
        backend: backend.to_string(),
        threads,
        one,
        all,
    })
}
