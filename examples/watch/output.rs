//! Where passes, hits and the table of vehicles go.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use platewarden::{
    hotlist::{Hit, Hotlist, PolicyCheck, Tolerance},
    tracking::{Pass, PassReader, TrackRead},
    video::SourceStatistics,
};

use crate::{AnyError, Arguments};

/// Where passes and hits go.
pub(crate) struct Output<'a> {
    arguments: &'a Arguments,
    hotlists: Vec<Hotlist>,
    policy: Box<dyn PolicyCheck>,
    /// How often each rule withheld a match.
    withheld: BTreeMap<String, u64>,
    tolerance: Tolerance,
    /// When each wanted plate was last told, for one vehicle is read many times.
    told: HashMap<String, Instant>,
    json: bool,
    terminal: bool,
    recent: VecDeque<String>,
    lines_drawn: usize,
    last_drawn: Instant,
    pub(crate) failed: bool,
}

impl<'a> Output<'a> {
    pub(crate) fn new(
        arguments: &'a Arguments,
        hotlists: Vec<Hotlist>,
        policy: Box<dyn PolicyCheck>,
    ) -> Result<Self, AnyError> {
        let tolerance = Tolerance::default().with_min_probability(arguments.min_match);
        tolerance.validate()?;
        Ok(Self {
            arguments,
            hotlists,
            policy,
            withheld: BTreeMap::new(),
            tolerance,
            told: HashMap::new(),
            json: arguments.json || !io::stdout().is_terminal(),
            terminal: io::stderr().is_terminal(),
            recent: VecDeque::new(),
            lines_drawn: 0,
            last_drawn: Instant::now(),
            failed: false,
        })
    }

    pub(crate) fn pass(&mut self, pass: &Pass) -> io::Result<()> {
        let mut evidence = None;
        if let Some(folder) = &self.arguments.save_evidence {
            match pass.save_evidence(folder) {
                Ok(path) => evidence = path,
                // A full disk costs pictures, not passes.
                Err(error) => self.fault(&error.to_string()),
            }
        }
        self.remember(pass);
        let mut object = serde_json::to_value(pass)?;
        object["type"] = "pass".into();
        object["evidence"] = evidence.map(|path| path.display().to_string()).into();
        self.write(&object)?;
        for list in 0..self.hotlists.len() {
            let checked = self.hotlists[list].check_pass(
                pass,
                Timestamp::now(),
                &self.tolerance,
                &*self.policy,
            );
            // Each read was checked before, but a vote can match what no read did.
            self.count_withheld(checked.withheld);
            checked.hits.iter().try_for_each(|hit| self.hit(hit))?;
        }
        Ok(())
    }

    /// Tells hits as soon as a plate is read, not only when its vehicle has gone.
    pub(crate) fn reads(&mut self, reader: &PassReader) -> io::Result<()> {
        const AGAIN: Duration = Duration::from_secs(60);
        for read in reader.reads() {
            let read = TrackRead::from(read);
            for list in 0..self.hotlists.len() {
                let checked = self.hotlists[list].check(
                    &read,
                    Timestamp::now(),
                    &self.tolerance,
                    &*self.policy,
                );
                self.count_withheld(checked.withheld);
                for hit in &checked.hits {
                    let plate = hit.entry.plate().to_owned();
                    let told_before = self.told.insert(plate, Instant::now());
                    if told_before.is_none_or(|at| at.elapsed() > AGAIN) {
                        self.hit(hit)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn count_withheld(&mut self, reasons: Vec<String>) {
        for reason in reasons {
            *self.withheld.entry(reason).or_default() += 1;
        }
    }

    fn hit(&mut self, hit: &Hit) -> io::Result<()> {
        if self.terminal {
            self.clear();
            eprintln!(
                "hit: read {} for {} ({:.0} %, {}): {}",
                hit.read,
                hit.entry.plate(),
                100.0 * hit.probability,
                hit.entry.reason(),
                hit.notice
            );
        }
        let mut object = serde_json::to_value(hit)?;
        object["type"] = "hit".into();
        self.write(&object)
    }

    fn write(&mut self, object: &serde_json::Value) -> io::Result<()> {
        if self.json {
            // One write a line, so that a reader at the other end of a pipe never sees half of one.
            io::stdout().write_all(format!("{object}\n").as_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn fault(&mut self, message: &str) {
        self.failed = true;
        self.clear();
        eprintln!("watch: {message}");
    }

    fn remember(&mut self, pass: &Pass) {
        const KEPT: usize = 10;
        let crossings: Vec<String> = pass
            .crossings
            .iter()
            .map(|crossing| format!("{} {:?}", crossing.name, crossing.direction))
            .collect();
        self.recent.push_front(format!(
            "{:>9.1} s  {:<10} {:>3.0} %  {:<8} {:>3} reads in {:>4} frames  {}",
            pass.last_seen.as_secs_f64(),
            pass.text,
            100.0 * pass.confidence,
            format!("{:?}", pass.kind).to_lowercase(),
            pass.reads,
            pass.frames,
            crossings.join(", ")
        ));
        self.recent.truncate(KEPT);
    }

    /// Draws the table again, a few times a second.
    pub(crate) fn table(
        &mut self,
        reader: &PassReader,
        source: &SourceStatistics,
        elapsed: Duration,
    ) {
        const EVERY: Duration = Duration::from_millis(200);
        if !self.terminal || self.last_drawn.elapsed() < EVERY {
            return;
        }
        self.last_drawn = Instant::now();
        self.clear();
        let mut lines = vec![format!(
            "{} frames, {:.1} a second, {} dropped",
            source.delivered,
            source.delivered as f64 / elapsed.as_secs_f64().max(0.001),
            source.dropped
        )];
        lines.extend(reader.tracker().vehicles().take(8).map(|vehicle| {
            format!(
                "  in view  {:<10} {:>3.0} %  {}{}",
                vehicle.text,
                100.0 * vehicle.confidence,
                if vehicle.is_settled {
                    "settled"
                } else {
                    "reading"
                },
                if vehicle.is_parked { ", parked" } else { "" }
            )
        }));
        lines.extend(self.recent.iter().cloned());
        for line in &lines {
            eprintln!("{line}");
        }
        self.lines_drawn = lines.len();
    }

    /// Takes the table off the terminal.
    fn clear(&mut self) {
        for _ in 0..std::mem::take(&mut self.lines_drawn) {
            // One line up, and erase it.
            eprint!("\x1b[1A\x1b[2K");
        }
    }

    pub(crate) fn summary(
        &mut self,
        reader: &PassReader,
        source: &SourceStatistics,
        frames: u64,
        elapsed: Duration,
    ) {
        self.clear();
        if !self.json {
            for line in self.recent.iter().rev() {
                println!("{line}");
            }
        }
        let tracker = reader.tracker().statistics();
        eprintln!(
            "frames: {} decoded, {frames} read ({:.1} a second), {} dropped, {} damaged, {} decoder errors",
            source.decoded,
            frames as f64 / elapsed.as_secs_f64().max(0.001),
            source.dropped + source.discarded,
            source.damaged,
            source.decoder_errors
        );
        eprintln!(
            "source: {} reconnects, {} stalls, {} changes of size, {} jumps of time",
            source.reconnects, source.stalls, source.resolution_changes, source.timestamp_jumps
        );
        let share = 100.0 * tracker.reads_saved as f64 / (tracker.detections as f64).max(1.0);
        eprintln!(
            "plates: {} found, {} read, {} not read again ({share:.0} %); {} vehicles, {} passes",
            tracker.detections,
            tracker.reads,
            tracker.reads_saved,
            tracker.vehicles,
            tracker.passes
        );
        for (reason, count) in &self.withheld {
            eprintln!("hotlist: {count} matches of reads and passes withheld by {reason}");
        }
    }
}
