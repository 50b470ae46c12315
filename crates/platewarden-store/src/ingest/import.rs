//! Files of reads: JSON lines as `platewarden watch` writes them, and CSV exports of other systems.

use std::io::{BufRead, Read};
use std::path::Path;

use csv::StringRecord;
use jiff::{SignedDuration, Timestamp};
use platewarden_policy::model::HitOutcome;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Ingest, Ingested, Refusal};
use crate::model::{
    Camera, Character, Evidence, Observation, Reader, RegionGuess, Sighting, TextCandidate,
};
use crate::store::Store;
use crate::{Error, Result};

/// How many lines are read before they are written.
const LINES: usize = 1_000;
/// Longest line, in bytes: a pass with all its alternatives takes a few thousand.
const MAX_LINE: u64 = 1 << 20;

/// What the lines of a file do not say themselves.
#[derive(Clone, Debug, Default)]
pub struct ImportDefaults {
    /// The camera of lines that name none.
    pub camera: Option<Camera>,
    /// The instant at which the source began, for passes whose times are seconds from there.
    pub start: Option<Timestamp>,
    /// What read the plates.
    pub reader: Reader,
    /// Names of CSV columns: which of the export's own stands for which of ours (`plate`, `time`, `camera`, `latitude`,
    /// `longitude`, `confidence`, `region`, `direction`, `evidence`, `matched`).
    pub columns: Vec<(String, String)>,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// Lines read, without the header.
    pub lines: u64,
    /// Lines of another kind, such as hits beside passes: left out.
    pub others: u64,
    /// What became of the reads; refusals name lines, from 1.
    pub reads: Ingested,
}

impl Store {
    /// Writes the reads of a file of JSON lines: passes of `platewarden watch --json`, or objects as
    /// [`Observation`] is serialised. `progress` is told the number of lines after each batch.
    ///
    /// # Errors
    ///
    /// As [`ingest`](Store::ingest), and where the file cannot be read. A line that is no read is refused and named, and
    /// the others go on; the import can be repeated.
    pub fn import_json_lines(
        &self,
        dataset: &str,
        input: impl BufRead,
        defaults: &ImportDefaults,
        mut progress: impl FnMut(u64),
    ) -> Result<Imported> {
        let mut done = Imported::default();
        let mut lines = Lines { input, number: 0 };
        loop {
            let mut batch = Vec::new();
            let mut ended = true;
            while let Some((number, line)) = lines.next_line()? {
                done.lines += 1;
                match json_line(&line, defaults) {
                    Ok(Some(item)) => batch.push((number, item)),
                    Ok(None) => done.others += 1,
                    Err(why) => done.reads.refused.push(Refusal { index: number, why }),
                }
                if batch.len() >= LINES {
                    ended = false;
                    break;
                }
            }
            self.import_batch(dataset, batch, &mut done)?;
            progress(done.lines);
            if ended {
                return Ok(done);
            }
        }
    }

    /// Writes the reads of a CSV file with a header. `progress` is told the number of lines after each batch.
    ///
    /// # Errors
    ///
    /// As [`import_json_lines`](Self::import_json_lines); [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) with the
    /// columns found where plate or time is not among them.
    pub fn import_csv(
        &self,
        dataset: &str,
        input: impl Read,
        defaults: &ImportDefaults,
        mut progress: impl FnMut(u64),
    ) -> Result<Imported> {
        let mut rows = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(input);
        let header = rows.headers().map_err(unreadable)?.clone();
        let columns = Columns::find(&header, defaults)?;
        let mut done = Imported::default();
        let mut batch = Vec::new();
        for row in rows.records() {
            done.lines += 1;
            // The header is line 1.
            let number = done.lines + 1;
            let item = match row {
                Ok(row) => columns.read(&row, defaults),
                Err(error) if error.is_io_error() => return Err(unreadable(error)),
                Err(error) => Err(error.to_string()),
            };
            match item {
                Ok(read) => batch.push((number, read.into())),
                Err(why) => done.reads.refused.push(Refusal { index: number, why }),
            }
            if batch.len() >= LINES {
                self.import_batch(dataset, std::mem::take(&mut batch), &mut done)?;
                progress(done.lines);
            }
        }
        self.import_batch(dataset, batch, &mut done)?;
        progress(done.lines);
        Ok(done)
    }

    fn import_batch(
        &self,
        dataset: &str,
        batch: Vec<(u64, Ingest)>,
        done: &mut Imported,
    ) -> Result<()> {
        let (numbers, items): (Vec<u64>, Vec<Ingest>) = batch.into_iter().unzip();
        let written = self.ingest(dataset, items)?;
        let sum = &mut done.reads;
        sum.written += written.written;
        sum.repeated += written.repeated;
        sum.ignored += written.ignored;
        sum.unmatched += written.unmatched;
        sum.refused
            .extend(written.refused.into_iter().map(|refusal| {
                let place = usize::try_from(refusal.index)
                    .ok()
                    .and_then(|index| numbers.get(index));
                Refusal {
                    index: place.copied().unwrap_or(refusal.index),
                    why: refusal.why,
                }
            }));
        Ok(())
    }
}

fn unreadable(source: csv::Error) -> Error {
    Error::invalid(
        "the CSV file cannot be read",
        "give a file with a header and commas",
    )
    .with_source(source)
}

/// Lines with their numbers from 1, none longer than a megabyte; blank ones are passed over.
struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next_line(&mut self) -> Result<Option<(u64, Vec<u8>)>> {
        loop {
            let mut line = Vec::new();
            let read = self
                .input
                .by_ref()
                .take(MAX_LINE)
                .read_until(b'\n', &mut line);
            let read = read.map_err(|source| {
                Error::invalid("the file of reads cannot be read", "check the file")
                    .with_source(source)
            })?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read as u64 == MAX_LINE && line.last() != Some(&b'\n') {
                return Err(Error::invalid(
                    format!("line {} is longer than {MAX_LINE} bytes", self.number),
                    "give one JSON object a line",
                ));
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some((self.number, line)));
            }
        }
    }
}

/// A pass as `platewarden watch` writes it.
#[derive(Deserialize)]
struct PassLine {
    text: String,
    #[serde(default = "certain")]
    confidence: f32,
    #[serde(default)]
    characters: Vec<CharacterLine>,
    #[serde(default)]
    candidates: Vec<CandidateLine>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    region_confidence: f32,
    #[serde(default)]
    reads: u32,
    #[serde(default)]
    agreeing_reads: u32,
    first_seen: f64,
    last_seen: f64,
    best_at: f64,
    #[serde(default)]
    evidence: Option<String>,
    #[serde(default)]
    camera: Option<String>,
    /// The instant at which the source began, where the line itself says it.
    #[serde(default)]
    source_start: Option<Timestamp>,
    #[serde(default)]
    matched: Option<HitOutcome>,
}

#[derive(Deserialize)]
struct CharacterLine {
    symbol: char,
    #[serde(alias = "probability")]
    confidence: f32,
    #[serde(default)]
    alternatives: Vec<AlternativeLine>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AlternativeLine {
    Pair(char, f32),
    Object {
        symbol: char,
        #[serde(alias = "probability")]
        confidence: f32,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CandidateLine {
    Pair(String, f32),
    Object {
        text: String,
        #[serde(alias = "probability")]
        confidence: f32,
    },
}

fn certain() -> f32 {
    1.0
}

/// One line; `None` where it is of another kind.
fn json_line(
    line: &[u8],
    defaults: &ImportDefaults,
) -> std::result::Result<Option<Ingest>, String> {
    let value: serde_json::Value =
        serde_json::from_slice(line).map_err(|error| format!("the line is no JSON: {error}"))?;
    let kind = value
        .get("type")
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned);
    match kind.as_deref() {
        Some("pass") => {
            let pass =
                serde_json::from_value(value).map_err(|error| format!("no pass: {error}"))?;
            sighting(pass, defaults).map(|sighting| Some(sighting.into()))
        }
        Some("sighting") => {
            let sighting: Sighting =
                serde_json::from_value(value).map_err(|error| format!("no sighting: {error}"))?;
            Ok(Some(sighting.into()))
        }
        None | Some("observation" | "read") => {
            let read: Observation =
                serde_json::from_value(value).map_err(|error| format!("no read: {error}"))?;
            Ok(Some(read.into()))
        }
        Some(_) => Ok(None),
    }
}

fn sighting(pass: PassLine, defaults: &ImportDefaults) -> std::result::Result<Sighting, String> {
    let start = pass.source_start.or(defaults.start).ok_or(
        "the times of a pass are seconds from the start of its source: say when that was (--start)",
    )?;
    let camera = match (pass.camera, &defaults.camera) {
        (Some(id), Some(known)) if known.id == id => known.clone(),
        (Some(id), _) => Camera::new(id),
        (None, Some(known)) => known.clone(),
        (None, None) => return Err("no camera is named: say which it was (--camera)".to_owned()),
    };
    let at = |seconds: f64| {
        SignedDuration::try_from_secs_f64(seconds)
            .ok()
            .and_then(|after| start.checked_add(after).ok())
            .ok_or_else(|| format!("{seconds} s is no time"))
    };
    let mut best = Observation::new(&pass.text, camera, at(pass.best_at)?);
    best.confidence = pass.confidence;
    best.characters = pass.characters.into_iter().map(character).collect();
    best.candidates = pass.candidates.into_iter().map(candidate).collect();
    // The voted text leads the list and is told already.
    best.candidates
        .retain(|candidate| candidate.text != best.text);
    best.region = pass.region.map(|code| RegionGuess {
        code,
        probability: pass.region_confidence,
    });
    best.evidence = pass.evidence.as_deref().and_then(evidence_at);
    best.reader = defaults.reader.clone();
    best.matched = pass.matched;
    Ok(Sighting {
        best,
        first_seen: at(pass.first_seen)?,
        last_seen: at(pass.last_seen)?,
        reads: pass.reads,
        agreeing_reads: pass.agreeing_reads,
        observations: Vec::new(),
    })
}

fn character(line: CharacterLine) -> Character {
    let alternatives = line
        .alternatives
        .into_iter()
        .map(|alternative| match alternative {
            AlternativeLine::Pair(symbol, confidence)
            | AlternativeLine::Object { symbol, confidence } => (symbol, confidence),
        });
    Character {
        symbol: line.symbol,
        probability: line.confidence,
        alternatives: alternatives.collect(),
    }
}

fn candidate(line: CandidateLine) -> TextCandidate {
    match line {
        CandidateLine::Pair(text, probability)
        | CandidateLine::Object {
            text,
            confidence: probability,
        } => TextCandidate { text, probability },
    }
}

/// The picture at a path, by its digest; `None` where it is not there.
fn evidence_at(path: &str) -> Option<Evidence> {
    let bytes = std::fs::read(Path::new(path)).ok()?;
    Some(Evidence {
        digest: Sha256::digest(bytes).into(),
        reference: path.to_owned(),
    })
}

/// Where in a CSV file what stands.
#[derive(Debug)]
struct Columns {
    plate: usize,
    time: usize,
    camera: Option<usize>,
    latitude: Option<usize>,
    longitude: Option<usize>,
    confidence: Option<usize>,
    region: Option<usize>,
    direction: Option<usize>,
    evidence: Option<usize>,
    matched: Option<usize>,
}

/// What each of our columns is called in exports that we know.
const NAMES: [(&str, &[&str]); 10] = [
    (
        "plate",
        &[
            "plate",
            "license plate",
            "licence plate",
            "plate number",
            "registration",
            "vrm",
            "text",
        ],
    ),
    (
        "time",
        &[
            "time",
            "timestamp",
            "captured at",
            "capture time",
            "read time",
            "date",
            "datetime",
            "utc",
        ],
    ),
    (
        "camera",
        &[
            "camera",
            "camera id",
            "camera name",
            "device",
            "device name",
            "reader",
            "site",
        ],
    ),
    ("latitude", &["latitude", "lat"]),
    ("longitude", &["longitude", "lon", "lng", "long"]),
    ("confidence", &["confidence", "score", "probability"]),
    ("region", &["region", "state", "plate state", "country"]),
    ("direction", &["direction", "heading"]),
    ("evidence", &["evidence", "image", "image path", "crop"]),
    ("matched", &["matched", "hit", "outcome"]),
];

impl Columns {
    fn find(header: &StringRecord, defaults: &ImportDefaults) -> Result<Self> {
        let folded = |text: &str| -> String {
            let words: Vec<String> = text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect();
            words.join(" ")
        };
        let found: Vec<String> = header.iter().map(folded).collect();
        let place = |ours: &str| -> Option<usize> {
            let asked = defaults.columns.iter().find(|(name, _)| name == ours);
            if let Some((_, theirs)) = asked {
                return found.iter().position(|name| *name == folded(theirs));
            }
            let names = NAMES
                .iter()
                .find(|(name, _)| *name == ours)
                .map(|(_, names)| *names)?;
            names
                .iter()
                .find_map(|wanted| found.iter().position(|name| name == wanted))
        };
        let needed = |ours: &str| {
            place(ours).ok_or_else(|| {
                let listed: Vec<&str> = header.iter().collect();
                Error::invalid(
                    format!("no column for `{ours}` among: {}", listed.join(", ")),
                    "name it, as in --column plate=\"License Plate\"",
                )
            })
        };
        Ok(Self {
            plate: needed("plate")?,
            time: needed("time")?,
            camera: place("camera"),
            latitude: place("latitude"),
            longitude: place("longitude"),
            confidence: place("confidence"),
            region: place("region"),
            direction: place("direction"),
            evidence: place("evidence"),
            matched: place("matched"),
        })
    }

    fn read(
        &self,
        row: &StringRecord,
        defaults: &ImportDefaults,
    ) -> std::result::Result<Observation, String> {
        let cell = |at: Option<usize>| {
            at.and_then(|at| row.get(at))
                .filter(|text| !text.is_empty())
        };
        let number = |at: Option<usize>, what: &str| {
            cell(at)
                .map(|text| {
                    text.parse::<f64>()
                        .map_err(|_| format!("{what} `{text}` is no number"))
                })
                .transpose()
        };
        let plate = cell(Some(self.plate)).ok_or("the plate is blank")?;
        let time = cell(Some(self.time)).ok_or("the time is blank")?;
        // A bare date means no time of day at which anybody was anywhere.
        let captured: Timestamp = time.parse().map_err(|_| {
            format!(
                "the time `{time}` is not RFC 3339 with a zone, such as 2026-10-02T14:00:00-05:00"
            )
        })?;
        let mut camera = match (cell(self.camera), &defaults.camera) {
            (Some(id), _) => Camera::new(id),
            (None, Some(known)) => known.clone(),
            (None, None) => {
                return Err("no camera is named: say which it was (--camera)".to_owned());
            }
        };
        camera.latitude = number(self.latitude, "latitude")?.or(camera.latitude);
        camera.longitude = number(self.longitude, "longitude")?.or(camera.longitude);
        let mut read = Observation::new(plate, camera, captured);
        if let Some(confidence) = number(self.confidence, "confidence")? {
            // Some write percent.
            #[allow(clippy::cast_possible_truncation, reason = "a probability")]
            let confidence = if confidence > 1.0 {
                confidence / 100.0
            } else {
                confidence
            } as f32;
            read.confidence = confidence.clamp(0.0, 1.0);
        }
        read.region = cell(self.region).map(|code| RegionGuess {
            code: code.to_owned(),
            probability: 1.0,
        });
        read.direction = cell(self.direction)
            .map(|word| serde_json::from_value(word.to_lowercase().replace([' ', '-'], "_").into()))
            .transpose()
            .map_err(|error| format!("the direction is not known: {error}"))?;
        read.evidence = cell(self.evidence).and_then(evidence_at);
        read.matched = match cell(self.matched).map(str::to_lowercase).as_deref() {
            None | Some("no" | "false" | "0") => None,
            Some("yes" | "true" | "1") => Some(HitOutcome::Alarm),
            Some(word) => Some(
                HitOutcome::from_word(word)
                    .ok_or_else(|| format!("`{word}` is no outcome of a match"))?,
            ),
        };
        read.reader = defaults.reader.clone();
        Ok(read)
    }
}
