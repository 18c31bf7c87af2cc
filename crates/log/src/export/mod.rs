//! Export: segment files with a manifest, readable without this program; and reading one back, checking everything.
//!
//! A segment's name holds its own hash, so no file of an export is ever written over: a manifest names a whole export at every
//! moment, the earlier one until the new one takes its place ([`Prepared::publish`]), and files that nothing names go last.
//! A folder without a manifest is no export; what lies in it is taken up again.

mod read;
mod source;
mod write;

pub use probity_store::Head;
pub use read::{ReadExportError, Reading, read_export, read_manifest};
pub use source::{LocalSource, Source};
pub use write::{Prepared, Progress, Start, prepare};

use crate::walk::WalkError;
use probity_format::codec::CodecError;
use probity_format::segment::{Manifest, SegmentError};
use probity_format::{Hash, limits::SEGMENT_ENTRIES_MAX, wire::ListError};
use probity_store::{FolderError, LogReader, StoreError};
use probity_types::{LogId, Position};
use std::path::{Path, PathBuf};

/// Entries in one exported segment. Small enough to hold in memory on a small machine.
pub const SEGMENT_ENTRIES: u64 = 16_384;
const _: () = assert!(SEGMENT_ENTRIES <= SEGMENT_ENTRIES_MAX);
/// Name of the manifest.
pub const MANIFEST: &str = "manifest.json";

/// Why an export fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The log.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A segment.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A frame from which a ciphertext was dropped.
    #[error(transparent)]
    List(#[from] ListError),
    /// A folder or file.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// What lies in the folder from an earlier export does not hold.
    #[error("the earlier export does not hold; export into a new folder, and look into this one")]
    Earlier(#[source] Box<ReadExportError>),
    /// There is something else in the folder.
    #[error(
        "{path} is not empty and holds no export; an export goes into a new or empty folder, or goes on from an earlier one"
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// There is no earlier export to go on from.
    #[error(
        "{path} holds no export to go on from; correct the path, or export without --incremental"
    )]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds an export of another log.
    #[error(
        "{path}: field log: expected {expected}, found {found}; an export of another log lies here"
    )]
    OtherLog {
        /// The file that says so.
        path: PathBuf,
        /// The log that is exported.
        expected: LogId,
        /// The log of the earlier export.
        found: LogId,
    },
    /// The log ends before the earlier export does.
    #[error(
        "the earlier export holds {exported} entries, the log only {found}: the log was rewound, or is an older copy"
    )]
    Behind {
        /// Entries of the export.
        exported: Position,
        /// Entries of the log.
        found: Position,
    },
    /// The log holds another entry than the earlier export.
    #[error(
        "position {position}: field entry hash: expected {expected} (earlier export), found {found} (log)"
    )]
    Diverges {
        /// Where they differ at the latest.
        position: Position,
        /// As exported before.
        expected: Hash,
        /// As the log says now.
        found: Hash,
    },
    /// A segment that was written a moment ago does not read.
    #[error("{path}")]
    Written {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: SegmentError,
    },
    /// The server that the log comes from.
    #[error("{0}")]
    Remote(String),
}

impl ExportError {
    /// Whether log or earlier export do not hold (exit 1), rather than that it could not be tried (exit 2).
    pub fn is_broken(&self) -> bool {
        match self {
            Self::Walk(WalkError::Store(error)) | Self::Store(error) => {
                matches!(error, StoreError::Damage(_))
            }
            Self::Earlier(error) => error.is_broken(),
            Self::Walk(_) | Self::Behind { .. } | Self::Diverges { .. } | Self::OtherLog { .. } => {
                true
            }
            _ => false,
        }
    }
}

/// Writes everything up to the head of this moment into a new folder, or goes on in the folder of an earlier export.
///
/// # Errors
/// [`ExportError`].
pub fn export(
    reader: &dyn LogReader,
    log: LogId,
    origin: &str,
    out: &Path,
    mut progress: impl FnMut(u64),
) -> Result<Manifest, ExportError> {
    let mut source = LocalSource::new(reader, log, origin);
    let start = Start::default();
    let prepared = prepare(&mut source, out, start, &mut |p: Progress| progress(p.done))?;
    prepared.publish()
}
