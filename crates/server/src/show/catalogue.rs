//! The catalogue in force.

use super::{known_at, term};
use probity_api::{
    Bilingual, CatalogueView, CategoryView, CodeListView, ColumnView, FieldDefinitionView,
    PeriodView, SubcategoryDetailView, SubcategoryView, Term,
};
use probity_ingest::form::{Form, FormColumn};
use probity_project::{Moment, Views};
use probity_rules::{CatalogueField, Entry, Interval, Named, PackHead, PackKind, Packs, Period};
use probity_types::{Category, CivilDate, CodeList, FieldType, Position};
use std::collections::BTreeSet;

fn field(field: &CatalogueField) -> FieldDefinitionView {
    let notes = [field.condition.as_str(), field.unit.as_str()];
    let condition_zh = field.evaluable.map_or(field.condition.as_str(), |c| c.zh());
    FieldDefinitionView {
        name: field.name.clone(),
        zh: field.name_zh.clone(),
        en: field.name_en(),
        field_type: field.field_type.to_string(),
        need: field.requirement.key().to_owned(),
        note: notes
            .into_iter()
            .filter(|note| !note.is_empty())
            .collect::<Vec<_>>()
            .join("；"),
        unit: field.unit.clone(),
        condition: Bilingual::new(condition_zh, &field.condition),
        standard_code: field.standard_code.clone(),
        visibility: field.visibility.clone(),
    }
}

fn named(named: &Named) -> Term {
    term(&named.code, &named.name)
}

/// The first day where it is not open, and the last.
fn bounds(interval: &Interval) -> (Option<CivilDate>, Option<CivilDate>) {
    let first = Some(interval.first).filter(|day| *day != CivilDate::MIN);
    let last = Some(interval.last).filter(|day| *day != CivilDate::MAX);
    (first, last)
}

fn subcategory(packs: &Packs<'_>, entry: &Entry) -> SubcategoryView {
    let (effective_from, effective_to) = bounds(&entry.interval);
    let sources = entry.sources.iter();
    let sources = sources.filter_map(|code| packs.catalogue.bureau(code).map(named));
    SubcategoryView {
        subcategory: term(&entry.code, &entry.name),
        polarity: entry.polarity,
        severity_rule: entry.severity_rule.key().to_owned(),
        subjects: entry.subjects.clone(),
        sensitivity: entry.sensitivity.key().to_owned(),
        sources: sources.collect(),
        required: entry.required.clone(),
        optional: entry.optional.clone(),
        fields: entry.extra.values().map(field).collect(),
        publicity: entry.publicity,
        basis: entry.legal_basis.clone(),
        basis_status: entry.basis_status.clone(),
        key_person_groups: entry.key_person_groups.clone(),
        effective_from,
        effective_to,
        replaced_by: entry.replaced_by.clone(),
        form: format!("/v1/catalogue/{}/template.xlsx", entry.code),
    }
}

fn category(packs: &Packs<'_>, category: Category) -> CategoryView {
    let entries = packs
        .catalogue
        .entries()
        .filter(|entry| entry.category == category);
    CategoryView {
        category,
        zh: category.zh().to_owned(),
        en: category.en().to_owned(),
        fields: packs
            .catalogue
            .fields_of_category(category)
            .map(field)
            .collect(),
        subcategories: entries.map(|entry| subcategory(packs, entry)).collect(),
    }
}

/// The code lists of these field types that have names to show.
fn code_lists<'a>(
    packs: &Packs<'_>,
    fields: impl Iterator<Item = &'a FieldDefinitionView>,
) -> Vec<CodeListView> {
    let lists: BTreeSet<String> = fields
        .filter_map(|field| match field.field_type.parse().ok()? {
            FieldType::Code(list) | FieldType::Codes(list) => Some(list),
            _ => None,
        })
        .collect();
    let view = |list: String| {
        let held = packs.catalogue.list_names(&list);
        let names = held.or_else(|| packs.codes.list_names(&list))?;
        let codes = names.iter().map(|(key, name)| term(key, name));
        Some(CodeListView {
            codes: codes.collect(),
            list,
        })
    };
    lists.into_iter().filter_map(view).collect()
}

/// Where the catalogue in force was adopted.
fn adopted_at(views: &Views, packs: &Packs<'_>) -> Position {
    let wanted = &packs.catalogue.head.rule;
    let is_it = |(_, kind, head): &(Position, PackKind, &PackHead)| {
        let head = &head.rule;
        *kind == PackKind::Catalogue && (&head.id, &head.version) == (&wanted.id, &wanted.version)
    };
    let mut adopted = views.policies().adopted();
    adopted.find(is_it).map_or(Position(0), |(at, ..)| at)
}

/// The catalogue of a moment.
pub fn catalogue(views: &Views, packs: &Packs<'_>, moment: &Moment) -> CatalogueView {
    let held = packs.catalogue;
    let head = &held.head.rule;
    let categories: Vec<CategoryView> = Category::ALL.iter().map(|c| category(packs, *c)).collect();
    let common_fields: Vec<FieldDefinitionView> = held.common_fields().map(field).collect();
    let own = categories.iter().flat_map(|c| &c.subcategories);
    let fields = common_fields
        .iter()
        .chain(categories.iter().flat_map(|category| &category.fields))
        .chain(own.flat_map(|sub| &sub.fields));
    CatalogueView {
        id: head.id.clone(),
        version: head.version.clone(),
        title: Bilingual::new(&held.head.title.zh, &held.head.title.en),
        status: held.status.clone(),
        confidence: head.confidence.key().to_owned(),
        basis: head.basis.clone(),
        adopted_at: adopted_at(views, packs),
        effective_from: head.interval.first,
        effective_to: bounds(&head.interval).1,
        bureaus: held.bureaus().map(named).collect(),
        industries: held.industries().map(named).collect(),
        key_person_groups: held.key_person_groups().map(named).collect(),
        code_lists: code_lists(packs, fields),
        common_fields,
        categories,
        valid_on: moment.valid_on,
        known_at: known_at(moment),
        position: views.position().unwrap_or_default(),
    }
}

fn period(period: &Period) -> PeriodView {
    let months = |months: i32| u32::try_from(months).unwrap_or_default();
    PeriodView {
        id: period.id.clone(),
        regime: period.regime.clone(),
        class: period.class.key().to_owned(),
        is_shown: period.shown,
        min_months: months(period.min_months),
        max_months: period.max_months.map(months),
        source: period.source.clone(),
    }
}

/// One class of the catalogue of a moment; none where it has no such class.
pub fn detail(
    views: &Views,
    packs: &Packs<'_>,
    moment: &Moment,
    code: &str,
) -> Option<SubcategoryDetailView> {
    let held = packs.catalogue;
    let entry = held.entry(code)?;
    let form = Form::of(packs, code)?;
    let column = |column: &FormColumn| {
        let definition = held.field_of(entry, &column.field)?;
        let need = column.need.key().to_owned();
        Some(ColumnView {
            header: column.header.clone(),
            field: FieldDefinitionView {
                need,
                ..field(definition)
            },
        })
    };
    let columns: Vec<ColumnView> = form.columns.iter().filter_map(column).collect();
    let periods = packs.periods.of_class(entry);
    let periods = periods.filter(|period| period.interval.contains(moment.valid_on));
    Some(SubcategoryDetailView {
        catalogue: held.head.rule.id.clone(),
        version: held.head.rule.version.clone(),
        status: held.status.clone(),
        adopted_at: adopted_at(views, packs),
        subcategory: subcategory(packs, entry),
        code_lists: code_lists(packs, columns.iter().map(|column| &column.field)),
        columns,
        profile: form.profile_id(),
        periods: periods.map(period).collect(),
        valid_on: moment.valid_on,
        known_at: known_at(moment),
        position: views.position().unwrap_or_default(),
    })
}
