//! Puncturable keys: one 32-byte root per person, one key per event, and a way to lose one key
//! without losing the others.
//!
//! In scope: derivation, puncturing and the bytes of a punctured set. Out of scope: where roots
//! are kept, who may erase.
//!
//! # The tree
//!
//! Every inner node has 16 children; leaves lie at depth 8, so there are 2³² of them, one for each
//! `u32` index. The root is at depth 0. The path of an index is its eight hexadecimal digits, the
//! most significant first: child number at depth `d` (1..=8) = `(index >> 4·(8−d)) & 15`.
//!
//! ```text
//! key of a child = BLAKE3 keyed hash
//!     key      the parent's key, 32 bytes
//!     message  "probity 2026 key tree v1" (24 bytes ASCII) ‖ child number u8 ‖ depth of child u8
//!     output   32 bytes
//! leaf key = key of the node at depth 8
//! ```
//!
//! A keyed hash under the parent is a pseudo-random function of the message: from a child neither
//! the parent nor a sibling can be computed.
//!
//! # Puncturing
//!
//! A **node set** holds the keys of disjoint subtrees. `puncture(i)` removes the one node that
//! covers leaf `i` and puts in its place the siblings along the path, 15 at each depth below it (at
//! most 8 × 15 = 120 nodes, 4,444 bytes). The result depends only on *which* leaves were punctured,
//! not on the order.
//!
//! # Bytes of a node set
//!
//! ```text
//! offset  width  field
//! 0       4      number of nodes, u32 LE, at most 16,384
//! 4       37·n   nodes, ascending by first leaf, disjoint:
//!                  depth u8 (0..=8) ‖ first leaf u32 LE (low 4·(8−depth) bits zero) ‖ key 32
//! ```
//!
//! Zero nodes means: everything is punctured. Exactly these bytes and no others decode.

use std::hint::black_box;

/// Depth of the leaves.
pub const DEPTH: u8 = 8;
/// Children of an inner node.
pub const CHILDREN: u8 = 16;
/// Most nodes of a set: 606,212 bytes, at least 136 separate punctures, in practice far more
/// because neighbours share their path. Who needs more erases the person, not the event.
pub const NODES_MAX: usize = 16_384;
/// Bytes of one encoded node.
pub const NODE_BYTES: usize = 1 + 4 + 32;
/// Longest encoding of a node set.
pub const NODE_SET_BYTES_MAX: usize = 4 + NODES_MAX * NODE_BYTES;

const CONTEXT: &[u8; 24] = b"probity 2026 key tree v1";

/// Why a leaf could not be punctured; the set is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PunctureError {
    /// The set would outgrow [`NODES_MAX`].
    #[error("{nodes} nodes after this puncture; at most {NODES_MAX}: erase the whole root instead")]
    TooManyNodes {
        /// Nodes the set would have.
        nodes: usize,
    },
}

/// Why bytes are not a node set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NodeSetError {
    /// Too short for the count, or not exactly as long as the count says.
    #[error("{found} bytes where the node set has {expected}")]
    Length {
        /// Bytes the count asks for (4 where there is no count).
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// More nodes than allowed.
    #[error("{nodes} nodes; at most {NODES_MAX}")]
    TooManyNodes {
        /// Nodes according to the count.
        nodes: u32,
    },
    /// A depth above 8, or a first leaf that does not start a subtree of that depth.
    #[error("node {place} starts no subtree of its depth")]
    NotASubtree {
        /// Which node, from 0.
        place: usize,
    },
    /// Nodes that overlap or are not ascending.
    #[error("node {place} does not lie after the one before it")]
    Order {
        /// Which node, from 0.
        place: usize,
    },
}

#[derive(Clone, PartialEq, Eq)]
struct Node {
    depth: u8,
    first: u32,
    key: [u8; 32],
}

impl Node {
    fn last(&self) -> u32 {
        self.first | low_bits(self.depth)
    }
}

/// Bits of an index below a node at `depth`, all set.
fn low_bits(depth: u8) -> u32 {
    u32::MAX.checked_shr(4 * u32::from(depth)).unwrap_or(0)
}

fn child_number(index: u32, depth: u8) -> u8 {
    (index >> (4 * u32::from(DEPTH - depth)) & 15) as u8
}

/// The key of one child; `depth` is the child's own.
fn child_key(parent: &[u8; 32], child: u8, depth: u8) -> [u8; 32] {
    let mut message = [0; CONTEXT.len() + 2];
    message[..CONTEXT.len()].copy_from_slice(CONTEXT);
    message[CONTEXT.len()] = child;
    message[CONTEXT.len() + 1] = depth;
    *blake3::keyed_hash(parent, &message).as_bytes()
}

/// The key of the leaf `index` under an unpunctured root.
#[must_use]
pub fn leaf_key_of_root(root: &[u8; 32], index: u32) -> [u8; 32] {
    descend(*root, 0, index)
}

fn descend(mut key: [u8; 32], depth: u8, index: u32) -> [u8; 32] {
    for depth in depth + 1..=DEPTH {
        key = child_key(&key, child_number(index, depth), depth);
    }
    key
}

/// What is left of one root: the keys of disjoint subtrees that cover every unpunctured leaf.
///
/// Keys are overwritten when the set is dropped, as well as safe code can; copies that the
/// compiler made are beyond it.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeSet {
    nodes: Vec<Node>,
}

impl std::fmt::Debug for NodeSet {
    /// Says how many subtrees are left, never a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NodeSet({} nodes)", self.nodes.len())
    }
}

impl Drop for NodeSet {
    fn drop(&mut self) {
        overwrite(&mut self.nodes);
    }
}

fn overwrite(nodes: &mut [Node]) {
    nodes.iter_mut().for_each(|node| node.key = [0; 32]);
    black_box(nodes);
}

/// The key of leaf `index`, or `None` where it was punctured.
#[must_use]
pub fn leaf_key(set: &NodeSet, index: u32) -> Option<[u8; 32]> {
    set.leaf_key(index)
}

impl NodeSet {
    /// The whole tree under `key`.
    #[must_use]
    pub fn root(key: [u8; 32]) -> Self {
        Self {
            nodes: vec![Node {
                depth: 0,
                first: 0,
                key,
            }],
        }
    }

    /// The key of leaf `index`, or `None` where it was punctured.
    #[must_use]
    pub fn leaf_key(&self, index: u32) -> Option<[u8; 32]> {
        let node = &self.nodes[self.covering(index)?];
        Some(descend(node.key, node.depth, index))
    }

    /// Makes leaf `index` underivable for ever; all others keep their keys. Returns whether it was
    /// derivable before.
    ///
    /// # Errors
    /// [`PunctureError::TooManyNodes`]; the set is unchanged then.
    pub fn puncture(&mut self, index: u32) -> Result<bool, PunctureError> {
        let Some(place) = self.covering(index) else {
            return Ok(false);
        };
        let Node { depth, mut key, .. } = self.nodes[place].clone();
        let added = usize::from(DEPTH - depth) * usize::from(CHILDREN - 1);
        let nodes = self.nodes.len() - 1 + added;
        if nodes > NODES_MAX {
            return Err(PunctureError::TooManyNodes { nodes });
        }
        let mut siblings = Vec::with_capacity(added);
        for depth in depth + 1..=DEPTH {
            let own = child_number(index, depth);
            let above = index & !low_bits(depth - 1);
            for child in (0..CHILDREN).filter(|child| *child != own) {
                let first = above | u32::from(child) << (4 * u32::from(DEPTH - depth));
                siblings.push(Node {
                    depth,
                    first,
                    key: child_key(&key, child, depth),
                });
            }
            key = child_key(&key, own, depth);
        }
        siblings.sort_by_key(|node| node.first);
        // A new vector, so that growing the old one leaves no copies of keys behind.
        let mut rest = Vec::with_capacity(nodes);
        rest.extend_from_slice(&self.nodes[..place]);
        rest.append(&mut siblings);
        rest.extend_from_slice(&self.nodes[place + 1..]);
        overwrite(&mut self.nodes);
        self.nodes = rest;
        Ok(true)
    }

    /// Whether every leaf is punctured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn covering(&self, index: u32) -> Option<usize> {
        let place = self
            .nodes
            .partition_point(|node| node.first <= index)
            .checked_sub(1)?;
        (index <= self.nodes[place].last()).then_some(place)
    }

    /// The bytes drawn in the module doc.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(4 + self.nodes.len() * NODE_BYTES);
        // At most NODES_MAX, so the count fits.
        bytes.extend_from_slice(&(self.nodes.len() as u32).to_le_bytes());
        for node in &self.nodes {
            bytes.push(node.depth);
            bytes.extend_from_slice(&node.first.to_le_bytes());
            bytes.extend_from_slice(&node.key);
        }
        bytes
    }

    /// Reads exactly the bytes that [`encode`](Self::encode) writes.
    ///
    /// # Errors
    /// [`NodeSetError`] names the first fault. Limits are checked before anything is allocated.
    pub fn decode(bytes: &[u8]) -> Result<Self, NodeSetError> {
        let found = bytes.len();
        let (count, body) = bytes
            .split_first_chunk::<4>()
            .ok_or(NodeSetError::Length { expected: 4, found })?;
        let nodes = u32::from_le_bytes(*count);
        let count = usize::try_from(nodes)
            .ok()
            .filter(|count| *count <= NODES_MAX)
            .ok_or(NodeSetError::TooManyNodes { nodes })?;
        let expected = 4 + count * NODE_BYTES;
        if found != expected {
            return Err(NodeSetError::Length { expected, found });
        }
        let mut set = Self {
            nodes: Vec::with_capacity(count),
        };
        for (place, chunk) in body.chunks_exact(NODE_BYTES).enumerate() {
            let node = decode_node(chunk).ok_or(NodeSetError::NotASubtree { place })?;
            if set
                .nodes
                .last()
                .is_some_and(|before| before.last() >= node.first)
            {
                return Err(NodeSetError::Order { place });
            }
            set.nodes.push(node);
        }
        Ok(set)
    }
}

fn decode_node(bytes: &[u8]) -> Option<Node> {
    let (&depth, rest) = bytes.split_first()?;
    let (first, key) = rest.split_first_chunk::<4>()?;
    let node = Node {
        depth,
        first: u32::from_le_bytes(*first),
        key: key.try_into().ok()?,
    };
    (depth <= DEPTH && node.first & low_bits(depth) == 0).then_some(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: [u8; 32] = [7; 32];

    /// Numbers that depend on the seed alone: nothing random enters a pure crate, tests included.
    fn numbers(seed: u64) -> impl Iterator<Item = u32> {
        let mut reader = blake3::Hasher::new()
            .update(&seed.to_le_bytes())
            .finalize_xof();
        std::iter::repeat_with(move || {
            let mut bytes = [0; 4];
            reader.fill(&mut bytes);
            u32::from_le_bytes(bytes)
        })
    }

    #[test]
    fn a_leaf_key_is_eight_keyed_hashes_down_the_hexadecimal_digits() {
        let index = 0x0123_89af;
        let mut key = ROOT;
        for (depth, child) in (1..).zip([0, 1, 2, 3, 8, 9, 0xa, 0xf]) {
            let message = [&b"probity 2026 key tree v1"[..], &[child, depth]].concat();
            key = *blake3::keyed_hash(&key, &message).as_bytes();
        }
        assert_eq!(leaf_key_of_root(&ROOT, index), key);
        assert_eq!(leaf_key(&NodeSet::root(ROOT), index), Some(key));
    }

    #[test]
    fn golden_leaf_keys() {
        let hex = |index| blake3::Hash::from_bytes(leaf_key_of_root(&ROOT, index)).to_hex();
        assert_eq!(
            hex(0).as_str(),
            "b9da5c14742244fc8160121b786c084c937387ba808e80834c64b068fcb85239"
        );
        assert_eq!(
            hex(u32::MAX).as_str(),
            "8bb4333ad92e15ac62cf0612a20c3e51ef11eb743d950dce0e5240530ef78a53"
        );
    }

    #[test]
    fn one_puncture_leaves_120_nodes_and_every_other_key() {
        for index in [0, 1, 0x1234_5678, u32::MAX] {
            let mut set = NodeSet::root(ROOT);
            assert_eq!(set.puncture(index), Ok(true));
            assert_eq!(
                set.puncture(index),
                Ok(false),
                "a second time changes nothing"
            );
            assert_eq!((set.nodes.len(), set.encode().len()), (120, 4_444));
            assert_eq!(set.leaf_key(index), None);
            for other in [index ^ 1, index ^ 0x10, index ^ 0x8000_0000] {
                assert_eq!(set.leaf_key(other), Some(leaf_key_of_root(&ROOT, other)));
            }
        }
    }

    /// Property: punctured leaves are gone, all others unchanged, whatever was punctured in
    /// whatever order, before and after encoding.
    #[test]
    fn punctured_leaves_are_gone_and_all_others_keep_their_key() {
        for seed in 0..40 {
            let mut numbers = numbers(seed);
            // Close together in every second round, so that paths are shared.
            let mask = if seed % 2 == 0 { u32::MAX } else { 0x3f };
            let punctured: Vec<u32> = numbers.by_ref().take(20).map(|n| n & mask).collect();
            let (mut set, mut reversed) = (NodeSet::root(ROOT), NodeSet::root(ROOT));
            for (first, last) in punctured.iter().zip(punctured.iter().rev()) {
                set.puncture(*first).unwrap();
                reversed.puncture(*last).unwrap();
            }
            assert_eq!(set, reversed, "seed {seed}: the order left a trace");
            let set = NodeSet::decode(&set.encode()).unwrap();
            assert_eq!(set, reversed, "seed {seed}");
            let near = punctured
                .iter()
                .flat_map(|index| [index ^ 1, index.wrapping_add(16)]);
            for index in near
                .chain(numbers.map(|n| n & mask).take(100))
                .chain(punctured.clone())
            {
                let expected =
                    (!punctured.contains(&index)).then(|| leaf_key_of_root(&ROOT, index));
                assert_eq!(set.leaf_key(index), expected, "seed {seed}, index {index}");
            }
        }
    }

    #[test]
    fn no_node_left_is_an_ancestor_of_a_punctured_leaf() {
        let mut set = NodeSet::root(ROOT);
        numbers(9).take(50).for_each(|index| {
            set.puncture(index).unwrap();
        });
        for index in numbers(9).take(50) {
            assert!(
                set.nodes
                    .iter()
                    .all(|n| index < n.first || n.last() < index)
            );
        }
    }

    #[test]
    fn a_set_too_large_is_refused_and_unchanged() {
        let mut set = NodeSet::root(ROOT);
        let error = numbers(1)
            .find_map(|index| set.puncture(index).err())
            .unwrap();
        assert!(matches!(error, PunctureError::TooManyNodes { nodes } if nodes > NODES_MAX));
        assert!(set.nodes.len() <= NODES_MAX);
        assert!(set.encode().len() <= NODE_SET_BYTES_MAX);
        NodeSet::decode(&set.encode()).unwrap();
    }

    #[test]
    fn only_the_exact_bytes_decode() {
        let mut set = NodeSet::root(ROOT);
        set.puncture(5).unwrap();
        let good = set.encode();
        let broken = |change: fn(&mut Vec<u8>)| {
            let mut bytes = good.clone();
            change(&mut bytes);
            NodeSet::decode(&bytes).unwrap_err()
        };
        assert!(matches!(
            NodeSet::decode(&[]),
            Err(NodeSetError::Length { expected: 4, .. })
        ));
        assert!(matches!(broken(|b| b.push(0)), NodeSetError::Length { .. }));
        assert!(matches!(
            broken(|b| b.truncate(40)),
            NodeSetError::Length { .. }
        ));
        assert!(matches!(
            broken(|b| b[3] = 1),
            NodeSetError::TooManyNodes { .. }
        ));
        assert_eq!(broken(|b| b[4] = 9), NodeSetError::NotASubtree { place: 0 });
        assert_eq!(
            broken(|b| b[4 + 37] = 2),
            NodeSetError::NotASubtree { place: 1 }
        );
        let twice = |b: &mut Vec<u8>| b.copy_within(4..4 + 37, 4 + 37);
        assert_eq!(broken(twice), NodeSetError::Order { place: 1 });
        assert!(NodeSet::decode(&[0; 4]).unwrap().is_empty());
    }
}
