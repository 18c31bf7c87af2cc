//! What came of a file.

use crate::problem::FieldProblem;
use crate::schema::Id;
use crate::views::{ChangeView, DuplicateView};
use probity_types::{BatchId, Position};
use serde::Serialize;
use utoipa::ToSchema;

/// How an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportEnding {
    /// 已导入, the rows counted below are recorded.
    Imported,
    /// 已试跑, read and checked; nothing was recorded.
    Rehearsed,
    /// 已拒绝, rows were refused, so nothing was recorded.
    Refused,
}

/// What came of a file. Row faults are an answer, not a problem: the status is 200, and `ending` says what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportView {
    /// How it ended.
    pub ending: ImportEnding,
    /// The batch; null where nothing was recorded.
    #[schema(value_type = Option<Id>)]
    pub batch: Option<BatchId>,
    /// What the file was read as, for example `csv, gb18030`.
    pub form: String,
    /// Import profile, by id and version.
    pub profile: String,
    /// Faults by row and cell; a row with one is refused.
    pub errors: Vec<FieldProblem>,
    /// What a person should look at; the row is taken all the same.
    pub warnings: Vec<FieldProblem>,
    /// Rows that bring nothing new by themselves; told by a rehearsal.
    pub duplicates: Vec<DuplicateView>,
    /// Subjects whose grade or lists would change; told by a rehearsal.
    pub changes: Vec<ChangeView>,
    /// The counts.
    pub summary: ImportSummary,
}

/// Counts of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct ImportSummary {
    /// Data rows in the file.
    pub rows: u64,
    /// Recorded, or would be in a rehearsal.
    pub imported: u64,
    /// Refused.
    pub refused: u64,
    /// There already, with the same content.
    pub already_there: u64,
    /// Waiting for a person.
    pub parked: u64,
    /// Last position of the import; of the head where nothing was recorded.
    #[schema(value_type = u64)]
    pub position: Position,
}
