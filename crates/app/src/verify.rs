//! `verify`: a second reading of everything, in a private copy; nothing is written under the folder that is examined.

use crate::folder::{DataFolder, FolderProblem};
use crate::ledger::{Ledger, OpenOptions};
use crate::signed::{SignedError, SignedHead};
use crate::source::{Source, no_tagger, with_source};
use crate::state::{Place, RowsError, RowsFile, StateCheck, StateFault, StatesChecked};
use probity_domain::Registry;
use probity_domain::source::Tagger;
use probity_format::Hash;
use probity_format::events::Event;
use probity_log::export::ReadExportError;
use probity_log::{MissingKeys, Opener, WalkError, Walked, check_log};
use probity_project::Views;
use probity_project::state_root::StateError;
use probity_store::StoreError;
use probity_store::keyring::KeyRing;
use probity_types::{LogId, Position, RootId, SubjectId};
use serde::{Deserialize, Serialize};
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
    /// Committed states.
    pub states: StatesChecked,
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
    /// A committed state does not follow from the log.
    #[error("{0}")]
    CommittedState(Box<StateFault>),
    /// The log is not the one whose head was signed last, or that head does not read.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// An export does not hold, or does not read.
    #[error(transparent)]
    Export(#[from] ReadExportError),
    /// The log ends before the entry that was asked for.
    #[error("the log has no entry at position {0}")]
    NoEntry(Position),
    /// The views do not give the rows.
    #[error(transparent)]
    Rowless(#[from] StateError),
    /// The file of rows to compare with is none.
    #[error(transparent)]
    Rows(#[from] RowsError),
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
            | Self::CommittedState(_)
            | Self::Signed(SignedError::Log(_))
            | Self::KeysMissing { .. } => true,
            Self::Export(error) => error.is_broken(),
            Self::Store(error) => matches!(error, StoreError::Damage(_)),
            Self::Folder(_)
            | Self::Copy(_)
            | Self::Keys(_)
            | Self::Signed(SignedError::Head(_))
            | Self::Rows(_)
            | Self::NoEntry(_)
            | Self::Rowless(_)
            | Self::Stopped
            | Self::Scratch(_) => false,
        }
    }

    /// The part of the folder that is concerned.
    pub fn file(&self) -> &'static str {
        match self {
            Self::Views { .. } => "views/digest.json",
            Self::OtherLog { .. } | Self::Folder(_) => "log-id",
            Self::Signed(_) => "checkpoint/head",
            Self::Keys(_) | Self::KeysMissing { .. } => "keys/",
            Self::Walk(_)
            | Self::Store(_)
            | Self::State { .. }
            | Self::CommittedState(_)
            | Self::Export(_)
            | Self::Rows(_)
            | Self::NoEntry(_)
            | Self::Rowless(_)
            | Self::Stopped
            | Self::Copy(_)
            | Self::Scratch(_) => "log/",
        }
    }

    /// The subject concerned, where a committed state names one.
    pub fn subject(&self) -> Option<SubjectId> {
        match self {
            Self::CommittedState(fault) => fault.subject,
            _ => None,
        }
    }

    /// Position of the fault, where it has one.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Walk(error) => error.position(),
            Self::Views { position, .. } | Self::State { position, .. } => Some(*position),
            Self::CommittedState(fault) => Some(fault.position),
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
    states: Option<StateCheck>,
    signed: SignedHead,
}

fn replay(
    source: &Source<'_>,
    opener: &Opener,
    tagger: Tagger,
    digest_at: Option<Position>,
    states: Option<StateCheck>,
    signed: SignedHead,
) -> Result<(Walked, Replay), VerifyError> {
    let mut replay = Replay {
        states,
        signed,
        views: Views::empty(tagger.clone()),
        registry: Registry::empty(tagger),
        at: None,
        erased_after: false,
        missing: MissingKeys::default(),
    };
    let walked = source.walk(opener, |entry| {
        replay.missing.note(entry);
        replay.signed.note(entry);
        replay.registry.evolve(entry);
        replay.views.apply(entry);
        let at = entry.header.position;
        if let Some(states) = &mut replay.states {
            states.after(&replay.views, &replay.registry, at);
        }
        if matches!(&entry.event, Event::ErasureRecorded(_)) {
            replay.erased_after |= replay.at.is_some();
        }
        if digest_at == Some(at) {
            replay.at = Some(replay.views.digest());
        }
    })?;
    Ok((walked, replay))
}

impl Replay {
    /// What became of the committed states.
    fn states(&mut self) -> Result<StatesChecked, VerifyError> {
        let checked = self.states.take().map(StateCheck::finish);
        let checked = checked.unwrap_or_else(|| Ok(StatesChecked::default()));
        checked.map_err(|fault| VerifyError::CommittedState(Box::new(fault)))
    }

    /// Whether the log is still the one that was signed.
    fn check_signed(&mut self) -> Result<(), VerifyError> {
        Ok(std::mem::take(&mut self.signed).finish()?)
    }
}

/// Recomputes everything that the keys at hand allow.
///
/// # Errors
/// [`VerifyError`] at the first thing that does not hold.
pub fn verify(folder: &DataFolder, options: &OpenOptions) -> Result<Verified, VerifyError> {
    verify_at(Place::Folder(folder), options, None)
}

/// The same wherever the log lies, and that the rows of one state are those that somebody kept.
///
/// # Errors
/// As [`verify`].
pub fn verify_at(
    place: Place<'_>,
    options: &OpenOptions,
    rows: Option<RowsFile>,
) -> Result<Verified, VerifyError> {
    let (served, signed) = match place {
        Place::Folder(folder) => (
            read_digest(folder),
            SignedHead::of(folder, folder.log_id()?),
        ),
        Place::Export(..) => (None, SignedHead::default()),
    };
    with_source(place, options, |source, id, ring| match ring {
        Some(ring) => opened(source, id, ring, (served, signed), rows),
        None => sealed(source, id, signed, rows),
    })
}

/// What holds without keys.
fn sealed(
    source: &Source<'_>,
    id: LogId,
    signed: SignedHead,
    rows: Option<RowsFile>,
) -> Result<Verified, VerifyError> {
    let check = StateCheck::new(source.plan(id)?, None, rows);
    let (walked, mut replayed) = replay(
        source,
        &Opener::sealed(id),
        no_tagger(),
        None,
        Some(check),
        signed,
    )?;
    replayed.check_signed()?;
    let states = replayed.states()?;
    let views = ViewsCheck::NotOpened;
    Ok(verified(Level::Sealed, id, &walked, (views, None), states))
}

/// What holds with keys.
fn opened(
    source: &Source<'_>,
    id: LogId,
    ring: KeyRing,
    (served, signed): (Option<Digest>, SignedHead),
    rows: Option<RowsFile>,
) -> Result<Verified, VerifyError> {
    let tagger = Tagger::new(*ring.secret("look-up"));
    let keys = Arc::new(RwLock::new(ring));
    let opener = Opener::with_keys(id, keys.clone());
    let asked = served.map(|served| served.position);
    let check = StateCheck::new(source.plan(id)?, Some(keys), rows);
    let (walked, mut first) = replay(source, &opener, tagger.clone(), asked, Some(check), signed)?;
    first.check_signed()?;
    if let Some((position, root)) = first.missing.first() {
        let parts = first.missing.parts();
        return Err(VerifyError::KeysMissing {
            first: position,
            root,
            parts,
        });
    }
    let states = first.states()?;
    let digest = first.views.digest();
    let views = match (served, first.at) {
        (Some(served), Some(replayed)) if !first.erased_after => {
            same_views(served.position, replayed, served.digest)?;
            ViewsCheck::Equal
        }
        _ => {
            let (_, second) = replay(source, &opener, tagger, None, None, SignedHead::default())?;
            let position = Position(walked.chain().next().0.saturating_sub(1));
            same_views(position, digest, second.views.digest())?;
            ViewsCheck::ReplaysEqual
        }
    };
    let views = (views, Some(digest));
    Ok(verified(Level::Opened, id, &walked, views, states))
}

/// Checks a ledger at rest, on from an earlier check where there is one: the new part of the log ([`check_log`]), then that
/// the views and the decision state it runs on equal a replay of everything. The next check goes on from what this returns.
///
/// # Errors
/// [`VerifyError`] at the first thing that does not hold.
pub fn check_at_rest(ledger: &Ledger, since: Option<&Walked>) -> Result<Walked, VerifyError> {
    let walked = check_log(&*ledger.reader, &ledger.opener, since)?;
    let (source, tagger) = (Source::Log(&*ledger.reader), ledger.tagger.clone());
    let check = StateCheck::new(source.plan(ledger.id)?, Some(ledger.ring().clone()), None);
    let (_, mut replayed) = replay(
        &source,
        &ledger.opener,
        tagger,
        None,
        Some(check),
        SignedHead::default(),
    )?;
    replayed.states()?;
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
    (views, views_digest): (ViewsCheck, Option<Hash>),
    states: StatesChecked,
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
        states,
    }
}
