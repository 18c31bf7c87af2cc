//! What a writer is told.

use crate::problem::FieldProblem;
use crate::schema::{HashHex, Id, Instant};
use probity_types::{ListingId, PendingId, Position, RecordId, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What came of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptOutcome {
    /// 已入库, recorded.
    Recorded,
    /// 待认领, it waits for a person: a name without an identifier, or other content under the same record key.
    Parked,
    /// 已存在, the same was there already; nothing was written.
    AlreadyThere,
}

/// Proof that a write is on disk. The same request under the same idempotency key gives the same receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptView {
    /// Last position of the write: reads with this `min_position` show it.
    #[schema(value_type = u64)]
    pub position: Position,
    /// First and last position.
    #[schema(value_type = Vec<u64>, min_items = 2, max_items = 2)]
    pub positions: [Position; 2],
    /// Hash of the last entry.
    #[schema(value_type = HashHex)]
    pub entry_hash: String,
    /// When it was recorded.
    #[schema(value_type = Instant)]
    pub recorded_at: Timestamp,
    /// Revision of the resource, also the ETag.
    #[schema(value_type = u64)]
    pub revision: Position,
    /// What came of it.
    pub outcome: ReceiptOutcome,
    /// Whether an earlier request under the same idempotency key is answered again.
    pub replayed: bool,
    /// The record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub record: Option<RecordId>,
    /// The subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub subject: Option<SubjectId>,
    /// The membership of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub listing: Option<ListingId>,
    /// The report that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub pending: Option<PendingId>,
    /// What a person should look at, although the report was taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FieldProblem>,
}
