//! Who a waiting report is about: decided by a person on what agrees besides the name, and remembered where the answer was no.
//!
//! Names, and names that sound alike, are candidates for a person to look at; nothing here links by them.

use crate::command::LinkPending;
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::record;
use crate::refusal::{Fault, Refusal, text};
use crate::registry::Registry;
use crate::report::RecordReport;
use crate::rows::PendingRow;
use crate::source::{IdSource, Tag};
use crate::subject::required;
use crate::system::SYSTEM_STREAM;
use probity_format::events::{
    CandidateRejected, CodeConfirmed, Event, Ground, Private, RecordLinked, RecordVoided,
    SealedReason, StreamKind,
};
use probity_format::fields::FieldMap;
use probity_format::wire::Set;
use probity_types::identifiers::{examine, normalise};
use probity_types::table::ShortPosition;
use probity_types::{
    CivilDate, CodeList, CompensationReason, IdentifierKind, PendingId, Position, RecordId, Role,
    RootId, SubjectId, SubjectKind,
};

/// What can agree between a report and a subject, each independent of the others and of the name: key, Chinese, English.
pub const ATTRIBUTES: [(&str, &str, &str); 8] = [
    (
        "identity_number",
        "证件号码",
        "number of an identity document",
    ),
    ("birth_date", "出生日期", "birth date"),
    ("address", "住址", "address"),
    ("phone", "电话号码", "telephone number"),
    ("employer", "工作单位", "employer"),
    ("account", "账号或户号", "account number"),
    ("relative", "亲属关系", "relative"),
    ("court_file", "案卷材料", "papers in the file of the case"),
];

/// How many of them a link takes (domain rule 2).
pub const ATTRIBUTES_MIN: usize = 2;

/// Tag of an act, the role in it and the name of the party: what stays the same when a report comes again. None where the act
/// has no number.
pub(crate) fn act_tag(
    registry: &Registry,
    (subcategory, role): (&str, Role),
    (authority, source_unit): (&str, &str),
    fields: &FieldMap,
    name: &str,
) -> Option<Tag> {
    let field = |name: &str| fields.get(name).map(ToString::to_string);
    let number = ["case_no", "document_no", "account_no", "instrument_no"]
        .into_iter()
        .find_map(field)
        .filter(|number| !number.is_empty())?;
    let issuer = match field("court") {
        Some(court) => court,
        None if authority.is_empty() => source_unit.to_owned(),
        None => authority.to_owned(),
    };
    let category = subcategory.get(..2).unwrap_or("");
    let (issuer, name) = (probity_names::fold(&issuer), probity_names::fold(name));
    let pieces: [&[u8]; 5] = [
        category.as_bytes(),
        role.key().as_bytes(),
        issuer.as_bytes(),
        number.as_bytes(),
        name.as_bytes(),
    ];
    Some(registry.tagger.tag("party", &pieces))
}

fn act_of(registry: &Registry, report: &RecordReport) -> Option<Tag> {
    act_tag(
        registry,
        (&report.subcategory, report.role),
        (&report.authority, &report.source_unit),
        &report.fields,
        &report.subject.name,
    )
}

impl Registry {
    /// Subjects that the party of this report is not, with the entries that say so.
    pub fn ruled_out(&self, report: &RecordReport) -> Vec<(SubjectId, Position)> {
        let Some(act) = act_of(self, report) else {
            return Vec::new();
        };
        let all = (act, SubjectId([0; 16]))..=(act, SubjectId([0xff; 16]));
        let decided = self.rejected.range(all);
        decided
            .map(|((_, subject), (_, at))| (*subject, *at))
            .collect()
    }
}

/// The entry that says that this report is not about this subject.
pub(crate) fn rejected_at(
    registry: &Registry,
    report: &RecordReport,
    subject: SubjectId,
) -> Option<Position> {
    let act = act_of(registry, report)?;
    registry.rejected.get(&(act, subject)).map(|(_, at)| *at)
}

fn state(registry: &Registry, pending: PendingId) -> Result<PendingRow, Refusal> {
    let row = registry.pending.get(&pending.0).copied();
    row.ok_or_else(|| Refusal::NotFound {
        what: "waiting report",
        id: pending.to_string(),
    })
}

/// A report that waits in the open: not kept apart.
fn waiting(registry: &Registry, pending: PendingId) -> Result<PendingRow, Refusal> {
    let row = state(registry, pending)?;
    if row.quarantined {
        return Err(Refusal::PendingState {
            pending,
            state: "quarantined; decide that first",
            zh: "已被隔离，请先处理隔离",
        });
    }
    Ok(row)
}

/// The words of a decision: named, with reasons.
fn check_words(decider: &str, reasons: &str) -> Result<(), Refusal> {
    for (field, zh, value) in [("decider", "决定人", decider), ("reasons", "理由", reasons)] {
        if value.trim().is_empty() {
            return Err(required(field, zh));
        }
    }
    Ok(())
}

fn with_reasons(
    event: NewEvent,
    person: bool,
    pending: PendingId,
    reasons: &str,
) -> Result<NewEvent, Refusal> {
    if !person {
        return Ok(event);
    }
    let reason = text("reasons", reasons)?;
    Ok(event.with_part(RootId(pending.0), Private::Reason(SealedReason { reason })))
}

/// Records that a waiting report is not about a subject. Where it was linked to that subject, the record is voided in the same
/// unit and the report waits again.
pub(crate) fn decide_reject(
    registry: &Registry,
    (pending, candidate): (PendingId, SubjectId),
    (decider, reasons): (&str, &str),
) -> Result<Decision, Refusal> {
    check_words(decider, reasons)?;
    let row = waiting(registry, pending)?;
    let subject = registry.subject(&candidate);
    let subject = subject.ok_or_else(|| Refusal::NotFound {
        what: "subject",
        id: candidate.to_string(),
    })?;
    let act = row.act.ok_or(Refusal::Erased)?;
    if let Some((_, at)) = registry.rejected.get(&(act, candidate)) {
        return Ok(Decision::AlreadyThere(*at));
    }
    let person = subject.kind.is_person();
    let body = CandidateRejected {
        pending,
        subject_kind: subject.kind,
        candidate,
        decider: text("decider", decider)?,
        reasons: if person {
            None
        } else {
            Some(text("reasons", reasons)?)
        },
    };
    let event = NewEvent::open(StreamKind::Pending, pending.0, body).caused_by(row.since.wide());
    let mut events = vec![with_reasons(event, person, pending, reasons)?];
    let linked = registry.record(&row.record).filter(|state| {
        state.subject == candidate && state.standing == crate::registry::Standing::Holds
    });
    if let Some(record) = linked {
        let body = RecordVoided {
            record: row.record,
            subject_kind: record.kind,
            ground: Ground {
                reason: CompensationReason::WrongSubject,
                authority: text("authority", decider)?,
                instrument_no: Default::default(),
                legal_basis: Default::default(),
                evidence: Set::default(),
            },
        };
        let void = NewEvent::open(StreamKind::Subject, candidate.0, body);
        events.push(void.caused_by(record.recorded_at));
    }
    Ok(Decision::Append(events))
}

/// What agrees, as the event names it.
fn attributes(
    given: &std::collections::BTreeSet<String>,
) -> Result<Vec<probity_types::Text<32>>, Refusal> {
    let known = |word: &String| ATTRIBUTES.iter().any(|(key, ..)| key == word);
    let words = ATTRIBUTES.map(|(key, ..)| key).join(" ");
    if given.len() < ATTRIBUTES_MIN || !given.iter().all(known) {
        return Err(Refusal::Faults(vec![Fault::new(
            "attributes",
            "link.attributes",
            (
                "认领需要至少两项相互独立的相符信息，名称或读音相同不算",
                "a link takes two independent attributes that agree; a name, or its sound, is none",
            ),
            (
                format!("请从以下各项中选择：{words}"),
                format!("choose from: {words}"),
            ),
        )]));
    }
    given.iter().map(|word| text("attributes", word)).collect()
}

/// Whether a waiting report may be linked to a subject, and whether the subject is a person.
fn linkable(registry: &Registry, link: &LinkPending, row: &PendingRow) -> Result<bool, Refusal> {
    let pending = link.pending;
    if row.settled_at.known().is_some() {
        return Err(Refusal::PendingState {
            pending,
            state: "linked already",
            zh: "已被认领",
        });
    }
    if !row.name_only {
        return Err(Refusal::PendingState {
            pending,
            state: "no report without an identifier; its content contradicts a record",
            zh: "并非仅有名称，而是与已有记录内容不同",
        });
    }
    let subject = registry.subject(&link.subject);
    let subject = subject.ok_or_else(|| Refusal::NotFound {
        what: "subject",
        id: link.subject.to_string(),
    })?;
    if subject.kind != link.report.subject.kind {
        return Err(Refusal::KindDiffers {
            declared: link.report.subject.kind.key(),
        });
    }
    match rejected_at(registry, &link.report, link.subject) {
        Some(at) => Err(Refusal::CandidateRejected(at)),
        None => Ok(subject.kind.is_person()),
    }
}

/// Records whom a waiting report is about, and the record itself, in one unit.
pub(crate) fn decide_link(
    registry: &Registry,
    link: &LinkPending,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    check_words(&link.decider, &link.reasons)?;
    let attributes = attributes(&link.attributes)?;
    let pending = link.pending;
    let row = waiting(registry, pending)?;
    let linked = registry.record(&row.record).map(|record| record.subject);
    if let (Some(at), true) = (row.settled_at.known(), linked == Some(link.subject)) {
        return Ok(Decision::AlreadyThere(at));
    }
    let person = linkable(registry, link, &row)?;
    let decided = record::decide_for(
        registry,
        &link.report,
        link.subject,
        &link.intake,
        today,
        ids,
    )?;
    let Decision::Append(mut events) = decided else {
        // The record is there, or another content of it: that is for its own parties to clear up.
        return Ok(decided);
    };
    let record = events.iter().find_map(|event| event.event.record());
    let reasons = &link.reasons;
    let body = RecordLinked {
        pending,
        subject_kind: link.report.subject.kind,
        subject: link.subject,
        record: record.unwrap_or(RecordId::NONE),
        attributes: Set::from_unsorted(attributes).map_err(|e| Refusal::Value {
            field: "attributes",
            why: e.to_string(),
        })?,
        decider: text("decider", &link.decider)?,
        reasons: if person {
            None
        } else {
            Some(text("reasons", reasons)?)
        },
    };
    let cause = row.since.wide();
    let event = NewEvent::open(StreamKind::Pending, pending.0, body).caused_by(cause);
    let event = with_reasons(event, person, pending, reasons)?;
    events = events
        .into_iter()
        .map(|event| event.caused_by(cause))
        .collect();
    events.insert(0, event);
    Ok(Decision::Append(events))
}

/// Records that a reviewer found a credit code in its register although the outer check character does not hold (real codes of
/// firms registered before 2016). Nothing else about a code can be confirmed.
pub(crate) fn decide_confirm(
    registry: &Registry,
    (value, register, reviewer): (&str, &str, &str),
    checked_on: CivilDate,
    today: CivilDate,
) -> Result<Decision, Refusal> {
    for (field, zh, value) in [
        ("register", "登记簿", register),
        ("reviewer", "核对人", reviewer),
    ] {
        if value.trim().is_empty() {
            return Err(required(field, zh));
        }
    }
    let value = normalise(value);
    if let Some(at) = registry.confirmed.get(&value) {
        return Ok(Decision::AlreadyThere(*at));
    }
    let found = examine(IdentifierKind::Uscc, &value, today);
    if !found.only_outer_check() {
        let (zh, en) = match found.is_accepted() {
            true => (
                "该代码校验无误，无需核实".to_owned(),
                "the code passes its checks".to_owned(),
            ),
            false => (found.zh().join("；"), found.en().join("; ")),
        };
        return Err(Refusal::Faults(vec![Fault::new(
            "value",
            "code.not_confirmable",
            (zh, en),
            (
                "只有外层校验码不符、内含组织机构代码正确的代码可以核实",
                "only a code whose outer check fails while the organisation code inside holds can be confirmed",
            ),
        )]));
    }
    if checked_on > today {
        return Err(Refusal::Faults(vec![Fault::new(
            "checked_on",
            "field.decision_date",
            ("核对日期晚于今天", "checked_on lies after today"),
            (
                "请填写核对当日",
                "give the day on which the register was looked at",
            ),
        )]));
    }
    let body = CodeConfirmed {
        kind: IdentifierKind::Uscc,
        value: text("value", &value)?,
        register: text("register", register)?,
        checked_on,
        reviewer: text("reviewer", reviewer)?,
    };
    Ok(Decision::Append(vec![NewEvent::open(
        StreamKind::System,
        SYSTEM_STREAM,
        body,
    )]))
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let at = entry.header.position;
    match &entry.event {
        Event::CandidateRejected(event) => {
            let Some(row) = registry.pending.get(&event.pending.0).copied() else {
                return;
            };
            if let Some(act) = row.act {
                let key = (act, event.candidate);
                registry.rejected.entry(key).or_insert((event.pending, at));
            }
            let linked = registry.record(&row.record).map(|record| record.subject);
            if linked == Some(event.candidate)
                && let Some(row) = registry.pending.get_mut(&event.pending.0)
            {
                row.settled_at = ShortPosition::NONE;
                row.record = RecordId::NONE;
            }
        }
        Event::RecordLinked(event) => {
            if let Some(row) = registry.pending.get_mut(&event.pending.0) {
                row.settled_at = at.into();
                row.record = event.record;
            }
        }
        Event::CodeConfirmed(event) => {
            let value = event.value.as_str().to_owned();
            registry.confirmed.entry(value).or_insert(at);
        }
        _ => {}
    }
}

/// Forgets what was known about an erased report, and what was decided about it.
pub(crate) fn forget(registry: &mut Registry, pending: PendingId, erased: ShortPosition) {
    let Some(row) = registry.pending.get_mut(&pending.0) else {
        return;
    };
    if row.since != erased {
        return;
    }
    row.act = None;
    registry.rejected.retain(|_, (from, _)| *from != pending);
}

/// Notes a report that waits.
pub(crate) fn note_pending(registry: &mut Registry, entry: &Entry, kind: Option<SubjectKind>) {
    let (pending, subcategory, source_unit, name_only, quarantined) = match &entry.event {
        Event::RecordParked(event) => (
            event.pending,
            event.subcategory.as_str(),
            event.source_unit.as_str(),
            event.reason == probity_types::ParkReason::NameOnly,
            false,
        ),
        Event::ReportQuarantined(event) => {
            (event.pending, "", event.source_unit.as_str(), false, true)
        }
        _ => return,
    };
    let act = entry.parked().and_then(|content| {
        let named = content.fields.iter();
        let fields: FieldMap = named
            .map(|named| (named.name.as_str().to_owned(), named.value.clone()))
            .collect();
        act_tag(
            registry,
            (subcategory, content.role),
            (&content.authority, source_unit),
            &fields,
            &content.name,
        )
    });
    let row = PendingRow {
        since: entry.header.position.into(),
        act: act.filter(|_| !quarantined),
        kind,
        name_only,
        quarantined,
        settled_at: ShortPosition::NONE,
        record: RecordId::NONE,
    };
    registry.pending.insert(pending.0, row);
}
