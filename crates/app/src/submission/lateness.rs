//! Lateness of what agencies report: an act is published within seven working days of its decision (domain reference §6).

use super::SubmissionError;
use crate::ledger::Ledger;
use probity_format::events::Event;
use probity_rules::{PolicySet, lateness};
use probity_types::{CivilDate, Position, shanghai_day};
use std::collections::BTreeMap;

/// The clock of it, in the pack of clocks.
const CLOCK: &str = "dual-publish";

/// Rows of one agency that were recorded through submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lateness {
    /// Recorded rows with a decision date.
    pub rows: u64,
    /// Rows among them that came late.
    pub late: u64,
    /// Rows of which the calendar at hand does not say.
    pub unknown: u64,
}

/// Whether an act came late; none where no clock or calendar says so for good.
fn is_late(policies: &PolicySet, decided_on: CivilDate, accepted_on: CivilDate) -> Option<bool> {
    let newest = Position(u64::MAX);
    let (book, _) = policies.clocks(newest, decided_on).ok()?;
    let calendars = policies.calendars(newest, None);
    let late = lateness(book.clock(CLOCK)?, decided_on, accepted_on, &calendars).ok()?;
    late.provisional.is_empty().then_some(late.is_late)
}

/// Lateness of each agency over every completed submission, of acceptance after decision, by the clock in force on the day of
/// the decision and the calendars known today.
///
/// # Errors
/// [`SubmissionError`].
pub fn by_agency(ledger: &Ledger) -> Result<BTreeMap<String, Lateness>, SubmissionError> {
    let policies = ledger.views().policies().clone();
    let settled: Vec<(String, Vec<Position>)> = ledger.log.inspect_blocking(|registry| {
        let one = |state: &probity_domain::submission::SubmissionState| {
            (state.agency.clone(), state.settled.clone())
        };
        registry
            .submissions()
            .map(|(_, state)| one(state))
            .collect()
    })?;
    let mut agencies: BTreeMap<String, Lateness> = BTreeMap::new();
    for (agency, positions) in settled {
        let counted = agencies.entry(agency).or_default();
        for at in positions {
            let Some(entry) = ledger.entry(at)? else {
                continue;
            };
            let Event::RowsSettled(event) = &entry.event else {
                continue;
            };
            let accepted_on = shanghai_day(entry.header.recorded_at);
            for decided_on in event.rows.iter().filter_map(|row| row.decided_on) {
                counted.rows += 1;
                match is_late(&policies, decided_on, accepted_on) {
                    Some(late) => counted.late += u64::from(late),
                    None => counted.unknown += 1,
                }
            }
        }
    }
    Ok(agencies)
}
