//! The head that is about to be signed, durable before the signature exists: `<data>/checkpoint/head`.
//!
//! ```text
//! two slots of 4,096 bytes, written in turn:
//! slot = "PBHEAD01" ‖ turn u64 LE ‖ size u64 LE ‖ root 32 ‖ is anchored u8 ‖ check 32 ‖ zeros
//! check = derive_key("probity 2026 persisted checkpoint v1", log id ‖ everything before it)
//! ```
//! A power cut tears at most the slot that was being written, whose head was never signed; the other one holds. Both
//! unreadable is damage, and nothing is signed until a person has looked.

use crate::tree::TreeHead;
use probity_proof::tree::TreeHash;
use probity_types::LogId;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"PBHEAD01";
const SLOT: usize = 4_096;
const FIELDS: usize = 8 + 8 + 8 + 32 + 1;
const FILE: &str = "head";

/// What a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persisted {
    /// Signed, or about to be.
    pub head: TreeHead,
    /// Whether an anchor was in use: from then on its absence is no beginning.
    pub is_anchored: bool,
}

/// Why there is no persisted head to go on from.
#[derive(Debug, thiserror::Error)]
pub enum PersistedError {
    /// The file.
    #[error("{path} cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Neither slot holds.
    #[error(
        "{path}: field check: neither slot is whole, so nobody can say what was signed; compare the log with a published checkpoint, then remove the file"
    )]
    Damaged {
        /// Which.
        path: PathBuf,
    },
}

/// See the module.
#[derive(Debug)]
pub struct PersistedHead {
    log: LogId,
    path: PathBuf,
    file: File,
    turn: u64,
    last: Option<Persisted>,
}

impl PersistedHead {
    /// Opens the file in `dir`, made where it is missing.
    ///
    /// # Errors
    /// [`PersistedError`].
    pub fn open(dir: &Path, log: LogId) -> Result<Self, PersistedError> {
        let path = dir.join(FILE);
        let open = || -> io::Result<(File, Vec<u8>)> {
            std::fs::create_dir_all(dir)?;
            let is_new = !path.exists();
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            if is_new {
                file.set_len(2 * SLOT as u64)?;
                file.sync_all()?;
                File::open(dir)?.sync_all()?;
                if let Some(parent) = dir.parent() {
                    File::open(parent)?.sync_all()?;
                }
            }
            Ok((file, std::fs::read(&path)?))
        };
        let (file, bytes) = open().map_err(|source| PersistedError::File {
            path: path.clone(),
            source,
        })?;
        let newest = newest(&path, log, &bytes)?;
        let is_one_torn = bytes
            .chunks(SLOT)
            .any(|slot| decode(log, slot).is_none() && slot.iter().any(|byte| *byte != 0));
        if is_one_torn {
            tracing::warn!(
                path = %path.display(),
                "one slot of the persisted checkpoint is torn; the one before it holds"
            );
        }
        Ok(Self {
            log,
            path,
            file,
            turn: newest.map_or(0, |(turn, _)| turn),
            last: newest.map(|(_, persisted)| persisted),
        })
    }

    /// What the file in `dir` says, which is left as it is; none where there is no file yet.
    ///
    /// # Errors
    /// [`PersistedError`].
    pub fn read(dir: &Path, log: LogId) -> Result<Option<Persisted>, PersistedError> {
        let path = dir.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(newest(&path, log, &bytes)?.map(|(_, persisted)| persisted)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(PersistedError::File { path, source }),
        }
    }

    /// The last head; none before the first.
    pub fn last(&self) -> Option<Persisted> {
        self.last
    }

    /// Makes a head durable; only then may it be signed.
    ///
    /// A crash before the sync returns: the slot before holds, and nothing was signed. After it: a head that is perhaps
    /// never signed, which harms nobody.
    ///
    /// # Errors
    /// [`PersistedError::File`]; whether it is durable is not known then.
    pub fn persist(&mut self, persisted: Persisted) -> Result<(), PersistedError> {
        let turn = self.turn + 1;
        let bytes = encode(self.log, turn, &persisted);
        let write = || {
            self.file.write_all_at(&bytes, (turn % 2) * SLOT as u64)?;
            self.file.sync_data()
        };
        write().map_err(|source| PersistedError::File {
            path: self.path.clone(),
            source,
        })?;
        self.turn = turn;
        self.last = Some(persisted);
        Ok(())
    }
}

/// The newer slot that is whole, with its turn; none where nothing was written yet.
fn newest(
    path: &Path,
    log: LogId,
    bytes: &[u8],
) -> Result<Option<(u64, Persisted)>, PersistedError> {
    let slots = bytes.chunks(SLOT).filter_map(|slot| decode(log, slot));
    let newest = slots.max_by_key(|(turn, _)| *turn);
    if newest.is_none() && bytes.iter().any(|byte| *byte != 0) {
        let path = path.to_owned();
        return Err(PersistedError::Damaged { path });
    }
    Ok(newest)
}

fn check(log: LogId, fields: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("probity 2026 persisted checkpoint v1");
    hasher.update(&log.0).update(fields);
    *hasher.finalize().as_bytes()
}

fn encode(log: LogId, turn: u64, persisted: &Persisted) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SLOT);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&turn.to_le_bytes());
    bytes.extend_from_slice(&persisted.head.size.to_le_bytes());
    bytes.extend_from_slice(&persisted.head.root.0);
    bytes.push(u8::from(persisted.is_anchored));
    let check = check(log, &bytes);
    bytes.extend_from_slice(&check);
    bytes.resize(SLOT, 0);
    bytes
}

fn decode(log: LogId, slot: &[u8]) -> Option<(u64, Persisted)> {
    let (fields, rest) = slot.split_at_checked(FIELDS)?;
    let (stored, rest) = rest.split_at_checked(32)?;
    let is_whole = stored == check(log, fields) && rest.iter().all(|byte| *byte == 0);
    let (magic, fields) = fields.split_first_chunk::<8>()?;
    let (turn, fields) = fields.split_first_chunk::<8>()?;
    let (size, fields) = fields.split_first_chunk::<8>()?;
    let (root, fields) = fields.split_first_chunk::<32>()?;
    if !is_whole || magic != MAGIC || slot.len() != SLOT {
        return None;
    }
    let head = TreeHead {
        size: u64::from_le_bytes(*size),
        root: TreeHash(*root),
    };
    let is_anchored = fields.first().copied()? == 1;
    Some((u64::from_le_bytes(*turn), Persisted { head, is_anchored }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: LogId = LogId([3; 16]);

    fn persisted(size: u64) -> Persisted {
        Persisted {
            head: TreeHead {
                size,
                root: TreeHash([size as u8; 32]),
            },
            is_anchored: size.is_multiple_of(2),
        }
    }

    #[test]
    fn the_last_head_is_found_again_and_a_torn_slot_leaves_the_one_before() {
        let scratch = tempfile::tempdir().expect("a folder");
        assert_eq!(
            PersistedHead::read(scratch.path(), LOG).expect("reads"),
            None
        );
        let mut file = PersistedHead::open(scratch.path(), LOG).expect("opens");
        assert_eq!(file.last(), None);
        for size in 1..=5 {
            file.persist(persisted(size)).expect("persists");
            let again = PersistedHead::open(scratch.path(), LOG).expect("opens");
            assert_eq!(again.last(), Some(persisted(size)));
            let read = PersistedHead::read(scratch.path(), LOG).expect("reads");
            assert_eq!(read, Some(persisted(size)));
        }
        // Turn 5 lies in slot 1.
        let path = scratch.path().join(FILE);
        let whole = std::fs::read(&path).expect("reads");
        for at in 0..SLOT {
            let mut torn = whole.clone();
            torn[SLOT + at] ^= 1;
            std::fs::write(&path, &torn).expect("writes");
            let again = PersistedHead::open(scratch.path(), LOG).expect("opens");
            assert_eq!(again.last(), Some(persisted(4)), "byte {at}");
            torn[0] ^= 1;
            std::fs::write(&path, &torn).expect("writes");
            let damaged = PersistedHead::open(scratch.path(), LOG);
            assert!(matches!(damaged, Err(PersistedError::Damaged { .. })));
        }
        std::fs::write(&path, &whole).expect("writes");
        let other = PersistedHead::open(scratch.path(), LogId([4; 16]));
        assert!(matches!(other, Err(PersistedError::Damaged { .. })));
    }
}
