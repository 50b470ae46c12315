//! Figures that only a fresh process can give: time to the first read, and memory.

use std::{path::Path, process::Command};

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// What the program `one_process` says about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OneProcess {
    /// Milliseconds from before the process was started until its first frame was read.
    pub first_read_ms: f64,
    /// Of them, milliseconds until the engine was built.
    pub built_ms: f64,
    /// Peak memory in megabytes (2^20 bytes) after the first frame.
    pub first_read_mb: f64,
    /// Threads that read frames afterwards.
    pub threads: usize,
    /// Peak memory in megabytes after all of them have read.
    pub peak_mb: f64,
    /// Plates read in the first frame.
    pub plates: usize,
}

/// Starts the program and returns what it found.
///
/// # Errors
/// Where it cannot be run.
pub fn measure(
    program: &Path,
    backend: &str,
    threads: usize,
    frames: usize,
) -> Outcome<OneProcess> {
    let started = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_micros();
    let output = Command::new(program)
        .args(["--backend", backend])
        .args([
            "--threads",
            &threads.to_string(),
            "--frames",
            &frames.to_string(),
        ])
        .args(["--started", &started.to_string()])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Peak resident memory of this process in megabytes; `None` where the system does not tell.
#[must_use]
pub fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
