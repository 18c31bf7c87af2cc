//! Proofs and keys. A proof never carries the root it is to be checked against: that comes from a checkpoint.

use probity_types::Position;
use serde::Serialize;
use utoipa::ToSchema;

/// That an entry is in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InclusionView {
    /// The entry: index of the leaf.
    #[schema(value_type = u64)]
    pub position: Position,
    /// The leaf entry, 49 bytes in base64: version, position, recorded_at, entry hash (format §14). Its leaf hash is
    /// SHA-256 over a zero byte and these.
    pub leaf: String,
    /// Leaves of the tree.
    pub size: u64,
    /// Hashes in base64, the leaf's sibling first (RFC 6962 §2.1.1).
    pub path: Vec<String>,
}

/// That a later tree goes on from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsistencyView {
    /// Leaves of the earlier tree.
    pub from: u64,
    /// Leaves of the later tree.
    pub to: u64,
    /// Hashes in base64 (RFC 6962 §2.1.2).
    pub path: Vec<String>,
}

/// A key that signs checkpoints, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SigningKeyView {
    /// Its number, from 0.
    pub number: u32,
    /// The key as a signed-note verifier key.
    pub vkey: String,
    /// Entry that names it, none for the first.
    #[schema(value_type = Option<u64>)]
    pub since: Option<Position>,
    /// Whether it signs now.
    pub signs: bool,
}

/// Every key of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SigningKeysView {
    /// Name of the log, and of its keys.
    pub origin: String,
    /// Signing keys, the newest last.
    pub items: Vec<SigningKeyView>,
    /// The log's own cosigner: its signature tells when a checkpoint was last known to be the newest.
    pub cosigner: String,
}
