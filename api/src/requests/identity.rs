//! Decisions of persons about who somebody is, and what the register of a subject says later.

use crate::schema::{Date, Id};
use probity_types::{CivilDate, SubjectId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use utoipa::ToSchema;

/// Most items of one batch of look-ups.
pub const LOOKUP_ITEMS_MAX: usize = 100;

/// A subject bears another name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameRequest {
    /// The new name as registered.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// From this day.
    #[schema(value_type = Date)]
    pub effective_on: CivilDate,
}

/// Shows nothing: it may be a person's name.
impl fmt::Debug for RenameRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenameRequest").finish_non_exhaustive()
    }
}

/// A practice certificate of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequest {
    /// Key-person group of the catalogue.
    #[schema(max_length = 32)]
    pub group: String,
    /// Title of the certificate.
    #[schema(max_length = 64)]
    pub title: String,
    /// Its number.
    #[schema(min_length = 1, max_length = 64)]
    pub number: String,
    /// Who issued it.
    #[schema(max_length = 200)]
    pub issuer: String,
    /// When.
    #[schema(value_type = Date)]
    pub issued_on: CivilDate,
    /// Last day; left out = open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub valid_to: Option<CivilDate>,
}

/// Shows the group only: the number is personal.
impl fmt::Debug for CertificateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateRequest")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

/// A reviewer found a credit code in its register although its check character does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationRequest {
    /// The credit code.
    #[schema(max_length = 18)]
    pub value: String,
    /// The register that was looked at.
    #[schema(min_length = 1, max_length = 200)]
    pub register: String,
    /// When it was looked at.
    #[schema(value_type = Date)]
    pub checked_on: CivilDate,
    /// Post or staff number of who looked.
    #[schema(min_length = 1, max_length = 64)]
    pub reviewer: String,
}

/// A waiting report is about this subject.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// Whom it is about.
    #[schema(value_type = Id)]
    pub subject: SubjectId,
    /// What agrees besides the name, at least two: identity_number, birth_date, address, phone, employer, account, relative,
    /// court_file. A name, or one that sounds alike, is none.
    #[schema(min_items = 2, max_items = 8)]
    pub attributes: BTreeSet<String>,
    /// Post or staff number of who decided.
    #[schema(min_length = 1, max_length = 64)]
    pub decider: String,
    /// Why, in words.
    #[schema(min_length = 1, max_length = 4000)]
    pub reasons: String,
}

/// Shows the subject only: reasons speak of persons.
impl fmt::Debug for LinkRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkRequest")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// A waiting report is not about this subject.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectionRequest {
    /// Who it is not.
    #[schema(value_type = Id)]
    pub candidate: SubjectId,
    /// Post or staff number of who decided.
    #[schema(min_length = 1, max_length = 64)]
    pub decider: String,
    /// Why, in words.
    #[schema(min_length = 1, max_length = 4000)]
    pub reasons: String,
}

/// Shows the candidate only: reasons speak of persons.
impl fmt::Debug for RejectionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectionRequest")
            .field("candidate", &self.candidate)
            .finish_non_exhaustive()
    }
}

/// What is to become of a quarantined report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantineRequest {
    /// Recorded after all; else its key is destroyed.
    pub admit: bool,
    /// Post or staff number of who decided.
    #[schema(min_length = 1, max_length = 64)]
    pub decider: String,
    /// Legal basis.
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: String,
}

/// Look up many organisations at once. Each item is an identifier with its declared kind, or a name; what is wrong with one
/// item is said at that item and keeps no other from its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupRequest {
    /// The items: objects with `kind` and `value`, or with `name`.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 100)]
    pub items: Vec<serde_json::Value>,
}
