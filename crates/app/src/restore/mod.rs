//! Restoring: an export and a copy of the key ring become a data folder.
//!
//! The order is: check everything, with nothing written; then the key ring, every erasure of the log applied to it again;
//! then the log, through the store's own append; then a start-up as always; and only then the folder counts as a ledger.
//! Until then `restore.json` lies in it, and nothing else opens it. A crash at any point is taken up by the same command.

mod append;
mod check;
mod keys;

pub use check::Checkpoint;
pub use keys::{RestoredKeys, restore_keys};

use crate::backup::{
    BackupError, KEYS_FOLDER, KeyManifest, LOG_FOLDER, read_backup, read_keys, same,
};
use crate::folder::{DataFolder, FolderProblem, MASTER_KEY_FILE, RESTORE_FILE};
use crate::ledger::{Ledger, OpenError, OpenOptions};
use check::Checked;
use probity_format::Hash;
use probity_format::segment::Manifest;
use probity_log::export::{MANIFEST, Progress, ReadExportError, Reading};
use probity_log::{Clock, MissingKeys, WalkError};
use probity_store::keyring::{DestroyError, KeyRingError};
use probity_store::{
    AppendError, FolderError, JournalStore, LogStore, StoreError, create_folder, replace_file,
    sync_names,
};
use probity_types::{LogId, Position, RootId};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why nothing was restored, or not all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The export does not hold.
    #[error(transparent)]
    Export(#[from] ReadExportError),
    /// The copy of the key ring, or what says that they belong together, does not hold.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The data folder or its master key.
    #[error(transparent)]
    Folder(#[from] FolderProblem),
    /// A folder or file that cannot be written.
    #[error(transparent)]
    File(#[from] FolderError),
    /// There is something in the folder already.
    #[error(
        "{path} is not empty; a restore goes into a new or empty folder (master.key may lie in it)"
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A restore of something else was begun here.
    #[error(
        "{path}: field {field}: expected {expected}, found {found}; another restore was begun here: remove the folder first"
    )]
    OtherRestore {
        /// The file that says so.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// As begun.
        expected: String,
        /// As asked for now.
        found: String,
    },
    /// The checkpoint is past the end.
    #[error(
        "position {position}: expected an entry with hash {expected}, found the end: the export has {entries} entries"
    )]
    Short {
        /// Position of the checkpoint.
        position: Position,
        /// Its hash.
        expected: Hash,
        /// Entries of the export.
        entries: u64,
    },
    /// Another entry stands at the checkpoint.
    #[error("position {position}: field entry hash: expected {expected} ({whose}), found {found}")]
    Mark {
        /// Where.
        position: Position,
        /// As trusted.
        expected: Hash,
        /// As exported.
        found: Hash,
        /// Who expects it.
        whose: &'static str,
    },
    /// Facts that could never be read again.
    #[error(
        "position {first}: field sealed part: its key is under root {root}, which the key backup does not hold; {parts} sealed \
         parts of {roots} roots would stay unreadable. The key backup was made at {copied} entries, the log has {entries}: take \
         a key backup that was made at or after the log's end; nothing was restored"
    )]
    KeysMissing {
        /// First entry concerned.
        first: Position,
        /// Its root.
        root: RootId,
        /// Parts without a key.
        parts: u64,
        /// Roots that are missing.
        roots: usize,
        /// Entries when the ring was copied.
        copied: u64,
        /// Entries of the log.
        entries: u64,
    },
    /// The key ring.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
    /// An erasure could not be applied again.
    #[error(transparent)]
    Destroy(#[from] DestroyError),
    /// The log does not hold.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store took no more.
    #[error("position {at}: {source}")]
    Append {
        /// First entry that was not taken.
        at: Position,
        /// Why.
        #[source]
        source: AppendError,
    },
    /// What an earlier attempt left is not the beginning of this export.
    #[error(
        "position {position}: field entry hash: expected {expected} (export), found {found} (begun restore): remove the folder"
    )]
    OtherPrefix {
        /// The last entry that is there.
        position: Position,
        /// As exported.
        expected: Hash,
        /// As found.
        found: Hash,
    },
    /// A frame that was redacted does not encode.
    #[error("position {position}: {why}")]
    Frame {
        /// Where.
        position: Position,
        /// Why.
        why: String,
    },
    /// Start-up refuses what was restored.
    #[error("the restored log does not start")]
    Start(#[from] OpenError),
}

impl RestoreError {
    /// Whether something does not hold (exit 1), rather than that it could not be tried (exit 2).
    pub fn is_broken(&self) -> bool {
        match self {
            Self::Export(error) => error.is_broken(),
            Self::Backup(error) => error.is_broken(),
            Self::Ring(error) => matches!(
                error,
                KeyRingError::Damaged { .. } | KeyRingError::WrongLog { .. }
            ),
            Self::Store(error) | Self::Walk(WalkError::Store(error)) => {
                matches!(error, StoreError::Damage(_))
            }
            Self::Walk(_)
            | Self::Short { .. }
            | Self::Mark { .. }
            | Self::KeysMissing { .. }
            | Self::OtherRestore { .. }
            | Self::OtherPrefix { .. } => true,
            _ => false,
        }
    }
}

/// What is restored, and what it is held against.
#[derive(Debug, Clone)]
pub struct RestoreOrder {
    /// The export.
    pub export: PathBuf,
    /// The copy of the key ring.
    pub keys: PathBuf,
    /// What is known about the log from elsewhere.
    pub checkpoints: Vec<Checkpoint>,
}

impl RestoreOrder {
    /// Log and keys of one backup, as `backup.json` says that they belong together.
    ///
    /// # Errors
    /// [`BackupError`]: there is no backup, or the log in it is older than it says.
    pub fn of_backup(folder: &Path) -> Result<Self, BackupError> {
        let together = read_backup(folder)?;
        let export = folder.join(LOG_FOLDER);
        let manifest = probity_log::export::read_manifest(&export)?;
        let path = export.join(MANIFEST);
        same(&path, "log", together.log, manifest.log)?;
        if manifest.entries < together.entries {
            same(&path, "entries", together.entries, manifest.entries)?;
        }
        let last = together.entries.checked_sub(1).map(Position);
        let checkpoints = last.map(|position| Checkpoint {
            position,
            entry_hash: together.entry_hash,
            whose: "backup.json",
        });
        Ok(Self {
            export,
            keys: folder.join(KEYS_FOLDER),
            checkpoints: checkpoints.into_iter().collect(),
        })
    }
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The log.
    pub log: LogId,
    /// Entries.
    pub entries: u64,
    /// Hash of the last one.
    pub entry_hash: Hash,
    /// Entries that an earlier attempt had left.
    pub found_entries: u64,
    /// Sealed parts that open.
    pub opened_parts: u64,
    /// Parts that were erased.
    pub erased_parts: u64,
    /// Erasures of the log that the copy of the ring did not know.
    pub erasures_applied_again: usize,
    /// Digest of the views.
    pub views_digest: Hash,
}

/// What `restore.json` holds while a restore is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    log: LogId,
    entries: u64,
    entry_hash: Hash,
}

/// Which part of the work is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Everything is checked; nothing is written.
    Checking,
    /// The log is written.
    Writing,
}

/// Restores an export and a copy of the key ring into a new folder, or goes on where an earlier attempt stopped.
///
/// # Errors
/// [`RestoreError`]. Where it was refused, nothing was written; where it broke off, the same call goes on.
pub fn import_log(
    folder: &DataFolder,
    options: &OpenOptions,
    order: &RestoreOrder,
    clock: Arc<dyn Clock>,
    progress: &mut dyn FnMut(Phase, Progress),
) -> Result<Restored, RestoreError> {
    let reading = Reading::open(&order.export)?;
    let manifest = reading.manifest().clone();
    let (keys, copy) = read_keys(&order.keys)?;
    same(&order.keys.join("keys.json"), "log", manifest.log, keys.log)?;
    let begun = Begun {
        log: manifest.log,
        entries: manifest.entries,
        entry_hash: manifest.entry_hash,
    };
    look_at(folder, &begun)?;
    let master = folder.master_key(options.master_key.as_deref(), false)?;
    let checked = check::export(reading, &keys, &copy, master.clone(), order, &mut |p| {
        progress(Phase::Checking, p);
    })?;
    begin(folder, &begun)?;
    let (ring, erasures_applied_again) = keys::place(folder, &copy, master, &checked.findings)?;
    let (store, found) = open_store(folder, &manifest, options)?;
    let reading = Reading::open(&order.export)?;
    let erasures = &checked.findings.erasures;
    let store = append::append(store, reading, erasures, &mut |p| {
        progress(Phase::Writing, p);
    })?;
    let ledger = Ledger::start(folder, manifest.log, ring, Box::new(store), clock)?;
    let views_digest = ledger.views().digest();
    ledger.close();
    finish(folder, manifest.log)?;
    Ok(restored(
        &manifest,
        &checked,
        found,
        erasures_applied_again,
        views_digest,
    ))
}

fn restored(
    manifest: &Manifest,
    checked: &Checked,
    found_entries: u64,
    erasures_applied_again: usize,
    views_digest: Hash,
) -> Restored {
    Restored {
        log: manifest.log,
        entries: manifest.entries,
        entry_hash: manifest.entry_hash,
        found_entries,
        opened_parts: checked.parts.opened,
        erased_parts: checked.parts.erased,
        erasures_applied_again,
        views_digest,
    }
}

/// A new or empty folder, or one in which the same restore was begun.
fn look_at(folder: &DataFolder, asked: &Begun) -> Result<(), RestoreError> {
    let root = folder.root();
    if folder.is_unfinished() {
        let path = root.join(RESTORE_FILE);
        let begun: Begun = crate::backup::read_json(&path)?;
        return same_restore(path, &begun, asked);
    }
    let names = match std::fs::read_dir(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        listed => listed.map_err(|source| FolderProblem::File {
            path: root.to_owned(),
            source,
        })?,
    };
    let mut names = names.flatten().map(|entry| entry.file_name());
    let path = root.to_owned();
    // What a crash leaves of the note that a restore began is no content.
    if names.any(|name| name != MASTER_KEY_FILE && name != "restore.json.new") {
        return Err(RestoreError::NotEmpty { path });
    }
    Ok(())
}

fn same_restore(path: PathBuf, begun: &Begun, asked: &Begun) -> Result<(), RestoreError> {
    let fields = [
        ("log", begun.log.to_string(), asked.log.to_string()),
        (
            "entries",
            begun.entries.to_string(),
            asked.entries.to_string(),
        ),
        (
            "entry_hash",
            begun.entry_hash.to_string(),
            asked.entry_hash.to_string(),
        ),
    ];
    match fields.into_iter().find(|(_, begun, asked)| begun != asked) {
        Some((field, expected, found)) => Err(RestoreError::OtherRestore {
            path,
            field,
            expected,
            found,
        }),
        None => Ok(()),
    }
}

fn begin(folder: &DataFolder, begun: &Begun) -> Result<(), RestoreError> {
    create_folder(folder.root())?;
    let mut text = serde_json::to_vec_pretty(begun).unwrap_or_default();
    text.push(b'\n');
    Ok(replace_file(&folder.root().join(RESTORE_FILE), &text)?)
}

/// From here on the folder is a ledger: its id first, then the note goes.
fn finish(folder: &DataFolder, id: LogId) -> Result<(), RestoreError> {
    match folder.begin_as(id) {
        // A crash came between the two.
        Err(FolderProblem::Exists { .. }) => {}
        begun => begun?,
    }
    let path = folder.root().join(RESTORE_FILE);
    std::fs::remove_file(&path).map_err(|source| FolderProblem::File { path, source })?;
    Ok(sync_names(folder.root())?)
}

/// The store of the new folder and how many entries an earlier attempt left in it.
fn open_store(
    folder: &DataFolder,
    manifest: &Manifest,
    options: &OpenOptions,
) -> Result<(JournalStore, u64), RestoreError> {
    let (path, id) = (folder.log(), manifest.log);
    let opened = if path.is_dir() {
        JournalStore::open(&path, id, options.journal)
    } else {
        JournalStore::create(&path, id, options.journal)
    };
    let store = match opened {
        Err(StoreError::NoLog { .. }) => JournalStore::create(&path, id, options.journal)?,
        opened => opened?,
    };
    let found = store.head().next.0;
    Ok((store, found))
}

/// Nothing is restored that could not be read any more.
fn refuse_missing(
    keys: &KeyManifest,
    entries: u64,
    missing: &MissingKeys,
) -> Result<(), RestoreError> {
    match missing.first() {
        Some((first, root)) => Err(RestoreError::KeysMissing {
            first,
            root,
            parts: missing.parts(),
            roots: missing.roots(),
            copied: keys.entries,
            entries,
        }),
        None => Ok(()),
    }
}
