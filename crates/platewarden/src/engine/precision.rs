//! Which arithmetic the networks are run in.
//!
//! 8-bit integers halve the time where a processor multiplies and adds them in one instruction (VNNI on x86, dot products on ARM).
//! Without, it is three, and which of the two is faster depends on the processor: of two AVX2 machines INT8 took 0.79 of the time of
//! fp32 on one and 1.18 on the other. So there it is measured.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    Backend, BackendInfo, ExecutionProvider, Manifest, OnnxDetector, OnnxRecognizer, Precision,
    Result, backend::Runtime,
};

/// Timed runs of each network, the fastest of which counts: others on the same processor only ever slow one down.
const RUNS: usize = 5;
/// Share of the time in integers below which floating point must come to be taken: machines on which both are alike should not change
/// from one start to the next.
const CLEARLY: f64 = 0.95;

/// The network whose time decides for both: they are made of the same layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measured {
    /// The shorter of the two.
    Recognizer,
    /// Where the recogniser is the caller's own or has no file in integers.
    Detector,
}

impl Measured {
    fn digest(self, manifest: &Manifest) -> Option<&str> {
        match self {
            Self::Recognizer => manifest.recognizer.sha256.as_deref(),
            Self::Detector => manifest.detector.sha256.as_deref(),
        }
    }
}

/// The arithmetic for the networks of `manifest`: what the options ask for, or what is fast here.
///
/// # Errors
///
/// Those of loading and running the network that is measured.
pub(super) fn in_force(
    wanted: Precision,
    manifest: &Manifest,
    runtime: &Runtime,
    own_recognizer: bool,
) -> Result<Precision> {
    let measured = match (&manifest.recognizer.int8, &manifest.detector.int8) {
        (Some(_), _) if !own_recognizer => Measured::Recognizer,
        (_, Some(_)) => Measured::Detector,
        _ => return Ok(Precision::Fp32),
    };
    Ok(match wanted {
        Precision::Auto if !may_be_faster(runtime.info()) => Precision::Fp32,
        Precision::Auto if multiplies_bytes() => Precision::Int8,
        Precision::Auto => measure(manifest, runtime, measured)?,
        asked_for => asked_for,
    })
}

/// The embedded backend is slower with integers, and other devices want floating point.
fn may_be_faster(backend: &BackendInfo) -> bool {
    backend.backend == Backend::OnnxRuntime && backend.execution_provider == ExecutionProvider::Cpu
}

/// Whether the processor has an instruction that multiplies bytes and adds the products.
fn multiplies_bytes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx512vnni") || is_x86_feature_detected!("avxvnni");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("dotprod");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

/// Digests of the two files that were compared, and the arithmetic that was faster.
type Verdict = ([String; 2], Precision);

/// The arithmetic in which the network takes less time; measured once in a process for each pair of files.
fn measure(manifest: &Manifest, runtime: &Runtime, measured: Measured) -> Result<Precision> {
    static KNOWN: Mutex<Vec<Verdict>> = Mutex::new(Vec::new());
    let int8 = manifest.clone().into_int8();
    let digests = measured.digest(manifest).zip(measured.digest(&int8));
    let pair = digests.map(|(floats, integers)| [floats.to_owned(), integers.to_owned()]);
    // Held while it is measured: two at once would disturb one another.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, faster)) = known.iter().find(|(of, _)| pair.as_ref() == Some(of)) {
        return Ok(*faster);
    }
    let (floats, integers) = compare(
        &network(manifest, runtime, measured)?,
        &network(&int8, runtime, measured)?,
    )?;
    let faster = if floats < CLEARLY * integers {
        Precision::Fp32
    } else {
        Precision::Int8
    };
    log::info!(
        "networks run in {faster}: {} takes {:.1} ms in fp32 and {:.1} ms in int8 on this processor",
        match measured {
            Measured::Recognizer => "a plate",
            Measured::Detector => "the detector",
        },
        1e3 * floats,
        1e3 * integers,
    );
    known.extend(pair.map(|pair| (pair, faster)));
    Ok(faster)
}

/// A run of a network on a blank plate or frame.
type Run = Box<dyn Fn() -> Result<()>>;

fn network(manifest: &Manifest, runtime: &Runtime, measured: Measured) -> Result<Run> {
    Ok(match measured {
        Measured::Recognizer => {
            let network = OnnxRecognizer::load(manifest, runtime, 1)?;
            Box::new(move || crate::Recognizer::warm_up(&network, 1))
        }
        Measured::Detector => {
            let network = OnnxDetector::load(manifest, runtime, None)?;
            Box::new(move || crate::Detector::warm_up(&network, 1))
        }
    })
}

/// Seconds of the fastest of a few runs of each, by turns: a neighbour who is busy for a while slows both down.
fn compare(one: &Run, other: &Run) -> Result<(f64, f64)> {
    let time = |run: &Run| -> Result<Duration> {
        let start = Instant::now();
        run()?;
        Ok(start.elapsed())
    };
    // The first run plans memory.
    one()?;
    other()?;
    let mut fastest = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        fastest = (fastest.0.min(time(one)?), fastest.1.min(time(other)?));
    }
    Ok((fastest.0.as_secs_f64(), fastest.1.as_secs_f64()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_backend_runs_floating_point_unless_told_otherwise() {
        let runtime = Runtime::start(Backend::Embedded, ExecutionProvider::Cpu, None).unwrap();
        let manifest = Manifest::bundled().unwrap();
        for (wanted, expected) in [
            (Precision::Auto, Precision::Fp32),
            (Precision::Fp32, Precision::Fp32),
            (Precision::Int8, Precision::Int8),
        ] {
            assert_eq!(
                in_force(wanted, &manifest, &runtime, false).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn networks_without_files_in_integers_run_in_floating_point() {
        let runtime = Runtime::start(Backend::Embedded, ExecutionProvider::Cpu, None).unwrap();
        let mut manifest = Manifest::bundled().unwrap();
        manifest.recognizer.int8 = None;
        // The detector has one still.
        assert_eq!(
            in_force(Precision::Int8, &manifest, &runtime, false).unwrap(),
            Precision::Int8
        );
        manifest.detector.int8 = None;
        assert_eq!(
            in_force(Precision::Int8, &manifest, &runtime, false).unwrap(),
            Precision::Fp32
        );
    }

    #[test]
    fn of_two_networks_the_faster_is_taken_and_remembered() {
        // Integers take half as much time again on the embedded backend.
        let runtime = Runtime::start(Backend::Embedded, ExecutionProvider::Cpu, None).unwrap();
        let manifest = Manifest::bundled().unwrap();
        let measured = || measure(&manifest, &runtime, Measured::Recognizer).unwrap();
        assert_eq!(measured(), Precision::Fp32);
        let again = (0..5).map(|_| {
            let start = Instant::now();
            assert_eq!(measured(), Precision::Fp32);
            start.elapsed()
        });
        let again = again.min().unwrap();
        let run = network(&manifest, &runtime, Measured::Recognizer).unwrap();
        let (run, _) = compare(&run, &run).unwrap();
        assert!(
            again.as_secs_f64() < run,
            "{again:?} to remember, {run} s to run"
        );
    }
}
