//! The log itself: head and entries.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::moment::{clearance, disclose, reach};
use crate::show;
use probity_api::{AsOfQuery, HeadView, ProblemType, Scope};
use probity_app::{Ledger, Sight};
use probity_domain::Entry;
use probity_format::events::{Event, StreamKind};
use probity_types::{Position, SubjectId, shanghai_day};
use std::collections::BTreeSet;

/// How far the log reaches.
pub async fn read_head(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let none = || Trouble::of(ProblemType::NotFound);
    let (position, entry_hash) = ledger.head().ok_or_else(none)?;
    let first = ledger.entry(Position(0))?.ok_or_else(none)?;
    let last = ledger.frame(position)?.ok_or_else(none)?;
    let origin = ledger.origin()?;
    let views_position = ledger.views().position().unwrap_or_default();
    Ok(Answer::of(&HeadView {
        log: ledger.id,
        origin,
        position,
        entries: position.0 + 1,
        entry_hash: entry_hash.to_string(),
        recorded_at: last.header.recorded_at,
        valid_on: ledger.today(),
        began_on: shanghai_day(first.header.recorded_at),
        views_position,
    }))
}

/// The subject in whose stream an entry stands.
pub fn subject_of(entry: &Entry) -> Option<SubjectId> {
    (entry.header.stream_kind == StreamKind::Subject as u16)
        .then_some(SubjectId(entry.header.stream.0))
}

/// Whether everybody may see an entry's open body.
pub fn is_public(ledger: &Ledger, entry: &Entry) -> bool {
    let views = ledger.views();
    let screen = ledger.screen(&views, Sight::Public);
    let now = ledger_now(ledger, &views);
    let Some(subject) = subject_of(entry) else {
        // Policy and the course of the log are public; keys, disclosures, erasures and waiting reports are not.
        return matches!(
            entry.event,
            Event::LogStarted(_)
                | Event::DayStarted(_)
                | Event::ClockAccepted(_)
                | Event::StateCommitted(_)
                | Event::SigningKeyRotated(_)
                | Event::CatalogueAdopted(_)
                | Event::PolicyPackAdopted(_)
                | Event::ImportProfileAdopted(_)
                | Event::BatchSubmitted(_)
                | Event::BatchCompleted(_)
        );
    };
    let Some(row) = views.directory().get(&subject) else {
        return false;
    };
    let is_shown = match (
        entry.event.record(),
        show::timeline::listing_of(&entry.event),
    ) {
        (Some(record), _) => views
            .records()
            .get(&record)
            .is_some_and(|row| screen.shows_record(row)),
        (None, Some(listing)) => views
            .listings()
            .get(&listing)
            .is_some_and(|row| screen.shows_listing(row, &now)),
        (None, None) => true,
    };
    is_shown && screen.shows(row)
}

fn ledger_now(ledger: &Ledger, views: &probity_project::Views) -> probity_project::Moment {
    probity_project::Moment {
        valid_on: ledger.today(),
        known_at: views.position(),
    }
}

/// One entry as it stands. Header and hashes are for everybody; the body is where it is public, or for an auditor whose
/// purpose is on record.
pub async fn read_entry(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let position = call.text("position").parse().map(Position);
    let position = position.map_err(|_| Trouble::of(ProblemType::InvalidPath))?;
    let query: AsOfQuery = call.query()?;
    reach(&ledger, query.min_position).await?;
    let none = || Trouble::of(ProblemType::NotFound);
    let cleared = clearance(&call, Scope::AuditRead)?;
    // What is sealed stays sealed here, whoever asks: an auditor opens it from an export, with keys handed over for it.
    let entry = ledger
        .entry_seen(position, Sight::Public)?
        .ok_or_else(none)?;
    let frame = ledger.frame(position)?.ok_or_else(none)?;
    let is_public = is_public(&ledger, &entry);
    if let (Some((purpose, basis)), false) = (&cleared, is_public) {
        let subjects = subject_of(&entry).into_iter().collect::<BTreeSet<_>>();
        disclose(&call, (*purpose, basis), subjects).await?;
    }
    let links = ledger.links(&frame)?;
    let is_withheld = !is_public && cleared.is_none();
    Ok(Answer::of(&show::entry::entry(
        &entry,
        &frame,
        &links,
        is_withheld,
    )))
}
