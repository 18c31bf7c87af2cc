//! Searches whose terms must not stand in an address.

use super::IdentifierRequest;
use crate::cursor::Cursor;
use crate::problem::FieldProblem;
use crate::schema::{Date, PageCursor};
use probity_types::CivilDate;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Search by identifier or by name: exactly one of the two.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectSearchRequest {
    /// Identifier with its declared kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub identifier: Option<IdentifierRequest>,
    /// Name or part of a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Birth date: with a name it asks for persons, in a request with purpose and basis. Two persons can share both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub birth_date: Option<CivilDate>,
    /// Value of `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PageCursor>, nullable = false)]
    pub cursor: Option<Cursor>,
    /// Items of a page, 1 to 200. Default: 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Shows which kind of search it is, never what for.
impl fmt::Debug for SubjectSearchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identifier = self.identifier.as_ref().map(|identifier| identifier.kind);
        let name = self.name.as_ref().map(|name| name.chars().count());
        let mut shown = f.debug_struct("SubjectSearchRequest");
        shown
            .field("identifier", &identifier)
            .field("name_characters", &name)
            .finish_non_exhaustive()
    }
}

/// What is searched for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SearchFor<'a> {
    /// An identifier.
    Identifier(&'a IdentifierRequest),
    /// A name.
    Name(&'a str),
    /// The whole name of a person, and the birth date.
    Person(&'a str, CivilDate),
}

impl SubjectSearchRequest {
    /// The one term of the search.
    ///
    /// # Errors
    /// None, or both.
    pub fn term(&self) -> Result<SearchFor<'_>, Vec<FieldProblem>> {
        match (&self.identifier, &self.name, self.birth_date) {
            (Some(identifier), None, None) => Ok(SearchFor::Identifier(identifier)),
            (None, Some(name), None) if !name.trim().is_empty() => Ok(SearchFor::Name(name)),
            (None, Some(name), Some(born)) if !name.trim().is_empty() => {
                Ok(SearchFor::Person(name, born))
            }
            _ => Err(vec![FieldProblem::new(
                "identifier",
                "search.term",
                "give either an identifier, or a name, or a name with a birth date",
                "请提供代码，或名称，或姓名和出生日期",
            )]),
        }
    }
}

/// Look up a practitioner. Both terms have to fit; an unknown name, an unknown number and a mismatch are answered alike.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PractitionerLookupRequest {
    /// Name of the practitioner.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Number of the practice certificate.
    #[schema(min_length = 1, max_length = 64)]
    pub certificate_no: String,
}

/// Shows nothing: both terms are personal.
impl fmt::Debug for PractitionerLookupRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PractitionerLookupRequest")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_exactly_one_term() {
        let read = |text: &str| serde_json::from_str::<SubjectSearchRequest>(text).unwrap();
        assert!(read(r#"{"name": "克拉玛依"}"#).term().is_ok());
        assert!(
            read(r#"{"identifier": {"kind": "uscc", "value": "1"}}"#)
                .term()
                .is_ok()
        );
        for text in [
            r#"{}"#,
            r#"{"name": " "}"#,
            r#"{"name": "a", "identifier": {"kind": "uscc", "value": "1"}}"#,
        ] {
            assert!(read(text).term().is_err(), "{text}");
        }
    }

    #[test]
    fn no_term_of_a_search_shows_in_a_log() {
        let text = r#"{"identifier": {"kind": "citizen_id", "value": "11010519491231002X"}}"#;
        let search: SubjectSearchRequest = serde_json::from_str(text).unwrap();
        assert!(!format!("{search:?}").contains("110105"));
        let lookup = PractitionerLookupRequest {
            name: "阿布都".into(),
            certificate_no: "A1".into(),
        };
        assert_eq!(format!("{lookup:?}"), "PractitionerLookupRequest { .. }");
    }
}
