//! Which pictures the arguments stand for.

use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use image::RgbImage;
use platewarden::{Error, Frame, Limits, ToFrame, decode};

use crate::picture::is_picture;

/// Where a picture comes from.
pub(super) enum Source {
    File(PathBuf),
    StandardInput,
}

impl Source {
    fn bytes(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::File(path) => fs::read(path).map_err(Error::io("read", path)),
            Self::StandardInput => {
                let mut bytes = Vec::new();
                io::stdin()
                    .read_to_end(&mut bytes)
                    .map_err(Error::io("read", "standard input"))?;
                Ok(bytes)
            }
        }
    }
}

/// A picture that is decoded when it is read, by the thread that reads it.
pub(super) struct Picture {
    pub(super) source: Source,
    image: OnceLock<RgbImage>,
}

impl Picture {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            image: OnceLock::new(),
        }
    }

    /// Its name, for people.
    pub(super) fn name(&self) -> String {
        match &self.source {
            // A name that is no Unicode is shown as well as it can be; the file itself is opened by its true name.
            Source::File(path) => path.display().to_string(),
            Source::StandardInput => "-".to_owned(),
        }
    }

    /// Its pixels.
    #[allow(
        clippy::expect_used,
        reason = "the engine decodes a picture before it gives reads of it"
    )]
    pub(super) fn image(&self) -> &RgbImage {
        self.image
            .get()
            .expect("a picture with reads was decoded to get them")
    }
}

impl ToFrame for Picture {
    fn to_frame(&self) -> Result<Frame<'_>, Error> {
        let image = match self.image.get() {
            Some(image) => image,
            None => {
                let image = decode(&self.source.bytes()?, &Limits::default())?;
                self.image.get_or_init(|| image)
            }
        };
        Ok(image.into())
    }
}

/// The pictures that the arguments stand for, and how many folders could not be listed (each named on standard error).
pub(super) fn sources(inputs: &[PathBuf]) -> (Vec<Source>, usize) {
    let (mut sources, mut failed) = (Vec::new(), 0);
    let mut skipped = Skipped::default();
    let mut fail = |what: &Path, error: &dyn fmt::Display| {
        eprintln!("{}: {error}", what.display());
        failed += 1;
    };
    for input in inputs {
        if input.as_os_str() == "-" {
            sources.push(Source::StandardInput);
        } else if input.is_dir() {
            let before = sources.len();
            pictures_in(input, &mut sources, &mut skipped, &mut fail);
            if sources.len() == before {
                fail(input, &"no picture is in this folder");
            }
        } else if let Some(pattern) = input
            .to_str()
            .filter(|text| !input.exists() && text.contains(['*', '?', '[']))
        {
            pictures_like(pattern, &mut sources, &mut skipped, &mut fail);
        } else {
            // A file that is missing is named when it is read.
            sources.push(Source::File(input.clone()));
        }
    }
    skipped.report();
    (sources, failed)
}

/// Files in folders that are no pictures by their names.
#[derive(Default)]
struct Skipped {
    count: usize,
    /// The first of them.
    named: Vec<String>,
    /// Whether pictures of mobile phones are among them.
    has_heif: bool,
}

impl Skipped {
    /// Files that are named.
    const NAMED: usize = 5;

    fn add(&mut self, path: &Path) {
        self.count += 1;
        if self.named.len() < Self::NAMED {
            self.named.push(path.display().to_string());
        }
        self.has_heif |= path.extension().is_some_and(|ending| {
            ["heic", "heif", "avif"]
                .iter()
                .any(|known| ending.eq_ignore_ascii_case(known))
        });
    }

    /// Says on standard error what was passed over.
    fn report(&self) {
        if self.count == 0 {
            return;
        }
        let more = if self.count > self.named.len() {
            ", ..."
        } else {
            ""
        };
        eprintln!(
            "{} files skipped that are no pictures by their names: {}{more}",
            self.count,
            self.named.join(", ")
        );
        if self.has_heif {
            eprintln!(
                "HEIC and AVIF are not read: convert them first, such as with `magick mogrify -format jpg *.heic`"
            );
        }
    }
}

/// Adds the pictures that a pattern stands for.
fn pictures_like(
    pattern: &str,
    sources: &mut Vec<Source>,
    skipped: &mut Skipped,
    fail: &mut impl FnMut(&Path, &dyn fmt::Display),
) {
    let paths = match glob::glob(pattern) {
        Ok(paths) => paths,
        Err(error) => return fail(Path::new(pattern), &error),
    };
    let before = sources.len();
    for path in paths {
        match path {
            Ok(path) if path.is_dir() => pictures_in(&path, sources, skipped, fail),
            Ok(path) => sources.push(Source::File(path)),
            Err(error) => fail(error.path(), error.error()),
        }
    }
    if sources.len() == before {
        fail(Path::new(pattern), &"no file matches this pattern");
    }
}

/// Adds the pictures in a folder and the folders in it, in the order of their names.
fn pictures_in(
    folder: &Path,
    sources: &mut Vec<Source>,
    skipped: &mut Skipped,
    fail: &mut impl FnMut(&Path, &dyn fmt::Display),
) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return fail(folder, &error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => fail(folder, &error),
        }
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            pictures_in(&path, sources, skipped, fail);
        } else if is_picture(&path) {
            sources.push(Source::File(path));
        } else {
            skipped.add(&path);
        }
    }
}
