//! Whatever `ffmpeg` reads, through a child process.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::buffer::{Buffer, BufferPool};
use super::frame::frame_bytes;
use super::showinfo::{FrameInfo, Line, assumed_color, parse};
use super::timeline::Timeline;
use super::{FrameSource, SourceError, SourceStatistics, Stopper, VideoFrame};
use crate::frame::{Limits, PixelFormat, YuvColor, YuvMatrix, YuvRange};

/// How often a waiting call looks whether it was stopped.
const STOP_CHECK: Duration = Duration::from_millis(50);
/// How long a decoder that closed its pipe may take to exit.
const EXIT_WAIT: Duration = Duration::from_secs(2);
/// Assumed for streams that carry no times.
const UNTIMED_INTERVAL: Duration = Duration::from_millis(40);
/// Spare frames kept for reuse; one is being filled, one waits and the caller holds a few.
const SPARE_FRAMES: usize = 4;

/// How `ffmpeg` is run.
///
/// ```
/// use std::time::Duration;
/// use platewarden::video::FfmpegOptions;
///
/// let options = FfmpegOptions::default().with_stall_timeout(Duration::from_secs(5)).with_max_rate(10.0);
/// assert_eq!(options.max_rate, Some(10.0));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FfmpegOptions {
    /// The program; by default `PLATEWARDEN_FFMPEG` or else `ffmpeg` on `PATH`.
    pub program: Option<PathBuf>,
    /// `I420` or `NV12`. Default: `I420`, which most decoders give without conversion.
    pub format: PixelFormat,
    /// Whether the input is live; by default judged by its address.
    pub live: Option<bool>,
    /// Longest time without a frame. Default: 10 s.
    pub stall_timeout: Duration,
    /// Longest time from the start to the first frame. Default: 20 s.
    pub open_timeout: Duration,
    /// Most frames a second; others are skipped before they are copied. Default: all.
    pub max_rate: Option<f64>,
    /// Delivers a file at the pace of its timestamps, as if it were live. Default: off.
    pub real_time: bool,
    /// Limits that the size of frames is checked against before memory is reserved.
    pub limits: Limits,
    /// Arguments put before the input, such as `-rtsp_transport udp` or `-f avfoundation`.
    pub input_arguments: Vec<OsString>,
    /// Threads of the decoder. Default: 1, for many cameras share a machine.
    pub decoder_threads: u32,
}

impl Default for FfmpegOptions {
    fn default() -> Self {
        Self {
            program: None,
            format: PixelFormat::I420,
            live: None,
            stall_timeout: Duration::from_secs(10),
            open_timeout: Duration::from_secs(20),
            max_rate: None,
            real_time: false,
            limits: Limits::default(),
            input_arguments: Vec::new(),
            decoder_threads: 1,
        }
    }
}

impl FfmpegOptions {
    /// Sets the program.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// Sets the pixel format: `I420` or `NV12`.
    #[must_use]
    pub const fn with_format(mut self, format: PixelFormat) -> Self {
        self.format = format;
        self
    }

    /// States whether the input is live.
    #[must_use]
    pub const fn with_live(mut self, live: bool) -> Self {
        self.live = Some(live);
        self
    }

    /// Sets the longest time without a frame.
    #[must_use]
    pub const fn with_stall_timeout(mut self, timeout: Duration) -> Self {
        self.stall_timeout = timeout;
        self
    }

    /// Sets the longest time from the start to the first frame.
    #[must_use]
    pub const fn with_open_timeout(mut self, timeout: Duration) -> Self {
        self.open_timeout = timeout;
        self
    }

    /// Sets the most frames a second.
    #[must_use]
    pub const fn with_max_rate(mut self, rate: f64) -> Self {
        self.max_rate = Some(rate);
        self
    }

    /// Delivers a file at the pace of its timestamps.
    #[must_use]
    pub const fn with_real_time(mut self, real_time: bool) -> Self {
        self.real_time = real_time;
        self
    }

    /// Sets arguments put before the input.
    #[must_use]
    pub fn with_input_arguments<A: Into<OsString>>(
        mut self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        self.input_arguments = arguments.into_iter().map(Into::into).collect();
        self
    }
}

/// Frames of anything that `ffmpeg` decodes: a file, `rtsp://`, `http://`, a web camera such as `/dev/video0`.
///
/// The program runs as a child process and ends with the source. It hands over raw I420 or NV12 through a pipe, so that a
/// damaged or hostile stream is taken apart in another process. Frames come with the timestamps of the stream; a stream
/// whose size changes keeps going at the new size.
///
/// ```no_run
/// use platewarden::video::{FfmpegOptions, FfmpegSource, FrameSource};
///
/// let mut source = FfmpegSource::open("gate.mp4", FfmpegOptions::default())?;
/// while let Some(frame) = source.next_frame()? {
///     println!("{:.3} s", frame.timestamp().as_secs_f64());
/// }
/// # Ok::<(), platewarden::video::SourceError>(())
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

/// What the threads that read the pipes tell.
#[derive(Debug, Default)]
struct Shared {
    decoded: AtomicU64,
    errors: AtomicU64,
    last_errors: Mutex<Vec<String>>,
}

#[derive(Debug)]
enum Message {
    Frame(Raw),
    Failed(SourceError),
    End,
}

#[derive(Debug)]
struct Raw {
    buffer: Buffer,
    size: (u32, u32),
    color: YuvColor,
    time: Option<Duration>,
}

impl FfmpegSource {
    /// Starts the program on `input`.
    ///
    /// That the input cannot be opened shows at the first [`FrameSource::next_frame`].
    ///
    /// # Errors
    /// [`SourceError::FfmpegMissing`] or [`SourceError::Start`] where the program does not run,
    /// [`SourceError::InvalidOption`] for another pixel format or a rate that is not greater than 0.
    pub fn open(input: impl AsRef<OsStr>, options: FfmpegOptions) -> Result<Self, SourceError> {
        Self::open_with(input.as_ref(), options, Stopper::default())
    }

    /// As [`FfmpegSource::open`], ended by a given switch: for use within [`Reconnecting`](super::Reconnecting).
    ///
    /// # Errors
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
        let mut child = command.spawn().map_err(|source| {
            if source.kind() == std::io::ErrorKind::NotFound {
                SourceError::FfmpegMissing {
                    program: program.clone(),
                }
            } else {
                SourceError::Start {
                    program: program.clone(),
                    source,
                }
            }
        })?;
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

impl Shared {
    fn note(&self, error: String) {
        const KEPT: usize = 3;
        self.errors.fetch_add(1, Ordering::Relaxed);
        let mut last = self
            .last_errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.len() == KEPT {
            last.remove(0);
        }
        last.push(error);
    }

    fn last_words(&self) -> String {
        let last = self
            .last_errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_empty() {
            "it gave no reason".to_owned()
        } else {
            last.join("; ")
        }
    }
}

/// The input as it was given, which may hold a password, and the name to show instead.
struct Secret {
    input: String,
    name: String,
}

fn read_messages(errors: ChildStderr, infos: &Sender<Told>, shared: &Shared, secret: &Secret) {
    let mut lines = BufReader::new(errors);
    let mut bytes = Vec::new();
    let mut color = (None, None);
    // The colour comes on a line of its own after the frame's.
    let mut waiting: Option<FrameInfo> = None;
    loop {
        bytes.clear();
        match lines.read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        match parse(&String::from_utf8_lossy(&bytes)) {
            Line::Frame(info) => {
                if let Some(before) = waiting.replace(info)
                    && infos
                        .send(Told {
                            info: before,
                            color,
                        })
                        .is_err()
                {
                    break;
                }
            }
            Line::Color { range, matrix } => {
                color = (range, matrix);
                if let Some(info) = waiting.take()
                    && infos.send(Told { info, color }).is_err()
                {
                    break;
                }
            }
            Line::Error(message) => shared.note(message.replace(&secret.input, &secret.name)),
            Line::Other => {}
        }
    }
    if let Some(info) = waiting {
        // Nobody listens any more where this fails.
        let _ = infos.send(Told { info, color });
    }
    // The pipe is emptied to the end, or else the child would wait for ever.
    let _ = std::io::copy(&mut lines, &mut std::io::sink());
}

/// What was said of one frame.
#[derive(Clone, Copy, Debug)]
struct Told {
    info: FrameInfo,
    color: (Option<YuvRange>, Option<YuvMatrix>),
}

struct PixelReader {
    name: String,
    format: PixelFormat,
    limits: Limits,
    infos: Receiver<Told>,
    frames: SyncSender<Message>,
    shared: Arc<Shared>,
}

impl PixelReader {
    fn run(self, mut output: ChildStdout) {
        let pool = BufferPool::new(SPARE_FRAMES);
        let mut index = 0;
        while let Ok(told) = self.infos.recv() {
            let message = self.read_frame(&mut output, &pool, told, index);
            index += 1;
            let last = matches!(message, Some(Message::Failed(ref error)) if error.is_fatal());
            let Some(message) = message else { break };
            if matches!(message, Message::Frame(_)) {
                self.shared.decoded.fetch_add(1, Ordering::Release);
            }
            if self.frames.send(message).is_err() || last {
                return;
            }
        }
        // The receiver may be gone, which ends the source as well.
        let _ = self.frames.send(Message::End);
    }

    /// `None` at the end of the pipe.
    fn read_frame(
        &self,
        output: &mut ChildStdout,
        pool: &Arc<BufferPool>,
        told: Told,
        index: u64,
    ) -> Option<Message> {
        let FrameInfo {
            width,
            height,
            time,
        } = told.info;
        let expected = frame_bytes(self.format, width, height);
        if let Err(error) = self.limits.check_size(width, height) {
            // Its bytes are passed over without being kept.
            let skipped = std::io::copy(
                &mut output.by_ref().take(expected as u64),
                &mut std::io::sink(),
            );
            return (skipped.ok()? == expected as u64).then(|| {
                Message::Failed(SourceError::Frame {
                    input: self.name.clone(),
                    index,
                    source: Box::new(error),
                })
            });
        }
        let mut buffer = pool.take(expected);
        match read_full(output, buffer.bytes_mut()) {
            0 => None,
            found if found < expected => Some(Message::Failed(SourceError::CutOff {
                input: self.name.clone(),
                expected,
                found,
            })),
            _ => Some(Message::Frame(Raw {
                buffer,
                size: (width, height),
                color: assumed_color(told.color.0, told.color.1, height),
                time,
            })),
        }
    }
}

/// Fills `bytes` as far as the pipe goes and says how far that was.
fn read_full(pipe: &mut impl Read, bytes: &mut [u8]) -> usize {
    let mut found = 0;
    while let Some(rest) = bytes.get_mut(found..).filter(|rest| !rest.is_empty()) {
        match pipe.read(rest) {
            Ok(0) => break,
            Ok(count) => found += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    found
}

fn check(options: &FfmpegOptions) -> Result<(), SourceError> {
    if !matches!(options.format, PixelFormat::I420 | PixelFormat::Nv12) {
        return Err(SourceError::InvalidOption {
            option: "format",
            expected: "I420 or NV12",
            found: options.format.to_string(),
        });
    }
    if let Some(rate) = options.max_rate
        && !(rate.is_finite() && rate > 0.0)
    {
        return Err(SourceError::InvalidOption {
            option: "max_rate",
            expected: "a number of frames a second greater than 0",
            found: rate.to_string(),
        });
    }
    Ok(())
}

/// `PLATEWARDEN_FFMPEG`, or `ffmpeg` for the operating system to find on `PATH`.
#[must_use]
pub fn find_ffmpeg() -> PathBuf {
    std::env::var_os("PLATEWARDEN_FFMPEG")
        .filter(|value| !value.is_empty())
        .map_or_else(|| PathBuf::from("ffmpeg"), PathBuf::from)
}

fn arguments(input: &OsStr, options: &FfmpegOptions) -> Vec<OsString> {
    let text = input.to_string_lossy();
    let mut arguments: Vec<OsString> = [
        "-hide_banner",
        "-nostdin",
        "-nostats",
        // `showinfo` speaks at this level; the level stands in each line.
        "-loglevel",
        "level+info",
    ]
    .map(Into::into)
    .to_vec();
    let mut add = |argument: &str| arguments.push(argument.into());
    add("-threads");
    add(&options.decoder_threads.to_string());
    if options.real_time {
        add("-re");
    }
    if text.starts_with("rtsp://") && options.input_arguments.is_empty() {
        // UDP loses packets behind most firewalls and shows grey blocks.
        add("-rtsp_transport");
        add("tcp");
    }
    if text.starts_with("/dev/video") {
        add("-f");
        add("v4l2");
    }
    arguments.extend(options.input_arguments.iter().cloned());
    arguments.push("-i".into());
    arguments.push(input_argument(input));
    let format = if options.format == PixelFormat::Nv12 {
        "nv12"
    } else {
        "yuv420p"
    };
    let mut filter = format!("format={format},showinfo=checksum=0");
    if let Some(rate) = options.max_rate {
        // Frames are only left out, never doubled as the filter `fps` would.
        filter = format!(
            "select='isnan(prev_selected_t)+gte(t-prev_selected_t,{:.6})',{filter}",
            // A little less than the interval, for times are rounded.
            0.999 / rate
        );
    }
    for argument in [
        "-map",
        "0:v:0",
        "-an",
        "-sn",
        "-dn",
        "-vf",
        filter.as_str(),
        // A new size in the middle of the stream reaches us as it is.
        "-autoscale",
        "0",
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "pipe:1",
    ] {
        arguments.push(argument.into());
    }
    arguments
}

/// Paths get `file:` in front, or else a name with a colon would be taken for a protocol.
fn input_argument(input: &OsStr) -> OsString {
    let text = input.to_string_lossy();
    let is_path = !text.contains("://") && !text.starts_with("/dev/") && Path::new(input).exists();
    if is_path {
        let mut argument = OsString::from("file:");
        argument.push(input);
        argument
    } else {
        input.to_owned()
    }
}

fn looks_live(input: &str) -> bool {
    const LIVE: [&str; 8] = [
        "rtsp://",
        "rtsps://",
        "rtmp://",
        "rtp://",
        "udp://",
        "srt://",
        "/dev/video",
        "mms://",
    ];
    LIVE.iter().any(|start| input.starts_with(start))
}

/// An address fit to be shown: without user name, password and query.
///
/// ```
/// use platewarden::video::display_name;
/// assert_eq!(display_name("rtsp://admin:secret@gate.example/1?token=x"), "rtsp://gate.example/1");
/// assert_eq!(display_name("videos/gate.mp4"), "videos/gate.mp4");
/// ```
#[must_use]
pub fn display_name(input: &str) -> String {
    let Some((scheme, rest)) = input.split_once("://") else {
        return input.to_owned();
    };
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
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
