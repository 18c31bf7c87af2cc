//! The log in sled, a pre-release named openly: `=1.0.0-alpha.124`.
//!
//! ```text
//! <dir>/LOCK    our own flock                key                       value
//! <dir>/floor   see floor.rs                 e ‖ position u64 BE       the entry, opaque
//! <dir>/sled/   the engine's files           m|head                    next u64 BE ‖ entry hash
//! ```
//!
//! One tree and one order of keys: an append touches the last leaf only. (Randomly ordered keys in
//! the same tree dirty a leaf each, and every flush rewrites all of them.) Nothing is ever removed.
//!
//! What this file has to know about the engine:
//! - `flush` ends in fsync of slab files and metadata log; one batch lies in one flush epoch, so it
//!   is recovered whole or not at all. This is the only durability used: no background flusher.
//! - After a *failed* flush the next flush waits for ever, and **dropping a `Db`, `Tree` or iterator
//!   flushes**. So after any engine error all handles are forgotten, never dropped, and the caller
//!   aborts the process; the folder stays locked until then.
//! - `iter` and `range` clone the tree and flush when dropped: a reader using them would flush the
//!   writer's half-made commit and swallow its error. Readers use `get` alone.
//! - An engine read error (checksum) makes every later write fail, so it poisons the store too.
//! - `Db` is `Send`, not `Sync`: readers share a few clones behind mutexes.
//! - Leaves written since opening are never evicted (about 0.45 KB an entry), whatever the cache
//!   capacity says. [`REOPEN_EVERY`] bounds it; readers wait meanwhile.
//! - It takes a bad record of its metadata log for a torn end and silently goes back to the state
//!   before it, and can remove its only snapshot: see engine_files.rs and floor.rs.
//! - It runs the program `sync` on open, and panics on some kinds of damage: calls are guarded.

use crate::engine_files::{check_engine_files, sync_engine_files};
use crate::floor::{check_floor, raise_floor};
use crate::folder::{FolderError, FolderLock, create_folder, patiently, sync_folder};
use crate::guard::guarded;
use crate::log_store::{
    AppendError, Damage, Head, LogReader, LogStore, PageLimit, StoreError, check_append,
    check_redact, collect_page,
};
use probity_types::Position;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::time::Duration;

/// Entries appended between two reopenings of the engine, which frees what it cannot evict:
/// at about 0.45 KB an entry this bounds the growth to some 225 MB.
pub const REOPEN_EVERY: u64 = 500_000;
/// It waits for the program `sync`, which waits for everything that the machine has to write.
const OPEN_PATIENCE: Duration = Duration::from_secs(300);
/// Handles for readers. More than the cores of a small server; each costs a few KB.
const READER_HANDLES: usize = 4;
/// One engine batch is held in memory as a whole.
const APPEND_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Entries of a leaf. The engine keeps an index entry of some 670 bytes in memory for every leaf there is, which an hour of
/// appends shows: 2.6 bytes an event with leaves of 256, below 1 with these. A read of one entry unpacks its leaf.
const LEAF_FANOUT: usize = 1024;
const ZSTD_LEVEL: i32 = 3;
const ENGINE_FOLDER: &str = "sled";
const HEAD_KEY: &[u8] = b"m|head";
const ENTRY_PREFIX: u8 = b'e';

type Db = sled::Db<LEAF_FANOUT>;

/// What an operator may choose.
#[derive(Debug, Clone, Copy)]
pub struct SledOptions {
    /// Cache for leaves that were read. Leaves written since opening are not counted.
    pub cache_capacity_bytes: usize,
    /// Entries between two reopenings; [`REOPEN_EVERY`] except in tests that cross many of them.
    pub reopen_every: u64,
    /// How long the engine may take to open: over files that contradict each other it never ends.
    pub open_patience: Duration,
}

impl Default for SledOptions {
    fn default() -> Self {
        Self {
            cache_capacity_bytes: 64 * 1024 * 1024,
            reopen_every: REOPEN_EVERY,
            open_patience: OPEN_PATIENCE,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct SledStore {
    /// `None` only after poisoning or closing, when no handle may be dropped or used.
    db: Option<Db>,
    shared: Arc<Shared>,
    dir: PathBuf,
    options: SledOptions,
    appended_since_open: u64,
    // Last, so that it is released after the engine has let go of its files.
    lock: Option<FolderLock>,
}

/// What readers and the writer share.
#[derive(Debug)]
struct Shared {
    head: RwLock<Head>,
    handles: [Mutex<Option<Db>>; READER_HANDLES],
    turn: AtomicUsize,
    poisoned: AtomicBool,
}

impl SledStore {
    /// Creates an empty log in `dir` (and `dir` itself), durable before it returns.
    ///
    /// # Errors
    /// `LogExists` where there is one already, otherwise as [`open`](Self::open).
    pub fn create(dir: &Path, options: SledOptions) -> Result<Self, StoreError> {
        create_folder(dir)?;
        let lock = take_lock(dir)?;
        let store = Self::start(dir, options, lock)?;
        match store.head() {
            Head::EMPTY => Ok(store),
            head => Err(StoreError::LogExists {
                path: text(dir),
                entries: head.next.0,
            }),
        }
    }

    /// Opens the log in `dir`; compares its head with the entries at both ends.
    ///
    /// # Errors
    /// `InUse`, `Folder` (missing or on a network file system), `NoLog`, `Damage` (never repaired
    /// here), `Engine`.
    pub fn open(dir: &Path, options: SledOptions) -> Result<Self, StoreError> {
        if !dir.join(ENGINE_FOLDER).is_dir() {
            return Err(StoreError::NoLog { path: text(dir) });
        }
        let lock = take_lock(dir)?;
        Self::start(dir, options, lock)
    }

    fn start(dir: &Path, options: SledOptions, lock: FolderLock) -> Result<Self, StoreError> {
        let db = open_engine(dir, options)?;
        let head = match guarded(|| examine(&db)) {
            Ok(Ok(head)) => head,
            Ok(Err(damage)) => return Err(damage.into()), // nothing is dirty: dropping is safe
            Err(error) => {
                std::mem::forget(db);
                return Err(unreadable("the ends of the log", &error).into());
            }
        };
        check_floor(dir, head.unwrap_or(Head::EMPTY))?;
        let shared = Arc::new(Shared {
            head: RwLock::new(head.unwrap_or(Head::EMPTY)),
            handles: Default::default(),
            turn: AtomicUsize::new(0),
            poisoned: AtomicBool::new(false),
        });
        shared.hand_out(&db);
        let mut store = Self {
            db: Some(db),
            shared,
            dir: dir.to_owned(),
            options,
            appended_since_open: 0,
            lock: Some(lock),
        };
        if head.is_none() {
            store.initialise()?;
        }
        raise_floor(dir, store.head())?;
        Ok(store)
    }

    /// First write of a new log, and the end of a creation that a crash interrupted.
    fn initialise(&mut self) -> Result<(), StoreError> {
        self.write(|db| commit(db, 0, &[], &Head::EMPTY))
            .map_err(StoreError::Unknown)?;
        // The engine syncs most of its files, and not always the names of the folders it made.
        sync_engine_files(&self.dir.join(ENGINE_FOLDER))?;
        sync_folder(&self.dir)?;
        Ok(())
    }

    /// Runs one engine write. Any failure poisons the store: see the module on failed flushes.
    fn write(&mut self, write: impl FnOnce(&Db) -> io::Result<()>) -> io::Result<()> {
        let db = self
            .db
            .as_ref()
            .ok_or_else(|| io::Error::other("the store is closed"))?;
        guarded(|| write(db))
            .and_then(|result| result)
            .inspect_err(|_| {
                self.shared.poison();
                std::mem::forget(self.db.take());
                // The lock goes with the process, as the engine's own does.
                std::mem::forget(self.lock.take());
            })
    }

    /// As `append`, for entries that lie wherever they lie.
    pub(crate) fn append_lent(
        &mut self,
        expected: Head,
        entries: &[&[u8]],
        new_head: Head,
    ) -> Result<(), AppendError> {
        self.shared
            .refuse_if_poisoned()
            .map_err(|_| AppendError::Poisoned)?;
        check_append(self.head(), expected, entries, new_head)?;
        if entries.is_empty() {
            return Ok(());
        }
        // Before the commit, not after it: a failure here leaves nothing half told.
        if self.appended_since_open >= self.options.reopen_every {
            self.reopen()
                .map_err(|e| AppendError::Unknown(io::Error::other(e)))?;
        }
        self.write(|db| commit(db, expected.next.0, entries, &new_head))
            .map_err(AppendError::Unknown)?;
        self.shared.publish(new_head);
        self.appended_since_open += entries.len() as u64;
        Ok(())
    }

    /// Closes and opens the engine, which frees the leaves it never evicts. Readers wait: all
    /// their handles are held here until the new ones are in place.
    ///
    /// # Errors
    /// The store is poisoned then. Nothing was lost: everything was flushed before.
    fn reopen(&mut self) -> Result<(), StoreError> {
        // Every drop flushes and swallows its error: flush first, where it is seen.
        self.write(|db| db.flush().map(drop))
            .map_err(StoreError::Unknown)?;
        let mut slots = self.shared.handles.each_ref().map(lock_slot);
        self.shared.refuse_if_poisoned()?; // a reader may have failed meanwhile
        slots.iter_mut().for_each(|slot| drop(slot.take()));
        drop(self.db.take());
        match open_engine(&self.dir, self.options) {
            Ok(db) => {
                slots.iter_mut().for_each(|slot| **slot = Some(db.clone()));
                self.db = Some(db);
                self.appended_since_open = 0;
            }
            Err(error) => {
                self.shared.poisoned.store(true, Ordering::SeqCst);
                return Err(error);
            }
        }
        drop(slots);
        Ok(raise_floor(&self.dir, self.head())?)
    }
}

/// **The commit point of the log**: `entries` are acknowledged if and only if this returns `Ok`.
fn commit(db: &Db, from: u64, entries: &[&[u8]], new_head: &Head) -> io::Result<()> {
    let mut batch = sled::Batch::default();
    // A crash up to here: nothing of the append exists.
    for (position, entry) in (from..).zip(entries) {
        batch.insert(&entry_key(position)[..], *entry);
    }
    batch.insert(HEAD_KEY, &new_head.to_bytes()[..]);
    // A crash before or after this line: the batch is in memory only, nothing of it is found.
    db.apply_batch(batch)?;
    // A crash inside: all or nothing, decided by one framed record of the engine's metadata log.
    // Nobody was told; start-up reads which. An error: the same, but in a process that cannot know.
    db.flush()?;
    // A crash from here on: everything is found. A client that missed the answer retries with its
    // key and finds the first receipt.
    Ok(())
}

/// Opens the engine; a panic inside (it asserts on some damage) becomes a named error, and so does an opening without end.
fn open_engine(dir: &Path, options: SledOptions) -> Result<Db, StoreError> {
    check_engine_files(&dir.join(ENGINE_FOLDER))?;
    let config = sled::Config::new()
        .path(dir.join(ENGINE_FOLDER))
        .flush_every_ms(None)
        .cache_capacity_bytes(options.cache_capacity_bytes)
        .zstd_compression_level(ZSTD_LEVEL);
    // The engine locks its own folder: see LOCK_PATIENCE for why a held lock is asked for again.
    let open = move || {
        patiently(|| match guarded(|| config.open::<LEAF_FANOUT>()) {
            Ok(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
            other => Some(other),
        })
    };
    match in_time(options.open_patience, open) {
        Err(error) => Err(unreadable("its own files", &error).into()),
        Ok(None) => Err(StoreError::InUse { path: text(dir) }),
        Ok(Some(Ok(Ok(db)))) => Ok(db),
        Ok(Some(Err(panic))) => Err(unreadable("its own files", &panic).into()),
        Ok(Some(Ok(Err(source)))) => Err(match source.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                unreadable("its own files", &source).into()
            }
            // The engine has no kind of error for it.
            _ if source.to_string().contains("LEAF_FANOUT") => {
                StoreError::OtherLayout { path: text(dir) }
            }
            _ => StoreError::Engine {
                path: text(dir),
                source,
            },
        }),
    }
}

/// Runs `work` in a thread of its own, which is left to itself where it does not end: the caller names that and stops.
fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("engine-open".to_owned());
    thread.spawn(move || sender.send(work()))?;
    receiver
        .recv_timeout(patience)
        .map_err(|_| io::Error::other(format!("it did not open within {} s", patience.as_secs())))
}

/// Reads the head and both ends. `None`: neither head nor entries, a log being created.
/// Runs before any write, so the iterators used here have nothing to flush when they are dropped.
fn examine(db: &Db) -> Result<Option<Head>, Damage> {
    let failed = |e: io::Error| unreadable("the ends of the log", &e);
    let head = match db.get(HEAD_KEY).map_err(failed)? {
        Some(bytes) => {
            let malformed = || Damage::Malformed {
                what: "the head record".into(),
            };
            Some(Head::from_bytes(&bytes).ok_or_else(malformed)?)
        }
        None => None,
    };
    let first = db.first().map_err(failed)?.map(|(key, _)| key);
    let last = db.get_lt(HEAD_KEY).map_err(failed)?.map(|(key, _)| key);
    let last = last.map(|key| decode_key(&key)).transpose()?;
    match (head, last) {
        (None, None) => Ok(None),
        (None, Some(last)) => Err(Damage::HeadMissing { last }),
        (Some(head), None) if head.next.0 == 0 => Ok(Some(head)),
        (Some(head), None) => Err(Damage::HeadAboveEntries {
            next: head.next,
            last: Position::NONE,
        }),
        (Some(head), Some(last)) if last >= head.next => Err(Damage::HeadBelowEntries {
            next: head.next,
            last,
        }),
        (Some(head), Some(last)) if last.next() < head.next => Err(Damage::HeadAboveEntries {
            next: head.next,
            last,
        }),
        (Some(head), Some(_)) => match first.map(|key| decode_key(&key)).transpose()? {
            Some(Position(0)) => Ok(Some(head)),
            _ => Err(Damage::Missing {
                position: Position(0),
            }),
        },
    }
}

fn entry_key(position: u64) -> [u8; 9] {
    let mut key = [ENTRY_PREFIX; 9];
    key[1..].copy_from_slice(&position.to_be_bytes());
    key
}

fn decode_key(key: &[u8]) -> Result<Position, Damage> {
    match key.split_first() {
        Some((&ENTRY_PREFIX, position)) => position.try_into().ok(),
        _ => None,
    }
    .map(|bytes| Position(u64::from_be_bytes(bytes)))
    .ok_or_else(|| Damage::Malformed {
        what: format!("the key {:02x?}", key),
    })
}

fn take_lock(dir: &Path) -> Result<FolderLock, StoreError> {
    FolderLock::take(dir).map_err(|error| match error {
        FolderError::InUse { path } => StoreError::InUse { path },
        other => StoreError::Folder(other),
    })
}

fn unreadable(what: &str, error: &io::Error) -> Damage {
    Damage::Unreadable {
        what: what.into(),
        reason: error.to_string(),
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn lock_slot(slot: &Mutex<Option<Db>>) -> std::sync::MutexGuard<'_, Option<Db>> {
    // Engine panics are caught inside the guard's life, so a poisoned mutex holds a whole value.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LogStore for SledStore {
    fn head(&self) -> Head {
        self.shared.head()
    }

    fn append_bytes_max(&self) -> u64 {
        APPEND_BYTES_MAX
    }

    fn append(
        &mut self,
        expected: Head,
        entries: &[Vec<u8>],
        new_head: Head,
    ) -> Result<(), AppendError> {
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        self.append_lent(expected, &entries, new_head)
    }

    fn redact(&mut self, position: Position, replacement: &[u8]) -> Result<(), StoreError> {
        self.shared.refuse_if_poisoned()?;
        check_redact(self.head(), position, replacement.len())?;
        self.write(|db| {
            db.insert(entry_key(position.0), replacement)?;
            // A crash before this line's end: the old entry or the new one. The erasure's event is
            // in the log, so start-up calls again. (The old bytes may stay in a freed slot of the
            // engine's files; their key is destroyed.)
            db.flush().map(drop)
        })
        .map_err(StoreError::Unknown)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::clone(&self.shared) as Arc<dyn LogReader>
    }

    fn close(mut self: Box<Self>) -> Result<(), StoreError> {
        self.shared.refuse_if_poisoned()?;
        // Flushes explicitly: an error on drop would only be logged, and the next drop would hang.
        self.write(|db| db.flush().map(drop))
            .map_err(StoreError::Unknown)?;
        Ok(raise_floor(&self.dir, self.head())?)
        // The rest is `Drop`.
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        // With all of them held no reader can fail, and poison, between the check and the drops.
        let mut slots = self.shared.handles.each_ref().map(lock_slot);
        if self.shared.poisoned.load(Ordering::SeqCst) {
            slots
                .iter_mut()
                .for_each(|slot| std::mem::forget(slot.take()));
            std::mem::forget(self.db.take());
            std::mem::forget(self.lock.take());
            return;
        }
        slots.iter_mut().for_each(|slot| drop(slot.take()));
        drop(self.db.take());
    }
}

impl Shared {
    fn head(&self) -> Head {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows readers what has just become durable.
    fn publish(&self, head: Head) {
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
    }

    fn hand_out(&self, db: &Db) {
        self.handles
            .iter()
            .for_each(|slot| *lock_slot(slot) = Some(db.clone()));
    }

    fn refuse_if_poisoned(&self) -> Result<(), StoreError> {
        match self.poisoned.load(Ordering::SeqCst) {
            true => Err(StoreError::Poisoned),
            false => Ok(()),
        }
    }

    fn poison(&self) {
        self.poisoned.store(true, Ordering::SeqCst);
        self.handles
            .iter()
            .for_each(|slot| std::mem::forget(lock_slot(slot).take()));
    }

    /// Runs `read` with a handle of the engine: a free one, or else the next in turn.
    fn with_handle<T>(
        &self,
        read: impl FnOnce(&Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let free = self.handles.iter().find_map(|slot| slot.try_lock().ok());
        let slot = free.unwrap_or_else(|| {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % READER_HANDLES;
            lock_slot(&self.handles[turn])
        });
        self.refuse_if_poisoned()?;
        let db = slot.as_ref().ok_or(StoreError::Closed)?;
        read(db)
    }

    fn look_up(&self, db: &Db, position: Position) -> Result<Option<Vec<u8>>, StoreError> {
        let found = guarded(|| db.get(entry_key(position.0))).and_then(|result| result);
        found
            .map(|value| value.map(|bytes| bytes.to_vec()))
            .map_err(|error| {
                // The engine refuses every write once a read has failed: stop before one.
                self.poisoned.store(true, Ordering::SeqCst);
                unreadable(&format!("the entry at position {position}"), &error).into()
            })
    }
}

impl LogReader for Shared {
    fn head(&self) -> Head {
        Self::head(self)
    }

    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, StoreError> {
        if position >= Self::head(self).next {
            return self.with_handle(|_| Ok(None));
        }
        let found = self.with_handle(|db| self.look_up(db, position))?;
        found
            .map(Some)
            .ok_or_else(|| Damage::Missing { position }.into())
    }

    fn page(&self, from: Position, most: PageLimit) -> Result<Vec<Vec<u8>>, StoreError> {
        let range = most.range(from, &Self::head(self));
        self.with_handle(|db| collect_page(range, |position| self.look_up(db, position)))
    }
}

#[cfg(test)]
#[path = "sled_store_tests.rs"]
mod tests;
