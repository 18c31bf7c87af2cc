//! Handlers: parse, one use case, view.

use crate::errors::Trouble;
use crate::{answers, extract};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use probity_api::{ProblemType, RecordRequest, Scope};
use probity_app::Ledger;
use probity_domain::Command;
use probity_domain::command::Intake;
use probity_domain::report::{IdentifierClaim, Provenance, RecordReport, SubjectClaim};
use probity_project::Moment;
use probity_rules::AnchorDates;
use probity_types::identifiers::normalise;
use probity_types::{IdentifierKind, Position, SubjectId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Answer = Result<Json<Value>, Trouble>;
type Asked = Query<BTreeMap<String, String>>;

/// Most hits of one page.
const HITS_MAX: usize = 50;

/// The process runs.
pub async fn get_health() -> Json<Value> {
    Json(json!({ "is_alive": true, "version": env!("CARGO_PKG_VERSION") }))
}

/// The ledger can serve and write.
pub async fn get_readiness(State(ledger): State<Ledger>) -> (StatusCode, Json<Value>) {
    let fault = ledger.log.fault();
    let status = if fault.is_none() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let rewind =
        "rewinding the data folder cannot be detected: neither anchor nor witnesses are configured";
    (
        status,
        Json(
            json!({ "is_ready": fault.is_none(), "fault": fault, "note": rewind, "position": ledger.views().position() }),
        ),
    )
}

/// The interface as OpenAPI.
pub async fn get_openapi() -> Result<([(axum::http::HeaderName, &'static str); 1], String), Trouble>
{
    let document =
        probity_api::openapi::document().map_err(|_| Trouble::of(ProblemType::Internal))?;
    Ok((
        [(axum::http::header::CONTENT_TYPE, "application/json")],
        document,
    ))
}

/// Where the log stands.
pub async fn get_head(State(ledger): State<Ledger>) -> Answer {
    let (position, entry_hash) = ledger
        .head()
        .ok_or_else(|| Trouble::of(ProblemType::NotFound))?;
    let day = ledger.views().day();
    Ok(Json(
        json!({ "log": ledger.id, "position": position, "entries": position.0 + 1, "entry_hash": entry_hash, "day": day }),
    ))
}

/// One entry.
pub async fn get_entry(State(ledger): State<Ledger>, Path(position): Path<String>) -> Answer {
    let position: u64 = position
        .parse()
        .map_err(|_| Trouble::of(ProblemType::InvalidPath))?;
    let entry = ledger
        .entry(Position(position))?
        .ok_or_else(|| Trouble::of(ProblemType::NotFound))?;
    Ok(Json(answers::entry(&entry)))
}

/// Organisations by name or code.
pub async fn list_subjects(State(ledger): State<Ledger>, Query(query): Asked) -> Answer {
    let question = query.get("q").map(String::as_str).unwrap_or_default();
    refuse_identity_number(question)?;
    let moment = extract::moment(&ledger, &query)?;
    let views = ledger.views();
    let hits = views.search(question);
    let hit = |hit: &probity_project::Hit| {
        let row = views.directory().row(hit.subject)?;
        let mut item = answers::subject(row, &moment);
        item["match"] = json!({
            "field": format!("{:?}", hit.field).to_lowercase(), "how": format!("{:?}", hit.how).to_lowercase(),
            "value": hit.value, "since": hit.since,
        });
        Some(item)
    };
    let items: Vec<Value> = hits.iter().filter_map(hit).take(HITS_MAX).collect();
    Ok(Json(
        json!({ "items": items, "next": null, "hits": hits.len(), "position": views.position() }),
    ))
}

/// An identity number belongs into a body: addresses are logged all over the world.
fn refuse_identity_number(text: &str) -> Result<(), Trouble> {
    let digits = normalise(text);
    let is_number = matches!(digits.len(), 15 | 18)
        && digits
            .bytes()
            .take(digits.len() - 1)
            .all(|b| b.is_ascii_digit())
        && digits
            .bytes()
            .last()
            .is_some_and(|b| b.is_ascii_digit() || b == b'X');
    let day = probity_types::CivilDate::MAX;
    let holds = |kind| probity_types::identifiers::examine(kind, &digits, day).is_accepted();
    let is_credit_code = holds(IdentifierKind::Uscc) || holds(IdentifierKind::RegistrationNo);
    if is_number && !is_credit_code {
        Err(Trouble::of(ProblemType::IdentityNumberInAddress))
    } else {
        Ok(())
    }
}

/// How a subject stands; for a person only with a key, a purpose, and a disclosure on record.
pub async fn get_subject_status(
    State(ledger): State<Ledger>,
    Path(id): Path<String>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Answer {
    let id: SubjectId = id
        .parse()
        .map_err(|_| Trouble::of(ProblemType::InvalidPath))?;
    let moment = extract::moment(&ledger, &query)?;
    // A stranger must not learn from the answer whether a person is in the register: both cases ask for a key.
    let known = ledger
        .views()
        .directory()
        .get(&id)
        .map(|row| row.kind.is_person());
    if known != Some(false) {
        let principal = extract::principal(&ledger, &headers, Scope::PersonsRead).await?;
        let (purpose, basis) = extract::purpose(&headers)?;
        if known.is_none() {
            return Err(Trouble::of(ProblemType::NotFound));
        }
        let caller = probity_app::Caller {
            principal,
            idempotency_key: String::new(),
            request: Vec::new(),
        };
        ledger
            .disclose(
                &caller,
                (purpose, &basis),
                "get_subject_status",
                BTreeSet::from([id]),
            )
            .await?;
    }
    show_status(&ledger, &id, &moment)
}

fn show_status(ledger: &Ledger, id: &SubjectId, moment: &Moment) -> Answer {
    let views = ledger.views();
    let directory = views.directory();
    let index = directory
        .index(id)
        .ok_or_else(|| Trouble::of(ProblemType::NotFound))?;
    let row = directory
        .row(index)
        .ok_or_else(|| Trouble::of(ProblemType::NotFound))?;
    Ok(Json(answers::status(&views, index, row, moment)))
}

/// How an organisation stands, by credit code.
pub async fn get_organisation_status(
    State(ledger): State<Ledger>,
    Path(code): Path<String>,
    Query(query): Asked,
) -> Answer {
    refuse_identity_number(&code)?;
    let moment = extract::moment(&ledger, &query)?;
    let id = {
        let views = ledger.views();
        let value = normalise(&code);
        let found = views
            .directory()
            .by_identifier(views.tagger(), IdentifierKind::Uscc, &value);
        found.filter(|row| !row.kind.is_person()).map(|row| row.id)
    };
    show_status(
        &ledger,
        &id.ok_or_else(|| Trouble::of(ProblemType::NotFound))?,
        &moment,
    )
}

/// Members of a list on a day. Persons are counted, never named.
pub async fn list_members(
    State(ledger): State<Ledger>,
    Path(list): Path<String>,
    Query(query): Asked,
) -> Answer {
    let moment = extract::moment(&ledger, &query)?;
    let views = ledger.views();
    let (mut items, mut persons) = (Vec::new(), 0);
    for row in views
        .listings()
        .of_list(&list)
        .iter()
        .filter_map(|index| views.listings().row(*index))
    {
        if !row.is_listed(&moment) {
            continue;
        }
        match views.directory().row(row.subject).filter(|subject| !subject.kind.is_person()) {
            Some(subject) => items.push(json!({
                "subject": answers::subject(subject, &moment), "listing": row.id, "listed_on": row.listed_on,
                "until": row.until, "procedure": row.procedure, "authority": &*row.authority, "basis": &*row.basis,
                "position": row.position,
            })),
            None => persons += 1,
        }
    }
    let clocks = answers::clocks(&moment);
    Ok(Json(
        json!({ "items": items, "next": null, "persons": persons, "clocks": clocks, "position": views.position() }),
    ))
}

/// Report a record.
pub async fn create_record(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Trouble> {
    let mut request = b"POST /v1/records\n".to_vec();
    request.extend_from_slice(&body);
    let caller = extract::caller(&ledger, &headers, Scope::RecordsWrite, request).await?;
    let asked: RecordRequest = extract::json(&body)?;
    let report = report(&ledger, asked)?;
    let intake = Intake {
        absent: BTreeSet::new(),
        ..Intake::default()
    };
    let written = ledger
        .write(&caller, Command::ReportRecord(Box::new(report), intake))
        .await?;
    Ok((StatusCode::CREATED, Json(answers::receipt(&written))))
}

fn report(ledger: &Ledger, asked: RecordRequest) -> Result<RecordReport, Trouble> {
    let fields = {
        let views = ledger.views();
        let known_at = views.position().unwrap_or(Position(0));
        let packs = views
            .policies()
            .packs(known_at, &AnchorDates::on(ledger.today()));
        let entry = packs
            .as_ref()
            .ok()
            .and_then(|packs| packs.catalogue.entry(&asked.subcategory));
        let (Ok(packs), Some(entry)) = (&packs, entry) else {
            return Err(Trouble::of(ProblemType::UnknownSubcategory));
        };
        let type_of = |name: &str| {
            packs
                .catalogue
                .field_of(entry, name)
                .map(|field| field.field_type.clone())
        };
        probity_api::convert_fields(&asked.fields, type_of).map_err(|faults| {
            Trouble(Box::new(probity_api::Problem::fields(
                ProblemType::InvalidReport,
                faults,
            )))
        })?
    };
    let claim = |i: &probity_api::IdentifierRequest| IdentifierClaim {
        kind: i.kind,
        value: normalise(&i.value),
    };
    Ok(RecordReport {
        subject: SubjectClaim {
            kind: asked.subject.kind,
            identifiers: asked.subject.identifiers.iter().map(claim).collect(),
            name: asked.subject.name,
            birth_date: asked.subject.birth_date,
            region: asked.subject.region,
            industry: asked.subject.industry,
        },
        role: asked.role,
        subcategory: asked.subcategory,
        authority: asked.authority,
        authority_code: asked.authority_code,
        source_unit: asked.source_unit,
        source_unit_code: asked.source_unit_code,
        fields,
        provenance: Provenance::default(),
    })
}

/// Anything else.
pub async fn not_found() -> Trouble {
    Trouble::of(ProblemType::NotFound)
}
