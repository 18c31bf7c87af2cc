//! Recipients of the feed, and the pages that they read.

use super::{IdentifierView, ListingView, RecordView};
use crate::cursor::Cursor;
use crate::schema::{HashHex, Id, Instant, PageCursor, codes};
use probity_types::{
    LogId, Position, QueryPurpose, RecipientId, RecordId, SubjectId, SubjectKind, Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

/// One page of the feed for an admitted recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedPageView {
    /// Id of the log; another one is another register.
    #[schema(value_type = Id)]
    pub log: LogId,
    /// The recipient whose scope the page has.
    #[schema(value_type = Id)]
    pub recipient: RecipientId,
    /// First position of the page.
    #[schema(value_type = u64)]
    pub from: Position,
    /// Hash of the entry before it, null at position 0: equal to what the recipient holds, or the log is another one.
    #[schema(value_type = Option<HashHex>)]
    pub before: Option<String>,
    /// First position of the next page.
    #[schema(value_type = u64)]
    pub next: Position,
    /// Hash of the entry before that.
    #[schema(value_type = Option<HashHex>)]
    pub entry_hash: Option<String>,
    /// What concerns the recipient, by position. Positions without a frame do not.
    pub frames: Vec<FeedFrame>,
    /// Head at which the page was read: records and memberships stand in it as known there.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// One frame of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub enum FeedFrame {
    /// A record was reported, performed, corrected, voided or annulled.
    Record {
        /// The entry that says so.
        entry: FeedEntry,
        /// Whom it is about.
        subject: Box<FeedSubject>,
        /// The record as it stands at the head; without its fields where it was voided, annulled or erased.
        record: Box<RecordView>,
    },
    /// A membership began or ended.
    Listing {
        /// The entry that says so.
        entry: FeedEntry,
        /// Whom it is about.
        subject: Box<FeedSubject>,
        /// The membership as it stands at the head.
        listing: Box<ListingView>,
    },
    /// Personal content was erased: what the recipient holds of it goes as well.
    Erasure {
        /// The entry that says so.
        entry: FeedEntry,
        /// The person, where who they are was erased too.
        #[schema(value_type = Option<Id>)]
        subject: Option<SubjectId>,
        /// Records of its scope whose content is erased.
        #[schema(value_type = Vec<Id>)]
        records: Vec<RecordId>,
    },
    /// A batch is complete: its rows, left out until now, can be read.
    Batch {
        /// The entry that says so.
        entry: FeedEntry,
    },
    /// Rows of a batch that is not complete; to be read again once it is.
    Gap {
        /// First position left out.
        #[schema(value_type = u64)]
        from: Position,
        /// First position that the page goes on with.
        #[schema(value_type = u64)]
        resumes_at: Position,
    },
}

/// The entry behind a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedEntry {
    /// Where it stands.
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
    /// Whether it takes back or changes what was delivered before, so that it has to be acknowledged.
    pub is_withdrawal: bool,
}

/// Whom a frame is about.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedSubject {
    /// Subject id.
    #[schema(value_type = Id)]
    pub id: SubjectId,
    /// Kind.
    #[schema(value_type = codes::SubjectKind)]
    pub kind: SubjectKind,
    /// Name; null where it was erased.
    pub name: Option<String>,
    /// Identifiers; of persons masked.
    pub identifiers: Vec<IdentifierView>,
}

/// Shows the id only.
impl std::fmt::Debug for FeedSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FeedSubject").field(&self.id).finish()
    }
}

/// A recipient, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecipientView {
    /// Recipient id.
    #[schema(value_type = Id)]
    pub id: RecipientId,
    /// Agency.
    pub agency: String,
    /// What it uses the data for.
    #[schema(value_type = codes::QueryPurpose)]
    pub purpose: QueryPurpose,
    /// Legal basis.
    pub basis: String,
    /// Subcategories that it takes.
    pub subcategories: Vec<String>,
    /// Lists that it takes.
    pub lists: Vec<String>,
    /// Days within which it acknowledges a withdrawal.
    pub acknowledge_days: u32,
    /// The entry of its admission as it holds now.
    #[schema(value_type = u64)]
    pub admitted_position: Position,
    /// Last position that it acknowledged; null before its first receipt.
    #[schema(value_type = Option<u64>)]
    pub acknowledged: Option<Position>,
    /// When that receipt was recorded.
    #[schema(value_type = Option<Instant>)]
    pub acknowledged_at: Option<Timestamp>,
    /// Corrections, withdrawals and erasures of its scope that it has not acknowledged.
    pub open_withdrawals: u64,
    /// The first of them.
    #[schema(value_type = Option<u64>)]
    pub oldest_open: Option<Position>,
    /// When the first of them was recorded.
    #[schema(value_type = Option<Instant>)]
    pub oldest_open_at: Option<Timestamp>,
    /// Whether its days for that one are over.
    pub is_overdue: bool,
}

/// Every recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecipientsView {
    /// Recipients by id.
    pub items: Vec<RecipientView>,
    /// Cursor of the next page, null at the end.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}
