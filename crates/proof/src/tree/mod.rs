//! The RFC 6962 tree over SHA-256: hashes, its right edge, proofs built and checked.
//!
//! A leaf is hashed with a zero byte before it and a node with a one, so that neither can be taken for the other.

mod build;
mod check;
mod frontier;

pub use build::{BuildError, HashSource, complete_root, consistency, inclusion, root_at};
pub use check::{check_consistency, check_inclusion};
pub use frontier::Frontier;

use crate::error::ProofError;
use crate::text::{from_base64, shown, to_base64};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

const LEAF_PREFIX: u8 = 0;
const NODE_PREFIX: u8 = 1;

/// A hash of the tree, shown as base64 like in every C2SP text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHash(pub [u8; 32]);

/// Root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: TreeHash = TreeHash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// Hash of one leaf's entry.
pub fn leaf_hash(entry: &[u8]) -> TreeHash {
    let hasher = Sha256::new().chain_update([LEAF_PREFIX]);
    TreeHash(hasher.chain_update(entry).finalize().into())
}

/// Hash of an inner node.
pub fn node_hash(left: TreeHash, right: TreeHash) -> TreeHash {
    let mut bytes = [NODE_PREFIX; 65];
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..].copy_from_slice(&right.0);
    TreeHash(Sha256::digest(bytes).into())
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64(&self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TreeHash {
    /// Reads base64 text of 32 bytes.
    ///
    /// # Errors
    /// [`ProofError`] with the field that is handed in.
    pub fn parse(field: &str, text: &str) -> Result<Self, ProofError> {
        let bytes = from_base64(field, text)?;
        let hash = <[u8; 32]>::try_from(bytes);
        let hash = hash.map_err(|_| ProofError::new(field, "base64 of 32 bytes", shown(text)))?;
        Ok(Self(hash))
    }
}

impl FromStr for TreeHash {
    type Err = ProofError;
    fn from_str(text: &str) -> Result<Self, ProofError> {
        Self::parse("hash", text)
    }
}

impl Serialize for TreeHash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TreeHash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Where a tree of `leaves` ≥ 2 is split: the largest power of two below that number.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}
