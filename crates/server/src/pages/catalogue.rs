//! The catalogue, one of its categories, one of its classes.

use super::asof::Asked;
use super::trouble::Trouble;
use super::values::say;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::extract::Path;
use axum::http::Response;
use probity_ingest::form::{Form, FormColumn};
use probity_pages::{
    CatalogueCategoryView, CatalogueClassView, CatalogueFacts, CatalogueView, CategoryBlock,
    ClassField, ClassName, ClassPeriod, ClassRow, FieldNeed, Lang, code_name,
};
use probity_rules::{Confidence, Entry, PackKind, Packs, Period, Requirement, Sentence};
use probity_types::{Category, CivilDate, CodeList, Position};

/// `GET /catalogue`
pub async fn show(visit: Visit) -> Response<Body> {
    visit.answer(build).await
}

/// `GET /catalogue/{code}`
pub async fn show_one(Path(code): Path<String>, visit: Visit) -> Response<Body> {
    visit.answer(move |visit| build_one(visit, &code)).await
}

fn with_packs<T>(
    visit: &Visit,
    asked: &Asked,
    work: impl FnOnce(&Packs<'_>) -> T,
) -> Result<T, Trouble> {
    let done = visit.ledger.with_packs(&asked.moment, work);
    done.map_err(|_| Trouble::NotFound)
}

fn build(visit: &Visit) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let adopted_at = adopted_at(visit, &asked)?;
    let view = with_packs(visit, &asked, |packs| CatalogueView {
        shell: visit.shell(Some(&asked), &[]),
        facts: facts(visit, packs, adopted_at),
        categories: Category::ALL
            .iter()
            .map(|c| block(visit, packs, *c))
            .collect(),
        bureaus: packs.catalogue.bureaus().count() as u64,
    })?;
    visit.page(&view)
}

fn build_one(visit: &Visit, code: &str) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let adopted_at = adopted_at(visit, &asked)?;
    if let Ok(category) = code.parse::<Category>() {
        let view = with_packs(visit, &asked, |packs| CatalogueCategoryView {
            shell: visit.shell(Some(&asked), &[]),
            facts: facts(visit, packs, adopted_at),
            category: category_name(visit, category),
            classes: entries(packs, category)
                .map(|e| row(visit, packs, e))
                .collect(),
        })?;
        return visit.page(&view);
    }
    let view = with_packs(visit, &asked, |packs| {
        class(visit, packs, &asked, code, adopted_at)
    })?;
    visit.page(&view.ok_or(Trouble::NotFound)?)
}

/// Where the catalogue of the moment was adopted.
fn adopted_at(visit: &Visit, asked: &Asked) -> Result<Position, Trouble> {
    let wanted = with_packs(visit, asked, |packs| packs.catalogue.head.clone())?;
    let views = visit.ledger.views();
    let mut adopted = views.policies().adopted();
    let found = adopted.find(|(_, kind, head)| *kind == PackKind::Catalogue && **head == wanted);
    found.map(|(at, ..)| at).ok_or(Trouble::NotFound)
}

fn facts(visit: &Visit, packs: &Packs<'_>, adopted_at: Position) -> CatalogueFacts {
    let head = &packs.catalogue.head;
    CatalogueFacts {
        title: say(visit.lang, &head.title),
        version: format!("{} {}", head.rule.id, head.rule.version),
        is_proposal: head.rule.confidence == Confidence::Design,
        adopted_at: adopted_at.0,
    }
}

fn entries<'a>(packs: &Packs<'a>, category: Category) -> impl Iterator<Item = &'a Entry> {
    let entries = packs.catalogue.entries();
    entries.filter(move |entry| entry.category == category)
}

fn category_name(visit: &Visit, category: Category) -> ClassName {
    ClassName {
        code: category.key().to_owned(),
        name: code_name(visit.lang, category),
    }
}

fn class_name(visit: &Visit, entry: &Entry) -> ClassName {
    ClassName {
        code: entry.code.clone(),
        name: say(visit.lang, &entry.name),
    }
}

fn block(visit: &Visit, packs: &Packs<'_>, category: Category) -> CategoryBlock {
    CategoryBlock {
        category: category_name(visit, category),
        classes: entries(packs, category)
            .map(|e| class_name(visit, e))
            .collect(),
    }
}

fn sources(visit: &Visit, packs: &Packs<'_>, entry: &Entry) -> Vec<String> {
    let bureaus = entry.sources.iter();
    let bureaus = bureaus.filter_map(|code| packs.catalogue.bureau(code));
    bureaus
        .map(|bureau| say(visit.lang, &bureau.name))
        .collect()
}

fn row(visit: &Visit, packs: &Packs<'_>, entry: &Entry) -> ClassRow {
    ClassRow {
        class: class_name(visit, entry),
        sources: sources(visit, packs, entry),
        publicity: entry.publicity,
        polarity: entry.polarity,
        fields: packs.catalogue.form_fields(entry).len() as u64,
    }
}

fn class(
    visit: &Visit,
    packs: &Packs<'_>,
    asked: &Asked,
    code: &str,
    adopted_at: Position,
) -> Option<CatalogueClassView> {
    let entry = packs.catalogue.entry(code)?;
    let form = Form::of(packs, code)?;
    let periods = packs.periods.of_class(entry);
    let periods = periods.filter(|period| period.interval.contains(asked.moment.valid_on));
    let other = match visit.lang {
        Lang::Zh => &entry.name.en,
        Lang::En => &entry.name.zh,
    };
    let day = |day: CivilDate, open: CivilDate| (day != open).then(|| day.to_string());
    let next = entry.replaced_by.as_ref();
    let next = next.and_then(|code| packs.catalogue.entry(code));
    let fields = form.columns.iter();
    Some(CatalogueClassView {
        shell: visit.shell(Some(asked), &[]),
        facts: facts(visit, packs, adopted_at),
        category: category_name(visit, entry.category),
        class: class_name(visit, entry),
        other_name: other.clone(),
        sources: sources(visit, packs, entry),
        publicity: entry.publicity,
        polarity: entry.polarity,
        basis: entry.legal_basis.clone(),
        basis_status: entry.basis_status.clone(),
        in_force: (
            day(entry.interval.first, CivilDate::MIN),
            day(entry.interval.last, CivilDate::MAX),
        ),
        replaced_by: next.map(|entry| class_name(visit, entry)),
        periods: periods.map(period).collect(),
        fields: fields
            .map(|column| field(visit, packs, entry, column))
            .collect(),
    })
}

fn period(period: &Period) -> ClassPeriod {
    ClassPeriod {
        class: period.class.key().to_owned(),
        is_shown: period.shown,
        max_months: period
            .max_months
            .and_then(|months| u64::try_from(months).ok()),
        source: period.source.clone(),
    }
}

fn field(visit: &Visit, packs: &Packs<'_>, entry: &Entry, column: &FormColumn) -> ClassField {
    let definition = packs.catalogue.field_of(entry, &column.field);
    let (condition, standard_code) = definition.map_or_else(Default::default, |field| {
        let words = Sentence::new(&column.condition, &field.condition);
        (say(visit.lang, &words), field.standard_code.clone())
    });
    ClassField {
        header: column.header.clone(),
        name: column.field.clone(),
        name_en: column.name_en.clone(),
        field_type: column.field_type.clone(),
        need: match column.need {
            Requirement::Required => FieldNeed::Required,
            Requirement::Conditional => FieldNeed::Conditional,
            Requirement::Optional => FieldNeed::Optional,
        },
        condition,
        standard_code,
        choices: column.choices.clone(),
    }
}
