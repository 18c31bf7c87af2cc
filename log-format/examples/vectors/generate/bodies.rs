//! Good bodies: every event type in each form, every kind of sealed part, every code of every list.

use super::pieces;
use super::sample::{Form, SCHEMA};
use probity_format::events::{Event, Private};
use probity_format::upcast;
use serde_json::{Value, json};

/// A good event in this form.
pub fn event(number: u16, form: Form) -> Event {
    let bytes = SCHEMA.body(SCHEMA.event(number), form);
    Event::decode(number, &bytes).expect("a sample body decodes")
}

/// Good content of a sealed part.
pub fn part(kind: u16) -> Private {
    let bytes = SCHEMA.body(SCHEMA.part(kind), Form::Sealed);
    Private::decode(kind, &bytes).expect("a sample part decodes")
}

/// Number of the one event type that is only ever about persons.
const CERTIFICATE_RECORDED: u16 = 13;

fn forms(number: u16) -> Vec<Form> {
    let is_about_a_subject = event(number, Form::Sparse).subject_kind().is_some();
    match (number, is_about_a_subject) {
        (CERTIFICATE_RECORDED, _) => vec![Form::Person, Form::Sparse],
        (_, true) => vec![Form::Organisation, Form::Person, Form::Sparse],
        (_, false) => vec![Form::Organisation, Form::Sparse],
    }
}

/// Every event type with its bytes and the body as JSON.
pub fn events() -> Vec<Value> {
    let mut vectors = Vec::new();
    for (number, version, name) in Event::TYPES {
        for form in forms(*number) {
            let event = event(*number, form);
            let bytes = SCHEMA.body(SCHEMA.event(*number), form);
            vectors.push(json!({
                "name": format!("{name}, {}", form.word()),
                "number": number,
                "version": version,
                "bytes": pieces(&bytes),
                "body": event.to_json(),
            }));
        }
    }
    vectors.extend(old_events());
    vectors
}

/// Every version that is no longer written, with the body as today's readers take it.
fn old_events() -> Vec<Value> {
    let mut vectors = Vec::new();
    for (number, version, name) in upcast::OLD {
        for form in [Form::Organisation, Form::Sparse] {
            let bytes = SCHEMA.body(SCHEMA.old_event(*number, *version), form);
            let event = upcast::read_event(*number, *version, &bytes).expect("an old body decodes");
            vectors.push(json!({
                "name": format!("{name}, version {version}, {}", form.word()),
                "number": number,
                "version": version,
                "bytes": pieces(&bytes),
                "body": event.to_json(),
            }));
        }
    }
    vectors
}

/// Every kind of sealed part with its bytes and the content as JSON.
pub fn parts() -> Vec<Value> {
    let mut vectors = Vec::new();
    for (kind, name) in Private::KINDS {
        for form in [Form::Sealed, Form::Sparse] {
            let bytes = SCHEMA.body(SCHEMA.part(*kind), form);
            let content = Private::decode(*kind, &bytes).expect("a sample part decodes");
            vectors.push(json!({
                "name": format!("{name}, {}", form.word()),
                "kind": kind,
                "bytes": pieces(&bytes),
                "body": content.to_json(),
            }));
        }
    }
    vectors
}

/// Bodies whose texts, lists and sets are all at their maximum.
pub fn maximal() -> Vec<Value> {
    let events = [5, 13, 21, 24, 40, 50, 60, 80, 100, 102, 103].map(|number: u16| {
        let body = SCHEMA.event(number);
        let version = event(number, Form::Organisation).version();
        let bytes = pieces(&SCHEMA.body(body, Form::Maximal));
        json!({ "name": format!("{body}, maximal"), "number": number, "version": version, "bytes": bytes })
    });
    let parts = [1, 6, 12, 13, 14].map(|kind: u16| {
        let body = SCHEMA.part(kind);
        let bytes = pieces(&SCHEMA.body(body, Form::SealedMaximal));
        json!({ "name": format!("{body}, maximal"), "kind": kind, "bytes": bytes })
    });
    events.into_iter().chain(parts).collect()
}

/// Every code of every list, and the numbers below and above.
pub fn codes() -> Vec<Value> {
    let types = SCHEMA.types().as_object().expect("types");
    let mut vectors = Vec::new();
    for (list, shape) in types {
        let Some(codes) = shape["codes"].as_object() else {
            continue;
        };
        let mut rows: Vec<(u16, &Value)> = codes
            .iter()
            .map(|(n, key)| (n.parse().expect("number"), key))
            .collect();
        rows.sort_by_key(|(number, _)| *number);
        let last = rows.last().map_or(0, |(number, _)| *number);
        let good: Vec<Value> = rows
            .iter()
            .map(|(n, key)| json!({ "bytes": pieces(&n.to_le_bytes()), "number": n, "key": key }))
            .collect();
        let unknown: Vec<Value> = [0, last + 1, u16::MAX]
            .iter()
            .map(|n| pieces(&n.to_le_bytes()))
            .collect();
        vectors.push(json!({ "name": list, "codes": good, "unknown": unknown }));
    }
    vectors
}
