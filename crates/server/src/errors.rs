//! The only file that knows both our errors and HTTP.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_api::{FieldProblem, PROBLEM_JSON, Problem, ProblemType};
use probity_app::WriteError;
use probity_domain::Refusal;
use probity_log::{SubmitError, WalkError};

/// A problem on its way out.
#[derive(Debug)]
pub struct Trouble(pub Box<Problem>);

impl Trouble {
    /// A problem of this type with its registered wording.
    pub fn of(kind: ProblemType) -> Self {
        Self(Box::new(Problem::new(kind)))
    }

    /// A fault of ours: the caller gets a reference, the log the cause.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let mut reference = [0; 8];
        // Without randomness the reference is all zero: the cause is in the log all the same.
        let _ = getrandom::fill(&mut reference);
        let reference = probity_types::hex(&reference);
        tracing::error!(%cause, reference, "a request failed by a fault of ours");
        Self(Box::new(Problem::internal(reference)))
    }

    /// Too many requests; come back after so many seconds.
    pub fn later(seconds: u32) -> Self {
        Self(Box::new(
            Problem::new(ProblemType::TooManyRequests).retry_after(seconds),
        ))
    }

    /// The same with its own wording.
    pub fn saying(kind: ProblemType, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(kind).detail(en, zh)))
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.0.retry_after_seconds;
        let body = serde_json::to_vec(&*self.0).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        if let Some(value) =
            retry.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        // Every refusal's code is a registered problem; an unknown one would be a fault of ours.
        let kind = serde_json::from_value(serde_json::Value::String(refusal.code().to_owned()));
        let kind = kind.unwrap_or(ProblemType::Internal);
        if let Refusal::Faults(faults) = &refusal {
            let field = |f: &probity_domain::Fault| {
                let en = format!("{}; {}", f.en, f.remedy_en);
                let zh = format!("{}；{}", f.zh, f.remedy_zh);
                FieldProblem::new(&f.field, &f.rule, en, zh)
            };
            return Self(Box::new(Problem::fields(
                kind,
                faults.iter().map(field).collect(),
            )));
        }
        Self::saying(kind, refusal.to_string(), refusal.zh())
    }
}

impl From<SubmitError> for Trouble {
    fn from(error: SubmitError) -> Self {
        let kind = match error {
            SubmitError::Refused(refusal) => return refusal.into(),
            SubmitError::KeyReused => ProblemType::IdempotencyKeyReused,
            SubmitError::Busy => {
                return Self(Box::new(Problem::new(ProblemType::Busy).retry_after(1)));
            }
            SubmitError::Clock(_) => ProblemType::ClockRefused,
            SubmitError::NoRoom(_) => ProblemType::StorageFull,
            SubmitError::TooLarge { .. } => ProblemType::UnitTooLarge,
            SubmitError::Erased => ProblemType::Erased,
            SubmitError::Unencodable(why) => {
                // The reason names fields, never values.
                let zh = format!("内容不能入库：{why}");
                return Self::saying(ProblemType::InvalidValue, why, zh);
            }
            SubmitError::OutcomeUnknown => ProblemType::OutcomeUnknown,
            SubmitError::Held(_) => ProblemType::Unwitnessed,
            SubmitError::Stopped => ProblemType::Stopping,
            other => return Self::internal(other),
        };
        Self::of(kind)
    }
}

impl From<WalkError> for Trouble {
    fn from(error: WalkError) -> Self {
        Self::internal(probity_app::folder::describe(&error))
    }
}

impl From<WriteError> for Trouble {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Submit(error) => error.into(),
            WriteError::Read(error) => error.into(),
            other => Self::internal(other),
        }
    }
}
