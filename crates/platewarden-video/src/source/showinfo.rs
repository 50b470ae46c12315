//! What the `showinfo` filter of ffmpeg says of each frame.
//!
//! Raw video carries neither time nor size; the filter tells both on standard error, before the pixels come. Its lines read
//! `[Parsed_showinfo_1 @ 0x..] [info] n:   3 pts:   3072 pts_time:0.3 ... s:320x240 ...` and then
//! `... color_range:tv color_space:bt709 ...`.

use std::time::Duration;

use platewarden::{YuvColor, YuvMatrix, YuvRange};

/// Size, time and colour of the frame that follows on the pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FrameInfo {
    pub(super) width: u32,
    pub(super) height: u32,
    /// `None` where the stream gives no time (`NOPTS`).
    pub(super) time: Option<Duration>,
}

/// One line of standard error.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    Frame(FrameInfo),
    Color {
        range: Option<YuvRange>,
        matrix: Option<YuvMatrix>,
    },
    /// An error the decoder goes on from, or its last words.
    Error(String),
    Other,
}

pub(super) fn parse(line: &str) -> Line {
    if line.contains("showinfo") {
        if let Some(info) = parse_frame(line) {
            return Line::Frame(info);
        }
        if line.contains("color_range:") {
            return parse_color(line);
        }
        return Line::Other;
    }
    for level in ["[error]", "[fatal]", "[panic]"] {
        if let Some((_, message)) = line.split_once(level) {
            return Line::Error(message.trim().to_owned());
        }
    }
    Line::Other
}

fn parse_frame(line: &str) -> Option<FrameInfo> {
    let (_, after) = line.split_once("pts_time:")?;
    let time = after.split_whitespace().next()?;
    let (_, after) = after.split_once(" s:")?;
    let size = after.split_whitespace().next()?;
    let (width, height) = size.split_once('x')?;
    Some(FrameInfo {
        width: width.parse().ok()?,
        height: height.parse().ok()?,
        // Times before zero occur at the start of edited files.
        time: time
            .parse::<f64>()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok()),
    })
}

fn parse_color(line: &str) -> Line {
    let value = |key: &str| {
        let (_, after) = line.split_once(key)?;
        after.split_whitespace().next()
    };
    Line::Color {
        range: match value("color_range:") {
            Some("tv") => Some(YuvRange::Limited),
            Some("pc") => Some(YuvRange::Full),
            _ => None,
        },
        matrix: match value("color_space:") {
            Some("bt709") => Some(YuvMatrix::Bt709),
            Some("smpte170m" | "bt470bg" | "fcc") => Some(YuvMatrix::Bt601),
            _ => None,
        },
    }
}

/// Colour of a stream that says only a part of it: players take pictures of 720 lines and up for BT.709.
pub(super) fn assumed_color(
    range: Option<YuvRange>,
    matrix: Option<YuvMatrix>,
    height: u32,
) -> YuvColor {
    let matrix = matrix.unwrap_or(if height >= 720 {
        YuvMatrix::Bt709
    } else {
        YuvMatrix::Bt601
    });
    YuvColor::new(matrix, range.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_as_ffmpeg_prints_them() {
        let line = "[Parsed_showinfo_1 @ 0x5568] [info] n:   1 pts:   9000 pts_time:0.1     pos:     9212 fmt:yuv420p sar:1/1 \
                    s:320x240 i:P iskey:0 type:P ";
        let expected = FrameInfo {
            width: 320,
            height: 240,
            time: Some(Duration::from_millis(100)),
        };
        assert_eq!(parse(line), Line::Frame(expected));
        let line = "[Parsed_showinfo_1 @ 0x1] [info] n:   0 pts:   NOPTS pts_time:NOPTS  duration:1 fmt:nv12 sar:0/1 s:8x6 i:P";
        let expected = FrameInfo {
            width: 8,
            height: 6,
            time: None,
        };
        assert_eq!(parse(line), Line::Frame(expected));
        let line = "[Parsed_showinfo_1 @ 0x1] [info] color_range:pc color_space:bt709 color_primaries:unknown color_trc:unknown";
        let expected = Line::Color {
            range: Some(YuvRange::Full),
            matrix: Some(YuvMatrix::Bt709),
        };
        assert_eq!(parse(line), expected);
        assert_eq!(
            parse("[error] file:g: Invalid data found"),
            Line::Error("file:g: Invalid data found".to_owned())
        );
        assert_eq!(parse("[info] Stream mapping:"), Line::Other);
        assert_eq!(
            parse("[Parsed_showinfo_1 @ 0x1] [info] UUID=dc45 s:"),
            Line::Other
        );
    }
}
