//! What the decision state says against a row, in the words and places of the file.

use crate::remarks::Remark;
use probity_domain::report::SubjectClaim;
use probity_domain::{Command, Refusal};
use probity_format::fields::FieldMap;
use probity_ingest::rows::LISTED_MAX;
use probity_ingest::{Reading, RowError, Warning};
use probity_types::identifiers::{mask, mask_name};
use probity_types::{IdentifierKind, SubjectKind};

/// Characters of a value that a message repeats at most.
const VALUE_CHARS_MAX: usize = 200;

/// Every fault of a row that reads well and is refused all the same.
pub(super) fn refused(
    reading: &Reading,
    row: u32,
    command: &Command,
    refusal: &Refusal,
) -> Vec<RowError> {
    let error = |field: &str, rule: &str, said: (String, String), remedy: (String, String)| {
        let place = reading.columns.get(field);
        RowError {
            sheet: reading.sheet.clone(),
            row,
            column: place.map_or_else(String::new, |place| place.letters.clone()),
            header: place.map_or_else(String::new, |place| place.header.clone()),
            field: field.to_owned(),
            value: shown(command, field),
            rule: rule.to_owned(),
            zh: said.0,
            en: said.1,
            remedy_zh: remedy.0,
            remedy_en: remedy.1,
            suggestion: None,
        }
    };
    match refusal {
        Refusal::Faults(faults) => faults
            .iter()
            .map(|f| {
                let said = (f.zh.clone(), f.en.clone());
                let remedy = (f.remedy_zh.clone(), f.remedy_en.clone());
                error(&f.field, &f.rule, said, remedy)
            })
            .collect(),
        other => {
            let remedy = (
                "请按提示更正后重新报送".to_owned(),
                "correct it as told and send the file again".to_owned(),
            );
            let said = (other.zh(), other.to_string());
            vec![error("", other.code(), said, remedy)]
        }
    }
}

/// Keeps what is said beside a row that goes in, at its cells.
pub(super) fn remark(reading: &mut Reading, row: u32, remarks: Vec<Remark>) {
    for remark in remarks {
        if reading.warnings.len() >= LISTED_MAX {
            reading.unlisted += 1;
            continue;
        }
        let place = reading.columns.get(&remark.field);
        reading.warnings.push(Warning {
            sheet: reading.sheet.clone(),
            row,
            column: place.map_or_else(String::new, |place| place.letters.clone()),
            field: remark.field,
            rule: remark.rule,
            zh: format!("{}；{}", remark.zh, remark.remedy_zh),
            en: format!("{}; {}", remark.en, remark.remedy_en),
        });
    }
}

/// The value that a fault is about, masked where it may be a person's.
fn shown(command: &Command, field: &str) -> String {
    let none = FieldMap::new();
    let (subject, fields): (&SubjectClaim, &FieldMap) = match command {
        Command::ReportRecord(report, _) => (&report.subject, &report.fields),
        Command::ReportListing(report, ..) => (&report.subject, &none),
        Command::ReportRegister(report) => (&report.subject, &none),
        _ => return String::new(),
    };
    let text = match field {
        "subject_name" => subject.name.clone(),
        _ => fields
            .get(field)
            .map(ToString::to_string)
            .unwrap_or_default(),
    };
    // Sole traders often trade under their own name (domain reference §17).
    if matches!(
        subject.kind,
        SubjectKind::NaturalPerson | SubjectKind::SoleTrader
    ) {
        return mask_name(&text);
    }
    // A citizen number may stand anywhere by mistake.
    mask(IdentifierKind::Uscc, &text)
        .chars()
        .take(VALUE_CHARS_MAX)
        .collect()
}
