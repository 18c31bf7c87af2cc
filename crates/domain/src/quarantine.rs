//! Reports that must not be kept in the open: adverse ones about somebody who was under age. They are sealed whole under a key
//! of their own, show nowhere, and a person decides (domain reference §17).

use crate::command::{DecideQuarantine, EarlierRows, Erasable};
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::Refusal;
use crate::refusal::text;
use crate::registry::Registry;
use crate::report::RecordReport;
use crate::source::IdSource;
use crate::subject::required;
use crate::{erasure, record};
use probity_format::events::{Event, QuarantineDecided, StreamKind};
use probity_types::{CivilDate, FieldValue, PendingId, Position, RootId};

/// From this age on a person may live on own work; whether a record is kept is then for a person to decide.
const WORKING_AGE_YEARS: i32 = 16;

/// Decides about a quarantined report: recorded after all, or its key destroyed in the same unit.
pub(crate) fn decide(
    registry: &Registry,
    command: &DecideQuarantine,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let pending = command.pending;
    for (field, zh, value) in [
        ("decider", "决定人", &command.decider),
        ("legal_basis", "法律依据", &command.legal_basis),
    ] {
        if value.trim().is_empty() {
            return Err(required(field, zh));
        }
    }
    let since = undecided(registry, pending)?;
    let body = QuarantineDecided {
        pending,
        admitted: command.admitted.is_some(),
        decider: text("decider", &command.decider)?,
        legal_basis: text("legal_basis", &command.legal_basis)?,
    };
    let event = NewEvent::open(StreamKind::Pending, pending.0, body).caused_by(since);
    let mut events = vec![event];
    match &command.admitted {
        Some((report, intake)) => {
            check_age(report, today)?;
            let decided = record::decide_admitted(registry, report, intake, today, ids)?;
            events.extend(decided.events());
        }
        None => {
            let what = Erasable::Root(RootId(pending.0));
            let words = (command.decider.as_str(), command.legal_basis.as_str());
            // Nothing about a subject is sealed under the key of a waiting report, so no committed row hangs on it.
            let rows = EarlierRows {
                through: registry.commitments().last().map(|state| state.position),
                ..EarlierRows::default()
            };
            events.extend(erasure::decide(registry, &what, words, &rows)?.events());
        }
    }
    Ok(Decision::Append(events))
}

fn undecided(registry: &Registry, pending: PendingId) -> Result<Position, Refusal> {
    let row = registry
        .pending
        .get(&pending.0)
        .filter(|row| row.quarantined);
    let row = row.ok_or_else(|| Refusal::NotFound {
        what: "quarantined report",
        id: pending.to_string(),
    })?;
    if row.settled_at.known().is_some() {
        return Err(Refusal::PendingState {
            pending,
            state: "decided already",
            zh: "已经处理",
        });
    }
    Ok(row.since.wide())
}

/// Nobody below working age gets an adverse record, whoever decides.
fn check_age(report: &RecordReport, today: CivilDate) -> Result<(), Refusal> {
    let conduct = match (
        report.fields.get("conduct_date"),
        report.fields.get("decision_date"),
    ) {
        (Some(FieldValue::Date(day)), _) | (_, Some(FieldValue::Date(day))) => *day,
        _ => today,
    };
    let born = record::born(report, today);
    if born.is_none_or(|born| conduct < born.plus_years(WORKING_AGE_YEARS)) {
        return Err(Refusal::Minor);
    }
    Ok(())
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    if let Event::QuarantineDecided(event) = &entry.event
        && let Some(row) = registry.pending.get_mut(&event.pending.0)
    {
        row.settled_at = entry.header.position.into();
    }
}
