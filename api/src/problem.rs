//! Problems as RFC 9457 defines them, with what our callers need besides: both languages, faults by field, the newer
//! entries of a conflict.

use crate::problem_types::ProblemType;
use crate::schema::Instant;
use probity_types::{Position, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Content type of a problem (RFC 9457, section 3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Type URI, `/problems/<code>`.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// Title in English, the same for every problem of this type.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong here and what would be right, in English.
    pub detail: String,
    /// Stable code of the problem type.
    pub code: ProblemType,
    /// Title in Chinese.
    pub title_zh: String,
    /// The detail in Chinese.
    pub detail_zh: String,
    /// Address of the request; left out where it could hold an identity number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub instance: Option<String>,
    /// Every fault found, not just the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// How things stand now, for conflicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub current: Option<CurrentState>,
    /// Seconds to wait, as in the header Retry-After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_seconds: Option<u32>,
    /// Under which a fault of ours can be found again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reference: Option<String>,
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// Row in the file counted from 1 with the header, or item in the request counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub row: Option<u32>,
    /// Sheet of a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sheet: Option<String>,
    /// Column of the file, by letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub column: Option<String>,
    /// Field name.
    pub field: String,
    /// Stable code of the rule, for example `field.required`.
    pub rule: String,
    /// What would be right, where it can be said in a few words: a form, a list of keys, a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expected: Option<String>,
    /// What is wrong and what would be right, in English. Never repeats an identity number.
    pub detail: String,
    /// The same in Chinese.
    pub detail_zh: String,
}

/// How things stand now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrentState {
    /// Head of the log.
    #[schema(value_type = u64)]
    pub position: Position,
    /// Revision of the resource, to be sent in If-Match once seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, nullable = false)]
    pub revision: Option<Position>,
    /// Entries of the resource that are newer than what the caller saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub newer: Vec<NewerEntry>,
}

/// An entry that the caller had not seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewerEntry {
    /// Where it stands.
    #[schema(value_type = u64)]
    pub position: Position,
    /// When it was recorded.
    #[schema(value_type = Instant)]
    pub recorded_at: Timestamp,
    /// Event name.
    pub event: String,
    /// Event name in Chinese.
    pub event_zh: String,
}

impl FieldProblem {
    /// A fault of `field` under `rule`.
    pub fn new(
        field: &str,
        rule: &str,
        detail: impl Into<String>,
        detail_zh: impl Into<String>,
    ) -> Self {
        Self {
            field: field.to_owned(),
            rule: rule.to_owned(),
            detail: detail.into(),
            detail_zh: detail_zh.into(),
            ..Self::default()
        }
    }

    /// The same with what would be right.
    #[must_use]
    pub fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The same with its row.
    #[must_use]
    pub fn at_row(mut self, row: u32) -> Self {
        self.row = Some(row);
        self
    }

    /// The same with its place in a workbook.
    #[must_use]
    pub fn at_cell(mut self, sheet: &str, row: u32, column: &str) -> Self {
        let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (self.sheet, self.row, self.column) = (named(sheet), Some(row), named(column));
        self
    }
}

impl Problem {
    /// A problem that says what its type says.
    pub fn new(kind: ProblemType) -> Self {
        Self {
            type_uri: kind.uri().to_owned(),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: kind.about().to_owned(),
            code: kind,
            title_zh: kind.title_zh().to_owned(),
            detail_zh: kind.about_zh().to_owned(),
            instance: None,
            errors: Vec::new(),
            current: None,
            retry_after_seconds: None,
            reference: None,
        }
    }

    /// A fault of ours; the caller gets a reference, the log the cause.
    pub fn internal(reference: impl Into<String>) -> Self {
        Self {
            reference: Some(reference.into()),
            ..Self::new(ProblemType::Internal)
        }
    }

    /// Faults by field, under one type; the detail counts them and quotes the first.
    pub fn fields(kind: ProblemType, errors: Vec<FieldProblem>) -> Self {
        let first = errors.first().cloned().unwrap_or_default();
        let count = errors.len();
        let detail = format!("{count} fault(s), first: {}: {}", first.field, first.detail);
        let detail_zh = format!(
            "共 {count} 处错误，第一处：{}：{}",
            first.field, first.detail_zh
        );
        Self {
            errors,
            ..Self::new(kind)
        }
        .detail(detail, detail_zh)
    }

    /// Whether nothing from the request may be repeated: an identity number stood in its address.
    fn is_mute(&self) -> bool {
        self.code == ProblemType::IdentityNumberInAddress
    }

    /// The same with its own detail. Without effect where nothing from the request may be repeated.
    #[must_use]
    pub fn detail(mut self, en: impl Into<String>, zh: impl Into<String>) -> Self {
        if !self.is_mute() {
            (self.detail, self.detail_zh) = (en.into(), zh.into());
        }
        self
    }

    /// The same with the address of the request. Without effect where nothing from the request may be repeated.
    #[must_use]
    pub fn instance(mut self, address: impl Into<String>) -> Self {
        if !self.is_mute() {
            self.instance = Some(address.into());
        }
        self
    }

    /// The same with one fault more. Without effect where nothing from the request may be repeated.
    #[must_use]
    pub fn error(mut self, error: FieldProblem) -> Self {
        if !self.is_mute() {
            self.errors.push(error);
        }
        self
    }

    /// The same with how things stand now.
    #[must_use]
    pub fn current(mut self, current: CurrentState) -> Self {
        self.current = Some(current);
        self
    }

    /// The same with the seconds to wait.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_rfc_9457() {
        let problem = Problem::new(ProblemType::Busy)
            .retry_after(2)
            .instance("/v1/records");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["type"], "/problems/busy");
        assert_eq!(
            (
                json["status"].as_u64(),
                json["retry_after_seconds"].as_u64()
            ),
            (Some(503), Some(2))
        );
        assert!(json.get("errors").is_none() && json.get("current").is_none());
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
    }

    /// Complaint P29: whoever builds the answer cannot put the number back into it.
    #[test]
    fn an_identity_number_in_an_address_is_never_repeated() {
        let number = "11010519491231002X";
        let problem = Problem::new(ProblemType::IdentityNumberInAddress)
            .detail(number, number)
            .instance(format!("/v1/subjects?q={number}"))
            .error(FieldProblem::new("q", "query", number, number));
        let text = serde_json::to_string(&problem).unwrap();
        assert!(
            !text.contains(number) && text.contains("POST /v1/subjects/search"),
            "{text}"
        );
    }
}
