//! Memberships of lists.

use super::SubjectRequest;
use crate::schema::{Date, codes};
use probity_types::{CivilDate, EndReason, InstrumentKind, ListingProcedure};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Put a subject on a list. A listing decided here needs notice and a named decider; for reported and historical ones,
/// unknown steps stay unknown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListingRequest {
    /// Whom it is about.
    pub subject: SubjectRequest,
    /// List id; see `/v1/lists`.
    #[schema(max_length = 64, example = "judgment-defaulters")]
    pub list: String,
    /// How the listing came about.
    #[schema(value_type = codes::ListingProcedure)]
    pub procedure: ListingProcedure,
    /// Deciding authority, empty where unknown.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub authority: String,
    /// Kind of the instrument, left out where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<codes::InstrumentKind>, nullable = false)]
    pub instrument_kind: Option<InstrumentKind>,
    /// Number of the instrument, empty where unknown.
    #[serde(default)]
    #[schema(max_length = 128)]
    pub instrument_no: String,
    /// Legal basis, empty where unknown.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub basis: String,
    /// Reason as reported.
    #[schema(max_length = 4000)]
    pub reason: String,
    /// When the prior notice was served; left out where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub notice_served_on: Option<CivilDate>,
    /// Post or staff number of who decided, empty where unknown.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub decider: String,
    /// Day of listing; left out where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub listed_on: Option<CivilDate>,
    /// End of the term; left out = open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub until: Option<CivilDate>,
    /// Name of the reporting agency.
    #[schema(max_length = 200)]
    pub source_unit: String,
}

/// Shows list and procedure only: a reason may speak of a person.
impl fmt::Debug for ListingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ListingRequest");
        shown
            .field("list", &self.list)
            .field("procedure", &self.procedure)
            .finish_non_exhaustive()
    }
}

/// End a membership. The membership stays in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListingEndRequest {
    /// Why it ended.
    #[schema(value_type = codes::EndReason)]
    pub reason: EndReason,
    /// Who decided.
    #[schema(max_length = 200)]
    pub authority: String,
    /// Legal basis.
    #[schema(max_length = 500)]
    pub legal_basis: String,
    /// First day off the list.
    #[schema(value_type = Date)]
    pub ended_on: CivilDate,
}
