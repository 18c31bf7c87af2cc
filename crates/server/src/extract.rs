//! What requests bring: keys, purposes, bodies, moments. Every fault is a problem document, never `text/plain`.

use crate::errors::Trouble;
use axum::http::HeaderMap;
use probity_api::{
    IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_CHARS_MAX, PROBITY_BASIS, PROBITY_PURPOSE, ProblemType, Scope,
};
use probity_app::keys::{PresentedKey, Principal, recognise};
use probity_app::{Caller, Ledger};
use probity_project::Moment;
use probity_types::{CivilDate, Position, QueryPurpose};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The holder of the key that a request carries, with the scope that the operation needs.
pub async fn principal(
    ledger: &Ledger,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<Principal, Trouble> {
    let presented =
        header(headers, "authorization").and_then(|value| value.strip_prefix("Bearer "));
    let key = presented
        .and_then(PresentedKey::parse)
        .ok_or_else(|| Trouble::of(ProblemType::Unauthorized))?;
    let principal = recognise(ledger, key)
        .await?
        .ok_or_else(|| Trouble::of(ProblemType::Unauthorized))?;
    if principal.scopes.contains(&scope.to_string()) {
        Ok(principal)
    } else {
        Err(Trouble::of(ProblemType::Forbidden))
    }
}

/// A writer: a key with the scope and an idempotency key. `request` tells a retry from another request.
pub async fn caller(
    ledger: &Ledger,
    headers: &HeaderMap,
    scope: Scope,
    request: Vec<u8>,
) -> Result<Caller, Trouble> {
    let principal = principal(ledger, headers, scope).await?;
    let key = header(headers, IDEMPOTENCY_KEY)
        .filter(|key| !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_CHARS_MAX);
    let key = key.ok_or_else(|| Trouble::of(ProblemType::IdempotencyKeyRequired))?;
    Ok(Caller {
        principal,
        idempotency_key: key.to_owned(),
        request,
    })
}

/// Purpose and basis of a restricted read.
pub fn purpose(headers: &HeaderMap) -> Result<(QueryPurpose, String), Trouble> {
    let purpose = header(headers, PROBITY_PURPOSE).and_then(|key| key.parse().ok());
    let purpose = purpose.ok_or_else(|| Trouble::of(ProblemType::PurposeRequired))?;
    Ok((
        purpose,
        header(headers, PROBITY_BASIS)
            .unwrap_or_default()
            .to_owned(),
    ))
}

/// A JSON body of a known type.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Trouble> {
    serde_json::from_slice(bytes).map_err(|error| {
        // serde's text can quote the value, which may be personal: place and category are enough.
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Data => "a field is unknown, missing or of another type",
            _ => "the body is not JSON",
        };
        Trouble::saying(
            ProblemType::MalformedJson,
            format!("{what} ({place})"),
            format!("请求内容有误（{place}）"),
        )
    })
}

/// The moment that a read asks for: today and the head unless it says otherwise.
pub fn moment(ledger: &Ledger, query: &BTreeMap<String, String>) -> Result<Moment, Trouble> {
    let mut moment = ledger.now();
    let given = |name: &str| {
        query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    };
    let invalid = |en: &str, zh: &str| Trouble::saying(ProblemType::InvalidQuery, en, zh);
    if let Some(day) = given("valid_on") {
        let day: Result<CivilDate, _> = day.parse();
        moment.valid_on = day.map_err(|_| {
            invalid(
                "valid_on is a day, YYYY-MM-DD",
                "valid_on 应为日期，如 2026-11-25",
            )
        })?;
    }
    if let Some(position) = given("known_at") {
        let position: Result<u64, _> = position.parse();
        let position = position
            .map_err(|_| invalid("known_at is a position of the log", "known_at 应为日志位置"))?;
        if Some(Position(position)) > moment.known_at {
            return Err(Trouble::of(ProblemType::PositionAhead));
        }
        moment.known_at = Some(Position(position));
    }
    Ok(moment)
}
