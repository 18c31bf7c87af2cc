//! A running ledger: log, keys and views of one data folder.

use crate::checkpoints::SigningKeys;
use crate::folder::{DataFolder, FolderProblem};
use crate::keys::KnownKeys;
use crate::snapshot::{self, Saved};
use probity_domain::source::Tagger;
use probity_domain::{Command, Entry};
use probity_format::Hash;
use probity_format::events::Event;
use probity_format::frame::ActorKind;
use probity_log::checkpoint::Board;
use probity_log::writer::Sink;
use probity_log::{Clock, Keys, LogHandle, Opener, Opening, Submission, SubmitError, WalkError};
use probity_project::{Moment, Views};
use probity_rules::AnchorDates;
use probity_store::keyring::{KeyRing, KeyRingError};
use probity_store::{FolderError, JournalOptions, JournalStore, LogReader, LogStore, StoreError};
use probity_types::{CivilDate, LogId, Position};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Profile where the operator names none: records of 双公示 and serious lists of organisations open, grades by
/// authorisation.
pub const PUBLICITY_DEFAULT: &str = "default";

/// Entries that a start replays in no time: below, closing saves no snapshot.
const UNSAVED_AT_CLOSE: u64 = 10_000;

/// What an operator chooses when a ledger is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// File with the master key, none for `master.key` in the folder or the environment.
    pub master_key: Option<std::path::PathBuf>,
    /// Name of the log, used when it is created.
    pub origin: String,
    /// The commit journal; the size of its segments counts when the ledger is created.
    pub journal: JournalOptions,
    /// Replay everything even where a snapshot lies ready.
    pub ignores_snapshot: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            master_key: None,
            origin: "probity.invalid/log".to_owned(),
            journal: JournalOptions::default(),
            ignores_snapshot: false,
        }
    }
}

impl OpenOptions {
    /// The same with another size of the journal's segments, in bytes.
    #[must_use]
    pub fn with_segments_of(mut self, bytes: u64) -> Self {
        self.journal.segment_bytes = bytes;
        self
    }
}

/// Why a ledger does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderProblem),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key ring.
    #[error("the key ring does not open")]
    Keys(#[from] KeyRingError),
    /// The log.
    #[error(transparent)]
    Start(#[from] probity_log::StartError),
    /// The first entry could not be written.
    #[error(transparent)]
    Begin(#[from] SubmitError),
}

impl OpenError {
    /// Whether another process holds the folder.
    pub fn is_in_use(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::InUse { .. })
                | Self::Keys(KeyRingError::Folder(FolderError::InUse { .. }))
        )
    }
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    /// The writer.
    pub log: LogHandle,
    /// Reads frames.
    pub reader: Arc<dyn LogReader>,
    /// Opens sealed parts.
    pub opener: Opener,
    /// Makes look-up tags.
    pub tagger: Tagger,
    /// The log's id.
    pub id: LogId,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    views: Arc<RwLock<Views>>,
    ring: Keys,
    keys: Arc<KnownKeys>,
    secrets: Arc<Secrets>,
    marks: Arc<Marks>,
    folder: DataFolder,
    publicity: Arc<str>,
    board: Board,
    signing: Arc<OnceLock<SigningKeys>>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Keys of the keyed hashes; each for one purpose.
pub(crate) struct Secrets {
    pub(crate) idempotency: [u8; 32],
    pub(crate) request: [u8; 32],
    pub(crate) file: [u8; 32],
    pub(crate) snapshot: [u8; 32],
    pub(crate) signing: [u8; 32],
}

/// Positions that snapshots are measured by.
struct Marks {
    /// After the last erasure that was shown since the start.
    erased: AtomicU64,
    /// After the last entry that a saved snapshot has seen.
    saved: AtomicU64,
}

/// Shows committed entries to the views. Called by the writer, entry by entry in order.
fn sink(
    views: Arc<RwLock<Views>>,
    known: Arc<KnownKeys>,
    marks: Arc<Marks>,
    folder: DataFolder,
) -> Sink {
    Box::new(move |entries: &[Entry]| {
        known.note(entries);
        let mut erasures = entries
            .iter()
            .filter(|entry| matches!(entry.event, Event::ErasureRecorded(_)));
        if let Some(last) = erasures.next_back() {
            // Before anybody is answered: what a snapshot kept of the person goes with the keys.
            let next = last.header.position.next();
            marks.erased.store(next.0, Ordering::SeqCst);
            snapshot::remove(&folder);
        }
        let mut views = views.write().unwrap_or_else(PoisonError::into_inner);
        entries.iter().for_each(|entry| views.apply(entry));
    })
}

fn abort_on_fatal() -> Box<dyn FnMut(&str) + Send> {
    Box::new(|why| {
        // Whether the last group is on disk is not known; the next start decides. Running on would answer from a state
        // that may not exist.
        tracing::error!(why, "stopping at once");
        std::process::abort();
    })
}

impl Ledger {
    /// Begins a ledger in a new folder, with the built-in policies adopted.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn create(
        folder: &DataFolder,
        options: &OpenOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let id = folder.begin()?;
        let master = folder.master_key(options.master_key.as_deref(), true)?;
        let keys = KeyRing::create(&folder.keys(), id, master)?;
        let store = JournalStore::create(&folder.log(), id, options.journal)?;
        let ledger = Self::start(folder, id, keys, Box::new(store), clock)?;
        ledger.begin(&options.origin)?;
        Ok(ledger)
    }

    /// Opens the ledger of a folder. A creation that a crash cut short is completed.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        folder: &DataFolder,
        options: &OpenOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let id = folder.log_id()?;
        let begun = folder.log().is_dir() && folder.keys().is_dir();
        let master = folder.master_key(options.master_key.as_deref(), !begun)?;
        let keys = match KeyRing::open(&folder.keys(), id, master) {
            Err(KeyRingError::NoRing { .. }) if !folder.log().is_dir() => {
                let master = folder.master_key(options.master_key.as_deref(), true)?;
                KeyRing::create(&folder.keys(), id, master)?
            }
            opened => opened?,
        };
        let store = match JournalStore::open(&folder.log(), id, options.journal) {
            Err(StoreError::NoLog { .. }) if keys.roots() == 0 => {
                JournalStore::create(&folder.log(), id, options.journal)?
            }
            opened => opened?,
        };
        let empty = store.head().next == Position(0);
        let ledger = match options.ignores_snapshot {
            true => Self::start(folder, id, keys, Box::new(store), clock)?,
            false => Self::start_quickly(folder, id, keys, Box::new(store), clock)?,
        };
        if empty {
            ledger.begin(&options.origin)?;
        }
        Ok(ledger)
    }

    /// Starts over any store, by a replay of everything: tests bring their own.
    ///
    /// # Errors
    /// [`OpenError::Start`].
    pub fn start(
        folder: &DataFolder,
        id: LogId,
        keys: KeyRing,
        store: Box<dyn LogStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        Self::start_from(folder, id, keys, store, clock, None)
    }

    /// The same from the snapshot of the folder, where there is one that the log bears out.
    fn start_quickly(
        folder: &DataFolder,
        id: LogId,
        keys: KeyRing,
        store: Box<dyn LogStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let tagger = Tagger::new(*keys.secret("look-up"));
        let (secret, roots) = (keys.secret("snapshot"), keys.roots() as u64);
        let saved = snapshot::load(folder, id, &secret, &tagger, roots);
        let saved = saved.filter(|saved| {
            let holds = saved.state.check(&*store.reader());
            let why = holds
                .as_ref()
                .err()
                .map(|error| crate::folder::describe(error));
            if let Some(why) = why {
                tracing::warn!(
                    why,
                    "the snapshot does not fit the log; everything is replayed"
                );
            }
            holds.is_ok()
        });
        Self::start_from(folder, id, keys, store, clock, saved)
    }

    fn start_from(
        folder: &DataFolder,
        id: LogId,
        keys: KeyRing,
        store: Box<dyn LogStore>,
        clock: Arc<dyn Clock>,
        saved: Option<Saved>,
    ) -> Result<Self, OpenError> {
        let tagger = Tagger::new(*keys.secret("look-up"));
        let secrets = Secrets {
            idempotency: *keys.secret("idempotency"),
            request: *keys.secret("request tag"),
            file: *keys.secret("file tag"),
            snapshot: *keys.secret("snapshot"),
            signing: *keys.secret("checkpoint signing"),
        };
        let keys = Arc::new(RwLock::new(keys));
        let (state, views) = match saved {
            Some(Saved { state, views }) => (Some(state), views),
            None => (None, Views::empty(tagger.clone())),
        };
        let saved_at = state.as_ref().map_or(0, |state| state.head().next.0);
        let views = Arc::new(RwLock::new(views));
        let marks = Arc::new(Marks {
            erased: AtomicU64::new(0),
            saved: AtomicU64::new(saved_at),
        });
        let known = Arc::new(KnownKeys::default());
        let reader = store.reader();
        let opening = Opening {
            log: id,
            store,
            keys: keys.clone(),
            clock: clock.clone(),
            snapshot: state,
            sink: sink(views.clone(), known.clone(), marks.clone(), folder.clone()),
            on_fatal: abort_on_fatal(),
        };
        let (log, _thread) = probity_log::start(opening)?;
        let opener = Opener::with_keys(id, keys.clone());
        let secrets = Arc::new(secrets);
        Ok(Self {
            log,
            reader,
            opener,
            tagger,
            id,
            clock,
            views,
            ring: keys,
            keys: known,
            secrets,
            marks,
            folder: folder.clone(),
            publicity: PUBLICITY_DEFAULT.into(),
            board: Board::default(),
            signing: Arc::default(),
        })
    }

    fn begin(&self, origin: &str) -> Result<(), OpenError> {
        let command = Command::StartLog {
            origin: origin.to_owned(),
        };
        self.log
            .submit_blocking(Submission::internal(command, ActorKind::System))?;
        crate::policy::adopt_builtin(self)?;
        Ok(())
    }

    /// The views, for reading. Keep it short: the writer waits.
    pub fn views(&self) -> RwLockReadGuard<'_, Views> {
        self.views.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same with another publicity profile, by id.
    #[must_use]
    pub fn with_publicity(mut self, profile: &str) -> Self {
        self.publicity = profile.into();
        self
    }

    /// Whether an adopted policy has the publicity profile in use; where none has it, nothing is public.
    pub fn knows_publicity(&self) -> bool {
        let views = self.views();
        let dates = AnchorDates::on(self.today());
        let packs = views
            .position()
            .and_then(|at| views.policies().packs(at, &dates).ok());
        packs.is_some_and(|packs| packs.profile(&self.publicity).is_some())
    }

    /// Id of the publicity profile in use.
    pub fn publicity(&self) -> &str {
        &self.publicity
    }

    pub(crate) fn ring(&self) -> &Keys {
        &self.ring
    }

    pub(crate) fn known_keys(&self) -> &KnownKeys {
        &self.keys
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Checkpoints as they are published.
    pub fn board(&self) -> &Board {
        &self.board
    }

    pub(crate) fn known_signing(&self) -> &OnceLock<SigningKeys> {
        &self.signing
    }

    /// Where it lies.
    pub fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// The instant by the clock that the log is written with.
    pub fn clock_now(&self) -> probity_types::Timestamp {
        self.clock.now()
    }

    /// Today in Asia/Shanghai.
    pub fn today(&self) -> CivilDate {
        probity_types::shanghai_day(self.clock.now())
    }

    /// The last committed position and its hash; none in an empty log.
    pub fn head(&self) -> Option<(Position, Hash)> {
        let head = self.reader.head();
        let last = head.next.0.checked_sub(1)?;
        Some((Position(last), Hash(head.entry_hash)))
    }

    /// Now and everything known.
    pub fn now(&self) -> Moment {
        Moment {
            valid_on: self.today(),
            known_at: self.views().position(),
        }
    }

    /// One entry, opened as far as keys go; none past the head.
    ///
    /// # Errors
    /// [`WalkError`] where the stored entry does not hold.
    pub fn entry(&self, position: Position) -> Result<Option<Entry>, WalkError> {
        let Some(bytes) = self.reader.entry(position)? else {
            return Ok(None);
        };
        let frame = probity_log::walk::decode(position, &bytes)?;
        let entry = self
            .opener
            .open(&frame)
            .map_err(|source| WalkError::Entry { position, source })?;
        Ok(Some(entry))
    }

    /// Whether an erasure was shown at or after this position since the start.
    pub(crate) fn erased_since(&self, next: Position) -> bool {
        self.marks.erased.load(Ordering::SeqCst) > next.0
    }

    /// Roots in the key ring.
    pub(crate) fn key_roots(&self) -> u64 {
        let keys = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        keys.roots() as u64
    }

    pub(crate) fn note_saved(&self, next: Position) {
        self.marks.saved.store(next.0, Ordering::SeqCst);
    }

    /// Entries that the next start would have to replay.
    pub fn unsaved_entries(&self) -> u64 {
        let saved = self.marks.saved.load(Ordering::SeqCst);
        self.reader.head().next.0.saturating_sub(saved)
    }

    /// Views that were rebuilt take the place of those that were served; see [`crate::rebuild`].
    pub(crate) fn views_mut(&self) -> RwLockWriteGuard<'_, Views> {
        self.views.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finishes what waits, saves what a quick start needs, closes the log.
    pub fn close(&self) {
        if self.unsaved_entries() >= UNSAVED_AT_CLOSE
            && let Err(error) = self.save_snapshot()
        {
            tracing::warn!(%error, "no snapshot was saved; the next start replays more");
        }
        self.log.stop_blocking();
        if let Err(error) = crate::verify::write_digest(self) {
            tracing::warn!(%error, "the digest of the views was not written; `verify` then compares replays only");
        }
    }

    /// Keyed hash of a file's bytes.
    pub fn file_tag(&self, bytes: &[u8]) -> probity_types::FileTag {
        probity_types::FileTag(keyed16(&self.secrets.file, &[bytes]))
    }
}

/// First 16 bytes of a keyed hash over length-prefixed pieces.
pub(crate) fn keyed16(key: &[u8; 32], pieces: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    for piece in pieces {
        hasher.update(&(piece.len() as u64).to_le_bytes());
        hasher.update(piece);
    }
    let mut out = [0; 16];
    out.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    out
}

/// Whether a path holds a ledger.
pub fn is_ledger(path: &Path) -> bool {
    DataFolder::at(path).is_ledger()
}
