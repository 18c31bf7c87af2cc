//! Backing up: the log as an export, the key ring as a copy, each in a folder of its own, while the ledger runs.
//!
//! ```text
//! <out>/log/          an export (format §7): goes on from the last one
//! <out>/keys/         a copy of the ring, see key_copy.rs; never the master key
//! <out>/backup.json   what belongs together, written last
//! ```
//!
//! The order is: segments, ring, manifest of the log, `backup.json`. The ring is copied after every entry that the manifest
//! will name was committed, and each name is put in place at once, so that at every moment the ring in the backup is at least
//! as new as its log.

mod key_copy;

pub use key_copy::KeyManifest;
pub(crate) use key_copy::{read_keys, write_keys};

use probity_format::Hash;
use probity_log::export::{ExportError, Progress, ReadExportError, Source, Start, prepare};
use probity_store::keyring::{KeyRing, KeyRingError, MasterKey, RingCopy};
use probity_store::{FolderError, create_folder, replace_file};
use probity_types::{LogId, Position};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The export inside a backup.
pub const LOG_FOLDER: &str = "log";
/// The key ring inside a backup.
pub const KEYS_FOLDER: &str = "keys";
/// What belongs together.
pub const BACKUP_FILE: &str = "backup.json";

/// Why a backup is not made, or does not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The log.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// An export that was made before.
    #[error(transparent)]
    ReadExport(#[from] ReadExportError),
    /// The key ring.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
    /// The ring was copied, and the copy does not open.
    #[error("the copy of the key ring does not open")]
    Unopened(#[source] KeyRingError),
    /// A folder or file that cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file that cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is not what its name says.
    #[error("{path}: {source}")]
    Json {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// There is no backup.
    #[error("{path} is missing: there is no backup here, or it was not finished")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is something else in the folder.
    #[error(
        "{path} is not empty and holds no backup; a backup goes into a new or empty folder, or on from its own"
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A field that says something else than what it is about.
    #[error("{path}: field {field}: expected {expected}, found {found}")]
    Field {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// What would be right.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The backup is of a later log than what is backed up.
    #[error(
        "{path}: the backup was made at {held} entries, the log has only {found}: the log was rewound, or is an older copy"
    )]
    Behind {
        /// The file.
        path: PathBuf,
        /// Entries at the backup.
        held: u64,
        /// Entries now.
        found: u64,
    },
}

impl BackupError {
    /// Whether log or backup do not hold (exit 1), rather than that it could not be tried (exit 2).
    pub fn is_broken(&self) -> bool {
        match self {
            Self::Export(error) => error.is_broken(),
            Self::ReadExport(error) => error.is_broken(),
            Self::Ring(error) | Self::Unopened(error) => matches!(
                error,
                KeyRingError::Damaged { .. } | KeyRingError::WrongLog { .. }
            ),
            Self::File { source, .. } => source.kind() == ErrorKind::NotFound,
            Self::Missing { path } => path.parent().is_some_and(Path::is_dir),
            Self::Json { .. } | Self::Field { .. } | Self::Behind { .. } => true,
            Self::Folder(_) | Self::NotEmpty { .. } => false,
        }
    }
}

pub(crate) fn same(
    path: &Path,
    field: &'static str,
    expected: impl std::fmt::Display,
    found: impl std::fmt::Display,
) -> Result<(), BackupError> {
    let (expected, found) = (expected.to_string(), found.to_string());
    if expected == found {
        return Ok(());
    }
    let path = path.to_owned();
    Err(BackupError::Field {
        path,
        field,
        expected,
        found,
    })
}

/// What `backup.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupManifest {
    /// Always 1.
    pub format: u8,
    /// The log.
    pub log: LogId,
    /// Its name.
    pub origin: String,
    /// Entries of the log.
    pub entries: u64,
    /// Hash of the last one.
    pub entry_hash: Hash,
}

/// What was backed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackedUp {
    /// The log.
    pub log: LogId,
    /// Entries in the backup.
    pub entries: u64,
    /// Hash of the last one.
    pub entry_hash: Hash,
    /// Segments that stayed from an earlier backup.
    pub kept_segments: usize,
    /// Segments that were written.
    pub written_segments: usize,
    /// Whether the copy of the ring was opened: it is, where the master key is at hand.
    pub is_ring_opened: bool,
}

/// Backs up log and keys. `master` opens the copy of the ring, to see that it opens.
///
/// # Errors
/// [`BackupError`]; an earlier backup in the folder can still be restored.
pub fn back_up(
    source: &mut dyn Source,
    keys: &Path,
    master: Option<MasterKey>,
    (out, start): (&Path, Start),
    progress: &mut dyn FnMut(Progress),
) -> Result<BackedUp, BackupError> {
    create_folder(out)?;
    look_at(out, start)?;
    let prepared = prepare(source, &out.join(LOG_FOLDER), start, progress)?;
    let (kept_segments, written_segments) = (prepared.kept, prepared.written);
    let manifest = prepared.manifest();
    let head = (Position(manifest.entries), manifest.entry_hash);
    let copy = RingCopy::of(keys, source.log())?;
    let is_ring_opened = open_copy(&copy, master)?;
    write_keys(&out.join(KEYS_FOLDER), &copy, head)?;
    let manifest = prepared.publish()?;
    let together = BackupManifest {
        format: 1,
        log: manifest.log,
        origin: manifest.origin,
        entries: manifest.entries,
        entry_hash: manifest.entry_hash,
    };
    let mut text = serde_json::to_vec_pretty(&together).unwrap_or_default();
    text.push(b'\n');
    replace_file(&out.join(BACKUP_FILE), &text)?;
    Ok(BackedUp {
        log: together.log,
        entries: together.entries,
        entry_hash: together.entry_hash,
        kept_segments,
        written_segments,
        is_ring_opened,
    })
}

/// Copies the key ring alone, whoever holds it. `head` was committed before: the keys up to there are in the copy.
///
/// # Errors
/// [`BackupError`]; an earlier copy is still what it was.
pub fn back_up_keys(
    keys: &Path,
    log: LogId,
    head: (Position, Hash),
    out: &Path,
) -> Result<KeyManifest, BackupError> {
    write_keys(out, &RingCopy::of(keys, log)?, head)
}

/// A backup, or nothing at all: never another folder of somebody's.
fn look_at(out: &Path, start: Start) -> Result<(), BackupError> {
    let path = out.to_owned();
    let listed = std::fs::read_dir(out).map_err(|source| BackupError::File {
        path: path.clone(),
        source,
    })?;
    let mut names = listed.flatten().map(|entry| entry.file_name());
    let is_ours = |name: &std::ffi::OsStr| {
        [LOG_FOLDER, KEYS_FOLDER, BACKUP_FILE, "backup.json.new"]
            .iter()
            .any(|ours| name == *ours)
    };
    if names.any(|name| !is_ours(&name)) {
        return Err(BackupError::NotEmpty { path });
    }
    if start.must_go_on && !out.join(LOG_FOLDER).is_dir() {
        return Err(ExportError::Nothing { path }.into());
    }
    Ok(())
}

/// Opens a copy of the ring in a place of its own; `false` where there is no master key to open it with.
pub(crate) fn open_copy(copy: &RingCopy, master: Option<MasterKey>) -> Result<bool, BackupError> {
    let Some(master) = master else {
        return Ok(false);
    };
    let scratch = scratch()?;
    copy.place(scratch.path())?;
    let opened = KeyRing::open(scratch.path(), copy.log, master);
    opened.map(|_| true).map_err(BackupError::Unopened)
}

pub(crate) fn scratch() -> Result<tempfile::TempDir, BackupError> {
    tempfile::tempdir().map_err(|source| BackupError::File {
        path: std::env::temp_dir(),
        source,
    })
}

/// Reads `backup.json`.
///
/// # Errors
/// [`BackupError`].
pub fn read_backup(folder: &Path) -> Result<BackupManifest, BackupError> {
    let path = folder.join(BACKUP_FILE);
    let manifest: BackupManifest = read_json(&path)?;
    same(&path, "format", 1, manifest.format)?;
    Ok(manifest)
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, BackupError> {
    let path = path.to_owned();
    let text = match std::fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(BackupError::Missing { path });
        }
        Err(source) => return Err(BackupError::File { path, source }),
        Ok(text) => text,
    };
    serde_json::from_slice(&text).map_err(|source| BackupError::Json { path, source })
}

impl BackedUp {
    /// Why the ring was not opened, for people; none where it was.
    pub fn caution(&self) -> Option<&'static str> {
        (!self.is_ring_opened).then_some(
            "没有主密钥，未试开密钥环副本 · without the master key the copy of the key ring was not opened",
        )
    }
}
