//! Name and certificate number in, the certificate out. Unknown name, unknown number and a pair that does not belong
//! together answer exactly alike.

use super::trouble::Trouble;
use super::values::{Words, say};
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::http::Response;
use probity_format::events::{CertificateRecorded, Event};
use probity_pages::{BadValue, Certificate, PractitionerOutcome, PractitionerView, RecordState};
use probity_project::directory::bears_name;
use probity_rules::AnchorDates;
use probity_types::identifiers::normalise;
use probity_types::{CivilDate, Position, mask_name};
use serde::Deserialize;

/// Longest name and number that are looked up; the form takes no longer ones either.
const NAME_CHARS_MAX: usize = 50;
const NUMBER_CHARS_MAX: usize = 64;

/// What the form sends.
#[derive(Deserialize)]
pub struct Lookup {
    name: String,
    certificate: String,
}

/// `GET /practitioner`
pub async fn ask(visit: Visit) -> Response<Body> {
    visit
        .answer(|visit| page(visit, PractitionerOutcome::Asking))
        .await
}

/// `POST /practitioner`: name and number travel in the body, so that no log of addresses holds them.
pub async fn answer(visit: Visit, form: Result<Form<Lookup>, FormRejection>) -> Response<Body> {
    visit
        .answer(move |visit| build(visit, form.ok().map(|Form(lookup)| lookup)))
        .await
}

fn build(visit: &Visit, lookup: Option<Lookup>) -> Result<Page, Trouble> {
    let lookup = lookup.ok_or(Trouble::BadRequest(BadValue::Practitioner))?;
    let (name, number) = (lookup.name.trim(), normalise(&lookup.certificate));
    let is_whole = !name.is_empty() && !number.is_empty();
    let is_short =
        name.chars().count() <= NAME_CHARS_MAX && number.chars().count() <= NUMBER_CHARS_MAX;
    if !is_whole || !is_short {
        return Err(Trouble::BadRequest(BadValue::Practitioner));
    }
    let now_us = visit.ledger.clock.monotonic_us();
    visit
        .limits()
        .terms
        .admit(&[name, &number], now_us)
        .map_err(Trouble::TooMany)?;
    let found = find(visit, name, &number)?;
    page(
        visit,
        found.map_or(PractitionerOutcome::NoAnswer, PractitionerOutcome::Found),
    )
}

fn page(visit: &Visit, outcome: PractitionerOutcome) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let view = PractitionerView {
        shell: visit.shell(Some(&asked), &[]),
        outcome,
    };
    Ok(visit.page(&view)?.never_kept())
}

/// The certificate of this number whose holder bears this name.
fn find(visit: &Visit, name: &str, number: &str) -> Result<Option<Certificate>, Trouble> {
    let positions: Vec<Position> = {
        let views = visit.ledger.views();
        let holders = views.directory().by_certificate(views.tagger(), number);
        let holders =
            holders.filter(|row| row.erased_at.is_none() && bears_name(views.tagger(), row, name));
        holders
            .flat_map(|row| row.certificates.iter().map(|held| held.position))
            .collect()
    };
    let mut newest = None;
    for position in positions {
        let Some(entry) = visit.ledger.entry(position)? else {
            continue;
        };
        if let (Event::CertificateRecorded(event), Some(held)) =
            (&entry.event, entry.certificate_number())
            && held == number
        {
            newest = Some(certificate(visit, name, number, event));
        }
    }
    Ok(newest)
}

fn certificate(
    visit: &Visit,
    name: &str,
    number: &str,
    event: &CertificateRecorded,
) -> Certificate {
    Certificate {
        holder: mask_name(name),
        profession: profession(visit, event),
        number: number.to_owned(),
        issuer: event.issuer.as_str().to_owned(),
        issued_on: event.issued_on.to_string(),
        valid_until: event
            .valid_to
            .filter(|day| !Words::is_long_term(*day))
            .map(|day| day.to_string()),
        state: state(event, visit.ledger.today()),
    }
}

fn profession(visit: &Visit, event: &CertificateRecorded) -> String {
    let views = visit.ledger.views();
    let known_at = views.position().unwrap_or(Position(0));
    let packs = views
        .policies()
        .packs(known_at, &AnchorDates::on(visit.ledger.today()))
        .ok();
    let group = packs.and_then(|packs| {
        let mut groups = packs.catalogue.key_person_groups();
        groups.find(|named| named.code == event.group.as_str())
    });
    let title = event.title.as_str();
    match group {
        Some(group) if !title.is_empty() => format!("{} · {title}", say(visit.lang, &group.name)),
        Some(group) => say(visit.lang, &group.name),
        None => title.to_owned(),
    }
}

fn state(event: &CertificateRecorded, today: CivilDate) -> RecordState {
    if event.issued_on > today {
        RecordState::NotYetInForce
    } else if event.valid_to.is_some_and(|day| day < today) {
        RecordState::Ended
    } else {
        RecordState::InForce
    }
}
