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
}

impl SourceArguments {
    /// A folder, a file, or a live source that is opened again when it dies.
    pub(super) fn open(&self, input: &str) -> Result<Box<dyn FrameSource>, SourceError> {
        if Path::new(input).is_dir() {
            return Ok(Box::new(FolderSource::open(input, self.fps)?));
        }
        let mut options = FfmpegOptions::default().with_real_time(self.real_time);
        options.max_rate = self.max_rate;
        if self.repeat {
            options = options.with_input_arguments(["-stream_loop", "-1"]);
        }
        let first = FfmpegSource::open(input, options.clone())?;
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
