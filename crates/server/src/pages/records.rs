//! The records of a subject as the public may see them, and one line about each.

use super::asof::Asked;
use super::record_set::{PublicRow, RecordSet};
use super::search::{first_of, paging};
use super::trouble::Trouble;
use super::values::{Words, text_of};
use super::visit::Visit;
use probity_app::Ledger;
use probity_app::read::RecordContent;
use probity_format::fields::FieldMap;
use probity_pages::{
    Paging, Publication as Shown, RecordFilter, RecordRow as Row, RecordState as State,
    RecordTable, weekday,
};
use probity_project::{Moment, RecordRow, RecordState, Views};
use probity_types::{Category, CivilDate, Polarity};
use std::collections::BTreeMap;

/// Records on one page.
const RECORDS_PER_PAGE: usize = 25;

/// A record of the page shown.
pub struct Chosen {
    row: RecordRow,
    end: Option<CivilDate>,
    polarity: Polarity,
    states: Vec<State>,
}

/// What became of a record at a moment; none where it is not known then.
pub fn states(row: &RecordRow, moment: &Moment) -> Option<Vec<State>> {
    let state = match row.state_at(moment)? {
        RecordState::InForce => State::InForce,
        RecordState::NotYet => State::NotYetInForce,
        RecordState::Ended => State::Ended,
        RecordState::Performed => State::Performed,
        RecordState::Voided => State::Voided,
        RecordState::Annulled => State::Annulled,
    };
    let mut states = vec![state];
    if row.is_corrected(moment) {
        states.push(State::Corrected);
    }
    if row.is_disputed(moment) {
        states.push(State::Disputed);
    }
    Some(states)
}

/// The rows of one page of the table before their bodies are read, and how many there are.
pub struct Selection {
    categories: Vec<(Category, u64)>,
    filter: RecordFilter,
    paging: Paging,
    rows: Vec<Chosen>,
}

/// Chooses from the records that the public may see those that were known at the moment shown, by what the address asks
/// for. What was entered wrongly is no record of the subject any more: it is shown to those who ask for it.
pub fn select(visit: &Visit, views: &Views, set: &RecordSet, moment: &Moment) -> Selection {
    let filter = filter(visit);
    let mut counts: BTreeMap<Category, u64> = BTreeMap::new();
    let mut chosen: Vec<(&RecordRow, &PublicRow)> = Vec::new();
    for public in &set.rows {
        let row = views.records().row(public.index);
        let Some((row, state)) = row.and_then(|row| Some((row, row.state_at(moment)?))) else {
            continue;
        };
        let is_voided = state == RecordState::Voided;
        if !is_voided {
            *counts.entry(row.category).or_insert(0) += 1;
        }
        let fits = match filter.state {
            Some(asked) => states(row, moment).is_some_and(|states| states.contains(&asked)),
            None => !is_voided,
        };
        if fits
            && filter
                .category
                .is_none_or(|category| row.category == category)
        {
            chosen.push((row, public));
        }
    }
    let paging = paging(chosen.len(), RECORDS_PER_PAGE, visit.page_number());
    let page = chosen.into_iter().skip(first_of(&paging, RECORDS_PER_PAGE));
    let page = page.take(RECORDS_PER_PAGE).map(|(row, public)| Chosen {
        row: row.clone(),
        end: public.end,
        polarity: public.polarity,
        states: states(row, moment).unwrap_or_default(),
    });
    Selection {
        categories: counts.into_iter().collect(),
        filter,
        paging,
        rows: page.collect(),
    }
}

/// One page of the table.
///
/// # Errors
/// [`Trouble::Internal`] where the log does not read.
pub fn table(visit: &Visit, asked: &Asked, selection: Selection) -> Result<RecordTable, Trouble> {
    let words = Words::of(visit, asked);
    let rows = selection
        .rows
        .iter()
        .map(|chosen| line(visit, asked, &words, chosen));
    Ok(RecordTable {
        rows: rows.collect::<Result<_, _>>()?,
        categories: selection.categories,
        filter: selection.filter,
        paging: selection.paging,
        has_restricted: true,
        partial: None,
    })
}

/// What the address asks for; words that nobody knows ask for nothing.
pub fn filter(visit: &Visit) -> RecordFilter {
    RecordFilter {
        category: visit.parameter("category").and_then(|key| key.parse().ok()),
        state: visit.parameter("state").and_then(State::from_parameter),
    }
}

fn line(visit: &Visit, asked: &Asked, words: &Words, record: &Chosen) -> Result<Row, Trouble> {
    let row = &record.row;
    let content = content(&visit.ledger, row, &asked.moment)?;
    let version = row.version_at(&asked.moment).ok_or(Trouble::Internal)?;
    let first = row.versions.first().unwrap_or(version);
    Ok(Row {
        category: row.category,
        subcategory: words.subcategory(&row.subcategory),
        document: document(words, row.category, &row.subcategory, content.as_ref()),
        summary: summary(words, row.category, &row.subcategory, content.as_ref()),
        authority: version.authority.to_string(),
        decided_on: version.decided_on.to_string(),
        polarity: record.polarity,
        states: record.states.clone(),
        publication: publication(visit, record.end, &asked.now),
        position: first.position.0,
    })
}

/// A record as it reads at a moment, by field; none where nothing of it stands in the open.
///
/// # Errors
/// [`Trouble::Internal`] where the log does not read.
pub fn content(
    ledger: &Ledger,
    row: &RecordRow,
    moment: &Moment,
) -> Result<Option<FieldMap>, Trouble> {
    let content = ledger.record_content(row, moment)?;
    let details = content.and_then(|RecordContent { details, .. }| details);
    Ok(details.map(|details| details.to_fields()))
}

fn publication(visit: &Visit, end: Option<CivilDate>, now: &Moment) -> Shown {
    match end {
        None => Shown::NoEnd,
        // The end is the first day after: the last day is what people ask for.
        Some(end) => Shown::Until {
            on: weekday(visit.lang, end.plus_days(-1)),
            days_left: u64::try_from(end.days() - now.valid_on.days() - 1).unwrap_or(0),
            provisional: false,
        },
    }
}

/// What a record is called: its document number, or what stands for it.
pub fn document(
    words: &Words,
    category: Category,
    class: &str,
    fields: Option<&FieldMap>,
) -> String {
    let names: &[&str] = match category {
        Category::XK => &[
            "document_no",
            "certificate_no",
            "certificate_name",
            "document_name",
        ],
        Category::CF | Category::QZ | Category::CJ => &["document_no"],
        Category::PJ => &["case_no"],
        Category::QF => &["instrument_no"],
        Category::RY => &["award_name", "document_no"],
    };
    let found = fields.and_then(|fields| names.iter().find_map(|name| text_of(fields, name)));
    found.unwrap_or_else(|| words.subcategory(class))
}

/// One line about a record, from fields that everybody may read.
pub fn summary(
    words: &Words,
    category: Category,
    class: &str,
    fields: Option<&FieldMap>,
) -> Option<String> {
    let names: &[&str] = match category {
        Category::XK => &["certificate_name", "document_name", "grade"],
        Category::CF => &["penalty_kinds", "fine", "confiscated"],
        Category::QZ => &["measure"],
        Category::CJ => &["matter"],
        Category::PJ => &["document_kind", "cause", "amount"],
        Category::QF => &["arrears_kind", "amount_total"],
        Category::RY => &["award_level", "awarding_body"],
    };
    let fields = fields?;
    let shown = names
        .iter()
        .filter(|name| words.is_public(class, name))
        .filter_map(|name| {
            let value = fields.get(*name)?;
            Some(words.value(class, name, value)).filter(|text| !text.is_empty())
        });
    let shown: Vec<String> = shown.collect();
    (!shown.is_empty()).then(|| shown.join(" · "))
}
