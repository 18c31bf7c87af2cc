//! Entries of the log as they stand, with what one needs to check them.

use super::Bilingual;
use crate::schema::{HashHex, Id, Instant};
use probity_types::{CommandId, Position, RequestTag, Revision, StreamId, SubjectId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntryView {
    /// Format version, first byte of the header.
    pub format: u8,
    /// Place in the log.
    #[schema(value_type = u64)]
    pub position: Position,
    /// Kind of stream, for example `subject`.
    pub stream_kind: String,
    /// Number of the kind of stream, as in the header.
    pub stream_kind_number: u16,
    /// The stream within its kind.
    #[schema(value_type = Id)]
    pub stream: StreamId,
    /// Place in the stream.
    #[schema(value_type = u64)]
    pub revision: Revision,
    /// When it was recorded.
    #[schema(value_type = Instant)]
    pub recorded_at: Timestamp,
    /// Number of the event type.
    pub event_type: u16,
    /// Schema version of the body.
    pub schema_version: u16,
    /// Event name.
    pub event: String,
    /// Event name in Chinese.
    pub event_zh: String,
    /// Who acted.
    pub actor: ActorView,
    /// The command that the entry answers.
    #[schema(value_type = Id)]
    pub command: CommandId,
    /// Place in its unit, from 0.
    pub unit_index: u32,
    /// Entries in its unit.
    pub unit_length: u32,
    /// Keyed hash of the request.
    #[schema(value_type = Id)]
    pub request: RequestTag,
    /// The entry that this one answers or compensates.
    #[schema(value_type = Option<u64>)]
    pub caused_by: Option<Position>,
    /// Hash of the entry before, all zero at position 0.
    #[schema(value_type = HashHex)]
    pub previous: String,
    /// Hash of the entry before in the stream, all zero at revision 0.
    #[schema(value_type = HashHex)]
    pub previous_in_stream: String,
    /// Commitment to the open part and to every sealed part.
    #[schema(value_type = HashHex)]
    pub body_commitment: String,
    /// Hash of the header, which holds all of the above.
    #[schema(value_type = HashHex)]
    pub entry_hash: String,
    /// Salt of the open part, hexadecimal: with it anybody can recompute its commitment. Null where withheld.
    #[schema(value_type = Option<Id>)]
    pub open_salt: Option<String>,
    /// Open body. Null where withheld.
    #[schema(value_type = Option<Object>)]
    pub body: Option<serde_json::Value>,
    /// Open body as hashed, hexadecimal. Null where withheld.
    pub body_bytes: Option<String>,
    /// Why the body is withheld from this caller, null where it is shown. The header stays checkable.
    pub withheld: Option<Bilingual>,
    /// Sealed parts, each one person's.
    pub parts: Vec<PartView>,
    /// How to check all of this without us.
    pub how_to_check: HowToCheck,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActorView {
    /// `system`, `access_key`, `clock` or `operator`.
    pub kind: String,
    /// The actor within its kind, all zero for the system.
    #[schema(value_type = Id)]
    pub id: String,
}

/// One sealed part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartView {
    /// Number of its kind.
    pub kind: u16,
    /// Name of its kind.
    pub name: String,
    /// Whether its content can be shown.
    pub state: PartState,
    /// Commitment to the content, never erased.
    #[schema(value_type = HashHex)]
    pub commitment: String,
    /// Hash of the ciphertext as stored, never erased.
    #[schema(value_type = HashHex)]
    pub sealed_hash: String,
    /// Content, where opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub content: Option<serde_json::Value>,
}

/// Whether a sealed part's content can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// 已打开, opened for this caller.
    Opened,
    /// 已密封, there, but not for this caller.
    Sealed,
    /// 已删除, its key was destroyed by decision.
    Erased,
}

/// How to check an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HowToCheck {
    /// The steps in words.
    pub steps: Vec<Bilingual>,
    /// A command that does it.
    pub command: String,
}

/// One line of the feed. After a gap frame, positions before `resumes_at` have to be read one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub enum FeedItem {
    /// An entry was recorded.
    Entry {
        /// Where it stands; the event id of SSE.
        #[schema(value_type = u64)]
        position: Position,
        /// When it was recorded.
        #[schema(value_type = Instant)]
        recorded_at: Timestamp,
        /// Event name.
        event: String,
        /// Event name in Chinese.
        event_zh: String,
        /// The subject it concerns; none where it concerns no subject, or one that the key may not know of.
        #[schema(value_type = Option<Id>)]
        subject: Option<SubjectId>,
        /// Hash of the entry.
        #[schema(value_type = HashHex)]
        entry_hash: String,
        /// Open body, where the key may see it.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>, nullable = false)]
        body: Option<serde_json::Value>,
    },
    /// Positions that this stream leaves out.
    Gap {
        /// First position left out.
        #[schema(value_type = u64)]
        from: Position,
        /// First position that the stream goes on with.
        #[schema(value_type = u64)]
        resumes_at: Position,
        /// Why.
        reason: Bilingual,
    },
    /// Nothing new; the log reaches this far. Sent when idle, so that a quiet log can be told from a broken stream.
    Head {
        /// Last position.
        #[schema(value_type = u64)]
        position: Position,
    },
}
