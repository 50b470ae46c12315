//! `watch --store`: passes go into a store as they come.
//!
//! A store serves one process at a time. It is opened every few seconds for as long as it takes to write what has come in
//! the meantime, so that others can search it while cameras are watched.

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use platewarden_policy::engine::Policy;
use platewarden_store::{ErrorKind, ImportDefaults, Store, StoreOptions};
use serde_json::json;

use super::sink::{Sink, Told};
use crate::{
    failure::{AnyError, with_causes},
    store::place::{KeyOptions, policy},
};

/// Time between two openings.
const EVERY: Duration = Duration::from_secs(5);
/// How long the end of the watch waits for a store that somebody else has open.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of passes that wait at most, some ten thousand of them; then the store is waited for.
const MOST_WAITING: usize = 32 << 20;

/// A store to write passes into.
#[derive(Args)]
#[command(next_help_heading = "Store")]
pub(super) struct StoreArguments {
    /// Write passes into this store, which `platewarden store init` made; others can search it meanwhile
    #[arg(long, value_name = "DIR", requires = "dataset")]
    store: Option<PathBuf>,
    /// The store's dataset to write into
    #[arg(long, value_name = "NAME", requires = "store")]
    dataset: Option<String>,
    #[command(flatten)]
    keys: KeyOptions,
}

impl StoreArguments {
    /// The store, where one is named; it is opened once, to see that it can be.
    pub(super) fn sink(&self) -> Result<Option<Box<dyn Sink>>, AnyError> {
        let (Some(folder), Some(dataset)) = (&self.store, &self.dataset) else {
            return Ok(None);
        };
        let stored = Stored {
            options: self.keys.store(folder)?,
            policy: policy(None)?,
            dataset: dataset.clone(),
            waiting: Vec::new(),
            last: Instant::now(),
        };
        let store = stored.open()?;
        let datasets = store.datasets();
        if !datasets
            .iter()
            .any(|known| known.dataset.id.as_str() == dataset)
        {
            return Err(format!(
                "the store has no dataset `{dataset}`: make it with `platewarden store init`"
            )
            .into());
        }
        Ok(Some(Box::new(stored)))
    }
}

struct Stored {
    options: StoreOptions,
    policy: Policy,
    dataset: String,
    /// JSON lines that are not in the store yet.
    waiting: Vec<u8>,
    last: Instant,
}

impl Stored {
    fn open(&self) -> platewarden_store::Result<Store> {
        Store::open(&self.options, self.policy.clone())
    }

    /// Writes what waits; where another process has the store, again and again until the patience is over.
    fn write(&mut self, patience: Duration) -> Result<(), String> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let begun = Instant::now();
        loop {
            match self.write_once() {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Locked && begun.elapsed() < patience => {
                    thread::sleep(Duration::from_millis(100));
                }
                Err(error) => return Err(with_causes(&error)),
            }
        }
    }

    fn write_once(&mut self) -> platewarden_store::Result<()> {
        let store = self.open()?;
        let done = store.import_json_lines(
            &self.dataset,
            self.waiting.as_slice(),
            &ImportDefaults::default(),
            |_| (),
        )?;
        for refusal in &done.reads.refused {
            log::error!("a pass was not stored: {}", refusal.why);
        }
        self.waiting.clear();
        // What the law counts in minutes is forgotten in minutes.
        let swept = store.sweep()?;
        if !swept.receipts.is_empty() {
            log::info!("the store destroyed {} keys", swept.receipts.len());
        }
        Ok(())
    }
}

impl Sink for Stored {
    fn take(&mut self, told: &Told<'_>) -> Result<(), String> {
        if told.kind != "pass" {
            return Ok(());
        }
        let mut line = told.object.clone();
        if let Some(fields) = line.as_object_mut() {
            fields.insert("camera".into(), told.camera.into());
            fields.insert("source_start".into(), json!(told.start));
            // The store keeps text and probabilities, not where in the picture the plate was.
            for field in ["corners", "bounds", "travel"] {
                fields.remove(field);
            }
        }
        self.waiting.extend_from_slice(line.to_string().as_bytes());
        self.waiting.push(b'\n');
        if self.waiting.len() >= MOST_WAITING {
            return self.write(PATIENCE);
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<(), String> {
        if self.last.elapsed() < EVERY {
            return Ok(());
        }
        self.last = Instant::now();
        match self.write(Duration::ZERO) {
            Err(reason) if !reason.is_empty() && self.waiting.len() < MOST_WAITING => {
                log::info!("passes wait for the store: {reason}");
                Ok(())
            }
            written => written,
        }
    }

    fn finish(&mut self) -> Result<(), String> {
        let lines = self.waiting.iter().filter(|&&byte| byte == b'\n').count();
        self.write(PATIENCE)
            .map_err(|reason| format!("{lines} passes were not stored: {reason}"))
    }
}
