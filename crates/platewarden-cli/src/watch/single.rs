//! One source, read in this thread.

use std::time::{Duration, Instant};

use platewarden::Engine;
use platewarden_video::{
    source::{DropPolicy, FrameSource, Pump, PumpOptions, SourceStatistics, Taken},
    tracking::PassReader,
};

use super::{Arguments, Output, output::Camera, table::Table};
use crate::{failure::AnyError, interrupt};

/// Frames that wait to be read.
const CAPACITY: usize = 4;
/// Longest wait for a frame before the table is drawn again.
const PATIENCE: Duration = Duration::from_millis(500);

/// Watches one source to its end.
pub(super) fn watch(
    arguments: &Arguments,
    input: &str,
    engine: Engine,
    output: &mut Output<'_>,
) -> Result<(), AnyError> {
    let mut reader = PassReader::new(engine, arguments.tracker_options())?;
    // The pump fetches frames in a thread of its own while others are read here.
    let source = arguments.source.open(input)?;
    let name = arguments.name_of(input);
    let camera = Camera {
        number: None,
        name: &name,
        start: arguments.start_of(source.is_live())?,
    };
    let drop_policy = if source.is_live() {
        DropPolicy::DropOldest
    } else {
        DropPolicy::Block
    };
    let options = PumpOptions::default()
        .with_policy(drop_policy)
        .with_capacity(CAPACITY);
    let pump = Pump::start(source, options);
    let mut table = Table::new();
    let start = Instant::now();
    let mut frames_read = 0_u64;
    while !interrupt::is_raised() {
        match pump.take(PATIENCE) {
            Taken::Frame(frame) => {
                match reader.read(&frame) {
                    Ok(passes) => {
                        frames_read += 1;
                        for pass in &passes {
                            table.clear();
                            table.remember(pass);
                            output.pass(pass, camera)?;
                        }
                    }
                    Err(error) => {
                        table.clear();
                        output.fault(&format!("frame {}: {error}", frame.index()));
                    }
                }
                output.reads(reader.reads(), camera, &mut table)?;
            }
            Taken::Failed(error) => {
                table.clear();
                output.fault(&error.to_string());
            }
            Taken::Nothing => {}
            Taken::Ended => break,
        }
        output.tick();
        table.draw(&reader, &pump.statistics(), start.elapsed());
    }
    pump.stop();
    for pass in reader.finish() {
        table.remember(&pass);
        output.pass(&pass, camera)?;
    }
    table.clear();
    if !output.writes_json() {
        table.print();
    }
    summary(&reader, &pump.statistics(), frames_read, start.elapsed());
    output.summary();
    Ok(())
}

fn summary(reader: &PassReader, source: &SourceStatistics, frames: u64, elapsed: Duration) {
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
        tracker.detections, tracker.reads, tracker.reads_saved, tracker.vehicles, tracker.passes
    );
}
