//! Writing an export, from the beginning or on from an earlier one, while the log grows.
//!
//! Every entry is walked on its way out, so that what is published holds by itself. An erasure drops what it names from every
//! segment, also from those that were exported before.

use super::read::{ReadExportError, Reading, read_manifest};
use super::source::Source;
use super::{ExportError, MANIFEST, SEGMENT_ENTRIES};
use crate::opener::Opener;
use crate::redact::redacted;
use crate::walk::{WalkError, Walked, decode};
use probity_domain::Entry;
use probity_format::Hash;
use probity_format::events::{ErasureRecorded, Event};
use probity_format::limits::SEGMENT_ENTRIES_MAX;
use probity_format::segment::{self, Manifest, SegmentName};
use probity_store::{FolderError, Head, replace_file, sync_names};
use probity_types::Position;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const PREFIX: &str = "entries-";
const SUFFIX: &str = ".seg";
/// What a crash leaves of a file that was not finished.
const SCRATCH: &str = ".new";

/// How an export begins.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Whether there has to be an earlier export: a mistyped folder is no reason to write everything again.
    pub must_go_on: bool,
    /// Entries of one segment, brought into 1 to [`SEGMENT_ENTRIES_MAX`]. Earlier segments stay as they are.
    pub segment_entries: u64,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            must_go_on: false,
            segment_entries: SEGMENT_ENTRIES,
        }
    }
}

/// How far an export has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries checked or written.
    pub done: u64,
    /// Entries there will be.
    pub of: u64,
}

/// An export whose segments are all on disk, and which nothing names yet.
#[derive(Debug)]
pub struct Prepared {
    out: PathBuf,
    manifest: Manifest,
    /// Segments of an earlier export that stay.
    pub kept: usize,
    /// Segments that were written.
    pub written: usize,
    /// Of those, segments of an earlier export out of which an erasure took something.
    pub rewritten: usize,
}

/// An erasure, and where it stands in the log.
type Erasures = BTreeMap<Position, ErasureRecorded>;

/// What is under way.
struct Writing<'a> {
    out: &'a Path,
    opener: Opener,
    size: u64,
    walked: Walked,
    segments: Vec<SegmentName>,
    erasures: Erasures,
    /// Frames of the segment that is not full yet.
    open: Vec<Vec<u8>>,
    /// Hash before the first of them.
    previous: Hash,
}

/// Writes all segments up to the head of this moment. Nothing names them before [`Prepared::publish`].
///
/// # Errors
/// [`ExportError`]; an earlier export in the folder is still what it was.
pub fn prepare(
    source: &mut dyn Source,
    out: &Path,
    start: Start,
    progress: &mut dyn FnMut(Progress),
) -> Result<Prepared, ExportError> {
    probity_store::create_folder(out)?;
    let earlier = look_at(out, start)?;
    let mut writing = Writing {
        out,
        opener: Opener::sealed(source.log()),
        size: start.segment_entries.clamp(1, SEGMENT_ENTRIES_MAX),
        walked: Walked::default(),
        segments: Vec::new(),
        erasures: BTreeMap::new(),
        open: Vec::new(),
        previous: Hash::default(),
    };
    let head = source.head()?;
    match earlier {
        Some(manifest) => writing.keep(source, manifest, head.next, progress)?,
        None => writing.take_up(source, head.next, progress)?,
    }
    let kept = writing.segments.len();
    writing.copy(source, head, progress)?;
    let rewritten = writing.drop_erased(kept)?;
    let entry_hash = writing.walked.chain().hash();
    let manifest = Manifest {
        format: 1,
        log: source.log(),
        origin: source.origin().to_owned(),
        entries: writing.walked.chain().next().0,
        entry_hash,
        segments: writing.segments,
    };
    Ok(Prepared {
        out: out.to_owned(),
        kept: kept - rewritten,
        written: manifest.segments.len() - kept + rewritten,
        rewritten,
        manifest,
    })
}

impl Prepared {
    /// What will be published.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// **The commit point of an export**: the manifest takes the place of the earlier one, then what it does not name is
    /// removed. A crash before leaves the earlier export, one after it files that the next export removes.
    ///
    /// # Errors
    /// [`ExportError::Folder`].
    pub fn publish(self) -> Result<Manifest, ExportError> {
        let mut text = serde_json::to_vec_pretty(&self.manifest).unwrap_or_default();
        text.push(b'\n');
        replace_file(&self.out.join(MANIFEST), &text)?;
        let named: BTreeSet<&str> = self.manifest.segments.iter().map(|s| &*s.file).collect();
        let mut is_changed = false;
        for name in names_in(&self.out)? {
            if is_ours(&name) && name != MANIFEST && !named.contains(&*name) {
                remove(&self.out.join(&name))?;
                is_changed = true;
            }
        }
        if is_changed {
            sync_names(&self.out)?;
        }
        Ok(self.manifest)
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FolderError {
    let path = path.display().to_string();
    move |source| FolderError::Io {
        action,
        path,
        source,
    }
}

fn remove(path: &Path) -> Result<(), FolderError> {
    std::fs::remove_file(path).map_err(failed("remove", path))
}

fn names_in(out: &Path) -> Result<Vec<String>, FolderError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(out).map_err(failed("list", out))? {
        let entry = entry.map_err(failed("list", out))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Whether an export wrote a file of this name.
fn is_ours(name: &str) -> bool {
    let whole = name.strip_suffix(SCRATCH).unwrap_or(name);
    whole == MANIFEST || (whole.starts_with(PREFIX) && whole.ends_with(SUFFIX))
}

/// The earlier export in the folder, none where it is new or an export was not finished there.
fn look_at(out: &Path, start: Start) -> Result<Option<Manifest>, ExportError> {
    let path = || out.to_owned();
    match read_manifest(out) {
        Ok(manifest) => return Ok(Some(manifest)),
        Err(ReadExportError::NoManifest { .. }) => {}
        Err(other) => return Err(earlier(other)),
    }
    let names = names_in(out)?;
    if names.iter().any(|name| !is_ours(name)) {
        return Err(ExportError::NotEmpty { path: path() });
    }
    if start.must_go_on && names.is_empty() {
        return Err(ExportError::Nothing { path: path() });
    }
    Ok(None)
}

fn earlier(error: ReadExportError) -> ExportError {
    ExportError::Earlier(Box::new(error))
}

impl Writing<'_> {
    /// Keeps the sealed segments of an earlier export, each walked again, and holds the log against it.
    fn keep(
        &mut self,
        source: &mut dyn Source,
        manifest: Manifest,
        end: Position,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), ExportError> {
        let path = self.out.join(MANIFEST);
        if manifest.log != source.log() {
            return Err(ExportError::OtherLog {
                path,
                expected: source.log(),
                found: manifest.log,
            });
        }
        if manifest.entries > end.0 {
            return Err(ExportError::Behind {
                exported: Position(manifest.entries),
                found: end,
            });
        }
        let last = manifest.entries.checked_sub(1).map(Position);
        let expected = manifest.entry_hash;
        let mut sealed = manifest.segments.clone();
        if sealed.last().is_some_and(|named| named.entries < self.size) {
            sealed.pop();
        }
        let mut reading = Reading::of(self.out, manifest);
        while self.segments.len() < sealed.len()
            && let Some(entries) = reading.next_segment(&self.opener).map_err(earlier)?
        {
            entries.iter().for_each(|(_, entry)| self.note(entry));
            self.segments.push(sealed[self.segments.len()].clone());
            let done = reading.walked().chain().next().0;
            progress(Progress { done, of: end.0 });
        }
        self.walked = reading.walked().clone();
        self.previous = self.walked.chain().hash();
        // The last one is written anew; it is read because nothing of an export is taken on trust.
        while reading
            .next_segment(&self.opener)
            .map_err(earlier)?
            .is_some()
        {}
        reading.finish().map_err(earlier)?;
        match last {
            Some(last) => agree(source, last, expected),
            None => Ok(()),
        }
    }

    /// Takes up what an export that was not finished left: whole segments that continue each other and the log.
    fn take_up(
        &mut self,
        source: &mut dyn Source,
        end: Position,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), ExportError> {
        let names = names_in(self.out)?;
        while self.walked.chain().next().0 + self.size <= end.0 {
            let first = self.walked.chain().next();
            let begins = format!("{PREFIX}{:012}-", first.0);
            let mut taken = None;
            for name in names.iter().filter(|name| name.starts_with(&begins)) {
                if taken.is_none() && name.ends_with(SUFFIX) {
                    taken = self.take_one(source, name, first)?;
                }
            }
            let Some(named) = taken else {
                break;
            };
            self.segments.push(named);
            let done = self.walked.chain().next().0;
            progress(Progress { done, of: end.0 });
        }
        self.previous = self.walked.chain().hash();
        Ok(())
    }

    /// Walks on over one whole segment; none where it is not the log's own.
    fn take_one(
        &mut self,
        source: &mut dyn Source,
        name: &str,
        first: Position,
    ) -> Result<Option<SegmentName>, ExportError> {
        let path = self.out.join(name);
        let bytes = std::fs::read(&path).map_err(failed("read", &path))?;
        let Ok(read) = segment::read(&bytes) else {
            return Ok(None);
        };
        if read.log != source.log() {
            return Err(ExportError::OtherLog {
                path,
                expected: source.log(),
                found: read.log,
            });
        }
        let follows = read.first == first
            && read.frames.len() as u64 == self.size
            && read.previous == self.walked.chain().hash();
        let Some(last) = read.frames.last().filter(|_| follows) else {
            return Ok(None);
        };
        let at = Position(first.0 + self.size - 1);
        if source.entry_hash(at)? != last.frame.entry_hash {
            return Ok(None);
        }
        for stored in &read.frames {
            let entry = self
                .walked
                .step(&self.opener, &stored.frame, stored.bytes)?;
            self.note(&entry);
        }
        Ok(Some(SegmentName {
            file: name.to_owned(),
            first,
            entries: self.size,
            hash: read.hash,
        }))
    }

    fn note(&mut self, entry: &Entry) {
        if let Event::ErasureRecorded(event) = &entry.event {
            self.erasures.insert(entry.header.position, event.clone());
        }
    }

    /// Copies from where the walk stands to the end. Where a ciphertext is gone whose erasure was recorded past it, the end
    /// moves on to what is committed by then: the erasure stands there, because it is committed before anything is dropped.
    fn copy(
        &mut self,
        source: &mut dyn Source,
        mut head: Head,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), ExportError> {
        loop {
            while self.walked.chain().next() < head.next {
                self.copy_some(source, head.next)?;
                let (done, of) = (self.walked.chain().next().0, head.next.0);
                progress(Progress { done, of });
            }
            let (expected, found) = (Hash(head.entry_hash), self.walked.chain().hash());
            if expected != found {
                return Err(WalkError::Head { expected, found }.into());
            }
            let moved = match self.walked.finish() {
                Ok(()) => return self.write_open(),
                Err(WalkError::Unexplained { .. }) => source.head()?,
                Err(other) => return Err(other.into()),
            };
            if moved.next <= head.next {
                self.walked.finish()?;
            }
            head = moved;
        }
    }

    fn copy_some(&mut self, source: &mut dyn Source, end: Position) -> Result<(), ExportError> {
        let room = self.size - self.open.len() as u64;
        let next = self.walked.chain().next();
        let stop = Position(end.0.min(next.0.saturating_add(room)));
        let frames = source.frames(next, stop)?;
        if frames.is_empty() {
            return Err(ExportError::Remote(format!(
                "no entry came for position {next}, which lies below the head"
            )));
        }
        for bytes in frames.into_iter().take(room as usize) {
            let position = self.walked.chain().next();
            let frame = decode(position, &bytes)?;
            let entry = self.walked.step(&self.opener, &frame, bytes.len() as u64)?;
            self.note(&entry);
            self.open.push(bytes);
        }
        if self.open.len() as u64 == self.size {
            self.write_open()?;
        }
        Ok(())
    }

    fn write_open(&mut self) -> Result<(), ExportError> {
        if self.open.is_empty() {
            return Ok(());
        }
        let entries = self.open.len() as u64;
        let first = Position(self.walked.chain().next().0 - entries);
        let log = self.opener.log();
        let named = write_segment(self.out, log, first, self.previous, &self.open)?;
        self.segments.push(named);
        self.open.clear();
        self.previous = self.walked.chain().hash();
        Ok(())
    }

    /// Takes out of the segments what the erasures of the log name; how many of the first `kept` were written anew.
    fn drop_erased(&mut self, kept: usize) -> Result<usize, ExportError> {
        let mut concerned: BTreeMap<usize, Vec<(Position, &ErasureRecorded)>> = BTreeMap::new();
        for event in self.erasures.values() {
            for position in event.positions.iter() {
                let after = self.segments.partition_point(|s| s.first <= *position);
                if let Some(number) = after.checked_sub(1) {
                    concerned
                        .entry(number)
                        .or_default()
                        .push((*position, event));
                }
            }
        }
        let mut rewritten = 0;
        for (number, erasures) in concerned {
            let held = &self.segments[number];
            if let Some(named) = without(self.out, held, &erasures)? {
                self.segments[number] = named;
                rewritten += usize::from(number < kept);
            }
        }
        Ok(rewritten)
    }
}

/// The log holds the entry that was exported before.
fn agree(source: &mut dyn Source, position: Position, expected: Hash) -> Result<(), ExportError> {
    let found = source.entry_hash(position)?;
    if found == expected {
        Ok(())
    } else {
        Err(ExportError::Diverges {
            position,
            expected,
            found,
        })
    }
}

fn write_segment(
    out: &Path,
    log: probity_types::LogId,
    first: Position,
    previous: Hash,
    frames: &[Vec<u8>],
) -> Result<SegmentName, ExportError> {
    let bytes = segment::write(log, first, previous, frames)?;
    let hash = Hash(bytes.last_chunk::<32>().copied().unwrap_or_default());
    let digits = hash.to_string();
    let short = digits.get(..8).unwrap_or_default();
    let file = format!("{PREFIX}{:012}-{short}{SUFFIX}", first.0);
    replace_file(&out.join(&file), &bytes)?;
    Ok(SegmentName {
        file,
        first,
        entries: frames.len() as u64,
        hash,
    })
}

/// Writes a segment again without what the erasures name; none where it holds nothing of it.
fn without(
    out: &Path,
    held: &SegmentName,
    erasures: &[(Position, &ErasureRecorded)],
) -> Result<Option<SegmentName>, ExportError> {
    let path = out.join(&held.file);
    let bytes = std::fs::read(&path).map_err(failed("read", &path))?;
    let read = segment::read(&bytes).map_err(|source| ExportError::Written { path, source })?;
    let (mut frames, mut is_changed) = (read.frames, false);
    for (position, event) in erasures {
        let place = position.0 - held.first.0;
        let stored = usize::try_from(place).ok().and_then(|p| frames.get_mut(p));
        if let Some(stored) = stored
            && let Some(frame) = redacted(&stored.frame, event)?
        {
            stored.frame = frame;
            is_changed = true;
        }
    }
    if !is_changed {
        return Ok(None);
    }
    let encoded: Result<Vec<_>, _> = frames.iter().map(|s| s.frame.encode()).collect();
    let named = write_segment(out, read.log, read.first, read.previous, &encoded?)?;
    Ok(Some(named))
}
