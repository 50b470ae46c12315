//! Where frames come from.

use std::path::Path;

use clap::Args;
use platewarden_video::source::{
    Backoff, FfmpegOptions, FfmpegSource, FolderSource, FrameSource, Reconnecting, SourceError,
    display_name,
};

/// How sources are read.
#[derive(Args)]
pub(super) struct SourceArguments {
    /// Frames a second of folders of pictures
    #[arg(long, default_value_t = 25.0)]
    fps: f64,
    /// Most frames a second to read; others are skipped
    #[arg(long)]
    max_rate: Option<f64>,
    /// Play files at their own pace and drop what cannot be read in time, as of cameras
    #[arg(long)]
    real_time: bool,
    /// Play files over and over
    #[arg(long)]
    repeat: bool,
    /// The sources are cameras: opened again when they die, the newest frames read [default: guessed from the address]
    #[arg(long, conflicts_with = "file")]
    live: bool,
    /// The sources are files: every frame is read, and the end is the end
    #[arg(long)]
    file: bool,
    /// Argument for ffmpeg before its input, such as --ffmpeg-arg=-rtsp_transport --ffmpeg-arg=tcp; may be given several
    /// times
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    ffmpeg_arg: Vec<String>,
}

impl SourceArguments {
    /// A folder, a file, or a live source that is opened again when it dies.
    pub(super) fn open(&self, input: &str) -> Result<Box<dyn FrameSource>, SourceError> {
        if Path::new(input).is_dir() {
            return Ok(Box::new(FolderSource::open(input, self.fps)?));
        }
        let mut options = FfmpegOptions::default().with_real_time(self.real_time);
        options.max_rate = self.max_rate;
        let mut arguments = self.ffmpeg_arg.clone();
        if self.repeat {
            arguments.extend(["-stream_loop", "-1"].map(str::to_owned));
        }
        options = options.with_input_arguments(arguments);
        if self.live || self.file {
            options = options.with_live(self.live);
        }
        let first = FfmpegSource::open(input, options.clone())?;
        let kind = if first.is_live() { "camera" } else { "file" };
        if !self.live && !self.file && input.contains("://") {
            log::info!(
                "{} is taken for a {kind} by its address; say --live or --file where it is not",
                first.name()
            );
        }
        if !first.is_live() || self.real_time {
            return Ok(Box::new(first));
        }
        let (mut first, address) = (Some(first), input.to_owned());
        Ok(Box::new(Reconnecting::new(
            display_name(input),
            Backoff::default(),
            move |stopper| match first.take() {
                Some(source) => Ok(source),
                None => FfmpegSource::open_with(address.as_ref(), options.clone(), stopper.clone()),
            },
        )))
    }
}
