//! The log as segment files, made from the store as they are asked for.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::moment::clearance;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use probity_api::{ProblemType, Scope, SegmentView, SegmentsView};
use probity_app::Caller;
use probity_format::Hash;
use probity_log::export::{LocalSource, SEGMENT_ENTRIES};
use probity_types::Position;
use std::collections::BTreeSet;

const PREFIX: &str = "entries-";
const SUFFIX: &str = ".seg";
/// Bytes of a segment that are handed on at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Every segment there is.
pub async fn list_segments(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let head = ledger.reader.head();
    let last = head.next.0.checked_sub(1).map(Position);
    let position = last.ok_or_else(|| Trouble::of(ProblemType::NotFound))?;
    let mut items = Vec::new();
    let mut first = 0;
    while first < head.next.0 {
        let entries = SEGMENT_ENTRIES.min(head.next.0 - first);
        items.push(SegmentView {
            file: format!("{PREFIX}{first:012}{SUFFIX}"),
            first: Position(first),
            entries,
            is_sealed: entries == SEGMENT_ENTRIES,
        });
        first += entries;
    }
    Ok(Answer::of(&SegmentsView {
        log: ledger.id,
        origin: ledger.origin()?,
        entries: head.next.0,
        entry_hash: Hash(head.entry_hash).to_string(),
        items,
        next: None,
        position,
    }))
}

/// First position of a segment, by its name.
fn first_of(file: &str) -> Option<Position> {
    let digits = file.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let first: u64 = digits.parse().ok()?;
    let is_named_so = digits.len() == 12 && first.is_multiple_of(SEGMENT_ENTRIES);
    is_named_so.then_some(Position(first))
}

/// One segment. It holds the open parts of entries about persons, so the read is on record before the first byte leaves.
pub async fn read_segment(call: Call) -> Result<Response, Trouble> {
    let ledger = call.service.ledger.clone();
    let none = || Trouble::of(ProblemType::NotFound);
    let first = first_of(call.text("file")).ok_or_else(none)?;
    let cleared = clearance(&call, Scope::AuditRead)?;
    let (purpose, basis) = cleared.ok_or_else(|| Trouble::of(ProblemType::PurposeRequired))?;
    let head = ledger.reader.head().next;
    if first >= head {
        return Err(none());
    }
    let end = Position(head.0.min(first.0 + SEGMENT_ENTRIES));
    let Some(place) = call.service.limits.open_segment() else {
        return Err(Trouble::later(1));
    };
    let caller = Caller {
        principal: call.holder()?.clone(),
        idempotency_key: String::new(),
        request: Vec::new(),
    };
    let scope = format!("{} {first}..{end}", call.route.operation);
    ledger
        .disclose(&caller, (purpose, &basis), &scope, BTreeSet::new())
        .await?;
    let made = tokio::task::spawn_blocking(move || {
        LocalSource::new(&*ledger.reader, ledger.id, "").segment(first, end)
    });
    let bytes = made.await.map_err(Trouble::internal)?;
    let bytes = bytes.map_err(|error| Trouble::internal(probity_app::folder::describe(&error)))?;
    let kind = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.len().to_string()),
    ];
    let bytes = Bytes::from(bytes);
    let places = (0..bytes.len()).step_by(CHUNK_BYTES);
    let chunks: Vec<Bytes> = places
        .map(|at| bytes.slice(at..bytes.len().min(at + CHUNK_BYTES)))
        .collect();
    // The place is free again once the last chunk is on its way or the client is gone.
    let chunks = chunks.into_iter().map(move |chunk| {
        let _held = &place;
        Ok::<_, std::io::Error>(chunk)
    });
    let body = Body::from_stream(tokio_stream::iter(chunks));
    Ok((kind, body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_named_by_the_place_where_one_begins() {
        assert_eq!(first_of("entries-000000000000.seg"), Some(Position(0)));
        assert_eq!(first_of("entries-000000016384.seg"), Some(Position(16_384)));
        for other in [
            "entries-000000000001.seg",
            "entries-0.seg",
            "entries-000000000000",
            "manifest.json",
            "",
        ] {
            assert_eq!(first_of(other), None, "{other}");
        }
    }
}
