//! `probity-verify log`: an exported log against a checkpoint.

use crate::ahead::each_file;
use crate::fault::{Failure, Fault};
use crate::input::{self, Signed};
use crate::state::State;
use crate::walk::Walk;
use probity_format::Links;
use probity_format::scan::Scanned;
use probity_format::segment::{Layout, Manifest, RawFrame, SegmentError, SegmentName};
use probity_proof::{Checkpoint, Policy, VerifierKey};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

const MANIFEST: &str = "manifest.json";
/// Entries whose hashes are recomputed together: enough to fill the lanes of every length, few enough for the cache.
const BATCH: usize = 256;
const MANIFEST_BYTES_MAX: usize = 64 << 20;

/// Which open bodies are decoded; everything else is checked for every entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bodies {
    /// All of them.
    All,
    /// Those at these positions.
    Range(RangeInclusive<u64>),
    /// None: chain, stream chains, commitments and tree alone.
    None,
}

/// What is to be checked.
#[derive(Debug)]
pub struct LogTask<'a> {
    /// Folder of the export.
    pub folder: &'a Path,
    /// File of the checkpoint.
    pub checkpoint: &'a Path,
    /// The log's key.
    pub key: &'a VerifierKey,
    /// Who must have seen the checkpoint.
    pub policy: &'a Policy,
    /// Which bodies are decoded.
    pub bodies: Bodies,
}

/// What held.
#[derive(Debug)]
pub struct LogReport {
    walk: Walk,
    segments: usize,
    signed: Signed,
    seen: Option<Checkpoint>,
}

/// Checks the export, then keeps the checkpoint.
///
/// # Errors
/// [`Failure`].
pub fn run(task: &LogTask<'_>, state: &mut State) -> Result<LogReport, Failure> {
    state.check_outside(task.folder)?;
    let signed = input::checkpoint(task.checkpoint, task.key, task.policy)?;
    let head = &signed.opened.checkpoint;
    let at_checkpoint = |failure: Failure| match failure {
        Failure::DoesNotHold(fault) => fault.in_file(task.checkpoint).into(),
        other => other,
    };
    state.check_growth(task.key, head).map_err(at_checkpoint)?;
    state.check_fork(task.key, &signed).map_err(at_checkpoint)?;
    let seen = state.seen(task.key)?.map(|(_, seen)| seen);

    let manifest = read_manifest(task.folder)?;
    if manifest.origin != head.origin {
        let fault = Fault::new(
            "origin",
            format!("{:?}", manifest.origin),
            format!("{:?}", head.origin),
        );
        return Err(fault.in_file(task.checkpoint).into());
    }
    let decode = match &task.bodies {
        Bodies::All => Some(0..=u64::MAX),
        Bodies::Range(range) => Some(range.clone()),
        Bodies::None => None,
    };
    if let Bodies::Range(range) = &task.bodies
        && (range.is_empty() || *range.end() >= manifest.entries)
    {
        let (from, to, entries) = (range.start(), range.end(), manifest.entries);
        return Err(Failure::CouldNotRun(format!(
            "--from {from} --to {to}: the export has {entries} entries"
        )));
    }
    let sizes = [Some(head.size), seen.as_ref().map(|seen| seen.size)];
    let walk = walk(
        task.folder,
        &manifest,
        Walk::new(sizes.into_iter().flatten(), decode),
    )?;
    let compare = |expected: &Checkpoint, whose: &str| {
        let wrong = |fault: Fault| Failure::from(fault.in_file(task.checkpoint));
        let Some(root) = walk.root_at(expected.size) else {
            let entries = format!("at most {}, the entries of the export", walk.next());
            return Err(wrong(Fault::new("size", entries, expected.size)));
        };
        if root == expected.root {
            return Ok(());
        }
        let expected = format!(
            "{root}, the tree over the first {} entries{whose}",
            expected.size
        );
        Err(wrong(Fault::new(
            "root",
            expected,
            head_root(whose, head, seen.as_ref()),
        )))
    };
    compare(head, "")?;
    if let Some(seen) = &seen {
        compare(seen, " (another root was seen for them before: a fork)")?;
    }
    state.keep(task.key, &signed.note)?;
    Ok(LogReport {
        segments: manifest.segments.len(),
        walk,
        signed,
        seen,
    })
}

fn head_root(whose: &str, head: &Checkpoint, seen: Option<&Checkpoint>) -> String {
    let compared = if whose.is_empty() { Some(head) } else { seen };
    compared
        .map(|checkpoint| checkpoint.root.to_string())
        .unwrap_or_default()
}

fn read_manifest(folder: &Path) -> Result<Manifest, Failure> {
    let path = folder.join(MANIFEST);
    if !folder.is_dir() {
        return Err(Failure::CouldNotRun(format!(
            "{}: not a folder",
            folder.display()
        )));
    }
    let wrong = |fault: Fault| Failure::from(fault.in_file(&path));
    if !path.exists() {
        return Err(wrong(Fault::new(
            "file",
            "a finished export",
            "no manifest",
        )));
    }
    let bytes = input::read(&path, MANIFEST_BYTES_MAX)?;
    if bytes.len() > MANIFEST_BYTES_MAX {
        return Err(wrong(Fault::new(
            "manifest",
            format!("at most {MANIFEST_BYTES_MAX} bytes"),
            "more",
        )));
    }
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|e| wrong(Fault::new("JSON", "a manifest", e)))?;
    manifest.check_form().map_err(|e| wrong(e.into()))?;
    Ok(manifest)
}

fn walk(folder: &Path, manifest: &Manifest, mut walk: Walk) -> Result<Walk, Failure> {
    let paths: Vec<PathBuf> = manifest
        .segments
        .iter()
        .map(|named| folder.join(&named.file))
        .collect();
    each_file(&paths, |number, read| {
        let wrong = |fault: Fault| Failure::from(fault.in_file(&paths[number]));
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(wrong(Fault::new(
                    "file",
                    "a segment of the export",
                    "no file",
                )));
            }
            Err(error) => {
                return Err(Failure::CouldNotRun(format!(
                    "{}: {error}",
                    paths[number].display()
                )));
            }
        };
        let named = &manifest.segments[number];
        walk_segment(manifest, named, number, bytes, &mut walk).map_err(wrong)
    })?;
    check_end(manifest, &walk).map_err(|fault| fault.in_file(&folder.join(MANIFEST)))?;
    match walk.first_unexplained() {
        None => Ok(walk),
        Some((number, fault)) => Err(fault.in_file(&paths[number]).into()),
    }
}

fn same<T: PartialEq + std::fmt::Display>(field: &str, expected: T, found: T) -> Result<(), Fault> {
    if expected == found {
        Ok(())
    } else {
        Err(Fault::new(field, expected, found))
    }
}

fn walk_segment(
    manifest: &Manifest,
    named: &SegmentName,
    number: usize,
    bytes: &[u8],
    walk: &mut Walk,
) -> Result<(), Fault> {
    let layout = Layout::parse(bytes)?;
    same("log", manifest.log, layout.log)?;
    same("first", named.first, layout.first)?;
    same("entries", named.entries, layout.entries)?;
    same("first", walk.next(), layout.first.0)?;
    same("previous", walk.hash(), layout.previous)?;
    walk_frames(manifest, number, &layout, walk)?;
    layout.check_hash()?;
    same("segment hash", named.hash, layout.hash)
}

/// A frame with its position by its place in the file.
fn scan(raw: Result<RawFrame<'_>, SegmentError>) -> Result<(u64, Scanned<'_>, u64), Fault> {
    let raw = raw?;
    let position = raw.position.0;
    let frame = Scanned::parse(raw.bytes).map_err(|e| Fault::from(e).at(position))?;
    Ok((position, frame, raw.bytes.len() as u64))
}

fn walk_frames(
    manifest: &Manifest,
    segment: usize,
    layout: &Layout<'_>,
    walk: &mut Walk,
) -> Result<(), Fault> {
    let mut frames = layout.frames().map(scan);
    let (mut scanned, mut entered) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
    loop {
        scanned.clear();
        entered.clear();
        let mut fault = None;
        for frame in frames.by_ref().take(BATCH) {
            match frame {
                Ok(frame) => scanned.push(frame),
                Err(found) => {
                    fault = Some(found);
                    break;
                }
            }
        }
        walk.look_up(scanned.iter().map(|(_, frame, _)| frame));
        let is_end = scanned.is_empty();
        for (position, frame, stored) in &scanned {
            match walk.enter(frame, *stored) {
                Ok(links) => entered.push((*frame, links)),
                Err(found) => {
                    fault = Some(found.at(*position));
                    break;
                }
            }
        }
        // What lies before a fault is settled first: the earliest one is named.
        settle(manifest, segment, &entered, walk)?;
        match fault {
            Some(fault) => return Err(fault),
            None if is_end => return Ok(()),
            None => {}
        }
    }
}

fn settle(
    manifest: &Manifest,
    segment: usize,
    entries: &[(Scanned<'_>, Links)],
    walk: &mut Walk,
) -> Result<(), Fault> {
    let mut is_first = entries
        .first()
        .is_some_and(|(frame, _)| frame.position().0 == 0);
    walk.settle(entries, segment, |event| {
        // Position 0 is always decoded, and says which log this is.
        if std::mem::take(&mut is_first) {
            manifest.check_start(event)?;
        }
        Ok(())
    })
}

fn check_end(manifest: &Manifest, walk: &Walk) -> Result<(), Fault> {
    same("entries", walk.next(), manifest.entries)?;
    same("entry_hash", walk.hash(), manifest.entry_hash)?;
    same(
        "last unit",
        "whole",
        if walk.is_whole() {
            "whole"
        } else {
            "cut short"
        },
    )
}

impl LogReport {
    /// As one JSON object.
    pub fn to_json(&self) -> Value {
        let (sealed, erased) = self.walk.sealed_and_erased();
        let opened = &self.signed.opened;
        let cosignatures = opened.cosignatures.iter();
        let cosignatures: Vec<Value> = cosignatures
            .map(|one| json!({ "witness": one.key, "time": one.time }))
            .collect();
        json!({
            "holds": true, "level": "sealed", "entries": self.walk.next(), "segments": self.segments,
            "streams": self.walk.streams(), "sealed": sealed, "erased": erased, "decoded": self.walk.decoded(),
            "entry_hash": self.walk.hash(),
            "checkpoint": {
                "origin": opened.checkpoint.origin, "size": opened.checkpoint.size, "root": opened.checkpoint.root,
                "cosignatures": cosignatures,
            },
            "seen_before": self.seen.as_ref().map(|seen| seen.size),
        })
    }

    /// As lines for people.
    pub fn to_text(&self) -> String {
        let (sealed, erased) = self.walk.sealed_and_erased();
        let opened = &self.signed.opened;
        let (head, entries) = (&opened.checkpoint, self.walk.next());
        let seen = match &self.seen {
            None => "no checkpoint of this log was seen before; this one is kept".to_owned(),
            Some(seen) => format!(
                "it continues the checkpoint of size {} that was seen before",
                seen.size
            ),
        };
        format!(
            "holds: {entries} entries in {} streams and {} segments, head {}\n\
             checkpoint: {} of them are in the tree that {} signed, root {}, {} cosignatures of the policy\n\
             after it: {} entries that no checkpoint covers here\n\
             state: {seen}\n\
             decoded: {} open bodies\n\
             level: sealed (no keys): {sealed} sealed parts by their ciphertexts, {erased} erased\n\
             not checked here: views and rules\n",
            self.walk.streams(),
            self.segments,
            self.walk.hash(),
            head.size,
            head.origin,
            head.root,
            opened.cosignatures.len(),
            entries - head.size,
            self.walk.decoded(),
        )
    }
}
