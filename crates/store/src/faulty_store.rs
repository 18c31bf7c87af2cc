//! A store that fails on demand, in pairs: a failed commit that left nothing, and a failed commit
//! that is on disk all the same. Whatever sits above must be right in both worlds.

use crate::log_store::{AppendError, Head, LogReader, LogStore, NoRoom, PageLimit, StoreError};
use probity_types::Position;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// How an injected failure leaves the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call failed and nothing of it is stored.
    FailedNotPersisted,
    /// The call failed and all of it is stored: the answer was lost, not the write.
    FailedButPersisted,
}

/// The failures to come, shared with the test that orders them.
#[derive(Debug, Clone, Default)]
pub struct FaultPlan(Arc<Mutex<VecDeque<Option<Fault>>>>);

impl FaultPlan {
    /// Lets `writes` more appends or redactions pass, then fails the next one.
    pub fn fail_after(&self, writes: usize, fault: Fault) {
        let mut plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plan.extend(std::iter::repeat_n(None, writes));
        plan.push_back(Some(fault));
    }

    /// Fails the next append or redaction.
    pub fn fail_next(&self, fault: Fault) {
        self.fail_after(0, fault);
    }

    fn take(&self) -> Option<Fault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
            .flatten()
    }
}

/// Any store, failing as its [`FaultPlan`] says, and poisoned afterwards as a real one would be.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    plan: FaultPlan,
    /// The last head anybody was told, once a failure was injected.
    poisoned: Arc<OnceLock<Head>>,
}

impl<S: LogStore> FaultyStore<S> {
    /// Wraps `inner`.
    pub fn new(inner: S, plan: FaultPlan) -> Self {
        Self {
            inner,
            plan,
            poisoned: Arc::default(),
        }
    }

    fn poison(&self, known: Head) -> io::Error {
        self.poisoned.get_or_init(|| known);
        io::Error::other("injected failure")
    }
}

impl<S: LogStore> LogStore for FaultyStore<S> {
    fn head(&self) -> Head {
        self.poisoned
            .get()
            .copied()
            .unwrap_or_else(|| self.inner.head())
    }

    fn append(
        &mut self,
        expected: Head,
        entries: &[Vec<u8>],
        new_head: Head,
    ) -> Result<(), AppendError> {
        if self.poisoned.get().is_some() {
            return Err(AppendError::Poisoned);
        }
        let known = self.inner.head();
        match self.plan.take() {
            None => self.inner.append(expected, entries, new_head),
            Some(Fault::FailedNotPersisted) => Err(AppendError::Unknown(self.poison(known))),
            Some(Fault::FailedButPersisted) => {
                self.inner.append(expected, entries, new_head)?;
                Err(AppendError::Unknown(self.poison(known)))
            }
        }
    }

    fn append_bytes_max(&self) -> u64 {
        self.inner.append_bytes_max()
    }

    fn check_room(&self) -> Result<(), NoRoom> {
        self.inner.check_room()
    }

    fn redact(&mut self, position: Position, replacement: &[u8]) -> Result<(), StoreError> {
        if self.poisoned.get().is_some() {
            return Err(StoreError::Poisoned);
        }
        let known = self.inner.head();
        match self.plan.take() {
            None => self.inner.redact(position, replacement),
            Some(Fault::FailedNotPersisted) => Err(StoreError::Unknown(self.poison(known))),
            Some(Fault::FailedButPersisted) => {
                self.inner.redact(position, replacement)?;
                Err(StoreError::Unknown(self.poison(known)))
            }
        }
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(FaultyReader {
            inner: self.inner.reader(),
            poisoned: Arc::clone(&self.poisoned),
        })
    }

    fn close(self: Box<Self>) -> Result<(), StoreError> {
        Box::new(self.inner).close()
    }
}

struct FaultyReader {
    inner: Arc<dyn LogReader>,
    poisoned: Arc<OnceLock<Head>>,
}

impl FaultyReader {
    fn inner(&self) -> Result<&dyn LogReader, StoreError> {
        match self.poisoned.get() {
            Some(_) => Err(StoreError::Poisoned),
            None => Ok(self.inner.as_ref()),
        }
    }
}

impl LogReader for FaultyReader {
    fn head(&self) -> Head {
        self.poisoned
            .get()
            .copied()
            .unwrap_or_else(|| self.inner.head())
    }

    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner()?.entry(position)
    }

    fn page(&self, from: Position, most: PageLimit) -> Result<Vec<Vec<u8>>, StoreError> {
        self.inner()?.page(from, most)
    }
}
