//! The command line of `ffmpeg`, and how inputs are named.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use platewarden::PixelFormat;

use super::FfmpegOptions;

/// `PLATEWARDEN_FFMPEG`, or `ffmpeg` for the operating system to find on `PATH`.
#[must_use]
pub fn find_ffmpeg() -> PathBuf {
    std::env::var_os("PLATEWARDEN_FFMPEG")
        .filter(|value| !value.is_empty())
        .map_or_else(|| PathBuf::from("ffmpeg"), PathBuf::from)
}

pub(super) fn arguments(input: &OsStr, options: &FfmpegOptions) -> Vec<OsString> {
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

/// Whether an input is a camera by its address. What comes by HTTP is one unless its path ends like that of a video file.
pub(super) fn looks_live(input: &str) -> bool {
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
    const FILES: [&str; 9] = [
        ".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".mpg", ".mpeg", ".ts",
    ];
    if let Some((_, rest)) = input
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
    {
        let path = rest
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        return !FILES.iter().any(|ending| path.ends_with(ending));
    }
    LIVE.iter().any(|start| input.starts_with(start))
}

/// An address fit to be shown: without user name, password and query.
///
/// ```
/// use platewarden_video::source::display_name;
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
    fn cameras_are_known_by_their_addresses() {
        for camera in [
            "rtsp://gate/1",
            "/dev/video0",
            "http://192.0.2.7/mjpg/video.mjpg",
            "https://gate.example/stream?name=a.mp4",
        ] {
            assert!(looks_live(camera), "{camera}");
        }
        for file in [
            "gate.mp4",
            "http://example.org/Gate.MP4?token=x",
            "/videos/rtsp.mkv",
        ] {
            assert!(!looks_live(file), "{file}");
        }
    }
}
