//! Standard output: a table for people, JSON lines for programs.

use std::io::{self, IsTerminal, Write};

use image::RgbImage;
use platewarden::{PlateRead, percent};
use serde::Serialize;

use crate::failure::OutputError;

/// Standard output.
pub(super) struct Output {
    out: io::StdoutLock<'static>,
    table: bool,
    has_heading: bool,
}

/// A line of the output.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    width: u32,
    height: u32,
    plates: Vec<Plate<'a>>,
}

/// A read, with its text as plates print it.
#[derive(Serialize)]
struct Plate<'a> {
    #[serde(flatten)]
    read: &'a PlateRead,
    display: Option<String>,
}

impl Output {
    pub(super) fn new() -> Self {
        let out = io::stdout().lock();
        Self {
            table: out.is_terminal(),
            out,
            has_heading: false,
        }
    }

    /// Writes the reads of a picture.
    pub(super) fn write(
        &mut self,
        source: &str,
        image: &RgbImage,
        reads: &[PlateRead],
    ) -> Result<(), OutputError> {
        if self.table {
            return Ok(self.rows(source, reads)?);
        }
        let (width, height) = image.dimensions();
        let line = Line {
            source,
            width,
            height,
            plates: reads
                .iter()
                .map(|read| Plate {
                    read,
                    display: read.display(),
                })
                .collect(),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        Ok(self.out.write_all(b"\n")?)
    }

    fn rows(&mut self, source: &str, reads: &[PlateRead]) -> io::Result<()> {
        if !self.has_heading {
            self.has_heading = true;
            writeln!(
                self.out,
                "TEXT          SURE  REGION  LEFT   TOP WIDTH HEIGHT  PICTURE"
            )?;
        }
        for read in reads {
            let text = if read.text.is_empty() {
                "(unread)"
            } else {
                &read.text
            };
            let region = read.region.as_ref().map_or("", |region| &region.code);
            let sure = percent(read.confidence);
            let b = read.bounds;
            writeln!(
                self.out,
                "{text:<11} {sure:>6}  {region:<6} {:>5.0} {:>5.0} {:>5.0} {:>6.0}  {source}",
                b.x, b.y, b.width, b.height
            )?;
        }
        if reads.is_empty() {
            writeln!(self.out, "{:<53} {source}", "(no plate)")?;
        }
        Ok(())
    }

    /// Makes sure that all of it has arrived.
    pub(super) fn finish(mut self) -> Result<(), OutputError> {
        Ok(self.out.flush()?)
    }
}
