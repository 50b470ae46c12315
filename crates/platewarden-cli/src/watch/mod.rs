//! `platewarden watch`: one pass for each vehicle that a camera sees.

#[cfg(feature = "deliver")]
mod deliver;
mod hotlists;
mod many;
mod output;
mod parse;
mod single;
mod sink;
mod source;
#[cfg(feature = "store")]
mod stored;
mod table;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use jiff::Timestamp;
use platewarden::{Engine, EngineOptions, TilingOptions};
use platewarden_video::{
    MotionOptions,
    hotlist::Tolerance,
    source::display_name,
    tracking::{Line, TrackerOptions, Zone},
};

use self::{
    hotlists::PolicyArguments,
    many::PoolArguments,
    output::Output,
    parse::{parse_line, parse_seconds, parse_zone},
    sink::Sink,
    source::SourceArguments,
};
use crate::{
    engine::EngineArguments,
    failure::{AnyError, Outcome, UsageError, about, all_well},
    interrupt,
    time::instant,
};

/// Watch cameras and report one pass for each vehicle
///
/// A source is anything that ffmpeg reads (a file, an address, /dev/video0) or a folder of numbered pictures. Passes go to
/// standard output, one JSON object a line, with "type": "pass"; hits on a hotlist with "type": "hit". On a terminal the
/// vehicles in view and the last passes of one source are shown as a table. Statistics follow at the end.
///
/// Ctrl-C, or SIGTERM of a service, ends the watch in order: passes in view are told, files closed, statistics printed. A
/// second signal ends at once.
///
/// Several sources share one engine and a fixed number of threads; each line then names its camera, and what became of the
/// frames follows every few seconds on standard error. Live sources are opened again when they die, while the others go on.
///
/// A hotlist match is a search, and the law of the place says for which purposes it may be made. With --hotlist either name
/// who matches and where, so that the rule packs decide on each entry by its reason, or say --without-policy and answer for
/// every entry yourself. Entries that are withheld are counted at the end and never shown.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden watch gate.mp4
  platewarden watch rtsp://camera.example/stream --line gate:0,400,1280,400 > passes.jsonl
  platewarden watch frames/ --fps 10 --save-evidence evidence
  platewarden watch gate.mp4 --hotlist stolen.csv --jurisdiction US-IL --agency springfield-pd \\
      --agency-kind local --accept-unverified-packs
  platewarden watch rtsp://gate-1.example/a rtsp://gate-2.example/b --workers 2
  platewarden watch rtsp://gate-1.example/a --store plates --dataset springfield --camera-name gate-1
  platewarden watch rtsp://gate-1.example/a --mqtt mqtt://broker.example --mqtt-discovery --camera-name gate-1
  platewarden watch a.mp4 --repeat --real-time --copies 4 --seconds 600 --report 10

Exit status: 0 all well, 1 a frame, a source or a file failed, 2 wrong usage.")]
pub(crate) struct Arguments {
    /// Files, addresses or devices that ffmpeg reads, or folders of numbered pictures
    #[arg(required = true)]
    sources: Vec<String>,
    #[command(flatten)]
    source: SourceArguments,
    /// Folder to write a picture of each pass to
    #[arg(long, value_name = "DIR")]
    save_evidence: Option<PathBuf>,
    /// CSV or JSON file of wanted plates; may be given more than once
    #[arg(long, value_name = "FILE")]
    hotlist: Vec<PathBuf>,
    /// Least probability of a match with a wanted plate
    #[arg(long, default_value_t = Tolerance::default().min_probability)]
    min_match: f32,
    /// Line whose crossings are reported, as NAME:X1,Y1,X2,Y2 in pixels; may be given more than once
    #[arg(long, value_parser = parse_line)]
    line: Vec<Line>,
    /// Zone whose crossings are reported, as NAME:X1,Y1,X2,Y2,X3,Y3,... in pixels; may be given more than once
    #[arg(long, value_parser = parse_zone)]
    zone: Vec<Zone>,
    /// Seconds of standing still after which a vehicle is parked
    #[arg(long, default_value_t = 20.0, value_parser = parse_seconds)]
    parked_after: f64,
    /// Seconds within which the same plate is the same pass
    #[arg(long, default_value_t = 2.0, value_parser = parse_seconds)]
    merge_window: f64,
    /// Read plates in every frame, even those whose vote is settled
    #[arg(long)]
    read_always: bool,
    /// Leave frames unsearched in which nothing moved: for cameras of a gate or a car park
    #[arg(long)]
    motion: bool,
    /// Search large frames in tiles too, for plates down to this width in pixels; every tile takes as long as a frame
    /// [default: plates of 40 pixels, in frames more than 3,200 pixels wide]
    #[arg(long, value_name = "WIDTH", num_args = 0..=1, default_missing_value = "32")]
    tiling: Option<f32>,
    #[command(flatten)]
    engine: EngineArguments,
    /// Write JSON lines even to a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    pool: PoolArguments,
    /// Name of the camera for what is stored or sent, where there is one source [default: the source without passwords]
    #[arg(long, value_name = "NAME")]
    camera_name: Option<String>,
    /// When the recording began: an instant, or how long ago, as in `1 hour ago` [default for cameras: when they are opened]
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    #[cfg(feature = "store")]
    #[command(flatten)]
    store: stored::StoreArguments,
    #[cfg(feature = "deliver")]
    #[command(flatten)]
    delivery: deliver::DeliveryArguments,
}

/// Watches to the end.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if !arguments.hotlist.is_empty() {
        arguments.policy.check().map_err(UsageError)?;
    }
    interrupt::install();
    let engine = Engine::with_options(arguments.engine_options())?;
    let hotlists = hotlists::load(&arguments.hotlist)?;
    let policy = if hotlists.is_empty() {
        hotlists::permit_all()
    } else {
        arguments.policy.load()?
    };
    if let Some(folder) = &arguments.save_evidence {
        std::fs::create_dir_all(folder).map_err(about("create", folder))?;
    }
    let mut output = Output::new(arguments, hotlists, policy, arguments.sinks()?)?;
    if arguments.sources.len() > 1 || arguments.pool.is_given() {
        many::watch(arguments, engine, &mut output)?;
    } else {
        for source in &arguments.sources {
            single::watch(arguments, source, engine.clone(), &mut output)?;
        }
    }
    output.finish();
    Ok(all_well(!output.failed()))
}

impl Arguments {
    fn engine_options(&self) -> EngineOptions {
        let mut options = self.engine.options();
        options.tiling = self.tiling.map(TilingOptions::for_plates_of);
        options
    }

    /// Where passes go beside standard output.
    fn sinks(&self) -> Result<Vec<Box<dyn Sink>>, AnyError> {
        let mut sinks = Vec::new();
        #[cfg(feature = "store")]
        sinks.extend(self.store.sink()?);
        #[cfg(feature = "deliver")]
        sinks.extend(self.delivery.sinks()?);
        Ok(sinks)
    }

    /// When a source that is opened now began, where that is known.
    fn start_of(&self, is_live: bool) -> Result<Option<Timestamp>, AnyError> {
        match &self.start {
            Some(text) => instant("--start", text).map(Some),
            None => Ok(is_live.then(Timestamp::now)),
        }
    }

    /// The camera's name, of a single source.
    fn name_of(&self, source: &str) -> String {
        let name = self.camera_name.clone();
        name.unwrap_or_else(|| display_name(source))
    }

    /// How plates become passes.
    fn tracker_options(&self) -> TrackerOptions {
        let mut options = TrackerOptions::default()
            .with_merge_window(Duration::from_secs_f64(self.merge_window))
            .with_skip_settled(!self.read_always)
            .with_motion(self.motion.then(MotionOptions::default));
        options.parked_after = Duration::from_secs_f64(self.parked_after);
        options.lines.clone_from(&self.line);
        options.zones.clone_from(&self.zone);
        options
    }
}
