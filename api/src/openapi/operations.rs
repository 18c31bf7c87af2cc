//! Documentation of feed, health and documentation routes. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::problem_types::ProblemType;
use crate::query::FeedQuery;
use crate::views::{FeedItem, HealthView, ProblemView, ReadyView};

/// Follow the log
///
/// One frame per entry from a position on, as lines of JSON or as server-sent events by the header Accept. Resume with the
/// last position seen plus one. What the stream leaves out it names in a gap frame.
#[utoipa::path(get, path = "/v1/feed", tag = "operations", params(FeedQuery),
    responses((status = 200, description = "the stream; it does not end",
        content((FeedItem = "application/x-ndjson"), (FeedItem = "text/event-stream")))))]
fn follow_feed() {}

/// This document
///
/// As checked in at `api/openapi/v1.json`.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json")))]
fn read_openapi() {}

/// A type of problem
///
/// What a problem's type URI points to.
#[utoipa::path(get, path = "/problems/{code}", tag = "operations",
    params(("code" = ProblemType, Path, description = "Code of the problem type.")),
    responses((status = 200, body = ProblemView, description = "the type")))]
fn read_problem() {}

/// Whether the process runs
#[utoipa::path(get, path = "/healthz", tag = "operations",
    responses((status = 200, body = HealthView, description = "it runs")))]
fn check_health() {}

/// Whether requests are taken
///
/// Red when the clock is refused, a view lags, the disk is low, or the log stopped. Yellow when a checkpoint is late or too
/// few witnesses cosign.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = ReadyView, description = "ready"),
        (status = 503, body = ReadyView, description = "not ready, and why")))]
fn check_readiness() {}

/// Metrics in the text form of Prometheus
///
/// Holds no name, identifier or address of a subject.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, body = String, content_type = "text/plain", description = "metrics")))]
fn read_metrics() {}
