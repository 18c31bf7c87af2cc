//! The key ring of a restored log: placed, every erasure of the log applied again, and only then given its name.

use super::check::{Findings, Marks};
use super::{RestoreError, refuse_missing};
use crate::backup::{KeyManifest, read_keys, same, scratch};
use crate::folder::{DataFolder, FolderProblem};
use crate::ledger::OpenOptions;
use probity_log::redact::destroyed_by;
use probity_log::{Opener, walk};
use probity_store::keyring::{Erasure, KeyRing, KeyRingError, MasterKey, RingCopy};
use probity_store::{JournalStore, LogStore, sync_names};
use serde::Serialize;
use std::path::Path;
use std::sync::{Arc, RwLock};

/// Where a ring is prepared. Nothing opens it under this name.
const STAGED: &str = "keys.new";

/// Places the ring in the folder, or opens the one that an earlier attempt placed. Returns it with the number of erasures that
/// the copy did not know.
pub(super) fn place(
    folder: &DataFolder,
    copy: &RingCopy,
    master: MasterKey,
    findings: &Findings,
) -> Result<(KeyRing, usize), RestoreError> {
    let erasures: Vec<Erasure> = findings.erasures.iter().filter_map(destroyed_by).collect();
    let keys = folder.keys();
    if keys.is_dir() {
        let mut ring = KeyRing::open(&keys, copy.log, master)?;
        let again = unknown(&ring, &erasures);
        ring.destroy_all(&erasures)?;
        return Ok((ring, again));
    }
    let staged = folder.root().join(STAGED);
    let file = |source| FolderProblem::File {
        path: staged.clone(),
        source,
    };
    if staged.exists() {
        std::fs::remove_dir_all(&staged).map_err(file)?;
    }
    copy.place(&staged)?;
    let mut ring = KeyRing::open(&staged, copy.log, master.clone())?;
    let again = unknown(&ring, &erasures);
    ring.destroy_all(&erasures)?;
    drop(ring);
    std::fs::rename(&staged, &keys).map_err(file)?;
    sync_names(folder.root())?;
    Ok((KeyRing::open(&keys, copy.log, master)?, again))
}

fn unknown(ring: &KeyRing, erasures: &[Erasure]) -> usize {
    let known = ring.destroyed();
    erasures.iter().filter(|e| !known.contains(e)).count()
}

/// What was restored beside a log that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoredKeys {
    /// Entries of the log.
    pub entries: u64,
    /// Entries when the ring was copied.
    pub copied_at_entries: u64,
    /// Roots with keys.
    pub roots: usize,
    /// Sealed parts that open.
    pub opened_parts: u64,
    /// Erasures of the log that the copy did not know.
    pub erasures_applied_again: usize,
}

/// Restores a copy of the key ring beside a log whose own ring is gone. The log is read whole, with a private copy first:
/// nothing is written where the ring is too old for it.
///
/// # Errors
/// [`RestoreError`].
pub fn restore_keys(
    folder: &DataFolder,
    options: &OpenOptions,
    from: &Path,
) -> Result<RestoredKeys, RestoreError> {
    let id = folder.log_id()?;
    let (keys, copy) = read_keys(from)?;
    same(&from.join("keys.json"), "log", id, keys.log)?;
    refuse_ring(&folder.keys())?;
    let master = folder.master_key(options.master_key.as_deref(), false)?;
    let store = JournalStore::open(&folder.log(), id, options.journal)?;
    let (findings, opened_parts) = read_log(&store, &keys, &copy, master.clone())?;
    let entries = store.head().next.0;
    refuse_missing(&keys, entries, &findings.missing)?;
    Box::new(store).close()?;
    // An empty folder of that name is in the way of the rename.
    if folder.keys().is_dir() {
        std::fs::remove_dir(folder.keys()).map_err(|source| FolderProblem::File {
            path: folder.keys(),
            source,
        })?;
    }
    let (ring, erasures_applied_again) = place(folder, &copy, master, &findings)?;
    Ok(RestoredKeys {
        entries,
        copied_at_entries: keys.entries,
        roots: ring.roots(),
        opened_parts,
        erasures_applied_again,
    })
}

/// There is no ring, not even a damaged one: what is there is never written over.
fn refuse_ring(keys: &Path) -> Result<(), RestoreError> {
    let is_empty = std::fs::read_dir(keys).map_or(true, |mut names| names.next().is_none());
    if is_empty {
        return Ok(());
    }
    let path = keys.display().to_string();
    Err(KeyRingError::RingExists { path }.into())
}

fn read_log(
    store: &JournalStore,
    keys: &KeyManifest,
    copy: &RingCopy,
    master: MasterKey,
) -> Result<(Findings, u64), RestoreError> {
    let scratch = scratch()?;
    copy.place(scratch.path())?;
    let ring = KeyRing::open(scratch.path(), copy.log, master)?;
    let opener = Opener::with_keys(copy.log, Arc::new(RwLock::new(ring)));
    let (marks, mut findings) = (Marks::of(&[], keys), Findings::default());
    let mut fault = None;
    let walked = walk(&*store.reader(), &opener, |entries| {
        for entry in entries {
            findings.note(entry);
            if fault.is_none() {
                fault = marks.check(entry).err();
            }
        }
    })?;
    if let Some(fault) = fault {
        return Err(fault);
    }
    marks.check_end(walked.chain().next().0)?;
    Ok((findings, walked.parts().opened))
}
