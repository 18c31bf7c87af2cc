//! One request, checked against its row in the table of routes before a handler sees it: how often, who, with which
//! headers, how large. Nothing here is decided a second time by a handler.

use crate::address;
use crate::errors::Trouble;
use crate::limits::Asker;
use crate::service::Service;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Query, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use probity_api::{
    Access, FieldProblem, IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_CHARS_MAX, IF_MATCH, Method,
    Preconditions, Problem, ProblemType, RateClass, Route,
};
use probity_app::Caller;
use probity_app::keys::{PresentedKey, Principal, recognise};
use probity_types::Position;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio_stream::StreamExt;

/// Largest JSON body: a unit is at most 8 MiB, a report far below.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Largest file of an import over HTTP.
pub const FILE_BYTES_MAX: usize = 64 << 20;

/// Bytes beyond the limit that are read and dropped before the answer.
const DRAINED_BYTES_MAX: usize = 64 << 20;

/// A request whose key, headers and size are in order.
#[derive(Debug)]
pub struct Call {
    /// What every handler shares.
    pub service: Service,
    /// Its row in the table.
    pub route: &'static Route,
    /// Holder of the key that it carries.
    pub principal: Option<Principal>,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; empty where the route takes none.
    pub body: Bytes,
    uri: Uri,
    parameters: BTreeMap<String, String>,
    idempotency_key: String,
    if_match: Option<Position>,
}

fn peer(parts: &Parts) -> IpAddr {
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}

async fn holder(service: &Service, headers: &HeaderMap) -> Result<Option<Principal>, Trouble> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let refused = || Trouble::of(ProblemType::Unauthorized);
    let scheme = value.to_str().ok().and_then(|text| text.split_once(' '));
    let (scheme, key) = scheme.ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused());
    }
    let key = PresentedKey::parse(key.trim()).ok_or_else(refused)?;
    let principal = recognise(&service.ledger, key).await?;
    principal.map(Some).ok_or_else(refused)
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Trouble> {
    let key = headers.get(IDEMPOTENCY_KEY).and_then(|v| v.to_str().ok());
    key.map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_CHARS_MAX)
        .map(str::to_owned)
        .ok_or_else(|| Trouble::of(ProblemType::IdempotencyKeyRequired))
}

/// A revision as our ETags write it: `"123"`; without quotes is taken too.
fn if_match(headers: &HeaderMap) -> Result<Position, Trouble> {
    let value = headers.get(IF_MATCH).and_then(|v| v.to_str().ok());
    let digits = value.map(|text| text.trim().trim_matches('"'));
    digits
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .map(Position)
        .ok_or_else(|| Trouble::of(ProblemType::IfMatchRequired))
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Trouble> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    let essence = value.and_then(|text| text.split(';').next()).map(str::trim);
    match essence {
        Some(essence) if essence.eq_ignore_ascii_case("application/json") => Ok(()),
        _ => Err(Trouble::of(ProblemType::UnsupportedMediaType)),
    }
}

/// Reads a body up to a limit. What comes beyond is read and dropped for a while, so that a sender who is still sending
/// hears the answer instead of a broken connection.
async fn read_body(body: Body, most: usize) -> Result<Bytes, Trouble> {
    let mut chunks = body.into_data_stream();
    let (mut held, mut dropped) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            let zh = "请求内容传输中断";
            let en = "the body broke off";
            return Err(Trouble::saying(ProblemType::MalformedJson, en, zh));
        };
        if dropped > 0 || held.len() + chunk.len() > most {
            dropped += chunk.len();
            if dropped > DRAINED_BYTES_MAX {
                break;
            }
        } else {
            held.extend_from_slice(&chunk);
        }
    }
    if dropped == 0 {
        return Ok(held.into());
    }
    let en = format!("the body is larger than {most} bytes");
    let zh = format!("请求内容超过 {most} 字节");
    Err(Trouble::saying(ProblemType::PayloadTooLarge, en, zh))
}

/// What is known of a request before its body is read.
struct Checked {
    route: &'static Route,
    principal: Option<Principal>,
    parameters: BTreeMap<String, String>,
    idempotency_key: String,
    if_match: Option<Position>,
}

/// Everything about a request that its head decides.
async fn check(parts: &mut Parts, service: &Service) -> Result<Checked, Trouble> {
    let route = Extension::<&'static Route>::from_request_parts(parts, service).await;
    let Ok(Extension(route)) = route else {
        return Err(Trouble::internal(
            "a handler stands outside the table of routes",
        ));
    };
    let principal = holder(service, &parts.headers).await?;
    let asker = match &principal {
        Some(principal) => Asker::Holder(principal.key),
        None => Asker::Stranger(peer(parts)),
    };
    service
        .limits
        .count(route.rate, asker)
        .map_err(Trouble::later)?;
    let parameters = path_parameters(parts, service).await?;
    address::check(&parts.uri, &parameters)?;
    if let Access::Key(scope) | Access::KeyForPurpose(scope) = route.access {
        let holder = principal
            .as_ref()
            .ok_or_else(|| Trouble::of(ProblemType::Unauthorized))?;
        if !holder.scopes.contains(scope.word()) {
            return Err(Trouble::of(ProblemType::Forbidden));
        }
    }
    if let Access::AnyKey(scopes) = route.access {
        let holder = principal
            .as_ref()
            .ok_or_else(|| Trouble::of(ProblemType::Unauthorized))?;
        if !scopes
            .iter()
            .any(|scope| holder.scopes.contains(scope.word()))
        {
            return Err(Trouble::of(ProblemType::Forbidden));
        }
    }
    if route.method == Method::Post && route.rate != RateClass::Bulk {
        check_media_type(&parts.headers)?;
    }
    let idempotency_key = match route.preconditions {
        Preconditions::None => String::new(),
        _ => idempotency_key(&parts.headers)?,
    };
    let if_match = match route.preconditions {
        Preconditions::IdempotencyKeyAndRevision => Some(if_match(&parts.headers)?),
        _ => None,
    };
    Ok(Checked {
        route,
        principal,
        parameters,
        idempotency_key,
        if_match,
    })
}

impl FromRequest<Service> for Call {
    type Rejection = Trouble;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let checked = match check(&mut parts, service).await {
            Ok(checked) => checked,
            Err(trouble) => {
                drain(body).await;
                return Err(trouble);
            }
        };
        let body = match (checked.route.method, checked.route.rate) {
            (Method::Post, RateClass::Bulk) => read_body(body, FILE_BYTES_MAX).await?,
            (Method::Post, _) => read_body(body, BODY_BYTES_MAX).await?,
            (Method::Get | Method::Delete, _) => {
                drain(body).await;
                Bytes::new()
            }
        };
        Ok(Self {
            service: service.clone(),
            route: checked.route,
            principal: checked.principal,
            headers: parts.headers,
            body,
            uri: parts.uri,
            parameters: checked.parameters,
            idempotency_key: checked.idempotency_key,
            if_match: checked.if_match,
        })
    }
}

/// Reads and drops a body that nobody wants: a sender who is still sending hears the answer instead of a broken
/// connection, and the connection stays usable.
pub async fn drain(body: Body) {
    let _ = read_body(body, 0).await;
}

async fn path_parameters(
    parts: &mut Parts,
    service: &Service,
) -> Result<BTreeMap<String, String>, Trouble> {
    let raw = RawPathParams::from_request_parts(parts, service)
        .await
        .map_err(|_| Trouble::of(ProblemType::InvalidPath))?;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(raw.iter().map(owned).collect())
}

impl Call {
    /// A parameter of the path, as text.
    pub fn text(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A parameter of the path by its type.
    ///
    /// # Errors
    /// It does not read.
    pub fn parameter<T: std::str::FromStr>(&self, name: &str) -> Result<T, Trouble> {
        self.text(name)
            .parse()
            .map_err(|_| Trouble::of(ProblemType::InvalidPath))
    }

    /// The query by its type. Unknown parameters are refused.
    ///
    /// # Errors
    /// A parameter is unknown or does not read.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        Query::<T>::try_from_uri(&self.uri)
            .map(|Query(query)| query)
            .map_err(|rejection| {
                // The address was checked: it holds no identity number.
                let detail = rejection.body_text();
                let zh = format!("查询参数无效：{detail}");
                Trouble::saying(ProblemType::InvalidQuery, detail, zh)
            })
    }

    /// The JSON body by its type.
    ///
    /// # Errors
    /// It is not JSON, or not of this form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            let en = "the body is a list; an object with named members is right here";
            let zh = "请求内容是数组，此处应为带字段名的对象";
            return Err(Trouble::saying(ProblemType::MalformedJson, en, zh));
        }
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            malformed(&path, error.inner())
        })?;
        reader.end().map_err(|error| malformed(".", &error))?;
        Ok(value)
    }

    /// The revision that the caller saw.
    ///
    /// # Errors
    /// The route asks for none: a fault of ours.
    pub fn seen_revision(&self) -> Result<Position, Trouble> {
        self.if_match
            .ok_or_else(|| Trouble::internal("the route asks for no revision"))
    }

    /// Holder of the key.
    ///
    /// # Errors
    /// There is none.
    pub fn holder(&self) -> Result<&Principal, Trouble> {
        self.principal
            .as_ref()
            .ok_or_else(|| Trouble::of(ProblemType::Unauthorized))
    }

    /// Who writes, and the request as it came, so that a retry can be told from another request.
    ///
    /// # Errors
    /// The request carries no key.
    pub fn caller(&self) -> Result<Caller, Trouble> {
        let address = self
            .uri
            .path_and_query()
            .map_or("", |address| address.as_str());
        let seen = self.if_match.map(|revision| revision.to_string());
        let head = format!(
            "{} {address}\n{}\n",
            self.route.method.name(),
            seen.unwrap_or_default()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(&self.body);
        Ok(Caller {
            principal: self.holder()?.clone(),
            idempotency_key: self.idempotency_key.clone(),
            request,
        })
    }

    /// Faults by field, of a body.
    pub fn invalid(problems: Vec<FieldProblem>) -> Trouble {
        Trouble(Box::new(Problem::fields(
            ProblemType::InvalidReport,
            problems,
        )))
    }
}

/// A body that does not read: where, and what would be right.
fn malformed(path: &str, error: &serde_json::Error) -> Trouble {
    let place = format!("line {}, column {}", error.line(), error.column());
    let place_zh = format!("第 {} 行第 {} 列", error.line(), error.column());
    if !matches!(error.classify(), serde_json::error::Category::Data) {
        let en = format!("the body is not JSON ({place})");
        let zh = format!("请求内容不是有效的 JSON（{place_zh}）");
        return Trouble::saying(ProblemType::MalformedJson, en, zh);
    }
    // A name of a member can be anything that somebody typed.
    let path = if address::holds_identity_number(path) {
        "."
    } else {
        path
    };
    let expected = form(error);
    let en = format!("{path}: {expected} ({place})");
    let zh = format!("{path}：字段名或取值形式与接口不符（{place_zh}）：{expected}");
    let fault = FieldProblem::new(path, "json.form", en.clone(), zh.clone()).expecting(expected);
    let problem = Problem::new(ProblemType::MalformedJson).detail(en, zh);
    Trouble(Box::new(problem.error(fault)))
}

/// What serde says about a form, without the value that it quotes: it may be personal.
fn form(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let names_a_member = ["unknown field", "missing field", "duplicate field"];
    let is_named = names_a_member.iter().any(|start| text.starts_with(start));
    match text.split_once("expected ") {
        _ if is_named && !address::holds_identity_number(text) => text.to_owned(),
        Some((_, expected)) => format!("expected {expected}"),
        None if text.contains("; allowed: ") => {
            let keys = text.rsplit("; allowed: ").next().unwrap_or_default();
            format!("expected one of: {keys}")
        }
        None => "another form is expected here; see /v1/openapi.json".to_owned(),
    }
}
