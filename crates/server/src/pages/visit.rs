//! One request for a page: its parameters, its language, and the answer with its headers.

use super::asof::{self, Asked};
use super::record_set::Kept;
use super::trouble::Trouble;
use crate::demo;
use crate::limits::Limits;
use crate::service::Service;
use axum::body::Body;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, header};
use probity_app::Ledger;
use probity_pages::{CONTENT_SECURITY_POLICY, Lang, Shell, View, render};
use std::convert::Infallible;
use std::sync::Arc;

/// What the pages of one process share.
#[derive(Debug)]
pub struct Desk {
    ledger: Ledger,
    limits: Arc<Limits>,
    is_demo: bool,
    records: Kept,
}

impl Desk {
    /// A desk over a service.
    pub fn over(service: &Service) -> Self {
        Self {
            ledger: service.ledger.clone(),
            limits: service.limits.clone(),
            is_demo: demo::is_demo(&service.ledger),
            records: Kept::default(),
        }
    }
}

/// One request for a page.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The ledger that answers.
    pub ledger: Ledger,
    /// Language of the answer.
    pub lang: Lang,
    desk: Arc<Desk>,
    path: String,
    query: Vec<(String, String)>,
}

impl FromRequestParts<Arc<Desk>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Infallible> {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let query = query.map_or_else(|_| Vec::new(), |Query(query)| query);
        let mut visit = Self {
            ledger: desk.ledger.clone(),
            lang: Lang::Zh,
            desk: desk.clone(),
            path: parts.uri.path().to_owned(),
            query,
        };
        visit.lang = Lang::from_parameter(visit.parameter("lang"));
        Ok(visit)
    }
}

/// A page ready to be sent.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    html: String,
    policy: &'static str,
    is_kept: bool,
}

impl Page {
    /// The same page with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same page, kept by no cache at all.
    #[must_use]
    pub fn never_kept(mut self) -> Self {
        self.is_kept = false;
        self
    }

    fn send(self) -> Response<Body> {
        let cache = if self.is_kept { "no-cache" } else { "no-store" };
        let mut response = Response::new(Body::from(self.html));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let fixed = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "same-origin"),
            (header::CACHE_CONTROL, cache),
            (header::VARY, "accept"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl Visit {
    /// Builds the page away from the threads that serve connections, and sends it or the page that says what went wrong.
    pub async fn answer(
        self,
        build: impl FnOnce(&Self) -> Result<Page, Trouble> + Send + 'static,
    ) -> Response<Body> {
        let kept = self.clone();
        let built = tokio::task::spawn_blocking(move || build(&self)).await;
        let built = built.unwrap_or_else(|error| {
            tracing::error!(%error, "a page could not be built");
            Err(Trouble::Internal)
        });
        match built {
            Ok(page) => page.send(),
            Err(trouble) => kept.apologise(trouble),
        }
    }

    fn apologise(&self, trouble: Trouble) -> Response<Body> {
        let status = trouble.status();
        let retry = trouble.retry_after_seconds();
        let view = trouble.view(self.lang, self.shell(None, &[]));
        let mut response = match render(&view, self.lang) {
            Ok(html) => Page {
                status,
                html,
                policy: CONTENT_SECURITY_POLICY,
                is_kept: false,
            }
            .send(),
            Err(error) => {
                tracing::error!(%error, "a page for an error could not be written");
                Page {
                    status,
                    html: String::new(),
                    policy: CONTENT_SECURITY_POLICY,
                    is_kept: false,
                }
                .send()
            }
        };
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// The page of a view.
    ///
    /// # Errors
    /// [`Trouble::Internal`] where the template does not write.
    pub fn page<V: View>(&self, view: &V) -> Result<Page, Trouble> {
        let html = render(view, self.lang).map_err(|error| {
            tracing::error!(%error, "a page could not be written");
            Trouble::Internal
        })?;
        Ok(Page {
            status: StatusCode::OK,
            html,
            policy: view.security_policy(),
            is_kept: true,
        })
    }

    /// A parameter of the address, trimmed; none where it is missing or empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether the address lies among the pages, not below the interface for programs.
    pub fn is_page(&self) -> bool {
        self.path != "/v1" && !self.path.starts_with("/v1/")
    }

    /// Page of a long result, from 1.
    pub fn page_number(&self) -> u64 {
        self.parameter("page")
            .and_then(|page| page.parse().ok())
            .filter(|page| *page > 0)
            .unwrap_or(1)
    }

    /// The moment that the address asks for.
    ///
    /// # Errors
    /// [`Trouble::BadRequest`] with what would be right.
    pub fn asked(&self) -> Result<Asked, Trouble> {
        asof::asked(self)
    }

    /// What surrounds the page. Only parameters that were understood go into its links: `own`, besides the moment.
    pub fn shell(&self, asked: Option<&Asked>, own: &[(&str, &str)]) -> Shell {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut query: Vec<(String, String)> = own.iter().map(pair).collect();
        query.extend(
            asked
                .map(|asked| asked.parameters.clone())
                .unwrap_or_default(),
        );
        Shell {
            place: probity_pages::place(self.lang).to_owned(),
            contact: None,
            demo: self.is_demo(),
            as_of: asked.map(|asked| asked.shown.clone()),
            path: self.shown_path(),
            query,
            asset_base: super::assets::base(),
        }
    }

    /// The path for links back to this page; an address that holds something like an identity number is not repeated.
    fn shown_path(&self) -> String {
        // No page of ours has an encoded character in its path: what one hides is not looked at, and not repeated.
        let is_plain = !self.path.contains('%') && self.path.len() <= PATH_BYTES_MAX;
        if !is_plain || super::search::looks_personal(&self.path) {
            "/".to_owned()
        } else {
            self.path.clone()
        }
    }

    fn is_demo(&self) -> bool {
        self.desk.is_demo
    }

    /// How often who may ask.
    pub fn limits(&self) -> &Limits {
        &self.desk.limits
    }

    /// Records of subjects with many, as the public may see them.
    pub fn kept_records(&self) -> &Kept {
        &self.desk.records
    }

    /// Id of the publicity profile by which the pages go.
    pub fn profile(&self) -> &str {
        self.ledger.publicity()
    }
}

/// Longest path that is repeated in a link.
const PATH_BYTES_MAX: usize = 256;
