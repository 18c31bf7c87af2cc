//! Answers as JSON and text.

use probity_app::import::{Ending, ImportReport, bad_rows};
use probity_app::write::Written;
use probity_domain::{Entry, PartContent};
use probity_ingest::RowError;
use probity_log::Outcome;
use probity_project::{ListingRow, Moment, SubjectRow, Views};
use probity_types::CodeList;
use serde_json::{Value, json};

/// One row error as JSON.
pub fn row_error(error: &RowError) -> Value {
    json!({
        "sheet": error.sheet, "row": error.row, "column": error.column, "header": error.header, "field": error.field,
        "value": error.value, "rule": error.rule, "zh": error.zh, "en": error.en,
        "remedy_zh": error.remedy_zh, "remedy_en": error.remedy_en, "suggestion": error.suggestion,
    })
}

/// What became of a file, in one line.
pub fn summary_line(report: &ImportReport) -> String {
    let s = &report.summary;
    let ending = match report.ending {
        Ending::Imported if s.imported + s.parked == 0 => "nothing new 无新增",
        Ending::Imported => "imported 已入库",
        Ending::Rehearsed => "rehearsed, nothing changed 预演，未变更",
        Ending::Refused => "refused, nothing appended 已拒绝，未入库",
    };
    format!(
        "{ending}: rows {} = imported {} + refused {} + already there {} + parked {} (bad rows named: {}), position {}",
        s.rows,
        s.imported,
        s.refused,
        s.already_there,
        s.parked,
        bad_rows(&report.errors),
        s.position
    )
}

/// The two clocks of an answer.
pub fn clocks(moment: &Moment) -> Value {
    json!({ "valid_on": moment.valid_on, "known_at": moment.known_at })
}

/// A subject as anybody may see it: names and codes of organisations only.
pub fn subject(row: &SubjectRow, moment: &Moment) -> Value {
    let identifiers = row
        .identifiers
        .iter()
        .map(|held| json!({ "kind": held.kind, "value": held.value }));
    json!({
        "id": row.id, "kind": row.kind, "database": row.kind.database(), "name": row.name_at(moment),
        "region": row.region, "industry": row.industry, "identifiers": identifiers.collect::<Vec<_>>(),
        "erased": row.erased_at.is_some(),
    })
}

fn listing(row: &ListingRow, state: probity_project::listings::ListingState) -> Value {
    use probity_project::listings::ListingState;
    let (word, reason) = match state {
        ListingState::Listed => ("listed", None),
        ListingState::NotYet => ("not_yet", None),
        ListingState::TermOver => ("term_over", None),
        ListingState::Removed(reason) => ("removed", Some(reason)),
    };
    json!({
        "listing": row.id, "list": &*row.list, "colour": row.colour, "procedure": row.procedure,
        "authority": &*row.authority, "basis": &*row.basis, "listed_on": row.listed_on, "until": row.until,
        "state": word, "end_reason": reason, "position": row.position,
    })
}

/// How a subject stands.
pub fn status(views: &Views, index: u32, row: &SubjectRow, moment: &Moment) -> Value {
    let status = views.status(index, *moment);
    let lists: Vec<Value> = status
        .listings
        .iter()
        .map(|(row, state)| listing(row, *state))
        .collect();
    let records = status.records.iter().map(|(category, count)| {
        json!({ "category": category, "zh": category.zh(), "en": category.en(), "count": count })
    });
    json!({
        "subject": subject(row, moment), "grade": status.grade, "lists": lists,
        "records": records.collect::<Vec<_>>(), "disputed": status.disputed, "clocks": clocks(moment),
        "position": views.position(),
    })
}

/// An entry as anybody may see it: bodies about persons are withheld, sealed parts are named only.
pub fn entry(entry: &Entry) -> Value {
    let header = &entry.header;
    let about_person = entry
        .event
        .subject_kind()
        .is_some_and(|kind| kind.is_person());
    let parts = entry.parts.iter().map(|part| {
        let state = match part.content {
            PartContent::Opened(_) | PartContent::Sealed => "sealed",
            PartContent::Erased => "erased",
        };
        json!({ "kind": part.kind, "state": state })
    });
    json!({
        "position": header.position, "entry_hash": entry.hash, "event": entry.event.name(),
        "recorded_at": header.recorded_at, "stream_kind": header.stream_kind, "stream": header.stream,
        "revision": header.revision, "caused_by": (!header.caused_by.is_none()).then_some(header.caused_by),
        "body": if about_person { Value::Null } else { entry.event.to_json() },
        "parts": parts.collect::<Vec<_>>(),
    })
}

/// A receipt.
pub fn receipt(written: &Written) -> Value {
    let receipt = &written.receipt;
    let outcome = match receipt.outcome {
        Outcome::Appended => "recorded",
        Outcome::Parked => "parked",
        Outcome::AlreadyThere => "already_there",
    };
    json!({
        "position": receipt.last, "positions": [receipt.first, receipt.last], "entry_hash": receipt.entry_hash,
        "recorded_at": receipt.recorded_at, "outcome": outcome, "replayed": receipt.replayed,
        "subject": written.subject, "record": written.record, "listing": written.listing, "pending": written.pending,
    })
}
