//! Which columns the form of a class has.

use probity_names::fold_header;
use probity_rules::{CatalogueField, Entry, Packs, Requirement};
use probity_types::{Category, CivilDate, FieldType, IdentifierKind, MoneyUnit, Role};
use std::collections::{BTreeMap, BTreeSet};

/// List whose names say other things in other years.
const PENALTY_KINDS: &str = "penalty_kind";
/// The date by which those names are read.
const PENALTY_DATE: &str = "decision_date";
/// Field that says in which role the subject stands, where a class has one.
const ROLE: &str = "role";

/// Common fields that are identifiers of one kind each.
const IDENTIFIERS: [(&str, IdentifierKind); 5] = [
    ("subject_org_code", IdentifierKind::OrgCode),
    ("subject_registration_no", IdentifierKind::RegistrationNo),
    ("subject_tax_no", IdentifierKind::TaxNo),
    ("subject_institution_no", IdentifierKind::InstitutionNo),
    ("subject_social_org_no", IdentifierKind::SocialOrgNo),
];

/// What a column is to the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A value of the record or its subject.
    Value,
    /// The kind of document whose number stands under `subject_code`.
    DocumentKind,
    /// The number of that document.
    DocumentNumber,
    /// An identifier of this kind.
    Identifier(IdentifierKind),
}

/// The names of a list as they are read for dates of one span, with the keys that they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) first: CivilDate,
    pub(crate) last: CivilDate,
    pub(crate) keys: BTreeMap<String, String>,
}

/// One column of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormColumn {
    /// Field of the catalogue.
    pub field: String,
    /// What stands above the column; an amount's unit is part of it.
    pub header: String,
    /// The field's name in English.
    pub name_en: String,
    /// What the column is to the import.
    pub kind: Kind,
    /// Type of its values.
    pub field_type: FieldType,
    /// Whether the class needs it.
    pub need: Requirement,
    /// When it must be given, in Chinese where that is known; empty where nothing is said.
    pub condition: String,
    /// Unit of an amount.
    pub money_unit: Option<MoneyUnit>,
    /// Unit in the words of the catalogue.
    pub unit: String,
    /// Values to choose from, by name and in the order of the list; empty where the column takes free text.
    pub choices: Vec<String>,
    /// How those are read.
    pub(crate) names: Vec<Names>,
    /// Date column by which several [`Names`] are told apart.
    pub(crate) dated_by: Option<String>,
}

impl FormColumn {
    /// The name under which the form offers a key of the column's list for a record of that day; none where it offers no
    /// such key. Where two keys of one day share a name, the key is part of the name.
    pub fn name_of(&self, key: &str, decided_on: CivilDate) -> Option<&str> {
        let mut of_day = self.names.iter();
        let names = of_day.find(|names| names.first <= decided_on && decided_on <= names.last)?;
        let found = names.keys.iter().find(|(_, held)| *held == key);
        found.map(|(name, _)| name.as_str())
    }
}

/// The form of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Code of the class.
    pub code: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// Id of the catalogue that the form comes from.
    pub catalogue: String,
    /// Its version.
    pub version: String,
    /// Columns from left to right.
    pub columns: Vec<FormColumn>,
    pub(crate) role: Role,
    pub(crate) role_field: Option<String>,
}

/// The word for a need, in Chinese.
pub fn need_zh(need: Requirement) -> &'static str {
    match need {
        Requirement::Required => "必填",
        Requirement::Conditional => "条件必填",
        Requirement::Optional => "选填",
    }
}

impl Form {
    /// The form of a class of the catalogue in force; none where the catalogue has no such class.
    pub fn of(packs: &Packs<'_>, code: &str) -> Option<Self> {
        let entry = packs.catalogue.entry(code)?;
        let mut headers = BTreeSet::new();
        let fields = packs.catalogue.form_fields(entry);
        let has_role = fields.iter().any(|field| field.name == ROLE);
        let columns = fields
            .into_iter()
            .map(|field| column(packs, entry, field, &mut headers))
            .collect();
        let head = &packs.catalogue.head.rule;
        Some(Self {
            code: entry.code.clone(),
            name_zh: entry.name.zh.clone(),
            name_en: entry.name.en.clone(),
            catalogue: head.id.clone(),
            version: head.version.clone(),
            columns,
            role: match entry.category {
                Category::QF => Role::Debtor,
                Category::RY => Role::Recipient,
                Category::XK | Category::CF | Category::QZ | Category::CJ | Category::PJ => {
                    Role::Party
                }
            },
            role_field: has_role.then(|| ROLE.to_owned()),
        })
    }
}

fn column(
    packs: &Packs<'_>,
    entry: &Entry,
    field: &CatalogueField,
    headers: &mut BTreeSet<String>,
) -> FormColumn {
    let identifier = IDENTIFIERS.iter().find(|(name, _)| *name == field.name);
    let kind = match (field.name.as_str(), identifier) {
        (_, Some((_, kind))) => Kind::Identifier(*kind),
        ("subject_code_type", _) => Kind::DocumentKind,
        ("subject_code", _) => Kind::DocumentNumber,
        _ => Kind::Value,
    };
    let money_unit = (field.field_type == FieldType::Money).then(|| money_unit(&field.unit));
    let names = names(packs, entry, field);
    let dated_by = (names.len() > 1).then(|| PENALTY_DATE.to_owned());
    FormColumn {
        header: header(field, money_unit, headers),
        field: field.name.clone(),
        name_en: field.name_en(),
        kind,
        field_type: field.field_type.clone(),
        need: packs.catalogue.need(entry, field),
        condition: field
            .evaluable
            .map_or_else(|| field.condition.clone(), |words| words.zh().to_owned()),
        money_unit,
        unit: field.unit.clone(),
        choices: choices(&field.field_type, &names),
        names,
        dated_by,
    }
}

/// The unit that the words of the catalogue name. Where they name none it is yuan: the header says so.
fn money_unit(words: &str) -> MoneyUnit {
    if words.contains("万元") {
        MoneyUnit::WanYuan
    } else {
        MoneyUnit::Yuan
    }
}

/// The unit as headers name it.
pub(crate) fn unit_zh(unit: MoneyUnit) -> &'static str {
    match unit {
        MoneyUnit::Fen => "分",
        MoneyUnit::Yuan => "元",
        MoneyUnit::WanYuan => "万元",
    }
}

/// What stands above a column: no two columns share it.
fn header(
    field: &CatalogueField,
    unit: Option<MoneyUnit>,
    headers: &mut BTreeSet<String>,
) -> String {
    let name = &field.name_zh;
    let header = match unit {
        Some(unit) => format!("{name}（{}）", unit_zh(unit)),
        None => name.clone(),
    };
    if headers.insert(fold_header(&header)) {
        return header;
    }
    let header = format!("{header}（{}）", field.name);
    headers.insert(fold_header(&header));
    header
}

/// How the values of a list are read. The names of penalty kinds are those of the law of the day.
fn names(packs: &Packs<'_>, entry: &Entry, field: &CatalogueField) -> Vec<Names> {
    let (FieldType::Code(list) | FieldType::Codes(list)) = &field.field_type else {
        return Vec::new();
    };
    let held = packs.catalogue.list_names(list);
    let Some(held) = held.or_else(|| packs.codes.list_names(list)) else {
        return Vec::new();
    };
    let fits = |key: &str| {
        field.name != "subject_kind" || entry.subjects.iter().any(|kind| kind.to_string() == key)
    };
    let pairs: Vec<(String, String)> = held
        .into_iter()
        .filter(|(key, _)| fits(key))
        .map(|(key, name)| (name.zh, key))
        .collect();
    if list != PENALTY_KINDS {
        return vec![Names {
            first: CivilDate::MIN,
            last: CivilDate::MAX,
            keys: apart(pairs),
        }];
    }
    let of_era = |era: &probity_rules::PenaltyEra| {
        let is_of_era = |key: &str| {
            let kind = key.parse().ok();
            kind.is_some_and(|kind| packs.penalties.in_era(kind, era.interval.first))
        };
        let pairs = pairs.iter().filter(|(_, key)| is_of_era(key)).cloned();
        Names {
            first: era.interval.first,
            last: era.interval.last,
            keys: apart(pairs.collect()),
        }
    };
    packs.penalties.eras().iter().map(of_era).collect()
}

/// Names with their keys; where two share a name, the key stands behind it.
fn apart(pairs: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (name, _) in &pairs {
        *counts.entry(fold_header(name)).or_default() += 1;
    }
    let said = |(name, key): (String, String)| {
        let is_alone = counts.get(&fold_header(&name)) == Some(&1);
        let name = if is_alone {
            name
        } else {
            format!("{name}（{key}）")
        };
        (name, key)
    };
    pairs.into_iter().map(said).collect()
}

/// The values to choose from in the order of their keys, each once over all years.
fn choices(field_type: &FieldType, names: &[Names]) -> Vec<String> {
    if *field_type == FieldType::Boolean {
        return vec!["是".to_owned(), "否".to_owned()];
    }
    let all = names.iter().flat_map(|names| &names.keys);
    let mut by_key: Vec<(&String, &String)> = all.map(|(name, key)| (key, name)).collect();
    by_key.sort();
    let mut seen = BTreeSet::new();
    by_key.retain(|(_, name)| seen.insert(name.as_str()));
    by_key.into_iter().map(|(_, name)| name.clone()).collect()
}
