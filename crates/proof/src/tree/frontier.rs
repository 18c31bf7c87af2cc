//! The right edge of a growing tree: enough to go on and to say the root, 64 hashes at most.

use super::{EMPTY_ROOT, TreeHash, node_hash};
use crate::error::{ProofError, same};

/// Roots of the complete subtrees that a tree is made of, largest first: one for each bit of its size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<TreeHash>,
}

impl Frontier {
    /// The edge of a tree of that size.
    ///
    /// # Errors
    /// Another number of hashes than `size` has bits.
    pub fn from_parts(size: u64, hashes: Vec<TreeHash>) -> Result<Self, ProofError> {
        same("hashes", u64::from(size.count_ones()), hashes.len() as u64)?;
        Ok(Self { size, hashes })
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, largest first.
    pub fn hashes(&self) -> &[TreeHash] {
        &self.hashes
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: TreeHash) {
        self.push_each(leaf, |_, _, _| ());
    }

    /// Adds a leaf and tells every subtree that it completes: level (log2 of its leaves), index on that level, hash. The
    /// leaf itself, level 0, comes first.
    pub fn push_each(&mut self, leaf: TreeHash, mut each: impl FnMut(u32, u64, TreeHash)) {
        let (mut hash, mut index) = (leaf, self.size);
        each(0, index, hash);
        for level in 1..=self.size.trailing_ones() {
            // One hash stands for each bit of the size, so a one bit has its hash.
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(left, hash);
            index >>= 1;
            each(level, index, hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> TreeHash {
        let joined = self.hashes.iter().rev().copied();
        joined
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or(EMPTY_ROOT)
    }
}
