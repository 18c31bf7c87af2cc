//! The records of a subject as the public may see them, and one line about each.

use super::asof::Asked;
use super::public::Public;
use super::search::{first_of, paging};
use super::trouble::Trouble;
use super::values::{Words, text_of};
use super::visit::Visit;
use probity_app::Ledger;
use probity_app::read::RecordContent;
use probity_format::fields::FieldMap;
use probity_pages::{
    Publication as Shown, RecordFilter, RecordRow as Row, RecordState as State, RecordTable,
    weekday,
};
use probity_project::{Moment, RecordRow, RecordState};
use probity_rules::Publication;
use probity_types::{Category, CodeList, Polarity};

/// Records on one page.
const RECORDS_PER_PAGE: usize = 25;

/// A record that the public may see.
pub struct PublicRecord {
    /// The record.
    pub row: RecordRow,
    /// Its publication today.
    pub publication: Publication,
    /// Whether it counts for or against.
    pub polarity: Polarity,
    /// What became of it, as of the moment shown.
    pub states: Vec<State>,
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

/// The records of a subject that the public may see and that were known at the moment shown, newest decision first.
pub fn of_subject(public: &Public<'_>, subject: u32, moment: &Moment) -> Vec<PublicRecord> {
    let records = public.views.records();
    let rows = records
        .of_subject(subject)
        .iter()
        .filter_map(|index| records.row(*index));
    let shown = |row: &RecordRow| {
        let states = states(row, moment)?;
        let (assessment, publication) = public.record(row)?;
        Some(PublicRecord {
            row: row.clone(),
            publication,
            polarity: assessment.polarity,
            states,
        })
    };
    let mut found: Vec<PublicRecord> = rows.filter_map(shown).collect();
    found.sort_by_key(|record| {
        let version = record.row.version_at(moment);
        std::cmp::Reverse(version.map(|version| (version.decided_on, version.position)))
    });
    found
}

/// One page of the table, by what the address asks for.
///
/// # Errors
/// [`Trouble::Internal`] where the log does not read.
pub fn table(visit: &Visit, asked: &Asked, all: &[PublicRecord]) -> Result<RecordTable, Trouble> {
    let filter = filter(visit);
    let is_voided = |record: &&PublicRecord| record.states.contains(&State::Voided);
    let counts = Category::ALL.iter().map(|category| {
        let of = all
            .iter()
            .filter(|record| record.row.category == *category && !is_voided(record));
        (*category, of.count() as u64)
    });
    // What was entered wrongly is no record of the subject any more: it is shown to those who ask for it.
    let fits = |record: &&PublicRecord| {
        let state = match filter.state {
            Some(state) => record.states.contains(&state),
            None => !is_voided(record),
        };
        state
            && filter
                .category
                .is_none_or(|category| record.row.category == category)
    };
    let chosen: Vec<&PublicRecord> = all.iter().filter(fits).collect();
    let paging = paging(chosen.len(), RECORDS_PER_PAGE, visit.page_number());
    let page = chosen
        .into_iter()
        .skip(first_of(&paging, RECORDS_PER_PAGE))
        .take(RECORDS_PER_PAGE);
    let words = Words::of(visit, asked);
    let rows = page
        .map(|record| line(visit, asked, &words, record))
        .collect::<Result<_, _>>()?;
    Ok(RecordTable {
        categories: counts.filter(|(_, count)| *count > 0).collect(),
        filter,
        paging,
        rows,
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

fn line(
    visit: &Visit,
    asked: &Asked,
    words: &Words,
    record: &PublicRecord,
) -> Result<Row, Trouble> {
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
        publication: publication(visit, &record.publication, &asked.now),
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

fn publication(visit: &Visit, publication: &Publication, now: &Moment) -> Shown {
    match publication.end {
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
