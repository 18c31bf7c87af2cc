//! `verify`: a second reading of everything, in a private copy; nothing is written under the folder that is examined.

use crate::folder::{DataFolder, FolderProblem};
use crate::ledger::{Ledger, OpenOptions};
use probity_domain::Registry;
use probity_domain::source::Tagger;
use probity_format::Hash;
use probity_format::chain::StartFault;
use probity_format::events::Event;
use probity_log::{MissingKeys, Opener, WalkError, Walked, check_log, walk};
use probity_project::Views;
use probity_store::keyring::KeyRing;
use probity_store::{JournalStore, LogReader, LogStore, StoreError, copy_for_verification};
use probity_types::{LogId, Position, RootId};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Arc, RwLock};

/// Name of the digest file in `views/`.
const DIGEST_FILE: &str = "digest.json";

/// The digest of the views that a running ledger last served from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest {
    pub(crate) position: Position,
    pub(crate) digest: Hash,
}

/// How much could be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Without keys: framing, chain, stream chains, sealed hashes.
    Sealed,
    /// With keys: commitments and views as well.
    Opened,
}

/// What became of the comparison of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewsCheck {
    /// The served views equal a replay.
    Equal,
    /// No digest was kept, or something was erased since: two replays were compared with each other instead.
    ReplaysEqual,
    /// Without keys views are not rebuilt.
    NotOpened,
}

/// Everything that holds.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// How much was checked.
    pub level: Level,
    /// The log.
    pub log: LogId,
    /// Entries.
    pub entries: u64,
    /// Streams.
    pub streams: u64,
    /// Hash of the last entry.
    pub entry_hash: Hash,
    /// Sealed parts that were opened.
    pub opened_parts: u64,
    /// Sealed parts without a key.
    pub sealed_parts: u64,
    /// Parts that were erased.
    pub erased_parts: u64,
    /// Views.
    pub views: ViewsCheck,
    /// Digest of the views.
    pub views_digest: Option<Hash>,
}

/// Why it does not hold, or could not be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It could not be checked.
    #[error(transparent)]
    Folder(#[from] FolderProblem),
    /// It could not be copied or opened.
    #[error(transparent)]
    Copy(#[from] probity_store::FolderError),
    /// It could not be opened, or what is stored is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log does not hold.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The views differ.
    #[error(
        "views: field digest at position {position}: expected {expected} (replayed), found {found} (served)"
    )]
    Views {
        /// Where.
        position: Position,
        /// Replayed.
        expected: Hash,
        /// Served.
        found: Hash,
    },
    /// The decision state differs.
    #[error(
        "decision state: field digest at position {position}: expected {expected} (replayed), found {found} (in use)"
    )]
    State {
        /// Where.
        position: Position,
        /// Replayed.
        expected: Hash,
        /// In use.
        found: Hash,
    },
    /// The key ring is older than the log.
    #[error(
        "position {first}: field sealed part: its key is under root {root}, which the key ring does not hold; {parts} sealed parts are unreadable"
    )]
    KeysMissing {
        /// First entry concerned.
        first: Position,
        /// Its root.
        root: RootId,
        /// Parts without a key.
        parts: u64,
    },
    /// The ledger that was to be checked has stopped.
    #[error("the ledger has stopped")]
    Stopped,
    /// The folder and the log name different logs.
    #[error("log-id: expected {expected} (first entry), found {found}")]
    OtherLog {
        /// As the log says.
        expected: LogId,
        /// As the folder says.
        found: LogId,
    },
    /// The key ring is there and does not open.
    #[error("keys: {0}")]
    Keys(String),
    /// The copy could not be made.
    #[error("no private copy could be made")]
    Scratch(#[source] std::io::Error),
}

impl VerifyError {
    /// Whether the record does not hold (exit 1), rather than that it could not be examined (exit 2).
    pub fn is_broken(&self) -> bool {
        match self {
            Self::Walk(_)
            | Self::Views { .. }
            | Self::State { .. }
            | Self::OtherLog { .. }
            | Self::KeysMissing { .. } => true,
            Self::Store(error) => matches!(error, StoreError::Damage(_)),
            Self::Folder(_) | Self::Copy(_) | Self::Keys(_) | Self::Stopped | Self::Scratch(_) => {
                false
            }
        }
    }

    /// The part of the folder that is concerned.
    pub fn file(&self) -> &'static str {
        match self {
            Self::Views { .. } => "views/digest.json",
            Self::OtherLog { .. } | Self::Folder(_) => "log-id",
            Self::Keys(_) | Self::KeysMissing { .. } => "keys/",
            Self::Walk(_)
            | Self::Store(_)
            | Self::State { .. }
            | Self::Stopped
            | Self::Copy(_)
            | Self::Scratch(_) => "log/",
        }
    }

    /// Position of the fault, where it has one.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Walk(error) => error.position(),
            Self::Views { position, .. } | Self::State { position, .. } => Some(*position),
            Self::OtherLog { .. } => Some(Position(0)),
            Self::KeysMissing { first, .. } => Some(*first),
            _ => None,
        }
    }
}

/// Writes the digest of the present views beside them.
pub(crate) fn write_digest(ledger: &Ledger) -> std::io::Result<()> {
    let digest = {
        let views = ledger.views();
        let Some(position) = views.position() else {
            return Ok(());
        };
        Digest {
            position,
            digest: views.digest(),
        }
    };
    let folder = ledger.folder().views();
    std::fs::create_dir_all(&folder)?;
    let scratch = folder.join("digest.json.new");
    std::fs::write(&scratch, serde_json::to_vec(&digest)?)?;
    std::fs::rename(scratch, folder.join(DIGEST_FILE))
}

pub(crate) fn read_digest(folder: &DataFolder) -> Option<Digest> {
    serde_json::from_slice(&std::fs::read(folder.views().join(DIGEST_FILE)).ok()?).ok()
}

/// What a replay gives.
struct Replay {
    views: Views,
    registry: Registry,
    /// Digest at the position that was asked for, and whether something was erased after it.
    at: Option<Hash>,
    erased_after: bool,
    missing: MissingKeys,
}

fn replay(
    reader: &dyn LogReader,
    opener: &Opener,
    tagger: Tagger,
    digest_at: Option<Position>,
) -> Result<(Walked, Replay), WalkError> {
    let mut replay = Replay {
        views: Views::empty(tagger.clone()),
        registry: Registry::empty(tagger),
        at: None,
        erased_after: false,
        missing: MissingKeys::default(),
    };
    let walked = walk(reader, opener, |entries| {
        for entry in entries {
            replay.missing.note(entry);
            replay.registry.evolve(entry);
            replay.views.apply(entry);
            if matches!(&entry.event, Event::ErasureRecorded(_)) {
                replay.erased_after |= replay.at.is_some();
            }
            if digest_at == Some(entry.header.position) {
                replay.at = Some(replay.views.digest());
            }
        }
    })?;
    Ok((walked, replay))
}

/// Opens a copy of the key ring, if there is one and its master key is at hand.
fn copied_keys(
    folder: &DataFolder,
    id: LogId,
    scratch: &Path,
    options: &OpenOptions,
) -> Result<Option<(KeyRing, tempfile::TempDir)>, VerifyError> {
    if !folder.keys().is_dir() {
        return Ok(None);
    }
    let master = match folder.master_key(options.master_key.as_deref(), false) {
        Ok(master) => master,
        // A key that somebody named has to open: a mistyped name must not turn into a weaker check.
        Err(problem) if options.master_key.is_some() => return Err(problem.into()),
        // So does one that is there and does not read; only where there is none at all the check does without.
        Err(problem) if folder.has_master_key() => {
            return Err(VerifyError::Keys(crate::folder::describe(&problem)));
        }
        Err(_) => return Ok(None),
    };
    let copy = copy_for_verification(&folder.keys(), scratch)?;
    let ring = KeyRing::open(copy.path(), id, master);
    ring.map(|ring| Some((ring, copy)))
        .map_err(|e| VerifyError::Keys(crate::folder::describe(&e)))
}

/// The log names another id than the folder: told as a fault of the folder's own file.
fn as_verify_error(error: WalkError) -> VerifyError {
    match error {
        WalkError::Start(StartFault::OtherLog { expected, found }) => VerifyError::OtherLog {
            expected: found,
            found: expected,
        },
        other => other.into(),
    }
}

/// Recomputes everything that the keys at hand allow.
///
/// # Errors
/// [`VerifyError`] at the first thing that does not hold.
pub fn verify(folder: &DataFolder, options: &OpenOptions) -> Result<Verified, VerifyError> {
    let id = folder.log_id()?;
    let scratch = tempfile::tempdir().map_err(VerifyError::Scratch)?;
    let copy = copy_for_verification(&folder.log(), scratch.path())?;
    let store = JournalStore::open(copy.path(), id, options.journal)?;
    let reader = store.reader();
    let keys = copied_keys(folder, id, scratch.path(), options)?;
    // The copy of the ring lives as long as the ring reads from it.
    let Some((ring, _copy)) = keys else {
        let walked = walk(&*reader, &Opener::sealed(id), |_| {}).map_err(as_verify_error)?;
        let views = ViewsCheck::NotOpened;
        return Ok(verified(Level::Sealed, id, &walked, views, None));
    };
    let tagger = Tagger::new(*ring.secret("look-up"));
    let opener = Opener::with_keys(id, Arc::new(RwLock::new(ring)));
    let served = read_digest(folder);
    let asked = served.map(|served| served.position);
    let (walked, first) =
        replay(&*reader, &opener, tagger.clone(), asked).map_err(as_verify_error)?;
    if let Some((position, root)) = first.missing.first() {
        let parts = first.missing.parts();
        return Err(VerifyError::KeysMissing {
            first: position,
            root,
            parts,
        });
    }
    let digest = first.views.digest();
    let views = match (served, first.at) {
        (Some(served), Some(replayed)) if !first.erased_after => {
            same_views(served.position, replayed, served.digest)?;
            ViewsCheck::Equal
        }
        _ => {
            let (_, second) = replay(&*reader, &opener, tagger, None)?;
            let position = Position(walked.chain().next().0.saturating_sub(1));
            same_views(position, digest, second.views.digest())?;
            ViewsCheck::ReplaysEqual
        }
    };
    Ok(verified(Level::Opened, id, &walked, views, Some(digest)))
}

/// Checks a ledger at rest, on from an earlier check where there is one: the new part of the log ([`check_log`]), then that
/// the views and the decision state it runs on equal a replay of everything. The next check goes on from what this returns.
///
/// # Errors
/// [`VerifyError`] at the first thing that does not hold.
pub fn check_at_rest(ledger: &Ledger, since: Option<&Walked>) -> Result<Walked, VerifyError> {
    let walked = check_log(&*ledger.reader, &ledger.opener, since)?;
    let (_, replayed) = replay(&*ledger.reader, &ledger.opener, ledger.tagger.clone(), None)?;
    let position = Position(walked.chain().next().0.saturating_sub(1));
    let served = ledger.views().digest();
    same_views(position, replayed.views.digest(), served)?;
    let state = ledger
        .log
        .inspect_blocking(probity_domain::Registry::digest);
    let found = state.map_err(|_| VerifyError::Stopped)?;
    let expected = replayed.registry.digest();
    if expected == found {
        Ok(walked)
    } else {
        Err(VerifyError::State {
            position,
            expected,
            found,
        })
    }
}

fn same_views(position: Position, expected: Hash, found: Hash) -> Result<(), VerifyError> {
    if expected == found {
        Ok(())
    } else {
        Err(VerifyError::Views {
            position,
            expected,
            found,
        })
    }
}

fn verified(
    level: Level,
    log: LogId,
    walked: &Walked,
    views: ViewsCheck,
    views_digest: Option<Hash>,
) -> Verified {
    let (chain, parts) = (walked.chain(), walked.parts());
    Verified {
        level,
        log,
        entries: chain.next().0,
        streams: chain.streams(),
        entry_hash: chain.hash(),
        opened_parts: parts.opened,
        sealed_parts: parts.sealed,
        erased_parts: parts.erased,
        views,
        views_digest,
    }
}
