//! Answers: JSON, with the revision as ETag where a resource has one.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_types::Position;
use serde::Serialize;

/// A view on its way out.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: serde_json::Result<Vec<u8>>,
    revision: Option<Position>,
}

impl Answer {
    /// Status 200.
    pub fn of(view: &impl Serialize) -> Self {
        Self {
            status: StatusCode::OK,
            body: serde_json::to_vec(view),
            revision: None,
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same with an ETag that a change can name in If-Match.
    #[must_use]
    pub fn revision(mut self, revision: Position) -> Self {
        self.revision = Some(revision);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let body = match self.body {
            Ok(body) => body,
            Err(error) => return crate::errors::Trouble::internal(error).into_response(),
        };
        let kind = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (self.status, kind, body).into_response();
        let tag = self.revision.map(|revision| format!("\"{revision}\""));
        if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
