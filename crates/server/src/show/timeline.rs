//! A subject's history, entry by entry.

use super::entry::part_state;
use super::listing::list_term;
use super::record::standing;
use probity_api::{Bilingual, PartState, RecordRef, TimelineItem};
use probity_domain::{Entry, PartContent};
use probity_format::events::Event;
use probity_project::{Moment, Views};
use probity_types::{CivilDate, CodeList, ListingId};

/// The membership that an entry speaks of.
pub fn listing_of(event: &Event) -> Option<ListingId> {
    match event {
        Event::ListingDecided(event) => Some(event.listing),
        Event::ListingEnded(event) => Some(event.listing),
        _ => None,
    }
}

/// The days that an entry speaks of: first, and first no longer.
fn days(event: &Event) -> (Option<CivilDate>, Option<CivilDate>) {
    let core = |core: &probity_format::events::RecordCore| {
        let end = core.effective_to.map(|day| day.plus_days(1));
        (Some(core.effective_from), end)
    };
    match event {
        Event::SubjectRenamed(event) => (Some(event.effective_on), None),
        Event::CertificateRecorded(event) => (
            Some(event.issued_on),
            event.valid_to.map(|day| day.plus_days(1)),
        ),
        Event::RecordCorrected(event) => core(&event.core),
        Event::RecordAnnulled(event) => (event.from, None),
        Event::PerformanceRecorded(event) => (Some(event.on), None),
        Event::ListingDecided(event) => (event.listed_on, event.until.map(|day| day.plus_days(1))),
        Event::ListingEnded(event) => (Some(event.ended_on), None),
        other => other.recorded().map_or((None, None), core),
    }
}

fn summary(views: &Views, entry: &Entry, moment: &Moment) -> Bilingual {
    let (zh, en) = (entry.event.zh(), entry.event.en());
    match &entry.event {
        Event::SubjectRenamed(event) => Bilingual::new(
            format!("自 {} 起名称变更", event.effective_on),
            format!("bears another name from {}", event.effective_on),
        ),
        Event::RecordCorrected(event) => Bilingual::new(
            format!(
                "{zh}：{}，{}",
                event.ground.authority,
                event.ground.reason.zh()
            ),
            format!(
                "{en}: {}, {}",
                event.ground.authority,
                event.ground.reason.en()
            ),
        ),
        Event::RecordVoided(event) => Bilingual::new(
            format!(
                "{zh}：{}，{}",
                event.ground.authority,
                event.ground.reason.zh()
            ),
            format!(
                "{en}: {}, {}",
                event.ground.authority,
                event.ground.reason.en()
            ),
        ),
        Event::RecordAnnulled(event) => Bilingual::new(
            format!(
                "{zh}：{}，{}",
                event.ground.authority,
                event.ground.reason.zh()
            ),
            format!(
                "{en}: {}, {}",
                event.ground.authority,
                event.ground.reason.en()
            ),
        ),
        Event::PerformanceRecorded(event) => Bilingual::new(
            format!("{zh}：{}（{}）", event.performance.zh(), event.on),
            format!("{en}: {} ({})", event.performance.en(), event.on),
        ),
        Event::ListingDecided(event) => {
            let list = list_term(views, &event.list, moment);
            Bilingual::new(format!("列入{}", list.zh), format!("listed: {}", list.en))
        }
        Event::ListingEnded(event) => {
            let list = list_term(views, &event.list, moment);
            Bilingual::new(
                format!("移出{}：{}", list.zh, event.reason.zh()),
                format!("off the list: {}, {}", list.en, event.reason.en()),
            )
        }
        other => match other.recorded() {
            Some(core) => Bilingual::new(
                format!("{zh}：{}（{}）", core.authority, core.decided_on),
                format!("{en}: {} ({})", core.authority, core.decided_on),
            ),
            None => Bilingual::new(zh, en),
        },
    }
}

fn state(entry: &Entry) -> PartState {
    let any = |wanted: fn(&PartContent) -> bool| {
        entry
            .parts
            .iter()
            .find(|part| wanted(&part.content))
            .map(|part| part_state(&part.content))
    };
    any(|content| *content == PartContent::Erased)
        .or_else(|| any(|content| *content == PartContent::Sealed))
        .unwrap_or(PartState::Opened)
}

/// The open body with the parts that were opened for this reader.
fn body(entry: &Entry) -> serde_json::Value {
    let mut body = entry.event.to_json();
    let opened: Vec<serde_json::Value> = entry
        .parts
        .iter()
        .filter_map(|part| match &part.content {
            PartContent::Opened(content) => Some(content.to_json()),
            PartContent::Sealed | PartContent::Erased => None,
        })
        .collect();
    if let (false, Some(members)) = (opened.is_empty(), body.as_object_mut()) {
        members.insert("opened".to_owned(), opened.into());
    }
    body
}

/// One item.
pub fn item(views: &Views, entry: &Entry, moment: &Moment) -> TimelineItem {
    let header = &entry.header;
    let record = entry.event.record().and_then(|id| {
        let row = views.records().get(&id)?;
        Some(RecordRef {
            id,
            category: row.category,
            state: standing(row.state_at(moment)?),
        })
    });
    let (valid_from, valid_to) = days(&entry.event);
    TimelineItem {
        position: header.position,
        recorded_at: header.recorded_at,
        event: entry.event.name().to_owned(),
        event_zh: entry.event.zh().to_owned(),
        entry_hash: entry.hash.to_string(),
        record,
        listing: listing_of(&entry.event),
        caused_by: (!header.caused_by.is_none()).then_some(header.caused_by),
        valid_from,
        valid_to,
        summary: summary(views, entry, moment),
        state: state(entry),
        body: body(entry),
    }
}
