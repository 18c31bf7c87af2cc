//! The floor: a head that was certainly committed, kept beside the engine's own files.
//!
//! The story: the engine takes a bad record in its metadata log for the torn end of a crash and
//! goes on from the state before it. One flipped bit in that log gave back an older, or an empty,
//! log with a head that fitted its entries: nothing inside could tell. So each opening, reopening
//! and closing notes the head here, and an opening that finds less is refused.
//!
//! It costs no sync per append, and so it does not cover appends since the last opening after a
//! crash: the journal in front and the persisted checkpoint do.
//!
//! ```text
//! <dir>/floor   next u64 BE ‖ entry hash (32) ‖ check (16) =
//!               first bytes of derive_key("probity 2026 store floor v1", the 40 bytes before)
//! ```

use crate::folder::{FolderError, failed, sync_folder};
use crate::log_store::{Damage, Head, StoreError};
use probity_types::Position;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

const FILE: &str = "floor";
const SCRATCH: &str = "floor.new";

/// Refuses a log that ends below its floor, or ends there with another entry.
pub(crate) fn check_floor(dir: &Path, found: Head) -> Result<(), StoreError> {
    let path = dir.join(FILE);
    let bytes = match fs::read(&path) {
        // A creation that a crash interrupted: nothing was ever acknowledged.
        Err(e) if e.kind() == io::ErrorKind::NotFound && found == Head::EMPTY => return Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(Damage::Unreadable {
                what: FILE.into(),
                reason: "missing".into(),
            }
            .into());
        }
        other => other.map_err(failed("read", &path))?,
    };
    let floor = decode(&bytes).ok_or_else(|| Damage::Malformed {
        what: "the floor".into(),
    })?;
    if found.next < floor.next || (found.next == floor.next && found != floor) {
        return Err(Damage::Rewound {
            found: found.next,
            floor: floor.next,
        }
        .into());
    }
    Ok(())
}

/// Notes a committed head, durably. A crash on the way leaves the older floor, which is true too.
pub(crate) fn raise_floor(dir: &Path, head: Head) -> Result<(), FolderError> {
    let (path, scratch) = (dir.join(FILE), dir.join(SCRATCH));
    let write = || -> io::Result<()> {
        let mut file = File::create(&scratch)?;
        file.write_all(&encode(head))?;
        file.sync_all()?;
        fs::rename(&scratch, &path)
    };
    write().map_err(failed("write", &path))?;
    sync_folder(dir)
}

fn encode(head: Head) -> Vec<u8> {
    let mut bytes = head.to_bytes().to_vec();
    let check = blake3::derive_key("probity 2026 store floor v1", &bytes);
    bytes.extend_from_slice(&check[..16]);
    bytes
}

fn decode(bytes: &[u8]) -> Option<Head> {
    let head = Head::from_bytes(bytes.get(..40)?)?;
    (encode(head) == bytes).then_some(head)
}

impl Head {
    /// `next` u64 BE ‖ entry hash.
    pub(crate) fn to_bytes(self) -> [u8; 40] {
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&self.next.0.to_be_bytes());
        bytes[8..].copy_from_slice(&self.entry_hash);
        bytes
    }

    /// Exactly the bytes of [`to_bytes`](Self::to_bytes).
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (next, hash) = bytes.split_first_chunk::<8>()?;
        let entry_hash = hash.try_into().ok()?;
        Some(Self {
            next: Position(u64::from_be_bytes(*next)),
            entry_hash,
        })
    }
}
