//! What the tree holds of an entry: 49 bytes without anything personal.
//!
//! ```text
//! version u8 = 1 ‖ position u64 ‖ recorded_at i64 ‖ entry hash 32        integers big-endian
//! ```
//! Big-endian, unlike everything else of this format: these bytes are read by clients of other logs, whose integers are.

use crate::wire::Hash;
use probity_types::{Position, Timestamp};

/// First byte of a leaf entry.
pub const LEAF_VERSION: u8 = 1;
/// Bytes of a leaf entry.
pub const LEAF_BYTES: usize = 49;

/// A leaf of the tree. Leaf number and position are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// The entry's position.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Its hash, which binds everything else about it.
    pub entry_hash: Hash,
}

/// Why bytes are no leaf entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Another length.
    #[error("field leaf: expected {LEAF_BYTES} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: u64,
    },
    /// Another version.
    #[error("field leaf version: expected {LEAF_VERSION}, found {found}")]
    Version {
        /// What stood there.
        found: u8,
    },
}

impl Leaf {
    /// The bytes that are hashed into the tree.
    pub fn encode(&self) -> [u8; LEAF_BYTES] {
        let mut bytes = [LEAF_VERSION; LEAF_BYTES];
        bytes[1..9].copy_from_slice(&self.position.0.to_be_bytes());
        bytes[9..17].copy_from_slice(&self.recorded_at.0.to_be_bytes());
        bytes[17..].copy_from_slice(&self.entry_hash.0);
        bytes
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`LeafError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let wrong = LeafError::Length {
            found: bytes.len() as u64,
        };
        let bytes: &[u8; LEAF_BYTES] = bytes.try_into().map_err(|_| wrong)?;
        let (version, rest) = (bytes[0], &bytes[1..]);
        if version != LEAF_VERSION {
            return Err(LeafError::Version { found: version });
        }
        let (position, rest) = rest.split_first_chunk().ok_or(wrong)?;
        let (recorded_at, rest) = rest.split_first_chunk().ok_or(wrong)?;
        Ok(Self {
            position: Position(u64::from_be_bytes(*position)),
            recorded_at: Timestamp(i64::from_be_bytes(*recorded_at)),
            entry_hash: Hash(rest.try_into().map_err(|_| wrong)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: Leaf = Leaf {
        position: Position(0x0102_0304_0506_0708),
        recorded_at: Timestamp(-2),
        entry_hash: Hash([7; 32]),
    };

    #[test]
    fn a_leaf_is_forty_nine_bytes_big_endian() {
        let mut expected = vec![1, 1, 2, 3, 4, 5, 6, 7, 8];
        expected.extend([0xff; 7]);
        expected.push(0xfe);
        expected.extend([7; 32]);
        assert_eq!(LEAF.encode().to_vec(), expected);
        assert_eq!(Leaf::decode(&expected), Ok(LEAF));
    }

    #[test]
    fn another_length_or_version_is_no_leaf() {
        let mut bytes = LEAF.encode().to_vec();
        assert_eq!(
            Leaf::decode(&bytes[..48]),
            Err(LeafError::Length { found: 48 })
        );
        bytes[0] = 2;
        assert_eq!(Leaf::decode(&bytes), Err(LeafError::Version { found: 2 }));
        bytes.push(0);
        assert_eq!(Leaf::decode(&bytes), Err(LeafError::Length { found: 50 }));
    }
}
