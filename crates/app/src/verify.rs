//! `verify`: a second reading of everything, in a private copy; nothing is written under the folder that is examined.

use crate::folder::{DataFolder, FolderProblem};
use crate::ledger::{Ledger, OpenOptions};
use probity_domain::source::Tagger;
use probity_domain::{Entry, Registry};
use probity_format::Hash;
use probity_format::events::Event;
use probity_log::{Opener, WalkError, walk};
use probity_project::Views;
use probity_store::keyring::KeyRing;
use probity_store::{LogStore, SledOptions, SledStore, StoreError, copy_for_verification};
use probity_types::{LogId, Position};
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
            Self::Walk(_) | Self::Views { .. } | Self::OtherLog { .. } => true,
            Self::Store(error) => matches!(error, StoreError::Damage(_)),
            Self::Folder(_) | Self::Copy(_) | Self::Keys(_) | Self::Scratch(_) => false,
        }
    }

    /// The part of the folder that is concerned.
    pub fn file(&self) -> &'static str {
        match self {
            Self::Views { .. } => "views/digest.json",
            Self::OtherLog { .. } | Self::Folder(_) => "log-id",
            Self::Keys(_) => "keys/",
            Self::Walk(_) | Self::Store(_) | Self::Copy(_) | Self::Scratch(_) => "log/",
        }
    }

    /// Position of the fault, where it has one.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Walk(error) => error.position(),
            Self::Views { position, .. } => Some(*position),
            Self::OtherLog { .. } => Some(Position(0)),
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

#[derive(Default)]
struct Counts {
    opened: u64,
    sealed: u64,
    erased: u64,
}

impl Counts {
    fn add(&mut self, entry: &Entry) {
        use probity_domain::PartContent;
        for part in &entry.parts {
            match part.content {
                PartContent::Opened(_) => self.opened += 1,
                PartContent::Sealed => self.sealed += 1,
                PartContent::Erased => self.erased += 1,
            }
        }
    }
}

/// What a replay gives.
struct Replay {
    views: Views,
    registry: Registry,
    log: Option<LogId>,
    counts: Counts,
    /// Digest at the position that was asked for, and whether something was erased after it.
    at: Option<Hash>,
    erased_after: bool,
}

fn replay(
    store: &dyn LogStore,
    opener: &Opener,
    tagger: Tagger,
    digest_at: Option<Position>,
) -> Result<(probity_format::Chain, Replay), WalkError> {
    let views = Views::empty(tagger.clone());
    let registry = Registry::empty(tagger);
    let counts = Counts::default();
    let mut replay = Replay {
        views,
        registry,
        log: None,
        counts,
        at: None,
        erased_after: false,
    };
    let chain = walk(&*store.reader(), opener, |entries| {
        for entry in entries {
            replay.counts.add(entry);
            replay.registry.evolve(entry);
            replay.views.apply(entry);
            match &entry.event {
                Event::LogStarted(event) => replay.log = Some(event.log),
                Event::ErasureRecorded(_) => replay.erased_after |= replay.at.is_some(),
                _ => {}
            }
            if digest_at == Some(entry.header.position) {
                replay.at = Some(replay.views.digest());
            }
        }
    })?;
    Ok((chain, replay))
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
    let Ok(master) = folder.master_key(options.master_key.as_deref(), false) else {
        return Ok(None);
    };
    let copy = copy_for_verification(&folder.keys(), scratch)?;
    let ring = KeyRing::open(copy.path(), id, master);
    ring.map(|ring| Some((ring, copy)))
        .map_err(|e| VerifyError::Keys(crate::folder::describe(&e)))
}

/// Recomputes everything that the keys at hand allow.
///
/// # Errors
/// [`VerifyError`] at the first thing that does not hold.
pub fn verify(folder: &DataFolder, options: &OpenOptions) -> Result<Verified, VerifyError> {
    let id = folder.log_id()?;
    let scratch = tempfile::tempdir().map_err(VerifyError::Scratch)?;
    let copy = copy_for_verification(&folder.log(), scratch.path())?;
    let store = SledStore::open(copy.path(), SledOptions::default())?;
    let keys = copied_keys(folder, id, scratch.path(), options)?;
    // The copy of the ring lives as long as the ring reads from it.
    let Some((ring, _copy)) = keys else {
        let mut counts = Counts::default();
        let mut first = None;
        let chain = walk(&*store.reader(), &Opener::sealed(id), |entries| {
            for entry in entries {
                counts.add(entry);
                if let Event::LogStarted(event) = &entry.event {
                    first = Some(event.log);
                }
            }
        })?;
        check_log(first, id)?;
        return Ok(verified(
            Level::Sealed,
            id,
            &chain,
            &counts,
            ViewsCheck::NotOpened,
            None,
        ));
    };
    let tagger = Tagger::new(*ring.secret("look-up"));
    let opener = Opener::with_keys(id, Arc::new(RwLock::new(ring)));
    let served = read_digest(folder);
    let (chain, first) = replay(&store, &opener, tagger.clone(), served.map(|d| d.position))?;
    check_log(first.log, id)?;
    let digest = first.views.digest();
    let views = match (served, first.at) {
        (Some(served), Some(replayed)) if !first.erased_after => {
            if served.digest != replayed {
                let (expected, found) = (replayed, served.digest);
                return Err(VerifyError::Views {
                    position: served.position,
                    expected,
                    found,
                });
            }
            ViewsCheck::Equal
        }
        _ => {
            let (_, second) = replay(&store, &opener, tagger, None)?;
            let found = second.views.digest();
            if found != digest {
                let position = Position(chain.next().0.saturating_sub(1));
                return Err(VerifyError::Views {
                    position,
                    expected: digest,
                    found,
                });
            }
            ViewsCheck::ReplaysEqual
        }
    };
    Ok(verified(
        Level::Opened,
        id,
        &chain,
        &first.counts,
        views,
        Some(digest),
    ))
}

fn check_log(found_in_log: Option<LogId>, id: LogId) -> Result<(), VerifyError> {
    match found_in_log {
        Some(expected) if expected != id => Err(VerifyError::OtherLog {
            expected,
            found: id,
        }),
        _ => Ok(()),
    }
}

fn verified(
    level: Level,
    log: LogId,
    chain: &probity_format::Chain,
    counts: &Counts,
    views: ViewsCheck,
    views_digest: Option<Hash>,
) -> Verified {
    Verified {
        level,
        log,
        entries: chain.next().0,
        streams: chain.streams(),
        entry_hash: chain.hash(),
        opened_parts: counts.opened,
        sealed_parts: counts.sealed,
        erased_parts: counts.erased,
        views,
        views_digest,
    }
}
