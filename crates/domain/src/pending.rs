//! Reports that wait for a person: a name without an identifier, or content that contradicts a record.

use crate::command::Intake;
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Refusal, text};
use crate::registry::Registry;
use crate::report::{IdentifierClaim, ListingReport, Provenance, RecordReport, SubjectClaim};
use crate::rows::Waits;
use crate::source::{IdSource, Tag};
use crate::{batch, identity, subject};
use probity_format::events::{
    Event, HeldIdentifier, ParkedContent, Private, RecordParked, ReportQuarantined, StreamKind,
};
use probity_format::fields::NamedValue;
use probity_types::{
    CivilDate, FieldValue, ParkReason, PendingId, RecordId, Role, RootId, SubjectKind, Text,
};
use std::collections::BTreeMap;

/// Names under which a waiting report keeps what else the claim says.
const BIRTH_DATE: &str = "subject_birth_date";
const REGION: &str = "region_code";
/// Of a quarantined report not even the class stands in the open.
const SUBCATEGORY: &str = "subcategory";
/// Stands where a parked report has its class, in the tag of a quarantined one.
const QUARANTINE: &str = "quarantine";

/// What is to be parked, whatever kind of report it came from.
pub(crate) struct Waiting<'a> {
    pub(crate) claim: &'a SubjectClaim,
    pub(crate) subcategory: &'a str,
    pub(crate) source_unit: &'a str,
    pub(crate) source_unit_code: &'a str,
    pub(crate) authority: &'a str,
    pub(crate) authority_code: &'a str,
    pub(crate) role: Role,
    pub(crate) fields: BTreeMap<String, FieldValue>,
    pub(crate) provenance: &'a crate::report::Provenance,
}

impl<'a> Waiting<'a> {
    pub(crate) fn record(report: &'a RecordReport) -> Self {
        Self {
            claim: &report.subject,
            subcategory: &report.subcategory,
            source_unit: &report.source_unit,
            source_unit_code: &report.source_unit_code,
            authority: &report.authority,
            authority_code: &report.authority_code,
            role: report.role,
            fields: with_claim(report),
            provenance: &report.provenance,
        }
    }

    pub(crate) fn listing(report: &'a ListingReport) -> Self {
        let mut fields = BTreeMap::new();
        let mut put = |name: &str, value: &str| {
            if let Ok(value) = Text::try_from(value)
                && !value.is_empty()
            {
                fields.insert(name.to_owned(), FieldValue::Text(value));
            }
        };
        put("reason", &report.reason);
        put("instrument_no", &report.instrument_no);
        put("basis", &report.basis);
        if let Some(date) = report.listed_on {
            fields.insert("listed_on".to_owned(), FieldValue::Date(date));
        }
        Self {
            claim: &report.subject,
            subcategory: &report.list,
            source_unit: &report.source_unit,
            source_unit_code: "",
            authority: &report.authority,
            authority_code: "",
            role: Role::Party,
            fields,
            provenance: &report.provenance,
        }
    }
}

/// The fields of a report with what the claim says beyond name and identifiers, so that the report can be read back whole.
fn with_claim(report: &RecordReport) -> BTreeMap<String, FieldValue> {
    let mut fields = report.fields.clone();
    if let Some(born) = report.subject.birth_date {
        fields.insert(BIRTH_DATE.to_owned(), FieldValue::Date(born));
    }
    let region = report.subject.region.as_deref();
    if let Some(region) = region.and_then(|region| Text::try_from(region).ok()) {
        fields.insert(REGION.to_owned(), FieldValue::Code(region));
    }
    fields
}

/// The report that waits, read back from its entry; none where its content is erased or not open to this reader, and for a
/// membership of a list.
pub fn report_of(entry: &Entry) -> Option<(RecordReport, Intake)> {
    let content = entry.parked()?;
    let named = content.fields.iter();
    let mut fields: BTreeMap<String, FieldValue> = named
        .map(|named| (named.name.as_str().to_owned(), named.value.clone()))
        .collect();
    let mut take = |name: &str| match fields.remove(name) {
        Some(FieldValue::Text(text)) => text.as_str().to_owned(),
        Some(FieldValue::Code(code)) => code.as_str().to_owned(),
        _ => String::new(),
    };
    let (kind, subcategory, source_unit, origin) = match &entry.event {
        Event::RecordParked(event) => (
            event.subject_kind,
            event.subcategory.as_str().to_owned(),
            &event.source_unit,
            &event.origin,
        ),
        Event::ReportQuarantined(event) => {
            let kind = SubjectKind::NaturalPerson;
            (kind, take(SUBCATEGORY), &event.source_unit, &event.origin)
        }
        _ => return None,
    };
    let region = Some(take(REGION)).filter(|region| !region.is_empty());
    let birth_date = match fields.remove(BIRTH_DATE) {
        Some(FieldValue::Date(born)) => Some(born),
        _ => None,
    };
    let identifiers = content.identifiers.iter();
    let claim = |held: &HeldIdentifier| IdentifierClaim {
        kind: held.kind,
        value: held.value.as_str().to_owned(),
    };
    let subject = SubjectClaim {
        kind,
        name: content.name.as_str().to_owned(),
        identifiers: identifiers.map(claim).collect(),
        birth_date,
        region,
        industry: None,
    };
    let report = RecordReport {
        subject,
        role: content.role,
        subcategory,
        authority: content.authority.as_str().to_owned(),
        authority_code: content.authority_code.as_str().to_owned(),
        source_unit: source_unit.as_str().to_owned(),
        source_unit_code: content.source_unit_code.as_str().to_owned(),
        fields,
        provenance: Provenance {
            sheet: origin.sheet.as_str().to_owned(),
            row: origin.row,
            profile: origin.profile.as_str().to_owned(),
        },
    };
    // The batch is complete by now: the record shows at once.
    let intake = Intake {
        file: origin.file,
        ..Intake::default()
    };
    Some((report, intake))
}

/// The tag by which the same waiting report is known again.
fn waiting_tag(
    registry: &Registry,
    kind: SubjectKind,
    subcategory: &str,
    conflicts_with: &RecordId,
    content: &ParkedContent,
) -> Result<Tag, Refusal> {
    use probity_types::CodeList;
    let bytes = Private::Parked(content.clone()).encode();
    let bytes = bytes.map_err(|e| Refusal::Value {
        field: "fields",
        why: e.to_string(),
    })?;
    let pieces: [&[u8]; 4] = [
        &kind.number().to_le_bytes(),
        subcategory.as_bytes(),
        &conflicts_with.0,
        &bytes,
    ];
    Ok(registry.tagger.tag("waiting", &pieces))
}

/// What a waiting report says.
fn content(
    registry: &Registry,
    waiting: &Waiting<'_>,
    today: CivilDate,
) -> Result<ParkedContent, Refusal> {
    let identifiers = subject::check_identifiers(registry, waiting.claim, today)?;
    let named = waiting.fields.iter().map(|(name, value)| {
        Ok(NamedValue {
            name: text("field", name)?,
            value: value.clone(),
        })
    });
    let named = named.collect::<Result<Vec<_>, Refusal>>()?;
    let many = |field, max| Refusal::Value {
        field,
        why: format!("at most {max} values"),
    };
    Ok(ParkedContent {
        name: text("subject_name", &waiting.claim.name)?,
        identifiers: identifiers
            .try_into()
            .map_err(|_| many("identifiers", 16))?,
        role: waiting.role,
        authority: text("authority", waiting.authority)?,
        authority_code: text("authority_code", waiting.authority_code)?,
        source_unit_code: text("source_unit_code", waiting.source_unit_code)?,
        fields: named.try_into().map_err(|_| many("fields", 64))?,
    })
}

/// Keeps a report apart, sealed whole, or finds it kept apart already.
pub(crate) fn quarantine(
    registry: &Registry,
    report: &RecordReport,
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let mut waiting = Waiting::record(report);
    let class = text("subcategory", &report.subcategory)?;
    let class = FieldValue::Text(class);
    waiting.fields.insert(SUBCATEGORY.to_owned(), class);
    let content = content(registry, &waiting, today)?;
    let kind = SubjectKind::NaturalPerson;
    let tag = waiting_tag(registry, kind, QUARANTINE, &RecordId::NONE, &content)?;
    if let Some(waits) = registry.parked.get(&tag) {
        return Ok(Decision::AlreadyThere(waits.parked_at.wide()));
    }
    let pending = PendingId(ids.draw());
    let body = ReportQuarantined {
        pending,
        source_unit: text("source_unit", &report.source_unit)?,
        origin: batch::origin(intake, &report.provenance)?,
    };
    let sealed = Private::Parked(content);
    let event = NewEvent::open(StreamKind::Pending, pending.0, body);
    Ok(Decision::Park(vec![
        event.with_part(RootId(pending.0), sealed),
    ]))
}

/// Parks a report, or finds it parked already.
pub(crate) fn park(
    registry: &Registry,
    waiting: Waiting<'_>,
    reason: (ParkReason, u32, RecordId),
    intake: &Intake,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let (reason, namesakes, conflicts_with) = reason;
    let content = content(registry, &waiting, today)?;
    let kind = waiting.claim.kind;
    let tag = waiting_tag(
        registry,
        kind,
        waiting.subcategory,
        &conflicts_with,
        &content,
    )?;
    if let Some(waits) = registry.parked.get(&tag) {
        return Ok(Decision::AlreadyThere(waits.parked_at.wide()));
    }
    let pending = PendingId(ids.draw());
    let mut body = RecordParked {
        pending,
        reason,
        subject_kind: kind,
        subcategory: text("subcategory", waiting.subcategory)?,
        source_unit: text("source_unit", waiting.source_unit)?,
        namesakes,
        conflicts_with,
        origin: batch::origin(intake, waiting.provenance)?,
        content: None,
    };
    let event = if kind.is_person() {
        let sealed = Private::Parked(content);
        NewEvent::open(StreamKind::Pending, pending.0, body).with_part(RootId(pending.0), sealed)
    } else {
        body.content = Some(content);
        NewEvent::open(StreamKind::Pending, pending.0, body)
    };
    Ok(Decision::Park(vec![event]))
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let none = RecordId::NONE;
    let (pending, kind, class, conflicts_with) = match &entry.event {
        Event::RecordParked(event) => (
            event.pending,
            event.subject_kind,
            event.subcategory.as_str(),
            &event.conflicts_with,
        ),
        Event::ReportQuarantined(event) => {
            (event.pending, SubjectKind::NaturalPerson, QUARANTINE, &none)
        }
        _ => return,
    };
    identity::note_pending(registry, entry, Some(kind));
    let Some(content) = entry.parked() else {
        return;
    };
    let tag = waiting_tag(registry, kind, class, conflicts_with, content);
    if let Ok(tag) = tag {
        let waits = Waits {
            pending,
            parked_at: entry.header.position.into(),
        };
        registry.parked.insert(tag, waits);
    }
}
