//! The pages over HTTP: each handler fills a view of `probity-pages` from the running ledger.
//!
//! In scope: what a stranger may see (`public`), the moment asked for, status codes, headers, pages for errors.
//! Out of scope: words and forms (`probity-pages`), keys and persons (`/v1`). A page never shows a person.

mod asof;
mod assets;
mod catalogue;
mod entry;
mod events;
mod fields;
mod front;
mod lists;
mod missing;
mod practitioner;
mod public;
mod record_set;
mod records;
mod search;
mod subject;
mod timeline;
mod trouble;
mod values;
mod verify;
mod visit;

use crate::service::Service;
use axum::Router;
use axum::routing::{any, get};
use std::sync::Arc;

/// Routes of the pages. Whatever no other route takes gets a page or a problem document that says so.
pub fn router(service: &Service) -> Router {
    Router::new()
        .route("/", get(front::show))
        .route("/search", get(search::show))
        .route("/subjects/{id}", get(subject::show))
        .route("/subjects/{id}/timeline", get(timeline::show))
        .route(
            "/practitioner",
            get(practitioner::ask).post(practitioner::answer),
        )
        .route("/lists", get(lists::show))
        .route("/lists/{id}", get(lists::show_one))
        .route("/catalogue", get(catalogue::show))
        .route("/catalogue/{code}", get(catalogue::show_one))
        .route("/entries/{position}", get(entry::show))
        .route("/verify", get(verify::show))
        .route("/assets/{version}/{name}", get(assets::send))
        .route("/{*path}", any(missing::answer))
        .with_state(Arc::new(visit::Desk::over(service)))
}
