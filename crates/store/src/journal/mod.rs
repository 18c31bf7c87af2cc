//! A commit journal in front of sled: one write and one fdatasync make a group durable; a second thread moves what is
//! committed into sled, many groups at a time.
//!
//! ```text
//! <dir>/journal/segment-0..2   zero-filled files in rotation, see frame.rs
//! <dir>/LOCK, floor, sled/     the store behind, see sled_store.rs
//! ```
//!
//! - **Commit point**: [`Active::commit`]. Entries are acknowledged if and only if it returned `Ok`.
//! - Until they are applied, entries are read from the *tail* in memory: readers see every committed entry at once.
//! - A segment is given to a new generation only after the flush of sled that covers its last frame. The three segments
//!   bound how far sled may lag; an append that finds no free one waits.
//! - After [`IDLE`] without an append, and when closed, a *seal* says how far the log reached: only the last group before a
//!   crash can be ambiguous.
//! - Start-up compares frames at or below sled's head with sled, applies the others and flushes before the first read; then
//!   it begins a new generation, so that what was torn is never written over in place.
//! - Any failed write or sync poisons the store. Nobody is told yes or no; the process stops.

mod active;
mod applier;
mod frame;
mod scan;
mod segment;
mod start;
mod tail;

use crate::log_store::{
    AppendError, Head, LogReader, LogStore, NoRoom, PageLimit, StoreError, check_append,
    check_redact,
};
use crate::sled_store::{SledOptions, SledStore};
use active::Active;
use applier::Shared;
use probity_types::{LogId, Position};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Size of a segment where the operator names none.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// Smallest segment: one append of the writer has to fit.
pub const SEGMENT_BYTES_MIN: u64 = 1024 * 1024;
/// Largest segment: a start reads all three into memory.
pub const SEGMENT_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Free bytes beyond those of the journal below which appends are refused: key ring, snapshots, sled's own metadata.
const ROOM_BYTES: u64 = 16 * 1024 * 1024;
/// Idle time after which the end of the log is sealed, and longest wait of a committed entry for sled.
pub(crate) const IDLE: Duration = Duration::from_millis(100);

/// What an operator may choose.
#[derive(Debug, Clone, Copy)]
pub struct JournalOptions {
    /// Size of each of the three segments; used when the journal is made, read from the files later.
    pub segment_bytes: u64,
    /// The store behind.
    pub engine: SledOptions,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self {
            segment_bytes: SEGMENT_BYTES,
            engine: SledOptions::default(),
        }
    }
}

impl JournalOptions {
    /// The usual options with segments of another size.
    #[must_use]
    pub fn with_segments_of(bytes: u64) -> Self {
        Self {
            segment_bytes: bytes,
            ..Self::default()
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct JournalStore {
    shared: Arc<Shared>,
    active: Active,
    applier: Option<JoinHandle<()>>,
    /// Asked how much is free around it.
    folder: File,
}

impl JournalStore {
    /// Creates an empty log in `dir` (and `dir` itself), durable before it returns.
    ///
    /// # Errors
    /// `LogExists` where there is one already, otherwise as [`open`](Self::open).
    pub fn create(dir: &Path, log: LogId, options: JournalOptions) -> Result<Self, StoreError> {
        let sled = SledStore::create(dir, options.engine)?;
        start::start(dir, log, options, sled)
    }

    /// Opens the log in `dir`: recovers what was committed and not yet applied.
    ///
    /// # Errors
    /// As [`SledStore::open`]; `Damage` where journal and sled contradict each other or themselves.
    pub fn open(dir: &Path, log: LogId, options: JournalOptions) -> Result<Self, StoreError> {
        let sled = SledStore::open(dir, options.engine)?;
        start::start(dir, log, options, sled)
    }

    /// Waits until sled has everything that is committed.
    fn drain(&self) -> Result<(), StoreError> {
        self.shared.drain()
    }

    fn stop_applier(&mut self) {
        self.shared.stop();
        if let Some(thread) = self.applier.take() {
            // A panic of the applier has poisoned the store already.
            let _ = thread.join();
        }
    }
}

pub(crate) fn lock<T>(mutex: &std::sync::Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LogStore for JournalStore {
    fn head(&self) -> Head {
        self.shared.head()
    }

    fn append_bytes_max(&self) -> u64 {
        self.active.append_bytes_max()
    }

    fn check_room(&self) -> Result<(), NoRoom> {
        // A system that does not tell is not a disk that is full.
        let Ok(room) = rustix::fs::fstatvfs(&self.folder) else {
            return Ok(());
        };
        let free = room.f_bavail.saturating_mul(room.f_frsize);
        // Sled still has to take what the journal holds, and rewrites what it touches.
        let least = self.active.journal_bytes() + ROOM_BYTES;
        match free >= least {
            true => Ok(()),
            false => Err(NoRoom { free, least }),
        }
    }

    fn append(
        &mut self,
        expected: Head,
        entries: &[Vec<u8>],
        new_head: Head,
    ) -> Result<(), AppendError> {
        if self.shared.is_poisoned() {
            return Err(AppendError::Poisoned);
        }
        check_append(self.head(), expected, entries, new_head)?;
        if entries.is_empty() {
            return Ok(());
        }
        self.active.check_fits(entries)?;
        self.active
            .commit(&self.shared, expected.next, entries, &new_head)
            .map_err(|error| {
                self.shared.poison();
                AppendError::Unknown(error)
            })?;
        self.shared.publish(expected.next, entries, new_head);
        Ok(())
    }

    fn redact(&mut self, position: Position, replacement: &[u8]) -> Result<(), StoreError> {
        if self.shared.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        check_redact(self.head(), position, replacement.len())?;
        // The old ciphertext must leave the journal too, and recovery compares its frames with sled: nothing of the old
        // generations may be left when the entry changes.
        self.drain()?;
        self.active.forget_all(&self.shared).map_err(|error| {
            self.shared.poison();
            StoreError::Unknown(error)
        })?;
        self.shared.redact(position, replacement)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::clone(&self.shared) as Arc<dyn LogReader>
    }

    fn close(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.shared.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        self.drain()?;
        // While the applier still runs: a seal may need a free segment.
        self.active.seal(&self.shared).map_err(|error| {
            self.shared.poison();
            StoreError::Unknown(error)
        })?;
        self.stop_applier();
        self.shared.close()
    }
}

impl Drop for JournalStore {
    fn drop(&mut self) {
        self.stop_applier();
        self.shared.release();
    }
}

impl LogReader for Shared {
    fn head(&self) -> Head {
        Self::head(self)
    }

    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_one(position)
    }

    fn page(&self, from: Position, most: PageLimit) -> Result<Vec<Vec<u8>>, StoreError> {
        self.read_page(from, most)
    }

    fn waiting(&self) -> u64 {
        self.lag()
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
