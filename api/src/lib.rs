//! The HTTP interface of the ledger, as types.
//!
//! In scope: request and view types, problems (RFC 9457), scopes, the one table of routes, page cursors, the OpenAPI
//! document (`openapi/v1.json`, generated and checked in) and request examples. Out of scope: the server, the log, views
//! and rules. Identity numbers stand in request bodies only, never in an address.

pub mod cursor;
pub mod due_dates;
pub mod fields;
pub mod openapi;
pub mod problem;
pub mod problem_types;
pub mod query;
pub mod requests;
pub mod routes;
pub mod schema;
pub mod scope;
pub mod value_schema;
pub mod views;

pub use cursor::{Cursor, CursorError};
pub use due_dates::{CalendarsQuery, DueDateQuery, TermAsked, TermUnit};
pub use fields::{FieldMap, convert_changes, convert_fields};
pub use problem::{CurrentState, FieldProblem, NewerEntry, PROBLEM_JSON, Problem};
pub use problem_types::ProblemType;
pub use query::*;
pub use requests::*;
pub use routes::{Access, Method, Preconditions, ROUTES, RateClass, Route};
pub use scope::{Purpose, Scope, ScopeError};
pub use views::*;

/// Request header: names one command of the caller; the same value again returns the first receipt.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Request header: the revision that the caller saw.
pub const IF_MATCH: &str = "If-Match";
/// Request header: purpose of a restricted read, a key of the list `query_purpose`.
pub const PROBITY_PURPOSE: &str = "Probity-Purpose";
/// Request header: basis of a restricted read, in words.
pub const PROBITY_BASIS: &str = "Probity-Basis";
/// Content type of one JSON document per line.
pub const NDJSON: &str = "application/x-ndjson";
/// Content type of server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";
/// Most characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 128;
/// Most characters of a basis, as in the log's `DisclosureMade`.
pub const BASIS_CHARS_MAX: usize = 500;
