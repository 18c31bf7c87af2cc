//! The profile that reads a filled form.

use super::plan::{Form, FormColumn, Kind, Names};
use super::{LISTS_SHEET, NOTES_SHEET, PROFILE_PREFIX};
use crate::profile::{
    ColumnSource, EraSource, IdentifierSource, Need, Profile, ProfileError, ProfileKind,
    ProfileSource, RecordSource, is_reserved,
};
use probity_rules::Requirement;
use probity_types::{CivilDate, FieldType, IdentifierKind, SubjectKind};
use std::collections::BTreeMap;

/// Characters that part several codes in one cell.
const SPLIT: &str = "；;";

/// Kinds of subject that have a number to be told by; a person without one waits for a human decision.
const NUMBERED: [SubjectKind; 5] = [
    SubjectKind::Enterprise,
    SubjectKind::SoleTrader,
    SubjectKind::Unincorporated,
    SubjectKind::SocialOrganisation,
    SubjectKind::GovernmentBody,
];

impl Form {
    /// Id of the profile that reads this form.
    pub fn profile_id(&self) -> String {
        format!("{PROFILE_PREFIX}{}", self.code.to_ascii_lowercase())
    }

    /// The profile that reads this form from a sheet; from the first one with rows where none is named.
    ///
    /// # Errors
    /// [`ProfileError`] where the catalogue describes a column that no profile can read.
    pub fn profile(&self, sheet: Option<&str>) -> Result<Profile, ProfileError> {
        let values = self.columns.iter().filter(|c| c.kind == Kind::Value);
        Profile::checked(ProfileSource {
            register: None,
            standing: None,
            id: self.profile_id(),
            version: self.version.clone(),
            title_zh: format!("{} {}", self.code, self.name_zh),
            title_en: format!("{} {}", self.code, self.name_en),
            origin: format!("form of {} {}", self.catalogue, self.version),
            notes: String::new(),
            kind: ProfileKind::Record,
            reason_zh: None,
            reason_en: None,
            sheet: sheet.filter(|name| !name.is_empty()).map(str::to_owned),
            unread_sheets: vec![NOTES_SHEET.to_owned(), LISTS_SHEET.to_owned()],
            header_rows_max: None,
            headers: Vec::new(),
            absent: Vec::new(),
            totals: Vec::new(),
            record: Some(RecordSource {
                subcategory: self.code.clone(),
                role: self.role,
                role_field: self.role_field.clone(),
            }),
            listing: None,
            subject: None,
            constants: Vec::new(),
            columns: values.map(value).collect(),
            identifiers: self.identifiers(),
        })
    }

    fn identifiers(&self) -> Vec<IdentifierSource> {
        let kind_column = self.columns.iter().find(|c| c.kind == Kind::DocumentKind);
        let identifier = |column: &FormColumn| match &column.kind {
            Kind::Identifier(kind) => Some(IdentifierSource {
                kind: Some(*kind),
                ..IdentifierSource::under(&column.header)
            }),
            Kind::DocumentNumber => {
                let kinds = kind_column?;
                Some(IdentifierSource {
                    kind_headers: vec![kinds.header.clone()],
                    kinds: kinds.names.iter().flat_map(document_kinds).collect(),
                    needed_for: NUMBERED.to_vec(),
                    ..IdentifierSource::under(&column.header)
                })
            }
            Kind::Value | Kind::DocumentKind => None,
        };
        self.columns.iter().filter_map(identifier).collect()
    }
}

fn document_kinds(names: &Names) -> impl Iterator<Item = (String, IdentifierKind)> {
    names
        .keys
        .iter()
        .filter_map(|(name, key)| Some((name.clone(), key.parse().ok()?)))
}

/// A day as profiles write it: empty where it is open.
fn open_or(day: CivilDate, open: CivilDate) -> String {
    if day == open {
        String::new()
    } else {
        day.to_string()
    }
}

fn value(column: &FormColumn) -> ColumnSource {
    let is_list = matches!(column.field_type, FieldType::Codes(_));
    let (mut values, mut eras) = (BTreeMap::new(), Vec::new());
    if column.dated_by.is_some() {
        let era = |names: &Names| EraSource {
            valid_from: open_or(names.first, CivilDate::MIN),
            valid_to: open_or(names.last, CivilDate::MAX),
            values: names.keys.clone(),
        };
        eras = column.names.iter().map(era).collect();
    } else if let Some(names) = column.names.first() {
        values.clone_from(&names.keys);
    }
    ColumnSource {
        field: column.field.clone(),
        headers: vec![column.header.clone()],
        else_headers: Vec::new(),
        append_headers: Vec::new(),
        field_type: (!is_reserved(&column.field)).then(|| column.field_type.to_string()),
        need: match column.need {
            Requirement::Required => Need::Required,
            Requirement::Conditional | Requirement::Optional => Need::Optional,
        },
        unit: column.money_unit,
        values,
        eras,
        dated_by: column.dated_by.clone(),
        split: if is_list {
            SPLIT.to_owned()
        } else {
            String::new()
        },
        personal: column.field_type == FieldType::Party,
    }
}
