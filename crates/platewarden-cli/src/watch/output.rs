//! Where passes and hits go.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use platewarden::{PlateRead, percent};
use platewarden_video::{
    hotlist::{Hit, Hotlist, PolicyCheck, Tolerance},
    tracking::{Pass, TrackRead},
};
use serde_json::{Map, Value};

use super::{
    Arguments,
    sink::{Sink, Told},
    table::Table,
};
use crate::failure::{AnyError, OutputError};

/// Time within which a wanted plate is reported once, for one vehicle is read many times.
const AGAIN: Duration = Duration::from_secs(60);

/// Where a pass comes from.
#[derive(Clone, Copy)]
pub(super) struct Camera<'a> {
    /// Its number among several; `None` where it is the only one.
    pub(super) number: Option<&'a str>,
    /// Its name.
    pub(super) name: &'a str,
    /// When its source began, where that is known.
    pub(super) start: Option<Timestamp>,
}

/// Where passes and hits go.
pub(super) struct Output<'a> {
    arguments: &'a Arguments,
    hotlists: Vec<Hotlist>,
    policy: Box<dyn PolicyCheck>,
    /// How often each rule withheld a match.
    withheld: BTreeMap<String, u64>,
    tolerance: Tolerance,
    /// When each wanted plate was last reported.
    reported: HashMap<String, Instant>,
    json: bool,
    failed: bool,
    sinks: Vec<Box<dyn Sink>>,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        arguments: &'a Arguments,
        hotlists: Vec<Hotlist>,
        policy: Box<dyn PolicyCheck>,
        sinks: Vec<Box<dyn Sink>>,
    ) -> Result<Self, AnyError> {
        let tolerance = Tolerance::default().with_min_probability(arguments.min_match);
        tolerance.validate()?;
        Ok(Self {
            arguments,
            hotlists,
            policy,
            withheld: BTreeMap::new(),
            tolerance,
            reported: HashMap::new(),
            json: arguments.json || !io::stdout().is_terminal(),
            failed: false,
            sinks,
        })
    }

    /// Whether anything went wrong on the way.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Whether passes are written to standard output as they come.
    pub(super) fn writes_json(&self) -> bool {
        self.json
    }

    /// From now on passes are written to standard output, even where that is a terminal.
    pub(super) fn write_json(&mut self) {
        self.json = true;
    }

    /// Writes a pass and its hits.
    pub(super) fn pass(&mut self, pass: &Pass, camera: Camera<'_>) -> Result<(), AnyError> {
        let mut evidence = None;
        if let Some(folder) = &self.arguments.save_evidence {
            match pass.save_evidence(folder) {
                Ok(path) => evidence = path,
                // A full disk costs pictures, not passes.
                Err(error) => self.fault(&error.to_string()),
            }
        }
        let mut extra = Map::new();
        let evidence = evidence.map(|path| path.display().to_string());
        extra.insert("evidence".into(), evidence.into());
        extra.insert("display".into(), pass.display().into());
        self.write("pass", pass, extra, camera)?;
        let mut hits = Vec::new();
        for list in &mut self.hotlists {
            let now = Timestamp::now();
            let checked = list.check_pass(pass, now, &self.tolerance, &*self.policy);
            // Each read was checked before, but a vote can match what no read did.
            for reason in checked.withheld {
                *self.withheld.entry(reason).or_default() += 1;
            }
            hits.extend(checked.hits);
        }
        hits.iter().try_for_each(|hit| self.hit(hit, camera))
    }

    /// Writes hits as soon as a plate is read, not only when its vehicle has gone.
    pub(super) fn reads(
        &mut self,
        reads: &[PlateRead],
        camera: Camera<'_>,
        table: &mut Table,
    ) -> Result<(), AnyError> {
        for read in reads {
            for hit in self.new_hits(&TrackRead::from(read)) {
                if table.is_visible() {
                    table.clear();
                    eprintln!(
                        "hit: read {} for {} ({}, {}): {}",
                        hit.read,
                        hit.entry.plate(),
                        percent(hit.probability),
                        hit.entry.reason(),
                        hit.notice
                    );
                }
                self.hit(&hit, camera)?;
            }
        }
        Ok(())
    }

    /// Hits of a read on plates that were not reported lately.
    fn new_hits(&mut self, read: &TrackRead) -> Vec<Hit> {
        let mut hits = Vec::new();
        for list in &mut self.hotlists {
            let now = Timestamp::now();
            let checked = list.check(read, now, &self.tolerance, &*self.policy);
            for reason in checked.withheld {
                *self.withheld.entry(reason).or_default() += 1;
            }
            for hit in checked.hits {
                let plate = hit.entry.plate().to_owned();
                let before = self.reported.insert(plate, Instant::now());
                if before.is_none_or(|at| at.elapsed() > AGAIN) {
                    hits.push(hit);
                }
            }
        }
        hits
    }

    fn hit(&mut self, hit: &Hit, camera: Camera<'_>) -> Result<(), AnyError> {
        self.write("hit", hit, Map::new(), camera)
    }

    /// Writes one object a line, in one write, so that a reader at the other end of a pipe never sees half of one.
    fn write(
        &mut self,
        kind: &str,
        what: &impl serde::Serialize,
        extra: Map<String, Value>,
        camera: Camera<'_>,
    ) -> Result<(), AnyError> {
        let mut object = serde_json::to_value(what)?;
        if let Value::Object(fields) = &mut object {
            fields.insert("type".into(), kind.into());
            fields.extend(extra);
            if let Some(number) = camera.number {
                fields.insert("camera".into(), number.into());
                fields.insert("name".into(), camera.name.into());
            }
        }
        if self.json {
            io::stdout()
                .write_all(format!("{object}\n").as_bytes())
                .map_err(OutputError::from)?;
        }
        let told = Told {
            kind,
            object: &object,
            camera: camera.name,
            start: camera.start,
        };
        self.each_sink(|sink| sink.take(&told));
        Ok(())
    }

    /// Lets the other places do what is due.
    pub(super) fn tick(&mut self) {
        self.each_sink(|sink| sink.tick());
    }

    /// Lets the other places do what is left.
    pub(super) fn finish(&mut self) {
        self.each_sink(|sink| sink.finish());
    }

    fn each_sink(&mut self, mut does: impl FnMut(&mut dyn Sink) -> Result<(), String>) {
        let mut sinks = std::mem::take(&mut self.sinks);
        for sink in &mut sinks {
            if let Err(reason) = does(&mut **sink) {
                self.fault(&reason);
            }
        }
        self.sinks = sinks;
    }

    /// Reports something that went wrong and does not end the watch.
    pub(super) fn fault(&mut self, message: &str) {
        self.failed = true;
        log::error!("{message}");
    }

    /// Says how many matches were withheld.
    pub(super) fn summary(&self) {
        for (reason, count) in &self.withheld {
            eprintln!("hotlist: {count} matches of reads and passes withheld by {reason}");
        }
    }
}
