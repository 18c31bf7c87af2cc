//! From named fields to core and details, and back: one function for reports, corrections and replays, so that a record
//! has one shape whatever way it came.

use crate::policy;
use crate::refusal::{Fault, Refusal, text};
use crate::registry::Registry;
use crate::report::RecordReport;
use crate::texts;
use probity_format::events::{Details, FieldChange, Origin, RecordCore};
use probity_format::fields::{FieldCodec, FieldMap, Party};
use probity_format::wire::Place;
use probity_rules::FieldRule;
use probity_rules::fields::DECISION_DATE_MIN;
use probity_types::{
    Category, CivilDate, ClosingKind, CodeList, FieldValue, RecordId, RemedyState, Role,
    SubjectKind, Text,
};
use std::collections::BTreeSet;

/// Fields that live in the core, not in the details.
const CORE_FIELDS: [&str; 8] = [
    "decision_date",
    "recognised_on",
    "region_code",
    "remedy_state",
    "authority",
    "authority_code",
    "source_unit",
    "source_unit_code",
];

/// Typed fields that name a party to the act.
const TYPED_PARTIES: [&str; 2] = ["applicant", "respondent"];

/// Fields that say whom a record is about: they lie with the subject, never in a record.
const SUBJECT_FIELDS: [&str; 10] = [
    "subject_kind",
    "subject_name",
    "subject_code_type",
    "subject_code",
    "subject_org_code",
    "subject_registration_no",
    "subject_tax_no",
    "subject_institution_no",
    "subject_social_org_no",
    "subject_birth_date",
];

/// The day that stands for "long-term" in 双公示 files.
const LONG_TERM: (i16, i8, i8) = (2099, 12, 31);

/// Whether a field lives in the core.
pub fn is_core_field(name: &str) -> bool {
    CORE_FIELDS.contains(&name)
}

/// A record in its shape, still without id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shaped {
    pub(crate) core: RecordCore,
    pub(crate) details: Details,
    /// Fields of the class beyond the typed ones that name a party.
    pub(crate) parties: BTreeSet<String>,
}

fn category_of(subcategory: &str, on: CivilDate) -> Result<Category, Refusal> {
    let unknown = || Refusal::UnknownSubcategory {
        code: subcategory.chars().take(16).collect(),
        on,
    };
    subcategory
        .get(..2)
        .and_then(|c| c.parse().ok())
        .ok_or_else(unknown)
}

/// The field that holds the day of decision: 认定日期 for arrears, 决定日期 for the others.
fn decision_field(category: Category) -> &'static str {
    if category == Category::QF {
        "recognised_on"
    } else {
        "decision_date"
    }
}

fn date(fields: &FieldMap, name: &str) -> Option<CivilDate> {
    match fields.get(name) {
        Some(FieldValue::Date(date)) => Some(*date),
        _ => None,
    }
}

fn plain(fields: &FieldMap, name: &str) -> String {
    fields
        .get(name)
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// From and to of a record's effect, by category; an open or long-term end is none.
fn effect(
    category: Category,
    fields: &FieldMap,
    decided_on: CivilDate,
) -> (CivilDate, Option<CivilDate>) {
    let first = |names: &[&str]| names.iter().find_map(|name| date(fields, name));
    let (from, to) = match category {
        Category::XK => (first(&["valid_from"]), first(&["valid_to"])),
        Category::CF => (None, first(&["penalty_valid_to"])),
        Category::QZ => (first(&["from"]), first(&["lifted_on", "extended_to", "to"])),
        Category::CJ | Category::QF => (None, None),
        Category::PJ => (first(&["effective_on"]), first(&["listing_until"])),
        Category::RY => (None, first(&["revoked_on", "valid_to"])),
    };
    (
        from.unwrap_or(decided_on),
        to.filter(|day| day.ymd() != LONG_TERM),
    )
}

/// Until when a duty was to be performed.
fn deadline(category: Category, fields: &FieldMap) -> Option<CivilDate> {
    match category {
        Category::CJ => date(fields, "duty_deadline"),
        Category::QF => date(fields, "due_date"),
        Category::XK | Category::CF | Category::QZ | Category::PJ | Category::RY => None,
    }
}

/// Since when what was demanded is done.
fn performed(category: Category, fields: &FieldMap) -> Option<CivilDate> {
    match category {
        Category::CF | Category::CJ => date(fields, "performed_on"),
        Category::QF => date(fields, "paid_on"),
        Category::PJ => {
            let closed = plain(fields, "closing_kind") == ClosingKind::Performed.key();
            date(fields, "closed_on").filter(|_| closed)
        }
        Category::XK | Category::QZ | Category::RY => None,
    }
}

/// Every field of a record by name, core fields included.
pub fn to_fields(core: &RecordCore, details: Option<&Details>) -> FieldMap {
    let mut fields = details.map(Details::to_fields).unwrap_or_default();
    let category = core
        .subcategory
        .get(..2)
        .and_then(|c| c.parse().ok())
        .unwrap_or(Category::XK);
    fields.insert(
        decision_field(category).to_owned(),
        FieldValue::Date(core.decided_on),
    );
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(
                name.to_owned(),
                FieldValue::Text(Text::try_from(value).unwrap_or_default()),
            );
        }
    };
    put("authority", &core.authority);
    put("authority_code", &core.authority_code);
    put("source_unit", &core.source_unit);
    put("source_unit_code", &core.source_unit_code);
    if !core.region.is_empty() {
        fields.insert(
            "region_code".to_owned(),
            FieldValue::Code(Text::try_from(core.region.as_str()).unwrap_or_default()),
        );
    }
    if let Some(state) = core.remedy_state {
        fields.insert("remedy_state".to_owned(), state.to_field());
    }
    fields
}

/// What does not come from the fields.
struct Frame<'a> {
    subject_kind: SubjectKind,
    role: Role,
    subcategory: &'a str,
    origin: Origin,
}

/// A report in its shape.
pub(crate) fn shape(
    registry: &Registry,
    report: &RecordReport,
    origin: Origin,
    absent: &BTreeSet<String>,
    today: CivilDate,
) -> Result<Shaped, Refusal> {
    let mut fields = report.fields.clone();
    fields.retain(|name, _| !SUBJECT_FIELDS.contains(&name.as_str()));
    for (name, value) in [
        ("authority", &report.authority),
        ("authority_code", &report.authority_code),
        ("source_unit", &report.source_unit),
        ("source_unit_code", &report.source_unit_code),
    ] {
        if !value.is_empty() {
            let value = text::<4000>("authority", value)?;
            fields
                .entry(name.to_owned())
                .or_insert(FieldValue::Text(value));
        }
    }
    if let Some(region) = &report.subject.region {
        let region = FieldValue::Code(text("region_code", region)?);
        fields.entry("region_code".to_owned()).or_insert(region);
    }
    if report.subject.name.trim().is_empty() {
        return Err(crate::subject::required("subject_name", "行政相对人名称"));
    }
    let kind = report.subject.kind;
    let frame = Frame {
        subject_kind: kind,
        role: report.role,
        subcategory: &report.subcategory,
        origin,
    };
    build(registry, frame, fields, absent, today)
}

/// A corrected record in its shape: what was absent before may stay absent, and so may what was erased, like the name of a
/// party.
pub(crate) fn reshape(
    registry: &Registry,
    old: &RecordCore,
    (before, fields): (&FieldMap, FieldMap),
    today: CivilDate,
) -> Result<Shaped, Refusal> {
    let subcategory = old.subcategory.as_str().to_owned();
    let absent = policy::field_names(registry, &subcategory, old.decided_on)?;
    // What the source never gave is not demanded by a correction; what was given cannot be emptied by one.
    let is_missing = |fields: &FieldMap, name: &str| match fields.get(name) {
        Some(FieldValue::Text(text)) => text.is_empty(),
        Some(_) => false,
        None => true,
    };
    let absent = absent
        .into_iter()
        .filter(|name| is_missing(before, name) && is_missing(&fields, name))
        .collect();
    let frame = Frame {
        subject_kind: old.subject_kind,
        role: old.role,
        subcategory: &subcategory,
        origin: old.origin.clone(),
    };
    build(registry, frame, fields, &absent, today)
}

fn build(
    registry: &Registry,
    frame: Frame<'_>,
    fields: FieldMap,
    absent: &BTreeSet<String>,
    today: CivilDate,
) -> Result<Shaped, Refusal> {
    let category = category_of(frame.subcategory, today)?;
    let decision = decision_field(category);
    let decided_on = date(&fields, decision)
        .ok_or_else(|| crate::subject::required(decision, "决定日期（认定日期）"))?;
    check_age_of_decision(decision, decided_on, today)?;
    let hidden = fields.iter().find_map(|(name, value)| match value {
        FieldValue::Text(text) => Some((name, texts::hidden(text)?)),
        _ => None,
    });
    if let Some((name, found)) = hidden {
        return Err(Refusal::Faults(vec![texts::hidden_fault(name, found)]));
    }
    let mut checked_elsewhere: BTreeSet<String> = absent.clone();
    checked_elsewhere.extend(SUBJECT_FIELDS.iter().map(|name| (*name).to_owned()));
    let faults = policy::check(
        registry,
        frame.subcategory,
        frame.subject_kind,
        &fields,
        &checked_elsewhere,
        today,
    )?;
    if !faults.is_empty() {
        return Err(Refusal::Faults(faults));
    }
    let assessed = policy::assess(
        registry,
        frame.subcategory,
        frame.subject_kind,
        &fields,
        decided_on,
        today,
    )?;
    let (effective_from, effective_to) = effect(category, &fields, decided_on);
    let core = RecordCore {
        record: RecordId::NONE,
        subject_kind: frame.subject_kind,
        role: frame.role,
        subcategory: text("subcategory", frame.subcategory)?,
        authority: text("authority", &plain(&fields, "authority"))?,
        authority_code: text("authority_code", &plain(&fields, "authority_code"))?,
        source_unit: text("source_unit", &plain(&fields, "source_unit"))?,
        source_unit_code: text("source_unit_code", &plain(&fields, "source_unit_code"))?,
        region: text("region_code", &plain(&fields, "region_code"))?,
        decided_on,
        effective_from,
        effective_to,
        duty_deadline: deadline(category, &fields),
        performed_on: performed(category, &fields),
        severity: assessed.severity,
        polarity: assessed.polarity,
        publicity: assessed.publicity,
        summary_procedure: assessed.summary_procedure,
        remedy_state: remedy(&fields)?,
        origin: frame.origin,
    };
    let parties = policy::party_fields(registry, frame.subcategory, decided_on, today)?;
    let details = own_details(category, fields)?;
    Ok(Shaped {
        core,
        details,
        parties,
    })
}

/// No policy covers a day before the first one, so this is said before any policy is asked.
fn check_age_of_decision(
    field: &str,
    decided_on: CivilDate,
    today: CivilDate,
) -> Result<(), Refusal> {
    let first: CivilDate = DECISION_DATE_MIN.parse().unwrap_or(CivilDate::MIN);
    if decided_on >= first {
        return Ok(());
    }
    let said = (
        format!("决定日期为 {decided_on}"),
        format!("the decision is dated {decided_on}"),
    );
    let remedy = (
        format!("{DECISION_DATE_MIN} 至 {today} 之间"),
        format!("from {DECISION_DATE_MIN} to {today}"),
    );
    let fault = Fault::new(field, FieldRule::DecisionDate.key(), said, remedy);
    Err(Refusal::Faults(vec![fault]))
}

fn own_details(category: Category, mut fields: FieldMap) -> Result<Details, Refusal> {
    fields.retain(|name, _| !is_core_field(name));
    Details::from_fields(category, fields).map_err(|error| {
        let field = match &error {
            probity_format::fields::FieldError::Type { field, .. }
            | probity_format::fields::FieldError::Value { field, .. } => field.clone(),
            probity_format::fields::FieldError::TooMany { .. } => "extra".to_owned(),
        };
        let said = (
            format!("“{field}”的值不符合要求：{error}"),
            error.to_string(),
        );
        let remedy = ("请按目录的要求填写", "give it as the catalogue asks for");
        Refusal::Faults(vec![Fault::new(field, "field.value", said, remedy)])
    })
}

fn remedy(fields: &FieldMap) -> Result<Option<RemedyState>, Refusal> {
    let Some(value) = fields.get("remedy_state") else {
        return Ok(None);
    };
    RemedyState::from_field(value)
        .map(Some)
        .map_err(|why| Refusal::Value {
            field: "remedy_state",
            why,
        })
}

/// The name of a person in a field that names a party; none for an organisation's.
fn persons_name(value: &FieldValue) -> Option<Text<200>> {
    let party = Party::from_field(value).ok()?.0;
    (party.person && !party.name.is_empty()).then_some(party.name)
}

/// Whether a change of one of these fields says the name of a person, before or after.
pub(crate) fn names_person(changes: &[FieldChange], parties: &BTreeSet<String>) -> bool {
    let named = |value: &Option<FieldValue>| value.as_ref().and_then(persons_name).is_some();
    let is_party = |field: &str| TYPED_PARTIES.contains(&field) || parties.contains(field);
    let mut of_parties = changes.iter().filter(|change| is_party(&change.field));
    of_parties.any(|change| named(&change.old) || named(&change.new))
}

/// Takes the names of persons out of the fields of a class that name parties.
fn lift_extras(
    details: Details,
    parties: &BTreeSet<String>,
) -> Result<(Details, Vec<(String, Text<200>)>), Refusal> {
    let mut fields = details.to_fields();
    let mut lifted = Vec::new();
    for field in parties {
        if let Some(name) = fields.get(field).and_then(persons_name) {
            fields.remove(field);
            lifted.push((field.clone(), name));
        }
    }
    if lifted.is_empty() {
        return Ok((details, lifted));
    }
    let rest = Details::from_fields(details.category(), fields);
    let rest = rest.map_err(|error| Refusal::Value {
        field: "details",
        why: error.to_string(),
    })?;
    Ok((rest, lifted))
}

/// Takes the names of persons among the parties out of an organisation's details; the fields stay, marked as a person's.
pub(crate) fn lift_persons(
    details: Details,
    parties: &BTreeSet<String>,
) -> Result<(Details, Vec<(String, Text<200>)>), Refusal> {
    let (details, mut lifted) = lift_extras(details, parties)?;
    if details.check_place(Place::OpenOrganisation).is_ok() {
        return Ok((details, lifted));
    }
    let Details::Adjudication(mut adjudication) = details else {
        // Only adjudications have parties; anything else that is exposed is a fault of the schema and must not be written.
        return Err(Refusal::Value {
            field: "details",
            why: "holds personal data of another person".to_owned(),
        });
    };
    let parties = [
        ("applicant", &mut adjudication.applicant),
        ("respondent", &mut adjudication.respondent),
    ];
    for (field, party) in parties {
        if let Some(party) = party.as_mut().filter(|p| p.0.person) {
            lifted.push((field.to_owned(), std::mem::take(&mut party.0.name)));
        }
    }
    Ok((Details::Adjudication(adjudication), lifted))
}
