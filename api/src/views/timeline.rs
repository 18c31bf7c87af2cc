//! A subject's history, entry by entry.

use super::Bilingual;
use crate::cursor::Cursor;
use crate::schema::{Date, HashHex, Id, Instant, PageCursor, codes};
use probity_types::{Category, CivilDate, ListingId, Position, RecordId, SubjectId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{PartState, RecordStanding};

/// The record that an entry speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordRef {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: RecordId,
    /// Its category.
    #[schema(value_type = codes::Category)]
    pub category: Category,
    /// Where the record stands on the day.
    pub state: RecordStanding,
}

/// One entry of a subject's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineItem {
    /// Where it stands in the log.
    #[schema(value_type = u64)]
    pub position: Position,
    /// When it was recorded.
    #[schema(value_type = Instant)]
    pub recorded_at: Timestamp,
    /// Event name.
    pub event: String,
    /// Event name in Chinese.
    pub event_zh: String,
    /// Hash of the entry.
    #[schema(value_type = HashHex)]
    pub entry_hash: String,
    /// The record it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub record: Option<RecordRef>,
    /// The membership of a list it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub listing: Option<ListingId>,
    /// The entry that it answers or compensates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, nullable = false)]
    pub caused_by: Option<Position>,
    /// First day it speaks of, where it speaks of days.
    #[schema(value_type = Option<Date>)]
    pub valid_from: Option<CivilDate>,
    /// First day it no longer speaks of, null = open.
    #[schema(value_type = Option<Date>)]
    pub valid_to: Option<CivilDate>,
    /// One sentence in each language.
    pub summary: Bilingual,
    /// Whether its personal content can be shown; `opened` also where it has none.
    pub state: PartState,
    /// Body with the content that this caller may see.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
}

/// A page of a subject's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineView {
    /// The subject.
    #[schema(value_type = Id)]
    pub subject: SubjectId,
    /// Entries in the order of the log.
    pub items: Vec<TimelineItem>,
    /// Cursor of the next page, null at the end.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
    /// Day on which states are given.
    #[schema(value_type = Date)]
    pub valid_on: CivilDate,
    /// What the register knew.
    #[schema(value_type = u64)]
    pub known_at: Position,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}
