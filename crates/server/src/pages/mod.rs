//! The pages over HTTP: each handler fills a view of `probity-pages` from the running ledger.
//!
//! In scope: what a stranger may see (`public`), the moment asked for, status codes, headers, pages for errors.
//! Out of scope: words and forms (`probity-pages`), keys and persons (`/v1`). A page never shows a person.

mod asof;
mod assets;
mod front;
mod missing;
mod public;
mod records;
mod search;
mod subject;
mod trouble;
mod values;
mod visit;

use axum::Router;
use axum::extract::Extension;
use axum::routing::{any, get};
use probity_app::Ledger;
use std::sync::Arc;

/// Routes of the pages. Whatever no other route takes gets a page or a problem document that says so.
pub fn router() -> Router<Ledger> {
    Router::new()
        .route("/", get(front::show))
        .route("/search", get(search::show))
        .route("/subjects/{id}", get(subject::show))
        .route("/assets/{version}/{name}", get(assets::send))
        .route("/{*path}", any(missing::answer))
        .layer(Extension(Arc::new(visit::Desk::default())))
}
