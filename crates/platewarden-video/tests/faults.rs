//! Sources that break in every way, with a program in the place of `ffmpeg` that does as it is told, and with the real one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod made_up;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use made_up::{drive, engine, has_ffmpeg};
use platewarden::PixelFormat;
use platewarden_video::ErrorKind;
use platewarden_video::redact::{AudioTrack, VideoWriter, VideoWriterOptions};
use platewarden_video::source::{
    Backoff, FfmpegOptions, FfmpegSource, FrameSource, IterSource, Pump, PumpOptions, Reconnecting,
    SourceError, SourceStatistics, VideoFrame, find_ffmpeg,
};
use platewarden_video::tracking::{PassReader, TrackerOptions};

/// Everything a source gives: frames, errors that were not fatal, and how it ended.
struct Outcome {
    frames: Vec<VideoFrame>,
    errors: Vec<SourceError>,
    end: Option<SourceError>,
    statistics: SourceStatistics,
}

fn drain(mut source: impl FrameSource) -> Outcome {
    let start = Instant::now();
    let (mut frames, mut errors, mut end) = (Vec::new(), Vec::new(), None);
    loop {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not end");
        match source.next_frame() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => break,
            Err(error) if error.is_fatal() => {
                end = Some(error);
                break;
            }
            Err(error) => errors.push(error),
        }
    }
    assert!(
        matches!(source.next_frame(), Ok(None)),
        "an ended source stays ended"
    );
    let statistics = source.statistics();
    assert!(statistics.is_balanced(), "{statistics:?}");
    assert_eq!(statistics.delivered, frames.len() as u64);
    Outcome {
        frames,
        errors,
        end,
        statistics,
    }
}

#[cfg(unix)]
mod with_a_fake_program {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A program that runs `script` as a shell would. `frame N TIME` is a frame of 8x6 pixels filled with byte N.
    fn program(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("fake-ffmpeg");
        let head = r#"#!/bin/sh
info() { echo "[Parsed_showinfo_1 @ 0x1] [info] n: 0 pts: 0 pts_time:$1 pos: 0 fmt:yuv420p sar:1/1 s:${2:-8x6} i:P" >&2
         echo "[Parsed_showinfo_1 @ 0x1] [info] color_range:tv color_space:bt709 color_primaries:unknown" >&2; }
frame() { info "$2"; head -c 72 /dev/zero | tr '\0' "\\$1"; }
"#;
        std::fs::write(&path, format!("{head}{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn open(script: &str) -> FfmpegSource {
        let folder = tempfile::tempdir().unwrap();
        // The folder is left to the system: the program runs from it.
        let folder = folder.keep();
        let options = FfmpegOptions::default()
            .with_program(program(&folder, script))
            .with_stall_timeout(Duration::from_millis(700))
            .with_open_timeout(Duration::from_secs(10));
        // A program that is still open for writing elsewhere cannot be run: another test may be forking just now.
        for _ in 0..50 {
            match FfmpegSource::open("rtsp://user:secret@camera.example/1", options.clone()) {
                Err(SourceError::Start { .. }) => std::thread::sleep(Duration::from_millis(20)),
                other => return other.unwrap(),
            }
        }
        panic!("the program cannot be started");
    }

    #[test]
    fn frames_come_with_their_times_and_colors() {
        let outcome = drain(open("frame 101 0; frame 102 0.04; frame 103 0.08"));
        assert!(outcome.end.is_none());
        let times: Vec<u128> = outcome
            .frames
            .iter()
            .map(|frame| frame.timestamp().as_millis())
            .collect();
        assert_eq!(times, [0, 40, 80]);
        // Octal 102.
        assert!(outcome.frames[1].pixels().iter().all(|byte| *byte == 0o102));
        assert_eq!(outcome.frames[0].format(), PixelFormat::I420);
        assert_eq!(
            outcome.frames[0].yuv_color(),
            platewarden::YuvColor::new(
                platewarden::YuvMatrix::Bt709,
                platewarden::YuvRange::Limited
            )
        );
    }

    #[test]
    fn death_in_the_middle_tells_why_without_the_password() {
        let outcome = drain(open(
            "frame 101 0; frame 102 0.04; echo '[error] rtsp://user:secret@camera.example/1: Connection reset' >&2; exit 7",
        ));
        assert_eq!(outcome.frames.len(), 2);
        let message = outcome.end.unwrap().to_string();
        assert!(
            message.contains("Connection reset") && message.contains('7'),
            "{message}"
        );
        assert!(!message.contains("secret"), "{message}");
        assert_eq!(outcome.statistics.decoder_errors, 1);
    }

    #[test]
    fn frame_that_is_cut_off_is_dropped_and_counted() {
        let outcome = drain(open("frame 101 0; info 0.04; head -c 30 /dev/zero"));
        assert_eq!(outcome.frames.len(), 1);
        assert!(matches!(
            outcome.end,
            Some(SourceError::CutOff {
                expected: 72,
                found: 30,
                ..
            })
        ));
        assert_eq!(outcome.statistics.damaged, 1);
    }

    #[test]
    fn stall_is_noticed_and_ends_the_program() {
        let start = Instant::now();
        let outcome = drain(open("frame 101 0; exec sleep 600"));
        assert_eq!(outcome.frames.len(), 1);
        assert!(matches!(outcome.end, Some(SourceError::Stalled { .. })));
        assert_eq!(outcome.statistics.stalls, 1);
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn stall_within_a_frame_is_noticed() {
        let outcome = drain(open(
            "frame 101 0; info 0.04; head -c 30 /dev/zero; exec sleep 600",
        ));
        assert!(matches!(outcome.end, Some(SourceError::Stalled { .. })));
    }

    #[test]
    fn waiting_source_can_be_stopped() {
        let mut source = open("frame 101 0; exec sleep 600");
        assert!(source.next_frame().unwrap().is_some());
        let stopper = source.stopper();
        let start = Instant::now();
        let stopping = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            stopper.stop();
        });
        assert!(source.next_frame().unwrap().is_none());
        assert!(start.elapsed() < Duration::from_millis(650));
        stopping.join().unwrap();
    }

    #[test]
    fn times_that_jump_back_go_on() {
        let outcome = drain(open(
            "frame 101 5; frame 102 5.1; frame 103 0; frame 104 0.1; frame 105 NOPTS",
        ));
        let times: Vec<u128> = outcome
            .frames
            .iter()
            .map(|frame| frame.timestamp().as_millis())
            .collect();
        assert!(times.is_sorted(), "{times:?}");
        assert_eq!(times[..4], [5000, 5100, 5200, 5300]);
        assert!(outcome.statistics.timestamp_jumps >= 1);
    }

    #[test]
    fn frame_over_the_limits_is_passed_over() {
        let outcome = drain(open(
            "frame 101 0; info 0.04 60000x2; head -c 180000 /dev/zero; frame 102 0.08",
        ));
        assert_eq!((outcome.frames.len(), outcome.errors.len()), (2, 1));
        assert!(outcome.errors[0].to_string().contains("60000"));
        assert_eq!(outcome.frames[1].pixels()[0], 0o102);
        assert!(outcome.end.is_none());
    }

    #[test]
    fn new_size_in_the_middle_goes_on() {
        let outcome = drain(open(
            "frame 101 0; info 0.04 4x4; head -c 24 /dev/zero; frame 102 0.08",
        ));
        let sizes: Vec<(u32, u32)> = outcome
            .frames
            .iter()
            .map(|frame| (frame.width(), frame.height()))
            .collect();
        assert_eq!(sizes, [(8, 6), (4, 4), (8, 6)]);
        assert_eq!(outcome.statistics.resolution_changes, 2);
    }

    #[test]
    fn dead_source_is_opened_again_and_time_goes_on() {
        let mut openings = 0;
        let backoff = Backoff::default()
            .with_waits(Duration::from_millis(30), Duration::from_millis(60))
            .with_attempts(3);
        let source = Reconnecting::new("camera", backoff, move |_| {
            openings += 1;
            match openings {
                1 => Ok(open("frame 101 9; frame 102 9.04; exit 1")),
                2 => Err(SourceError::Failed {
                    input: "camera".to_owned(),
                    status: "exit status: 1".to_owned(),
                    detail: "no route".to_owned(),
                }),
                3 => Ok(open("frame 103 0; exit 1")),
                _ => Err(SourceError::Failed {
                    input: "camera".to_owned(),
                    status: "exit status: 1".to_owned(),
                    detail: "no route".to_owned(),
                }),
            }
        });
        let outcome = drain(source);
        let indices: Vec<u64> = outcome.frames.iter().map(VideoFrame::index).collect();
        assert_eq!(indices, [0, 1, 2]);
        let gap = outcome.frames[2].timestamp() - outcome.frames[1].timestamp();
        assert!(gap >= Duration::from_millis(90), "{gap:?}");
        assert!(matches!(outcome.end, Some(SourceError::GaveUp { .. })));
        let statistics = outcome.statistics;
        assert_eq!((statistics.reconnects, statistics.failed_attempts), (1, 2));
    }
}

#[test]
fn missing_program_is_not_tried_again() {
    let source = Reconnecting::new("camera", Backoff::default(), |_| {
        FfmpegSource::open(
            "rtsp://camera.example/1",
            FfmpegOptions::default().with_program("no-such-ffmpeg"),
        )
    });
    let start = Instant::now();
    assert!(matches!(
        drain(source).end,
        Some(SourceError::FfmpegMissing { .. })
    ));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn reconnecting_that_waits_can_be_stopped() {
    let backoff = Backoff::default().with_waits(Duration::from_secs(600), Duration::from_secs(600));
    let source = Reconnecting::new("camera", backoff, |_| {
        Ok(IterSource::new("short", drive(0, 3)))
    });
    let pump = Pump::start(source, PumpOptions::default());
    std::thread::sleep(Duration::from_millis(100));
    pump.stop();
    assert!(pump.wait_for_end(Duration::from_secs(5)));
    assert!(pump.statistics().is_balanced());
}

#[test]
fn full_disk_while_evidence_is_written_is_an_error_and_the_pass_stays() {
    let mut reader = PassReader::new(engine(Duration::ZERO), TrackerOptions::default()).unwrap();
    for frame in drive(0, 20) {
        reader.read(&frame).unwrap();
    }
    let passes = reader.finish();
    let pass = &passes[0];
    let folder = tempfile::tempdir().unwrap();
    let saved = pass.save_evidence(folder.path()).unwrap().unwrap();
    assert!(image::open(&saved).is_ok());

    let missing = pass.save_evidence(folder.path().join("none")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    assert!(missing.context().starts_with("cannot write"), "{missing}");
    #[cfg(target_os = "linux")]
    {
        // What is written to this device never fits.
        let mut part = saved.into_os_string();
        std::fs::remove_file(&part).unwrap();
        part.push(".part");
        std::os::unix::fs::symlink("/dev/full", &part).unwrap();
        let error = pass.save_evidence(folder.path()).unwrap_err();
        assert!(error.to_string().contains("space"), "{error}");
        // Nothing half-written is left behind.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

fn ffmpeg(arguments: &[&str]) {
    let output = Command::new(find_ffmpeg())
        .args(["-hide_banner", "-loglevel", "error", "-y"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn real_file_comes_whole_in_both_formats() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "a: b.mp4");
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=161x121:r=25:d=2",
        "-pix_fmt",
        "yuv444p",
        "-f",
        "mp4",
        &format!("file:{file}"),
    ]);
    for format in [PixelFormat::I420, PixelFormat::Nv12] {
        let options = FfmpegOptions::default().with_format(format);
        let outcome = drain(FfmpegSource::open(&file, options).unwrap());
        assert!(outcome.end.is_none() && outcome.errors.is_empty());
        assert_eq!(outcome.frames.len(), 50);
        for (n, frame) in (0..).zip(&outcome.frames) {
            assert_eq!(frame.timestamp().as_millis(), 40 * n);
            assert_eq!(
                (frame.width(), frame.height(), frame.format()),
                (161, 121, format)
            );
        }
    }
    let slower = FfmpegOptions::default().with_max_rate(5.0);
    assert_eq!(
        drain(FfmpegSource::open(&file, slower).unwrap())
            .frames
            .len(),
        10
    );
}

#[test]
fn real_stream_with_garbage_a_new_size_and_an_early_end() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (a, b, c) = (
        path(&folder, "a.ts"),
        path(&folder, "b.ts"),
        path(&folder, "c.ts"),
    );
    for (file, size) in [(&a, "320x240"), (&b, "160x120")] {
        let source = format!("testsrc=s={size}:r=10:d=3");
        ffmpeg(&[
            "-f",
            "lavfi",
            "-i",
            &source,
            "-c:v",
            "mpeg2video",
            "-f",
            "mpegts",
            file,
        ]);
    }
    let (first, second) = (std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap());
    let garbage: Vec<u8> = (0..30_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let half = first.len() / 2;
    let bytes = [
        &first[..half],
        &garbage,
        &first[half..],
        &second[..second.len() * 2 / 3],
    ]
    .concat();
    std::fs::write(&c, bytes).unwrap();
    let outcome = drain(FfmpegSource::open(&c, FfmpegOptions::default()).unwrap());
    assert!(outcome.frames.len() > 30, "{}", outcome.frames.len());
    assert_eq!(outcome.statistics.resolution_changes, 1);
    assert_eq!(outcome.frames.last().unwrap().width(), 160);
    let times: Vec<Duration> = outcome.frames.iter().map(VideoFrame::timestamp).collect();
    assert!(times.is_sorted());

    let noise = path(&folder, "noise.mp4");
    std::fs::write(&noise, &garbage).unwrap();
    let outcome = drain(FfmpegSource::open(&noise, FfmpegOptions::default()).unwrap());
    assert!(outcome.frames.is_empty());
    assert!(outcome.end.unwrap().to_string().contains("Invalid data"));
}

/// What `ffprobe` prints.
fn probe(arguments: &[&str]) -> String {
    let program = find_ffmpeg().with_file_name("ffprobe");
    let output = Command::new(program)
        .args(["-v", "error"])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn written_video_keeps_times_and_sound_and_no_metadata() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (original, copy) = (path(&folder, "in.mp4"), path(&folder, "out.mp4"));
    // Frames at uneven times that begin after the sound does.
    ffmpeg(&[
        "-itsoffset",
        "0.2",
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=160x120:r=25:d=2,select='not(eq(mod(n,7),3))'",
        "-f",
        "lavfi",
        "-i",
        "sine=d=2",
        "-map",
        "0",
        "-map",
        "1",
        "-fps_mode",
        "passthrough",
        "-c:v",
        "libx264",
        "-c:a",
        "aac",
        "-metadata",
        "title=Secret street 5",
        "-metadata",
        "location=+52.5+013.4/",
        &original,
    ]);
    let options =
        VideoWriterOptions::default().with_audio(AudioTrack::Copy(original.clone().into()));
    let mut writer = VideoWriter::create(&copy, options.clone()).unwrap();
    let mut source = FfmpegSource::open(&original, FfmpegOptions::default()).unwrap();
    while let Some(frame) = source.next_frame().unwrap() {
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    let times = |file: &str| -> Vec<f64> {
        let listed = probe(&[
            "-select_streams",
            "v",
            "-show_entries",
            "frame=pts_time",
            "-of",
            "csv=p=0",
            file,
        ]);
        listed
            .lines()
            .filter_map(|line| line.trim().trim_end_matches(',').parse().ok())
            .collect()
    };
    let (before, after) = (times(&original), times(&copy));
    assert_eq!(before.len(), after.len());
    assert!(before[0] > 0.05, "{before:?}");
    for (a, b) in before.iter().zip(&after) {
        assert!((a - b).abs() < 0.001, "{before:?} {after:?}");
    }
    let sound = |file: &str| {
        probe(&[
            "-select_streams",
            "a",
            "-show_entries",
            "packet=pts_time,size",
            "-show_data_hash",
            "md5",
            "-of",
            "csv",
            file,
        ])
    };
    assert!(!sound(&original).is_empty());
    assert_eq!(sound(&original), sound(&copy));
    let tags = probe(&["-show_entries", "format_tags:stream_tags", &copy]);
    assert!(!tags.contains("Secret") && !tags.contains("52.5"), "{tags}");
    let taken = VideoWriter::create(&copy, options).map(|_| ()).unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::VideoOutput);
}

#[test]
fn video_that_cannot_be_written_tells_why_and_leaves_nothing() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.mp4");
    let options = VideoWriterOptions::default().with_encoder("no_such_encoder", Vec::new());
    let mut writer = VideoWriter::create(&file, options).unwrap();
    let failed = (0..2_000)
        .map(|n| {
            VideoFrame::from_image(
                image::RgbImage::new(320, 240),
                Duration::from_millis(40 * n),
            )
        })
        .find_map(|frame| writer.write(&frame).err())
        .or_else(|| writer.finish().err())
        .unwrap();
    assert!(failed.to_string().contains("no_such_encoder"), "{failed}");
    assert!(!file.exists());

    let mut writer = VideoWriter::create(&file, VideoWriterOptions::default()).unwrap();
    for width in [320, 640] {
        let frame = VideoFrame::from_image(
            image::RgbImage::new(width, 240),
            Duration::from_millis(u64::from(width)),
        );
        let written = writer.write(&frame);
        assert_eq!(written.is_ok(), width == 320);
    }
    assert!(!file.exists());
}
