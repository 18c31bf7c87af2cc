//! Decisions on submissions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    /// 通过, approve the rows that are not taken out.
    Approve,
    /// 退回, reject the whole.
    Reject,
}

/// A row that is taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectedRowRequest {
    /// Row of the file.
    #[schema(minimum = 1)]
    pub row: u32,
    /// Why. It stands in the log in clear: no names and no numbers of persons.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// Decide on a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// What is decided.
    pub decision: ReviewDecision,
    /// Why the whole is rejected.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub reason: String,
    /// Rows that are taken out of an approval.
    #[serde(default)]
    #[schema(max_items = 4096)]
    pub rejected: Vec<RejectedRowRequest>,
    /// Approve although the register would refuse rows by now; they are taken out, and the log says so.
    #[serde(default)]
    pub accept_failing: bool,
}

/// Take a submission back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionWithdrawRequest {
    /// Why.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub reason: String,
}
