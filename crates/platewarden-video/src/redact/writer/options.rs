//! How a video is written.

use std::path::PathBuf;

/// What becomes of the sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AudioTrack {
    /// None.
    #[default]
    None,
    /// That of this file, bit by bit.
    Copy(PathBuf),
    /// That of this file as AAC, for sound that the container cannot hold as it is.
    Encode(PathBuf),
}

/// How a video is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VideoWriterOptions {
    /// The `ffmpeg` program; by default `PLATEWARDEN_FFMPEG` or else `ffmpeg` on `PATH`.
    pub program: Option<PathBuf>,
    /// The encoder's name. Default: `libx264`.
    pub encoder: String,
    /// Arguments of the encoder. Default: `-crf 20 -preset veryfast`.
    pub encoder_arguments: Vec<String>,
    /// The sound.
    pub audio: AudioTrack,
    /// Whether a file of that name is replaced. Default: no.
    pub overwrite: bool,
}

impl Default for VideoWriterOptions {
    fn default() -> Self {
        Self {
            program: None,
            encoder: "libx264".to_owned(),
            encoder_arguments: ["-crf", "20", "-preset", "veryfast"]
                .map(str::to_owned)
                .to_vec(),
            audio: AudioTrack::None,
            overwrite: false,
        }
    }
}

impl VideoWriterOptions {
    /// Sets the sound.
    #[must_use]
    pub fn with_audio(mut self, audio: AudioTrack) -> Self {
        self.audio = audio;
        self
    }

    /// Sets the encoder and its arguments.
    #[must_use]
    pub fn with_encoder(mut self, name: impl Into<String>, arguments: Vec<String>) -> Self {
        self.encoder = name.into();
        self.encoder_arguments = arguments;
        self
    }

    /// Sets whether a file of that name is replaced.
    #[must_use]
    pub const fn with_overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }
}
