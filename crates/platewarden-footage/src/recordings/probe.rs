//! What a file says of itself, through `ffprobe`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use platewarden_video::source::find_ffmpeg;
use serde::Deserialize;

use crate::{Error, Result};

/// Length, and the time at which the recording began where the file says it.
pub(super) struct Probed {
    pub(super) length: Duration,
    pub(super) created: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Answer {
    format: Option<Format>,
}

#[derive(Deserialize)]
struct Format {
    duration: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Default, Deserialize)]
struct Tags {
    creation_time: Option<String>,
}

/// `ffprobe` lies beside the `ffmpeg` in use.
fn program() -> PathBuf {
    let ffmpeg = find_ffmpeg();
    let name = ffmpeg
        .file_name()
        .map(|name| name.to_string_lossy().replace("ffmpeg", "ffprobe"));
    ffmpeg.with_file_name(name.unwrap_or_else(|| "ffprobe".to_owned()))
}

pub(super) fn probe(path: &Path) -> Result<Probed> {
    let program = program();
    let mut input = std::ffi::OsString::from("file:");
    input.push(path);
    let output = Command::new(&program)
        .args([
            "-v",
            "error",
            "-show_entries",
            "format=duration:format_tags=creation_time",
            "-of",
            "json",
        ])
        .arg(input)
        .output()
        .map_err(|source| Error::no_program(&program, source))?;
    let wrong = |why: &str| Error::video(&format!("cannot read `{}`", path.display()), why);
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(wrong(
            words.lines().last().unwrap_or("ffprobe says nothing of it"),
        ));
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|source| Error::json("what ffprobe says", source))?;
    let format = answer.format.ok_or_else(|| wrong("it has no format"))?;
    let length = format.duration.and_then(|text| text.parse::<f64>().ok());
    let length = length.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let length = length.ok_or_else(|| wrong("its length is not known"))?;
    // Cameras without a clock write the first second of 1904 or of 1970.
    let created = format
        .tags
        .creation_time
        .and_then(|text| text.parse::<Timestamp>().ok());
    let created = created.filter(|time| time.as_second() > 86_400);
    Ok(Probed { length, created })
}
