//! Sealed parts that a key ring has no root for: facts that nobody could read any more. A ring that lacks a root would also
//! make a new one under its id for the next entry, and then nothing before it would open.

use crate::walk::names;
use probity_domain::{Entry, PartContent};
use probity_format::KeyId;
use probity_format::events::Event;
use probity_types::{Position, RootId};
use std::collections::{BTreeMap, BTreeSet};

/// What a walk with keys could not open, by key: the first entry of each and the number of parts.
#[derive(Debug, Clone, Default)]
pub struct MissingKeys(BTreeMap<KeyId, (Position, u64)>);

impl MissingKeys {
    /// Looks at the next entry.
    pub fn note(&mut self, entry: &Entry) {
        let position = entry.header.position;
        for part in &entry.parts {
            if matches!(part.content, PartContent::Sealed) {
                self.0.entry(part.key).or_insert((position, 0)).1 += 1;
            }
        }
        if let Event::ErasureRecorded(event) = &entry.event {
            // A ciphertext that is still there although its erasure was recorded needs no key: it is dropped.
            self.0.retain(|key, _| !names(event, key));
        }
    }

    /// The first entry concerned and the root that is missing; none where every part opens or was erased.
    pub fn first(&self) -> Option<(Position, RootId)> {
        let first = self.0.iter().min_by_key(|(_, (position, _))| *position);
        first.map(|(key, (position, _))| (*position, key.root))
    }

    /// Parts concerned.
    pub fn parts(&self) -> u64 {
        self.0.values().map(|(_, parts)| parts).sum()
    }

    /// Roots that are missing.
    pub fn roots(&self) -> usize {
        let roots: BTreeSet<RootId> = self.0.keys().map(|key| key.root).collect();
        roots.len()
    }
}
