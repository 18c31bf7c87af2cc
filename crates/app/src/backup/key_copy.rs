//! The copy of a key ring: the ring file and the list of destroyed keys as they were at one moment, still sealed under the
//! master key, and `keys.json`, which names both and the head of the log that they are good for.
//!
//! File names hold a hash, so that no file that `keys.json` names is ever written over; what it does not name any more is
//! overwritten in its first bytes and removed.

use super::{BackupError, read_json, same};
use probity_format::Hash;
use probity_store::keyring::{RingCopy, remove_copy, write_private};
use probity_store::{create_folder, sync_names};
use probity_types::{LogId, Position};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Names the files and what they are good for.
pub const KEYS_FILE: &str = "keys.json";
/// Context string of the hashes in it.
const HASH_CONTEXT: &str = "probity 2026 key backup v1";
const RING_PREFIX: &str = "ring-";
const LIST_PREFIX: &str = "destroyed-";

/// What `keys.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyManifest {
    /// Always 1.
    pub format: u8,
    /// The log.
    pub log: LogId,
    /// Entries that were committed before the ring was copied: their keys are in it.
    pub entries: u64,
    /// Hash of the last of them.
    pub entry_hash: Hash,
    /// Generation of the ring.
    pub generation: u64,
    /// The ring file.
    pub ring: CopiedFile,
    /// The list of destroyed keys.
    pub destroyed: CopiedFile,
}

/// One file of the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedFile {
    /// Plain name.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// `derive_key("probity 2026 key backup v1")` over its bytes.
    pub hash: Hash,
}

impl CopiedFile {
    fn named(prefix: &str, bytes: &[u8]) -> Self {
        let hash = hash(bytes);
        let digits = hash.to_string();
        let short = digits.get(..8).unwrap_or_default();
        Self {
            file: format!("{prefix}{short}"),
            bytes: bytes.len() as u64,
            hash,
        }
    }

    fn read(&self, folder: &Path, manifest: &Path) -> Result<Vec<u8>, BackupError> {
        let leads_out = self.file.contains(['/', '\\', '\0']) || self.file.starts_with('.');
        if leads_out || self.file.is_empty() {
            return same(manifest, "file", "a plain file name", &self.file).map(|()| Vec::new());
        }
        let path = folder.join(&self.file);
        let bytes = std::fs::read(&path).map_err(|source| {
            let path = path.clone();
            BackupError::File { path, source }
        })?;
        same(&path, "bytes", self.bytes, bytes.len())?;
        same(&path, "hash", self.hash, hash(&bytes))?;
        Ok(bytes)
    }
}

fn hash(bytes: &[u8]) -> Hash {
    Hash(blake3::derive_key(HASH_CONTEXT, bytes))
}

/// Writes a copy of a ring that was made after `head` was committed, in place of an earlier one.
///
/// # Errors
/// [`BackupError`]; an earlier copy is still what it was.
pub fn write_keys(
    out: &Path,
    copy: &RingCopy,
    (next, entry_hash): (Position, Hash),
) -> Result<KeyManifest, BackupError> {
    create_folder(out)?;
    let path = out.join(KEYS_FILE);
    match read_json::<KeyManifest>(&path) {
        Ok(earlier) => {
            same(&path, "log", copy.log, earlier.log)?;
            if earlier.entries > next.0 {
                return Err(BackupError::Behind {
                    path,
                    held: earlier.entries,
                    found: next.0,
                });
            }
        }
        Err(BackupError::Missing { .. }) => {
            if names_in(out)?.iter().any(|name| !is_ours(name)) {
                return Err(BackupError::NotEmpty {
                    path: out.to_owned(),
                });
            }
        }
        Err(other) => return Err(other),
    }
    let ring_prefix = format!("{RING_PREFIX}{:010}-", copy.generation);
    let manifest = KeyManifest {
        format: 1,
        log: copy.log,
        entries: next.0,
        entry_hash,
        generation: copy.generation,
        ring: CopiedFile::named(&ring_prefix, &copy.ring),
        destroyed: CopiedFile::named(LIST_PREFIX, &copy.destroyed),
    };
    write_private(&out.join(&manifest.ring.file), &copy.ring)?;
    write_private(&out.join(&manifest.destroyed.file), &copy.destroyed)?;
    sync_names(out)?;
    let mut text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    text.push(b'\n');
    write_private(&path, &text)?;
    sync_names(out)?;
    remove_others(out, &manifest)?;
    Ok(manifest)
}

fn names_in(out: &Path) -> Result<Vec<String>, BackupError> {
    let listed = std::fs::read_dir(out).map_err(|source| BackupError::File {
        path: out.to_owned(),
        source,
    })?;
    let names = listed.flatten().map(|entry| entry.file_name());
    Ok(names
        .map(|name| name.to_string_lossy().into_owned())
        .collect())
}

fn is_ours(name: &str) -> bool {
    name.starts_with(RING_PREFIX) || name.starts_with(LIST_PREFIX) || name.starts_with(KEYS_FILE)
}

fn remove_others(out: &Path, manifest: &KeyManifest) -> Result<(), BackupError> {
    let named = [KEYS_FILE, &manifest.ring.file, &manifest.destroyed.file];
    let mut is_changed = false;
    for name in names_in(out)? {
        if is_ours(&name) && !named.contains(&name.as_str()) {
            remove_copy(&out.join(&name))?;
            is_changed = true;
        }
    }
    if is_changed {
        sync_names(out)?;
    }
    Ok(())
}

/// Reads a copy back: both files as they were written, and of the log that `keys.json` names.
///
/// # Errors
/// [`BackupError`] with file and field.
pub fn read_keys(folder: &Path) -> Result<(KeyManifest, RingCopy), BackupError> {
    let path = folder.join(KEYS_FILE);
    let manifest: KeyManifest = read_json(&path)?;
    same(&path, "format", 1, manifest.format)?;
    let copy = RingCopy {
        log: manifest.log,
        generation: manifest.generation,
        ring: manifest.ring.read(folder, &path)?,
        destroyed: manifest.destroyed.read(folder, &path)?,
    };
    copy.check(
        &folder.join(&manifest.ring.file),
        &folder.join(&manifest.destroyed.file),
    )?;
    Ok((manifest, copy))
}
