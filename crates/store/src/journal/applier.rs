//! Moves committed entries into sled, frees segments, seals an idle log.

use super::active::Active;
use super::tail::{Group, Tail};
use super::{IDLE, lock};
use crate::log_store::{Damage, Head, LogReader, LogStore, PAGE_BYTES_MAX, PageLimit, StoreError};
use crate::sled_store::SledStore;
use probity_types::Position;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

/// Entries that go into sled with one flush.
const APPLY_ENTRIES_MAX: usize = 16_384;

/// A committed frame that sled does not have yet.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    head: Head,
    since: Instant,
}

/// What writer and applier tell each other.
#[derive(Debug)]
struct State {
    waiting: VecDeque<Waiting>,
    /// Generations that were left, with the position after their last entry.
    left: VecDeque<(u64, u64)>,
    /// Newest generation whose header is on disk.
    ready: u64,
    /// Whoever waits for everything to be in sled does not wait for the clock.
    is_urgent: bool,
    is_stopping: bool,
}

/// What writer, applier and readers share.
pub(crate) struct Shared {
    head: RwLock<Head>,
    tail: RwLock<Tail>,
    state: Mutex<State>,
    moved: Condvar,
    poisoned: AtomicBool,
    /// Held by whoever gives files to generations: two at once would disagree about which is next.
    rotation: Mutex<()>,
    pub(super) sled: Mutex<Option<Box<SledStore>>>,
    behind: Arc<dyn LogReader>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("head", &self.head())
            .finish_non_exhaustive()
    }
}

/// The thread's own side.
#[derive(Debug)]
pub(crate) struct Applier {
    pub(crate) shared: Arc<Shared>,
    pub(crate) active: Active,
}

impl State {
    /// Whether the applier has something to do.
    fn is_due(&self) -> bool {
        match (self.waiting.front(), self.waiting.back()) {
            (Some(first), Some(last)) => {
                let entries = last.head.next.0 - first.head.next.0;
                let is_hurried = self.is_urgent || self.is_stopping;
                is_hurried || entries >= APPLY_ENTRIES_MAX as u64 || first.since.elapsed() >= IDLE
            }
            _ => false,
        }
    }
}

impl Shared {
    /// Shares a store that has everything; `ready` is the newest generation on disk.
    pub(crate) fn over(sled: SledStore, ready: u64) -> Self {
        let head = sled.head();
        Self {
            head: RwLock::new(head),
            tail: RwLock::new(Tail::after(head.next.0)),
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                left: VecDeque::new(),
                ready,
                is_urgent: false,
                is_stopping: false,
            }),
            moved: Condvar::new(),
            poisoned: AtomicBool::new(false),
            rotation: Mutex::new(()),
            behind: sled.reader(),
            sled: Mutex::new(Some(Box::new(sled))),
        }
    }

    pub(crate) fn head(&self) -> Head {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::SeqCst)
    }

    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::SeqCst);
        self.moved.notify_all();
    }

    pub(crate) fn stop(&self) {
        lock(&self.state).is_stopping = true;
        self.moved.notify_all();
    }

    /// Shows what has just been committed.
    pub(crate) fn publish(&self, first: Position, entries: &[Vec<u8>], head: Head) {
        let group = Group::new(first.0, entries);
        let mut tail = self.tail.write().unwrap_or_else(PoisonError::into_inner);
        tail.push(group);
        // Under the tail's lock: no reader sees a head whose entries it cannot read.
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
        drop(tail);
        let since = Instant::now();
        let mut state = lock(&self.state);
        state.waiting.push_back(Waiting { head, since });
        // Before there is a batch for it the applier looks at the clock alone: waking it for each append costs as much as the
        // append.
        let is_due = state.is_due();
        drop(state);
        if is_due {
            self.moved.notify_all();
        }
    }

    /// Leaves a generation; waits until the next one is ready, which bounds how far sled may lag.
    pub(crate) fn leave(&self, generation: u64, next: u64) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.left.push_back((generation, next));
        while state.ready <= generation {
            if self.is_poisoned() {
                return Err(io::Error::other("the applier stopped"));
            }
            state.is_urgent = true;
            self.moved.notify_all();
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    /// Keeps everybody else from giving files to generations.
    pub(crate) fn hold_rotation(&self) -> std::sync::MutexGuard<'_, ()> {
        lock(&self.rotation)
    }

    /// After everything was wiped: the headers of two further generations are on disk.
    pub(crate) fn forget_generations(&self, active: u64) {
        let mut state = lock(&self.state);
        state.left.clear();
        state.ready = active + 2;
    }

    /// Waits until sled has everything that is committed.
    pub(crate) fn drain(&self) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        while !state.waiting.is_empty() {
            if self.is_poisoned() {
                return Err(StoreError::Poisoned);
            }
            state.is_urgent = true;
            self.moved.notify_all();
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    pub(crate) fn redact(&self, position: Position, replacement: &[u8]) -> Result<(), StoreError> {
        let mut sled = lock(&self.sled);
        let store = sled.as_mut().ok_or(StoreError::Closed)?;
        store
            .redact(position, replacement)
            .inspect_err(|_| self.poison())
    }

    pub(crate) fn close(&self) -> Result<(), StoreError> {
        let store = lock(&self.sled).take().ok_or(StoreError::Closed)?;
        store.close()
    }

    /// Lets go of the folder without a last word, as a crash would.
    pub(crate) fn release(&self) {
        drop(lock(&self.sled).take());
    }

    /// Entries in the tail.
    pub(crate) fn lag(&self) -> u64 {
        let tail = self.tail.read().unwrap_or_else(PoisonError::into_inner);
        self.head().next.0.saturating_sub(tail.first())
    }

    pub(crate) fn read_one(&self, position: Position) -> Result<Option<Vec<u8>>, StoreError> {
        if self.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        if position >= self.head().next {
            // Sled ends no later than the journal; asked, it also says whether the store was closed.
            return self.behind.entry(position);
        }
        let tail = self.tail.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = tail.get(position.0) {
            return Ok(Some(entry.to_vec()));
        }
        drop(tail);
        // What left the tail is in sled: it leaves only after the flush.
        let found = self.behind.entry(position)?;
        found
            .map(Some)
            .ok_or_else(|| Damage::Missing { position }.into())
    }

    pub(crate) fn read_page(
        &self,
        from: Position,
        most: PageLimit,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        if self.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        let range = most.range(from, &self.head());
        let tail = self.tail.read().unwrap_or_else(PoisonError::into_inner);
        let border = tail.first();
        drop(tail);
        // What lies before the border is in sled, whatever moves meanwhile; the rest is looked up one by one.
        let mut page = match range.start < border {
            true => self.behind.page(from, most)?,
            false => Vec::new(),
        };
        let mut bytes: usize = page.iter().map(Vec::len).sum();
        for position in (range.start + page.len() as u64..range.end).map(Position) {
            let entry = self
                .read_one(position)?
                .ok_or(Damage::Missing { position })?;
            bytes += entry.len();
            if bytes > PAGE_BYTES_MAX && !page.is_empty() {
                break;
            }
            page.push(entry);
        }
        Ok(page)
    }
}

impl Applier {
    fn run(self) {
        if let Err(error) = self.work() {
            tracing::error!(%error, "the applier stopped; what is committed stays in the journal");
            self.shared.poison();
        }
    }

    fn work(&self) -> Result<(), StoreError> {
        loop {
            let (is_due, is_stopping) = self.wait();
            if self.shared.is_poisoned() {
                return Ok(());
            }
            if is_due {
                self.apply()?;
                self.free_segments().map_err(StoreError::Unknown)?;
            } else if is_stopping {
                return Ok(());
            } else {
                self.active
                    .seal_when_idle(&self.shared)
                    .map_err(StoreError::Unknown)?;
            }
        }
    }

    /// Waits for work: whether there is any, and whether the store is being closed.
    fn wait(&self) -> (bool, bool) {
        let mut state = lock(&self.shared.state);
        loop {
            if state.is_due() {
                return (true, state.is_stopping);
            }
            if state.is_stopping || self.shared.is_poisoned() {
                return (false, state.is_stopping);
            }
            let oldest = state.waiting.front().map(|first| first.since.elapsed());
            let patience = IDLE.saturating_sub(oldest.unwrap_or_default());
            let (woken, timeout) = self
                .shared
                .moved
                .wait_timeout(state, patience)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if timeout.timed_out() && state.waiting.is_empty() {
                return (false, state.is_stopping);
            }
        }
    }

    /// Moves one run of whole frames into sled, with one flush.
    fn apply(&self) -> Result<(), StoreError> {
        let shared = &self.shared;
        let first = {
            let tail = shared.tail.read().unwrap_or_else(PoisonError::into_inner);
            tail.first()
        };
        let frames: Vec<Waiting> = {
            let state = lock(&shared.state);
            let is_near =
                |waiting: &&Waiting| waiting.head.next.0 - first <= APPLY_ENTRIES_MAX as u64;
            let near = state.waiting.iter().take_while(is_near).count().max(1);
            state.waiting.iter().take(near).copied().collect()
        };
        let Some(head) = frames.last().map(|waiting| waiting.head) else {
            return Ok(());
        };
        let groups = {
            let tail = shared.tail.read().unwrap_or_else(PoisonError::into_inner);
            tail.before(head.next.0)
        };
        let entries: Vec<&[u8]> = groups.iter().flat_map(|group| group.entries()).collect();
        {
            let mut sled = lock(&shared.sled);
            let store = sled.as_mut().ok_or(StoreError::Closed)?;
            let expected = store.head();
            store
                .append_lent(expected, &entries, head)
                .map_err(|error| StoreError::Unknown(io::Error::other(error)))?;
        }
        let mut tail = shared.tail.write().unwrap_or_else(PoisonError::into_inner);
        let applied = tail.drop_before(head.next.0);
        drop(tail);
        // Freed outside the lock, which the writer waits for.
        drop((applied, groups));
        let mut state = lock(&shared.state);
        state.waiting.drain(..frames.len());
        if state.waiting.is_empty() {
            state.is_urgent = false;
        }
        drop(state);
        shared.moved.notify_all();
        Ok(())
    }

    /// Gives segments whose frames are all in sled to the next generations.
    fn free_segments(&self) -> io::Result<()> {
        let applied = {
            let tail = self
                .shared
                .tail
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            tail.first()
        };
        let _held = self.shared.hold_rotation();
        loop {
            let next = {
                let state = lock(&self.shared.state);
                match state.left.front() {
                    Some((_, end)) if *end <= applied => state.ready + 1,
                    _ => return Ok(()),
                }
            };
            // Generation g + 3 lies where g lay: the header makes the frames of g stale, and sled has them all.
            self.active.recycle(next)?;
            let mut state = lock(&self.shared.state);
            state.left.pop_front();
            state.ready = next;
            drop(state);
            self.shared.moved.notify_all();
        }
    }
}

/// Starts the thread.
pub(crate) fn spawn(applier: Applier) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name("journal-applier".to_owned())
        .spawn(move || applier.run())
}
