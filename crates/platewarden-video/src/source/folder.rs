//! Numbered pictures of a folder.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use platewarden::{Error, Limits, decode};

use super::{FrameSource, SourceError, SourceStatistics, Stopper, VideoFrame};

const ENDINGS: [&str; 9] = [
    "jpg", "jpeg", "jfif", "jpe", "png", "webp", "bmp", "tif", "tiff",
];

/// Whether a file is a picture that can be read, by the ending of its name.
///
/// ```
/// use platewarden_video::source::is_picture;
/// assert!(is_picture("porch/0001.JPG".as_ref()) && !is_picture("porch/clip.mp4".as_ref()));
/// ```
#[must_use]
pub fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|e| ENDINGS.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

/// The pictures of a folder as frames at a fixed rate, in the order of the numbers in their names.
///
/// A picture that cannot be read is an error that is not fatal; its place in time stays empty.
///
/// ```no_run
/// use platewarden_video::source::{FolderSource, FrameSource};
///
/// let mut source = FolderSource::open("frames", 25.0)?;
/// while let Some(frame) = source.next_frame()? {
///     println!("{:?}: {}x{}", frame.timestamp(), frame.width(), frame.height());
/// }
/// # Ok::<(), platewarden_video::source::SourceError>(())
/// ```
#[derive(Debug)]
pub struct FolderSource {
    name: String,
    files: std::vec::IntoIter<PathBuf>,
    rate: f64,
    next: u64,
    size: Option<(u32, u32)>,
    limits: Limits,
    statistics: SourceStatistics,
    stopper: Stopper,
}

impl FolderSource {
    /// The pictures of `folder`, `rate` a second.
    ///
    /// # Errors
    ///
    /// [`SourceError::Io`] where the folder cannot be listed, [`SourceError::EmptyFolder`] without a picture,
    /// [`SourceError::InvalidOption`] for a rate that is not greater than 0.
    pub fn open(folder: impl AsRef<Path>, rate: f64) -> Result<Self, SourceError> {
        let folder = folder.as_ref();
        if !(rate.is_finite() && rate > 0.0) {
            return Err(SourceError::InvalidOption {
                option: "rate",
                expected: "a number of frames a second greater than 0",
                found: rate.to_string(),
            });
        }
        let io = |source| SourceError::Io {
            path: folder.to_owned(),
            source,
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if is_picture(&path) {
                files.push(path);
            }
        }
        if files.is_empty() {
            return Err(SourceError::EmptyFolder {
                path: folder.to_owned(),
            });
        }
        files.sort_by(|a, b| {
            let name = |path: &PathBuf| {
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default()
            };
            natural_order(&name(a), &name(b))
        });
        Ok(Self {
            name: folder.display().to_string(),
            files: files.into_iter(),
            rate,
            next: 0,
            size: None,
            limits: Limits::default(),
            statistics: SourceStatistics::default(),
            stopper: Stopper::default(),
        })
    }

    /// Sets the limits that pictures are checked against before memory is reserved.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Pictures that are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.files.len()
    }
}

impl FrameSource for FolderSource {
    #[allow(
        clippy::cast_precision_loss,
        reason = "frame numbers stay far below 2^53"
    )]
    fn next_frame(&mut self) -> Result<Option<VideoFrame>, SourceError> {
        if self.stopper.is_stopped() {
            return Ok(None);
        }
        let Some(path) = self.files.next() else {
            return Ok(None);
        };
        let index = self.next;
        self.next += 1;
        let picture = std::fs::read(&path)
            .map_err(Error::io("read", &path))
            .and_then(|bytes| decode(&bytes, &self.limits));
        let picture = picture.map_err(|error| {
            self.statistics.damaged += 1;
            SourceError::Frame {
                input: path.display().to_string(),
                index,
                source: Box::new(error),
            }
        })?;
        let time = Duration::try_from_secs_f64(index as f64 / self.rate).unwrap_or(Duration::MAX);
        let mut frame = VideoFrame::from_image(picture, time);
        frame.set_place(time, index);
        let size = (frame.width(), frame.height());
        if self.size.replace(size).is_some_and(|before| before != size) {
            self.statistics.resolution_changes += 1;
        }
        self.statistics.decoded += 1;
        self.statistics.delivered += 1;
        self.statistics.bytes += frame.pixels().len() as u64;
        Ok(Some(frame))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_live(&self) -> bool {
        false
    }

    fn statistics(&self) -> SourceStatistics {
        self.statistics
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

/// Order of names in which runs of digits count as numbers: `f9` before `f10`.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let (a_part, a_digits, a_next) = split_part(a_rest);
        let (b_part, b_digits, b_next) = split_part(b_rest);
        let order = if a_digits && b_digits {
            let (x, y) = (
                a_part.trim_start_matches('0'),
                b_part.trim_start_matches('0'),
            );
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            a_part.cmp(b_part)
        };
        if order != Ordering::Equal {
            return order;
        }
        if a_next.is_empty() && b_next.is_empty() {
            // Names that differ in leading zeros only.
            return a.cmp(b);
        }
        (a_rest, b_rest) = (a_next, b_next);
    }
}

/// The first run of digits or of other characters, whether it is of digits, and what follows.
fn split_part(text: &str) -> (&str, bool, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text
        .find(|c: char| c.is_ascii_digit() != digits)
        .unwrap_or(text.len());
    let (part, rest) = text.split_at(end);
    (part, digits, rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["f10.png", "f9.png", "f009.png", "a2b3", "a2b12", "f100.png"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(
            names,
            ["a2b3", "a2b12", "f009.png", "f9.png", "f10.png", "f100.png"]
        );
    }

    #[test]
    fn unreadable_picture_is_one_error_and_keeps_its_place() {
        let folder = tempfile::tempdir().unwrap();
        for number in [1, 2, 10] {
            let path = folder.path().join(format!("{number}.png"));
            image::RgbImage::new(4, 4).save(path).unwrap();
        }
        std::fs::write(folder.path().join("2.png"), b"no picture").unwrap();
        std::fs::write(folder.path().join("notes.txt"), b"x").unwrap();
        let mut source = FolderSource::open(folder.path(), 10.0).unwrap();
        assert_eq!(source.next_frame().unwrap().unwrap().index(), 0);
        let error = source.next_frame().unwrap_err();
        assert!(!error.is_fatal() && error.to_string().contains("2.png"));
        let last = source.next_frame().unwrap().unwrap();
        assert_eq!(
            (last.index(), last.timestamp()),
            (2, Duration::from_millis(200))
        );
        assert!(source.next_frame().unwrap().is_none());
        assert_eq!(source.statistics().damaged, 1);
        assert!(source.statistics().is_balanced());
    }

    #[test]
    fn empty_folder_and_bad_rate_are_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            FolderSource::open(folder.path(), 1.0),
            Err(SourceError::EmptyFolder { .. })
        ));
        assert!(FolderSource::open(folder.path(), 0.0).is_err());
        assert!(matches!(
            FolderSource::open(folder.path().join("none"), 1.0),
            Err(SourceError::Io { .. })
        ));
    }
}
