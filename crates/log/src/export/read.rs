//! Reading an export back (format §7): every segment against the manifest, every entry as [`crate::walk`] does, the
//! manifest's sums against the walk.

use super::MANIFEST;
use crate::opener::Opener;
use crate::walk::{WalkError, Walked};
use probity_domain::Entry;
use probity_format::frame::Frame;
use probity_format::segment::{
    self, Manifest, ManifestFault, SegmentError, SegmentName, StoredFrame,
};
use probity_types::Position;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why an export does not read, or does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadExportError {
    /// There is no manifest.
    #[error("{path} is missing: there is no export here, or it was not finished")]
    NoManifest {
        /// Where it was looked for.
        path: PathBuf,
    },
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

impl ReadExportError {
    /// Whether the export does not hold, rather than that it could not be read. A segment that the manifest names and that is
    /// missing is a fault of the export.
    pub fn is_broken(&self) -> bool {
        match self {
            Self::NoManifest { path } => path.parent().is_some_and(Path::is_dir),
            Self::File { source, .. } => source.kind() == ErrorKind::NotFound,
            _ => true,
        }
    }
}

/// Reads the manifest of an export and checks its form.
///
/// # Errors
/// [`ReadExportError`].
pub fn read_manifest(folder: &Path) -> Result<Manifest, ReadExportError> {
    let path = folder.join(MANIFEST);
    let text = match std::fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(ReadExportError::NoManifest { path });
        }
        Err(source) => return Err(ReadExportError::File { path, source }),
        Ok(text) => text,
    };
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|source| {
        let path = path.clone();
        ReadExportError::Json { path, source }
    })?;
    let checked = manifest.check_form();
    checked.map_err(|source| ReadExportError::Manifest { path, source })?;
    Ok(manifest)
}

/// A walk through an export, segment by segment. Only [`Reading::finish`] says that all of it holds.
#[derive(Debug)]
pub struct Reading {
    folder: PathBuf,
    manifest: Manifest,
    walked: Walked,
    number: usize,
}

impl Reading {
    /// Begins at the first segment.
    ///
    /// # Errors
    /// [`ReadExportError`]: of the manifest.
    pub fn open(folder: &Path) -> Result<Self, ReadExportError> {
        Ok(Self::of(folder, read_manifest(folder)?))
    }

    /// The same with a manifest that was read before.
    pub fn of(folder: &Path, manifest: Manifest) -> Self {
        Self {
            folder: folder.to_owned(),
            manifest,
            walked: Walked::default(),
            number: 0,
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where the walk stands.
    pub fn walked(&self) -> &Walked {
        &self.walked
    }

    /// The next segment's entries with their frames; none after the last one.
    ///
    /// # Errors
    /// [`ReadExportError`] at the first fault, with the file.
    pub fn next_segment(
        &mut self,
        opener: &Opener,
    ) -> Result<Option<Vec<(Frame, Entry)>>, ReadExportError> {
        let Some(named) = self.manifest.segments.get(self.number) else {
            return Ok(None);
        };
        let entries = read_segment(
            &self.folder,
            &self.manifest,
            named,
            opener,
            &mut self.walked,
        )?;
        self.number += 1;
        Ok(Some(entries))
    }

    /// Checks the manifest's sums and what only the end of a log can show.
    ///
    /// # Errors
    /// [`ReadExportError`].
    pub fn finish(self) -> Result<(Manifest, Walked), ReadExportError> {
        let path = self.folder.join(MANIFEST);
        if let Err(source) = self.manifest.check_end(self.walked.chain()) {
            return Err(ReadExportError::Manifest { path, source });
        }
        match self.walked.finish() {
            Ok(()) => Ok((self.manifest, self.walked)),
            Err(source) => Err(ReadExportError::Walk { path, source }),
        }
    }
}

/// Reads a whole export. Entries are handed on as they come; only a returned `Ok` says that all of it holds.
///
/// # Errors
/// [`ReadExportError`] at the first fault, with the file.
pub fn read_export(
    folder: &Path,
    opener: &Opener,
    mut each: impl FnMut(&Entry),
) -> Result<(Manifest, Walked), ReadExportError> {
    let mut reading = Reading::open(folder)?;
    while let Some(entries) = reading.next_segment(opener)? {
        entries.iter().for_each(|(_, entry)| each(entry));
    }
    reading.finish()
}

fn read_segment(
    folder: &Path,
    manifest: &Manifest,
    named: &SegmentName,
    opener: &Opener,
    walked: &mut Walked,
) -> Result<Vec<(Frame, Entry)>, ReadExportError> {
    let path = folder.join(&named.file);
    let bytes = std::fs::read(&path).map_err(|source| {
        let path = path.clone();
        ReadExportError::File { path, source }
    })?;
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
    let mut entries = Vec::with_capacity(read.frames.len());
    for StoredFrame { frame, bytes } in read.frames {
        let entry = walked.step(opener, &frame, bytes).map_err(at_entry)?;
        if entry.header.position == Position(0) {
            let begins = manifest.check_start(&entry.event);
            begins.map_err(|fault| at_entry(fault.into()))?;
        }
        entries.push((frame, entry));
    }
    Ok(entries)
}
