//! Start-up: read everything, check everything, complete what a crash left open, then serve.

use super::{Job, LogHandle, QUEUE_MAX, Sink, Writer};
use crate::clock::{Clock, ClockGuard};
use crate::missing::MissingKeys;
use crate::opener::{Keys, Opener};
use crate::snapshot::Snapshot;
use crate::walk::{WalkError, Walked, decode, other_log, walk_pages};
use probity_domain::{Entry, Registry, Tagger};
use probity_format::events::Event;
use probity_store::{Damage, LogReader, LogStore, StoreError};
use probity_types::{LogId, Position, RootId};
use std::sync::{Arc, PoisonError};
use tokio::sync::watch;

/// Pages that may wait for the views while the decision state moves on.
const PAGES_BEHIND: usize = 4;

/// Everything a writer starts from.
pub struct Opening {
    /// The log's id.
    pub log: LogId,
    /// Its store.
    pub store: Box<dyn LogStore>,
    /// Its key ring.
    pub keys: Keys,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Its state at an earlier head, so that only what came after is walked. One that does not fit the log is ignored.
    pub snapshot: Option<Snapshot>,
    /// Its views. They are shown every entry from the snapshot on; whoever is shown position 0 begins anew.
    pub sink: Sink,
    /// What to do when the truth on disk is not known: the server aborts, tests take note.
    pub on_fatal: Box<dyn FnMut(&str) + Send>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening")
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

/// Why the writer does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The log does not hold.
    #[error("the log does not hold")]
    Walk(#[from] WalkError),
    /// The folder belongs to another log than the key ring.
    #[error("the log is {found}, the key ring belongs to {expected}")]
    OtherLog {
        /// As the key ring says.
        expected: LogId,
        /// As the log says.
        found: LogId,
    },
    /// The key ring is older than the log.
    #[error(
        "position {first}: field sealed part: its key is under root {root}, which the key ring does not hold; {parts} sealed \
         parts would stay unreadable: restore the key ring from a newer backup"
    )]
    KeysMissing {
        /// First entry concerned.
        first: Position,
        /// Its root.
        root: RootId,
        /// Parts without a key.
        parts: u64,
    },
    /// An erasure that a crash cut short could not be completed.
    #[error("an erasure that was recorded could not be completed: {0}")]
    Erasure(String),
    /// The thread could not be started.
    #[error("the writer's thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// Recovers the state from the log, then starts the writer's thread.
///
/// # Errors
/// [`StartError`]; nothing was changed then, except that erasures recorded before may be completed.
pub fn start(opening: Opening) -> Result<(LogHandle, std::thread::JoinHandle<()>), StartError> {
    let Opening {
        log,
        store,
        keys,
        clock,
        snapshot,
        sink,
        on_fatal,
    } = opening;
    let reader = store.reader();
    let tagger = {
        let ring = keys.read().unwrap_or_else(PoisonError::into_inner);
        Tagger::new(*ring.secret("look-up"))
    };
    let state = fitting(snapshot, &*reader, &keys).unwrap_or_else(|| Snapshot::empty(tagger));
    let opener = Opener::with_keys(log, keys.clone());
    // Those before the snapshot were completed before it was taken, unless an older copy of keys or log was put back.
    let mut erasures = earlier_erasures(state.registry(), &*reader, &opener)?;
    let mut missing = MissingKeys::default();
    let each = |entry: &Entry| {
        missing.note(entry);
        if matches!(&entry.event, Event::ErasureRecorded(_)) {
            erasures.push(entry.clone());
        }
    };
    let (replayed, sink) = replay(state, &*reader, &opener, sink, each);
    let replayed = replayed.map_err(|error| match other_log(&error) {
        Some(found) => StartError::OtherLog {
            expected: log,
            found,
        },
        None => error.into(),
    })?;
    let Snapshot {
        registry,
        chain,
        idempotency,
    } = replayed;
    if let Some((first, root)) = missing.first() {
        let parts = missing.parts();
        return Err(StartError::KeysMissing { first, root, parts });
    }
    let last = (chain.next().0 > 0).then(|| chain.time());
    let (head_sender, head) = watch::channel(store.head());
    let (fault_sender, fault) = watch::channel(None);
    let mut writer = Writer {
        log,
        store: Some(store),
        reader,
        keys,
        registry,
        chain,
        idempotency,
        clock,
        guard: ClockGuard::after_start(last),
        sink,
        head: head_sender,
        fault: fault_sender,
        on_fatal,
        stopped: false,
    };
    let completed = writer.complete_erasures(&erasures);
    completed.map_err(StartError::Erasure)?;
    let (jobs, queue) = std::sync::mpsc::sync_channel::<Job>(QUEUE_MAX);
    let thread = std::thread::Builder::new()
        .name("log-writer".to_owned())
        .spawn(move || writer.run(&queue))
        .map_err(StartError::Thread)?;
    Ok((LogHandle { jobs, head, fault }, thread))
}

/// Walks what comes after a state and moves it on; the views move on beside it, on a thread of their own, and stand at the
/// same entry when this returns. Every entry is handed to `each`.
fn replay(
    state: Snapshot,
    reader: &dyn LogReader,
    opener: &Opener,
    mut sink: Sink,
    mut each: impl FnMut(&Entry),
) -> (Result<Snapshot, WalkError>, Sink) {
    let Snapshot {
        mut registry,
        chain,
        mut idempotency,
    } = state;
    std::thread::scope(|scope| {
        let (show, pages) = std::sync::mpsc::sync_channel::<Vec<Entry>>(PAGES_BEHIND);
        let views = scope.spawn(move || {
            pages.into_iter().for_each(|page| sink(&page));
            sink
        });
        let walked = walk_pages(reader, opener, Walked::after(chain), |entries| {
            for entry in &entries {
                registry.evolve(entry);
                idempotency.remember(&entry.header);
                each(entry);
            }
            // It fails only where the views have panicked, which is told below.
            let _ = show.send(entries);
        });
        drop(show);
        let sink = views
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let replayed = walked.map(|walked| Snapshot {
            registry,
            chain: walked.into_chain(),
            idempotency,
        });
        (replayed, sink)
    })
}

/// The snapshot, where the log still holds what it has seen, and the key ring every root that it needs: without one, the
/// replay names the entry that nobody can open.
fn fitting(snapshot: Option<Snapshot>, reader: &dyn LogReader, keys: &Keys) -> Option<Snapshot> {
    let snapshot = snapshot?;
    let ring = keys.read().unwrap_or_else(PoisonError::into_inner);
    let roots = snapshot.registry().living_roots();
    if let Some(root) = roots.into_iter().find(|root| !ring.knows(*root)) {
        tracing::warn!(%root, "the key ring lacks a root that the snapshot needs; everything is replayed");
        return None;
    }
    match snapshot.check(reader) {
        Ok(()) => Some(snapshot),
        Err(error) => {
            tracing::warn!(%error, "the snapshot does not fit the log; everything is replayed");
            None
        }
    }
}

/// Erasures that a state has seen, read from the log again.
fn earlier_erasures(
    registry: &Registry,
    reader: &dyn LogReader,
    opener: &Opener,
) -> Result<Vec<Entry>, WalkError> {
    let read = |position| {
        let missing = || StoreError::from(Damage::Missing { position });
        let bytes = reader.entry(position)?.ok_or_else(missing)?;
        let frame = decode(position, &bytes)?;
        let opened = opener.open(&frame);
        opened.map_err(|source| WalkError::Entry { position, source })
    };
    registry.erasures().map(read).collect()
}
