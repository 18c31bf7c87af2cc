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
                FieldProblem::new(&f.field, &f.rule, f.en.clone(), f.zh.clone())
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
            SubmitError::TooLarge { .. } => ProblemType::UnitTooLarge,
            SubmitError::Erased => ProblemType::Erased,
            SubmitError::OutcomeUnknown => ProblemType::OutcomeUnknown,
            SubmitError::Stopped => ProblemType::Stopping,
            other => {
                tracing::error!(error = %other, "a submission failed in a way that has no problem type");
                ProblemType::Internal
            }
        };
        Self::of(kind)
    }
}

impl From<WalkError> for Trouble {
    fn from(error: WalkError) -> Self {
        tracing::error!(error = %probity_app::folder::describe(&error), "an entry could not be read");
        Self::of(ProblemType::Internal)
    }
}

impl From<WriteError> for Trouble {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Submit(error) => error.into(),
            WriteError::Read(error) => error.into(),
            other => {
                tracing::error!(error = %other, "a write failed");
                Self::of(ProblemType::Internal)
            }
        }
    }
}
