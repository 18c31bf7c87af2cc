//! Field values as callers write them, and their reading by the type that the catalogue declares.
//!
//! | type | written as |
//! |---|---|
//! | text, party, code | `"…"` |
//! | date | `"2026-04-01"` |
//! | money | `{"yuan": "12.34"}`, `{"wan_yuan": "1.5"}` or `{"fen": 1234}` |
//! | integer | `12` |
//! | decimal | `"12.5"`, or `12` |
//! | boolean | `true` or `false` |
//! | list | `["a", "b"]` |
//!
//! A JSON number with a point is never taken: it would pass through binary floating point. Every fault is reported, and
//! none repeats the value.

use crate::problem::FieldProblem;
use probity_types::{CivilDate, Fen, FieldType, FieldValue, MoneyUnit, Text};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Most fields of one record.
pub const FIELDS_MAX: usize = 64;
/// Most characters of the name of another party.
const PARTY_CHARS_MAX: u32 = 200;

/// Values by field name of the catalogue, not yet read. A name given twice is refused.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct FieldMap(pub BTreeMap<String, Value>);

/// Shows the names only: values about persons never get into a log.
impl fmt::Debug for FieldMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for FieldMap {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = FieldMap;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of field values by name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldMap, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.len() == FIELDS_MAX {
                        return Err(A::Error::custom(format!("more than {FIELDS_MAX} fields")));
                    }
                    let name: String = name.chars().take(64).collect();
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom(
                            "a field is given twice; give each field once",
                        ));
                    }
                }
                Ok(FieldMap(fields))
            }
        }
        d.deserialize_map(Fields)
    }
}

/// The values of a report by their declared types. `type_of` names each field's type, none where there is no such field.
///
/// # Errors
/// Every field that does not read, with what would be right.
pub fn convert_fields(
    fields: &FieldMap,
    type_of: impl Fn(&str) -> Option<FieldType>,
) -> Result<BTreeMap<String, FieldValue>, Vec<FieldProblem>> {
    let read = |name: &str, value: &Value| match value {
        Value::Null => Err(problem(
            name,
            "field.null",
            [
                "null is no value; leave the field out",
                "空值无效，没有内容请省略该字段",
            ],
        )),
        _ => convert(name, value, &type_of),
    };
    collect(
        fields
            .0
            .iter()
            .map(|(name, value)| (name, read(name, value))),
    )
}

/// The changes of a correction by their declared types; `null` empties a field.
///
/// # Errors
/// Every field that does not read, with what would be right.
pub fn convert_changes(
    changes: &FieldMap,
    type_of: impl Fn(&str) -> Option<FieldType>,
) -> Result<BTreeMap<String, Option<FieldValue>>, Vec<FieldProblem>> {
    let read = |name: &str, value: &Value| match value {
        Value::Null => declared(name, &type_of).map(|_| None),
        _ => convert(name, value, &type_of).map(Some),
    };
    collect(
        changes
            .0
            .iter()
            .map(|(name, value)| (name, read(name, value))),
    )
}

fn collect<'a, V>(
    read: impl Iterator<Item = (&'a String, Result<V, Fault>)>,
) -> Result<BTreeMap<String, V>, Vec<FieldProblem>> {
    let (mut values, mut problems) = (BTreeMap::new(), Vec::new());
    for (name, outcome) in read {
        match outcome {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(problems)
    }
}

/// Boxed, because a fault is much larger than a value.
type Fault = Box<FieldProblem>;

fn problem(field: &str, rule: &str, [en, zh]: [&str; 2]) -> Fault {
    Box::new(FieldProblem::new(field, rule, en, zh))
}

fn problem_expecting(field: &str, rule: &str, [en, zh]: [&str; 2], expected: &str) -> Fault {
    Box::new(FieldProblem::new(field, rule, en, zh).expecting(expected))
}

fn declared(name: &str, type_of: &impl Fn(&str) -> Option<FieldType>) -> Result<FieldType, Fault> {
    type_of(name).ok_or_else(|| {
        let texts = [
            "the catalogue has no such field here; see /v1/catalogue",
            "目录中没有此字段，可用字段见 /v1/catalogue",
        ];
        problem(name, "field.unknown", texts)
    })
}

fn convert(
    name: &str,
    value: &Value,
    type_of: &impl Fn(&str) -> Option<FieldType>,
) -> Result<FieldValue, Fault> {
    match declared(name, type_of)? {
        FieldType::Text(max) => text(name, value, max),
        FieldType::Party => text(name, value, PARTY_CHARS_MAX),
        FieldType::Date => date(name, value),
        FieldType::Money => money(name, value).map(FieldValue::Fen),
        FieldType::Integer => integer(name, value),
        FieldType::Decimal => decimal(name, value),
        FieldType::Boolean => value.as_bool().map(FieldValue::Boolean).ok_or_else(|| {
            let texts = [
                "true or false is right, without quotes",
                "应为 true 或 false，不加引号",
            ];
            problem_expecting(name, "boolean.form", texts, "true or false")
        }),
        FieldType::Code(list) => code(name, value, &list).map(FieldValue::Code),
        FieldType::Codes(list) => codes(name, value, &list),
    }
}

fn text(name: &str, value: &Value, max: u32) -> Result<FieldValue, Fault> {
    let given = value.as_str().ok_or_else(|| {
        let texts = ["a text in quotes is right", "应为加引号的文本"];
        problem_expecting(name, "text.form", texts, "\"text\"")
    })?;
    let found = given.chars().count();
    let too_long = || {
        let en = format!("{found} characters, at most {max} are allowed");
        let zh = format!("共 {found} 个字符，最多 {max} 个");
        let expected = format!("at most {max} characters");
        problem_expecting(name, "text.too_long", [&en, &zh], &expected)
    };
    if !u32::try_from(found).is_ok_and(|found| found <= max) {
        return Err(too_long());
    }
    Text::try_from(given)
        .map(FieldValue::Text)
        .map_err(|_| too_long())
}

fn date(name: &str, value: &Value) -> Result<FieldValue, Fault> {
    let read = value.as_str().map(str::parse::<CivilDate>);
    match read {
        Some(Ok(day)) => Ok(FieldValue::Date(day)),
        Some(Err(probity_types::DateError::NoSuchDay)) => {
            let texts = ["there is no such day in the calendar", "日历上没有这一天"];
            Err(problem(name, "date.no_such_day", texts))
        }
        None | Some(Err(probity_types::DateError::Form)) => {
            let texts = [
                "a date is written \"YYYY-MM-DD\"",
                "日期写作 \"YYYY-MM-DD\"",
            ];
            Err(problem_expecting(
                name,
                "date.form",
                texts,
                "\"2026-04-01\"",
            ))
        }
    }
}

const MONEY_FORMS: &str = "{\"yuan\": \"12.34\"}, {\"wan_yuan\": \"1.5\"} or {\"fen\": 1234}";

/// An amount names its unit; nothing is guessed and nothing is rounded.
fn money(name: &str, value: &Value) -> Result<Fen, Fault> {
    let unitless = || {
        let texts = [
            "an amount names its unit: {\"yuan\": \"12.34\"}, {\"wan_yuan\": \"1.5\"} or {\"fen\": 1234}",
            "金额须写明单位：{\"yuan\": \"12.34\"}、{\"wan_yuan\": \"1.5\"} 或 {\"fen\": 1234}",
        ];
        problem_expecting(name, "money.unit", texts, MONEY_FORMS)
    };
    let members = value.as_object().ok_or_else(unitless)?;
    let mut members = members.iter();
    let (Some((unit, amount)), None) = (members.next(), members.next()) else {
        return Err(unitless());
    };
    let unit = match unit.as_str() {
        "yuan" => MoneyUnit::Yuan,
        "wan_yuan" => MoneyUnit::WanYuan,
        "fen" => {
            let fen = amount.as_i64().filter(|fen| *fen >= 0).map(Fen);
            let texts = [
                "fen are a whole number that is not negative, without quotes",
                "分为非负整数，不加引号",
            ];
            return fen
                .ok_or_else(|| problem_expecting(name, "money.form", texts, "{\"fen\": 1234}"));
        }
        _ => return Err(unitless()),
    };
    let text = amount.as_str().ok_or_else(|| {
        let texts = [
            "an amount in yuan or wan_yuan is written in quotes, so that it stays exact",
            "以元或万元计的金额须加引号，以保证精确",
        ];
        problem_expecting(name, "money.form", texts, MONEY_FORMS)
    })?;
    Fen::parse(text, unit).map_err(|error| money_problem(name, error))
}

fn money_problem(name: &str, error: probity_types::MoneyError) -> Fault {
    use probity_types::MoneyError as M;
    let (rule, zh) = match error {
        M::Form => ("money.form", "金额只能有数字和一个小数点".to_owned()),
        M::Decimals { max } => (
            "money.decimals",
            format!("该单位最多 {max} 位小数，否则不足一分"),
        ),
        M::TooLarge => ("money.too_large", "金额过大，请核对单位".to_owned()),
    };
    problem(name, rule, [&error.to_string(), &zh])
}

fn integer(name: &str, value: &Value) -> Result<FieldValue, Fault> {
    value.as_i64().map(FieldValue::Integer).ok_or_else(|| {
        let texts = [
            "a whole number is right, without quotes and without a point; up to 9223372036854775807",
            "应为整数，不加引号，不带小数点，不超过 9223372036854775807",
        ];
        problem_expecting(name, "integer.form", texts, "12")
    })
}

fn decimal(name: &str, value: &Value) -> Result<FieldValue, Fault> {
    let wrong = || {
        let texts = [
            "a number with a point is written in quotes, so that it stays exact: digits with at most one point",
            "带小数点的数须加引号以保证精确：只有数字和至多一个小数点",
        ];
        problem_expecting(name, "decimal.form", texts, "\"12.5\"")
    };
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_i64().ok_or_else(wrong)?.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(wrong()),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(&text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    Text::try_from(text)
        .map(FieldValue::Decimal)
        .map_err(|_| wrong())
}

fn code(name: &str, value: &Value, list: &str) -> Result<Text<32>, Fault> {
    let key = value.as_str().filter(|key| !key.is_empty());
    key.and_then(|key| Text::try_from(key).ok()).ok_or_else(|| {
        let en = format!("a key of the list {list} in quotes is right; see /v1/catalogue");
        let zh = format!("应为代码表 {list} 中的代码，加引号，见 /v1/catalogue");
        problem_expecting(name, "code.form", [&en, &zh], "\"key\"")
    })
}

fn codes(name: &str, value: &Value, list: &str) -> Result<FieldValue, Fault> {
    let items = value.as_array().ok_or_else(|| {
        let en = format!("a list of keys of {list} is right, also for one key");
        let zh = format!("应为代码表 {list} 中代码的数组，只有一个时也用数组");
        problem_expecting(name, "list.form", [&en, &zh], "[\"key\", \"key\"]")
    })?;
    let mut keys = items
        .iter()
        .map(|item| code(name, item, list))
        .collect::<Result<Vec<_>, _>>()?;
    keys.sort();
    keys.dedup();
    Ok(FieldValue::Codes(keys))
}

/// A value as it stands in answers: text, date, code and decimal as text, money in fen as `{"fen": …}`, so that what was
/// read can be sent again.
pub fn plain_value(value: &FieldValue) -> Value {
    match value {
        FieldValue::Text(text) => Value::from(text.as_str()),
        FieldValue::Date(day) => Value::from(day.to_string()),
        FieldValue::Fen(fen) => Value::Object(
            [("fen".to_owned(), Value::from(fen.0))]
                .into_iter()
                .collect(),
        ),
        FieldValue::Integer(number) => Value::from(*number),
        FieldValue::Decimal(text) | FieldValue::Code(text) => Value::from(text.as_str()),
        FieldValue::Boolean(answer) => Value::from(*answer),
        FieldValue::Codes(keys) => keys.iter().map(|key| Value::from(key.as_str())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn type_of(name: &str) -> Option<FieldType> {
        let text = match name {
            "document_no" => "text:8",
            "decision_date" => "date",
            "fine" => "money",
            "parties" => "integer",
            "area" => "decimal",
            "hearing" => "boolean",
            "procedure" => "enum:penalty_procedure",
            "penalty_kinds" => "list:penalty_kind",
            "applicant" => "party",
            _ => return None,
        };
        text.parse().ok()
    }

    fn check(name: &str, value: Value, expected: &str) {
        let fields = FieldMap([(name.to_owned(), value.clone())].into());
        let found = match convert_fields(&fields, type_of) {
            Ok(values) => format!("{:?}", values[name]),
            Err(problems) => problems[0].rule.clone(),
        };
        assert_eq!(found, expected, "{name}: {value}");
    }

    #[test]
    fn every_type_reads_its_own_form() {
        check("document_no", json!("克税罚1号"), "Text(\"克税罚1号\")");
        check("decision_date", json!("2026-04-01"), "Date(2026-04-01)");
        check("fine", json!({"yuan": "12.34"}), "Fen(Fen(1234))");
        check("fine", json!({"wan_yuan": "1.5"}), "Fen(Fen(1500000))");
        check("fine", json!({"fen": 1234}), "Fen(Fen(1234))");
        check("parties", json!(-3), "Integer(-3)");
        check("area", json!("89.50"), "Decimal(\"89.50\")");
        check("area", json!(89), "Decimal(\"89\")");
        check("hearing", json!(false), "Boolean(false)");
        check("procedure", json!("summary"), "Code(\"summary\")");
        check(
            "penalty_kinds",
            json!(["P2-03", "P2-01", "P2-03"]),
            "Codes([\"P2-01\", \"P2-03\"])",
        );
        check("applicant", json!("某公司"), "Text(\"某公司\")");
    }

    #[test]
    fn a_number_with_a_point_is_refused_everywhere() {
        for (name, rule) in [
            ("document_no", "text.form"),
            ("decision_date", "date.form"),
            ("fine", "money.unit"),
            ("parties", "integer.form"),
            ("area", "decimal.form"),
            ("hearing", "boolean.form"),
            ("procedure", "code.form"),
            ("penalty_kinds", "list.form"),
        ] {
            check(name, json!(1.5), rule);
            check(name, json!(2.0), rule);
        }
        check("fine", json!({"yuan": 1.5}), "money.form");
        check("fine", json!({"fen": 1.0}), "money.form");
    }

    #[test]
    fn every_other_form_is_refused_by_its_rule() {
        check("document_no", json!("克税罚字2026第1号"), "text.too_long");
        check("decision_date", json!("2026-02-30"), "date.no_such_day");
        check("decision_date", json!("2026/2/3"), "date.form");
        check("fine", json!("12.34"), "money.unit");
        check("fine", json!({"yuan": "1", "fen": 100}), "money.unit");
        check("fine", json!({"yuan": "1.234"}), "money.decimals");
        check("fine", json!({"usd": "1"}), "money.unit");
        check("fine", json!({"fen": -1}), "money.form");
        check("parties", json!("3"), "integer.form");
        check(
            "parties",
            json!(9_223_372_036_854_775_808_u64),
            "integer.form",
        );
        check("area", json!("1e3"), "decimal.form");
        check("area", json!("89."), "decimal.form");
        check("hearing", json!("是"), "boolean.form");
        check("penalty_kinds", json!("P2-01"), "list.form");
        check("penalty_kinds", json!([1]), "code.form");
        check("colour", json!("red"), "field.unknown");
        check("fine", Value::Null, "field.null");
    }

    #[test]
    fn every_fault_is_reported_and_none_repeats_the_value() {
        let fields = FieldMap(
            [
                ("fine".into(), json!("777777")),
                ("colour".into(), json!("777777")),
            ]
            .into(),
        );
        let problems = convert_fields(&fields, type_of).expect_err("two faults");
        assert_eq!(problems.len(), 2);
        assert!(!serde_json::to_string(&problems).unwrap().contains("777777"));
    }

    #[test]
    fn null_empties_a_field_in_a_correction() {
        let changes = FieldMap([("fine".into(), Value::Null), ("parties".into(), json!(2))].into());
        let read = convert_changes(&changes, type_of).unwrap();
        assert_eq!(
            (read["fine"].clone(), read["parties"].clone()),
            (None, Some(FieldValue::Integer(2)))
        );
        let unknown = FieldMap([("colour".into(), Value::Null)].into());
        assert_eq!(
            convert_changes(&unknown, type_of).expect_err("no such field")[0].rule,
            "field.unknown"
        );
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        let error = serde_json::from_str::<FieldMap>(r#"{"fine": {"fen": 1}, "fine": {"fen": 2}}"#);
        assert!(
            error
                .expect_err("twice")
                .to_string()
                .starts_with("a field is given twice")
        );
    }

    #[test]
    fn what_an_answer_shows_can_be_sent_again() {
        let given = json!({"document_no": "1号", "decision_date": "2026-04-01", "fine": {"fen": 5}, "parties": 1,
            "area": "1.5", "hearing": true, "procedure": "summary", "penalty_kinds": ["P2-01"]});
        let fields: FieldMap = serde_json::from_value(given.clone()).unwrap();
        let read = convert_fields(&fields, type_of).unwrap();
        let shown: BTreeMap<_, _> = read
            .iter()
            .map(|(name, value)| (name, plain_value(value)))
            .collect();
        assert_eq!(serde_json::to_value(shown).unwrap(), given);
    }
}
