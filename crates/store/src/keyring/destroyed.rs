//! The list of destroyed keys. It is what makes an erasure final: a ring restored from an older
//! backup is purged by it before it serves.
//!
//! ```text
//! header  "PRBDEST1" (8) ‖ log id (16)
//! record  kind u8 (0 a whole root, 1 one index) ‖ root id (16) ‖ index u32 LE (0 for kind 0)
//!         ‖ generation of the ring at that time u64 LE
//!         ‖ check (8) = first bytes of derive_key("probity 2026 destroyed v1", log id ‖ the above)
//! ```
//!
//! Root ids are random and say nothing about a person, so the list is not sealed. A torn last
//! record was never acknowledged and is cut off; anything else is named.

use super::error::KeyRingError;
use super::{Erasure, FILE_DESTROYED, damaged};
use crate::folder::{failed, sync_folder};
use probity_types::{LogId, RootId};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const MAGIC: &[u8; 8] = b"PRBDEST1";
const HEADER_BYTES: usize = 24;
const BODY_BYTES: usize = 1 + 16 + 4 + 8;
const RECORD_BYTES: usize = BODY_BYTES + 8;

/// The open list.
#[derive(Debug)]
pub(super) struct DestroyedFile {
    file: File,
    log_id: LogId,
    pub(super) erasures: Vec<Erasure>,
    /// Highest ring generation that any record was written under.
    pub(super) generation: u64,
}

impl DestroyedFile {
    /// Creates an empty list, or keeps the empty one of a creation that a crash interrupted.
    pub(super) fn create(dir: &Path, log_id: LogId) -> Result<Self, KeyRingError> {
        let path = dir.join(FILE_DESTROYED);
        let scratch = dir.join("destroyed.new");
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&scratch)?;
            file.write_all(&[&MAGIC[..], &log_id.0[..]].concat())?;
            file.sync_all()?;
            fs::rename(&scratch, &path)
        };
        if !path.exists() {
            write().map_err(failed("create", &path))?;
            sync_folder(dir)?;
        }
        Self::open(dir, log_id)
    }

    /// Reads the list. A missing list is damage: without it an old ring could bring keys back.
    pub(super) fn open(dir: &Path, log_id: LogId) -> Result<Self, KeyRingError> {
        let path = dir.join(FILE_DESTROYED);
        let bytes = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(damaged(&path, 0, "the list of destroyed keys is missing"));
            }
            other => other.map_err(failed("read", &path))?,
        };
        check_header(&bytes, &path, log_id)?;
        let (erasures, generation, end) = parse(&bytes, &path, log_id)?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(failed("open", &path))?;
        if end < bytes.len() {
            let cut = file.set_len(end as u64).and_then(|()| file.sync_all());
            cut.map_err(failed("cut the torn end of", &path))?;
        }
        Ok(Self {
            file,
            log_id,
            erasures,
            generation,
        })
    }

    /// Adds records, durable before it returns.
    pub(super) fn append(&mut self, erasures: &[Erasure], generation: u64) -> io::Result<()> {
        let records = erasures
            .iter()
            .flat_map(|e| encode(*e, generation, self.log_id));
        self.file.write_all(&records.collect::<Vec<u8>>())?;
        self.file.sync_all()?;
        self.erasures.extend_from_slice(erasures);
        self.generation = self.generation.max(generation);
        Ok(())
    }
}

/// Checks that this is the list of a log.
pub(super) fn check_header(bytes: &[u8], path: &Path, log_id: LogId) -> Result<(), KeyRingError> {
    let header = bytes.get(..HEADER_BYTES).filter(|h| h.starts_with(MAGIC));
    let header = header.ok_or_else(|| damaged(path, 0, "not a list of destroyed keys"))?;
    let found = header
        .last_chunk::<16>()
        .map_or(LogId::NONE, |id| LogId(*id));
    if found == log_id {
        return Ok(());
    }
    Err(KeyRingError::WrongLog {
        file: path.display().to_string(),
        expected: log_id,
        found,
    })
}

/// Returns the erasures, the highest generation and where the last whole record ends.
fn parse(
    bytes: &[u8],
    path: &Path,
    log_id: LogId,
) -> Result<(Vec<Erasure>, u64, usize), KeyRingError> {
    let (mut erasures, mut generation, mut end) = (Vec::new(), 0, HEADER_BYTES);
    for record in bytes[HEADER_BYTES..].chunks(RECORD_BYTES) {
        match decode(record, log_id) {
            Some((erasure, at)) => {
                erasures.push(erasure);
                generation = generation.max(at);
                end += record.len();
            }
            // Cut short, or a block that was never written. A flipped bit looks like neither.
            None if unwritten(&bytes[end..]) => break,
            None => {
                return Err(damaged(
                    path,
                    end as u64,
                    "a record does not match its check",
                ));
            }
        }
    }
    Ok((erasures, generation, end))
}

fn unwritten(rest: &[u8]) -> bool {
    rest.len() < RECORD_BYTES || rest.iter().all(|byte| *byte == 0)
}

fn check(body: &[u8], log_id: LogId) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new_derive_key("probity 2026 destroyed v1");
    let hash = hasher.update(&log_id.0).update(body).finalize();
    let mut check = [0; 8];
    check.copy_from_slice(&hash.as_bytes()[..8]);
    check
}

fn encode(erasure: Erasure, generation: u64, log_id: LogId) -> Vec<u8> {
    let (kind, root, index) = match erasure {
        Erasure::Root(root) => (0, root, 0),
        Erasure::One(root, index) => (1, root, index),
    };
    let (index, generation) = (index.to_le_bytes(), generation.to_le_bytes());
    let mut record = [&[kind][..], &root.0, &index, &generation].concat();
    record.extend_from_slice(&check(&record, log_id));
    record
}

fn decode(record: &[u8], log_id: LogId) -> Option<(Erasure, u64)> {
    let (body, found) = record.split_at_checked(BODY_BYTES)?;
    if found != check(body, log_id) {
        return None;
    }
    let (kind, rest) = body.split_first()?;
    let (root, rest) = rest.split_first_chunk::<16>()?;
    let (index, generation) = rest.split_first_chunk::<4>()?;
    let (root, index) = (RootId(*root), u32::from_le_bytes(*index));
    let generation = u64::from_le_bytes(generation.try_into().ok()?);
    match (kind, index) {
        (0, 0) => Some((Erasure::Root(root), generation)),
        (1, _) => Some((Erasure::One(root, index), generation)),
        _ => None,
    }
}
