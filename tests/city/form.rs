//! Records written as the files that a source would send: one table a class, under the headers of the class's form.

use probity_domain::report::{IdentifierClaim, RecordReport};
use probity_ingest::Form;
use probity_ingest::form::{FormColumn, Kind, MARKER};
use probity_types::{CivilDate, CodeList as _, Fen, FieldValue, IdentifierKind, MoneyUnit};

/// The day of the record's decision.
pub fn decided_on(report: &RecordReport) -> CivilDate {
    let mut days = ["decision_date", "recognised_on"].iter();
    let day = days.find_map(|name| match report.fields.get(*name) {
        Some(FieldValue::Date(day)) => Some(*day),
        _ => None,
    });
    day.unwrap_or_else(|| panic!("{} has no day of decision", report.subcategory))
}

/// The lines above the rows: which class the file is of, and the headers.
pub fn head(form: &Form) -> String {
    let headers = form.columns.iter().map(|column| quoted(&column.header));
    let headers: Vec<String> = headers.collect();
    format!("{MARKER},{}\n{}\n", form.code, headers.join(","))
}

/// One row, with its line end.
pub fn row(form: &Form, report: &RecordReport) -> String {
    let cells = form.columns.iter();
    let cells = cells.map(|column| quoted(&cell(column, report)));
    let cells: Vec<String> = cells.collect();
    cells.join(",") + "\n"
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn identifier(report: &RecordReport, wanted: impl Fn(&IdentifierClaim) -> bool) -> String {
    let held = report.subject.identifiers.iter().find(|held| wanted(held));
    held.map(|held| held.value.clone()).unwrap_or_default()
}

/// What stands under a column.
fn cell(column: &FormColumn, report: &RecordReport) -> String {
    let subject = &report.subject;
    let first: Option<IdentifierKind> = subject.identifiers.first().map(|held| held.kind);
    let named = |key: &str| {
        let name = column.name_of(key, decided_on(report));
        let name = name.unwrap_or_else(|| panic!("{} offers no {key}", column.header));
        name.to_owned()
    };
    match &column.kind {
        Kind::DocumentKind => return first.map(|kind| named(kind.key())).unwrap_or_default(),
        Kind::DocumentNumber => return identifier(report, |held| Some(held.kind) == first),
        Kind::Identifier(kind) => return identifier(report, |held| held.kind == *kind),
        Kind::Value => {}
    }
    match column.field.as_str() {
        "subject_kind" => named(subject.kind.key()),
        "subject_name" => subject.name.clone(),
        "subject_birth_date" => shown(subject.birth_date),
        "region_code" => subject
            .region
            .clone()
            .unwrap_or_else(|| "650203".to_owned()),
        "authority" => report.authority.clone(),
        "authority_code" => report.authority_code.clone(),
        "source_unit" => report.source_unit.clone(),
        "source_unit_code" => report.source_unit_code.clone(),
        // Classes with a column for the role have a list of roles of their own.
        "role" if !report.fields.contains_key("role") => named(report.role.key()),
        field => report
            .fields
            .get(field)
            .map(|value| written(column, value, named))
            .unwrap_or_default(),
    }
}

fn shown(day: Option<CivilDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn written(column: &FormColumn, value: &FieldValue, named: impl Fn(&str) -> String) -> String {
    // A list without names takes its codes as they are.
    let coded = |key: &str| match column.choices.is_empty() {
        true => key.to_owned(),
        false => named(key),
    };
    match value {
        FieldValue::Text(text) => text.as_str().to_owned(),
        FieldValue::Date(day) => day.to_string(),
        FieldValue::Fen(amount) => money(*amount, column.money_unit),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Decimal(text) => text.as_str().to_owned(),
        FieldValue::Boolean(true) => "是".to_owned(),
        FieldValue::Boolean(false) => "否".to_owned(),
        FieldValue::Code(key) => coded(key.as_str()),
        FieldValue::Codes(keys) => {
            let names: Vec<String> = keys.iter().map(|key| coded(key.as_str())).collect();
            names.join("；")
        }
    }
}

fn money(Fen(fen): Fen, unit: Option<MoneyUnit>) -> String {
    match unit.unwrap_or(MoneyUnit::Yuan) {
        MoneyUnit::Fen => fen.to_string(),
        MoneyUnit::Yuan => format!("{}.{:02}", fen / 100, fen % 100),
        MoneyUnit::WanYuan => format!("{}.{:06}", fen / 1_000_000, fen % 1_000_000),
    }
}
