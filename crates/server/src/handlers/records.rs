//! Records: reported, read, compensated. Registering a subject stands here too.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::identity::reported;
use crate::handlers::writes::{receipt, subject_claim};
use crate::moment::{Asked, moment, sight};
use crate::show;
use probity_api::{
    AsOfQuery, Change, CompensationRequest, CompensationScope, CurrentState, NewerEntry, Problem,
    ProblemType, RecordRequest, SubjectRequest,
};
use probity_app::{Ledger, Sight, WriteError};
use probity_domain::command::{Compensation, CurrentRecord, Intake};
use probity_domain::report::{Provenance, RecordReport};
use probity_domain::{Command, Refusal};
use probity_format::events::Ground;
use probity_log::SubmitError;
use probity_project::RecordRow;
use probity_rules::AnchorDates;
use probity_types::{CivilDate, FieldType, Position, RecordId, SubjectId, Text};

fn not_found() -> Trouble {
    Trouble::of(ProblemType::NotFound)
}

/// Registers a subject, or finds it.
pub async fn register_subject(call: Call) -> Result<Answer, Trouble> {
    let request: SubjectRequest = call.json()?;
    let command = Command::RegisterSubject(subject_claim(request)?);
    let written = call.service.ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// The type of each field of a class, by the catalogue of a day.
fn field_types(
    ledger: &Ledger,
    subcategory: &str,
    on: CivilDate,
) -> Result<impl Fn(&str) -> Option<FieldType> + use<>, Trouble> {
    let views = ledger.views();
    let known_at = views.position().unwrap_or(Position(0));
    let packs = views.policies().packs(known_at, &AnchorDates::on(on));
    let packs = packs.map_err(|none| {
        let zh = "没有覆盖该日期的已发布目录";
        Trouble::saying(ProblemType::NoPolicy, none.to_string(), zh)
    })?;
    let Some(entry) = packs.catalogue.entry(subcategory) else {
        let code: String = subcategory.chars().take(16).collect();
        return Err(Refusal::UnknownSubcategory { code, on }.into());
    };
    let types: std::collections::BTreeMap<String, FieldType> = packs
        .catalogue
        .fields_of(entry)
        .map(|field| (field.name.clone(), field.field_type.clone()))
        .collect();
    Ok(move |name: &str| types.get(name).cloned())
}

/// Reports a record.
pub async fn report_record(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let caller = call.caller()?;
    let request: RecordRequest = call.json()?;
    let types = field_types(ledger, &request.subcategory, ledger.today())?;
    let fields = probity_api::convert_fields(&request.fields, types).map_err(Call::invalid)?;
    let report = RecordReport {
        subject: subject_claim(request.subject)?,
        role: request.role,
        subcategory: request.subcategory,
        authority: request.authority,
        authority_code: request.authority_code,
        source_unit: request.source_unit,
        source_unit_code: request.source_unit_code,
        fields,
        provenance: Provenance::default(),
    };
    // Before the write: what the register held when the report came.
    let remarks = ledger.remarks(&report);
    let held = report.clone();
    let command = Command::ReportRecord(Box::new(report), Intake::default());
    let written = ledger.write(&caller, command).await?;
    reported(&call, &written, remarks, held).await
}

/// A record with its subject, and how the caller sees it. Whether it shows is the screen's to say.
///
/// # Errors
/// There is none, or the caller may not know whether there is.
pub(super) async fn found_record(
    call: &Call,
    id: RecordId,
) -> Result<(SubjectId, RecordRow, Sight), Trouble> {
    let found = {
        let views = call.service.ledger.views();
        let row = views.records().get(&id);
        row.and_then(|row| Some((views.directory().row(row.subject)?.id, row.clone())))
    };
    let subject = found.as_ref().map(|(subject, _)| *subject);
    // An unknown record is asked for like one about an unknown subject, so that both are answered alike.
    let sight = sight(call, subject.unwrap_or_default()).await?;
    let (subject, row) = found.ok_or_else(not_found)?;
    Ok((subject, row, sight))
}

/// One record as it holds at a moment.
pub async fn read_record(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: RecordId = call.parameter("id")?;
    let moment = moment(ledger, Asked::from(call.query::<AsOfQuery>()?)).await?;
    let (subject, row, sight) = found_record(&call, id).await?;
    let recorded = row.versions.first().map(|version| version.position);
    let content = ledger.record_seen(&row, &moment, sight)?;
    let frame = recorded.map(|at| ledger.frame(at)).transpose()?.flatten();
    let views = ledger.views();
    let screen = ledger.screen(&views, sight);
    if !screen.shows_record(&row) {
        drop(views);
        return Err(crate::moment::withheld(
            &call,
            probity_api::Scope::PersonsRead,
        ));
    }
    let view = content.zip(frame).and_then(|(content, frame)| {
        let recorded_at = frame.header.recorded_at;
        show::record::record(&screen, (subject, &row), &content, recorded_at, &moment)
    });
    let view = view.ok_or_else(not_found)?;
    Ok(Answer::of(&view).revision(row.revision))
}

fn text<const N: u32>(field: &'static str, value: &str) -> Result<Text<N>, Trouble> {
    let why = || Refusal::Value {
        field,
        why: format!("at most {N} characters are allowed"),
    };
    Text::try_from(value).map_err(|_| why().into())
}

fn ground(request: &CompensationRequest) -> Result<Ground, Trouble> {
    let evidence = probity_format::wire::Set::from_unsorted(request.evidence.clone());
    Ok(Ground {
        reason: request.reason,
        authority: text("authority", &request.authority)?,
        instrument_no: text("instrument_no", &request.instrument_no)?,
        legal_basis: text("legal_basis", &request.legal_basis)?,
        evidence: evidence.map_err(|error| Refusal::Value {
            field: "evidence",
            why: error.to_string(),
        })?,
    })
}

/// Corrects, voids or annuls a record, or the records of every party to its act.
pub async fn compensate_record(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: RecordId = call.parameter("id")?;
    let seen = call.seen_revision()?;
    let caller = call.caller()?;
    let request: CompensationRequest = call.json()?;
    let change = request.change().map_err(Call::invalid)?;
    let read = match request.scope {
        CompensationScope::Record => ledger.current_record(id)?.map(|record| vec![record]),
        CompensationScope::Act => ledger.current_act(id)?,
    };
    let mut records = read?;
    // The decider compares what the caller saw with what stands; a retry is answered before it comes to that.
    if let Some(first) = records.first_mut() {
        first.revision = seen;
    }
    let action = match change {
        Change::Correct(changes) => {
            let core = records.first().map(|record: &CurrentRecord| &record.core);
            let core = core.ok_or_else(not_found)?;
            let types = field_types(ledger, &core.subcategory, core.decided_on)?;
            let changes = probity_api::convert_changes(changes, types).map_err(Call::invalid)?;
            Compensation::Correct(changes)
        }
        Change::Void => Compensation::Void,
        Change::Annul(from) => Compensation::Annul(from),
    };
    let command = Command::Compensate {
        records,
        action,
        ground: ground(&request)?,
    };
    match ledger.write(&caller, command).await {
        Ok(written) => Ok(receipt(&written)),
        Err(WriteError::Submit(SubmitError::Refused(Refusal::Conflict { record, .. }))) => {
            Err(conflict(ledger, record, seen)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// A conflict with the entries that the caller had not seen.
fn conflict(ledger: &Ledger, id: RecordId, seen: Position) -> Result<Trouble, Trouble> {
    let (head, row) = {
        let views = ledger.views();
        let head = views.position().unwrap_or_default();
        (head, views.records().get(&id).cloned())
    };
    let row = row.ok_or_else(not_found)?;
    let mut positions: Vec<Position> = row.versions.iter().map(|v| v.position).collect();
    positions.extend(row.performed.iter().map(|(position, ..)| *position));
    positions.extend(row.ended_at());
    positions.retain(|position| *position > seen);
    positions.sort_unstable();
    positions.dedup();
    let mut newer = Vec::new();
    for position in positions {
        if let Some(entry) = ledger.entry_seen(position, Sight::Public)? {
            newer.push(NewerEntry {
                position,
                recorded_at: entry.header.recorded_at,
                event: entry.event.name().to_owned(),
                event_zh: entry.event.zh().to_owned(),
            });
        }
    }
    let current = CurrentState {
        position: head,
        revision: Some(row.revision),
        newer,
    };
    let problem = Problem::new(ProblemType::RevisionConflict).current(current);
    Ok(Trouble(Box::new(problem)))
}
