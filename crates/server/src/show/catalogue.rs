//! The catalogue in force.

use super::{known_at, term};
use probity_api::{
    CatalogueView, CategoryView, CodeListView, FieldDefinitionView, SubcategoryView, Term,
};
use probity_project::{Moment, Views};
use probity_rules::{CatalogueField, Entry, Packs};
use probity_types::{Category, CodeList, FieldType};
use std::collections::BTreeSet;

fn field(field: &CatalogueField) -> FieldDefinitionView {
    let notes = [field.condition.as_str(), field.unit.as_str()];
    FieldDefinitionView {
        name: field.name.clone(),
        zh: field.name_zh.clone(),
        field_type: field.field_type.to_string(),
        need: field.requirement.key().to_owned(),
        note: notes
            .into_iter()
            .filter(|note| !note.is_empty())
            .collect::<Vec<_>>()
            .join("；"),
    }
}

fn subcategory(entry: &Entry) -> SubcategoryView {
    SubcategoryView {
        subcategory: term(&entry.code, &entry.name),
        polarity: entry.polarity,
        severity_rule: entry.severity_rule.key().to_owned(),
        required: entry.required.clone(),
        fields: entry.extra.values().map(field).collect(),
        publicity: entry.publicity,
        basis: entry.legal_basis.clone(),
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
        subcategories: entries.map(subcategory).collect(),
    }
}

fn code_lists(packs: &Packs<'_>, view: &CatalogueView) -> Vec<CodeListView> {
    let fields = view
        .common_fields
        .iter()
        .chain(view.categories.iter().flat_map(|category| &category.fields))
        .chain(
            view.categories
                .iter()
                .flat_map(|category| category.subcategories.iter().flat_map(|sub| &sub.fields)),
        );
    let lists: BTreeSet<String> = fields
        .filter_map(|field| match field.field_type.parse().ok()? {
            FieldType::Code(list) | FieldType::Codes(list) => Some(list),
            _ => None,
        })
        .collect();
    let view = |list: String| {
        let codes = packs.codes.list(&list)?.codes.iter();
        let codes = codes
            .map(|(key, name)| term(key, name))
            .collect::<Vec<Term>>();
        Some(CodeListView { list, codes })
    };
    lists.into_iter().filter_map(view).collect()
}

/// The catalogue of a moment.
pub fn catalogue(views: &Views, packs: &Packs<'_>, moment: &Moment) -> CatalogueView {
    let head = &packs.catalogue.head.rule;
    let mut view = CatalogueView {
        id: head.id.clone(),
        version: head.version.clone(),
        effective_from: head.interval.first,
        effective_to: (head.interval.last != probity_types::CivilDate::MAX)
            .then_some(head.interval.last),
        common_fields: packs.catalogue.common_fields().map(field).collect(),
        categories: Category::ALL.iter().map(|c| category(packs, *c)).collect(),
        code_lists: Vec::new(),
        valid_on: moment.valid_on,
        known_at: known_at(moment),
        position: views.position().unwrap_or_default(),
    };
    view.code_lists = code_lists(packs, &view);
    view
}
