//! From the written profile to the checked one.

use super::source::{
    ColumnSource, ConstantSource, EraSource, IdentifierSource, ProfileKind, ProfileSource,
    StandingSource,
};
use super::{
    ColumnRule, Era, HEADER_ROWS_MAX, IdentifierRule, KindRule, Profile, ProfileError,
    StandingRule, Target,
};
use crate::codes::{code_keys, is_known_by_form};
use crate::fields::{LEGAL_PERSON, reserved_type};
use crate::values::{Reader, read_text};
use probity_names::fold_header;
use probity_types::{CivilDate, CodeList, FieldType, FieldValue, MoneyUnit, SubjectKind};
use std::collections::{BTreeMap, BTreeSet};

struct Place<'a> {
    profile: &'a str,
    at: String,
}

impl Place<'_> {
    fn fault<T>(&self, fault: impl Into<String>) -> Result<T, ProfileError> {
        let profile = self.profile.to_owned();
        Err(ProfileError::Meaning {
            profile,
            at: self.at.clone(),
            fault: fault.into(),
        })
    }
}

pub(super) fn checked(source: ProfileSource) -> Result<Profile, ProfileError> {
    let id = source.id.clone();
    let place = |at: &str| Place {
        profile: &id,
        at: at.to_owned(),
    };
    let id_form = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if source.id.is_empty() || !source.id.chars().all(id_form) {
        return place("id").fault("lower-case letters, digits and hyphens");
    }
    for (key, value) in [
        ("version", &source.version),
        ("title_zh", &source.title_zh),
        ("title_en", &source.title_en),
        ("origin", &source.origin),
    ] {
        if value.trim().is_empty() {
            return place(key).fault("must not be empty");
        }
    }
    let target = target(&source, &place("kind"))?;
    let columns: Vec<ColumnRule> = source
        .columns
        .iter()
        .map(|c| column(c, &target, &place(&format!("column {:?}", c.field))))
        .collect::<Result<_, _>>()?;
    let mut constants = BTreeMap::new();
    for entry in &source.constants {
        let here = place(&format!("constant {:?}", entry.field));
        let value = constant(entry, &target, &here)?;
        if constants.insert(entry.field.clone(), value).is_some() {
            return here.fault("given twice");
        }
    }
    let identifiers: Vec<IdentifierRule> = source
        .identifiers
        .iter()
        .map(|i| identifier(i, &place(&format!("identifier {:?}", i.headers))))
        .collect::<Result<_, _>>()?;
    let subject = source.subject.clone().unwrap_or_default();
    let standing = source.standing.as_ref();
    let standing = standing
        .map(|rule| standing_rule(rule, &place("standing")))
        .transpose()?;
    let profile = Profile {
        id: source.id.clone(),
        version: source.version,
        title_zh: source.title_zh,
        title_en: source.title_en,
        origin: source.origin,
        notes: source.notes,
        sheet: source.sheet,
        header_rows_max: source.header_rows_max.unwrap_or(HEADER_ROWS_MAX),
        absent: source.absent.iter().cloned().collect(),
        target,
        totals: source.totals.iter().map(|t| fold_header(t)).collect(),
        marker_headers: source.headers.iter().map(|h| fold_header(h)).collect(),
        unread_sheets: source.unread_sheets.iter().cloned().collect(),
        role_field: source.record.and_then(|record| record.role_field),
        subject_kind: subject.kind,
        kind_by_identifier: subject.kind_by_identifier,
        standing,
        region_from_institution_code: subject.region_from_institution_code,
        constants,
        columns,
        identifiers,
    };
    whole(&profile, &place("whole"))?;
    Ok(profile)
}

fn target(source: &ProfileSource, place: &Place<'_>) -> Result<Target, ProfileError> {
    let reasons = (source.reason_zh.clone(), source.reason_en.clone());
    if source.kind == ProfileKind::Register {
        return match (&source.register, &source.record, &source.listing, reasons) {
            (Some(register), None, None, (None, None)) => Ok(Target::Register {
                says: register.says,
            }),
            _ => place.fault("register goes with [register] alone"),
        };
    }
    if source.register.is_some() {
        return place.fault("[register] goes with kind register");
    }
    match (source.kind, &source.record, &source.listing, reasons) {
        (ProfileKind::Record, Some(record), None, (None, None)) => {
            let form = record.subcategory.len() == 5 && record.subcategory.is_ascii();
            if !form {
                return place.fault("record.subcategory is a catalogue code such as XK040");
            }
            Ok(Target::Record { subcategory: record.subcategory.clone(), role: record.role })
        }
        (ProfileKind::Listing, None, Some(listing), (None, None)) => {
            Ok(Target::Listing { list: listing.list.clone(), procedure: listing.procedure })
        }
        (ProfileKind::NotCreditData, None, None, (Some(reason_zh), Some(reason_en))) => {
            Ok(Target::NotCreditData { reason_zh, reason_en })
        }
        _ => place.fault(
            "record goes with [record], listing with [listing], not_credit_data with reason_zh and reason_en",
        ),
    }
}

fn field_type(
    field: &str,
    written: Option<&String>,
    target: &Target,
    place: &Place<'_>,
) -> Result<FieldType, ProfileError> {
    match (reserved_type(field, target), written) {
        (Some(known), None) => Ok(known),
        (Some(known), Some(text)) if *text == known.to_string() => Ok(known),
        (Some(known), Some(_)) => place.fault(format!("the type of this field is always {known}")),
        (None, None) => place.fault("type is missing, for example type = \"text:64\""),
        (None, Some(_)) if matches!(target, Target::Listing { .. } | Target::Register { .. }) => {
            place.fault("rows of this kind have no such field")
        }
        (None, Some(text)) => text.parse().or_else(|e| place.fault(format!("{e}"))),
    }
}

fn column(
    source: &ColumnSource,
    target: &Target,
    place: &Place<'_>,
) -> Result<ColumnRule, ProfileError> {
    let field_type = field_type(&source.field, source.field_type.as_ref(), target, place)?;
    let first = match source.headers.first() {
        Some(first) => first.clone(),
        None => return place.fault("headers must name at least one header"),
    };
    let unit = match (&field_type, source.unit) {
        (FieldType::Money, Some(unit)) => unit,
        (FieldType::Money, None) => return place.fault("unit is missing: yuan, wan_yuan or fen"),
        (_, Some(_)) => return place.fault("unit goes with type money only"),
        (_, None) => MoneyUnit::Fen,
    };
    let folded = |names: &Vec<String>| names.iter().map(|n| fold_header(n)).collect::<Vec<_>>();
    let eras = eras(source, place)?;
    check_codes(&source.field, &field_type, &eras, place)?;
    if source.dated_by.is_some() == source.eras.is_empty() {
        return place.fault("dated_by and [[column.era]] go together");
    }
    if !source.split.is_empty() && !matches!(field_type, FieldType::Codes(_)) {
        return place.fault("split goes with type list:… only");
    }
    Ok(ColumnRule {
        field: source.field.clone(),
        sources: std::iter::once(&source.headers)
            .chain(&source.else_headers)
            .map(folded)
            .collect(),
        append: source.append_headers.iter().map(folded).collect(),
        title: first,
        field_type,
        need: source.need,
        unit,
        eras,
        dated_by: source.dated_by.clone(),
        split: source.split.clone(),
        personal: source.personal,
    })
}

fn eras(source: &ColumnSource, place: &Place<'_>) -> Result<Vec<Era>, ProfileError> {
    let always = EraSource {
        valid_from: String::new(),
        valid_to: String::new(),
        values: source.values.clone(),
    };
    let written: Vec<&EraSource> = match (source.values.is_empty(), source.eras.is_empty()) {
        (true, _) => source.eras.iter().collect(),
        (false, true) => vec![&always],
        (false, false) => return place.fault("values or [[column.era]], not both"),
    };
    let day = |text: &str, open: CivilDate| {
        if text.is_empty() {
            Ok(open)
        } else {
            text.parse()
                .or_else(|e| place.fault(format!("{text:?}: {e}")))
        }
    };
    let era = |era: &EraSource| {
        Ok(Era {
            valid_from: day(&era.valid_from, CivilDate::MIN)?,
            valid_to: day(&era.valid_to, CivilDate::MAX)?,
            values: era
                .values
                .iter()
                .map(|(k, v)| (fold_header(k), v.clone()))
                .collect(),
        })
    };
    written.into_iter().map(era).collect()
}

/// Every value of a map must be a key of its list, so that a misspelt key cannot reach a record.
fn check_codes(
    field: &str,
    field_type: &FieldType,
    eras: &[Era],
    place: &Place<'_>,
) -> Result<(), ProfileError> {
    let values: Vec<&String> = eras.iter().flat_map(|era| era.values.values()).collect();
    let (keys, list) = match field_type {
        FieldType::Code(list) | FieldType::Codes(list) => {
            match (code_keys(list), values.is_empty()) {
                (None, true) if is_known_by_form(list) => return Ok(()),
                (Some(keys), _) => (keys, list),
                (None, true) => {
                    return place.fault(format!(
                        "the list {list} is not built in: values must map it"
                    ));
                }
                (None, false) => return Ok(()),
            }
        }
        FieldType::Text(_)
        | FieldType::Date
        | FieldType::Money
        | FieldType::Integer
        | FieldType::Decimal
        | FieldType::Boolean
        | FieldType::Party => return Ok(()),
    };
    let known = |v: &&String| {
        v.is_empty()
            || keys.contains(&v.as_str())
            || (field == "subject_kind" && *v == LEGAL_PERSON)
    };
    match values.into_iter().find(|v| !known(v)) {
        None => Ok(()),
        Some(wrong) => place.fault(format!(
            "{wrong:?} is not a key of {list}; allowed: {}",
            keys.join(" ")
        )),
    }
}

fn constant(
    source: &ConstantSource,
    target: &Target,
    place: &Place<'_>,
) -> Result<FieldValue, ProfileError> {
    let field_type = field_type(&source.field, source.field_type.as_ref(), target, place)?;
    let reader = Reader::of(&field_type, source.unit.unwrap_or(MoneyUnit::Fen));
    match read_text(&source.value, &reader) {
        Ok(read) => Ok(read.value),
        Err(fault) => place.fault(String::from(fault.en)),
    }
}

fn identifier(
    source: &IdentifierSource,
    place: &Place<'_>,
) -> Result<IdentifierRule, ProfileError> {
    let title = match source.headers.first() {
        Some(first) => first.clone(),
        None => return place.fault("headers must name at least one header"),
    };
    let folded = |names: &[String]| names.iter().map(|n| fold_header(n)).collect::<Vec<_>>();
    let kind = match (
        source.kind,
        source.kind_headers.is_empty(),
        source.kinds.is_empty(),
    ) {
        (Some(kind), true, true) => KindRule::Fixed(kind),
        (None, false, false) => KindRule::Column {
            headers: folded(&source.kind_headers),
            kinds: source
                .kinds
                .iter()
                .map(|(k, v)| (fold_header(k), *v))
                .collect(),
        },
        _ => {
            return place.fault(
                "either kind, or kind_headers with kinds: the type is declared, never guessed",
            );
        }
    };
    Ok(IdentifierRule {
        kind,
        headers: folded(&source.headers),
        title,
        need: source.need,
        needed_for: source.needed_for.clone(),
        fault: source.fault,
        inner_spaces: source.inner_spaces,
    })
}

fn standing_rule(source: &StandingSource, place: &Place<'_>) -> Result<StandingRule, ProfileError> {
    let title = match source.headers.first() {
        Some(first) => first.clone(),
        None => return place.fault("headers must name at least one header"),
    };
    let mut known = BTreeSet::new();
    for word in source
        .stands
        .iter()
        .chain(&source.disputed)
        .chain(&source.revoked)
    {
        if !known.insert(fold_header(word)) {
            return place.fault(format!("{word:?} stands in two lists"));
        }
    }
    let folded = |words: &[String]| words.iter().map(|word| fold_header(word)).collect();
    Ok(StandingRule {
        headers: source.headers.iter().map(|h| fold_header(h)).collect(),
        title,
        stands: folded(&source.stands),
        disputed: folded(&source.disputed),
        revoked: folded(&source.revoked),
    })
}

/// What only shows over the whole profile.
fn whole(profile: &Profile, place: &Place<'_>) -> Result<(), ProfileError> {
    let mut fields = BTreeSet::new();
    for rule in &profile.columns {
        if !fields.insert(rule.field.as_str()) {
            return place.fault(format!(
                "field {:?} has two columns; use else_headers",
                rule.field
            ));
        }
    }
    let given = |field: &str| fields.contains(field) || profile.constants.contains_key(field);
    for field in &profile.absent {
        if given(field) {
            return place.fault(format!("field {field:?} is mapped and declared absent"));
        }
    }
    if let Some(twice) = profile
        .constants
        .keys()
        .find(|f| fields.contains(f.as_str()))
    {
        return place.fault(format!("field {twice:?} has a column and a constant"));
    }
    for rule in &profile.columns {
        if let Some(date) = &rule.dated_by {
            let dated = profile
                .columns
                .iter()
                .any(|c| c.field == *date && c.field_type == FieldType::Date);
            if !dated {
                return place.fault(format!("dated_by {date:?} names no date column"));
            }
        }
    }
    if profile.header_rows_max == 0 {
        return place.fault("header_rows_max is at least 1");
    }
    if let Some(role) = &profile.role_field {
        let is_code = |rule: &ColumnRule| {
            rule.field == *role && matches!(rule.field_type, FieldType::Code(_))
        };
        if !profile.columns.iter().any(is_code) {
            return place.fault(format!("role_field {role:?} names no column of one code"));
        }
    }
    match profile.target {
        Target::NotCreditData { .. } if profile.marker_headers.is_empty() => {
            place.fault("headers must name what tells this kind of file")
        }
        Target::NotCreditData { .. } => Ok(()),
        Target::Record { .. } | Target::Listing { .. } | Target::Register { .. }
            if !fields.contains("subject_name") =>
        {
            place.fault("a column for subject_name is missing")
        }
        Target::Record { .. } | Target::Listing { .. } | Target::Register { .. }
            if [
                profile.subject_kind.is_some(),
                profile.kind_by_identifier,
                fields.contains("subject_kind"),
            ]
            .iter()
            .filter(|told| **told)
            .count()
                != 1 =>
        {
            let known = SubjectKind::ALL
                .iter()
                .map(|k| k.key())
                .collect::<Vec<_>>()
                .join(" ");
            place.fault(format!(
                "subject.kind or a column for subject_kind or subject.kind_by_identifier, one of them; kinds: {known}"
            ))
        }
        Target::Register { says } => {
            let lacks = says.fields().iter().find(|field| !given(field));
            match lacks {
                Some(field) => place.fault(format!("a column for {field} is missing")),
                None => Ok(()),
            }
        }
        Target::Record { .. } | Target::Listing { .. } => Ok(()),
    }
}
