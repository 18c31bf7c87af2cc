//! From the fields of a faultless row to its report.

use super::row::{RowReader, required};
use crate::profile::{RegisterRow, Target};
use crate::values::{ValueNote, fault};
use probity_domain::report::{
    CertificateClaim, ListingReport, Provenance, RecordReport, RegisterChange, RegisterReport,
    Report, SubjectClaim,
};
use probity_types::{CivilDate, FieldValue, IdentifierKind, Role, SubjectKind};

/// The report of a row without errors. None, with an error kept, where the row names no subject or
/// declares a kind of subject that is none.
pub(crate) fn report(reader: &mut RowReader<'_>) -> Option<Report> {
    let subject = subject(reader)?;
    let profile = reader.context.profile;
    let provenance = Provenance {
        sheet: reader.context.sheet.to_owned(),
        row: reader.row.number,
        profile: profile.label(),
    };
    let stated = stated_role(reader);
    match &profile.target {
        Target::Record { subcategory, role } => Some(Report::Record(Box::new(RecordReport {
            subject,
            role: stated.unwrap_or(*role),
            subcategory: subcategory.clone(),
            authority: take_text(reader, "authority"),
            authority_code: take_text(reader, "authority_code"),
            source_unit: take_text(reader, "source_unit"),
            source_unit_code: take_text(reader, "source_unit_code"),
            fields: std::mem::take(&mut reader.fields),
            provenance,
        }))),
        Target::Listing { list, procedure } => Some(Report::Listing(Box::new(ListingReport {
            subject,
            list: list.clone(),
            procedure: *procedure,
            authority: take_text(reader, "authority"),
            instrument_no: take_text(reader, "instrument_no"),
            basis: take_text(reader, "basis"),
            reason: take_text(reader, "reason"),
            listed_on: take_date(reader, "listed_on"),
            until: take_date(reader, "until"),
            source_unit: take_text(reader, "source_unit"),
            provenance,
        }))),
        Target::Register { says } => {
            let change = register_change(reader, *says)?;
            let report = RegisterReport {
                subject,
                change,
                provenance,
            };
            Some(Report::Register(Box::new(report)))
        }
        Target::NotCreditData { .. } => None,
    }
}

/// The role that the row itself states, where the profile says in which field.
fn stated_role(reader: &RowReader<'_>) -> Option<Role> {
    let field = reader.context.profile.role_field.as_ref()?;
    match reader.fields.get(field)? {
        FieldValue::Code(key) => key.parse().ok(),
        _ => None,
    }
}

/// What a row of a register says; none, with an error kept, where one of its days is missing.
fn register_change(reader: &mut RowReader<'_>, says: RegisterRow) -> Option<RegisterChange> {
    let mut day = |field: &str| {
        let found = take_date(reader, field);
        if found.is_none() {
            reader.refuse(None, field, "", String::new(), required());
        }
        found
    };
    Some(match says {
        RegisterRow::Registration => RegisterChange::Registration,
        RegisterRow::Rename => RegisterChange::Rename {
            effective_on: day("effective_on")?,
            name: take_text(reader, "new_name"),
        },
        RegisterRow::Certificate => RegisterChange::Certificate(CertificateClaim {
            issued_on: day("issued_on")?,
            group: take_text(reader, "group"),
            title: take_text(reader, "title"),
            number: take_text(reader, "number"),
            issuer: take_text(reader, "issuer"),
            valid_to: take_date(reader, "valid_to"),
        }),
    })
}

fn subject(reader: &mut RowReader<'_>) -> Option<SubjectClaim> {
    let name = take_text(reader, "subject_name");
    if name.is_empty() && reader.claims.is_empty() {
        let texts = [
            "既无名称也无代码",
            "neither a name nor an identifier",
            "请填写名称或代码",
            "give a name or an identifier",
        ];
        reader.refuse(
            None,
            "subject_name",
            "",
            String::new(),
            fault("subject.unnamed", texts),
        );
        return None;
    }
    reader.fields.remove("subject_kind");
    let kind = match reader.kind {
        Some(kind) => kind,
        None => {
            let texts = [
                "未填写主体类别",
                "the kind of subject is not given",
                "请填写",
                "fill it in",
            ];
            reader.refuse(
                None,
                "subject_kind",
                "",
                String::new(),
                fault("field.required", texts),
            );
            return None;
        }
    };
    let region = Some(take_text(reader, "region_code"))
        .filter(|r| !r.is_empty())
        .or_else(|| institution_region(reader));
    let birth_date = take_date(reader, "subject_birth_date");
    if birth_date.is_some() && kind != SubjectKind::NaturalPerson {
        let zh = "非自然人不应有出生日期，未采用".to_owned();
        let en = "only natural persons have a birth date; it is left out".to_owned();
        reader.remark(
            None,
            "subject_birth_date",
            ValueNote {
                rule: "subject.birth_date",
                zh,
                en,
            },
        );
    }
    Some(SubjectClaim {
        kind,
        name,
        identifiers: std::mem::take(&mut reader.claims),
        birth_date: birth_date.filter(|_| kind == SubjectKind::NaturalPerson),
        region,
        industry: Some(take_text(reader, "industry")).filter(|i| !i.is_empty()),
    })
}

/// Characters 8–11 of a financial institution code are the prefecture: `6502` = 650200 (domain.md §3.5).
/// A code is read here, never a name: a street called 克拉玛依西路 is in Urumqi.
fn institution_region(reader: &RowReader<'_>) -> Option<String> {
    if !reader.context.profile.region_from_institution_code {
        return None;
    }
    let code = reader
        .claims
        .iter()
        .find(|c| c.kind == IdentifierKind::FinancialInstitution)?;
    let digits = code
        .value
        .get(7..11)
        .filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    Some(format!("{digits}00"))
}

fn take_text(reader: &mut RowReader<'_>, field: &str) -> String {
    match reader.fields.remove(field) {
        Some(FieldValue::Text(text)) => text.as_str().to_owned(),
        Some(FieldValue::Code(key)) => key.as_str().to_owned(),
        Some(
            FieldValue::Date(_)
            | FieldValue::Fen(_)
            | FieldValue::Integer(_)
            | FieldValue::Decimal(_)
            | FieldValue::Boolean(_)
            | FieldValue::Codes(_),
        )
        | None => String::new(),
    }
}

fn take_date(reader: &mut RowReader<'_>, field: &str) -> Option<CivilDate> {
    match reader.fields.remove(field) {
        Some(FieldValue::Date(date)) => Some(date),
        Some(
            FieldValue::Text(_)
            | FieldValue::Code(_)
            | FieldValue::Fen(_)
            | FieldValue::Integer(_)
            | FieldValue::Decimal(_)
            | FieldValue::Boolean(_)
            | FieldValue::Codes(_),
        )
        | None => None,
    }
}
