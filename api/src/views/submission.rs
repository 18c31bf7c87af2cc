//! Files that wait for review, and what a rehearsal says of a file.

use crate::problem::FieldProblem;
use crate::schema::{Id, Instant};
use crate::views::{ImportSummary, Term};
use probity_types::{AccessKeyId, BatchId, Position, RecordId, SubjectId, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Why a row brings nothing new by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReason {
    /// 已存在, the same content is there, or stands further up in the file.
    AlreadyThere,
    /// 更正还是错误, the same record key with other content: held until a person says which.
    CorrectionOrError,
    /// 仅有名称, a name without an identifier: held until a person says whose it is.
    NameOnly,
}

/// A row that brings nothing new by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DuplicateView {
    /// Row of the file.
    pub row: u32,
    /// Why.
    pub reason: DuplicateReason,
    /// The record that it contradicts.
    #[schema(value_type = Option<Id>)]
    pub record: Option<RecordId>,
}

/// How a subject stands, as far as a file can move it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StandView {
    /// Grade by key; null where no table is in force.
    pub grade: Option<String>,
    /// Lists that it is on.
    pub lists: BTreeSet<String>,
}

/// A subject whose grade or lists would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeView {
    /// Its id; null for one that the file would bring into the register.
    #[schema(value_type = Option<Id>)]
    pub subject: Option<SubjectId>,
    /// Its name; never that of a natural person.
    pub name: String,
    /// Rows that are about it.
    pub rows: Vec<u32>,
    /// How it stands now; null about natural persons, whose standing is read for a purpose on record only.
    pub before: Option<StandView>,
    /// How it would stand; null as `before`.
    pub after: Option<StandView>,
}

/// How the handing in of a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionEnding {
    /// 已收到, it waits for review.
    Received,
    /// 已试跑, read and checked; nothing was recorded.
    Rehearsed,
    /// 已拒绝, rows were refused, so it was not received.
    Refused,
}

/// What a rehearsal says of a file, and what became of it. Row faults are an answer, not a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionReportView {
    /// How it ended.
    pub ending: SubmissionEnding,
    /// The submission; null where it was not received.
    #[schema(value_type = Option<Id>)]
    pub submission: Option<BatchId>,
    /// What the file asks for.
    pub kind: Term,
    /// What the file was read as.
    pub form: String,
    /// Import profile by id and version, or the form of a file of corrections or withdrawals.
    pub profile: String,
    /// Faults by row and cell; a row with one is refused.
    pub errors: Vec<FieldProblem>,
    /// What a person should look at.
    pub warnings: Vec<FieldProblem>,
    /// Rows that bring nothing new by themselves.
    pub duplicates: Vec<DuplicateView>,
    /// Subjects whose grade or lists would change.
    pub changes: Vec<ChangeView>,
    /// The counts.
    pub summary: ImportSummary,
}

/// A submission as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionView {
    /// Its id, and that of its batch.
    #[schema(value_type = Id)]
    pub id: BatchId,
    /// What it asks for.
    pub kind: Term,
    /// Where it stands.
    pub state: Term,
    /// Whose it is.
    pub agency: String,
    /// Key of who handed it in.
    #[schema(value_type = Id)]
    pub submitter: AccessKeyId,
    /// Import profile by id and version.
    pub profile: String,
    /// Data rows.
    pub rows: u32,
    /// Rows that the rehearsal at receipt refused.
    pub refused: u32,
    /// Whether the platform decides as well.
    pub needs_platform: bool,
    /// The entry that received it.
    #[schema(value_type = u64)]
    pub received_at: Position,
    /// When that was.
    #[schema(value_type = Instant)]
    pub received_on: Timestamp,
    /// Keys of those who decided, in order.
    #[schema(value_type = Vec<Id>)]
    pub reviewers: Vec<AccessKeyId>,
    /// The entry that completed its batch; null before.
    #[schema(value_type = Option<u64>)]
    pub completed_at: Option<Position>,
    /// A rehearsal as the register stands now, for one that waits and was asked for by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub report: Option<SubmissionReportView>,
}

/// Submissions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionsView {
    /// Submissions that the key may see.
    pub items: Vec<SubmissionView>,
    /// Always null: nothing is left off.
    #[schema(nullable)]
    pub next: Option<String>,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// How late an agency reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LatenessView {
    /// The agency.
    pub agency: String,
    /// Rows recorded through submissions.
    pub rows: u64,
    /// Rows among them that came more than seven working days after the decision.
    pub late: u64,
    /// Rows of which the adopted calendar does not say.
    pub unknown: u64,
}

/// Lateness by agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LatenessesView {
    /// Agencies.
    pub items: Vec<LatenessView>,
    /// Always null: nothing is left off.
    #[schema(nullable)]
    pub next: Option<String>,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}
