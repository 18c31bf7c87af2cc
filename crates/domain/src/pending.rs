//! Reports that wait for a person: a name without an identifier, or content that contradicts a record.

use crate::command::Intake;
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Refusal, text};
use crate::registry::Registry;
use crate::report::{ListingReport, RecordReport, SubjectClaim};
use crate::rows::Waits;
use crate::source::{IdSource, Tag};
use crate::{batch, subject};
use probity_format::events::{Event, ParkedContent, Private, RecordParked, StreamKind};
use probity_format::fields::NamedValue;
use probity_types::{
    CivilDate, FieldValue, ParkReason, PendingId, RecordId, Role, RootId, SubjectKind, Text,
};
use std::collections::BTreeMap;

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
            fields: report.fields.clone(),
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
    let identifiers = subject::check_identifiers(waiting.claim, today)?;
    let named = waiting.fields.into_iter().map(|(name, value)| {
        Ok(NamedValue {
            name: text("field", &name)?,
            value,
        })
    });
    let named = named.collect::<Result<Vec<_>, Refusal>>()?;
    let many = |field, max| Refusal::Value {
        field,
        why: format!("at most {max} values"),
    };
    let content = ParkedContent {
        name: text("subject_name", &waiting.claim.name)?,
        identifiers: identifiers
            .try_into()
            .map_err(|_| many("identifiers", 16))?,
        role: waiting.role,
        authority: text("authority", waiting.authority)?,
        authority_code: text("authority_code", waiting.authority_code)?,
        source_unit_code: text("source_unit_code", waiting.source_unit_code)?,
        fields: named.try_into().map_err(|_| many("fields", 64))?,
    };
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
    let Event::RecordParked(event) = &entry.event else {
        return;
    };
    let Some(content) = entry.parked() else {
        return;
    };
    let tag = waiting_tag(
        registry,
        event.subject_kind,
        &event.subcategory,
        &event.conflicts_with,
        content,
    );
    if let Ok(tag) = tag {
        let waits = Waits {
            pending: event.pending,
            parked_at: entry.header.position.into(),
        };
        registry.parked.insert(tag, waits);
    }
}
