//! Reading a catalogue: the raw TOML, then every check, faults collected.

use super::check;
use super::{Catalogue, CatalogueField, Entry, Named, Requirement, Sensitivity, SeverityRule};
use crate::Codebook;
use crate::conditions::Condition;
use crate::fault::{Collector, PackFaults, Sentence, read_toml};
use crate::head::{PackKind, RawHead};
use probity_types::{Category, FieldType, Polarity, Publicity};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCatalogue {
    pack: RawHead,
    meta: RawMeta,
    category: Vec<RawCategory>,
    field: Vec<RawField>,
    bureau: Vec<RawBureau>,
    industry: Vec<RawIndustry>,
    key_person_group: Vec<RawGroup>,
    severity_rule: Vec<RawSeverityRule>,
    entry: Vec<RawEntry>,
}

/// The totals are checked; the vocabularies beside them are repeated for people only.
#[derive(Deserialize)]
struct RawMeta {
    status: String,
    categories: usize,
    entries: usize,
    industries: usize,
    key_person_groups: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    code: String,
    name_zh: String,
    name_en: String,
    polarity: String,
    entries: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    #[serde(default)]
    category: String,
    name: String,
    name_zh: String,
    r#type: String,
    #[serde(default)]
    requirement: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    standard_code: String,
    #[serde(default)]
    condition: String,
    #[serde(default)]
    visibility: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBureau {
    code: String,
    name_zh: String,
    name_en: String,
    #[serde(default)]
    name_zh_2016: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndustry {
    code: String,
    name_zh: String,
    name_en: String,
    #[serde(rename = "gbt4754_2017")]
    _gbt4754_2017: String,
    #[serde(rename = "origin")]
    _origin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    code: String,
    name_zh: String,
    name_en: String,
    #[serde(rename = "origin")]
    _origin: String,
    licence_entry: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSeverityRule {
    pub(super) id: String,
    pub(super) meaning: String,
    #[serde(rename = "basis")]
    _basis: String,
    #[serde(default)]
    pub(super) valid_from: String,
    #[serde(default)]
    pub(super) valid_to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    code: String,
    name_zh: String,
    name_en: String,
    category: String,
    subjects: Vec<String>,
    polarity: String,
    publicity: String,
    sensitivity: String,
    severity_rule: String,
    sources: Vec<String>,
    legal_basis: String,
    basis_status: String,
    required: Vec<String>,
    optional: Vec<String>,
    extra: Vec<RawField>,
    #[serde(default)]
    key_person_groups: Vec<String>,
    #[serde(default)]
    valid_from: String,
    #[serde(default)]
    valid_to: String,
    replaced_by: Option<String>,
}

pub(super) fn parse(text: &str) -> Result<Catalogue, PackFaults> {
    let raw: RawCatalogue = read_toml(PackKind::Catalogue, text)?;
    let mut faults = Collector::new(PackKind::Catalogue);
    let head = raw.pack.check(PackKind::Catalogue, &mut faults);
    check_totals(&raw.meta, &raw.category, &raw.entry, &mut faults);
    check_total(
        "industries",
        raw.meta.industries,
        raw.industry.len(),
        &mut faults,
    );
    check_total(
        "key_person_groups",
        raw.meta.key_person_groups,
        raw.key_person_group.len(),
        &mut faults,
    );
    let severity_rules = check::severity_rules(raw.severity_rule, &mut faults);
    faults.filled("meta", "status", &raw.meta.status);
    let mut catalogue = Catalogue {
        head,
        status: raw.meta.status,
        severity_rules,
        categories: BTreeMap::new(),
        fields: BTreeMap::new(),
        entries: BTreeMap::new(),
        bureaus: BTreeMap::new(),
        earlier_names: BTreeMap::new(),
        industries: BTreeMap::new(),
        key_person_groups: BTreeMap::new(),
    };
    read_categories(raw.category, &mut catalogue, &mut faults);
    read_fields(raw.field, &mut catalogue, &mut faults);
    for b in raw.bureau {
        catalogue
            .earlier_names
            .insert(b.code.clone(), b.name_zh_2016);
        add(
            &mut catalogue.bureaus,
            "bureau",
            named(b.code, b.name_zh, b.name_en),
            &mut faults,
        );
    }
    for i in raw.industry {
        add(
            &mut catalogue.industries,
            "industry",
            named(i.code, i.name_zh, i.name_en),
            &mut faults,
        );
    }
    let mut licences = Vec::new();
    for g in raw.key_person_group {
        licences.push((g.code.clone(), g.licence_entry));
        let group = named(g.code, g.name_zh, g.name_en);
        add(
            &mut catalogue.key_person_groups,
            "key_person_group",
            group,
            &mut faults,
        );
    }
    for entry in raw.entry {
        read_entry(entry, &mut catalogue, &mut faults);
    }
    check::references(&catalogue, &licences, &mut faults);
    check::successors(&catalogue, &mut faults);
    check::names(&catalogue, &mut faults);
    faults.finish(catalogue)
}

fn read_categories(raw: Vec<RawCategory>, catalogue: &mut Catalogue, faults: &mut Collector) {
    for c in raw {
        let place = format!("category {}", c.code);
        let _: Option<Polarity> = faults.read(&place, "polarity", &c.polarity, "a polarity");
        if let Some(code) = faults.read(&place, "code", &c.code, "a category") {
            let twice = catalogue
                .categories
                .insert(code, named(c.code, c.name_zh, c.name_en));
            if twice.is_some() {
                faults.push(&place, "code", "stands twice", "each category once");
            }
        }
    }
}

fn named(code: String, zh: String, en: String) -> Named {
    Named {
        code,
        name: Sentence::new(zh, en),
    }
}

fn add(to: &mut BTreeMap<String, Named>, what: &str, named: Named, faults: &mut Collector) {
    let place = format!("{what} {}", named.code);
    faults.filled(&place, "name_zh", &named.name.zh);
    faults.filled(&place, "name_en", &named.name.en);
    if to.insert(named.code.clone(), named).is_some() {
        faults.push(&place, "code", "stands twice", "each code once");
    }
}

fn check_total(field: &str, stated: usize, found: usize, faults: &mut Collector) {
    if stated != found {
        let said = format!("{found} stand in the pack, {stated} are stated");
        faults.push("meta", field, said, found.to_string());
    }
}

fn check_totals(
    meta: &RawMeta,
    categories: &[RawCategory],
    entries: &[RawEntry],
    faults: &mut Collector,
) {
    check_total("categories", meta.categories, categories.len(), faults);
    check_total("entries", meta.entries, entries.len(), faults);
    for category in categories {
        let found = entries
            .iter()
            .filter(|e| e.category == category.code)
            .count();
        if found != category.entries {
            let place = format!("category {}", category.code);
            let said = format!("{found} stand in the pack, {} are stated", category.entries);
            faults.push(&place, "entries", said, found.to_string());
        }
    }
}

fn read_fields(raw: Vec<RawField>, catalogue: &mut Catalogue, faults: &mut Collector) {
    for (rank, field) in (0_u32..).zip(raw) {
        let place = format!("field {}.{}", field.category, field.name);
        let group = match field.category.as_str() {
            "*" => Some(None),
            code => faults
                .read(&place, "category", code, "* or a category")
                .map(Some),
        };
        let Some((group, field)) = group.zip(read_field(field, rank, &place, faults)) else {
            continue;
        };
        let fields = catalogue.fields.entry(group).or_default();
        if fields.insert(field.name.clone(), field).is_some() {
            faults.push(
                &place,
                "name",
                "stands twice",
                "each field once in its category",
            );
        }
    }
}

fn read_field(
    raw: RawField,
    rank: u32,
    place: &str,
    faults: &mut Collector,
) -> Option<CatalogueField> {
    faults.filled(place, "name", &raw.name);
    faults.filled(place, "name_zh", &raw.name_zh);
    let requirement = match raw.requirement.as_str() {
        "" => Requirement::Optional, // extra fields of a class say nothing
        word => faults.read(place, "requirement", word, "one of these")?,
    };
    let field_type: FieldType = faults.read(place, "type", &raw.r#type, "a known type")?;
    if matches!(field_type, FieldType::Text(0 | 4001..)) {
        faults.push(place, "type", field_type.to_string(), "text:1 to text:4000");
    }
    if requirement == Requirement::Conditional && raw.condition.is_empty() {
        faults.push(
            place,
            "condition",
            "empty",
            "the condition of a conditional field",
        );
    }
    Some(CatalogueField {
        rank,
        evaluable: Condition::read(&raw.condition),
        name: raw.name,
        name_zh: raw.name_zh,
        field_type,
        requirement,
        condition: raw.condition,
        standard_code: raw.standard_code,
        unit: raw.unit,
        visibility: raw.visibility,
    })
}

fn read_extra(
    raw: Vec<RawField>,
    place: &str,
    faults: &mut Collector,
) -> BTreeMap<String, CatalogueField> {
    let mut extra = BTreeMap::new();
    for (rank, field) in (0_u32..).zip(raw) {
        let at = format!("{place}, extra {}", field.name);
        let Some(field) = read_field(field, rank, &at, faults) else {
            continue;
        };
        if extra.insert(field.name.clone(), field).is_some() {
            faults.push(&at, "name", "stands twice", "each extra field once");
        }
    }
    extra
}

fn read_entry(raw: RawEntry, catalogue: &mut Catalogue, faults: &mut Collector) {
    let place = format!("entry {}", raw.code);
    faults.filled(&place, "name_zh", &raw.name_zh);
    faults.filled(&place, "name_en", &raw.name_en);
    faults.filled(&place, "legal_basis", &raw.legal_basis);
    let category: Option<Category> = faults.read(&place, "category", &raw.category, "a category");
    let digits = raw.code.strip_prefix(&raw.category).unwrap_or_default();
    if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let found = format!("{:?} with code {:?}", raw.category, raw.code);
        faults.push(
            &place,
            "category",
            found,
            "the first two letters of the code, then 3 digits",
        );
    }
    if raw.subjects.is_empty() {
        faults.push(&place, "subjects", "empty", "at least one kind of subject");
    }
    let kinds =
        |s: &String, faults: &mut Collector| faults.read(&place, "subjects", s, "a subject kind");
    let subjects = raw
        .subjects
        .iter()
        .filter_map(|s| kinds(s, faults))
        .collect();
    let extra = read_extra(raw.extra, &place, faults);
    for (field, words) in [
        ("subjects", &raw.subjects),
        ("sources", &raw.sources),
        ("required", &raw.required),
        ("optional", &raw.optional),
        ("key_person_groups", &raw.key_person_groups),
    ] {
        check::once(&place, field, words, faults);
    }
    let right = "one of these";
    let polarity: Option<Polarity> = faults.read(&place, "polarity", &raw.polarity, right);
    let publicity: Option<Publicity> = faults.read(&place, "publicity", &raw.publicity, right);
    let sensitivity: Option<Sensitivity> =
        faults.read(&place, "sensitivity", &raw.sensitivity, right);
    let rule: Option<SeverityRule> =
        faults.read(&place, "severity_rule", &raw.severity_rule, right);
    let interval = faults.interval(&place, &raw.valid_from, &raw.valid_to);
    let (Some(category), Some(polarity), Some(publicity), Some(sensitivity), Some(severity_rule)) =
        (category, polarity, publicity, sensitivity, rule)
    else {
        return;
    };
    let entry = Entry {
        code: raw.code.clone(),
        name: Sentence::new(raw.name_zh, raw.name_en),
        category,
        subjects,
        polarity,
        publicity,
        sensitivity,
        severity_rule,
        sources: raw.sources,
        legal_basis: raw.legal_basis,
        basis_status: raw.basis_status,
        required: raw.required,
        optional: raw.optional,
        extra,
        key_person_groups: raw.key_person_groups,
        interval,
        replaced_by: raw.replaced_by,
    };
    if catalogue.entries.insert(raw.code, entry).is_some() {
        faults.push(&place, "code", "stands twice", "each code once");
    }
}

pub(super) fn check_lists(catalogue: &Catalogue, codes: &Codebook) -> Result<(), PackFaults> {
    let mut faults = Collector::new(PackKind::Catalogue);
    let mut check = |place: &str, field: &CatalogueField| {
        let (FieldType::Code(list) | FieldType::Codes(list)) = &field.field_type else {
            return;
        };
        if catalogue.holds(list, "").is_none() && !codes.knows(list) {
            faults.push(
                place,
                "type",
                format!("list {list:?}"),
                "a list of the adopted code lists",
            );
        }
    };
    for (group, fields) in &catalogue.fields {
        let group = group.map_or("*".to_owned(), |c| c.to_string());
        for field in fields.values() {
            check(&format!("field {group}.{}", field.name), field);
        }
    }
    for entry in catalogue.entries.values() {
        for field in entry.extra.values() {
            check(
                &format!("entry {}, extra {}", entry.code, field.name),
                field,
            );
        }
    }
    faults.finish(())
}
