//! The thread that sends a queue's messages, the oldest first, until each is acknowledged.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::queue::{Message, Queue};
use crate::failure::AnyError;

/// Shortest and longest wait before a message is sent again.
const BACKOFF: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(60)];
/// How often an idle connection is looked after.
const IDLE: Duration = Duration::from_secs(1);
/// How long the end of the watch waits for messages to go out.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes messages somewhere else.
pub(super) trait Receiver: Send {
    /// Its name for messages to the user, without a password.
    fn name(&self) -> &str;

    /// Sends a message and waits until it is acknowledged.
    fn deliver(&mut self, message: &Message) -> Result<(), Undelivered>;

    /// Looks after the connection while there is nothing to send.
    fn idle(&mut self) {}
}

/// Why a message did not arrive.
pub(super) enum Undelivered {
    /// The receiver is away or busy: the message is sent again.
    Later(String),
    /// The receiver will never take this message.
    Refused(String),
}

/// Puts messages into a queue and has them sent.
pub(super) struct Sender {
    queue: Arc<Mutex<Queue>>,
    wake: mpsc::Sender<()>,
    is_ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sender {
    pub(super) fn start(queue: Queue, receiver: Box<dyn Receiver>) -> Result<Self, AnyError> {
        if queue.len() > 0 {
            log::info!(
                "{} messages of an earlier run go to {} first",
                queue.len(),
                receiver.name()
            );
        }
        let queue = Arc::new(Mutex::new(queue));
        let is_ending = Arc::new(AtomicBool::new(false));
        let (wake, woken) = mpsc::channel();
        let work = Work {
            queue: Arc::clone(&queue),
            is_ending: Arc::clone(&is_ending),
            woken,
            receiver,
            wait: BACKOFF[0],
        };
        let thread = thread::Builder::new()
            .name("deliver".into())
            .spawn(move || work.run())?;
        Ok(Self {
            queue,
            wake,
            is_ending,
            thread: Some(thread),
        })
    }

    pub(super) fn send(&self, body: &Value) -> Result<(), String> {
        lock(&self.queue).put(body)?;
        // Fails only where the thread has panicked, which `finish` tells; the message is on the device.
        self.wake.send(()).ok();
        Ok(())
    }

    /// Waits a little for what is left, and says what stays in the queue.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while lock(&self.queue).len() > 0 && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(50));
        }
        self.is_ending.store(true, Ordering::Relaxed);
        self.wake.send(()).ok();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            return Err("the thread that sends messages panicked; they stay in the queue".into());
        }
        let queue = lock(&self.queue);
        if queue.len() > 0 {
            return Err(format!(
                "{} messages were not sent; they wait in {} and go out when the program is started again with the same --queue",
                queue.len(),
                queue.folder().display()
            ));
        }
        Ok(())
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Work {
    queue: Arc<Mutex<Queue>>,
    is_ending: Arc<AtomicBool>,
    woken: mpsc::Receiver<()>,
    receiver: Box<dyn Receiver>,
    /// How long is waited after the next failure.
    wait: Duration,
}

impl Work {
    fn run(mut self) {
        while !self.is_ending.load(Ordering::Relaxed) {
            let first = lock(&self.queue).first();
            match first {
                Some(message) => self.deliver(&message),
                None => {
                    self.receiver.idle();
                    self.pause(IDLE);
                }
            }
        }
    }

    fn deliver(&mut self, message: &Message) {
        match self.receiver.deliver(message) {
            Ok(()) => {
                if self.wait > BACKOFF[0] {
                    log::warn!("{} takes messages again", self.receiver.name());
                }
                self.wait = BACKOFF[0];
                lock(&self.queue).done(message.number);
            }
            Err(Undelivered::Refused(reason)) => {
                log::error!(
                    "{} refuses message {} for good: {reason}; it is set aside",
                    self.receiver.name(),
                    message.number
                );
                lock(&self.queue).set_aside(message.number);
            }
            Err(Undelivered::Later(reason)) => {
                log::warn!(
                    "{} takes no message: {reason}; {} wait, trying again in {:.1} s",
                    self.receiver.name(),
                    lock(&self.queue).len(),
                    self.wait.as_secs_f32()
                );
                let until = Instant::now() + self.wait;
                self.wait = (self.wait * 2).min(BACKOFF[1]);
                while Instant::now() < until && !self.is_ending.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }

    /// Waits for a message, no longer than this.
    fn pause(&self, longest: Duration) {
        self.woken.recv_timeout(longest).ok();
        while self.woken.try_recv().is_ok() {}
    }
}
