//! Frames to a video file.

mod options;

use std::ffi::OsString;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use platewarden::PixelFormat;

pub use self::options::{AudioTrack, VideoWriterOptions};
use super::matroska;
use crate::error::Failure;
use crate::error::{Error, Result};
use crate::source::{SourceError, VideoFrame, find_ffmpeg};

/// Writes frames to a video file (MP4 by its name) through an `ffmpeg` child process.
///
/// Each frame keeps its timestamp, whatever the distance to the next. Metadata, chapters, subtitles and attached pictures
/// of the sound's file are left behind. A file that could not be finished is removed.
///
/// ```no_run
/// use platewarden_video::{redact::{AudioTrack, VideoWriter, VideoWriterOptions}, source::{FfmpegOptions, FfmpegSource, FrameSource}};
///
/// let mut source = FfmpegSource::open("in.mp4", FfmpegOptions::default())?;
/// let options = VideoWriterOptions::default().with_audio(AudioTrack::Copy("in.mp4".into()));
/// let mut writer = VideoWriter::create("out.mp4", options)?;
/// while let Some(frame) = source.next_frame()? {
///     writer.write(&frame)?;
/// }
/// writer.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct VideoWriter {
    path: PathBuf,
    options: VideoWriterOptions,
    running: Option<Running>,
    finished: bool,
}

#[derive(Debug)]
struct Running {
    child: Child,
    pipe: Option<ChildStdin>,
    words: Option<JoinHandle<String>>,
    size: (u32, u32),
    format: PixelFormat,
    /// Scratch for frames that are neither I420 nor NV12.
    converted: Vec<u8>,
}

impl VideoWriter {
    /// A writer; the program starts with the first frame, whose size and time it needs.
    ///
    /// # Errors
    ///
    /// [`VideoOutput`](crate::ErrorKind::VideoOutput) where the file is there already and may not be replaced.
    pub fn create(path: impl Into<PathBuf>, options: VideoWriterOptions) -> Result<Self> {
        let path = path.into();
        if !options.overwrite && path.exists() {
            return Err(Error::from(Failure::VideoOutput {
                path,
                reason: "the file exists; choose another name or allow it to be replaced"
                    .to_owned(),
            }));
        }
        Ok(Self {
            path,
            options,
            running: None,
            finished: false,
        })
    }

    /// Writes a frame.
    ///
    /// # Errors
    ///
    /// [`VideoOutput`](crate::ErrorKind::VideoOutput) where the program ended, such as for a full disk, or the size differs
    /// from that of the first frame; [`SourceError::FfmpegMissing`] as [`Source`](crate::ErrorKind::Source).
    pub fn write(&mut self, frame: &VideoFrame) -> Result<()> {
        let size = (frame.width(), frame.height());
        if self.running.is_none() {
            self.running = Some(self.start(frame)?);
        }
        let path = self.path.clone();
        let Some(running) = &mut self.running else {
            return Ok(());
        };
        if running.size != size {
            return Err(Error::from(Failure::VideoOutput {
                path,
                reason: format!(
                    "the size of frames changed from {}x{} to {}x{} pixels; write the rest to another file",
                    running.size.0, running.size.1, size.0, size.1
                ),
            }));
        }
        let written = running.write(frame);
        written.map_err(|error| self.abandon(&error.to_string()))
    }

    /// Ends the file and waits for it to be complete.
    ///
    /// # Errors
    ///
    /// [`VideoOutput`](crate::ErrorKind::VideoOutput) where there was no frame or the program failed.
    pub fn finish(mut self) -> Result<()> {
        let Some(mut running) = self.running.take() else {
            return Err(Error::from(Failure::VideoOutput {
                path: self.path.clone(),
                reason: "no frame was written; expected at least one".to_owned(),
            }));
        };
        drop(running.pipe.take());
        let status = running
            .child
            .wait()
            .map_err(Error::io("wait for", &self.path))?;
        let words = running.last_words();
        if !status.success() {
            self.running = Some(running);
            return Err(self.abandon(&format!("{status}: {words}")));
        }
        self.finished = true;
        Ok(())
    }

    fn start(&self, first: &VideoFrame) -> Result<Running> {
        let program = self.options.program.clone().unwrap_or_else(find_ffmpeg);
        let mut child = Command::new(&program)
            .args(self.arguments(first.timestamp()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| SourceError::not_started(&program, source))?;
        let words = child.stderr.take().map(|errors| {
            std::thread::spawn(move || {
                let mut said = Vec::new();
                // An unreadable pipe says nothing.
                let _ = BufReader::new(errors).read_to_end(&mut said);
                let said = String::from_utf8_lossy(&said);
                let mut lines: Vec<&str> = said.lines().rev().take(3).collect();
                lines.reverse();
                lines.join("; ")
            })
        });
        let format = match first.format() {
            PixelFormat::Nv12 => PixelFormat::Nv12,
            _ => PixelFormat::I420,
        };
        let mut running = Running {
            pipe: child.stdin.take(),
            child,
            words,
            size: (first.width(), first.height()),
            format,
            converted: Vec::new(),
        };
        let color = first.yuv_color();
        if let Some(pipe) = &mut running.pipe {
            // A failure shows again at the frame that follows, with the program's words.
            let _ = matroska::write_header(pipe, running.size, format, color);
        }
        Ok(running)
    }

    fn arguments(&self, first: Duration) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        let mut add = |argument: &str| arguments.push(argument.into());
        add("-hide_banner");
        add("-loglevel");
        add("error");
        add(if self.options.overwrite { "-y" } else { "-n" });
        // An input's times are moved to start at zero; this moves them back.
        add("-itsoffset");
        add(&format!("{:.6}", first.as_secs_f64()));
        add("-f");
        add("matroska");
        add("-i");
        add("pipe:0");
        let audio = match &self.options.audio {
            AudioTrack::None => None,
            AudioTrack::Copy(path) => Some((path, "copy")),
            AudioTrack::Encode(path) => Some((path, "aac")),
        };
        if let Some((path, _)) = audio {
            arguments.push("-i".into());
            arguments.push(file_argument(path));
        }
        let mut add = |argument: &str| arguments.push(argument.into());
        for argument in ["-map", "0:v:0", "-c:v", &self.options.encoder] {
            add(argument);
        }
        for argument in &self.options.encoder_arguments {
            add(argument);
        }
        for argument in [
            "-pix_fmt",
            "yuv420p",
            "-fps_mode",
            "passthrough",
            // The time base of MPEG clocks, which most frame rates divide.
            "-enc_time_base",
            "1:90000",
            "-video_track_timescale",
            "90000",
        ] {
            add(argument);
        }
        if let Some((_, codec)) = audio {
            for argument in ["-map", "1:a?", "-c:a", codec] {
                add(argument);
            }
        }
        for argument in [
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            "-movflags",
            "+faststart",
        ] {
            add(argument);
        }
        arguments.push(file_argument(&self.path));
        arguments
    }

    /// Ends the program, removes what it wrote, and says why.
    fn abandon(&mut self, reason: &str) -> Error {
        let mut words = String::new();
        if let Some(mut running) = self.running.take() {
            drop(running.pipe.take());
            // It ends by itself where its input does; killing it hurts nothing, for the file is removed.
            let _ = running.child.kill();
            let _ = running.child.wait();
            words = running.last_words();
        }
        self.remove_partial();
        self.finished = true;
        let reason = if words.is_empty() {
            reason.to_owned()
        } else {
            format!("{reason}: {words}")
        };
        Error::from(Failure::VideoOutput {
            path: self.path.clone(),
            reason,
        })
    }

    fn remove_partial(&self) {
        // There may be none, as where the folder is missing.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Drop for VideoWriter {
    fn drop(&mut self) {
        if !self.finished && self.running.is_some() {
            let _ = self.abandon("it was not finished");
        }
    }
}

impl Running {
    fn write(&mut self, frame: &VideoFrame) -> std::io::Result<()> {
        let Some(pipe) = &mut self.pipe else {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        };
        let pixels = if frame.format() == self.format {
            frame.pixels()
        } else {
            to_i420(frame, &mut self.converted);
            &self.converted
        };
        matroska::write_frame(pipe, frame.timestamp(), pixels)
    }

    fn last_words(&mut self) -> String {
        self.words
            .take()
            .and_then(|words| words.join().ok())
            .unwrap_or_default()
    }
}

/// Paths get `file:` in front, or else a name with a colon or a dash would be taken for something else.
fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// A frame of packed pixels as I420 of BT.601, limited range.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of a byte"
)]
fn to_i420(frame: &VideoFrame, out: &mut Vec<u8>) {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let format = frame.format();
    let channels = if format == PixelFormat::Gray8 { 1 } else { 3 };
    let rgb = |x: usize, y: usize| -> [i32; 3] {
        let at = (y.min(height - 1) * width + x.min(width - 1)) * channels;
        match (format, frame.pixels().get(at..at + channels)) {
            (PixelFormat::Bgr8, Some(&[b, g, r])) | (_, Some(&[r, g, b])) => {
                [r, g, b].map(i32::from)
            }
            (_, Some(&[gray])) => [i32::from(gray); 3],
            _ => [0; 3],
        }
    };
    // ITU-R BT.601-7 in fixed point of 16 bits.
    let byte = |fixed: i32, zero: i32| {
        ((fixed + (1 << 15)) >> 16)
            .saturating_add(zero)
            .clamp(0, 255) as u8
    };
    out.clear();
    out.reserve(width * height + 2 * half_width * half_height);
    for y in 0..height {
        for x in 0..width {
            let [r, g, b] = rgb(x, y);
            out.push(byte(16829 * r + 33039 * g + 6416 * b, 16));
        }
    }
    for [red, green, blue] in [[-9714, -19071, 28784], [28784, -24103, -4681]] {
        for y in 0..half_height {
            for x in 0..half_width {
                let mut sum = 0;
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    let [r, g, b] = rgb(2 * x + dx, 2 * y + dy);
                    sum += red * r + green * g + blue * b;
                }
                out.push(byte(sum / 4, 128));
            }
        }
    }
}
