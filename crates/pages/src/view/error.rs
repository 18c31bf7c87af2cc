//! Pages for what went wrong: what happened, and what to do next.

use crate::message::{Lang, t};
use crate::shell::{Chrome, Crumb, Shell};
use crate::{RenderError, View};
use askama::Template;

/// A page for what went wrong.
#[derive(Debug, Clone)]
pub struct ErrorView {
    /// What surrounds the page. `as_of` is none where nothing could be read.
    pub shell: Shell,
    /// What went wrong.
    pub kind: ErrorKind,
    /// Which field and what would be right, in the page's language. No internals, no personal data.
    pub detail: Option<String>,
    /// Seconds after which another try makes sense.
    pub retry_after_seconds: Option<u64>,
    /// Id of the request, to quote when asking for help.
    pub request_id: Option<String>,
}

/// What went wrong, by the status of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400.
    BadRequest,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 429.
    TooManyRequests,
    /// 500.
    Internal,
    /// 503.
    Unavailable,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::BadRequest,
        Self::Forbidden,
        Self::NotFound,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// Keys of heading, what happened, and what to do next.
    fn keys(self) -> [&'static str; 3] {
        match self {
            Self::BadRequest => [
                "error.bad_request",
                "error.bad_request_what",
                "error.bad_request_next",
            ],
            Self::Forbidden => [
                "error.forbidden",
                "error.forbidden_what",
                "error.forbidden_next",
            ],
            Self::NotFound => [
                "error.not_found",
                "error.not_found_what",
                "error.not_found_next",
            ],
            Self::TooManyRequests => [
                "error.too_many",
                "error.too_many_what",
                "error.too_many_next",
            ],
            Self::Internal => [
                "error.internal",
                "error.internal_what",
                "error.internal_next",
            ],
            Self::Unavailable => [
                "error.unavailable",
                "error.unavailable_what",
                "error.unavailable_next",
            ],
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a ErrorView,
    what: &'static str,
    next: &'static str,
}

impl View for ErrorView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        t(lang, self.kind.keys()[0]).to_owned()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        let [_, what, next] = self.kind.keys();
        Page {
            p,
            v: self,
            what,
            next,
        }
        .render()
    }
}
