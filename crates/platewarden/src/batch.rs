//! Many frames at once: in parallel, in order, in bounded memory.

use std::{
    any::Any,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, sync_channel},
};

use image::{GrayImage, RgbImage};
use rayon::prelude::*;

use crate::error::Failure;
use crate::{Engine, Error, Frame, PlateRead, Result};

/// Frames under way for each thread: one that is read and one that waits, so that no thread runs dry.
const AHEAD: usize = 2;

/// Frames whose plates are read together. On a CPU a plate takes a twentieth less time among eight than alone, and no less
/// among more (`docs/performance.md`).
const TOGETHER: usize = 8;
/// Groups of frames for each thread, at least: threads that are done early take over from the others.
const SHARES: usize = 4;

/// Something that holds the pixels of a frame.
///
/// Implemented for the pictures of the crate `image`; implement it for the buffers of a decoder to feed them to
/// [`Engine::reads`]. A frame that cannot be had, a file that does not decode for instance, is an error of that frame
/// alone.
pub trait ToFrame {
    /// The frame's pixels.
    ///
    /// # Errors
    ///
    /// Whatever keeps this frame from being read.
    fn to_frame(&self) -> Result<Frame<'_>>;
}

impl ToFrame for RgbImage {
    fn to_frame(&self) -> Result<Frame<'_>> {
        Ok(self.into())
    }
}

impl ToFrame for GrayImage {
    fn to_frame(&self) -> Result<Frame<'_>> {
        Ok(self.into())
    }
}

impl ToFrame for Frame<'_> {
    fn to_frame(&self) -> Result<Frame<'_>> {
        Ok(*self)
    }
}

impl<T: ToFrame + ?Sized> ToFrame for &T {
    fn to_frame(&self) -> Result<Frame<'_>> {
        (**self).to_frame()
    }
}

impl<T: ToFrame + ?Sized> ToFrame for Box<T> {
    fn to_frame(&self) -> Result<Frame<'_>> {
        (**self).to_frame()
    }
}

impl<T: ToFrame + ?Sized> ToFrame for std::sync::Arc<T> {
    fn to_frame(&self) -> Result<Frame<'_>> {
        (**self).to_frame()
    }
}

impl Engine {
    /// Reads frames in parallel; the results are in the order of the frames, and a frame that fails is one `Err`.
    ///
    /// Runs in the engine's own thread pool where it has one ([`EngineOptions::threads`](crate::EngineOptions::threads)),
    /// else in the caller's rayon pool.
    ///
    /// Where there are many more frames than threads, the plates of up to eight frames go through the recogniser together,
    /// which takes a little less time than one after the other; the texts are the same.
    pub fn read_batch<T: ToFrame + Sync>(&self, frames: &[T]) -> Vec<Result<Vec<PlateRead>>> {
        self.in_pool(|| {
            let each = frames.len() / (SHARES * rayon::current_num_threads());
            frames
                .par_chunks(each.clamp(1, TOGETHER))
                .with_max_len(1)
                .flat_map_iter(|frames| self.read_group(frames))
                .collect()
        })
    }

    /// Reads frames together, or one by one where that fails: whatever happens to one of them stays with it.
    fn read_group<T: ToFrame>(&self, frames: &[T]) -> Vec<Result<Vec<PlateRead>>> {
        let together = || self.read_together(frames.iter().map(ToFrame::to_frame));
        let alone = || {
            frames
                .iter()
                .map(|frame| self.read_guarded(frame))
                .collect()
        };
        if frames.len() == 1 {
            return alone();
        }
        match catch_unwind(AssertUnwindSafe(together)) {
            Ok(Ok(reads)) => reads,
            Ok(Err(_)) | Err(_) => alone(),
        }
    }

    /// Reads the frames of an iterator in parallel, each handed back with its result, in their order.
    ///
    /// At most two frames a thread are held at once, however fast the iterator is; frames are taken from it only as
    /// results are taken from here, and dropping the result ends the work. Runs where
    /// [`read_batch`](Self::read_batch) runs.
    ///
    /// ```no_run
    /// # let engine = platewarden::Engine::new()?;
    /// let files = std::fs::read_dir("street").unwrap();
    /// let frames = files.filter_map(|file| image::open(file.ok()?.path()).ok()).map(|image| image.to_rgb8());
    /// for (frame, reads) in engine.reads(frames) {
    ///     println!("{} plates in {} pixels", reads?.len(), frame.len());
    /// }
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    pub fn reads<I>(&self, frames: I) -> Reads<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: ToFrame + Send + Sync + 'static,
    {
        let threads = self.pool().map_or_else(rayon::current_num_threads, |pool| {
            pool.current_num_threads()
        });
        Reads {
            engine: self.clone(),
            frames: frames.into_iter(),
            ended: false,
            window: threads.saturating_mul(AHEAD).max(2),
            pending: VecDeque::new(),
        }
    }

    /// Runs work in the engine's own pool, or in the caller's.
    fn in_pool<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.pool() {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Reads one frame of many: whatever happens to it stays with it.
    fn read_guarded<T: ToFrame>(&self, frame: &T) -> Result<Vec<PlateRead>> {
        // Sessions are thrown away when a panic passes through them, and nothing else is changed while a frame is read.
        catch_unwind(AssertUnwindSafe(|| self.read(&frame.to_frame()?)))
            .unwrap_or_else(|panic| Err(panicked(&*panic)))
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::from(Failure::Panicked {
        reason: message.to_owned(),
    })
}

/// The frames of an iterator with what was read in them; made by [`Engine::reads`].
#[must_use = "nothing is read until results are taken"]
pub struct Reads<I: Iterator> {
    engine: Engine,
    frames: I,
    ended: bool,
    /// Frames held at most.
    window: usize,
    pending: VecDeque<Pending<I::Item>>,
}

enum Pending<T> {
    /// Being read by another thread.
    Running(Receiver<(T, Result<Vec<PlateRead>>)>),
    Done(T, Result<Vec<PlateRead>>),
}

impl<I> Reads<I>
where
    I: Iterator,
    I::Item: ToFrame + Send + Sync + 'static,
{
    /// Fills the window with frames under way.
    fn advance(&mut self) {
        // A thread of the pool must not wait for work that only the pool can do: with one thread it would wait for ever,
        // with more it would keep one of them idle. There the window is read in one go, with this thread taking part.
        let on_worker = match self.engine.pool() {
            Some(pool) => pool.current_thread_index().is_some(),
            None => rayon::current_thread_index().is_some(),
        };
        if on_worker {
            if self.pending.is_empty() {
                let frames = self.take(self.window);
                let engine = &self.engine;
                let read: Vec<_> = frames
                    .into_par_iter()
                    .with_max_len(1)
                    .map(|frame| {
                        let reads = engine.read_guarded(&frame);
                        (frame, reads)
                    })
                    .collect();
                self.pending.extend(
                    read.into_iter()
                        .map(|(frame, reads)| Pending::Done(frame, reads)),
                );
            }
            return;
        }
        while self.pending.len() < self.window {
            let Some(frame) = self.take(1).pop() else {
                break;
            };
            let (sender, receiver) = sync_channel(1);
            let engine = self.engine.clone();
            let job = move || {
                let reads = engine.read_guarded(&frame);
                // The receiver is gone when nobody wants the result any more.
                let _ = sender.send((frame, reads));
            };
            match self.engine.pool() {
                Some(pool) => pool.spawn(job),
                None => rayon::spawn(job),
            }
            self.pending.push_back(Pending::Running(receiver));
        }
    }

    fn take(&mut self, count: usize) -> Vec<I::Item> {
        let mut frames = Vec::new();
        while !self.ended && frames.len() < count {
            match self.frames.next() {
                Some(frame) => frames.push(frame),
                None => self.ended = true,
            }
        }
        frames
    }
}

impl<I> Iterator for Reads<I>
where
    I: Iterator,
    I::Item: ToFrame + Send + Sync + 'static,
{
    type Item = (I::Item, Result<Vec<PlateRead>>);

    fn next(&mut self) -> Option<Self::Item> {
        self.advance();
        match self.pending.pop_front()? {
            Pending::Done(frame, reads) => Some((frame, reads)),
            // A frame's own panic is caught where it is read, so the sender always answers.
            Pending::Running(receiver) => receiver.recv().ok(),
        }
    }
}
