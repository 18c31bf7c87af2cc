//! Snapshots of the state, so that a start replays only what came after: `views/state` (what decisions rest on) and
//! `views/views` (what is served), both sealed, both of one head.
//!
//! A snapshot is never needed. One that is missing, torn, changed, of another version or of another log is named in the
//! program's log, ignored, and replaced by the next. After an erasure the files are removed: they hold keyed tags and facts
//! of the person.

mod sealed;

use crate::folder::DataFolder;
use crate::ledger::Ledger;
use probity_domain::source::Tagger;
use probity_log::{Snapshot, SubmitError};
use probity_project::Views;
use probity_project::snapshot::VIEWS_VERSION;
use probity_types::pack::{demand, read_one, write_one};
use probity_types::{LogId, Position};
use sealed::{Opening, Sealing};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const STATE_FILE: &str = "state";
const VIEWS_FILE: &str = "views";

/// State and views at one head.
pub(crate) struct Saved {
    pub(crate) state: Snapshot,
    pub(crate) views: Views,
}

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The ledger is stopping.
    #[error(transparent)]
    Stopped(#[from] SubmitError),
    /// A file.
    #[error("the snapshot was not written")]
    File(#[from] io::Error),
}

/// What was saved.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotReport {
    /// Entries that it stands for.
    pub entries: u64,
    /// Bytes of both files.
    pub bytes: u64,
}

fn write_file(
    path: &Path,
    log: LogId,
    secret: &[u8; 32],
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<u64> {
    let scratch = path.with_extension("new");
    let mut sealing = Sealing::begin(File::create(&scratch)?, log, secret)?;
    write(&mut sealing)?;
    let bytes = sealing.finish()?;
    std::fs::rename(scratch, path)?;
    Ok(bytes)
}

fn read_file<T>(
    path: &Path,
    log: LogId,
    secret: &[u8; 32],
    read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> io::Result<T> {
    let mut opening = Opening::begin(File::open(path)?, log, secret)?;
    let value = read(&mut opening)?;
    opening.finish()?;
    Ok(value)
}

fn files(folder: &DataFolder) -> [PathBuf; 2] {
    [STATE_FILE, VIEWS_FILE].map(|name| folder.views().join(name))
}

/// Removes the files.
pub(crate) fn remove(folder: &DataFolder) {
    for path in files(folder) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, path = %path.display(), "a snapshot could not be removed after an erasure; remove it by hand");
            }
            _ => {}
        }
    }
}

/// Reads both files side by side; none where there is no whole pair.
pub(crate) fn load(
    folder: &DataFolder,
    log: LogId,
    secret: &[u8; 32],
    tagger: &Tagger,
    roots: u64,
) -> Option<Saved> {
    let [state, views] = files(folder);
    if !state.exists() && !views.exists() {
        return None;
    }
    let read_views = || {
        read_file(&views, log, secret, |from| {
            demand(read_one::<u16>(from)? == VIEWS_VERSION)?;
            Views::read(tagger.clone(), from)
        })
    };
    let read_state = || {
        read_file(&state, log, secret, |from| {
            let had: u64 = read_one(from)?;
            if had > roots {
                // A replay names the entries that lack a key; a snapshot would hide that they do.
                let why = format!("the key ring holds {roots} roots, the snapshot saw {had}");
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            Snapshot::read(from, tagger.clone())
        })
    };
    let (state, views) = std::thread::scope(|scope| {
        let beside = scope.spawn(read_views);
        let state = read_state();
        let ended = beside.join();
        let views = ended.unwrap_or_else(|_| Err(io::Error::other("reading the views panicked")));
        (state, views)
    });
    let both = state.and_then(|state| Ok((state, views?)));
    let fit = both.and_then(|(state, views)| {
        let views_next = views.position().map_or(Position(0), Position::next);
        demand(views_next == state.head().next)?;
        let policies = state.registry().policies().clone();
        Ok(Saved {
            views: views.with_policies(policies),
            state,
        })
    });
    fit.inspect_err(|error| {
        tracing::warn!(%error, "the snapshot is not used; everything is replayed from the log");
    })
    .ok()
}

impl Ledger {
    /// Saves the state for the next start. Appends and reads go on: both copies take a moment.
    ///
    /// None where rows of a file wait for its completion: the earlier snapshot stays.
    ///
    /// # Errors
    /// [`SnapshotError`]; what was there before stays, or is ignored by the next start.
    pub fn save_snapshot(&self) -> Result<Option<SnapshotReport>, SnapshotError> {
        let ledger = self.clone();
        let copy = move || ledger.views().clone();
        let (state, views) = self.log.snapshot_blocking(copy)?;
        if !views.is_settled() {
            return Ok(None);
        }
        let secret = &self.secrets().snapshot;
        std::fs::create_dir_all(self.folder().views())?;
        let [state_file, views_file] = files(self.folder());
        let roots = self.key_roots();
        let state_bytes = write_file(&state_file, self.id, secret, |out| {
            write_one(out, &roots)?;
            state.write(out)
        })?;
        let views_bytes = write_file(&views_file, self.id, secret, |out| {
            write_one(out, &VIEWS_VERSION)?;
            views.write(out)
        })?;
        // An erasure that came meanwhile removed the files before they were there.
        if self.erased_since(state.head().next) {
            remove(self.folder());
            return Ok(None);
        }
        self.note_saved(state.head().next);
        Ok(Some(SnapshotReport {
            entries: state.head().next.0,
            bytes: state_bytes + views_bytes,
        }))
    }
}
