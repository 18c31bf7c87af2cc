//! Snapshots of the state, so that a start replays only what came after: `views/state` (what decisions rest on),
//! `views/records` and `views/views` (what is served), each sealed, all of one head. They are read side by side.
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
use probity_project::snapshot::{ReadRecords, VIEWS_VERSION};
use probity_types::pack::{demand, read_one, write_one};
use probity_types::{LogId, Position};
use sealed::{Opening, Sealing};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;

const STATE_FILE: &str = "state";
const RECORDS_FILE: &str = "records";
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
    /// Bytes of all files.
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

fn files(folder: &DataFolder) -> [PathBuf; 3] {
    [STATE_FILE, RECORDS_FILE, VIEWS_FILE].map(|name| folder.views().join(name))
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

/// What a thread read; a panic of its is a fault of the file.
fn ended<T>(thread: ScopedJoinHandle<'_, io::Result<T>>) -> io::Result<T> {
    let panicked = |_| Err(io::Error::other("reading a snapshot panicked"));
    thread.join().unwrap_or_else(panicked)
}

/// Reads all files side by side; none where one is missing or not whole.
pub(crate) fn load(
    folder: &DataFolder,
    log: LogId,
    secret: &[u8; 32],
    tagger: &Tagger,
    roots: u64,
) -> Option<Saved> {
    let files = files(folder);
    if !files.iter().any(|path| path.exists()) {
        return None;
    }
    let [state, records, views] = files;
    let read_records = || {
        read_file(&records, log, secret, |from| {
            demand(read_one::<u16>(from)? == VIEWS_VERSION)?;
            ReadRecords::read(from)
        })
    };
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
    let (state, records, views) = std::thread::scope(|scope| {
        let (records, views) = (scope.spawn(read_records), scope.spawn(read_views));
        let state = read_state();
        (state, ended(records), ended(views))
    });
    let all = state.and_then(|state| Ok((state, views?.with_records(records?)?)));
    let fit = all.and_then(|(state, views)| {
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
        let [state_file, records_file, views_file] = files(self.folder());
        let roots = self.key_roots();
        let state_bytes = write_file(&state_file, self.id, secret, |out| {
            write_one(out, &roots)?;
            state.write(out)
        })?;
        let records_bytes = write_file(&records_file, self.id, secret, |out| {
            write_one(out, &VIEWS_VERSION)?;
            views.write_records(out)
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
            bytes: state_bytes + records_bytes + views_bytes,
        }))
    }
}
