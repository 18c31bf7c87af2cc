//! The catalogue in force: categories, subcategories, fields, code lists.

use super::{Bilingual, Term};
use crate::schema::{Date, codes};
use probity_types::{Category, CivilDate, Polarity, Position, Publicity, SubjectKind};
use serde::Serialize;
use utoipa::ToSchema;

/// The catalogue in force on the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CatalogueView {
    /// Id of the catalogue.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its title.
    pub title: Bilingual,
    /// Its standing, in the words of the catalogue: a proposal says so.
    pub status: String,
    /// How well it is founded: `read`, `reported`, `general` or `design`.
    pub confidence: String,
    /// Its basis, in words.
    pub basis: String,
    /// Entry of the log that adopted it.
    #[schema(value_type = u64)]
    pub adopted_at: Position,
    /// In force from.
    #[schema(value_type = Date)]
    pub effective_from: CivilDate,
    /// In force to, null = open.
    #[schema(value_type = Option<Date>)]
    pub effective_to: Option<CivilDate>,
    /// Bureaus that report.
    pub bureaus: Vec<Term>,
    /// Industries of enterprises.
    pub industries: Vec<Term>,
    /// Groups of key persons.
    pub key_person_groups: Vec<Term>,
    /// Fields of every record.
    pub common_fields: Vec<FieldDefinitionView>,
    /// The seven categories.
    pub categories: Vec<CategoryView>,
    /// Code lists that fields refer to.
    pub code_lists: Vec<CodeListView>,
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

/// A category with its fields and subcategories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CategoryView {
    /// Code.
    #[schema(value_type = codes::Category)]
    pub category: Category,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Fields of its records.
    pub fields: Vec<FieldDefinitionView>,
    /// Subcategories.
    pub subcategories: Vec<SubcategoryView>,
}

/// A subcategory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubcategoryView {
    /// Code with its names.
    pub subcategory: Term,
    /// Whether its records count against, for, or neither.
    #[schema(value_type = codes::Polarity)]
    pub polarity: Polarity,
    /// How the severity of a record is found, by the key of the rule.
    pub severity_rule: String,
    /// Kinds of subject that it can concern.
    #[schema(value_type = Vec<codes::SubjectKind>)]
    pub subjects: Vec<SubjectKind>,
    /// How closely it touches a person: `normal`, `personal` or `sensitive`.
    pub sensitivity: String,
    /// Bureaus that report it.
    pub sources: Vec<Term>,
    /// Fields of the category that this class always needs, by name.
    pub required: Vec<String>,
    /// Fields of the category that it may carry, by name.
    pub optional: Vec<String>,
    /// Its own fields beyond those of the category.
    pub fields: Vec<FieldDefinitionView>,
    /// Who may see its records.
    #[schema(value_type = codes::Publicity)]
    pub publicity: Publicity,
    /// Legal basis.
    pub basis: String,
    /// How far the basis was checked, in the words of the catalogue.
    pub basis_status: String,
    /// Groups of key persons whose certificates it records.
    pub key_person_groups: Vec<String>,
    /// First decision date for which it may be reported, null = open.
    #[schema(value_type = Option<Date>)]
    pub effective_from: Option<CivilDate>,
    /// Last decision date, null = open.
    #[schema(value_type = Option<Date>)]
    pub effective_to: Option<CivilDate>,
    /// The class that replaced it, null = none did.
    pub replaced_by: Option<String>,
    /// Where its form lies.
    pub form: String,
}

/// A class with everything that a record of it may carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubcategoryDetailView {
    /// Id of the catalogue.
    pub catalogue: String,
    /// Its version.
    pub version: String,
    /// Its standing, in the words of the catalogue: a proposal says so.
    pub status: String,
    /// Entry of the log that adopted it.
    #[schema(value_type = u64)]
    pub adopted_at: Position,
    /// The class.
    pub subcategory: SubcategoryView,
    /// Every field that a record may carry, in the order of the form, each with what this class needs.
    pub columns: Vec<ColumnView>,
    /// Import profile that reads its form.
    pub profile: String,
    /// Publication periods that its records may come under today; which one holds is a matter of the record.
    pub periods: Vec<PeriodView>,
    /// Code lists that its fields refer to.
    pub code_lists: Vec<CodeListView>,
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

/// A field as the form of a class has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ColumnView {
    /// What stands above the column; an amount's unit is part of it.
    pub header: String,
    /// The field.
    #[serde(flatten)]
    pub field: FieldDefinitionView,
}

/// A publication period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodView {
    /// Id of the rule.
    pub id: String,
    /// Its regime.
    pub regime: String,
    /// Which records of the class, by the key of the rule.
    pub class: String,
    /// Whether the public may see the record while the period runs.
    pub is_shown: bool,
    /// Months before which repair is not possible.
    pub min_months: u32,
    /// Months after which publication ends, null = no fixed term.
    pub max_months: Option<u32>,
    /// Source.
    pub source: String,
}

/// A field of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldDefinitionView {
    /// Name, as in `fields` of a record.
    pub name: String,
    /// Label in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Type: `text:200`, `date`, `money`, `integer`, `decimal`, `boolean`, `enum:<list>`, `list:<list>`, `party`.
    #[serde(rename = "type")]
    pub field_type: String,
    /// `required`, `conditional` or `optional`.
    pub need: String,
    /// Unit, or the condition under which it is required.
    pub note: String,
    /// Unit, in the words of the catalogue.
    pub unit: String,
    /// The condition under which it is required.
    pub condition: Bilingual,
    /// Code of the double-publicity standard.
    pub standard_code: String,
    /// Who may see it, in the words of the catalogue.
    pub visibility: String,
}

/// A code list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeListView {
    /// Its name, as in field types.
    pub list: String,
    /// Its keys with their names.
    pub codes: Vec<Term>,
}
