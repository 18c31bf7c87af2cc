//! The table of routes as a router: every row of [`ROUTES`] has a handler of the same name, and there are no others.

use crate::call::drain;
use crate::errors::Trouble;
use crate::handlers::{
    bundles, catalogue, due_dates, feed, identity, imports, keys, listings, log, lookup,
    operations, proofs, recipients, records, segments, subjects, submissions,
};
use crate::pages;
use crate::service::Service;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use probity_api::{Method, ProblemType, ROUTES, Route};
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

/// Name under which pages, and addresses that nothing answers, are counted.
const PAGE: &str = "page";

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Delete => MethodFilter::DELETE,
    }
}

/// The handler of a row; none where the table names an operation that nobody wrote.
fn endpoint(route: &'static Route) -> Option<MethodRouter<Service>> {
    fn at<H, T>(route: &'static Route, handler: H) -> Option<MethodRouter<Service>>
    where
        H: Handler<T, Service>,
        T: 'static,
    {
        Some(on(filter(route.method), handler).layer(Extension(route)))
    }
    match route.operation {
        "read_checkpoint" => at(route, proofs::read_checkpoint),
        "read_vkey" => at(route, proofs::read_vkey),
        "read_tile" => at(route, proofs::read_tile),
        "list_signing_keys" => at(route, proofs::list_signing_keys),
        "prove_inclusion" => at(route, proofs::prove_inclusion),
        "read_tlog_proof" => at(route, proofs::read_tlog_proof),
        "prove_consistency" => at(route, proofs::prove_consistency),
        "read_bundle" => at(route, bundles::read_bundle),
        "read_head" => at(route, log::read_head),
        "read_entry" => at(route, log::read_entry),
        "list_segments" => at(route, segments::list_segments),
        "read_segment" => at(route, segments::read_segment),
        "list_subjects" => at(route, subjects::list_subjects),
        "search_subjects" => at(route, subjects::search_subjects),
        "lookup_practitioner" => at(route, subjects::lookup_practitioner),
        "read_subject" => at(route, subjects::read_subject),
        "read_timeline" => at(route, subjects::read_timeline),
        "read_status" => at(route, subjects::read_status),
        "list_records" => at(route, subjects::list_records),
        "read_organisation_status" => at(route, subjects::read_organisation_status),
        "list_lists" => at(route, listings::list_lists),
        "list_members" => at(route, listings::list_members),
        "register_subject" => at(route, records::register_subject),
        "report_record" => at(route, records::report_record),
        "read_record" => at(route, records::read_record),
        "compensate_record" => at(route, records::compensate_record),
        "report_listing" => at(route, listings::report_listing),
        "end_listing" => at(route, listings::end_listing),
        "import_file" => at(route, imports::import_file),
        "issue_key" => at(route, keys::issue_key),
        "list_keys" => at(route, keys::list_keys),
        "revoke_key" => at(route, keys::revoke_key),
        "read_catalogue" => at(route, catalogue::read_catalogue),
        "follow_feed" => at(route, feed::follow_feed),
        "read_feed_page" => at(route, recipients::read_feed_page),
        "acknowledge_feed" => at(route, recipients::acknowledge_feed),
        "admit_recipient" => at(route, recipients::admit_recipient),
        "list_recipients" => at(route, recipients::list_recipients),
        "read_openapi" => at(route, operations::read_openapi),
        "read_problem" => at(route, operations::read_problem),
        "check_health" => at(route, operations::check_health),
        "check_readiness" => at(route, operations::check_readiness),
        "read_metrics" => at(route, operations::read_metrics),
        "read_due_date" => at(route, due_dates::read_due_date),
        "list_calendars" => at(route, due_dates::list_calendars),
        "read_dictionary" => at(route, catalogue::read_dictionary),
        "read_subcategory" => at(route, catalogue::read_subcategory),
        "read_template" => at(route, catalogue::read_template),
        "submit_file" => at(route, submissions::submit_file),
        "list_submissions" => at(route, submissions::list_submissions),
        "read_submission" => at(route, submissions::read_submission),
        "review_submission" => at(route, submissions::review_submission),
        "withdraw_submission" => at(route, submissions::withdraw_submission),
        "read_receipt" => at(route, submissions::read_receipt),
        "list_lateness" => at(route, submissions::list_lateness),
        "rename_subject" => at(route, identity::rename_subject),
        "record_certificate" => at(route, identity::record_certificate),
        "confirm_code" => at(route, identity::confirm_code),
        "lookup_organisations" => at(route, lookup::lookup_organisations),
        "read_pending" => at(route, identity::read_pending),
        "link_pending" => at(route, identity::link_pending),
        "reject_candidate" => at(route, identity::reject_candidate),
        "decide_quarantine" => at(route, identity::decide_quarantine),
        _ => None,
    }
}

/// Everything that is served.
pub fn router(service: Service) -> Router {
    let endpoints = ROUTES
        .iter()
        .filter_map(|route| Some((route.path, endpoint(route)?)));
    let router = endpoints.fold(Router::new(), |router, (path, endpoint)| {
        router.route(path, endpoint)
    });
    router
        .with_state(service.clone())
        .merge(pages::router(&service))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(|_| {
            Trouble::internal("a handler panicked").into_response()
        }))
        .layer(from_fn(set_headers))
        .layer(from_fn_with_state(service, observe))
}

async fn not_found(request: Request) -> Trouble {
    drain(request.into_body()).await;
    Trouble::of(ProblemType::NotFound)
}

async fn method_not_allowed(request: Request) -> Trouble {
    drain(request.into_body()).await;
    Trouble::of(ProblemType::MethodNotAllowed)
}

/// Answers are about people: nobody on the way keeps them, and no browser guesses what they are.
async fn set_headers(request: Request, next: Next) -> Response {
    let is_log = request.uri().path().starts_with("/log/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if !is_log {
        // Checkpoints and tiles say themselves how long they may be kept, and a fault of theirs is kept by nobody's rule.
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Counts and logs a request by its operation. Addresses, parameters and bodies are never logged.
async fn observe(State(service): State<Service>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<axum::extract::MatchedPath>();
    let row = matched.and_then(|path| {
        ROUTES
            .iter()
            .find(|route| route.path == path.as_str() && route.method.name() == method.as_str())
    });
    let operation = row.map_or(PAGE, |route| route.operation);
    let mut id = [0; 8];
    // Without randomness the id is all zero; the request is served all the same.
    let _ = getrandom::fill(&mut id);
    let id = probity_types::hex(&id);
    let span = tracing::info_span!("request", id, operation);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    service.metrics.answered(operation, status, took);
    let _entered = span.entered();
    tracing::info!(status, took_us = took.as_micros() as u64, "answered");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_has_a_handler() {
        let missing: Vec<_> = ROUTES
            .iter()
            .filter(|route| endpoint(route).is_none())
            .map(|route| route.operation)
            .collect();
        assert!(missing.is_empty(), "no handler for {missing:?}");
    }
}
