//! A bounded queue in a folder: one file a message, taken in the order in which they were put.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::failure::{AnyError, about};

/// Messages that wait, by their numbers.
pub(super) struct Queue {
    folder: PathBuf,
    waiting: BTreeSet<u64>,
    next: u64,
    limit: usize,
}

/// A message of the queue.
pub(super) struct Message {
    /// Its number: unique in its queue for good.
    pub(super) number: u64,
    /// The object.
    pub(super) body: Value,
}

impl Queue {
    /// The queue in a folder, with what an earlier run has left.
    pub(super) fn open(folder: &Path, limit: usize) -> Result<Self, AnyError> {
        fs::create_dir_all(folder).map_err(about("create", folder))?;
        let mut waiting = BTreeSet::new();
        for entry in fs::read_dir(folder).map_err(about("read", folder))? {
            let name = entry.map_err(about("read", folder))?.file_name();
            let name = name.to_string_lossy();
            // What was being written when the program ended has another ending.
            if let Some(number) = name.strip_suffix(".json").and_then(|n| n.parse().ok()) {
                waiting.insert(number);
            }
        }
        // Numbers go on where the clock stands, so that none comes twice even after the folder was empty.
        let now = u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(0);
        let next = waiting.last().map_or(now, |last| now.max(last + 1));
        Ok(Self {
            folder: folder.to_owned(),
            waiting,
            next,
            limit: limit.max(1),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts a message at the end. It is on the device when this returns.
    pub(super) fn put(&mut self, body: &Value) -> Result<(), String> {
        if self.waiting.len() >= self.limit {
            return Err(format!(
                "{} messages wait in {} already, and no more are taken: mend the receiver, or raise --queue-limit",
                self.waiting.len(),
                self.folder.display()
            ));
        }
        let number = self.next;
        self.write(number, body).map_err(|error| {
            format!(
                "cannot write to the queue {}: {error}",
                self.folder.display()
            )
        })?;
        self.next += 1;
        self.waiting.insert(number);
        Ok(())
    }

    fn write(&self, number: u64, body: &Value) -> io::Result<()> {
        let part = self.folder.join(format!("{number}.part"));
        let mut file = File::create(&part)?;
        file.write_all(body.to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, self.path(number))
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number}.json"))
    }

    /// The oldest message. One that cannot be read is set aside and the next is taken.
    pub(super) fn first(&mut self) -> Option<Message> {
        while let Some(&number) = self.waiting.first() {
            let body = fs::read(self.path(number))
                .map_err(|error| error.to_string())
                .and_then(|bytes| {
                    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
                });
            match body {
                Ok(body) => return Some(Message { number, body }),
                Err(error) => {
                    log::error!(
                        "message {number} of the queue {} cannot be read and is set aside: {error}",
                        self.folder.display()
                    );
                    self.set_aside(number);
                }
            }
        }
        None
    }

    /// Forgets a message that was acknowledged.
    pub(super) fn done(&mut self, number: u64) {
        self.waiting.remove(&number);
        if let Err(error) = fs::remove_file(self.path(number)) {
            log::error!(
                "message {number} was sent and cannot be removed from {}: {error}; it will be sent again",
                self.folder.display()
            );
        }
    }

    /// Keeps a message that the receiver will never take, under another name, so that the others go on.
    pub(super) fn set_aside(&mut self, number: u64) {
        self.waiting.remove(&number);
        let to = self.folder.join(format!("{number}.refused"));
        if let Err(error) = fs::rename(self.path(number), &to) {
            log::error!("cannot set {} aside: {error}", to.display());
        }
    }
}
