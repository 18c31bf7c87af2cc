//! The schema as one JSON document: what every body holds, field by field, with its mark.

use crate::events::{Event, Private};
use crate::upcast;
use crate::wire::{TypeShape, Types};
use serde::Serialize;
use std::collections::BTreeMap;

/// One event type in the schema.
#[derive(Debug, Serialize)]
struct EventShape {
    number: u16,
    version: u16,
    name: &'static str,
    body: String,
}

/// One kind of sealed part in the schema.
#[derive(Debug, Serialize)]
struct PartShape {
    kind: u16,
    name: &'static str,
    body: String,
}

#[derive(Debug, Serialize)]
struct Schema {
    format: u8,
    events: Vec<EventShape>,
    parts: Vec<PartShape>,
    types: BTreeMap<String, TypeShape>,
}

/// The schema of this build, pretty-printed and ending in a newline.
pub fn document() -> String {
    let mut types = Types::new();
    let mut events = Event::shapes(&mut types);
    events.extend(upcast::shapes(&mut types));
    events.sort_unstable_by_key(|(number, version, ..)| (*number, *version));
    let events = events
        .into_iter()
        .map(|(number, version, name, body)| EventShape {
            number,
            version,
            name,
            body,
        })
        .collect();
    let parts = Private::shapes(&mut types)
        .into_iter()
        .map(|(kind, name, body)| PartShape { kind, name, body })
        .collect();
    let schema = Schema {
        format: crate::limits::FORMAT_VERSION,
        events,
        parts,
        types,
    };
    // Plain structs of text and numbers always serialise.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
