//! Checking an export with a copy of the key ring, before anything is written: every entry, every commitment, every mark that
//! somebody trusts, and that no fact would stay unreadable.

use super::{RestoreError, RestoreOrder, refuse_missing};
use crate::backup::{KeyManifest, scratch};
use probity_domain::Entry;
use probity_format::Hash;
use probity_format::events::{ErasureRecorded, Event};
use probity_log::export::{Progress, Reading};
use probity_log::walk::PartCounts;
use probity_log::{MissingKeys, Opener};
use probity_store::keyring::{KeyRing, MasterKey, RingCopy};
use probity_types::Position;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Arc, RwLock};

/// A position and the hash that stands there, known from elsewhere: a receipt, `/v1/head`, another backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Position of the entry.
    pub position: Position,
    /// Its hash.
    pub entry_hash: Hash,
    /// Who expects it, for errors.
    pub whose: &'static str,
}

/// A text that is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a checkpoint reads POSITION:HASH, as `position` and `entry_hash` of /v1/head or of a receipt"
)]
pub struct CheckpointError;

impl FromStr for Checkpoint {
    type Err = CheckpointError;
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let (position, hash) = text.split_once(':').ok_or(CheckpointError)?;
        let hash = probity_types::unhex(hash).map_err(|_| CheckpointError)?;
        Ok(Self {
            position: Position(position.parse().map_err(|_| CheckpointError)?),
            entry_hash: Hash(hash),
            whose: "checkpoint",
        })
    }
}

/// What a walk with keys finds out.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Every erasure of the log, in order.
    pub(super) erasures: Vec<ErasureRecorded>,
    /// Facts that would stay unreadable.
    pub(super) missing: MissingKeys,
}

impl Findings {
    /// Looks at the next entry.
    pub(super) fn note(&mut self, entry: &Entry) {
        self.missing.note(entry);
        if let Event::ErasureRecorded(event) = &entry.event {
            self.erasures.push(event.clone());
        }
    }
}

/// Everything that was found while checking.
pub(super) struct Checked {
    pub(super) findings: Findings,
    pub(super) parts: PartCounts,
}

/// Hashes that are expected at positions.
pub(super) struct Marks(BTreeMap<Position, Vec<(Hash, &'static str)>>);

impl Marks {
    pub(super) fn of(checkpoints: &[Checkpoint], keys: &KeyManifest) -> Self {
        let mut marks: BTreeMap<Position, Vec<_>> = BTreeMap::new();
        for mark in checkpoints {
            let expected = (mark.entry_hash, mark.whose);
            marks.entry(mark.position).or_default().push(expected);
        }
        // A copy of the ring that is newer than the log says nothing about it.
        if let Some(last) = keys.entries.checked_sub(1) {
            let expected = (keys.entry_hash, OF_KEYS);
            marks.entry(Position(last)).or_default().push(expected);
        }
        Self(marks)
    }

    pub(super) fn check(&self, entry: &Entry) -> Result<(), RestoreError> {
        let position = entry.header.position;
        for (expected, whose) in self.0.get(&position).into_iter().flatten() {
            if *expected != entry.hash {
                return Err(RestoreError::Mark {
                    position,
                    expected: *expected,
                    found: entry.hash,
                    whose,
                });
            }
        }
        Ok(())
    }

    /// The first mark past the end, where somebody trusts that there is more.
    pub(super) fn check_end(&self, entries: u64) -> Result<(), RestoreError> {
        for (position, expected) in self.0.range(Position(entries)..) {
            let trusted = expected.iter().find(|(_, whose)| *whose != OF_KEYS);
            if let Some((expected, _)) = trusted {
                return Err(RestoreError::Short {
                    position: *position,
                    expected: *expected,
                    entries,
                });
            }
        }
        Ok(())
    }
}

const OF_KEYS: &str = "keys.json";

/// Walks the whole export with a private copy of the ring.
pub(super) fn export(
    mut reading: Reading,
    keys: &KeyManifest,
    copy: &RingCopy,
    master: MasterKey,
    order: &RestoreOrder,
    progress: &mut dyn FnMut(Progress),
) -> Result<Checked, RestoreError> {
    let scratch = scratch()?;
    copy.place(scratch.path())?;
    let ring = KeyRing::open(scratch.path(), copy.log, master)?;
    let opener = Opener::with_keys(copy.log, Arc::new(RwLock::new(ring)));
    let (marks, mut findings) = (Marks::of(&order.checkpoints, keys), Findings::default());
    let of = reading.manifest().entries;
    while let Some(entries) = reading.next_segment(&opener)? {
        for (_, entry) in &entries {
            marks.check(entry)?;
            findings.note(entry);
        }
        let done = reading.walked().chain().next().0;
        progress(Progress { done, of });
    }
    let (manifest, walked) = reading.finish()?;
    marks.check_end(manifest.entries)?;
    refuse_missing(keys, manifest.entries, &findings.missing)?;
    Ok(Checked {
        findings,
        parts: walked.parts(),
    })
}
