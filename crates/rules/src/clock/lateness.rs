//! How late something came: working days from a decision to its acceptance, against the clock of its publication (domain reference §6).

use super::{Clock, DueDate, TermError};
use crate::calendar::{Calendars, Uncovered};
use probity_types::CivilDate;
use serde::Serialize;

/// How late an acceptance was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lateness {
    /// Until when it was in time.
    pub due: DueDate,
    /// Working days from the decision to the acceptance; the day of the decision does not count.
    pub working_days_taken: u32,
    /// Working days after the term's last day, up to the acceptance. 0 where it was in time, and where only rest days lay
    /// between: see [`Lateness::is_late`].
    pub working_days_late: u32,
    /// Whether the term was over.
    pub is_late: bool,
    /// Days up to the acceptance that the calendar knew nothing about; empty where the numbers are final.
    pub provisional: Vec<Uncovered>,
}

/// How late a decision of one day was accepted on another, by the clock in force on the day of the decision.
///
/// # Errors
/// As [`Clock::due`]; [`TermError::BeforeDecision`]; [`TermError::NeedsCalendar`] for a clock without a calendar, by which working
/// days cannot be counted.
pub fn lateness(
    clock: &Clock,
    decided_on: CivilDate,
    accepted_on: CivilDate,
    calendars: &Calendars<'_>,
) -> Result<Lateness, TermError> {
    if accepted_on < decided_on {
        return Err(TermError::BeforeDecision {
            decided_on,
            accepted_on,
        });
    }
    let due = clock.due(decided_on, false, calendars)?;
    let id = clock.term.calendar().ok_or(TermError::NeedsCalendar)?;
    let calendar = calendars.calendar(id, decided_on)?;
    let (mut working_days_taken, mut working_days_late) = (0, 0);
    let mut day = decided_on;
    while day < accepted_on {
        day = day.plus_days(1);
        if calendar.day(day).works {
            working_days_taken += 1;
            working_days_late += u32::from(day > due.last_day);
        }
    }
    let until = accepted_on.max(due.last_day);
    Ok(Lateness {
        working_days_taken,
        working_days_late,
        is_late: accepted_on > due.last_day,
        provisional: calendar.uncovered(decided_on.plus_days(1), until),
        due,
    })
}
