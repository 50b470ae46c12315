//! The program's one logger, on standard error.

use std::{env, io::Write};

use clap::{ArgAction, Args};
use log::{Level, LevelFilter};

/// How much is said beside the results.
#[derive(Args)]
pub(crate) struct LogArguments {
    /// Say more on standard error; twice, everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Say less on standard error: warnings and errors alone; twice, errors alone
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    quiet: u8,
}

impl LogArguments {
    /// Installs the logger. RUST_LOG, where it is set, overrides the arguments.
    pub(crate) fn install(&self) {
        let mut builder = env_logger::Builder::new();
        if env::var_os(env_logger::DEFAULT_FILTER_ENV).is_some() {
            builder.parse_default_env();
        } else {
            // The libraries beneath have little to say to a user unless something is wrong.
            let beneath = if self.verbose > 1 {
                LevelFilter::Debug
            } else {
                LevelFilter::Warn.min(self.level())
            };
            builder.filter_level(beneath);
            builder.filter_module("platewarden", self.level());
        }
        builder.format(|out, record| {
            let label = match record.level() {
                Level::Error => "error: ",
                Level::Warn => "warning: ",
                Level::Info => "",
                Level::Debug => "debug: ",
                Level::Trace => "trace: ",
            };
            writeln!(out, "{label}{}", record.args())
        });
        builder.init();
    }

    fn level(&self) -> LevelFilter {
        match (self.quiet, self.verbose) {
            (0, 0) => LevelFilter::Info,
            (0, 1) => LevelFilter::Debug,
            (0, _) => LevelFilter::Trace,
            (1, _) => LevelFilter::Warn,
            _ => LevelFilter::Error,
        }
    }
}
