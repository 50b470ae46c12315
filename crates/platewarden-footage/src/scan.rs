//! Reading recordings for one request: what matches comes out, everything else is forgotten as it is read.

use std::collections::HashMap;
use std::time::Duration;

use image::RgbImage;
use jiff::{SignedDuration, Timestamp};
use platewarden::{Engine, Frame, Limits, Rect};
use platewarden_video::hotlist::{Hotlist, HotlistEntry, PermitAll, Tolerance};
use platewarden_video::source::{FfmpegOptions, FfmpegSource, FrameSource, VideoFrame};
use platewarden_video::tracking::{Pass, PassReader, TrackRead, TrackerOptions};

use crate::document::VerifiedRequest;
use crate::recordings::Footage;
use crate::{Error, Result};

/// Where the plate was at a time of its recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlateAt {
    /// Time from the beginning of the recording.
    pub at: Duration,
    /// The upright box around the plate, in pixels of the frame.
    pub bounds: Rect,
}

/// A vehicle that may be the one asked for. It lives in memory until the resident decides.
#[derive(Clone, Debug)]
pub struct FootageMatch {
    /// The recording.
    pub footage: Footage,
    /// The plate asked for.
    pub wanted: String,
    /// What was read.
    pub read: String,
    /// The likeliest texts, `read` first.
    pub texts: Vec<String>,
    /// Where the request names no plate: what the resident is told of the match.
    pub revealed: Option<String>,
    /// Probability that it is the plate asked for, as far as the picture tells.
    pub probability: f32,
    /// When it was first and last seen.
    pub seen: (Timestamp, Timestamp),
    /// Where its plate was, in the order of time.
    pub path: Vec<PlateAt>,
    /// The plate with its surroundings, to verify by eye.
    pub still: Option<RgbImage>,
}

/// Reads recordings for one request.
pub struct Scanner {
    engine: Engine,
    /// `None` where the request names no plate, and whatever is read is asked about.
    wanted: Option<Hotlist>,
    tolerance: Tolerance,
    window: (Timestamp, Timestamp),
}

impl Scanner {
    /// A scanner that looks for the request's plates and shows matches of at least this probability, 0 to 1.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the request names no plate: a description is for eyes.
    pub fn new(engine: Engine, request: &VerifiedRequest, least_probability: f32) -> Result<Self> {
        let form = request.particulars().form();
        if request.body().plates.is_empty() {
            return Err(Error::refused(
                "footage-description",
                "the request names no plate, and what it describes is for eyes",
                "look through the recordings yourself",
            ));
        }
        let mut wanted = Hotlist::new(request.particulars().code().as_str());
        for plate in &request.body().plates {
            let mut entry = HotlistEntry::new(&plate.text, form.purpose.to_string())?
                .with_expiry(form.responses_until);
            if let Some(region) = &plate.region {
                entry = entry.with_region(region.as_str());
            }
            wanted.add(entry);
        }
        let tolerance = Tolerance::default().with_min_probability(least_probability);
        tolerance.validate()?;
        Ok(Self {
            engine,
            wanted: Some(wanted),
            tolerance,
            window: (form.window.start, form.window.end),
        })
    }

    /// A scanner for a request that names no plate: it gives every vehicle read, for [`reveal`](crate::reveal) to ask about.
    /// None of them is a match before that.
    #[cfg(feature = "blinded")]
    #[must_use]
    pub fn unnamed(engine: Engine, request: &VerifiedRequest) -> Self {
        let window = request.particulars().form().window;
        Self {
            engine,
            wanted: None,
            tolerance: Tolerance::default(),
            window: (window.start, window.end),
        }
    }

    /// Reads one recording, only within the window; `progress` is told how far it is, 0 to 1, and ends the reading by `false`.
    ///
    /// A frame that cannot be read is passed over.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Video`](crate::ErrorKind::Video) where the recording cannot be read on, [`ErrorKind::Io`](crate::ErrorKind::Io)
    /// for a photograph that cannot be opened. Recordings do not spoil one another.
    pub fn read(
        &self,
        footage: &Footage,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Vec<FootageMatch>> {
        if footage.is_picture {
            self.read_picture(footage)
        } else {
            self.read_video(footage, progress)
        }
    }

    fn read_picture(&self, footage: &Footage) -> Result<Vec<FootageMatch>> {
        let picture = load_picture(footage)?;
        let reads = self.engine.read(&Frame::from(&picture))?;
        let found = reads.iter().filter_map(|read| {
            let track_read = TrackRead::from(read);
            let hit = self.best(&track_read)?;
            Some(FootageMatch {
                footage: footage.clone(),
                wanted: hit.0,
                read: read.text.clone(),
                texts: texts(&track_read),
                revealed: None,
                probability: hit.1,
                seen: (footage.from, footage.to),
                path: vec![PlateAt {
                    at: Duration::ZERO,
                    bounds: read.bounds,
                }],
                still: still(&Frame::from(&picture), &read.bounds),
            })
        });
        Ok(found.collect())
    }

    fn read_video(
        &self,
        footage: &Footage,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Vec<FootageMatch>> {
        let mut source =
            FfmpegSource::open(&footage.path, FfmpegOptions::default().with_live(false))?;
        let mut reader = PassReader::new(self.engine.clone(), TrackerOptions::default())?;
        let length = footage
            .to
            .duration_since(footage.from)
            .as_secs_f64()
            .max(0.001);
        let mut paths = Paths::default();
        let mut matches = Vec::new();
        while let Some(frame) = next_whole_frame(&mut source)? {
            let at = moment(footage, frame.timestamp());
            if at > self.window.1 {
                break;
            }
            if !progress((frame.timestamp().as_secs_f64() / length).min(1.0) as f32) {
                return Ok(Vec::new());
            }
            if at < self.window.0 {
                continue;
            }
            let Ok(passes) = reader.read(&frame) else {
                continue;
            };
            for vehicle in reader
                .tracker()
                .vehicles()
                .filter(|vehicle| vehicle.is_seen)
            {
                paths.add(
                    vehicle.id,
                    &vehicle.text,
                    PlateAt {
                        at: frame.timestamp(),
                        bounds: vehicle.bounds,
                    },
                );
            }
            matches.extend(self.matches(footage, passes, &mut paths));
        }
        matches.extend(self.matches(footage, reader.finish(), &mut paths));
        Ok(matches)
    }

    /// Those of the passes that match; what else is known of the vehicles goes.
    fn matches(
        &self,
        footage: &Footage,
        passes: Vec<Pass>,
        paths: &mut Paths,
    ) -> Vec<FootageMatch> {
        let mut found = Vec::new();
        for pass in passes {
            let path = paths.take(&pass);
            let read = TrackRead::from(&pass);
            let Some((wanted, probability)) = self.best(&read) else {
                continue;
            };
            found.push(FootageMatch {
                footage: footage.clone(),
                wanted,
                read: pass.text.clone(),
                texts: texts(&read),
                revealed: None,
                probability,
                seen: (
                    moment(footage, pass.first_seen),
                    moment(footage, pass.last_seen),
                ),
                path,
                still: pass.evidence.map(|evidence| evidence.image),
            });
        }
        found
    }

    /// The wanted plate that a read is likeliest of.
    fn best(&self, read: &TrackRead) -> Option<(String, f32)> {
        let Some(wanted) = &self.wanted else {
            return (!read.text.is_empty()).then(|| (String::new(), read.confidence));
        };
        // Expiry is the request's, which was verified.
        let checked = wanted.check(read, self.window.1, &self.tolerance, &PermitAll);
        let hit = checked.hits.first()?;
        Some((hit.entry.plate().to_owned(), hit.probability))
    }
}

fn texts(read: &TrackRead) -> Vec<String> {
    let others = read.candidates.iter().map(|candidate| &candidate.text);
    let others = others.filter(|text| **text != read.text);
    std::iter::once(&read.text).chain(others).cloned().collect()
}

/// Where each vehicle in view was.
#[derive(Default)]
struct Paths(HashMap<u64, (String, Vec<PlateAt>)>);

impl Paths {
    fn add(&mut self, id: u64, text: &str, at: PlateAt) {
        let (known, path) = self.0.entry(id).or_default();
        text.clone_into(known);
        path.push(at);
    }

    /// The path of a pass, with those of the vehicles that turned out to be the same.
    fn take(&mut self, pass: &Pass) -> Vec<PlateAt> {
        let is_of_pass = |id: u64, text: &str, path: &[PlateAt]| {
            let within = path.last().is_none_or(|last| last.at <= pass.last_seen);
            id == pass.id || (within && text == pass.text)
        };
        let ids = self
            .0
            .iter()
            .filter(|(id, (text, path))| is_of_pass(**id, text, path));
        let ids: Vec<u64> = ids.map(|(id, _)| *id).collect();
        let mut path: Vec<PlateAt> = ids
            .iter()
            .filter_map(|id| self.0.remove(id))
            .flat_map(|(_, path)| path)
            .collect();
        path.sort_by_key(|place| place.at);
        path
    }
}

/// The time of day of a place in a recording.
fn moment(footage: &Footage, at: Duration) -> Timestamp {
    let at = SignedDuration::try_from(at).unwrap_or(SignedDuration::ZERO);
    footage.from.checked_add(at).unwrap_or(footage.to)
}

/// The next frame that can be read; damaged ones are passed over. `None` at the end.
pub(crate) fn next_whole_frame(source: &mut FfmpegSource) -> Result<Option<VideoFrame>> {
    loop {
        match source.next_frame() {
            Ok(frame) => return Ok(frame),
            Err(error) if error.is_fatal() => return Err(error.into()),
            Err(_) => {}
        }
    }
}

pub(crate) fn load_picture(footage: &Footage) -> Result<RgbImage> {
    let bytes =
        std::fs::read(&footage.path).map_err(|source| Error::io("read", &footage.path, source))?;
    Ok(platewarden::decode(&bytes, &Limits::default())?)
}

fn still(frame: &Frame<'_>, bounds: &Rect) -> Option<RgbImage> {
    let area = bounds
        .widen(1.0, 2.0)
        .clamp_to(frame.width(), frame.height());
    platewarden::frame::crop_rgb(frame, &area)
}
