//! Every generated file of the format, built in memory from fixed values: the same bytes on every run.

pub mod bodies;
pub mod frames;
pub mod log;
pub mod refused;
pub mod sample;
pub mod segments;
pub mod world;

use probity_types::{hex, unhex};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// Equal bytes in a row from which a vector writes a repeat instead of the bytes themselves.
const REPEAT_FROM: usize = 256;

/// Path below `log-format/` and content of every generated file.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::from([(
        "schema/schema.json".to_owned(),
        probity_format::schema::document().into_bytes(),
    )]);
    let vectors = [
        ("events", bodies::events()),
        ("parts", bodies::parts()),
        ("maximal", bodies::maximal()),
        ("codes", bodies::codes()),
        ("refused", refused::bodies()),
        ("frames", frames::frames()),
        ("chains", frames::chains()),
        ("sealed", segments::sealed()),
        ("segments", segments::segments()),
        ("keytree", segments::keytree()),
    ];
    for (name, value) in vectors {
        files.insert(
            format!("vectors/{name}.json"),
            text(&Value::Array(value)).into_bytes(),
        );
    }
    files.extend(log::files());
    files
}

/// What differs between the checked-in files below `folder` and the generated ones.
pub fn differences(folder: &Path) -> Vec<String> {
    let mut differences = Vec::new();
    for (path, bytes) in files() {
        match std::fs::read(folder.join(&path)) {
            Ok(found) if found == bytes => {}
            Ok(_) => differences.push(format!("{path} differs from what the code writes")),
            Err(error) => differences.push(format!("{path}: {error}")),
        }
    }
    differences
}

/// Pretty JSON with sorted keys and a newline at the end.
pub fn text(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&sorted(value)).expect("plain values serialise");
    text.push('\n');
    text
}

/// The same value with sorted keys, whichever map the JSON library was built with.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(fields) => {
            let ordered: BTreeMap<&String, &Value> = fields.iter().collect();
            let fields: Map<String, Value> = ordered
                .into_iter()
                .map(|(k, v)| (k.clone(), sorted(v)))
                .collect();
            Value::Object(fields)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Bytes as a vector holds them: hexadecimal text, or a list of such texts and repeats `{"byte", "times"}`.
pub fn pieces(bytes: &[u8]) -> Value {
    let mut list = Vec::new();
    let mut plain = Vec::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        if run.len() < REPEAT_FROM {
            plain.extend_from_slice(run);
            continue;
        }
        if !plain.is_empty() {
            list.push(Value::from(hex(&plain)));
            plain.clear();
        }
        list.push(serde_json::json!({ "byte": hex(&run[..1]), "times": run.len() }));
    }
    if list.is_empty() {
        return Value::from(hex(&plain));
    }
    if !plain.is_empty() {
        list.push(Value::from(hex(&plain)));
    }
    Value::Array(list)
}

/// The bytes that [`pieces`] wrote.
#[allow(dead_code)] // read by the tests, not by the generator
pub fn bytes_of(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => unhex_all(text),
        Value::Array(list) => list.iter().flat_map(bytes_of).collect(),
        Value::Object(_) => {
            let byte: [u8; 1] = unhex(value["byte"].as_str().expect("byte")).expect("hex");
            vec![byte[0]; value["times"].as_u64().expect("times") as usize]
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{value} holds no bytes"),
    }
}

fn unhex_all(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        unhex::<1>(pair).expect("hex")[0]
    };
    pairs.map(byte).collect()
}
