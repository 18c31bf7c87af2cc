//! Addresses that nothing answers: a page for people, a problem document for programs.

use super::trouble::Trouble;
use super::visit::Visit;
use crate::errors::Trouble as Problem;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use probity_api::ProblemType;

/// The answer to an address that nothing answers.
pub async fn answer(visit: Visit, headers: HeaderMap) -> Response {
    if visit.is_page() && wants_html(&headers) {
        visit.answer(|_| Err(Trouble::NotFound)).await
    } else {
        Problem::of(ProblemType::NotFound).into_response()
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}
