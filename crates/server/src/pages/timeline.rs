//! The timeline of one organisation: a lane per public record, what answers an entry beside it, as of any moment.

use super::asof::Asked;
use super::events;
use super::public::Public;
use super::record_set;
use super::records;
use super::search::{first_of, paging};
use super::trouble::Trouble;
use super::values::Words;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::extract::Path;
use axum::http::Response;
use probity_pages::{
    Lane, Paging, RecordState, TimelineEvent, TimelineView, clock, event_name, identity_lane,
};
use probity_project::{ListingRow, Moment, RecordRow, SubjectRow};
use probity_types::{Position, SubjectId};

/// Lanes on one page.
const LANES_PER_PAGE: usize = 20;

/// `GET /subjects/{id}/timeline`
pub async fn show(Path(id): Path<String>, visit: Visit) -> Response<Body> {
    visit.answer(move |visit| build(visit, &id)).await
}

/// What a lane is about.
#[derive(Clone, Copy)]
enum Topic<'a> {
    Identity(&'a SubjectRow),
    Listing(&'a ListingRow),
    Record(&'a RecordRow),
}

/// The same, kept after the lock on the views is given back.
enum About {
    Identity,
    Listing(Box<ListingRow>),
    Record(Box<RecordRow>),
}

/// One event of a lane before its body is read.
struct Point {
    position: Position,
    holds: bool,
}

/// A lane before its bodies are read.
struct Track {
    about: About,
    points: Vec<Point>,
}

/// What the views say.
struct Read {
    subject: SubjectRow,
    tracks: Vec<Track>,
    paging: Paging,
    later: u64,
}

impl Topic<'_> {
    /// Events of the lane with the position from which each shows.
    fn points(self, moment: &Moment) -> Vec<(Position, Point)> {
        match self {
            Self::Identity(row) => identity_points(row, moment),
            Self::Listing(row) => listing_points(row, moment),
            Self::Record(row) => record_points(row, moment),
        }
    }

    /// The lane as it was known at the moment.
    fn track(self, moment: &Moment) -> Track {
        let known = self.points(moment).into_iter();
        let known = known.filter(|(shown_from, _)| moment.knows(*shown_from));
        let mut points: Vec<Point> = known.map(|(_, point)| point).collect();
        points.sort_by_key(|point| point.position);
        points.dedup_by_key(|point| point.position);
        let about = match self {
            Self::Identity(_) => About::Identity,
            Self::Listing(row) => About::Listing(Box::new(row.clone())),
            Self::Record(row) => About::Record(Box::new(row.clone())),
        };
        Track { about, points }
    }
}

fn build(visit: &Visit, id: &str) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let read = read(visit, id, &asked)?;
    let words = Words::of(visit, &asked);
    let lanes = read
        .tracks
        .iter()
        .map(|track| lane(visit, &asked, &words, track))
        .collect::<Result<_, _>>()?;
    let name = read
        .subject
        .name_at(&asked.moment)
        .or_else(|| read.subject.name())
        .unwrap_or_default();
    let view = TimelineView {
        shell: visit.shell(Some(&asked), &[]),
        subject_id: read.subject.id.to_string(),
        subject_name: name.to_owned(),
        lanes,
        paging: read.paging,
        later_entries: read.later,
    };
    visit.page(&view)
}

fn read(visit: &Visit, id: &str, asked: &Asked) -> Result<Read, Trouble> {
    let id: SubjectId = id.parse().map_err(|_| Trouble::NotFound)?;
    let index = {
        let views = visit.ledger.views();
        let found = Public::of(visit, &views, asked.now).subject(&id);
        found.map(|(index, _)| index)
    };
    let index = index.ok_or(Trouble::NotFound)?;
    let set = record_set::of_subject(visit, index, asked.now);
    let views = visit.ledger.views();
    let public = Public::of(visit, &views, asked.now);
    let subject = public.subject_at(index).ok_or(Trouble::NotFound)?;
    let moment = &asked.moment;
    let listings = views.listings().of_subject(index);
    let listings = listings.filter(|row| public.listing(row, moment));
    let records = set.rows.iter();
    let records = records.filter_map(|public| views.records().row(public.index));
    let mut topics = vec![Topic::Identity(subject)];
    topics.extend(listings.map(Topic::Listing));
    topics.extend(records.map(Topic::Record));
    let mut later = 0;
    topics.retain(|topic| {
        let points = topic.points(moment);
        let known = points
            .iter()
            .filter(|(shown_from, _)| moment.knows(*shown_from))
            .count();
        later += (points.len() - known) as u64;
        known > 0
    });
    let paging = paging(topics.len(), LANES_PER_PAGE, visit.page_number());
    let page = topics.iter().skip(first_of(&paging, LANES_PER_PAGE));
    Ok(Read {
        subject: subject.clone(),
        tracks: page
            .take(LANES_PER_PAGE)
            .map(|topic| topic.track(moment))
            .collect(),
        paging,
        later,
    })
}

/// An event that shows from its own position on.
fn point(position: Position, holds: bool) -> (Position, Point) {
    (position, Point { position, holds })
}

fn identity_points(row: &SubjectRow, moment: &Moment) -> Vec<(Position, Point)> {
    let mut points = vec![point(row.registered_at, true)];
    let borne = row.name_at(moment);
    let names = row
        .names
        .iter()
        .filter(|named| named.position != row.registered_at);
    points.extend(names.map(|named| point(named.position, borne == Some(named.name.as_str()))));
    let held = row
        .identifiers
        .iter()
        .filter(|held| held.position != row.registered_at);
    points.extend(held.map(|held| point(held.position, true)));
    points
}

fn listing_points(row: &ListingRow, moment: &Moment) -> Vec<(Position, Point)> {
    let first = (
        row.shown_from,
        Point {
            position: row.position,
            holds: row.is_listed(moment),
        },
    );
    let ended = row
        .ended
        .map(|(position, day, _)| point(position, day <= moment.valid_on));
    std::iter::once(first).chain(ended).collect()
}

fn record_points(row: &RecordRow, moment: &Moment) -> Vec<(Position, Point)> {
    use probity_project::RecordState as State;
    let current = row.version_at(moment).map(|version| version.position);
    let stands = matches!(
        row.state_at(moment),
        Some(State::InForce | State::Performed)
    );
    let versions = row.versions.iter().map(|version| {
        let holds = stands && current == Some(version.position);
        (
            version.shown_from,
            Point {
                position: version.position,
                holds,
            },
        )
    });
    let is_version = |position: &Position| {
        row.versions
            .iter()
            .any(|version| version.position == *position)
    };
    let performed = row
        .performed
        .iter()
        .filter(|(position, ..)| !is_version(position));
    let performed = performed.map(|(position, day, _)| point(*position, *day <= moment.valid_on));
    let ending = row.ended_at().map(|position| point(position, true));
    versions.chain(performed).chain(ending).collect()
}

fn lane(visit: &Visit, asked: &Asked, words: &Words, track: &Track) -> Result<Lane, Trouble> {
    let (title, category, states) = match &track.about {
        About::Identity => (identity_lane(visit.lang).to_owned(), None, Vec::new()),
        About::Listing(row) => {
            let state = if row.is_listed(&asked.moment) {
                RecordState::InForce
            } else {
                RecordState::Ended
            };
            (words.list(&row.list), None, vec![state])
        }
        About::Record(row) => {
            let content = records::content(&visit.ledger, row, &asked.moment)?;
            let title = records::document(words, row.category, &row.subcategory, content.as_ref());
            let states = records::states(row, &asked.moment).unwrap_or_default();
            (title, Some(row.category), states)
        }
    };
    let events = track.points.iter().map(|point| event(visit, words, point));
    Ok(Lane {
        title,
        category,
        states,
        events: events.collect::<Result<_, _>>()?,
    })
}

fn event(visit: &Visit, words: &Words, point: &Point) -> Result<TimelineEvent, Trouble> {
    let entry = visit
        .ledger
        .entry(point.position)?
        .ok_or(Trouble::Internal)?;
    let cause = entry.header.caused_by;
    Ok(TimelineEvent {
        position: point.position.0,
        name: event_name(visit.lang, entry.event.name()).to_owned(),
        summary: events::summary(words, &entry),
        valid_from: events::valid_from(&entry.event).map(|day| day.to_string()),
        recorded_at: clock(entry.header.recorded_at),
        actor: events::actor(visit.lang, &entry),
        mark: events::mark(&entry.event),
        holds: point.holds,
        answers: (!cause.is_none()).then_some(cause.0),
    })
}
