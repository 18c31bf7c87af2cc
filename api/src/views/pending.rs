//! Waiting reports, and many look-ups at once.

use super::SubjectHit;
use crate::problem::FieldProblem;
use crate::schema::{Id, codes};
use probity_types::{ParkReason, PendingId, Position, RecordId, SubjectId, SubjectKind};
use serde::Serialize;
use utoipa::ToSchema;

/// Where a waiting report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PendingStanding {
    /// 待认领, it waits for a person.
    Waiting,
    /// 隔离, kept apart; nothing of it shows.
    Quarantined,
    /// 已处理, linked, or decided.
    Settled,
}

/// A subject that a waiting report is not about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuledOutView {
    /// Who it is not.
    #[schema(value_type = Id)]
    pub subject: SubjectId,
    /// The entry that says so.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// A report that waits: what it says stays sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PendingView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: PendingId,
    /// Where it stands.
    pub standing: PendingStanding,
    /// Why it waits; left out where it is kept apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<codes::ParkReason>, nullable = false)]
    pub reason: Option<ParkReason>,
    /// Kind of subject as declared; left out where it is kept apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<codes::SubjectKind>, nullable = false)]
    pub subject_kind: Option<SubjectKind>,
    /// Who reported it.
    pub source_unit: String,
    /// Subjects that bore the name when it came. None of them is the answer.
    pub namesakes: u32,
    /// Subjects that it is not about.
    pub ruled_out: Vec<RuledOutView>,
    /// The record that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub record: Option<RecordId>,
    /// The entry that holds it.
    #[schema(value_type = u64)]
    pub since: Position,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// What came of one item of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LookupOutcome {
    /// 已找到, `items` hold what was found.
    Found,
    /// 未找到, nothing is in the register; that does not mean that there is nothing.
    NotFound,
    /// 有误, the item does not read.
    Faulty,
}

/// One item of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LookupItem {
    /// Number of the item, from 1.
    pub item: u32,
    /// What came of it.
    pub outcome: LookupOutcome,
    /// Organisations found, best first.
    pub items: Vec<SubjectHit>,
    /// What is wrong with it.
    pub errors: Vec<FieldProblem>,
}

/// Answers in the order of the items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LookupView {
    /// One answer an item.
    pub items: Vec<LookupItem>,
    /// Items that do not read.
    pub faulty: u32,
    /// Where it was read: the same for every item.
    #[schema(value_type = u64)]
    pub position: Position,
}
