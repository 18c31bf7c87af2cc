//! Records of the seven categories: reporting, correcting, voiding, annulling.
//!
//! Record keys (domain reference §5.0): same key and same content is the first receipt again; same key and other content
//! waits as "correction or error?"; never silently a second record.

use crate::command::{Compensation, CurrentRecord, Intake};
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::pending::{self, Waiting};
use crate::refusal::{Refusal, text};
use crate::registry::{RecordState, Registry, Standing};
use crate::report::RecordReport;
use crate::rows::RecordRow;
use crate::source::{IdSource, ShortTag, Tag};
use crate::{batch, checks, identity, shape, subject};
use probity_format::events::{
    Details, DetailsRef, Event, FieldChange, Ground, PerformanceRecorded, Private, RecordAnnulled,
    RecordCore, RecordCorrected, RecordVoided, SealedAmount, SealedChanges, SealedParty,
    StreamKind, record_event,
};
use probity_format::fields::FieldMap;
use probity_format::wire::List;
use probity_types::{
    Category, CivilDate, CodeList, Fen, FieldValue, ParkReason, PerformanceState, Polarity,
    RecordId, RootId, SubjectId,
};
use std::collections::{BTreeMap, BTreeSet};

/// Legal majority in years: no adverse record is kept about conduct before it (domain reference §17).
const MAJORITY_YEARS: i32 = 18;

/// Tag of a record's key.
fn key_tag(
    registry: &Registry,
    subject: &SubjectId,
    core: &RecordCore,
    details: DetailsRef<'_>,
) -> Tag {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let day = |value: Option<CivilDate>| value.map(|day| day.to_string()).unwrap_or_default();
    let authority = || probity_names::fold(&core.authority);
    let pieces = match details {
        DetailsRef::Judgment(it) => vec![
            text(it.court.as_deref()),
            text(it.case_no.as_deref()),
            text(it.document_kind.map(CodeList::key)),
        ],
        DetailsRef::Arrear(it) => vec![
            core.source_unit.as_str().to_owned(),
            text(it.account_no.as_deref()),
            text(it.arrears_kind.map(CodeList::key)),
            day(it.period_from),
            day(it.period_to),
        ],
        DetailsRef::Permit(it) => vec![authority(), text(it.document_no.as_deref())],
        DetailsRef::Penalty(it) => vec![authority(), text(it.document_no.as_deref())],
        DetailsRef::Coercion(it) => vec![authority(), text(it.document_no.as_deref())],
        DetailsRef::Adjudication(it) => vec![authority(), text(it.document_no.as_deref())],
        DetailsRef::Honour(it) => vec![authority(), text(it.document_no.as_deref())],
    };
    let category = core.subcategory.get(..2).unwrap_or("");
    let mut bytes: Vec<&[u8]> = vec![category.as_bytes(), &subject.0, core.role.key().as_bytes()];
    bytes.extend(pieces.iter().map(String::as_bytes));
    registry.tagger.tag("record key", &bytes)
}

/// Tag of a record's content: everything but its id, where it stood, and what intake found about it.
fn content_tag(registry: &Registry, core: &RecordCore, details: DetailsRef<'_>) -> ShortTag {
    let content = (
        (core.role.key(), &core.subcategory, core.decided_on),
        (&core.authority, &core.authority_code),
        (&core.source_unit, &core.source_unit_code),
        (&core.region, core.remedy_state, details),
    );
    let bytes = probity_format::codec::encode(&content, u64::MAX).expect("values in memory encode");
    half(registry.tagger.tag("record content", &[&bytes]))
}

/// When the person of a report was born, as far as the report says.
pub(crate) fn born(report: &RecordReport, today: CivilDate) -> Option<CivilDate> {
    report.subject.birth_date.or_else(|| {
        let ids = report.subject.identifiers.iter();
        ids.filter_map(|i| subject::birth_date(i, today)).next()
    })
}

/// Whether the person was under age when the conduct took place.
fn is_minor(report: &RecordReport, decided_on: CivilDate, today: CivilDate) -> bool {
    let born = born(report, today);
    let conduct = match report.fields.get("conduct_date") {
        Some(FieldValue::Date(date)) => *date,
        _ => decided_on,
    };
    born.is_some_and(|born| conduct < born.plus_years(MAJORITY_YEARS))
}

/// Records one act's share, finds it, parks it, or keeps it apart.
pub(crate) fn decide_report(
    registry: &Registry,
    report: &RecordReport,
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let shaped = checked_shape(registry, report, intake, today)?;
    let core = &shaped.core;
    let person = report.subject.kind.is_person();
    if person && core.polarity == Polarity::Adverse && is_minor(report, core.decided_on, today) {
        return pending::quarantine(registry, report, intake, today, ids);
    }
    if person && core.summary_procedure {
        return Err(Refusal::SummaryAboutPerson);
    }
    decide_shaped(registry, (report, shaped), intake, today, ids)
}

/// The same for a report that a person let through although it is about somebody under age.
pub(crate) fn decide_admitted(
    registry: &Registry,
    report: &RecordReport,
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let shaped = checked_shape(registry, report, intake, today)?;
    decide_shaped(registry, (report, shaped), intake, today, ids)
}

/// The same for a report that a person linked to a subject.
pub(crate) fn decide_for(
    registry: &Registry,
    report: &RecordReport,
    subject: SubjectId,
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let shaped = checked_shape(registry, report, intake, today)?;
    decide_known(
        registry,
        (report, shaped),
        (subject, Vec::new()),
        intake,
        today,
        ids,
    )
}

fn checked_shape(
    registry: &Registry,
    report: &RecordReport,
    intake: &Intake,
    today: CivilDate,
) -> Result<shape::Shaped, Refusal> {
    let origin = batch::origin(intake, &report.provenance)?;
    let own = checks::check_authority(report);
    let shaped = shape::shape(registry, report, origin, &intake.absent, today);
    match (shaped, own) {
        (Ok(shaped), None) => Ok(shaped),
        (Ok(_), Some(fault)) => Err(Refusal::Faults(vec![fault])),
        (Err(Refusal::Faults(mut faults)), own) => {
            faults.extend(own);
            Err(Refusal::Faults(faults))
        }
        (Err(other), _) => Err(other),
    }
}

fn decide_shaped(
    registry: &Registry,
    (report, shaped): (&RecordReport, shape::Shaped),
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let found = subject::find_or_register(registry, &report.subject, today, ids)?;
    let park = |reason: (ParkReason, u32), ids: &mut IdSource| {
        let reason = (reason.0, reason.1, RecordId::NONE);
        let waiting = Waiting::record(report);
        pending::park(registry, waiting, reason, intake, today, ids)
    };
    match found {
        Err(reason) => park(reason, ids),
        // Somebody looked before and found that it is not this subject: somebody looks again.
        Ok((subject, _)) if identity::rejected_at(registry, report, subject).is_some() => {
            park((ParkReason::ConflictingContent, 0), ids)
        }
        Ok(found) => decide_known(registry, (report, shaped), found, intake, today, ids),
    }
}

/// Records the share of a known subject, finds it there, or parks it beside a record of the same key.
fn decide_known(
    registry: &Registry,
    (report, shaped): (&RecordReport, shape::Shaped),
    (subject, mut events): (SubjectId, Vec<NewEvent>),
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let shape::Shaped {
        mut core,
        details,
        parties,
    } = shaped;
    let key = key_tag(registry, &subject, &core, details.lent());
    if let Some((existing, state)) = registry.record_of_key(&key) {
        if state.content == Some(content_tag(registry, &core, details.lent())) {
            return Ok(Decision::AlreadyThere(state.recorded_at));
        }
        let reason = (ParkReason::ConflictingContent, 0, existing);
        let waiting = Waiting::record(report);
        return pending::park(registry, waiting, reason, intake, today, ids);
    }
    core.record = RecordId(ids.draw());
    events.push(recorded_event(subject, core, (details, &parties), ids)?);
    Ok(Decision::Append(events))
}

/// The event of a record: details in the open for organisations, sealed for persons; names of other persons always sealed.
fn recorded_event(
    subject: SubjectId,
    core: RecordCore,
    (details, parties): (Details, &BTreeSet<String>),
    ids: &mut IdSource,
) -> Result<NewEvent, Refusal> {
    let category = details.category();
    if core.subject_kind.is_person() {
        let event = NewEvent::open(
            StreamKind::Subject,
            subject.0,
            record_event(category, core, None),
        );
        return Ok(event.with_part(RootId(subject.0), details.into()));
    }
    let (details, parties) = shape::lift_persons(details, parties)?;
    let mut event = NewEvent::open(
        StreamKind::Subject,
        subject.0,
        record_event(category, core, Some(details)),
    );
    for (field, name) in parties {
        let party = SealedParty {
            field: text("field", &field)?,
            name,
        };
        event = event.with_part(RootId(ids.draw()), Private::Party(party));
    }
    Ok(event)
}

/// The state of a record that takes a change: it is there and still holds.
fn changeable(registry: &Registry, record: RecordId) -> Result<RecordState, Refusal> {
    let state = registry.record(&record);
    let state = state.ok_or_else(|| Refusal::NotFound {
        what: "record",
        id: record.to_string(),
    })?;
    match state.standing {
        Standing::Holds => Ok(state),
        Standing::Voided(at) => Err(Refusal::AlreadyCompensated {
            state: "voided",
            at,
        }),
        Standing::Annulled(at) => Err(Refusal::AlreadyCompensated {
            state: "annulled",
            at,
        }),
    }
}

/// The same for a record that the caller saw: it must still be as it was then.
fn check_current(registry: &Registry, current: &CurrentRecord) -> Result<RecordState, Refusal> {
    let record = current.core.record;
    let state = changeable(registry, record)?;
    if state.revision != current.revision {
        return Err(Refusal::Conflict {
            record,
            expected: current.revision,
            actual: state.revision,
        });
    }
    Ok(state)
}

/// Compensates every record given, in one unit. No change = no event.
pub(crate) fn decide_compensation(
    registry: &Registry,
    records: &[CurrentRecord],
    action: &Compensation,
    ground: &Ground,
    today: CivilDate,
) -> Result<Decision, Refusal> {
    let mut events = Vec::new();
    let mut unchanged = probity_types::Position::NONE;
    for current in records {
        let state = check_current(registry, current)?;
        unchanged = state.revision;
        let open = |event: Event| {
            NewEvent::open(StreamKind::Subject, state.subject.0, event)
                .caused_by(current.recorded_at)
        };
        match action {
            Compensation::Void => events.push(open(Event::from(RecordVoided {
                record: current.core.record,
                subject_kind: state.kind,
                ground: ground.clone(),
            }))),
            Compensation::Annul(from) => events.push(open(Event::from(RecordAnnulled {
                record: current.core.record,
                subject_kind: state.kind,
                from: *from,
                ground: ground.clone(),
            }))),
            Compensation::Correct(changes) => {
                if state.erased_at.is_some() {
                    // The caller may have read the content before it was erased.
                    return Err(Refusal::Erased);
                }
                if let Some((body, changes)) = correct(registry, current, changes, ground, today)? {
                    let event = open(Event::from(body));
                    events.push(match changes {
                        Some(sealed) => event.with_part(RootId(state.subject.0), sealed),
                        None => event,
                    });
                }
            }
        }
    }
    if events.is_empty() {
        Ok(Decision::AlreadyThere(unchanged))
    } else {
        Ok(Decision::Append(events))
    }
}

/// The corrected core and the list of changed fields, or none where nothing changes.
fn correct(
    registry: &Registry,
    current: &CurrentRecord,
    changes: &BTreeMap<String, Option<FieldValue>>,
    ground: &Ground,
    today: CivilDate,
) -> Result<Option<(RecordCorrected, Option<Private>)>, Refusal> {
    let details = current.details.as_ref().ok_or(Refusal::Erased)?;
    let before = shape::to_fields(&current.core, Some(details));
    let mut after = before.clone();
    for (field, value) in changes {
        match value {
            Some(value) => after.insert(field.clone(), value.clone()),
            None => after.remove(field),
        };
    }
    let shaped = shape::reshape(registry, &current.core, (&before, after), today)?;
    let held = shape::to_fields(&shaped.core, Some(&shaped.details));
    let changed = changed_fields(&before, &held)?;
    if changed.is_empty() {
        return Ok(None);
    }
    let many = |_| Refusal::Value {
        field: "changes",
        why: "at most 32 fields in one correction".to_owned(),
    };
    let changed: List<FieldChange, 32> = changed.try_into().map_err(many)?;
    let mut core = shaped.core;
    core.record = current.core.record;
    // A person among the parties must not come into the open by way of a correction.
    let names_person = shaped
        .details
        .check_place(probity_format::wire::Place::OpenOrganisation)
        .is_err()
        || shape::names_person(&changed, &shaped.parties);
    let (open, sealed) = if core.subject_kind.is_person() || names_person {
        (
            None,
            Some(Private::Changes(SealedChanges { changes: changed })),
        )
    } else {
        (Some(changed), None)
    };
    Ok(Some((
        RecordCorrected {
            core,
            ground: ground.clone(),
            changes: open,
        },
        sealed,
    )))
}

fn changed_fields(before: &FieldMap, after: &FieldMap) -> Result<Vec<FieldChange>, Refusal> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let changed = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name));
    changed
        .map(|name| {
            let (old, new) = (before.get(name).cloned(), after.get(name).cloned());
            Ok(FieldChange {
                field: text("field", name)?,
                old,
                new,
            })
        })
        .collect()
}

/// Applies the changes of a correction to details; used by every reader that shows a record as it stands.
pub fn apply_changes(
    category: Category,
    details: &Details,
    changes: &[FieldChange],
) -> Option<Details> {
    let mut fields = details.to_fields();
    for change in changes
        .iter()
        .filter(|change| !shape::is_core_field(&change.field))
    {
        match &change.new {
            Some(value) => fields.insert(change.field.as_str().to_owned(), value.clone()),
            None => fields.remove(change.field.as_str()),
        };
    }
    Details::from_fields(category, fields).ok()
}

/// Records that a duty was performed, from a date on.
pub(crate) fn decide_performance(
    registry: &Registry,
    record: RecordId,
    performance: PerformanceState,
    on: CivilDate,
    amount: Option<Fen>,
) -> Result<Decision, Refusal> {
    let state = changeable(registry, record)?;
    let mut body = PerformanceRecorded {
        record,
        subject_kind: state.kind,
        performance,
        on,
        amount: None,
    };
    let sealed = amount.filter(|_| state.kind.is_person());
    if sealed.is_none() {
        body.amount = amount;
    }
    let event =
        NewEvent::open(StreamKind::Subject, state.subject.0, body).caused_by(state.recorded_at);
    Ok(Decision::Append(vec![match sealed {
        Some(amount) => event.with_part(
            RootId(state.subject.0),
            Private::Amount(SealedAmount { amount }),
        ),
        None => event,
    }]))
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let at = entry.header.position;
    if let Some(core) = entry.event.recorded() {
        remember(registry, entry, core);
        return;
    }
    let Some(record) = entry.event.record() else {
        return;
    };
    let Some(number) = registry.records.find(&record) else {
        return;
    };
    let corrected = match &entry.event {
        // Erased: the erasure itself comes later in the log and says so.
        Event::RecordCorrected(event) => Some(entry.changes().and_then(|changes| {
            let row = registry.records.get(number)?;
            let subject = registry.subjects.id(row.subject)?;
            corrected_tag(registry, &subject, &event.core, changes, row.key()?)
        })),
        _ => None,
    };
    let Some(row) = registry.records.get_mut(number) else {
        return;
    };
    row.revision = at.into();
    match &entry.event {
        Event::RecordVoided(_) => row.voided_at = at.into(),
        Event::RecordAnnulled(_) => row.annulled_at = at.into(),
        _ => {}
    }
    if let Some(content) = corrected {
        row.content = content;
    }
}

/// After a correction the content is known by the correction itself: a later report with the old content is then "other
/// content" and waits for a person, as it must.
fn corrected_tag(
    registry: &Registry,
    subject: &SubjectId,
    core: &RecordCore,
    changes: &[FieldChange],
    key: Tag,
) -> Option<ShortTag> {
    let said = probity_format::codec::encode(&(core, changes), u64::MAX).ok()?;
    let pieces: [&[u8]; 3] = [&subject.0, &key, &said];
    Some(half(registry.tagger.tag("corrected content", &pieces)))
}

fn half(tag: Tag) -> ShortTag {
    let [a, b, c, d, e, f, g, h, ..] = tag;
    [a, b, c, d, e, f, g, h]
}

fn remember(registry: &mut Registry, entry: &Entry, core: &RecordCore) {
    let at = entry.header.position;
    let subject = SubjectId(entry.header.stream.0);
    let whole = entry.names_parties().then(|| entry.details()).flatten();
    let details = whole.as_ref().map(Details::lent);
    let tags = details.or_else(|| entry.own_details_ref()).map(|details| {
        let key = key_tag(registry, &subject, core, details);
        (key, content_tag(registry, core, details))
    });
    let row = registry.subjects.of_stream(subject);
    let row = RecordRow::new(core.record, row, core.subject_kind, at, tags.unzip());
    registry.records.put(row);
}
