//! What `ffmpeg` writes: pixels on one pipe, what it says of them on another.

use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStderr, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use platewarden::{Limits, PixelFormat, YuvColor, YuvMatrix, YuvRange};

use crate::source::SourceError;
use crate::source::buffer::{Buffer, BufferPool};
use crate::source::frame::frame_bytes;
use crate::source::showinfo::{FrameInfo, Line, assumed_color, parse};

/// Spare frames kept for reuse; one is being filled, one waits and the caller holds a few.
const SPARE_FRAMES: usize = 4;

/// What the threads that read the pipes tell.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) decoded: AtomicU64,
    pub(super) errors: AtomicU64,
    last_errors: Mutex<Vec<String>>,
}

#[derive(Debug)]
pub(super) enum Message {
    Frame(Raw),
    Failed(SourceError),
    End,
}

#[derive(Debug)]
pub(super) struct Raw {
    pub(super) buffer: Buffer,
    pub(super) size: (u32, u32),
    pub(super) color: YuvColor,
    pub(super) time: Option<Duration>,
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

    pub(super) fn last_words(&self) -> String {
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
pub(super) struct Secret {
    pub(super) input: String,
    pub(super) name: String,
}

pub(super) fn read_messages(
    errors: ChildStderr,
    infos: &Sender<Told>,
    shared: &Shared,
    secret: &Secret,
) {
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
pub(super) struct Told {
    info: FrameInfo,
    color: (Option<YuvRange>, Option<YuvMatrix>),
}

pub(super) struct PixelReader {
    pub(super) name: String,
    pub(super) format: PixelFormat,
    pub(super) limits: Limits,
    pub(super) infos: Receiver<Told>,
    pub(super) frames: SyncSender<Message>,
    pub(super) shared: Arc<Shared>,
}

impl PixelReader {
    pub(super) fn run(self, mut output: ChildStdout) {
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
