//! The ring in memory, and its bytes inside a frame (drawn in ring_file.rs).

use super::error::KeyRingError;
use super::{Erasure, FRAME_TARGET_BYTES, KeyState, damaged};
use probity_format::keytree::{NodeSet, PunctureError, leaf_key_of_root};
use probity_types::RootId;
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

const INSTANCE: u8 = 0;
const ROOT: u8 = 1;
const PUNCTURED: u8 = 2;
const DESTROYED: u8 = 3;

#[derive(Clone)]
enum Slot {
    Root(Zeroizing<[u8; 32]>),
    Punctured(NodeSet),
    Destroyed,
}

/// Every root the ring knows.
#[derive(Clone)]
pub(super) struct Slots {
    instance: Zeroizing<[u8; 32]>,
    // Ordered: the same ring is written as the same sequence of slots.
    roots: BTreeMap<RootId, Slot>,
}

impl std::fmt::Debug for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slots({} roots)", self.roots.len())
    }
}

impl Slots {
    pub(super) fn new(instance: Zeroizing<[u8; 32]>) -> Self {
        Self {
            instance,
            roots: BTreeMap::new(),
        }
    }

    /// Reads the frames of one generation; the first slot is the instance root.
    pub(super) fn read(
        frames: &[(u64, Zeroizing<Vec<u8>>)],
        path: &Path,
    ) -> Result<Self, KeyRingError> {
        let (mut instance, mut roots) = (None, BTreeMap::new());
        for (offset, frame) in frames {
            let malformed = || damaged(path, *offset, "a frame does not hold whole slots");
            let mut rest = &frame[..];
            while let Some((&kind, after)) = rest.split_first() {
                rest = match kind {
                    INSTANCE => {
                        let (key, after) = after.split_first_chunk().ok_or_else(malformed)?;
                        instance = Some(Zeroizing::new(*key));
                        after
                    }
                    _ => {
                        let (root, slot, after) = read_slot(kind, after).ok_or_else(malformed)?;
                        roots.insert(root, slot);
                        after
                    }
                };
            }
        }
        let instance = instance.ok_or_else(|| damaged(path, 0, "the instance root is missing"))?;
        Ok(Self { instance, roots })
    }

    pub(super) fn instance(&self) -> &[u8; 32] {
        &self.instance
    }

    /// The same keys under another instance root.
    pub(super) fn under(&self, instance: &[u8; 32]) -> Self {
        Self {
            instance: Zeroizing::new(*instance),
            roots: self.roots.clone(),
        }
    }

    pub(super) fn contains(&self, root: RootId) -> bool {
        self.roots.contains_key(&root)
    }

    pub(super) fn is_destroyed(&self, root: RootId) -> bool {
        matches!(self.roots.get(&root), Some(Slot::Destroyed))
    }

    /// A copy that knows these roots alone, to try something out on.
    pub(super) fn only(&self, roots: impl Iterator<Item = RootId>) -> Self {
        let found = roots.filter_map(|root| Some((root, self.roots.get(&root)?.clone())));
        Self {
            instance: Zeroizing::new([0; 32]),
            roots: found.collect(),
        }
    }

    pub(super) fn living(&self) -> usize {
        self.roots
            .values()
            .filter(|slot| !matches!(slot, Slot::Destroyed))
            .count()
    }

    /// Roots destroyed whole.
    pub(super) fn tombstones(&self) -> impl Iterator<Item = Erasure> {
        self.roots.iter().filter_map(|(root, slot)| match slot {
            Slot::Destroyed => Some(Erasure::Root(*root)),
            Slot::Root(_) | Slot::Punctured(_) => None,
        })
    }

    pub(super) fn extend(&mut self, added: &[(RootId, &[u8; 32])]) {
        let slots = added
            .iter()
            .map(|(root, key)| (*root, Slot::Root(Zeroizing::new(**key))));
        self.roots.extend(slots);
    }

    pub(super) fn key(&self, root: RootId, index: u32) -> KeyState {
        let key = match self.roots.get(&root) {
            None => return KeyState::Unknown,
            Some(Slot::Destroyed) => return KeyState::Erased,
            Some(Slot::Root(key)) => Some(leaf_key_of_root(key, index)),
            Some(Slot::Punctured(set)) => set.leaf_key(index),
        };
        key.map_or(KeyState::Erased, |key| KeyState::Key(Zeroizing::new(key)))
    }

    /// Returns whether a key existed that is gone now.
    pub(super) fn destroy(&mut self, erasure: Erasure) -> Result<bool, PunctureError> {
        match erasure {
            Erasure::Root(root) => {
                let before = self.roots.insert(root, Slot::Destroyed);
                Ok(matches!(before, Some(Slot::Root(_) | Slot::Punctured(_))))
            }
            Erasure::One(root, index) => match self.roots.get_mut(&root) {
                None | Some(Slot::Destroyed) => Ok(false),
                Some(Slot::Punctured(set)) => set.puncture(index),
                Some(slot @ Slot::Root(_)) => {
                    if let Slot::Root(key) = slot {
                        let mut set = NodeSet::root(**key);
                        set.puncture(index)?;
                        *slot = Slot::Punctured(set);
                    }
                    Ok(true)
                }
            },
        }
    }

    /// The whole ring as plaintext frames.
    pub(super) fn frames(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let mut frames = Frames::default();
        frames.add(&[&[INSTANCE], &self.instance[..]]);
        for (RootId(root), slot) in &self.roots {
            match slot {
                Slot::Root(key) => frames.add(&[&[ROOT], root, &key[..]]),
                Slot::Punctured(set) => {
                    let nodes = Zeroizing::new(set.encode());
                    // A node set has its own limit, far below 2³² bytes.
                    let length = (nodes.len() as u32).to_le_bytes();
                    frames.add(&[&[PUNCTURED], root, &length, &nodes]);
                }
                Slot::Destroyed => frames.add(&[&[DESTROYED], root]),
            }
        }
        frames.0
    }
}

/// New roots as plaintext frames.
pub(super) fn frames_of_roots(added: &[(RootId, &[u8; 32])]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut frames = Frames::default();
    for (RootId(root), key) in added {
        frames.add(&[&[ROOT], root, &key[..]]);
    }
    frames.0
}

#[derive(Default)]
struct Frames(Vec<Zeroizing<Vec<u8>>>);

impl Frames {
    fn add(&mut self, slot: &[&[u8]]) {
        match self
            .0
            .last_mut()
            .filter(|frame| frame.len() < FRAME_TARGET_BYTES)
        {
            Some(frame) => slot.iter().for_each(|part| frame.extend_from_slice(part)),
            None => self.0.push(Zeroizing::new(slot.concat())),
        }
    }
}

fn read_slot(kind: u8, bytes: &[u8]) -> Option<(RootId, Slot, &[u8])> {
    let (root, rest) = bytes.split_first_chunk::<16>()?;
    let (slot, rest) = match kind {
        ROOT => {
            let (key, rest) = rest.split_first_chunk::<32>()?;
            (Slot::Root(Zeroizing::new(*key)), rest)
        }
        PUNCTURED => {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (nodes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            (Slot::Punctured(NodeSet::decode(nodes).ok()?), rest)
        }
        DESTROYED => (Slot::Destroyed, rest),
        _ => return None,
    };
    Some((RootId(*root), slot, rest))
}
