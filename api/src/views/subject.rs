//! Subjects, and how they are found.

use super::{Bilingual, ListingView};
use crate::cursor::Cursor;
use crate::schema::{Date, Id, Instant, PageCursor, codes};
use probity_types::{
    CivilDate, Database, IdentifierKind, Position, SubjectId, SubjectKind, Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A person or organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubjectView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: SubjectId,
    /// Kind.
    #[schema(value_type = codes::SubjectKind)]
    pub kind: SubjectKind,
    /// Database that it belongs to.
    #[schema(value_type = codes::Database)]
    pub database: Database,
    /// Name on the day; none where the personal data was erased.
    pub name: Option<String>,
    /// Names that it bore before.
    pub former_names: Vec<FormerNameView>,
    /// Identifiers; those of persons are masked.
    pub identifiers: Vec<IdentifierView>,
    /// Region, 6 or 9 digits of GB/T 2260.
    pub region: String,
    /// Industry id of the catalogue, empty where unknown.
    pub industry: String,
    /// Other subjects of the same name.
    pub namesakes: u64,
    /// Whether the personal data was erased.
    pub is_erased: bool,
    /// Revision, also the ETag: last position that changed the subject itself.
    #[schema(value_type = u64)]
    pub revision: Position,
    /// Where it was registered.
    #[schema(value_type = u64)]
    pub registered_position: Position,
    /// When it was registered.
    #[schema(value_type = Instant)]
    pub registered_at: Timestamp,
    /// Memberships of lists, in force or over, where the caller may see them.
    pub lists: Vec<ListingView>,
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

/// A name borne before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormerNameView {
    /// The name.
    pub name: String,
    /// First day on which it was no longer borne.
    #[schema(value_type = Option<Date>)]
    pub until: Option<CivilDate>,
}

/// An identifier as held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IdentifierView {
    /// Declared kind.
    #[schema(value_type = codes::IdentifierKind)]
    pub kind: IdentifierKind,
    /// Value; first and last four characters for persons.
    pub value: String,
    /// Whether its check character holds.
    pub is_verified: bool,
}

/// Where a search matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchField {
    /// 名称, the name now.
    Name,
    /// 曾用名, a former name.
    FormerName,
    /// 代码, an identifier.
    Identifier,
}

/// How a search matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchHow {
    /// The same text.
    Same,
    /// The same core, without region, legal form and punctuation: a candidate, not an equal.
    SameCore,
    /// Begins with the text.
    Begins,
    /// Contains the text.
    Contains,
}

/// Why a subject was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatchView {
    /// Where.
    pub field: MatchField,
    /// What stands there.
    pub value: String,
    /// Position since which it stands there.
    #[schema(value_type = u64)]
    pub since: Position,
    /// How.
    pub how: MatchHow,
}

/// A subject that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubjectHit {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: SubjectId,
    /// Kind.
    #[schema(value_type = codes::SubjectKind)]
    pub kind: SubjectKind,
    /// Database that it belongs to.
    #[schema(value_type = codes::Database)]
    pub database: Database,
    /// Name; none where the personal data was erased.
    pub name: Option<String>,
    /// Identifiers of an organisation; empty for persons.
    pub identifiers: Vec<IdentifierView>,
    /// Why it was found.
    #[serde(rename = "match")]
    pub matched: MatchView,
    /// Other subjects of the same name.
    pub namesakes: u64,
}

/// Whether a question about a person names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Nobody of this name and birth date is in the register; that says nothing about anybody.
    NotFound,
    /// One candidate; name and birth date alone prove nobody.
    OneCandidate,
    /// 无法确定, several candidates: nothing about any of them is the answer.
    Unresolved,
}

/// A page of subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubjectsView {
    /// Subjects found, best match first.
    pub items: Vec<SubjectHit>,
    /// Whether a question by name and birth date names one person; left out for other questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub resolution: Option<Resolution>,
    /// Cursor of the next page, null at the end.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// What the look-up of a practitioner answers: the certificate, never the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PractitionerView {
    /// Whether name and number belong together. `false` for an unknown name, an unknown number and a mismatch alike.
    pub is_confirmed: bool,
    /// Title of the certificate, where confirmed.
    pub title: Option<String>,
    /// Key-person group, where confirmed.
    pub group: Option<String>,
    /// Issuer, where confirmed.
    pub issuer: Option<String>,
    /// Day of issue, where confirmed.
    #[schema(value_type = Option<Date>)]
    pub issued_on: Option<CivilDate>,
    /// Last day of validity; null also where it has no end.
    #[schema(value_type = Option<Date>)]
    pub valid_to: Option<CivilDate>,
    /// The answer in words; the same words for every case that is not confirmed.
    pub summary: Bilingual,
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
