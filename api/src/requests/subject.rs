//! Who a report is about.

use crate::schema::{Date, codes};
use probity_types::{CivilDate, IdentifierKind, SubjectKind};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Most identifiers of one subject.
pub const IDENTIFIERS_MAX: usize = 16;

/// One identifier. Its kind is declared by the sender, never guessed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierRequest {
    /// Declared kind.
    #[schema(value_type = codes::IdentifierKind)]
    pub kind: IdentifierKind,
    /// Value as it stands in the document.
    #[schema(max_length = 64, example = "916502031000000240")]
    pub value: String,
}

/// Shows the kind only: requests get into logs, identity numbers never do.
impl fmt::Debug for IdentifierRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentifierRequest")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A person or organisation: to be registered, or whom a report is about.
///
/// Without an identifier the report waits for a person to decide, because a name alone names nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectRequest {
    /// Declared kind.
    #[schema(value_type = codes::SubjectKind)]
    pub kind: SubjectKind,
    /// Name as filed.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Declared identifiers.
    #[serde(default)]
    #[schema(max_items = 16)]
    pub identifiers: Vec<IdentifierRequest>,
    /// Birth date, natural persons only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub birth_date: Option<CivilDate>,
    /// Region, 6 or 9 digits of GB/T 2260.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        pattern = "^([0-9]{6}|[0-9]{9})$",
        example = "650203"
    )]
    pub region: Option<String>,
    /// Industry id of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub industry: Option<String>,
}

/// Shows the kind only: requests get into logs, names of persons never do.
impl fmt::Debug for SubjectRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubjectRequest")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
