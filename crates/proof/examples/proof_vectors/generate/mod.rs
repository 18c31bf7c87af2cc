//! Cases about proofs, good ones and one for each way to be wrong, out of fixed seeds and the golden log: the same bytes on
//! every run. `field` of a wrong case is written down here by hand, not taken from the code.

mod bundles;
mod notes;
mod trees;
pub mod world;

#[allow(unused_imports)] // read by the tests, not by the generator
pub use world::{ORIGIN, golden};

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The file, below `log-format/`.
pub const FILE: &str = "vectors/proofs.json";

/// Cases so far.
#[derive(Default)]
pub struct Cases(Vec<Value>);

impl Cases {
    fn add(&mut self, name: &str, kind: &str, inputs: &Value, result: &Value) {
        let mut case = Map::new();
        for part in [
            json!({ "name": name, "kind": kind }),
            inputs.clone(),
            result.clone(),
        ] {
            let Value::Object(fields) = part else {
                panic!("{name}: inputs are an object")
            };
            case.extend(fields);
        }
        self.0.push(Value::Object(case));
    }

    /// A case that holds.
    pub fn good(&mut self, name: &str, kind: &str, inputs: &Value) {
        self.add(name, kind, inputs, &json!({ "ok": true }));
    }

    /// A case that does not hold, with the field that says so.
    pub fn wrong(&mut self, name: &str, kind: &str, field: &str, inputs: &Value) {
        self.add(name, kind, inputs, &json!({ "ok": false, "field": field }));
    }
}

/// The same inputs but for the value at a JSON pointer.
pub fn with(inputs: &Value, pointer: &str, value: Value) -> Value {
    let mut inputs = inputs.clone();
    *inputs
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{pointer} is not there")) = value;
    inputs
}

/// The text at a JSON pointer.
pub fn text_at(inputs: &Value, pointer: &str) -> String {
    let value = inputs.pointer(pointer).and_then(Value::as_str);
    value
        .unwrap_or_else(|| panic!("{pointer} is no text"))
        .to_owned()
}

/// The same inputs with one piece of the text at a JSON pointer replaced.
pub fn replaced(inputs: &Value, pointer: &str, from: &str, to: &str) -> Value {
    let text = text_at(inputs, pointer);
    assert!(text.contains(from), "{pointer} does not hold {from:?}");
    with(inputs, pointer, json!(text.replacen(from, to, 1)))
}

/// Every case.
pub fn cases() -> Vec<Value> {
    let mut cases = Cases::default();
    trees::add(&mut cases);
    notes::add(&mut cases);
    bundles::add(&mut cases);
    cases.0
}

/// The file: sorted keys, a newline at the end.
pub fn text() -> String {
    let cases = Value::Array(cases());
    let mut text = serde_json::to_string_pretty(&sorted(&cases)).expect("plain values serialise");
    text.push('\n');
    text
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(fields) => {
            let ordered: BTreeMap<&String, &Value> = fields.iter().collect();
            Value::Object(
                ordered
                    .into_iter()
                    .map(|(k, v)| (k.clone(), sorted(v)))
                    .collect(),
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
