//! The log as segment files, for auditors and backups.

use crate::cursor::Cursor;
use crate::schema::{HashHex, Id, PageCursor};
use probity_types::{LogId, Position};
use serde::Serialize;
use utoipa::ToSchema;

/// One segment file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SegmentView {
    /// Its name at `/v1/segments/{file}`.
    pub file: String,
    /// Position of its first entry.
    #[schema(value_type = u64)]
    pub first: Position,
    /// Entries in it now.
    pub entries: u64,
    /// Whether it is full: no entry comes into it any more. An erasure still takes a ciphertext out of it, and no hash
    /// of an entry changes by that.
    pub is_sealed: bool,
}

/// Every segment of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SegmentsView {
    /// The log's id.
    #[schema(value_type = Id)]
    pub log: LogId,
    /// The log's name.
    pub origin: String,
    /// Number of entries.
    pub entries: u64,
    /// Hash of the last entry.
    #[schema(value_type = HashHex)]
    pub entry_hash: String,
    /// Segments in order.
    pub items: Vec<SegmentView>,
    /// Always null: the list is whole.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}
