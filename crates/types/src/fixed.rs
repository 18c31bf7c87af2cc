//! Sixteen fixed bytes, written and read in one step: one little-endian number has the same bytes as sixteen small ones, and
//! ids are most of what an entry has beside its texts. For `#[serde(with = "...")]` too.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes the bytes as they are.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(bytes: &[u8; 16], s: S) -> Result<S::Ok, S::Error> {
    if s.is_human_readable() {
        bytes.serialize(s)
    } else {
        u128::from_le_bytes(*bytes).serialize(s)
    }
}

/// Reads what [`serialize`] writes.
///
/// # Errors
/// The deserializer's own.
pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 16], D::Error> {
    if d.is_human_readable() {
        <[u8; 16]>::deserialize(d)
    } else {
        u128::deserialize(d).map(u128::to_le_bytes)
    }
}
