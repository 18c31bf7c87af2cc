//! Documentation of submissions. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::problem::Problem;
use crate::query::{SubmissionQuery, SubmissionsQuery};
use crate::requests::{ReviewRequest, SubmissionWithdrawRequest};
use crate::schema::Id;
use crate::views::{LatenessesView, SubmissionReportView, SubmissionView, SubmissionsView};

/// Hand a file in for review
///
/// Reports, corrections or withdrawals, as `kind` says; the body is the file as it is. It is rehearsed, received, and waits
/// until another person of the agency has decided on it. A file that waits already is not received twice.
#[utoipa::path(post, path = "/v1/submissions", tag = "review", params(SubmissionQuery),
    request_body(content = [u8], content_type = "application/octet-stream", description = "The file."),
    responses((status = 201, body = SubmissionReportView, description = "received"),
        (status = 200, body = SubmissionReportView, description = "rehearsed, refused, or received earlier, as `ending` says"),
        (status = 422, body = Problem, content_type = "application/problem+json",
            description = "the file does not read, or no import profile fits it")))]
fn submit_file() {}

/// Submissions
///
/// Those of the key's own agency, and for the platform those that it decides on.
#[utoipa::path(get, path = "/v1/submissions", tag = "review", params(SubmissionsQuery),
    responses((status = 200, body = SubmissionsView, description = "submissions, newest first")))]
fn list_submissions() {}

/// One submission
///
/// Where it stands; while it waits, with a rehearsal as the register stands now.
#[utoipa::path(get, path = "/v1/submissions/{id}", tag = "review",
    params(("id" = Id, Path, description = "Submission.")),
    responses((status = 200, body = SubmissionView, description = "the submission")))]
fn read_submission() {}

/// Decide on a submission
///
/// By another person than handed it in: another key with another label. Whole or in part. The last decision that is needed
/// appends the approved rows before it is answered. Where the register would refuse rows by now, they are named and nothing
/// is decided, unless `accept_failing` says otherwise.
#[utoipa::path(post, path = "/v1/submissions/{id}/review", tag = "review",
    params(("id" = Id, Path, description = "Submission.")), request_body = ReviewRequest,
    responses((status = 200, body = SubmissionView, description = "decided"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "decided already, decided by the same person, or rows would be refused by now"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it")))]
fn review_submission() {}

/// Take a submission back
///
/// By the clerk who handed it in, before it is decided.
#[utoipa::path(post, path = "/v1/submissions/{id}/withdraw", tag = "review",
    params(("id" = Id, Path, description = "Submission.")), request_body = SubmissionWithdrawRequest,
    responses((status = 200, body = SubmissionView, description = "taken back"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "decided already")))]
fn withdraw_submission() {}

/// The receipt of a submission, row by row
///
/// CSV in UTF-8: row, outcome, reason, record, position, entry hash, and where the proof of the entry is.
#[utoipa::path(get, path = "/v1/submissions/{id}/receipt.csv", tag = "review",
    params(("id" = Id, Path, description = "Submission.")),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8", description = "the receipt")))]
fn read_receipt() {}

/// How late agencies report
///
/// Rows recorded through submissions, and those more than seven working days after the decision. An agency sees its own,
/// the platform all.
#[utoipa::path(get, path = "/v1/lateness", tag = "review",
    responses((status = 200, body = LatenessesView, description = "by agency")))]
fn list_lateness() {}
