//! The OpenAPI 3.1 document.
//!
//! Paths, bodies and answers come from the documented functions in `reads`, `writes` and `operations`; security, headers
//! and problems of every operation come from the table of routes, so that they cannot differ from what the server does.

mod catalogue;
mod due_dates;
mod operations;
mod proofs;
mod reads;
mod sharing;
mod submissions;
mod writes;

use crate::problem::{PROBLEM_JSON, Problem};
use crate::problem_types::ProblemType;
use crate::routes::{Access, Method, Preconditions, ROUTES, Route};
use crate::schema::KnownAt;
use crate::schema::codes::{QueryPurpose, SubmissionKind};
use crate::{IDEMPOTENCY_KEY, IF_MATCH, PROBITY_BASIS, PROBITY_PURPOSE};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Ref, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, RefOr, Required, Schema};
use utoipa::{OpenApi, PartialSchema, ToSchema};

/// Name of the security scheme.
const KEY: &str = "key";

/// Description of the whole document.
const ABOUT: &str = "Tamper-evident ledger of public credit information.\n\n\
    Every write is an entry of an append-only log and is answered, once on disk, with a receipt. Nothing is changed or \
    deleted: what was wrong is compensated by a further entry. Every read that depends on time takes `valid_on` and \
    `known_at` and prints both with the position at which it was read. Every list has `items`, `next` and `position`. \
    Identity numbers stand in request bodies only, never in an address.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Probity",
        description = ABOUT, version = "1.0.0", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    paths(
        proofs::read_checkpoint, proofs::read_vkey, proofs::read_tile, proofs::list_signing_keys,
        proofs::prove_inclusion, proofs::read_tlog_proof, proofs::prove_consistency, proofs::read_bundle,
        reads::read_head, reads::read_entry, reads::list_segments, reads::read_segment, reads::list_subjects, reads::search_subjects, reads::lookup_practitioner,
        reads::read_subject, reads::read_timeline, reads::read_status, reads::list_records,
        reads::read_organisation_status, reads::list_lists, reads::list_members, reads::read_record,
        reads::read_catalogue, due_dates::read_due_date, due_dates::list_calendars,
        catalogue::read_subcategory, catalogue::read_dictionary, catalogue::read_template,
        writes::register_subject, writes::report_record, writes::compensate_record, writes::report_listing,
        writes::end_listing, writes::import_file, writes::issue_key, writes::list_keys, writes::revoke_key,
        operations::follow_feed, operations::read_openapi, operations::read_problem, operations::check_health,
        operations::check_readiness, operations::read_metrics,
        sharing::read_feed_page, sharing::acknowledge_feed, sharing::admit_recipient, sharing::list_recipients,
        submissions::submit_file, submissions::list_submissions, submissions::read_submission,
        submissions::review_submission, submissions::withdraw_submission, submissions::read_receipt,
        submissions::list_lateness,
        writes::rename_subject, writes::record_certificate, writes::confirm_code, reads::lookup_organisations,
        reads::read_pending, writes::link_pending, writes::reject_candidate, writes::decide_quarantine,
    ),
    components(schemas(Problem, QueryPurpose, SubmissionKind, KnownAt)),
    tags(
        (name = "read", description = "Subjects, records, lists and the log"),
        (name = "proof", description = "Checkpoints, tiles and proofs: what one checks us with"),
        (name = "write", description = "Reports and compensations"),
        (name = "review", description = "Files that wait for review"),
        (name = "keys", description = "Access keys"),
        (name = "operations", description = "Feed, health, documentation"),
    )
)]
struct Document;

/// The document as pretty JSON with a newline at its end.
///
/// # Errors
/// The document does not serialise, which is a fault of this package.
pub fn document() -> Result<String, serde_json::Error> {
    let mut api = Document::openapi();
    if let Some(components) = api.components.as_mut() {
        let about = "An access key: `Authorization: Bearer <secret>`. Scopes are words such as `records:write`.";
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(about))
            .build();
        components.add_security_scheme(KEY, SecurityScheme::Http(scheme));
    }
    for route in ROUTES {
        let Some(item) = api.paths.paths.get_mut(&route.documented_path()) else {
            continue;
        };
        let operation = match route.method {
            Method::Get => item.get.as_mut(),
            Method::Post => item.post.as_mut(),
            Method::Delete => item.delete.as_mut(),
        };
        if let Some(operation) = operation {
            complete(operation, route);
        }
    }
    let mut text = serde_json::to_string_pretty(&api)?;
    text.push('\n');
    Ok(text)
}

/// Adds what the route asks for and may answer with.
fn complete(operation: &mut Operation, route: &Route) {
    operation.security = Some(security(route.access));
    let headers = headers(route);
    if !headers.is_empty() {
        operation.parameters.get_or_insert_default().extend(headers);
    }
    let mut by_status: BTreeMap<u16, Vec<ProblemType>> = BTreeMap::new();
    for problem in route.problems() {
        by_status.entry(problem.status()).or_default().push(problem);
    }
    for (status, problems) in by_status {
        match operation.responses.responses.entry(status.to_string()) {
            Entry::Vacant(place) => {
                place.insert(RefOr::T(response(&problems)));
            }
            // The function describes what its own rules answer with this status; the rest is added.
            Entry::Occupied(mut place) => {
                if let RefOr::T(described) = place.get_mut() {
                    described.description =
                        format!("{}\n\n{}", described.description, lines(&problems));
                }
            }
        }
    }
}

fn security(access: Access) -> Vec<SecurityRequirement> {
    let none = SecurityRequirement::default();
    match access {
        Access::Public => vec![none],
        Access::Key(scope) | Access::KeyForPurpose(scope) => {
            vec![SecurityRequirement::new(KEY, [scope.word()])]
        }
        Access::AnyKey(scopes) => {
            let one = |scope: &crate::Scope| SecurityRequirement::new(KEY, [scope.word()]);
            scopes.iter().map(one).collect()
        }
        Access::PublicOrganisationsElseKey(scope) => {
            vec![none, SecurityRequirement::new(KEY, [scope.word()])]
        }
    }
}

fn header(
    name: &str,
    required: Required,
    about: &str,
    schema: impl Into<RefOr<Schema>>,
) -> RefOr<Parameter> {
    let header = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(about))
        .schema(Some(schema));
    RefOr::T(header.build())
}

fn headers(route: &Route) -> Vec<RefOr<Parameter>> {
    let text = |most: usize| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(most))
    };
    let mut headers = Vec::new();
    if route.preconditions != Preconditions::None {
        let about = "Names this command of yours. The same value with the same request returns the first receipt.";
        let schema = text(crate::IDEMPOTENCY_KEY_CHARS_MAX);
        headers.push(header(IDEMPOTENCY_KEY, Required::True, about, schema));
    }
    if route.preconditions == Preconditions::IdempotencyKeyAndRevision {
        let about = "The revision that you saw, as the ETag gave it, in quotes.";
        headers.push(header(IF_MATCH, Required::True, about, text(24)));
    }
    let is_required = match route.access {
        Access::KeyForPurpose(_) => Some(true),
        Access::PublicOrganisationsElseKey(_) => Some(false),
        Access::Public | Access::Key(_) | Access::AnyKey(_) => None,
    };
    if let Some(is_required) = is_required {
        let required = || match is_required {
            true => Required::True,
            false => Required::False,
        };
        let about = "Purpose of a read about persons; required for those.";
        let purpose = Ref::from_schema_name(QueryPurpose::name());
        headers.push(header(PROBITY_PURPOSE, required(), about, purpose));
        let about =
            "Basis of a read about persons, in words (UTF-8, percent-encoded); required for those.";
        let basis = text(crate::BASIS_CHARS_MAX);
        headers.push(header(PROBITY_BASIS, required(), about, basis));
    }
    headers
}

/// One paragraph per problem type.
fn lines(problems: &[ProblemType]) -> String {
    let line = |problem: &ProblemType| format!("`{}`: {}", problem.code(), problem.about());
    problems.iter().map(line).collect::<Vec<_>>().join("\n\n")
}

fn response(problems: &[ProblemType]) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let mut response = ResponseBuilder::new()
        .description(lines(problems))
        .content(PROBLEM_JSON, content);
    let waits = [ProblemType::TooManyRequests, ProblemType::Busy];
    if problems.iter().any(|problem| waits.contains(problem)) {
        let seconds = HeaderBuilder::new()
            .schema(Some(u32::schema()))
            .description(Some("Seconds to wait."));
        response = response.header("Retry-After", seconds.build());
    }
    response.build()
}
