//! One entry in words: whether a stranger may read it, who recorded it, what it says in one line.

use super::public::Public;
use super::records;
use super::values::Words;
use probity_domain::Entry;
use probity_format::ActorKind;
use probity_format::events::{Event, Ground, StreamKind};
use probity_pages::{Actor, Lang, StateMark, Withheld, absent, change, change_sealed, code_name};
use probity_types::{CivilDate, CodeList, ListColour, Polarity, SubjectId, mask};

/// Whether the public may read what an entry says.
///
/// # Errors
/// Why it may not.
pub fn access(public: &Public<'_>, entry: &Entry) -> Result<(), Withheld> {
    if entry
        .event
        .subject_kind()
        .is_some_and(|kind| kind.is_person())
    {
        return Err(Withheld::Person);
    }
    if let Event::ErasureRecorded(_) = &entry.event {
        return Err(Withheld::Internal);
    }
    match StreamKind::from_number(entry.header.stream_kind) {
        Some(StreamKind::System | StreamKind::Policy | StreamKind::Batch) => Ok(()),
        Some(StreamKind::Subject) => subject_access(public, entry),
        Some(StreamKind::Pending | StreamKind::Recipient | StreamKind::Account) | None => {
            Err(Withheld::Internal)
        }
    }
}

fn subject_access(public: &Public<'_>, entry: &Entry) -> Result<(), Withheld> {
    let views = public.views;
    let index = views.directory().index(&SubjectId(entry.header.stream.0));
    // A row of a batch that is not completed yet belongs to no subject that anybody knows.
    let index = index.ok_or(Withheld::NotPublic)?;
    if views
        .directory()
        .row(index)
        .is_some_and(|row| row.kind.is_person())
    {
        return Err(Withheld::Person);
    }
    let is_open = public.subject_at(index).is_some()
        && match (&entry.event, entry.event.record()) {
            (Event::ListingDecided(event), _) => views
                .listings()
                .get(&event.listing)
                .is_some_and(|row| public.listing(row, &public.now)),
            (Event::ListingEnded(event), _) => views
                .listings()
                .get(&event.listing)
                .is_some_and(|row| public.listing(row, &public.now)),
            (_, Some(record)) => views
                .records()
                .get(&record)
                .is_some_and(|row| public.record(row).is_some()),
            _ => true,
        };
    if is_open {
        Ok(())
    } else {
        Err(Withheld::NotPublic)
    }
}

/// The unit behind a compensation, a report or a file, where the event names one.
fn unit(event: &Event) -> Option<&str> {
    match event {
        Event::RecordCorrected(e) => Some(e.ground.authority.as_str()),
        Event::RecordVoided(e) => Some(e.ground.authority.as_str()),
        Event::RecordAnnulled(e) => Some(e.ground.authority.as_str()),
        Event::ListingDecided(e) => Some(e.source_unit.as_str()),
        Event::ListingEnded(e) => Some(e.authority.as_str()),
        Event::BatchSubmitted(e) => Some(e.source_unit.as_str()),
        other => other.recorded().map(|core| core.source_unit.as_str()),
    }
}

/// Who recorded an entry: the unit that it names, else what acted.
pub fn actor(lang: Lang, entry: &Entry) -> String {
    if let Some(unit) = unit(&entry.event).filter(|unit| !unit.is_empty()) {
        return unit.to_owned();
    }
    let actor = match ActorKind::from_number(entry.header.actor_kind) {
        Some(ActorKind::AccessKey) => Actor::Key,
        Some(ActorKind::Clock) => Actor::Clock,
        Some(ActorKind::Operator) => Actor::Operator,
        Some(ActorKind::System) | None => Actor::System,
    };
    actor.text(lang).to_owned()
}

/// The day from which an entry holds, where it names one.
pub fn valid_from(event: &Event) -> Option<CivilDate> {
    match event {
        Event::SubjectRenamed(e) => Some(e.effective_on),
        Event::PerformanceRecorded(e) => Some(e.on),
        Event::RecordCorrected(e) => Some(e.core.effective_from),
        Event::RecordAnnulled(e) => e.from,
        Event::ListingDecided(e) => e.listed_on,
        Event::ListingEnded(e) => Some(e.ended_on),
        Event::DayStarted(e) => Some(e.day),
        other => other.recorded().map(|core| core.effective_from),
    }
}

/// The look of an entry about an organisation.
pub fn mark(event: &Event) -> StateMark {
    match event {
        Event::RecordCorrected(_) | Event::RecordVoided(_) | Event::RecordAnnulled(_) => {
            StateMark::PutRight
        }
        Event::PerformanceRecorded(_) | Event::ListingEnded(_) => StateMark::PutRight,
        Event::ListingDecided(e) => match e.colour {
            Some(ListColour::Serious | ListColour::Black) => StateMark::Adverse,
            Some(ListColour::Red) => StateMark::InForce,
            Some(ListColour::Notice | ListColour::Board) | None => StateMark::Neutral,
        },
        other => match other.recorded().map(|core| core.polarity) {
            Some(Polarity::Adverse) => StateMark::Adverse,
            Some(Polarity::Neutral | Polarity::Positive) => StateMark::InForce,
            None => StateMark::Neutral,
        },
    }
}

/// Fields of a correction that one line names; the entry's page names all.
const CHANGES_TOLD_MAX: usize = 3;

/// What an entry about an organisation says, in one line.
pub fn summary(words: &Words, entry: &Entry) -> Option<String> {
    let event = &entry.event;
    match event {
        Event::SubjectRegistered(e) => e
            .identity
            .as_ref()
            .map(|identity| identity.name.as_str().to_owned()),
        Event::SubjectRenamed(e) => e.name.as_ref().map(|name| name.as_str().to_owned()),
        Event::IdentifierAdded(e) => e.identifier.as_ref().map(|held| {
            let value = mask(held.kind, held.value.as_str());
            format!("{} {value}", code_name(words.lang(), held.kind))
        }),
        Event::PerformanceRecorded(e) => Some(code_name(words.lang(), e.performance)),
        Event::RecordCorrected(_) => Some(changes(words, entry)),
        Event::RecordVoided(e) => Some(ground(words, &e.ground)),
        Event::RecordAnnulled(e) => Some(ground(words, &e.ground)),
        Event::ListingDecided(e) => e.reason.as_ref().map(|reason| reason.as_str().to_owned()),
        Event::ListingEnded(e) => Some(code_name(words.lang(), e.reason)),
        other => {
            let core = other.recorded()?;
            let fields = other.open_details()?.to_fields();
            let category = other.category()?;
            records::summary(words, category, core.subcategory.as_str(), Some(&fields))
        }
    }
}

fn ground(words: &Words, ground: &Ground) -> String {
    let reason = code_name(words.lang(), ground.reason);
    match ground.instrument_no.as_str() {
        "" => reason,
        number => format!("{reason} · {number}"),
    }
}

fn changes(words: &Words, entry: &Entry) -> String {
    let Event::RecordCorrected(event) = &entry.event else {
        return String::new();
    };
    let Some(changes) = &event.changes else {
        return change_sealed(words.lang()).to_owned();
    };
    let class = event.core.subcategory.as_str();
    let told = changes
        .iter()
        .filter(|change| words.is_public(class, change.field.as_str()));
    let told = told.take(CHANGES_TOLD_MAX).map(|changed| {
        let name = changed.field.as_str();
        let value = |value: &Option<probity_types::FieldValue>| match value {
            Some(value) => words.value(class, name, value),
            None => absent(words.lang()).to_owned(),
        };
        change(
            words.lang(),
            &words.field(class, name),
            &value(&changed.old),
            &value(&changed.new),
        )
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The name of a code in the language of the page.
pub fn named<C: CodeList>(words: &Words, code: C) -> String {
    code_name(words.lang(), code)
}
