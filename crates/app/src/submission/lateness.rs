//! Lateness of what agencies report: an act is published within seven working days of its decision (domain reference §6).

use super::SubmissionError;
use crate::ledger::Ledger;
use probity_format::events::Event;
use probity_types::{CivilDate, Position, shanghai_day};
use std::collections::BTreeMap;

/// Days within which an act is published.
const TERM_DAYS: i32 = 7;

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

/// Whether an act came late. Seven working days are at least seven days, so what came within those came in time; beyond, a
/// calendar of working days has to say. This is the one place that asks for it.
pub fn is_late(decided_on: CivilDate, accepted_on: CivilDate) -> Option<bool> {
    let days = accepted_on.days() - decided_on.days();
    (days <= TERM_DAYS).then_some(false)
}

/// Lateness of each agency over every completed submission, by `is_late` of decision and acceptance.
///
/// # Errors
/// [`SubmissionError`].
pub fn by_agency(
    ledger: &Ledger,
    is_late: impl Fn(CivilDate, CivilDate) -> Option<bool>,
) -> Result<BTreeMap<String, Lateness>, SubmissionError> {
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
                match is_late(decided_on, accepted_on) {
                    Some(late) => counted.late += u64::from(late),
                    None => counted.unknown += 1,
                }
            }
        }
    }
    Ok(agencies)
}
