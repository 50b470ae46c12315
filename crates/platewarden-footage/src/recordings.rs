//! Which recordings may show what is asked for, by their place and time.

mod clock;
mod probe;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use platewarden_community::Position;
use platewarden_video::source::is_picture;

use crate::cameras::{CameraSite, Cameras};
use crate::document::VerifiedRequest;
use crate::{Error, Result};

const VIDEOS: [&str; 14] = [
    "mp4", "mkv", "mov", "avi", "ts", "m4v", "webm", "mpg", "mpeg", "mts", "m2ts", "3gp", "flv",
    "wmv",
];

/// A recording of which place and time are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Footage {
    /// The file.
    pub path: PathBuf,
    /// Name of the camera.
    pub camera: String,
    /// When it begins, the camera's clock set right.
    pub from: Timestamp,
    /// When it ends; of a photograph the same as `from`.
    pub to: Timestamp,
    /// Whether it is a photograph.
    pub is_picture: bool,
}

/// Why a file is left out of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftOut {
    /// Nothing says when it was recorded: state a time zone, or another source of times, for its camera.
    NoTime,
    /// It cannot be read; the reason.
    Unreadable(String),
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTime => f.write_str(
                "nothing says when it was recorded; state its camera's `time_zone`, or another source in `times`",
            ),
            Self::Unreadable(why) => f.write_str(why),
        }
    }
}

/// What a folder of footage holds for one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Recordings that reach into window and area, in the order of their times.
    pub within: Vec<Footage>,
    /// Files of cameras in the area that could not be placed in time.
    pub left_out: Vec<(PathBuf, LeftOut)>,
}

impl Selection {
    /// Looks through the folders of the cameras that stand in the request's area. Files beyond the window, and cameras beyond
    /// the area, are not opened further than for their times.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where a camera's folder cannot be listed, [`ErrorKind::Video`](crate::ErrorKind::Video)
    /// where `ffprobe` is needed and is not there.
    pub fn of(request: &VerifiedRequest, cameras: &Cameras, root: &Path) -> Result<Self> {
        let form = request.particulars().form();
        let mut selection = Self::default();
        for camera in cameras
            .camera
            .iter()
            .filter(|camera| form.area.contains(place(camera)))
        {
            for path in files(&root.join(camera.folder()))? {
                let Some(is_picture) = kind_of(&path) else {
                    continue;
                };
                match clock::span(&path, is_picture, camera) {
                    Ok(Some((from, to))) => {
                        if to >= form.window.start && from <= form.window.end {
                            let camera = camera.name.clone();
                            selection.within.push(Footage {
                                path,
                                camera,
                                from,
                                to,
                                is_picture,
                            });
                        }
                    }
                    Ok(None) => selection.left_out.push((path, LeftOut::NoTime)),
                    Err(error) if error.is_missing_program() => return Err(error),
                    Err(error) => selection
                        .left_out
                        .push((path, LeftOut::Unreadable(error.to_string()))),
                }
            }
        }
        selection
            .within
            .sort_by(|a, b| (a.from, &a.path).cmp(&(b.from, &b.path)));
        Ok(selection)
    }
}

fn place(camera: &CameraSite) -> Position {
    camera.position()
}

/// Whether a file is a photograph or a video by its name; `None` for neither.
fn kind_of(path: &Path) -> Option<bool> {
    if is_picture(path) {
        return Some(true);
    }
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    VIDEOS.contains(&ending.as_str()).then_some(false)
}

/// The files of a folder and of the folders in it, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let list = fs::read_dir(&folder).map_err(|source| Error::io("list", &folder, source))?;
        for entry in list {
            let entry = entry.map_err(|source| Error::io("list", &folder, source))?;
            let kind = entry
                .file_type()
                .map_err(|source| Error::io("look at", entry.path(), source))?;
            // A link may lead out of the folder, or round in it.
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
