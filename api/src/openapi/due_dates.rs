//! Documentation of due dates and calendars. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::due_dates::{CalendarsQuery, DueDateQuery};
use crate::views::{CalendarsView, DueDateView};

/// When a term ends
///
/// The last day of a clock's term, or of a term of any length, with every day that was left out and why, and the version of the
/// calendar that says so. A date that a notice which is not known yet can change is provisional and says so. Asked for an earlier
/// knowledge (`known_on`, `known_at`), the answer is the one of that time, with the one of now beside it where the two differ.
#[utoipa::path(get, path = "/v1/due-dates", tag = "read", params(DueDateQuery),
    responses((status = 200, body = DueDateView, description = "the date")))]
fn read_due_date() {}

/// Calendars of working days
///
/// Their versions, their notices and the days that those cover: what lies outside is provisional.
#[utoipa::path(get, path = "/v1/calendars", tag = "read", params(CalendarsQuery),
    responses((status = 200, body = CalendarsView, description = "the calendars")))]
fn list_calendars() {}
