//! Lists. No rule lists anyone by itself: a listing of our own needs an instrument, a notice and a named decision.

use crate::command::{Intake, ListingSteps};
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::pending::{self, Waiting};
use crate::refusal::{Fault, Refusal, text};
use crate::registry::Registry;
use crate::report::ListingReport;
use crate::rows::ListingRow;
use crate::source::{IdSource, Tag};
use crate::{batch, policy, subject};
use probity_format::events::{
    Event, ListingDecided, ListingEnded, Private, SealedReason, StreamKind,
};
use probity_types::{CivilDate, EndReason, ListingId, RecordId, RootId, SubjectId};

/// The same membership reported again has the same list, day and instrument.
fn key_tag(
    registry: &Registry,
    subject: &SubjectId,
    list: &str,
    on: Option<CivilDate>,
    instrument: &str,
) -> Tag {
    let day = on.map(|d| d.to_string()).unwrap_or_default();
    registry.tagger.tag(
        "listing",
        &[
            &subject.0,
            list.as_bytes(),
            day.as_bytes(),
            instrument.as_bytes(),
        ],
    )
}

/// Puts a subject on a list, finds it there, or parks the report.
pub(crate) fn decide_report(
    registry: &Registry,
    report: &ListingReport,
    steps: &ListingSteps,
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let colour = policy::check_listing(registry, report, steps, today)?;
    if report.subject.name.trim().is_empty() {
        return Err(subject::required("subject_name", "名称"));
    }
    if let (Some(from), Some(until)) = (report.listed_on, report.until)
        && until < from
    {
        let said = (
            format!("期限截止 {until} 早于列入日期 {from}"),
            format!("until {until} lies before listed_on {from}"),
        );
        let remedy = ("请核对后重报", "check both");
        let fault = Fault::new("until", "field.interval", said, remedy);
        return Err(Refusal::Faults(vec![fault]));
    }
    let found = subject::find_or_register(registry, &report.subject, today, ids)?;
    let (subject, mut events) = match found {
        Ok(found) => found,
        Err((reason, namesakes)) => {
            let reason = (reason, namesakes, RecordId::NONE);
            return pending::park(
                registry,
                Waiting::listing(report),
                reason,
                intake,
                today,
                ids,
            );
        }
    };
    let key = key_tag(
        registry,
        &subject,
        &report.list,
        report.listed_on,
        &report.instrument_no,
    );
    let held = registry.listings.find_key(&key);
    if let Some(row) = held.and_then(|row| registry.listings.get(row)) {
        return Ok(Decision::AlreadyThere(row.decided_at.wide()));
    }
    let listing = ListingId(ids.draw());
    let person = report.subject.kind.is_person();
    let reason = text("reason", &report.reason)?;
    let body = ListingDecided {
        listing,
        list: text("list", &report.list)?,
        colour,
        subject_kind: report.subject.kind,
        procedure: report.procedure,
        authority: text("authority", &report.authority)?,
        source_unit: text("source_unit", &report.source_unit)?,
        instrument_no: text("instrument_no", &report.instrument_no)?,
        basis: text("basis", &report.basis)?,
        notice_served_on: steps.notice_served_on,
        decider: text("decider", &steps.decider)?,
        listed_on: report.listed_on,
        until: report.until,
        origin: batch::origin(intake, &report.provenance)?,
        reason: if person { None } else { Some(reason.clone()) },
    };
    let event = NewEvent::open(StreamKind::Subject, subject.0, body);
    events.push(if person {
        event.with_part(RootId(subject.0), Private::Reason(SealedReason { reason }))
    } else {
        event
    });
    Ok(Decision::Append(events))
}

/// Ends a membership.
pub(crate) fn decide_end(
    registry: &Registry,
    listing: ListingId,
    reason: EndReason,
    words: (&str, &str),
    ended_on: CivilDate,
    today: CivilDate,
) -> Result<Decision, Refusal> {
    let state = registry.listing(&listing);
    let state = state.ok_or_else(|| Refusal::NotFound {
        what: "listing",
        id: listing.to_string(),
    })?;
    if let Some(on) = state.ended_on {
        return Err(Refusal::ListingEnded { listing, on });
    }
    if ended_on > today {
        let why = format!(
            "{ended_on} lies ahead; a listing ends on or before the day of the decision, {today}"
        );
        return Err(Refusal::Value {
            field: "ended_on",
            why,
        });
    }
    let body = ListingEnded {
        listing,
        list: text("list", state.list)?,
        reason,
        authority: text("authority", words.0)?,
        legal_basis: text("legal_basis", words.1)?,
        ended_on,
    };
    let event =
        NewEvent::open(StreamKind::Subject, state.subject.0, body).caused_by(state.decided_at);
    Ok(Decision::Append(vec![event]))
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let at = entry.header.position;
    match &entry.event {
        Event::ListingDecided(event) => {
            let subject = SubjectId(entry.header.stream.0);
            let key = key_tag(
                registry,
                &subject,
                &event.list,
                event.listed_on,
                &event.instrument_no,
            );
            let row = ListingRow {
                id: event.listing,
                key,
                subject: registry.subjects.of_stream(subject),
                list: registry.listings.number(&event.list),
                decided_at: at.into(),
                revision: at.into(),
                ended_on: None,
            };
            registry.listings.put(row);
        }
        Event::ListingEnded(event) => {
            let row = registry.listings.find(&event.listing);
            if let Some(row) = row.and_then(|row| registry.listings.get_mut(row)) {
                row.ended_on = Some(event.ended_on);
                row.revision = at.into();
            }
        }
        _ => {}
    }
}
