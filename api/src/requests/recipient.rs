//! Recipients of the feed.

use crate::schema::codes;
use probity_types::{Position, QueryPurpose};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Most days that a recipient may take to acknowledge a withdrawal.
pub const ACKNOWLEDGE_DAYS_MAX: u32 = 30;

/// Admit an agency to the feed: what its database takes over, and what for. Said again, the newest holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientRequest {
    /// Name of the agency, as its keys name it.
    #[schema(min_length = 1, max_length = 200)]
    pub agency: String,
    /// What it uses the data for; each of its reads names the same.
    #[schema(value_type = codes::QueryPurpose)]
    pub purpose: QueryPurpose,
    /// Legal basis.
    #[schema(min_length = 1, max_length = 500)]
    pub basis: String,
    /// Subcategories of the catalogue.
    #[serde(default)]
    #[schema(max_items = 256, example = json!(["CF026", "QF001"]))]
    pub subcategories: BTreeSet<String>,
    /// Lists by id.
    #[serde(default)]
    #[schema(max_items = 64)]
    pub lists: BTreeSet<String>,
    /// Days within which it acknowledges a correction or withdrawal, 1 to 30.
    #[schema(minimum = 1, maximum = 30)]
    pub acknowledge_days: u32,
}

/// Acknowledge the feed: the caller's database holds everything of its scope up to a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgementRequest {
    /// Last position applied.
    #[schema(value_type = u64)]
    pub position: Position,
    /// Positions of the corrections, withdrawals and erasures applied since the last receipt.
    #[serde(default)]
    #[schema(value_type = Vec<u64>, max_items = 4096)]
    pub withdrawals: BTreeSet<Position>,
}
