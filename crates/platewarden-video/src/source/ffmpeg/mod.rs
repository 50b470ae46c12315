//! Whatever `ffmpeg` reads, through a child process.

mod arguments;
mod options;
mod pipes;

use std::ffi::OsStr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::time::{Duration, Instant};

use self::arguments::{arguments, looks_live};
pub use self::arguments::{display_name, find_ffmpeg};
pub use self::options::FfmpegOptions;
use platewarden::PixelFormat;

use self::options::check;
use self::pipes::{Message, PixelReader, Raw, Secret, Shared, read_messages};
use super::timeline::Timeline;
use super::{FrameSource, SourceError, SourceStatistics, Stopper, VideoFrame};

/// How often a waiting call looks whether it was stopped.
const STOP_CHECK: Duration = Duration::from_millis(50);
/// How long a decoder that closed its pipe may take to exit.
const EXIT_WAIT: Duration = Duration::from_secs(2);
/// Assumed for streams that carry no times.
const UNTIMED_INTERVAL: Duration = Duration::from_millis(40);

/// Frames of anything that `ffmpeg` decodes: a file, `rtsp://`, `http://`, a web camera such as `/dev/video0`.
///
/// The program runs as a child process and ends with the source. It hands over raw I420 or NV12 through a pipe, so that a
/// damaged or hostile stream is taken apart in another process. Frames come with the timestamps of the stream; a stream
/// whose size changes keeps going at the new size.
///
/// ```no_run
/// use platewarden_video::source::{FfmpegOptions, FfmpegSource, FrameSource};
///
/// let mut source = FfmpegSource::open("gate.mp4", FfmpegOptions::default())?;
/// while let Some(frame) = source.next_frame()? {
///     println!("{:.3} s", frame.timestamp().as_secs_f64());
/// }
/// # Ok::<(), platewarden_video::source::SourceError>(())
/// ```
#[derive(Debug)]
pub struct FfmpegSource {
    name: String,
    format: PixelFormat,
    live: bool,
    stall_timeout: Duration,
    first_timeout: Option<Duration>,
    child: Child,
    frames: Option<Receiver<Message>>,
    shared: Arc<Shared>,
    timeline: Timeline,
    index: u64,
    statistics: SourceStatistics,
    size: Option<(u32, u32)>,
    stopper: Stopper,
}

impl FfmpegSource {
    /// Starts the program on `input`.
    ///
    /// That the input cannot be opened shows at the first [`FrameSource::next_frame`].
    ///
    /// # Errors
    ///
    /// [`SourceError::FfmpegMissing`] or [`SourceError::Start`] where the program does not run,
    /// [`SourceError::InvalidOption`] for another pixel format or a rate that is not greater than 0.
    pub fn open(input: impl AsRef<OsStr>, options: FfmpegOptions) -> Result<Self, SourceError> {
        Self::open_with(input.as_ref(), options, Stopper::default())
    }

    /// As [`FfmpegSource::open`], ended by a given switch: for use within [`Reconnecting`](super::Reconnecting).
    ///
    /// # Errors
    ///
    /// Those of [`FfmpegSource::open`].
    pub fn open_with(
        input: &OsStr,
        options: FfmpegOptions,
        stopper: Stopper,
    ) -> Result<Self, SourceError> {
        check(&options)?;
        let program = options.program.clone().unwrap_or_else(find_ffmpeg);
        let name = display_name(&input.to_string_lossy());
        let mut command = Command::new(&program);
        command
            .args(arguments(input, &options))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|source| SourceError::not_started(&program, source))?;
        let shared = Arc::new(Shared::default());
        let (frame_sender, frames) = sync_channel(1);
        if let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) {
            let (info_sender, infos) = channel();
            let words = Secret {
                input: input.to_string_lossy().into_owned(),
                name: name.clone(),
            };
            let told = Arc::clone(&shared);
            // The threads end when the child does, whose pipes they read.
            std::thread::spawn(move || read_messages(errors, &info_sender, &told, &words));
            let reader = PixelReader {
                name: name.clone(),
                format: options.format,
                limits: options.limits,
                infos,
                frames: frame_sender,
                shared: Arc::clone(&shared),
            };
            std::thread::spawn(move || reader.run(output));
        }
        Ok(Self {
            live: options
                .live
                .unwrap_or_else(|| looks_live(&input.to_string_lossy()) || options.real_time),
            name,
            format: options.format,
            stall_timeout: options.stall_timeout,
            first_timeout: Some(options.open_timeout),
            child,
            frames: Some(frames),
            shared,
            timeline: Timeline::default(),
            index: 0,
            statistics: SourceStatistics::default(),
            size: None,
            stopper,
        })
    }

    fn receive(&mut self) -> Result<Option<Message>, SourceError> {
        let Some(frames) = &self.frames else {
            return Ok(None);
        };
        let limit = self.first_timeout.unwrap_or(self.stall_timeout);
        let until = Instant::now() + limit;
        loop {
            if self.stopper.is_stopped() {
                return Ok(None);
            }
            let left = until.saturating_duration_since(Instant::now());
            match frames.recv_timeout(left.min(STOP_CHECK)) {
                Ok(message) => return Ok(Some(message)),
                Err(RecvTimeoutError::Disconnected) => return Ok(Some(Message::End)),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    self.statistics.stalls += 1;
                    return Err(SourceError::Stalled {
                        input: self.name.clone(),
                        after: limit,
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn accept(&mut self, raw: Raw) -> Result<VideoFrame, SourceError> {
        let untimed =
            UNTIMED_INTERVAL.saturating_mul(u32::try_from(self.index).unwrap_or(u32::MAX));
        let (timestamp, jumped) = self.timeline.place(raw.time.unwrap_or(untimed));
        self.statistics.timestamp_jumps += u64::from(jumped);
        if self
            .size
            .replace(raw.size)
            .is_some_and(|before| before != raw.size)
        {
            self.statistics.resolution_changes += 1;
        }
        self.statistics.bytes += raw.buffer.bytes().len() as u64;
        self.statistics.delivered += 1;
        let index = self.index;
        self.index += 1;
        let mut frame =
            VideoFrame::from_buffer(raw.buffer, self.format, raw.size, raw.color, timestamp)
                .map_err(|source| SourceError::Frame {
                    input: self.name.clone(),
                    index,
                    source: Box::new(source),
                })?;
        frame.set_place(timestamp, index);
        Ok(frame)
    }

    /// Ends the program and settles the counts; frames not taken are lost.
    fn shut_down(&mut self) {
        // Without a receiver the reader's next send fails and the thread ends.
        self.frames = None;
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            // It may have exited in between, which is as good.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// Why the pipe was closed: the exit status tells.
    fn end(&mut self) -> Result<(), SourceError> {
        let until = Instant::now() + EXIT_WAIT;
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                _ => break None,
            }
        };
        self.shut_down();
        match status {
            Some(status) if status.success() => Ok(()),
            other => Err(SourceError::Failed {
                input: self.name.clone(),
                status: other.map_or_else(
                    || "it closed its output and did not exit".to_owned(),
                    |status| status.to_string(),
                ),
                detail: self.shared.last_words(),
            }),
        }
    }
}

impl FrameSource for FfmpegSource {
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError> {
        if self.frames.is_none() {
            return Ok(None);
        }
        let message = match self.receive() {
            Ok(Some(message)) => message,
            Ok(None) => {
                self.shut_down();
                return Ok(None);
            }
            Err(stalled) => {
                self.shut_down();
                return Err(stalled);
            }
        };
        match message {
            Message::Frame(raw) => {
                self.first_timeout = None;
                self.accept(raw).map(Some)
            }
            Message::Failed(error) => {
                self.first_timeout = None;
                self.statistics.damaged += 1;
                if error.is_fatal() {
                    self.shut_down();
                } else {
                    self.index += 1;
                }
                Err(error)
            }
            Message::End => self.end().map(|()| None),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn statistics(&self) -> SourceStatistics {
        let mut statistics = self.statistics;
        statistics.decoded = self.shared.decoded.load(Ordering::Acquire);
        statistics.decoder_errors = self.shared.errors.load(Ordering::Relaxed);
        let left = statistics.decoded.saturating_sub(statistics.delivered);
        if self.frames.is_some() {
            statistics.waiting = left;
        } else {
            statistics.discarded = left;
        }
        statistics
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

impl Drop for FfmpegSource {
    fn drop(&mut self) {
        self.shut_down();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_program_says_how_to_install_it() {
        let options = FfmpegOptions::default().with_program("no-such-ffmpeg");
        let error = FfmpegSource::open("x.mp4", options).err();
        let message = error.map(|error| error.to_string()).unwrap_or_default();
        for part in ["apt-get", "brew", "winget"] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn options_out_of_range_are_refused() {
        let options = FfmpegOptions::default().with_format(PixelFormat::Rgb8);
        assert!(matches!(
            FfmpegSource::open("x", options),
            Err(SourceError::InvalidOption {
                option: "format",
                ..
            })
        ));
        let options = FfmpegOptions::default().with_max_rate(f64::NAN);
        assert!(FfmpegSource::open("x", options).is_err());
    }
}
