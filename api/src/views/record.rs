//! Records.

use super::Term;
use crate::cursor::Cursor;
use crate::schema::{Date, Id, Instant, PageCursor, codes};
use crate::value_schema::PlainValue;
use probity_types::{
    Category, CivilDate, Polarity, Position, Publicity, RecordId, RemedyState, Role, Severity,
    SubjectId, SubjectKind, Timestamp,
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Where a record stands on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordStanding {
    /// 有效, in force.
    InForce,
    /// 尚未生效, in force from a later day.
    NotYet,
    /// 已失效, its term is over.
    Ended,
    /// 已履行, what it demanded is done.
    Performed,
    /// 已作废, entered wrongly.
    Voided,
    /// 已撤销, the act was set aside.
    Annulled,
}

impl RecordStanding {
    /// The word with its names.
    pub fn term(self) -> Term {
        let (key, zh, en) = match self {
            Self::InForce => ("in_force", "有效", "in force"),
            Self::NotYet => ("not_yet", "尚未生效", "not yet in force"),
            Self::Ended => ("ended", "已失效", "ended"),
            Self::Performed => ("performed", "已履行", "performed"),
            Self::Voided => ("voided", "已作废", "voided"),
            Self::Annulled => ("annulled", "已撤销", "annulled"),
        };
        Term {
            key: key.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// One record as it holds on the day, with every correction known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: RecordId,
    /// The subject it is about.
    #[schema(value_type = Id)]
    pub subject: SubjectId,
    /// Kind of that subject.
    #[schema(value_type = codes::SubjectKind)]
    pub subject_kind: SubjectKind,
    /// Category.
    #[schema(value_type = codes::Category)]
    pub category: Category,
    /// Subcategory of the catalogue with its names.
    pub subcategory: Term,
    /// Where it stands.
    pub state: RecordStanding,
    /// The same in words.
    pub standing: Term,
    /// Whether it was corrected.
    pub is_corrected: bool,
    /// Whether a review or lawsuit is open: it must not exclude anybody automatically.
    pub is_disputed: bool,
    /// Whether its personal content was erased.
    pub is_erased: bool,
    /// Role of the subject in the act.
    #[schema(value_type = codes::Role)]
    pub role: Role,
    /// Deciding authority.
    pub authority: String,
    /// Its credit code, empty where unknown.
    pub authority_code: String,
    /// Reporting agency.
    pub source_unit: String,
    /// Its credit code, empty where unknown.
    pub source_unit_code: String,
    /// Region, 6 or 9 digits of GB/T 2260.
    pub region: String,
    /// Day of the decision.
    #[schema(value_type = Date)]
    pub decided_on: CivilDate,
    /// In force from.
    #[schema(value_type = Date)]
    pub effective_from: CivilDate,
    /// In force to, null = open.
    #[schema(value_type = Option<Date>)]
    pub effective_to: Option<CivilDate>,
    /// Day by which the duty is to be performed.
    #[schema(value_type = Option<Date>)]
    pub duty_deadline: Option<CivilDate>,
    /// Day on which it was performed.
    #[schema(value_type = Option<Date>)]
    pub performed_on: Option<CivilDate>,
    /// Severity.
    #[schema(value_type = codes::Severity)]
    pub severity: Severity,
    /// Whether it counts against, for, or neither.
    #[schema(value_type = codes::Polarity)]
    pub polarity: Polarity,
    /// Who may see records of this class.
    #[schema(value_type = codes::Publicity)]
    pub publicity: Publicity,
    /// Whether the act was a summary procedure.
    pub summary_procedure: bool,
    /// Review and litigation.
    #[schema(value_type = Option<codes::RemedyState>)]
    pub remedy_state: Option<RemedyState>,
    /// Values by field name; empty where sealed for this caller or erased.
    pub fields: BTreeMap<String, FieldView>,
    /// When it is shown in public; null where the class is not published.
    pub publication: Option<PublicationView>,
    /// Revision, also the ETag: last position that changed the record. Send it in If-Match.
    #[schema(value_type = u64)]
    pub revision: Position,
    /// Entries that made it what it is.
    pub positions: RecordPositions,
    /// When it was recorded.
    #[schema(value_type = Instant)]
    pub recorded_at: Timestamp,
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

/// One value with its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldView {
    /// Label in Chinese, from the catalogue.
    pub zh: String,
    /// Type, as the catalogue writes it: `text:200`, `date`, `money` …
    #[serde(rename = "type")]
    pub field_type: String,
    /// The value, in the form in which it can be sent.
    #[schema(value_type = PlainValue)]
    pub value: serde_json::Value,
    /// The value as a person reads it: money in yuan, codes by their Chinese names.
    pub text: String,
}

/// When a record is shown in public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicationView {
    /// First day.
    #[schema(value_type = Date)]
    pub start: CivilDate,
    /// First day on which it is no longer shown, null = open.
    #[schema(value_type = Option<Date>)]
    pub end: Option<CivilDate>,
    /// Whether it is shown on the day.
    pub shown: bool,
    /// First day on which a repair can be asked for, where there is one.
    #[schema(value_type = Option<Date>)]
    pub repair_from: Option<CivilDate>,
    /// Rules that were applied, by id and version.
    pub rules: Vec<String>,
}

/// Entries that made a record what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordPositions {
    /// Recorded it.
    #[schema(value_type = u64)]
    pub recorded: Position,
    /// Corrected it, oldest first.
    #[schema(value_type = Vec<u64>)]
    pub corrected: Vec<Position>,
    /// Recorded its performance, oldest first.
    #[schema(value_type = Vec<u64>)]
    pub performed: Vec<Position>,
    /// Voided or annulled it.
    #[schema(value_type = Option<u64>)]
    pub compensated: Option<Position>,
}

/// A record in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordSummaryView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: RecordId,
    /// Category.
    #[schema(value_type = codes::Category)]
    pub category: Category,
    /// Subcategory of the catalogue with its names.
    pub subcategory: Term,
    /// Where it stands.
    pub state: RecordStanding,
    /// The same in words.
    pub standing: Term,
    /// Deciding authority.
    pub authority: String,
    /// Day of the decision.
    #[schema(value_type = Date)]
    pub decided_on: CivilDate,
    /// Severity.
    #[schema(value_type = codes::Severity)]
    pub severity: Severity,
    /// Whether it counts against, for, or neither.
    #[schema(value_type = codes::Polarity)]
    pub polarity: Polarity,
    /// Whether a review or lawsuit is open.
    pub is_disputed: bool,
    /// Revision: last position that changed the record.
    #[schema(value_type = u64)]
    pub revision: Position,
}

/// A page of a subject's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordsView {
    /// Records, newest decision first.
    pub items: Vec<RecordSummaryView>,
    /// Cursor of the next page, null at the end.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
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

/// How many records there are in a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordCategoryView {
    /// Category with its names.
    pub category: Term,
    /// Records.
    pub count: u64,
}
