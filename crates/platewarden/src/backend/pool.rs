//! Prepared networks, lent to one worker at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{ElementType, Model, Network, Tensor};
use crate::Result;

/// Shape of the input a session is prepared for; `None` for a dimension that changes from call to call.
type SessionShape = Vec<Option<usize>>;

/// A network ready to run together with the buffers it is fed from and writes to.
pub(crate) struct Session<S> {
    model: Box<dyn Model>,
    /// What it is prepared for, kept here so that handing it out and back needs no memory.
    shape: SessionShape,
    /// Filled by the caller before [`Session::run`].
    pub(crate) input: Tensor,
    /// Filled by [`Session::run`].
    pub(crate) outputs: Vec<Tensor>,
    /// Whatever else a worker wants to find again at its next call.
    pub(crate) scratch: S,
}

impl<S> Session<S> {
    pub(crate) fn run(&mut self) -> Result<()> {
        self.model.run(&mut self.input, &mut self.outputs)
    }
}

/// Hands out sessions of one network by value.
///
/// A lock is held only while a session changes hands, never while a network runs: a worker that waited for a session
/// inside a work-stealing pool would start another frame on its stack and ask for a second one. So there is no limit
/// to wait for; as many sessions exist as frames were ever read at once, and no more than `keep` of a shape stay when
/// they come back.
pub(crate) struct SessionPool<S> {
    network: Arc<dyn Network>,
    idle: Mutex<HashMap<SessionShape, Vec<Session<S>>>>,
    keep: usize,
}

impl<S: Default> SessionPool<S> {
    pub(crate) fn new(network: Arc<dyn Network>) -> Self {
        let keep = std::thread::available_parallelism().map_or(8, |n| n.get().saturating_mul(2));
        Self {
            network,
            idle: Mutex::default(),
            keep,
        }
    }

    /// Takes an idle session prepared for this shape, or makes one.
    pub(crate) fn check_out(&self, shape: &[Option<usize>]) -> Result<SessionGuard<'_, S>> {
        let idle = self.lock().get_mut(shape).and_then(Vec::pop);
        let session = match idle {
            Some(session) => session,
            None => Session {
                model: self.network.prepare(shape)?,
                shape: shape.to_vec(),
                input: Tensor::default(),
                outputs: Vec::new(),
                scratch: S::default(),
            },
        };
        Ok(SessionGuard {
            pool: self,
            session: Some(session),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionShape, Vec<Session<S>>>> {
        // The map is whole between any two operations on it, so a panic elsewhere has not broken it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sessions until this many of a shape are idle, and runs each once on an input of the shape `input`.
    pub(crate) fn warm_up(
        &self,
        shape: &[Option<usize>],
        element: ElementType,
        input: &[usize],
        count: usize,
    ) -> Result<()> {
        // All are out at the same time, so that each is another one.
        let guards: Vec<_> = (0..count.min(self.keep))
            .map(|_| self.check_out(shape))
            .collect::<Result<_>>()?;
        guards.into_iter().try_for_each(|guard| {
            guard.with(|session| {
                session.input.reset(element, input);
                session.run()
            })
        })
    }

    #[cfg(test)]
    pub(crate) fn idle_sessions(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }
}

/// A session on loan; goes back to its pool when dropped.
pub(crate) struct SessionGuard<'a, S: Default> {
    pool: &'a SessionPool<S>,
    session: Option<Session<S>>,
}

impl<S: Default> SessionGuard<'_, S> {
    /// Runs `work` with the session; a session that fails is thrown away rather than lent again.
    pub(crate) fn with<R>(mut self, work: impl FnOnce(&mut Session<S>) -> Result<R>) -> Result<R> {
        #[allow(
            clippy::expect_used,
            reason = "`with` takes the guard by value, so that it runs once, and only it takes the session out"
        )]
        let mut session = self
            .session
            .take()
            .expect("a guard holds its session until it is used");
        let result = work(&mut session);
        if result.is_ok() {
            self.session = Some(session);
        }
        result
    }
}

impl<S: Default> Drop for SessionGuard<'_, S> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let mut idle = self.pool.lock();
            match idle.get_mut(&session.shape) {
                Some(sessions) if sessions.len() < self.pool.keep => sessions.push(session),
                Some(_) => {}
                None => {
                    idle.insert(session.shape.clone(), vec![session]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Failure;
    use crate::{Error, backend::ModelSignature};

    #[derive(Default)]
    struct Counting {
        signature: ModelSignature,
        prepared: AtomicUsize,
    }

    struct Echo;

    impl Model for Echo {
        fn run(&mut self, input: &mut Tensor, outputs: &mut Vec<Tensor>) -> Result<()> {
            outputs.clear();
            outputs.push(input.clone());
            Ok(())
        }
    }

    impl Network for Counting {
        fn signature(&self) -> &ModelSignature {
            &self.signature
        }

        fn prepare(&self, _: &[Option<usize>]) -> Result<Box<dyn Model>> {
            self.prepared.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Echo))
        }
    }

    fn pool() -> (Arc<Counting>, SessionPool<()>) {
        let network = Arc::new(Counting::default());
        (Arc::clone(&network), SessionPool::new(network))
    }

    #[test]
    fn sessions_are_reused_per_shape() {
        let (network, pool) = pool();
        for shape in [[Some(1)], [Some(1)], [None], [Some(1)]] {
            pool.check_out(&shape).unwrap().with(Session::run).unwrap();
        }
        assert_eq!(network.prepared.load(Ordering::Relaxed), 2);
        assert_eq!(pool.idle_sessions(), 2);
    }

    #[test]
    fn workers_at_once_get_sessions_of_their_own() {
        let (network, pool) = pool();
        let (first, second) = (pool.check_out(&[]).unwrap(), pool.check_out(&[]).unwrap());
        drop((first, second));
        assert_eq!(network.prepared.load(Ordering::Relaxed), 2);
        assert_eq!(pool.idle_sessions(), 2);
    }

    #[test]
    fn a_session_that_failed_or_panicked_is_not_lent_again() {
        let (_, pool) = pool();
        let failed: Result<()> = pool.check_out(&[]).unwrap().with(|_| {
            Err(Error::from(Failure::Panicked {
                reason: "as told".into(),
            }))
        });
        assert!(failed.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = pool
                .check_out(&[])
                .unwrap()
                .with(|_| -> Result<()> { panic!("in a network") });
        }));
        assert!(panicked.is_err());
        assert_eq!(pool.idle_sessions(), 0);
        assert!(pool.check_out(&[]).is_ok());
    }
}
