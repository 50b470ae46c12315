//! Reads the licence plates in pictures.
//!
//!     cargo run --release --example recognize -- street.jpg
//!     cargo run --release --example recognize -- photos/ 'more/*.png' --annotate annotated/ > reads.jsonl
//!     curl -s https://example.org/camera.jpg | cargo run --release --example recognize -- -
//!
//! On a terminal it prints a table; into a file or a pipe it writes one JSON object a line for each picture:
//!
//!     {"source": "street.jpg", "width": 1280, "height": 720, "plates": [PLATE, ...]}
//!
//! PLATE is a `platewarden::PlateRead`, whose documentation explains each field: `text`, `raw_text`, `confidence`,
//! `characters`, `candidates`, `lines`, `region`, `corners`, `bounds`, `detection_score`. Fields may be added later, none
//! will be taken away.
//!
//! Exit status: 0 when every picture was read, 1 when some were not (each is named on standard error), 2 when the command
//! line is wrong.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs,
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::OnceLock,
};

use ab_glyph::{FontRef, PxScale};
use clap::Parser;
use image::{GrayImage, Rgb, RgbImage};
use imageproc::{
    drawing::{draw_filled_rect_mut, draw_polygon_mut, draw_text_mut, text_size},
    point::Point as PixelPoint,
    rect::Rect as PixelRect,
};
use indicatif::{ProgressBar, ProgressStyle};
use platewarden::{
    Backend, Engine, EngineOptions, Error, Frame, Limits, Mask, PlateRead, Point, RegionOfInterest,
    Result, ToFrame, decode,
};
use serde::Serialize;

/// Read the licence plates in pictures.
#[derive(Parser)]
#[command(after_help = "Exit status: 0 all pictures were read, 1 some were not, 2 wrong usage.")]
struct Arguments {
    /// Pictures (JPEG, PNG, WebP, BMP, TIFF), folders of pictures, patterns such as 'photos/*.jpg', or - for a picture
    /// on standard input
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Write the pictures with plates, texts and confidences drawn into this folder
    #[arg(long, value_name = "DIR")]
    annotate: Option<PathBuf>,
    /// Manifest of the networks to run, instead of those that come with platewarden
    #[arg(long, value_name = "MANIFEST")]
    model: Option<PathBuf>,
    /// Library that runs the networks: auto, onnxruntime or embedded
    #[arg(long, default_value = "auto")]
    backend: Backend,
    /// Pictures read at the same time [default: one a processor core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Country or state whose plates are expected, such as DE or US-CA; may be given several times
    #[arg(long, value_name = "CODE")]
    region: Vec<String>,
    /// Where plates count: corners of a polygon as shares of width and height, such as '0,0.4 1,0.4 1,1 0,1', or a
    /// picture that is white there; may be given several times
    #[arg(long, value_name = "POLYGON|PICTURE")]
    roi: Vec<String>,
    /// Leave out texts that are less sure than this, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    min_confidence: f32,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let engine = match options(&arguments).and_then(Engine::with_options) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("error: {error}");
            // An option out of its range is wrong usage, whoever finds out.
            return if matches!(error, Error::InvalidOption { .. }) {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            };
        }
    };
    match recognize(&engine, &arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        // Whoever reads the output has seen enough: `recognize photos | head`.
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(arguments: &Arguments) -> Result<EngineOptions> {
    let mut options = EngineOptions::default()
        .with_backend(arguments.backend)
        .with_expected_regions(&arguments.region)
        .with_region_of_interest(region_of_interest(&arguments.roi)?)
        .with_min_confidence(arguments.min_confidence);
    options.models.clone_from(&arguments.model);
    options.threads = arguments.threads;
    Ok(options)
}

/// Reads all pictures; returns how many failed.
fn recognize(engine: &Engine, arguments: &Arguments) -> Result<usize> {
    if let Some(folder) = &arguments.annotate {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    let (sources, mut failed) = sources(&arguments.inputs);
    let mut output = Output::new();
    let mut annotator = Annotator::default();
    let progress = progress_bar(sources.len());
    let pictures = sources.into_iter().map(|source| Picture {
        source,
        image: OnceLock::new(),
    });
    // Pictures are decoded and read by several threads, a few ahead of this loop, and come in their order.
    for (picture, reads) in engine.reads(pictures) {
        let name = picture.source.name();
        // A picture that fails is named and counted; the others go on.
        let outcome = reads.and_then(|reads| {
            let image = picture.image.get().ok_or_else(|| Error::Worker {
                reason: name.clone(),
            })?;
            progress.suspend(|| output.write(&name, image, &reads))?;
            match &arguments.annotate {
                Some(folder) => annotator.save(image, &reads, folder, &picture.source),
                None => Ok(()),
            }
        });
        match outcome {
            Ok(()) => {}
            // Without an output there is nothing left to do.
            Err(
                error @ Error::Io {
                    action: "write to", ..
                },
            ) => return Err(error),
            Err(error) => {
                progress.suspend(|| eprintln!("{name}: {error}"));
                failed += 1;
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    output.finish()?;
    Ok(failed)
}

/// Where a picture comes from.
enum Source {
    File(PathBuf),
    StandardInput,
}

impl Source {
    fn name(&self) -> String {
        match self {
            // A name that is no Unicode is shown as well as it can be; the file itself is opened by its true name.
            Self::File(path) => path.display().to_string(),
            Self::StandardInput => "-".to_owned(),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>> {
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
struct Picture {
    source: Source,
    image: OnceLock<RgbImage>,
}

impl ToFrame for Picture {
    fn to_frame(&self) -> Result<Frame<'_>> {
        if self.image.get().is_none() {
            let image = decode(&self.source.bytes()?, &Limits::default())?;
            return Ok(self.image.get_or_init(|| image).into());
        }
        Ok(self.image.get_or_init(RgbImage::default).into())
    }
}

/// The pictures that the arguments stand for, and how many folders could not be listed (each named on standard error).
fn sources(inputs: &[PathBuf]) -> (Vec<Source>, usize) {
    let (mut sources, mut failed) = (Vec::new(), 0);
    let mut fail = |what: &Path, error: &dyn std::fmt::Display| {
        eprintln!("{}: {error}", what.display());
        failed += 1;
    };
    for input in inputs {
        if input.as_os_str() == "-" {
            sources.push(Source::StandardInput);
        } else if input.is_dir() {
            pictures_in(input, &mut sources, &mut fail);
        } else if let Some(pattern) = input
            .to_str()
            .filter(|text| !input.exists() && text.contains(['*', '?', '[']))
        {
            match glob::glob(pattern) {
                Ok(paths) => {
                    let before = sources.len();
                    for path in paths {
                        match path {
                            Ok(path) if path.is_dir() => {
                                pictures_in(&path, &mut sources, &mut fail)
                            }
                            Ok(path) => sources.push(Source::File(path)),
                            Err(error) => fail(error.path(), error.error()),
                        }
                    }
                    if sources.len() == before {
                        fail(input, &"no file matches this pattern");
                    }
                }
                Err(error) => fail(input, &error),
            }
        } else {
            // A file that is missing is named when it is read.
            sources.push(Source::File(input.clone()));
        }
    }
    (sources, failed)
}

/// Adds the pictures in a folder and the folders in it, in the order of their names.
fn pictures_in(
    folder: &Path,
    sources: &mut Vec<Source>,
    fail: &mut impl FnMut(&Path, &dyn std::fmt::Display),
) {
    let is_picture = |path: &Path| {
        let extension = path
            .extension()
            .and_then(OsStr::to_str)
            .unwrap_or_default()
            .to_ascii_lowercase();
        ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"].contains(&extension.as_str())
    };
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
            pictures_in(&path, sources, fail);
        } else if is_picture(&path) {
            sources.push(Source::File(path));
        }
    }
}

fn region_of_interest(given: &[String]) -> Result<RegionOfInterest> {
    let mut region = RegionOfInterest::everywhere();
    for text in given {
        let corner = |pair: &str| -> Option<Point> {
            let (x, y) = pair.split_once(',')?;
            Some(Point::new(x.trim().parse().ok()?, y.trim().parse().ok()?))
        };
        let polygon: Option<Vec<Point>> = text.split_whitespace().map(corner).collect();
        region = match polygon {
            Some(polygon) => region.include(&polygon)?,
            None if Path::new(text).is_file() => {
                region.with_mask(Mask::from_luma(&mask(Path::new(text))?)?)
            }
            None => {
                return Err(Error::InvalidOption {
                    option: "roi",
                    expected: "corners such as '0,0.4 1,0.4 1,1 0,1', or the file of a picture"
                        .into(),
                    found: format!("`{text}`"),
                });
            }
        };
    }
    Ok(region)
}

fn mask(path: &Path) -> Result<GrayImage> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    Ok(image::DynamicImage::from(decode(&bytes, &Limits::default())?).to_luma8())
}

/// A bar on standard error, where that is a terminal and there is something to wait for.
fn progress_bar(pictures: usize) -> ProgressBar {
    if pictures < 2 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} pictures, {per_sec}, {eta} left");
    ProgressBar::new(pictures as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Standard output: a table for people, JSON lines for programs.
struct Output {
    out: io::StdoutLock<'static>,
    table: bool,
    rows: usize,
}

/// A line of the output.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    width: u32,
    height: u32,
    plates: &'a [PlateRead],
}

impl Output {
    fn new() -> Self {
        let out = io::stdout().lock();
        Self {
            table: out.is_terminal(),
            out,
            rows: 0,
        }
    }

    fn write(&mut self, source: &str, image: &RgbImage, reads: &[PlateRead]) -> Result<()> {
        let (width, height) = image.dimensions();
        let failed = |error| Error::io("write to", "standard output")(error);
        if !self.table {
            serde_json::to_writer(
                &mut self.out,
                &Line {
                    source,
                    width,
                    height,
                    plates: reads,
                },
            )
            .map_err(|error| failed(error.into()))?;
            return self.out.write_all(b"\n").map_err(failed);
        }
        if self.rows == 0 {
            writeln!(
                self.out,
                "TEXT         SURE  REGION  LEFT   TOP WIDTH HEIGHT  PICTURE"
            )
            .map_err(failed)?;
        }
        self.rows += 1;
        for read in reads {
            let text = if read.text.is_empty() {
                "(unread)"
            } else {
                &read.text
            };
            let region = read.region.as_ref().map_or("", |region| &region.code);
            let sure = format!("{:.0} %", 100.0 * read.confidence);
            let b = read.bounds;
            writeln!(
                self.out,
                "{text:<11} {sure:>5}  {region:<6} {:>5.0} {:>5.0} {:>5.0} {:>6.0}  {source}",
                b.x, b.y, b.width, b.height
            )
            .map_err(failed)?;
        }
        if reads.is_empty() {
            writeln!(self.out, "{:<52} {source}", "(no plate)").map_err(failed)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.out
            .flush()
            .map_err(Error::io("write to", "standard output"))
    }
}

/// Draws reads into pictures and saves them.
#[derive(Default)]
struct Annotator {
    /// How often each name was used, so that pictures of the same name from different folders do not collide.
    names: HashMap<PathBuf, usize>,
}

impl Annotator {
    fn save(
        &mut self,
        image: &RgbImage,
        reads: &[PlateRead],
        folder: &Path,
        source: &Source,
    ) -> Result<()> {
        let stem = match source {
            Source::File(path) => path.file_stem().unwrap_or_default().to_os_string(),
            Source::StandardInput => "stdin".into(),
        };
        let count = self.names.entry(PathBuf::from(&stem)).or_insert(0);
        *count += 1;
        // Never the name of the picture itself: the folder may be the one that it comes from.
        let mut name = stem;
        name.push(if *count == 1 {
            "-plates.jpg".to_owned()
        } else {
            format!("-plates-{count}.jpg")
        });
        let path = folder.join(name);

        let mut drawn = image.clone();
        for read in reads {
            draw(&mut drawn, read)?;
        }
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
        drawn
            .write_with_encoder(encoder)
            .map_err(|error| Error::io("encode", &path)(io::Error::other(error)))?;
        fs::write(&path, bytes).map_err(Error::io("write", &path))
    }
}

const GREEN: Rgb<u8> = Rgb([0, 200, 83]);
const BLACK: Rgb<u8> = Rgb([0, 0, 0]);
const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// Draws one read: the plate's outline and a label with text and confidence, of a size that suits the picture.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pictures are far below 2^24 pixels wide"
)]
fn draw(image: &mut RgbImage, read: &PlateRead) -> Result<()> {
    let (width, height) = image.dimensions();
    let side = width.min(height) as f32;
    let (line, letters) = ((side / 240.0).max(2.0), (side / 22.0).clamp(14.0, 160.0));

    // A black outline around the coloured one keeps it visible on any background.
    for (color, thickness) in [(BLACK, line * 2.0), (GREEN, line)] {
        for (from, to) in read.corners.iter().zip(read.corners.iter().cycle().skip(1)) {
            draw_line(image, *from, *to, thickness, color);
        }
    }

    let font =
        FontRef::try_from_slice(include_bytes!("assets/B612Mono-Bold.otf")).map_err(|error| {
            Error::Worker {
                reason: format!("the font of the labels cannot be read: {error}"),
            }
        })?;
    let label = match read.text.as_str() {
        "" => "?".to_owned(),
        text => format!("{text} {:.0}%", 100.0 * read.confidence),
    };
    let scale = PxScale::from(letters);
    let (text_width, _) = text_size(scale, &font, &label);
    let margin = (letters / 5.0) as i32;
    let (box_width, box_height) = (text_width as i32 + 2 * margin, letters as i32 + margin);
    // Above the plate where there is room, else below; always within the picture.
    let above = read.bounds.y - line * 2.0 - box_height as f32;
    let top = if above >= 0.0 {
        above
    } else {
        read.bounds.bottom() + line * 2.0
    };
    let left = (read.bounds.x as i32).min(width as i32 - box_width).max(0);
    let top = (top as i32).min(height as i32 - box_height).max(0);
    if box_width > 0 && box_height > 0 {
        draw_filled_rect_mut(
            image,
            PixelRect::at(left, top).of_size(box_width as u32, box_height as u32),
            BLACK,
        );
        draw_text_mut(
            image,
            WHITE,
            left + margin,
            top + margin / 2,
            scale,
            &font,
            &label,
        );
    }
    Ok(())
}

/// A line of some thickness, as the polygon it covers.
#[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn draw_line(image: &mut RgbImage, from: Point, to: Point, thickness: f32, color: Rgb<u8>) {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx.hypot(dy);
    if !(length > 0.0) {
        return;
    }
    // Half the thickness along the line and across it, so that the ends of two lines meet in a full corner.
    let (ax, ay) = (dx / length * thickness / 2.0, dy / length * thickness / 2.0);
    let corner = |x: f32, y: f32| PixelPoint::new(x.round() as i32, y.round() as i32);
    let mut polygon = vec![
        corner(from.x - ax - ay, from.y - ay + ax),
        corner(to.x + ax - ay, to.y + ay + ax),
        corner(to.x + ax + ay, to.y + ay - ax),
        corner(from.x - ax + ay, from.y - ay - ax),
    ];
    polygon.dedup();
    // `draw_polygon_mut` wants an open outline of at least three corners.
    if polygon.len() >= 3 && polygon.first() != polygon.last() {
        draw_polygon_mut(image, &polygon, color);
    }
}
