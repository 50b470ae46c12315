//! How `ffmpeg` is run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use platewarden::{Limits, PixelFormat};

use crate::source::SourceError;

/// How `ffmpeg` is run.
///
/// ```
/// use std::time::Duration;
/// use platewarden_video::source::FfmpegOptions;
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

pub(super) fn check(options: &FfmpegOptions) -> Result<(), SourceError> {
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
