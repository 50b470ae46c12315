//! The vehicles in view and the last passes, drawn on a terminal over and over.

use std::{
    collections::VecDeque,
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use platewarden::percent;
use platewarden_video::{
    source::SourceStatistics,
    tracking::{Pass, PassReader},
};

/// Passes that are remembered.
const PASSES: usize = 10;
/// Vehicles in view that are shown.
const VEHICLES: usize = 8;
/// Least time between two drawings.
const EVERY: Duration = Duration::from_millis(200);

/// The table on standard error.
pub(super) struct Table {
    is_terminal: bool,
    passes: VecDeque<String>,
    lines_drawn: usize,
    last_drawn: Instant,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            is_terminal: io::stderr().is_terminal(),
            passes: VecDeque::new(),
            lines_drawn: 0,
            last_drawn: Instant::now(),
        }
    }

    /// Whether anybody sees it.
    pub(super) fn is_visible(&self) -> bool {
        self.is_terminal
    }

    /// Notes a pass for the next drawing.
    pub(super) fn remember(&mut self, pass: &Pass) {
        let crossings: Vec<String> = pass
            .crossings
            .iter()
            .map(|crossing| format!("{} {:?}", crossing.name, crossing.direction))
            .collect();
        self.passes.push_front(format!(
            "{:>9.1} s  {:<10} {:>6}  {:<8} {:>3} reads in {:>4} frames  {}",
            pass.last_seen.as_secs_f64(),
            pass.text,
            percent(pass.confidence),
            format!("{:?}", pass.kind).to_lowercase(),
            pass.reads,
            pass.frames,
            crossings.join(", ")
        ));
        self.passes.truncate(PASSES);
    }

    /// Draws it again, a few times a second.
    pub(super) fn draw(
        &mut self,
        reader: &PassReader,
        source: &SourceStatistics,
        elapsed: Duration,
    ) {
        if !self.is_terminal || self.last_drawn.elapsed() < EVERY {
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
        lines.extend(reader.tracker().vehicles().take(VEHICLES).map(|vehicle| {
            format!(
                "  in view  {:<10} {:>6}  {}{}",
                vehicle.text,
                percent(vehicle.confidence),
                if vehicle.is_settled {
                    "settled"
                } else {
                    "reading"
                },
                if vehicle.is_parked { ", parked" } else { "" }
            )
        }));
        lines.extend(self.passes.iter().cloned());
        for line in &lines {
            eprintln!("{line}");
        }
        self.lines_drawn = lines.len();
    }

    /// Takes it off the terminal, so that something else can be written there.
    pub(super) fn clear(&mut self) {
        for _ in 0..std::mem::take(&mut self.lines_drawn) {
            // One line up, and erase it.
            eprint!("\x1b[1A\x1b[2K");
        }
    }

    /// Prints the last passes for good, oldest first.
    pub(super) fn print(&self) {
        for line in self.passes.iter().rev() {
            println!("{line}");
        }
    }
}
