//! Export: segment files with a manifest, readable without this program; and reading one back, checking everything.

use crate::opener::Opener;
use crate::walk::{WalkError, Walked, decode};
use probity_domain::Entry;
use probity_format::limits::SEGMENT_ENTRIES_MAX;
use probity_format::segment::{
    self, Manifest, ManifestFault, SegmentError, SegmentName, StoredFrame,
};
use probity_format::{Hash, codec::CodecError};
use probity_store::{LogReader, PageLimit, StoreError};
use probity_types::{LogId, Position};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Entries in one exported segment. Small enough to hold in memory on a small machine.
pub const SEGMENT_ENTRIES: u64 = 16_384;
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
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is something in the folder already.
    #[error("{path} is not empty; an export goes into a new or empty folder")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
}

/// Why an export does not read, or does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadExportError {
    /// A file that cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The manifest is not one.
    #[error("{path}: {source}")]
    Json {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The manifest says something else than the segments.
    #[error("{path}: {source}")]
    Manifest {
        /// The manifest, or the segment that it does not fit.
        path: PathBuf,
        /// What differs.
        source: ManifestFault,
    },
    /// A segment file that is not right.
    #[error("{path}: {source}")]
    Segment {
        /// Which.
        path: PathBuf,
        /// Why.
        source: SegmentError,
    },
    /// An entry that does not hold.
    #[error("{path}: {source}")]
    Walk {
        /// The segment.
        path: PathBuf,
        /// Why.
        source: WalkError,
    },
}

/// Reads a whole export (format §7): every segment against the manifest, every entry as [`crate::walk`] does, the manifest's
/// sums against the walk. Entries are handed on as they come; only a returned `Ok` says that all of it holds.
///
/// # Errors
/// [`ReadExportError`] at the first fault, with the file.
pub fn read_export(
    folder: &Path,
    opener: &Opener,
    mut each: impl FnMut(&Entry),
) -> Result<(Manifest, Walked), ReadExportError> {
    let path = folder.join(MANIFEST);
    let text = read_file(&path)?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|source| {
        let path = path.clone();
        ReadExportError::Json { path, source }
    })?;
    let in_manifest = |source| {
        let path = path.clone();
        ReadExportError::Manifest { path, source }
    };
    manifest.check_form().map_err(in_manifest)?;
    let mut walked = Walked::default();
    for named in &manifest.segments {
        read_segment(folder, &manifest, named, opener, &mut walked, &mut each)?;
    }
    manifest.check_end(walked.chain()).map_err(in_manifest)?;
    let finished = walked.finish();
    finished.map_err(|source| ReadExportError::Walk { path, source })?;
    Ok((manifest, walked))
}

fn read_file(path: &Path) -> Result<Vec<u8>, ReadExportError> {
    std::fs::read(path).map_err(|source| ReadExportError::File {
        path: path.to_owned(),
        source,
    })
}

fn read_segment(
    folder: &Path,
    manifest: &Manifest,
    named: &SegmentName,
    opener: &Opener,
    walked: &mut Walked,
    each: &mut impl FnMut(&Entry),
) -> Result<(), ReadExportError> {
    let path = folder.join(&named.file);
    let bytes = read_file(&path)?;
    let read = segment::read(&bytes).map_err(|source| {
        let path = path.clone();
        ReadExportError::Segment { path, source }
    })?;
    let fits = manifest.check_segment(named, &read, walked.chain());
    fits.map_err(|source| {
        let path = path.clone();
        ReadExportError::Manifest { path, source }
    })?;
    let at_entry = |source| {
        let path = path.clone();
        ReadExportError::Walk { path, source }
    };
    for StoredFrame { frame, bytes } in &read.frames {
        let entry = walked.step(opener, frame, *bytes).map_err(at_entry)?;
        if entry.header.position == Position(0) {
            let begins = manifest.check_start(&entry.event);
            begins.map_err(|fault| at_entry(fault.into()))?;
        }
        each(&entry);
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> ExportError + '_ {
    move |source| ExportError::File {
        path: path.to_owned(),
        source,
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let mut file = std::fs::File::create_new(path).map_err(at(path))?;
    file.write_all(bytes).map_err(at(path))?;
    file.sync_all().map_err(at(path))
}

/// Writes everything up to the head of this moment. The manifest comes last: a folder without one is no export.
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
    const { assert!(SEGMENT_ENTRIES <= SEGMENT_ENTRIES_MAX) };
    std::fs::create_dir_all(out).map_err(at(out))?;
    if std::fs::read_dir(out).map_err(at(out))?.next().is_some() {
        return Err(ExportError::NotEmpty {
            path: out.to_owned(),
        });
    }
    let head = reader.head();
    let mut segments = Vec::new();
    let mut previous = Hash::default();
    let mut next = Position(0);
    while next < head.next {
        let first = next;
        let mut frames = Vec::new();
        while next < head.next && (frames.len() as u64) < SEGMENT_ENTRIES {
            let room = SEGMENT_ENTRIES - frames.len() as u64;
            let left = (head.next.0 - next.0).min(room).min(1_024);
            // At most 1,024, so it fits.
            let page = reader.page(next, PageLimit::at_most(left as u16))?;
            next = Position(next.0 + page.len() as u64);
            frames.extend(page);
        }
        let bytes = segment::write(log, first, previous, &frames)?;
        if let Some(last) = frames.last() {
            previous = decode(Position(next.0 - 1), last)?.entry_hash;
        }
        let file = format!("entries-{:012}.seg", first.0);
        write_file(&out.join(&file), &bytes)?;
        let hash = bytes.last_chunk::<32>().copied().unwrap_or_default();
        segments.push(SegmentName {
            file,
            first,
            entries: frames.len() as u64,
            hash: Hash(hash),
        });
        progress(next.0);
    }
    let entry_hash = Hash(head.entry_hash);
    let manifest = Manifest {
        format: 1,
        log,
        origin: origin.to_owned(),
        entries: head.next.0,
        entry_hash,
        segments,
    };
    let mut text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    text.push(b'\n');
    write_file(&out.join(MANIFEST), &text)?;
    Ok(manifest)
}
