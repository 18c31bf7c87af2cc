//! All routes in one place.

use crate::handlers as h;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use probity_app::Ledger;

/// Largest body of a request: one unit is at most 8 MiB, a record far below.
const BODY_BYTES_MAX: usize = 1 << 20;

/// The routes that are served.
pub fn router(ledger: Ledger) -> Router {
    Router::new()
        .route("/healthz", get(h::get_health))
        .route("/readyz", get(h::get_readiness))
        .route("/v1/openapi.json", get(h::get_openapi))
        .route("/v1/head", get(h::get_head))
        .route("/v1/entries/{position}", get(h::get_entry))
        .route("/v1/subjects", get(h::list_subjects))
        .route("/v1/subjects/{id}/status", get(h::get_subject_status))
        .route(
            "/v1/organisations/{credit_code}/status",
            get(h::get_organisation_status),
        )
        .route("/v1/lists/{list}/members", get(h::list_members))
        .route("/v1/records", post(h::create_record))
        .merge(crate::pages::router())
        .fallback(h::not_found)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(ledger)
}
