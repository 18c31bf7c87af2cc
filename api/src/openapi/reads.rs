//! Documentation of the reads. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::query::{AsOfPageQuery, AsOfQuery, RecordsQuery, SubjectsQuery};
use crate::requests::{LookupRequest, PractitionerLookupRequest, SubjectSearchRequest};
use crate::schema::Id;
use crate::views::{
    CatalogueView, EntryView, HeadView, ListsView, LookupView, MembersView, PendingView,
    PractitionerView, RecordView, RecordsView, SegmentsView, StatusView, SubjectView, SubjectsView,
    TimelineView,
};

/// How far the log reaches
///
/// Position, hash and time of the last entry, the day reads speak of by default, and the day the register began.
#[utoipa::path(get, path = "/v1/head", tag = "read", responses((status = 200, body = HeadView, description = "the head")))]
fn read_head() {}

/// One entry of the log
///
/// Header, hashes, open body, sealed parts as far as this caller may see them, and how to check all of it without us.
/// Entries about persons need a key with `audit:read`, a purpose and a basis.
#[utoipa::path(get, path = "/v1/entries/{position}", tag = "read",
    params(("position" = u64, Path, description = "Place in the log, from 0.")),
    responses((status = 200, body = EntryView, description = "the entry")))]
fn read_entry() {}

/// The log as segment files
///
/// Number of entries, hash of the last one, and the files that hold them all. `probity export --server` fetches them, checks
/// every entry and writes the manifest.
#[utoipa::path(get, path = "/v1/segments", tag = "read",
    responses((status = 200, body = SegmentsView, description = "the segments")))]
fn list_segments() {}

/// One segment file
///
/// Entries with their hashes, as format §6 lays them out; what concerns persons is sealed in it. The read is recorded, with
/// purpose and basis.
#[utoipa::path(get, path = "/v1/segments/{file}", tag = "read",
    params(("file" = String, Path, description = "Name as the list of segments gives it.",
        pattern = "^entries-[0-9]{12}\\.seg$")),
    responses((status = 200, description = "the file", body = [u8], content_type = "application/octet-stream")))]
fn read_segment() {}

/// Find organisations by name or identifier
///
/// Organisations only. A number that could identify a person is refused and not logged: use the search with a body.
#[utoipa::path(get, path = "/v1/subjects", tag = "read", params(SubjectsQuery),
    responses((status = 200, body = SubjectsView, description = "organisations found; none is an empty list")))]
fn list_subjects() {}

/// Find subjects by identifier or name, in the body
///
/// Organisations for everybody; persons with a key, a purpose and a basis, and every such read is recorded. A name gives
/// candidates, never a match: `namesakes` says how many bear it.
#[utoipa::path(post, path = "/v1/subjects/search", tag = "read", request_body = SubjectSearchRequest,
    responses((status = 200, body = SubjectsView, description = "subjects found; none is an empty list")))]
fn search_subjects() {}

/// Confirm a practitioner by name and certificate number
///
/// Both have to fit. An unknown name, an unknown number and a mismatch are answered alike. Shows the certificate, never
/// the file.
#[utoipa::path(post, path = "/v1/practitioners/lookup", tag = "read", request_body = PractitionerLookupRequest,
    responses((status = 200, body = PractitionerView, description = "confirmed, or not")))]
fn lookup_practitioner() {}

/// One subject
///
/// Name, identifiers and memberships of lists on a day. The answer about a person needs a key, a purpose and a basis;
/// without them it is as if there were nobody.
#[utoipa::path(get, path = "/v1/subjects/{id}", tag = "read",
    params(("id" = Id, Path, description = "Subject id."), AsOfQuery),
    responses((status = 200, body = SubjectView, description = "the subject",
        headers(("ETag" = String, description = "Revision, in quotes.")))))]
fn read_subject() {}

/// A subject's history
///
/// Every entry about the subject in the order of the log, compensated ones included, each with what it answers.
#[utoipa::path(get, path = "/v1/subjects/{id}/timeline", tag = "read",
    params(("id" = Id, Path, description = "Subject id."), AsOfPageQuery),
    responses((status = 200, body = TimelineView, description = "one page of the history")))]
fn read_timeline() {}

/// How a subject stands
///
/// Grade with every reason, lists, records by category and disputes, for any day and any knowledge. The page shows the
/// same projection.
#[utoipa::path(get, path = "/v1/subjects/{id}/status", tag = "read",
    params(("id" = Id, Path, description = "Subject id."), AsOfQuery),
    responses((status = 200, body = StatusView, description = "the status",
        headers(("ETag" = String, description = "Of this answer; a conditional read answers 304.")))))]
fn read_status() {}

/// A subject's records
///
/// Newest decision first; voided ones are left out.
#[utoipa::path(get, path = "/v1/subjects/{id}/records", tag = "read",
    params(("id" = Id, Path, description = "Subject id."), RecordsQuery),
    responses((status = 200, body = RecordsView, description = "one page of records")))]
fn list_records() {}

/// How an organisation stands, by its credit code
///
/// The same answer as by id.
#[utoipa::path(get, path = "/v1/organisations/{credit_code}/status", tag = "read",
    params(("credit_code" = String, Path, description = "Unified social credit code, 18 characters.",
        pattern = "^[0-9A-HJ-NPQRTUWXY]{18}$"), AsOfQuery),
    responses((status = 200, body = StatusView, description = "the status",
        headers(("ETag" = String, description = "Of this answer; a conditional read answers 304.")))))]
fn read_organisation_status() {}

/// Every list
///
/// Red lists, serious-dishonesty lists, blacklists and notice lists that the policy in force knows.
#[utoipa::path(get, path = "/v1/lists", tag = "read", params(AsOfPageQuery),
    responses((status = 200, body = ListsView, description = "the lists")))]
fn list_lists() {}

/// Members of a list
///
/// Those listed on the day: a term that is over ends the membership at read time. Organisations for everybody where the
/// list is published; persons with a key, a purpose and a basis.
#[utoipa::path(get, path = "/v1/lists/{list}/members", tag = "read",
    params(("list" = String, Path, description = "List id."), AsOfPageQuery),
    responses((status = 200, body = MembersView, description = "one page of members")))]
fn list_members() {}

/// One record
///
/// As it holds on the day, with every correction known. Its ETag is what a compensation sends in If-Match.
#[utoipa::path(get, path = "/v1/records/{id}", tag = "read",
    params(("id" = Id, Path, description = "Record id."), AsOfQuery),
    responses((status = 200, body = RecordView, description = "the record",
        headers(("ETag" = String, description = "Revision, in quotes.")))))]
fn read_record() {}

/// The catalogue in force
///
/// Categories, subcategories, fields with their types, code lists, bureaus, industries and key-person groups. A proposal
/// says so in `status`.
#[utoipa::path(get, path = "/v1/catalogue", tag = "read", params(AsOfQuery),
    responses((status = 200, body = CatalogueView, description = "the catalogue",
        headers(("ETag" = String, description = "Of what the catalogue says; a conditional read answers 304.")))))]
fn read_catalogue() {}

/// Look up many organisations at once
///
/// Up to 100 identifiers or names in one call, read at one position. Each item has its own answer or its own errors. Not found
/// never means that there is nothing. Numbers of persons are refused, item by item.
#[utoipa::path(post, path = "/v1/organisations/lookup", tag = "read", request_body = LookupRequest,
    responses((status = 200, body = LookupView, description = "one answer an item")))]
fn lookup_organisations() {}

/// A waiting report
///
/// Why it waits, how many bear the name, and which subjects were ruled out. What the report says stays sealed.
#[utoipa::path(get, path = "/v1/pending/{id}", tag = "read",
    params(("id" = Id, Path, description = "Id of the waiting report.")),
    responses((status = 200, body = PendingView, description = "the waiting report")))]
fn read_pending() {}
