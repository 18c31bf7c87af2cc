//! One entry of the log with its hashes. What a stranger may not read is withheld together with everything that would
//! say whom it is about; the hash of the entry is there for every one.

use super::asof::Asked;
use super::events::{access, actor, valid_from};
use super::fields;
use super::public::Public;
use super::records;
use super::trouble::Trouble;
use super::values::Words;
use super::verify::witnesses;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::extract::Path;
use axum::http::Response;
use probity_domain::{Entry, PartContent};
use probity_format::events::{Event, Origin, StreamKind};
use probity_format::{Frame, Hash};
use probity_pages::{
    Answer, EntryHeader, EntryProof, EntryView, PartState, Provenance, RecordState, SealedPart,
    SubjectRef, Withheld, clock, event_name, part_name, place_in_file, withheld_event,
};
use probity_types::{Position, SubjectId};

/// `GET /entries/{position}`
pub async fn show(Path(position): Path<String>, visit: Visit) -> Response<Body> {
    visit.answer(move |visit| build(visit, &position)).await
}

/// What the views say of an entry, read under one lock.
struct Read {
    access: Result<(), Withheld>,
    subject: Option<SubjectRef>,
    states: Vec<RecordState>,
    /// Positions of the entries that answer it, as far as they are known.
    answers: Vec<Position>,
    /// The entry before it in the same stream.
    before: Option<Position>,
}

fn build(visit: &Visit, position: &str) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let position: u64 = position.parse().map_err(|_| Trouble::NotFound)?;
    let position = Position(position);
    let bytes = visit
        .ledger
        .reader
        .entry(position)
        .map_err(probity_log::WalkError::from)?;
    let frame = probity_log::walk::decode(position, &bytes.ok_or(Trouble::NotFound)?)?;
    let entry = visit.ledger.entry(position)?.ok_or(Trouble::NotFound)?;
    let read = read(visit, &asked, &entry);
    let words = Words::of(visit, &asked);
    let withheld = read.access.err();
    let open = withheld.is_none();
    let view = EntryView {
        shell: visit.shell(Some(&asked), &[]),
        position: position.0,
        event: match withheld {
            Some(why) => withheld_event(visit.lang, why).to_owned(),
            None => event_name(visit.lang, entry.event.name()).to_owned(),
        },
        recorded_at: clock(entry.header.recorded_at),
        valid_from: valid_from(&entry.event)
            .filter(|_| open)
            .map(|day| day.to_string()),
        actor: open.then(|| actor(visit.lang, &entry)),
        subject: read.subject.clone(),
        states: read.states.clone(),
        withheld,
        fields: if open {
            fields::of(&words, &entry)
        } else {
            Vec::new()
        },
        provenance: origin(&entry.event)
            .filter(|_| open)
            .and_then(|origin| provenance(visit, origin)),
        caused_by: if open {
            caused_by(visit, &entry)?
        } else {
            None
        },
        answered_by: answers(visit, &read.answers)?,
        header: header(visit, (&entry, &frame), &read)?,
        sealed_parts: sealed_parts(visit, (&entry, &frame)),
        proof: proof(visit, &entry, open),
    };
    visit.page(&view)
}

fn read(visit: &Visit, asked: &Asked, entry: &Entry) -> Read {
    let views = visit.ledger.views();
    let public = Public::of(visit, &views, asked.now);
    let access = access(&public, entry);
    let mut read = Read {
        access,
        subject: None,
        states: Vec::new(),
        answers: Vec::new(),
        before: None,
    };
    let is_subject = entry.header.stream_kind == StreamKind::Subject as u16;
    if access.is_err() || !is_subject {
        return read;
    }
    let directory = views.directory();
    let index = directory.index(&SubjectId(entry.header.stream.0));
    if let Some((index, row)) = index.and_then(|index| Some((index, directory.row(index)?))) {
        let name = row
            .name_at(&asked.moment)
            .or_else(|| row.name())
            .unwrap_or_default()
            .to_owned();
        read.subject = Some(SubjectRef {
            id: row.id.to_string(),
            name,
        });
        let own = views.timeline().of(index);
        let place = own.partition_point(|held| *held < entry.header.position);
        read.before = place
            .checked_sub(1)
            .and_then(|place| own.get(place))
            .copied();
    }
    if let Some(record) = entry.event.record().and_then(|id| views.records().get(&id)) {
        read.states = records::states(record, &asked.moment).unwrap_or_default();
        let first = record.versions.first().map(|version| version.position);
        if first == Some(entry.header.position) {
            let later = record
                .versions
                .iter()
                .skip(1)
                .map(|version| version.position);
            let performed = record.performed.iter().map(|(position, ..)| *position);
            let ending = record.ended_at();
            read.answers = later
                .chain(performed)
                .chain(ending)
                .filter(|position| Some(*position) != first)
                .collect();
            read.answers.sort_unstable();
            read.answers.dedup();
        }
    }
    read
}

fn origin(event: &Event) -> Option<&Origin> {
    match event {
        Event::ListingDecided(event) => Some(&event.origin),
        other => other.recorded().map(|core| &core.origin),
    }
}

fn provenance(visit: &Visit, origin: &Origin) -> Option<Provenance> {
    (!origin.batch.is_none()).then(|| Provenance {
        batch: origin.batch.to_string(),
        place: place_in_file(visit.lang, origin.sheet.as_str(), origin.row),
        file_hash: None,
    })
}

fn answer(visit: &Visit, position: Position) -> Result<Option<Answer>, Trouble> {
    Ok(visit.ledger.entry(position)?.map(|entry| Answer {
        position: position.0,
        event: event_name(visit.lang, entry.event.name()).to_owned(),
        recorded_at: clock(entry.header.recorded_at),
    }))
}

fn caused_by(visit: &Visit, entry: &Entry) -> Result<Option<Answer>, Trouble> {
    let cause = entry.header.caused_by;
    if cause.is_none() {
        Ok(None)
    } else {
        answer(visit, cause)
    }
}

fn answers(visit: &Visit, positions: &[Position]) -> Result<Vec<Answer>, Trouble> {
    let found = positions.iter().map(|position| answer(visit, *position));
    let found: Result<Vec<Option<Answer>>, Trouble> = found.collect();
    Ok(found?.into_iter().flatten().collect())
}

fn header(
    visit: &Visit,
    (entry, frame): (&Entry, &Frame),
    read: &Read,
) -> Result<EntryHeader, Trouble> {
    let hash_of = |position: Option<Position>| -> Result<Option<Hash>, Trouble> {
        let entry = position
            .map(|position| visit.ledger.entry(position))
            .transpose()?
            .flatten();
        Ok(entry.map(|entry| entry.hash))
    };
    let header = &entry.header;
    let previous = hash_of(header.position.0.checked_sub(1).map(Position))?.unwrap_or_default();
    let open = read.access.is_ok();
    let word = StreamKind::from_number(header.stream_kind).map_or("", StreamKind::word);
    Ok(EntryHeader {
        format: u64::from(header.format),
        event_type: open.then(|| format!("{} v{}", entry.event.name(), header.version)),
        stream: open.then(|| format!("{word}/{}", header.stream)),
        revision: open.then_some(header.revision.0),
        entry_hash: entry.hash.to_string(),
        previous: previous.to_string(),
        previous_in_stream: hash_of(read.before)?.map(|hash| hash.to_string()),
        body_commitment: frame.body_commitment().to_string(),
    })
}

/// The checkpoint that covers an entry; the bundle to go with it where the entry is public and one of a record's.
fn proof(visit: &Visit, entry: &Entry, open: bool) -> Option<EntryProof> {
    let position = entry.header.position;
    let published = visit.ledger.board().published()?;
    let record = entry.event.record().filter(|_| open);
    (position.0 < published.head.size).then(|| EntryProof {
        checkpoint_size: published.head.size,
        root: published.head.root.to_string(),
        signed_at: clock(published.signed_at),
        witnesses: witnesses(&published),
        href: record.map(|id| format!("/v1/records/{id}/bundle?position={position}")),
    })
}

/// Nothing is ever opened here, whatever keys the server holds.
fn sealed_parts(visit: &Visit, (entry, frame): (&Entry, &Frame)) -> Vec<SealedPart> {
    let parts = (1u64..).zip(entry.parts.iter().zip(frame.sealed.iter()));
    parts
        .map(|(number, (part, stored))| SealedPart {
            number,
            kind: part_name(visit.lang, part.kind).to_owned(),
            state: match part.content {
                PartContent::Opened(_) | PartContent::Sealed => PartState::Sealed,
                PartContent::Erased => PartState::Erased(None),
            },
            commitment: stored.commitment.to_string(),
        })
        .collect()
}
