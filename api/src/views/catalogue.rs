//! The catalogue in force: categories, subcategories, fields, code lists.

use super::Term;
use crate::schema::{Date, codes};
use probity_types::{Category, CivilDate, Polarity, Position, Publicity};
use serde::Serialize;
use utoipa::ToSchema;

/// The catalogue in force on the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CatalogueView {
    /// Id of the catalogue.
    pub id: String,
    /// Its version.
    pub version: String,
    /// In force from.
    #[schema(value_type = Date)]
    pub effective_from: CivilDate,
    /// In force to, null = open.
    #[schema(value_type = Option<Date>)]
    pub effective_to: Option<CivilDate>,
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
    /// Fields of the category that this class always needs, by name.
    pub required: Vec<String>,
    /// Its own fields beyond those of the category.
    pub fields: Vec<FieldDefinitionView>,
    /// Who may see its records.
    #[schema(value_type = codes::Publicity)]
    pub publicity: Publicity,
    /// Legal basis.
    pub basis: String,
}

/// A field of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldDefinitionView {
    /// Name, as in `fields` of a record.
    pub name: String,
    /// Label in Chinese.
    pub zh: String,
    /// Type: `text:200`, `date`, `money`, `integer`, `decimal`, `boolean`, `enum:<list>`, `list:<list>`, `party`.
    #[serde(rename = "type")]
    pub field_type: String,
    /// `required`, `conditional` or `optional`.
    pub need: String,
    /// Unit, or the condition under which it is required.
    pub note: String,
}

/// A code list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeListView {
    /// Its name, as in field types.
    pub list: String,
    /// Its keys with their names.
    pub codes: Vec<Term>,
}
