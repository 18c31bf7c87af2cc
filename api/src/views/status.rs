//! How a subject stands.

use super::{Bilingual, ListingView, RecordCategoryView};
use crate::schema::{Date, Id, codes};
use probity_types::{CivilDate, Database, Position, SubjectId, SubjectKind};
use serde::Serialize;
use utoipa::ToSchema;

/// How a subject stands: one projection for page, interface and report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusView {
    /// The subject.
    #[schema(value_type = Id)]
    pub subject: SubjectId,
    /// Its kind.
    #[schema(value_type = codes::SubjectKind)]
    pub kind: SubjectKind,
    /// Its database.
    #[schema(value_type = codes::Database)]
    pub database: Database,
    /// Its name; none where the personal data was erased.
    pub name: Option<String>,
    /// Grade with every reason; null where no grade table is in force or the profile does not open it to this caller.
    pub grade: Option<GradeView>,
    /// Memberships of lists, in force or over.
    pub lists: Vec<ListingView>,
    /// Records by category, voided ones left out. No record is not the same as good.
    pub records: Vec<RecordCategoryView>,
    /// Records under review or in court: they must not exclude anybody automatically.
    pub disputed: u64,
    /// Other subjects of the same name.
    pub namesakes: u64,
    /// Day the answer speaks of.
    #[schema(value_type = Date)]
    pub valid_on: CivilDate,
    /// What the register knew.
    #[schema(value_type = u64)]
    pub known_at: Position,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// A grade with everything that produced it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GradeView {
    /// The grade, for example `AA`, or `unrated`.
    pub grade: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Points in tenths (950 = 95 points), the sum of those of the reasons; 0 where unrated.
    pub points_tenths: i64,
    /// Every rule that had an effect, in the order of the table.
    pub reasons: Vec<ReasonView>,
    /// The table.
    pub table: TableView,
    /// The result in words.
    pub explanation: Bilingual,
}

/// A grade table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TableView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
}

/// What a rule did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonEffect {
    /// Moved the points by so many tenths.
    PointsTenths(i64),
    /// Gave this grade at once.
    Direct(String),
    /// Kept the subject out of this band, whose points were reached.
    Barred(String),
}

/// One rule and what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonView {
    /// Rule id.
    pub rule: String,
    /// Rule version.
    pub version: String,
    /// What it did.
    pub effect: ReasonEffect,
    /// Class of facts that it read; null for the points before any fact.
    pub class: Option<String>,
    /// Facts of that class.
    pub count: u64,
    /// Facts that moved points: at most the rule's maximum.
    pub counted: u64,
    /// Positions of the newest of them, newest first.
    pub positions: Vec<u64>,
    /// The rule in Chinese.
    pub zh: String,
    /// The rule in English.
    pub en: String,
}
