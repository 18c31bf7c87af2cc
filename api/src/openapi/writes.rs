//! Documentation of the writes and of the keys that they need. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::problem::Problem;
use crate::query::{ImportQuery, PageQuery};
use crate::requests::{
    CertificateRequest, CompensationRequest, ConfirmationRequest, KeyRequest, LinkRequest,
    ListingEndRequest, ListingRequest, QuarantineRequest, RecordRequest, RejectionRequest,
    RenameRequest, SubjectRequest,
};
use crate::schema::Id;
use crate::views::{ImportView, KeyIssuedView, KeysView, ReceiptView};

/// Register a subject
///
/// Finds it by its identifiers where it is there already. A name alone registers nobody.
#[utoipa::path(post, path = "/v1/subjects", tag = "write", request_body = SubjectRequest,
    responses((status = 201, body = ReceiptView, description = "registered"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "the identifiers belong to different subjects, or to one of another kind")))]
fn register_subject() {}

/// Report a record
///
/// One party's share of an act. Every fault of every field is named at once. The same record with the same content is
/// there already; with other content it waits for a person to decide, never silently a second record.
#[utoipa::path(post, path = "/v1/records", tag = "write", request_body = RecordRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 202, body = ReceiptView, description = "it waits for a person"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "the identifiers belong to different subjects, or to one of another kind")))]
fn report_record() {}

/// Correct, void or annul a record
///
/// The record stays in the history; a further entry names it and says who decided, why and on what basis. `If-Match` is
/// the revision that you saw; where it is older, the answer names the newer entries.
#[utoipa::path(post, path = "/v1/records/{id}/compensations", tag = "write",
    params(("id" = Id, Path, description = "Record id.")), request_body = CompensationRequest,
    responses((status = 201, body = ReceiptView, description = "compensated"),
        (status = 200, body = ReceiptView, description = "no change, or an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "voided or annulled already")))]
fn compensate_record() {}

/// Put a subject on a list
///
/// No rule lists anyone by itself. A listing decided here needs notice and a named decider.
#[utoipa::path(post, path = "/v1/listings", tag = "write", request_body = ListingRequest,
    responses((status = 201, body = ReceiptView, description = "listed"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 202, body = ReceiptView, description = "it waits for a person"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "the identifiers belong to different subjects, or to one of another kind")))]
fn report_listing() {}

/// End a membership of a list
///
/// From its day on the subject is off the list, on every page and in every answer.
#[utoipa::path(post, path = "/v1/listings/{id}/end", tag = "write",
    params(("id" = Id, Path, description = "Id of the membership.")), request_body = ListingEndRequest,
    responses((status = 201, body = ReceiptView, description = "ended"),
        (status = 200, body = ReceiptView, description = "an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "ended already")))]
fn end_listing() {}

/// Import a file
///
/// The body is the file as it is: CSV in UTF-8 or GB18030, XLSX or XLS. The whole file or nothing, unless good rows are
/// accepted. Its rows show once every row was dealt with. Faults of rows are the answer, by sheet, row and column.
#[utoipa::path(post, path = "/v1/imports", tag = "write", params(ImportQuery),
    request_body(content = [u8], content_type = "application/octet-stream", description = "The file."),
    responses((status = 200, body = ImportView, description = "imported, rehearsed or refused, as `ending` says"),
        (status = 422, body = Problem, content_type = "application/problem+json",
            description = "the file does not read, or no import profile fits it")))]
fn import_file() {}

/// Issue an access key
///
/// The secret is shown this once. Nobody gives a key a scope that their own lacks.
#[utoipa::path(post, path = "/v1/keys", tag = "keys", request_body = KeyRequest,
    responses((status = 201, body = KeyIssuedView, description = "issued"),
        (status = 200, body = KeyIssuedView, description = "an earlier request answered again, without the secret"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it")))]
fn issue_key() {}

/// Access keys
///
/// Without secrets, which nobody has.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", params(PageQuery),
    responses((status = 200, body = KeysView, description = "one page of keys")))]
fn list_keys() {}

/// Revoke an access key
///
/// It opens nothing from now on. Its entries stay in the history.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "keys",
    params(("id" = Id, Path, description = "Public name of the key.")),
    responses((status = 200, body = ReceiptView, description = "revoked, or revoked already")))]
fn revoke_key() {}

/// Record a change of name
///
/// From a day on the subject bears another name; the former one stays and is found.
#[utoipa::path(post, path = "/v1/subjects/{id}/names", tag = "write",
    params(("id" = Id, Path, description = "Subject id.")),
    request_body = RenameRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "decided otherwise before")))]
fn rename_subject() {}

/// Record a practice certificate
///
/// A person can hold several, under one id.
#[utoipa::path(post, path = "/v1/subjects/{id}/certificates", tag = "write",
    params(("id" = Id, Path, description = "Subject id.")),
    request_body = CertificateRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "decided otherwise before")))]
fn record_certificate() {}

/// Confirm a credit code against its register
///
/// Real codes exist whose check character does not hold although the organisation code inside does. Such a code is refused until
/// a named reviewer has found it in its register; from then on reports with it are taken, with a warning.
#[utoipa::path(post, path = "/v1/confirmations", tag = "write",
    request_body = ConfirmationRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "decided otherwise before")))]
fn confirm_code() {}

/// Link a waiting report to a subject
///
/// A decision of a person on at least two attributes that do not hang on each other. A name is none of them. The record is
/// recorded in the same write.
#[utoipa::path(post, path = "/v1/pending/{id}/link", tag = "write",
    params(("id" = Id, Path, description = "Id of the waiting report.")),
    request_body = LinkRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 202, body = ReceiptView, description = "a record of the same key has other content; it waits for a person"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "decided otherwise before")))]
fn link_pending() {}

/// Rule a candidate out
///
/// The report is not about this subject: the next report of the same act obeys it and says so. A record that was linked to the
/// subject is voided in the same write.
#[utoipa::path(post, path = "/v1/pending/{id}/rejections", tag = "write",
    params(("id" = Id, Path, description = "Id of the waiting report.")),
    request_body = RejectionRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "decided otherwise before")))]
fn reject_candidate() {}

/// Decide about a quarantined report
///
/// Recorded after all, which nobody can do below the age of 16, or its key destroyed.
#[utoipa::path(post, path = "/v1/pending/{id}/decision", tag = "write",
    params(("id" = Id, Path, description = "Id of the waiting report.")),
    request_body = QuarantineRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "there already, or an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "decided otherwise before")))]
fn decide_quarantine() {}
